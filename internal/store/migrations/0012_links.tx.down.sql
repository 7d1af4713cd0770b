-- Undoes 0012_links.tx.up.sql. Rules of other kinds than LABEL, and deleted ones, have no place in the older schema.
ALTER TABLE backlog_items DROP COLUMN parent_mirrored;
ALTER TABLE issues DROP COLUMN parent_remote_key;
ALTER TABLE contribution_versions DROP COLUMN epic_id;
ALTER TABLE contributions DROP COLUMN epic_id;
DROP TABLE rule_matches;
ALTER TABLE contribution_versions DISABLE TRIGGER contribution_versions_append_only;
UPDATE contribution_versions SET rule_id = NULL WHERE rule_id IN (SELECT id FROM link_rules WHERE kind <> 'LABEL' OR deleted_at IS NOT NULL);
ALTER TABLE contribution_versions ENABLE TRIGGER contribution_versions_append_only;
UPDATE contributions SET rule_id = NULL WHERE rule_id IN (SELECT id FROM link_rules WHERE kind <> 'LABEL' OR deleted_at IS NOT NULL);
DELETE FROM link_rules WHERE kind <> 'LABEL' OR deleted_at IS NOT NULL;
DROP INDEX link_rules_walked_through_idx;
DROP INDEX link_rules_workspace_id_kind_pattern_key_result_id_key;
ALTER TABLE link_rules
    DROP COLUMN kind, DROP COLUMN expected_low, DROP COLUMN expected_high, DROP COLUMN lag_min_days, DROP COLUMN lag_max_days,
    DROP COLUMN note, DROP COLUMN state_reason, DROP COLUMN evaluated_at, DROP COLUMN deleted_at, DROP COLUMN walked_through;
ALTER INDEX link_rules_workspace_id_key_result_id_pattern_id_idx RENAME TO link_rules_workspace_id_key_result_id_label_id_idx;
ALTER INDEX link_rules_workspace_id_pattern_id_idx RENAME TO link_rules_workspace_id_label_id_idx;
ALTER TABLE link_rules RENAME CONSTRAINT link_rules_pattern_check TO link_rules_label_check;
ALTER TABLE link_rules RENAME COLUMN pattern TO label;
CREATE UNIQUE INDEX link_rules_workspace_id_label_key_result_id_key ON link_rules
    (workspace_id, lower(label), key_result_id, coalesce(connection_id, '00000000-0000-0000-0000-000000000000'));
