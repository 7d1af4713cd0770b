-- Files that people upload to a connection whose sources are files. A file is kept in pieces, so that neither reading nor
-- writing one holds it in memory more than once. uploads.name is the remote_key of its source.
CREATE TABLE uploads (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    connection_id uuid        NOT NULL,
    name          text        NOT NULL,
    size          integer     NOT NULL,
    sha256        text        NOT NULL,
    uploaded_by   uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT uploads_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT uploads_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id),
    CONSTRAINT uploads_workspace_id_uploaded_by_fkey FOREIGN KEY (workspace_id, uploaded_by) REFERENCES users (workspace_id, id),
    CONSTRAINT uploads_workspace_id_connection_id_name_key UNIQUE (workspace_id, connection_id, name),
    CONSTRAINT uploads_name_check CHECK (name <> ''),
    CONSTRAINT uploads_size_check CHECK (size >= 0)
);

CREATE TABLE upload_chunks (
    workspace_id uuid    NOT NULL,
    upload_id    uuid    NOT NULL,
    number       integer NOT NULL,
    content      bytea   NOT NULL,
    CONSTRAINT upload_chunks_pkey PRIMARY KEY (workspace_id, upload_id, number),
    CONSTRAINT upload_chunks_workspace_id_upload_id_fkey
        FOREIGN KEY (workspace_id, upload_id) REFERENCES uploads (workspace_id, id) ON DELETE CASCADE
);

-- A new file is counted by the next pass: what it no longer lists has vanished.
ALTER TABLE sources ADD COLUMN census_asked boolean NOT NULL DEFAULT false;
