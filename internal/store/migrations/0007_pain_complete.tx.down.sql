-- Merged duplicates become pain points of their own again; reports, merges and checks are gone.
DROP TABLE segment_states, pain_point_states, relief_answers, relief_checks, pain_merges, pain_reports;
ALTER TABLE evidence DROP COLUMN external_key;
DROP TRIGGER pain_points_keep_state ON pain_points;
DROP TRIGGER pain_points_keep_first_state ON pain_points;
ALTER TABLE pain_points
    DROP CONSTRAINT pain_points_workspace_id_category_fkey,
    DROP COLUMN words, DROP COLUMN weight, DROP COLUMN segment_weight, DROP COLUMN reporters, DROP COLUMN relieved_at,
    DROP COLUMN root_id, DROP COLUMN merged_into_id, DROP COLUMN external_key;
DROP INDEX pain_points_title_trgm_idx, pain_points_workspace_id_category_idx;
DROP TABLE segments, categories;
DROP FUNCTION keep_segment_state(), keep_pain_point_state();
DROP EXTENSION pg_trgm;
