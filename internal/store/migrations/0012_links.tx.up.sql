-- Links by query, path and epic, and links that items inherit from what lies above them.

ALTER TABLE link_rules RENAME COLUMN label TO pattern;
ALTER TABLE link_rules RENAME CONSTRAINT link_rules_label_check TO link_rules_pattern_check;
ALTER INDEX link_rules_workspace_id_label_id_idx RENAME TO link_rules_workspace_id_pattern_id_idx;
ALTER INDEX link_rules_workspace_id_key_result_id_label_id_idx RENAME TO link_rules_workspace_id_key_result_id_pattern_id_idx;
-- walked_through is the last item that a change of the rule was carried to; NULL when all have been reached.
ALTER TABLE link_rules
    ADD COLUMN kind           text        NOT NULL DEFAULT 'LABEL',
    ADD COLUMN expected_low   double precision,
    ADD COLUMN expected_high  double precision,
    ADD COLUMN lag_min_days   integer,
    ADD COLUMN lag_max_days   integer,
    ADD COLUMN note           text        NOT NULL DEFAULT '',
    ADD COLUMN state_reason   text        NOT NULL DEFAULT '',
    ADD COLUMN evaluated_at   timestamptz,
    ADD COLUMN deleted_at     timestamptz,
    ADD COLUMN walked_through uuid,
    ADD CONSTRAINT link_rules_kind_check CHECK (kind IN ('LABEL', 'QUERY', 'PATH', 'EPIC')),
    ADD CONSTRAINT link_rules_kind_connection_id_check CHECK (kind <> 'QUERY' OR connection_id IS NOT NULL),
    ADD CONSTRAINT link_rules_enabled_deleted_at_check CHECK (deleted_at IS NULL OR NOT enabled),
    ADD CONSTRAINT link_rules_expected_low_check CHECK (expected_low > '-Infinity' AND expected_low < 'Infinity'),
    ADD CONSTRAINT link_rules_expected_high_check CHECK (expected_high > '-Infinity' AND expected_high < 'Infinity'),
    ADD CONSTRAINT link_rules_expected_low_expected_high_check
        CHECK ((expected_low IS NULL) = (expected_high IS NULL) AND expected_low <= expected_high),
    ADD CONSTRAINT link_rules_lag_min_days_lag_max_days_check
        CHECK (lag_min_days BETWEEN 0 AND 730 AND lag_max_days BETWEEN 0 AND 730 AND lag_min_days <= lag_max_days);
ALTER TABLE link_rules ALTER COLUMN kind DROP DEFAULT;
-- Rules were applied when they were written.
UPDATE link_rules SET evaluated_at = updated_at;
DROP INDEX link_rules_workspace_id_label_key_result_id_key;
-- One rule per pattern and key result for each connection, and one for all connections together.
CREATE UNIQUE INDEX link_rules_workspace_id_kind_pattern_key_result_id_key ON link_rules
    (workspace_id, kind, lower(pattern), key_result_id, coalesce(connection_id, '00000000-0000-0000-0000-000000000000'))
    WHERE deleted_at IS NULL;
-- The schedule looks across workspaces.
CREATE INDEX link_rules_walked_through_idx ON link_rules (workspace_id) WHERE walked_through IS NOT NULL;

-- The work that each rule covers, whoever decides its links.
CREATE TABLE rule_matches (
    workspace_id uuid NOT NULL,
    rule_id      uuid NOT NULL,
    item_id      uuid NOT NULL,
    CONSTRAINT rule_matches_pkey PRIMARY KEY (workspace_id, rule_id, item_id),
    CONSTRAINT rule_matches_workspace_id_rule_id_fkey FOREIGN KEY (workspace_id, rule_id) REFERENCES link_rules (workspace_id, id),
    CONSTRAINT rule_matches_workspace_id_item_id_fkey FOREIGN KEY (workspace_id, item_id) REFERENCES backlog_items (workspace_id, id)
);
CREATE INDEX rule_matches_workspace_id_item_id_idx ON rule_matches (workspace_id, item_id);

ALTER TABLE contributions
    ADD COLUMN epic_id uuid,
    ADD CONSTRAINT contributions_workspace_id_epic_id_fkey FOREIGN KEY (workspace_id, epic_id) REFERENCES backlog_items (workspace_id, id),
    ADD CONSTRAINT contributions_origin_epic_id_check CHECK (epic_id IS NULL OR origin = 'EPIC');
ALTER TABLE contribution_versions
    ADD COLUMN epic_id uuid,
    ADD CONSTRAINT contribution_versions_workspace_id_epic_id_fkey
        FOREIGN KEY (workspace_id, epic_id) REFERENCES backlog_items (workspace_id, id),
    ADD CONSTRAINT contribution_versions_origin_epic_id_check CHECK (epic_id IS NULL OR origin = 'EPIC');

ALTER TABLE issues ADD COLUMN parent_remote_key text NOT NULL DEFAULT '';
-- Which issues wait for one that was named as their parent before it was read.
CREATE INDEX issues_workspace_id_connection_id_parent_remote_id_idx ON issues (workspace_id, connection_id, parent_remote_id)
    WHERE parent_remote_id <> '';
CREATE INDEX issues_workspace_id_connection_id_parent_remote_key_idx ON issues (workspace_id, connection_id, parent_remote_key)
    WHERE parent_remote_key <> '';
-- parent_mirrored says that the tracker, not a person, named the parent.
ALTER TABLE backlog_items ADD COLUMN parent_mirrored boolean NOT NULL DEFAULT false;
