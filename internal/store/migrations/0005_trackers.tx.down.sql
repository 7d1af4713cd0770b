-- Undoes 0005_trackers.tx.up.sql.
ALTER TABLE link_rules DROP CONSTRAINT link_rules_workspace_id_connection_id_fkey;
ALTER TABLE backlog_items DROP CONSTRAINT backlog_items_workspace_id_issue_id_fkey;
DROP TABLE quarantined_issues, sync_runs, issues, sources, connections;
