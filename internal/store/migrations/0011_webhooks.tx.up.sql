-- Webhooks: what proves that a tracker sent one, and the inbox that they wait in.

-- A webhook names its connection before a workspace is known, so one index starts without workspace_id. sealed_* belong to
-- package store alone.
CREATE TABLE webhooks (
    workspace_id      uuid        NOT NULL,
    connection_id     uuid        NOT NULL,
    sealed_secret     bytea       NOT NULL,
    sealed_key_id     text        NOT NULL,
    secret_set_at     timestamptz NOT NULL,
    sealed_old_secret bytea       NOT NULL DEFAULT '',
    sealed_old_key_id text        NOT NULL DEFAULT '',
    old_secret_until  timestamptz,
    redelivered_at    timestamptz,
    redelivery_reason text        NOT NULL DEFAULT '',
    CONSTRAINT webhooks_pkey PRIMARY KEY (workspace_id, connection_id),
    CONSTRAINT webhooks_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id),
    CONSTRAINT webhooks_sealed_secret_sealed_key_id_check CHECK (sealed_secret <> '' AND sealed_key_id <> ''),
    CONSTRAINT webhooks_sealed_old_secret_sealed_old_key_id_check CHECK ((sealed_old_secret = '') = (sealed_old_key_id = '')),
    CONSTRAINT webhooks_sealed_old_secret_old_secret_until_check CHECK ((sealed_old_secret = '') = (old_secret_until IS NULL))
);
CREATE INDEX webhooks_connection_id_idx ON webhooks (connection_id);

-- Deliveries are listed below their connection only. Bodies are not kept: a webhook is a hint.
CREATE TABLE webhook_deliveries (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    connection_id uuid        NOT NULL,
    delivery_id   text        NOT NULL,
    event         text        NOT NULL DEFAULT '',
    state         text        NOT NULL,
    reason        text        NOT NULL DEFAULT '',
    attempts      integer     NOT NULL,
    not_before    timestamptz NOT NULL,
    hints         jsonb       NOT NULL DEFAULT '[]',
    finished_at   timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT webhook_deliveries_workspace_id_connection_id_fkey
        FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id),
    CONSTRAINT webhook_deliveries_workspace_id_connection_id_delivery_id_key UNIQUE (workspace_id, connection_id, delivery_id),
    CONSTRAINT webhook_deliveries_delivery_id_check CHECK (delivery_id <> ''),
    CONSTRAINT webhook_deliveries_state_check CHECK (state IN ('PENDING', 'DONE', 'IGNORED', 'FAILED')),
    CONSTRAINT webhook_deliveries_attempts_check CHECK (attempts >= 0),
    CONSTRAINT webhook_deliveries_hints_check CHECK (jsonb_typeof(hints) = 'array'),
    CONSTRAINT webhook_deliveries_state_finished_at_check CHECK ((state = 'PENDING') = (finished_at IS NULL))
);
CREATE INDEX webhook_deliveries_workspace_id_connection_id_created_at_id_idx
    ON webhook_deliveries (workspace_id, connection_id, created_at, id);
CREATE INDEX webhook_deliveries_workspace_id_connection_id_id_idx ON webhook_deliveries (workspace_id, connection_id, id)
    WHERE state = 'PENDING';
