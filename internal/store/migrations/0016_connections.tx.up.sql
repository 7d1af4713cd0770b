-- What people need to see of a connection to keep it well: sources that were taken away, lost or refused and when they are
-- tried again, where issues moved to, how long passes waited, and records that are to be read once more.
ALTER TABLE sources
    ADD COLUMN removed_at        timestamptz,
    ADD COLUMN lost_at           timestamptz,
    ADD COLUMN retry_at          timestamptz,
    ADD COLUMN read_at           timestamptz,
    ADD COLUMN retry_quarantined boolean NOT NULL DEFAULT false;

ALTER TABLE issues
    ADD COLUMN moved_to text NOT NULL DEFAULT '';

ALTER TABLE sync_runs
    ADD COLUMN waited_milliseconds integer NOT NULL DEFAULT 0,
    ADD COLUMN total               integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT sync_runs_waited_milliseconds_check CHECK (waited_milliseconds >= 0),
    ADD CONSTRAINT sync_runs_total_check CHECK (total >= 0);

ALTER TABLE quarantined_issues
    ADD COLUMN remote_key text NOT NULL DEFAULT '';
CREATE INDEX quarantined_issues_workspace_id_last_seen_at_id_idx ON quarantined_issues (workspace_id, last_seen_at, id);
CREATE INDEX quarantined_issues_workspace_id_connection_id_idx ON quarantined_issues (workspace_id, connection_id)
    WHERE resolved_at IS NULL;
