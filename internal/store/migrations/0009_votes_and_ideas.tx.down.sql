-- Undoes 0009_votes_and_ideas.tx.up.sql. That somebody voted becomes a change of the vote.
DROP VIEW inbox_items;
DROP FUNCTION public_id(text, uuid);
DROP STATISTICS activities_subject_id_noun;
DROP INDEX activities_workspace_id_actor_id_recorded_at_id_idx, objectives_workspace_id_created_by_idx;
DROP TABLE inbox_reads, ideas, sign_offs, ballots, votes;
ALTER TABLE activities DISABLE TRIGGER activities_append_only;
UPDATE activities SET verb = 'UPDATED' WHERE verb = 'VOTED';
ALTER TABLE activities ENABLE TRIGGER activities_append_only;
ALTER TABLE activities
    DROP CONSTRAINT activities_verb_check,
    ADD CONSTRAINT activities_verb_check
        CHECK (verb IN ('CREATED', 'UPDATED', 'MOVED', 'LINKED', 'UNLINKED', 'MEASURED', 'DELETED', 'FAILED'));
