-- Trackers: the accounts issues are read through, the issues as last seen, and what each pass did.

-- A webhook names its connection before a workspace is known, and the schedule looks across workspaces, so three
-- indexes start without workspace_id. sealed_* and content_hash belong to package store alone.
CREATE TABLE connections (
    workspace_id          uuid        NOT NULL,
    id                    uuid        NOT NULL,
    kind                  text        NOT NULL,
    name                  text        NOT NULL,
    settings              jsonb       NOT NULL DEFAULT '{}',
    state                 text        NOT NULL,
    state_reason          text        NOT NULL DEFAULT '',
    state_changed_at      timestamptz NOT NULL,
    rate_limited_until    timestamptz,
    failures              integer     NOT NULL,
    include_pull_requests boolean     NOT NULL,
    default_team_id       uuid,
    account_name          text        NOT NULL DEFAULT '',
    sync_requested_at     timestamptz,
    next_sync_at          timestamptz,
    sealed_secrets        bytea       NOT NULL DEFAULT '',
    sealed_key_id         text        NOT NULL DEFAULT '',
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    version               integer     NOT NULL,
    CONSTRAINT connections_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT connections_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT connections_workspace_id_default_team_id_fkey FOREIGN KEY (workspace_id, default_team_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT connections_workspace_id_name_key UNIQUE (workspace_id, name),
    CONSTRAINT connections_kind_check CHECK (kind <> ''),
    CONSTRAINT connections_name_check CHECK (name <> ''),
    CONSTRAINT connections_settings_check CHECK (jsonb_typeof(settings) = 'object'),
    CONSTRAINT connections_state_check
        CHECK (state IN ('OK', 'UNCHECKED', 'AUTH_FAILED', 'RATE_LIMITED', 'UNAVAILABLE', 'PAUSED')),
    CONSTRAINT connections_failures_check CHECK (failures >= 0),
    CONSTRAINT connections_sealed_secrets_sealed_key_id_check CHECK ((sealed_secrets = '') = (sealed_key_id = ''))
);
CREATE INDEX connections_id_idx ON connections (id);
CREATE INDEX connections_next_sync_at_idx ON connections (next_sync_at) WHERE next_sync_at IS NOT NULL;
CREATE INDEX connections_sync_requested_at_idx ON connections (sync_requested_at) WHERE sync_requested_at IS NOT NULL;
CREATE INDEX connections_workspace_id_created_at_id_idx ON connections (workspace_id, created_at, id);

-- cursor is where an interrupted pass goes on, in the tracker's own words.
CREATE TABLE sources (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    connection_id uuid        NOT NULL,
    remote_id     text        NOT NULL DEFAULT '',
    remote_key    text        NOT NULL,
    state         text        NOT NULL,
    state_reason  text        NOT NULL DEFAULT '',
    watermark     timestamptz,
    etag          text        NOT NULL DEFAULT '',
    backfilled_at timestamptz,
    cursor        text        NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT sources_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT sources_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id),
    CONSTRAINT sources_workspace_id_connection_id_remote_key_key UNIQUE (workspace_id, connection_id, remote_key),
    -- What issues and passes point at, so that their connection cannot differ from their source's.
    CONSTRAINT sources_workspace_id_connection_id_id_key UNIQUE (workspace_id, connection_id, id),
    CONSTRAINT sources_remote_key_check CHECK (remote_key <> ''),
    CONSTRAINT sources_state_check CHECK (state IN ('OK', 'PENDING', 'ERROR'))
);
CREATE INDEX sources_workspace_id_remote_key_id_idx ON sources (workspace_id, remote_key, id);
CREATE INDEX sources_workspace_id_created_at_id_idx ON sources (workspace_id, created_at, id);

