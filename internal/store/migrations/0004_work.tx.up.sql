-- Work, how it moved, how it was ranked, and the links that say which result it is meant to serve.
-- issue_id and connection_id get their references in 0005, where those tables are made.

CREATE TABLE backlog_items (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    number       integer     NOT NULL,
    team_id      uuid        NOT NULL,
    issue_id     uuid,
    title        text        NOT NULL,
    description  text        NOT NULL DEFAULT '',
    status       text        NOT NULL,
    stage        text        NOT NULL,
    moscow       text,
    effort       double precision,
    parent_id    uuid,
    started_at   timestamptz,
    delivered_at timestamptz,
    created_by   uuid,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT backlog_items_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT backlog_items_workspace_id_team_id_fkey FOREIGN KEY (workspace_id, team_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT backlog_items_workspace_id_parent_id_fkey FOREIGN KEY (workspace_id, parent_id) REFERENCES backlog_items (workspace_id, id),
    CONSTRAINT backlog_items_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT backlog_items_workspace_id_number_key UNIQUE (workspace_id, number),
    CONSTRAINT backlog_items_workspace_id_issue_id_key UNIQUE (workspace_id, issue_id),
    CONSTRAINT backlog_items_number_check CHECK (number > 0),
    CONSTRAINT backlog_items_title_check CHECK (title <> ''),
    CONSTRAINT backlog_items_status_check CHECK (status IN ('TODO', 'IN_PROGRESS', 'DONE', 'DROPPED')),
    CONSTRAINT backlog_items_stage_check
        CHECK (stage IN ('PROPOSED', 'ACCEPTED', 'IN_PROGRESS', 'DELIVERED', 'MEASURING', 'VERDICT', 'CLOSED')),
    CONSTRAINT backlog_items_moscow_check CHECK (moscow IN ('MUST', 'SHOULD', 'COULD', 'WONT')),
    CONSTRAINT backlog_items_effort_check CHECK (effort BETWEEN 0 AND 1000000),
    CONSTRAINT backlog_items_id_parent_id_check CHECK (parent_id <> id),
    CONSTRAINT backlog_items_status_delivered_at_check CHECK (delivered_at IS NULL OR status = 'DONE')
);
CREATE INDEX backlog_items_workspace_id_updated_at_id_idx ON backlog_items (workspace_id, updated_at, id);
CREATE INDEX backlog_items_workspace_id_created_at_id_idx ON backlog_items (workspace_id, created_at, id);
CREATE INDEX backlog_items_workspace_id_title_id_idx ON backlog_items (workspace_id, title, id);
CREATE INDEX backlog_items_workspace_id_status_moscow_updated_at_id_idx ON backlog_items (workspace_id, status, moscow, updated_at, id);
CREATE INDEX backlog_items_workspace_id_team_id_number_id_idx ON backlog_items (workspace_id, team_id, number, id);
CREATE INDEX backlog_items_workspace_id_team_id_updated_at_id_idx ON backlog_items (workspace_id, team_id, updated_at, id);
CREATE INDEX backlog_items_workspace_id_team_id_delivered_at_id_idx
    ON backlog_items (workspace_id, team_id, delivered_at, id) WHERE delivered_at IS NOT NULL;
CREATE INDEX backlog_items_workspace_id_parent_id_number_id_idx
    ON backlog_items (workspace_id, parent_id, number, id) WHERE parent_id IS NOT NULL;

-- Every move of an item between statuses.
CREATE TABLE item_transitions (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    item_id      uuid        NOT NULL,
    from_status  text,
    to_status    text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT item_transitions_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT item_transitions_workspace_id_item_id_fkey FOREIGN KEY (workspace_id, item_id) REFERENCES backlog_items (workspace_id, id),
    CONSTRAINT item_transitions_from_status_check CHECK (from_status IN ('TODO', 'IN_PROGRESS', 'DONE', 'DROPPED')),
    CONSTRAINT item_transitions_to_status_check CHECK (to_status IN ('TODO', 'IN_PROGRESS', 'DONE', 'DROPPED'))
);
CREATE INDEX item_transitions_workspace_id_item_id_occurred_at_idx
    ON item_transitions (workspace_id, item_id, occurred_at, recorded_at, id) INCLUDE (to_status);
-- What a review asks for: what reached DONE inside its window.
CREATE INDEX item_transitions_workspace_id_occurred_at_item_id_idx
    ON item_transitions (workspace_id, occurred_at, item_id) WHERE to_status = 'DONE';
CREATE TRIGGER item_transitions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON item_transitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every priority class an item was ever given; NULL is "not classed any more".
CREATE TABLE item_priorities (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    item_id      uuid        NOT NULL,
    moscow       text,
    author_id    uuid,
    valid_from   timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT item_priorities_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT item_priorities_workspace_id_item_id_fkey FOREIGN KEY (workspace_id, item_id) REFERENCES backlog_items (workspace_id, id),
    CONSTRAINT item_priorities_workspace_id_author_id_fkey FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT item_priorities_moscow_check CHECK (moscow IN ('MUST', 'SHOULD', 'COULD', 'WONT'))
);
CREATE INDEX item_priorities_workspace_id_item_id_valid_from_idx
    ON item_priorities (workspace_id, item_id, valid_from, recorded_at, id);
CREATE TRIGGER item_priorities_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON item_priorities
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE link_rules (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    connection_id uuid,
    label         text        NOT NULL,
    key_result_id uuid        NOT NULL,
    role          text        NOT NULL,
    enabled       boolean     NOT NULL,
    created_by    uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT link_rules_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT link_rules_workspace_id_key_result_id_fkey FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT link_rules_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT link_rules_label_check CHECK (label <> ''),
    CONSTRAINT link_rules_role_check CHECK (role IN ('DRIVES', 'ENABLES', 'GUARDS', 'LEARNS'))
);
-- One rule per label and key result for each connection, and one for all connections together.
CREATE UNIQUE INDEX link_rules_workspace_id_label_key_result_id_key ON link_rules
    (workspace_id, lower(label), key_result_id, coalesce(connection_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX link_rules_workspace_id_label_id_idx ON link_rules (workspace_id, label, id);
CREATE INDEX link_rules_workspace_id_created_at_id_idx ON link_rules (workspace_id, created_at, id);
CREATE INDEX link_rules_workspace_id_key_result_id_label_id_idx ON link_rules (workspace_id, key_result_id, label, id);

-- The newest version of each link; contribution_versions holds them all.
CREATE TABLE contributions (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    item_id       uuid        NOT NULL,
    key_result_id uuid        NOT NULL,
    role          text        NOT NULL,
    expected_low  double precision,
    expected_high double precision,
    lag_min_days  integer,
    lag_max_days  integer,
    note          text        NOT NULL DEFAULT '',
    origin        text        NOT NULL,
    author_id     uuid,
    rule_id       uuid,
    valid_from    timestamptz NOT NULL,
    valid_to      timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT contributions_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT contributions_workspace_id_item_id_fkey FOREIGN KEY (workspace_id, item_id) REFERENCES backlog_items (workspace_id, id),
    CONSTRAINT contributions_workspace_id_key_result_id_fkey
        FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT contributions_workspace_id_author_id_fkey FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT contributions_workspace_id_rule_id_fkey FOREIGN KEY (workspace_id, rule_id) REFERENCES link_rules (workspace_id, id),
    CONSTRAINT contributions_role_check CHECK (role IN ('DRIVES', 'ENABLES', 'GUARDS', 'LEARNS')),
    CONSTRAINT contributions_expected_low_check CHECK (expected_low > '-Infinity' AND expected_low < 'Infinity'),
    CONSTRAINT contributions_expected_high_check CHECK (expected_high > '-Infinity' AND expected_high < 'Infinity'),
    CONSTRAINT contributions_expected_low_expected_high_check
        CHECK ((expected_low IS NULL) = (expected_high IS NULL) AND expected_low <= expected_high),
    CONSTRAINT contributions_lag_min_days_lag_max_days_check
        CHECK (lag_min_days BETWEEN 0 AND 730 AND lag_max_days BETWEEN 0 AND 730 AND lag_min_days <= lag_max_days),
    CONSTRAINT contributions_origin_check CHECK (origin IN ('PERSON', 'TEXT', 'RULE', 'EPIC')),
    CONSTRAINT contributions_origin_rule_id_check CHECK (rule_id IS NULL OR origin = 'RULE'),
    CONSTRAINT contributions_valid_from_valid_to_check CHECK (valid_from <= valid_to)
);
CREATE UNIQUE INDEX contributions_workspace_id_item_id_key_result_id_key
    ON contributions (workspace_id, item_id, key_result_id) WHERE valid_to IS NULL;
CREATE INDEX contributions_workspace_id_item_id_valid_from_id_idx
    ON contributions (workspace_id, item_id, valid_from, id) INCLUDE (key_result_id, valid_to);
CREATE INDEX contributions_workspace_id_key_result_id_valid_from_id_idx
    ON contributions (workspace_id, key_result_id, valid_from, id) INCLUDE (item_id, valid_to);
CREATE INDEX contributions_workspace_id_valid_from_id_idx ON contributions (workspace_id, valid_from, id);
CREATE INDEX contributions_workspace_id_created_at_id_idx ON contributions (workspace_id, created_at, id);
CREATE INDEX contributions_workspace_id_rule_id_idx ON contributions (workspace_id, rule_id) WHERE rule_id IS NOT NULL;

-- Every version of every link. A version with ended true says that the link stopped holding at valid_from.
CREATE TABLE contribution_versions (
    workspace_id    uuid        NOT NULL,
    id              uuid        NOT NULL,
    contribution_id uuid        NOT NULL,
    item_id         uuid        NOT NULL,
    key_result_id   uuid        NOT NULL,
    role            text        NOT NULL,
    expected_low    double precision,
    expected_high   double precision,
    lag_min_days    integer,
    lag_max_days    integer,
    note            text        NOT NULL DEFAULT '',
    origin          text        NOT NULL,
    author_id       uuid,
    rule_id         uuid,
    valid_from      timestamptz NOT NULL,
    ended           boolean     NOT NULL DEFAULT false,
    recorded_at     timestamptz NOT NULL,
    CONSTRAINT contribution_versions_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT contribution_versions_workspace_id_contribution_id_fkey
        FOREIGN KEY (workspace_id, contribution_id) REFERENCES contributions (workspace_id, id),
    CONSTRAINT contribution_versions_workspace_id_item_id_fkey
        FOREIGN KEY (workspace_id, item_id) REFERENCES backlog_items (workspace_id, id),
    CONSTRAINT contribution_versions_workspace_id_key_result_id_fkey
        FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT contribution_versions_workspace_id_author_id_fkey
        FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT contribution_versions_workspace_id_rule_id_fkey
        FOREIGN KEY (workspace_id, rule_id) REFERENCES link_rules (workspace_id, id),
    CONSTRAINT contribution_versions_role_check CHECK (role IN ('DRIVES', 'ENABLES', 'GUARDS', 'LEARNS')),
    CONSTRAINT contribution_versions_expected_low_check CHECK (expected_low > '-Infinity' AND expected_low < 'Infinity'),
    CONSTRAINT contribution_versions_expected_high_check CHECK (expected_high > '-Infinity' AND expected_high < 'Infinity'),
    CONSTRAINT contribution_versions_expected_low_expected_high_check
        CHECK ((expected_low IS NULL) = (expected_high IS NULL) AND expected_low <= expected_high),
    CONSTRAINT contribution_versions_lag_min_days_lag_max_days_check
        CHECK (lag_min_days BETWEEN 0 AND 730 AND lag_max_days BETWEEN 0 AND 730 AND lag_min_days <= lag_max_days),
    CONSTRAINT contribution_versions_origin_check CHECK (origin IN ('PERSON', 'TEXT', 'RULE', 'EPIC')),
    CONSTRAINT contribution_versions_origin_rule_id_check CHECK (rule_id IS NULL OR origin = 'RULE')
);
CREATE INDEX contribution_versions_workspace_id_contribution_id_idx
    ON contribution_versions (workspace_id, contribution_id, valid_from, recorded_at, id);
CREATE INDEX contribution_versions_workspace_id_key_result_id_idx
    ON contribution_versions (workspace_id, key_result_id, contribution_id, valid_from, recorded_at, id);
CREATE INDEX contribution_versions_workspace_id_item_id_idx
    ON contribution_versions (workspace_id, item_id, contribution_id, valid_from, recorded_at, id);
CREATE TRIGGER contribution_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contribution_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
