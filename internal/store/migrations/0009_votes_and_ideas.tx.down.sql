-- Undoes 0009_votes_and_ideas.tx.up.sql.
DROP VIEW inbox_items;
DROP FUNCTION public_id(text, uuid);
DROP STATISTICS activities_subject_id_noun;
DROP INDEX activities_workspace_id_actor_id_recorded_at_id_idx, objectives_workspace_id_created_by_idx;
DROP TABLE inbox_reads, ideas, sign_offs, ballots, votes;