CREATE TABLE issues (
    workspace_id      uuid        NOT NULL,
    id                uuid        NOT NULL,
    connection_id     uuid        NOT NULL,
    source_id         uuid        NOT NULL,
    remote_id         text        NOT NULL,
    remote_key        text        NOT NULL,
    url               text        NOT NULL DEFAULT '',
    title             text        NOT NULL DEFAULT '',
    body              text        NOT NULL DEFAULT '',
    type              text        NOT NULL,
    raw_type          text        NOT NULL DEFAULT '',
    status            text        NOT NULL,
    raw_state         text        NOT NULL DEFAULT '',
    raw_reason        text        NOT NULL DEFAULT '',
    labels            jsonb       NOT NULL DEFAULT '[]',
    assignees         jsonb       NOT NULL DEFAULT '[]',
    estimate          double precision,
    parent_remote_id  text        NOT NULL DEFAULT '',
    remote_created_at timestamptz NOT NULL,
    remote_updated_at timestamptz NOT NULL,
    remote_closed_at  timestamptz,
    observed_at       timestamptz NOT NULL,
    gone_at           timestamptz,
    content_hash      bytea       NOT NULL DEFAULT '',
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    version           integer     NOT NULL,
    CONSTRAINT issues_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT issues_workspace_id_connection_id_source_id_fkey
        FOREIGN KEY (workspace_id, connection_id, source_id) REFERENCES sources (workspace_id, connection_id, id),
    CONSTRAINT issues_workspace_id_connection_id_remote_id_key UNIQUE (workspace_id, connection_id, remote_id),
    CONSTRAINT issues_remote_id_check CHECK (remote_id <> ''),
    CONSTRAINT issues_type_check CHECK (type IN ('ISSUE', 'BUG', 'FEATURE', 'TASK', 'EPIC', 'PULL_REQUEST')),
    CONSTRAINT issues_status_check CHECK (status IN ('TODO', 'IN_PROGRESS', 'DONE', 'DROPPED')),
    CONSTRAINT issues_labels_check CHECK (jsonb_typeof(labels) = 'array'),
    CONSTRAINT issues_assignees_check CHECK (jsonb_typeof(assignees) = 'array'),
    CONSTRAINT issues_estimate_check CHECK (estimate > '-Infinity' AND estimate < 'Infinity')
);
CREATE INDEX issues_workspace_id_remote_updated_at_id_idx ON issues (workspace_id, remote_updated_at, id);
CREATE INDEX issues_workspace_id_remote_created_at_id_idx ON issues (workspace_id, remote_created_at, id);
CREATE INDEX issues_workspace_id_remote_key_id_idx ON issues (workspace_id, remote_key, id);
CREATE INDEX issues_workspace_id_source_id_remote_updated_at_id_idx ON issues (workspace_id, source_id, remote_updated_at, id);
CREATE INDEX issues_labels_idx ON issues USING gin (labels jsonb_path_ops);

ALTER TABLE backlog_items
    ADD CONSTRAINT backlog_items_workspace_id_issue_id_fkey
        FOREIGN KEY (workspace_id, issue_id) REFERENCES issues (workspace_id, id);
ALTER TABLE link_rules
    ADD CONSTRAINT link_rules_workspace_id_connection_id_fkey
        FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id);

CREATE TABLE sync_runs (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    connection_id uuid        NOT NULL,
    source_id     uuid        NOT NULL,
    kind          text        NOT NULL,
    state         text        NOT NULL,
    pages         integer     NOT NULL,
    seen          integer     NOT NULL,
    inserted      integer     NOT NULL,
    updated       integer     NOT NULL,
    unchanged     integer     NOT NULL,
    skipped       integer     NOT NULL,
    tombstoned    integer     NOT NULL,
    quarantined   integer     NOT NULL,
    linked        integer     NOT NULL,
    requests      integer     NOT NULL,
    reason        text        NOT NULL DEFAULT '',
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT sync_runs_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT sync_runs_workspace_id_connection_id_source_id_fkey
        FOREIGN KEY (workspace_id, connection_id, source_id) REFERENCES sources (workspace_id, connection_id, id),
    CONSTRAINT sync_runs_kind_check CHECK (kind IN ('BACKFILL', 'INCREMENTAL', 'REFRESH', 'CENSUS')),
    CONSTRAINT sync_runs_state_check CHECK (state IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'INTERRUPTED')),
    CONSTRAINT sync_runs_state_finished_at_check CHECK ((state = 'RUNNING') = (finished_at IS NULL))
);
CREATE INDEX sync_runs_workspace_id_started_at_id_idx ON sync_runs (workspace_id, started_at, id);
CREATE INDEX sync_runs_workspace_id_connection_id_started_at_id_idx ON sync_runs (workspace_id, connection_id, started_at, id);
CREATE INDEX sync_runs_workspace_id_source_id_started_at_id_idx ON sync_runs (workspace_id, source_id, started_at, id);
CREATE INDEX sync_runs_workspace_id_source_id_idx ON sync_runs (workspace_id, source_id) WHERE state = 'RUNNING';

-- Records that could not be understood, with their raw bodies, so that a repaired driver can read them again.
CREATE TABLE quarantined_issues (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    connection_id uuid        NOT NULL,
    source_id     uuid        NOT NULL,
    remote_id     text        NOT NULL,
    raw           bytea       NOT NULL,
    reason        text        NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    resolved_at   timestamptz,
    CONSTRAINT quarantined_issues_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT quarantined_issues_workspace_id_connection_id_source_id_fkey
        FOREIGN KEY (workspace_id, connection_id, source_id) REFERENCES sources (workspace_id, connection_id, id),
    CONSTRAINT quarantined_issues_workspace_id_source_id_remote_id_key UNIQUE (workspace_id, source_id, remote_id),
    CONSTRAINT quarantined_issues_first_seen_at_last_seen_at_check CHECK (first_seen_at <= last_seen_at)
);
