-- What Needle writes back beside issues, as an outbox.

-- write_back_at is when the outbox is to be looked at next. write_back_run and wrote_back_at belong to package store
-- alone: the run that may write now, and when it last did, so that all processes together keep the pace.
ALTER TABLE connections
    ADD COLUMN write_back          boolean NOT NULL DEFAULT false,
    ADD COLUMN write_back_reason   text    NOT NULL DEFAULT '',
    ADD COLUMN write_back_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN write_back_at       timestamptz,
    ADD COLUMN write_back_run      uuid,
    ADD COLUMN wrote_back_at       timestamptz,
    ADD CONSTRAINT connections_write_back_failures_check CHECK (write_back_failures >= 0);
CREATE INDEX connections_write_back_at_idx ON connections (write_back_at) WHERE write_back_at IS NOT NULL;

-- One row for each issue that has, had or shall have a backlink. wanted_hash is the content that shall be there, NULL when
-- none shall; written_hash the content that is there for certain, NULL when there is none or a request may have ended
-- unseen; present is true from before the first request that may write one until one is known to be gone.
CREATE TABLE backlinks (
    workspace_id  uuid        NOT NULL,
    issue_id      uuid        NOT NULL,
    connection_id uuid        NOT NULL,
    state         text        NOT NULL,
    wanted_hash   bytea,
    written_hash  bytea,
    present       boolean     NOT NULL DEFAULT false,
    changed_at    timestamptz NOT NULL,
    written_at    timestamptz,
    attempts      integer     NOT NULL DEFAULT 0,
    not_before    timestamptz,
    reason        text        NOT NULL DEFAULT '',
    CONSTRAINT backlinks_pkey PRIMARY KEY (workspace_id, issue_id),
    CONSTRAINT backlinks_workspace_id_issue_id_fkey FOREIGN KEY (workspace_id, issue_id) REFERENCES issues (workspace_id, id),
    CONSTRAINT backlinks_workspace_id_connection_id_fkey
        FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id),
    CONSTRAINT backlinks_state_check CHECK (state IN ('PENDING', 'WRITTEN', 'REMOVED', 'FAILED')),
    CONSTRAINT backlinks_attempts_check CHECK (attempts >= 0)
);
CREATE INDEX backlinks_workspace_id_connection_id_changed_at_issue_id_idx
    ON backlinks (workspace_id, connection_id, changed_at, issue_id);
CREATE INDEX backlinks_workspace_id_connection_id_state_changed_at_idx
    ON backlinks (workspace_id, connection_id, state, changed_at, issue_id);
