DROP INDEX sync_runs_workspace_id_source_id_started_at_whole_idx;

ALTER TABLE workspaces
    DROP COLUMN stale_tracker_days, DROP COLUMN keep_running_share, DROP COLUMN recent_days,
    DROP COLUMN most_key_results, DROP COLUMN dead_bet_share, DROP COLUMN fewest_cycle_times;
