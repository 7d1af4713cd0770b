-- The thresholds by which grades pause and gaps are told, and the passes by which old answers know how old their data was.
ALTER TABLE workspaces
    ADD COLUMN stale_tracker_days integer          NOT NULL DEFAULT 2,
    ADD COLUMN keep_running_share double precision NOT NULL DEFAULT 0.2,
    ADD COLUMN recent_days        integer          NOT NULL DEFAULT 28,
    ADD COLUMN most_key_results   integer          NOT NULL DEFAULT 3,
    ADD COLUMN dead_bet_share     double precision NOT NULL DEFAULT 0.8,
    ADD COLUMN fewest_cycle_times integer          NOT NULL DEFAULT 5,
    ADD CONSTRAINT workspaces_stale_tracker_days_check CHECK (stale_tracker_days > 0),
    ADD CONSTRAINT workspaces_keep_running_share_check CHECK (keep_running_share BETWEEN 0 AND 1),
    ADD CONSTRAINT workspaces_recent_days_check CHECK (recent_days > 0),
    ADD CONSTRAINT workspaces_most_key_results_check CHECK (most_key_results > 0),
    ADD CONSTRAINT workspaces_dead_bet_share_check CHECK (dead_bet_share BETWEEN 0 AND 1),
    ADD CONSTRAINT workspaces_fewest_cycle_times_check CHECK (fewest_cycle_times > 0);

CREATE INDEX sync_runs_workspace_id_source_id_started_at_whole_idx ON sync_runs (workspace_id, source_id, started_at DESC)
    WHERE state = 'SUCCEEDED' AND kind IN ('BACKFILL', 'INCREMENTAL');
