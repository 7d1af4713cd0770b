-- Undoes 0016_connections.tx.up.sql.
DROP INDEX quarantined_issues_workspace_id_connection_id_idx;
DROP INDEX quarantined_issues_workspace_id_last_seen_at_id_idx;
ALTER TABLE quarantined_issues DROP COLUMN remote_key;
ALTER TABLE sync_runs DROP COLUMN total, DROP COLUMN waited_milliseconds;
ALTER TABLE issues DROP COLUMN moved_to;
ALTER TABLE sources
    DROP COLUMN retry_quarantined, DROP COLUMN read_at, DROP COLUMN retry_at, DROP COLUMN lost_at, DROP COLUMN removed_at;
