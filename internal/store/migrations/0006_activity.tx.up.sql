-- The audit trail, which is also the feed and the source of live updates: one row per change, in the change's transaction.

CREATE TABLE activities (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    actor_id     uuid,
    token_id     uuid,
    request_id   text        NOT NULL DEFAULT '',
    verb         text        NOT NULL,
    subject_id   text        NOT NULL,
    team_id      uuid,
    objective_id uuid,
    before       jsonb,
    after        jsonb,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT activities_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT activities_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT activities_workspace_id_actor_id_fkey FOREIGN KEY (workspace_id, actor_id) REFERENCES users (workspace_id, id),
    CONSTRAINT activities_workspace_id_token_id_fkey FOREIGN KEY (workspace_id, token_id) REFERENCES api_tokens (workspace_id, id),
    CONSTRAINT activities_workspace_id_team_id_fkey FOREIGN KEY (workspace_id, team_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT activities_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT activities_verb_check
        CHECK (verb IN ('CREATED', 'UPDATED', 'MOVED', 'LINKED', 'UNLINKED', 'MEASURED', 'DELETED', 'FAILED')),
    CONSTRAINT activities_subject_id_check CHECK (subject_id <> '')
);
CREATE INDEX activities_workspace_id_recorded_at_id_idx ON activities (workspace_id, recorded_at, id);
CREATE INDEX activities_workspace_id_subject_id_recorded_at_id_idx ON activities (workspace_id, subject_id, recorded_at, id);
CREATE INDEX activities_workspace_id_team_id_recorded_at_id_idx
    ON activities (workspace_id, team_id, recorded_at, id) WHERE team_id IS NOT NULL;
CREATE INDEX activities_workspace_id_objective_id_recorded_at_id_idx
    ON activities (workspace_id, objective_id, recorded_at, id) WHERE objective_id IS NOT NULL;
CREATE TRIGGER activities_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON activities
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
