-- Undoes 0008_together.tx.up.sql. Of links that ended and values measured anew only the present ones stay.
DROP TABLE comment_edits, comment_mentions, comments, suggestions, proposals, participants, cycle_states, objective_states;
DROP TRIGGER cycles_keep_state ON cycles;
DROP TRIGGER cycles_keep_first_state ON cycles;
DROP TRIGGER objectives_keep_state ON objectives;
DROP TRIGGER objectives_keep_first_state ON objectives;
DROP FUNCTION keep_cycle_state(), keep_objective_state();
DELETE FROM objective_pain_points WHERE removed_at IS NOT NULL;
ALTER TABLE objective_pain_points
    DROP CONSTRAINT objective_pain_points_pkey,
    DROP COLUMN removed_at,
    ADD CONSTRAINT objective_pain_points_pkey PRIMARY KEY (workspace_id, objective_id, pain_point_id);
DROP INDEX IF EXISTS objective_pain_points_workspace_id_objective_id_pain_point_key;
DROP INDEX check_ins_workspace_id_metric_source_external_id_idx, check_ins_workspace_id_key_result_id_metric_source_external_key;
ALTER TABLE check_ins DISABLE TRIGGER check_ins_append_only;
UPDATE check_ins SET external_id = '' WHERE supersedes_id IS NOT NULL;
ALTER TABLE check_ins ENABLE TRIGGER check_ins_append_only;
CREATE UNIQUE INDEX check_ins_workspace_id_key_result_id_metric_source_external_key
    ON check_ins (workspace_id, key_result_id, metric_source, external_id) WHERE external_id <> '';
ALTER TABLE key_results DROP COLUMN relative_change, DROP COLUMN carried_from_id, DROP COLUMN score_note, DROP COLUMN score;
ALTER TABLE objectives DROP COLUMN carried_from_id, DROP COLUMN score, DROP COLUMN revision;
ALTER TABLE workspaces
    DROP COLUMN evidence_needed, DROP COLUMN fresh_days, DROP COLUMN reopen_on_change, DROP COLUMN sign_off_customer_facing,
    DROP COLUMN sign_off_stakeholder, DROP COLUMN sign_off_leader, DROP COLUMN sign_off_team;
