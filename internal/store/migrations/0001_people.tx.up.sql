-- People and time: the tenant, who works in it, how they authenticate, and the time boxes they plan in.

-- Guards tables that hold history. The constraint name lets the store tell this refusal from every other error.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are history', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$;

CREATE TABLE workspaces (
    id         uuid        NOT NULL,
    name       text        NOT NULL,
    slug       text        NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version    integer     NOT NULL,
    CONSTRAINT workspaces_pkey PRIMARY KEY (id),
    CONSTRAINT workspaces_slug_key UNIQUE (slug),
    CONSTRAINT workspaces_name_check CHECK (name <> ''),
    CONSTRAINT workspaces_slug_check CHECK (slug <> '')
);

CREATE TABLE users (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    email        text        NOT NULL,
    name         text        NOT NULL,
    role         text        NOT NULL,
    function     text        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT users_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT users_email_check CHECK (email <> ''),
    CONSTRAINT users_name_check CHECK (name <> ''),
    CONSTRAINT users_role_check CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER', 'VIEWER')),
    CONSTRAINT users_function_check CHECK (function IN ('TEAM', 'LEADER', 'STAKEHOLDER', 'CUSTOMER_FACING'))
);
CREATE UNIQUE INDEX users_workspace_id_email_key ON users (workspace_id, lower(email));
CREATE INDEX users_workspace_id_name_id_idx ON users (workspace_id, name, id);
CREATE INDEX users_workspace_id_created_at_id_idx ON users (workspace_id, created_at, id);

-- A caller presents a token before its workspace is known, so two indexes start without workspace_id.
CREATE TABLE api_tokens (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    name         text        NOT NULL,
    scopes       jsonb       NOT NULL,
    hash         bytea       NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT api_tokens_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id),
    CONSTRAINT api_tokens_hash_key UNIQUE (hash),
    CONSTRAINT api_tokens_name_check CHECK (name <> ''),
    CONSTRAINT api_tokens_scopes_check CHECK (jsonb_typeof(scopes) = 'array'),
    CONSTRAINT api_tokens_hash_check CHECK (octet_length(hash) = 32)
);
CREATE INDEX api_tokens_id_idx ON api_tokens (id);
CREATE INDEX api_tokens_workspace_id_user_id_created_at_id_idx ON api_tokens (workspace_id, user_id, created_at, id);
CREATE INDEX api_tokens_workspace_id_created_at_id_idx ON api_tokens (workspace_id, created_at, id);

CREATE TABLE teams (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    key          text        NOT NULL,
    name         text        NOT NULL,
    lead_id      uuid,
    parent_id    uuid,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT teams_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT teams_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT teams_workspace_id_lead_id_fkey FOREIGN KEY (workspace_id, lead_id) REFERENCES users (workspace_id, id),
    CONSTRAINT teams_workspace_id_parent_id_fkey FOREIGN KEY (workspace_id, parent_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT teams_workspace_id_key_key UNIQUE (workspace_id, key),
    CONSTRAINT teams_key_check CHECK (key ~ '^[A-Z][A-Z0-9]{1,9}$'),
    CONSTRAINT teams_name_check CHECK (name <> ''),
    CONSTRAINT teams_id_parent_id_check CHECK (parent_id <> id)
);
CREATE INDEX teams_workspace_id_name_id_idx ON teams (workspace_id, name, id);
CREATE INDEX teams_workspace_id_created_at_id_idx ON teams (workspace_id, created_at, id);
CREATE INDEX teams_workspace_id_parent_id_name_id_idx ON teams (workspace_id, parent_id, name, id) WHERE parent_id IS NOT NULL;

CREATE TABLE team_members (
    workspace_id uuid NOT NULL,
    team_id      uuid NOT NULL,
    user_id      uuid NOT NULL,
    function     text NOT NULL,
    CONSTRAINT team_members_pkey PRIMARY KEY (workspace_id, team_id, user_id),
    CONSTRAINT team_members_workspace_id_team_id_fkey FOREIGN KEY (workspace_id, team_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT team_members_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id),
    CONSTRAINT team_members_function_check CHECK (function IN ('TEAM', 'LEADER', 'STAKEHOLDER', 'CUSTOMER_FACING'))
);
CREATE INDEX team_members_workspace_id_user_id_team_id_idx ON team_members (workspace_id, user_id, team_id);

CREATE TABLE cycles (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL,
    starts_on    date        NOT NULL,
    ends_on      date        NOT NULL,
    state        text        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT cycles_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT cycles_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT cycles_workspace_id_name_key UNIQUE (workspace_id, name),
    CONSTRAINT cycles_name_check CHECK (name <> ''),
    CONSTRAINT cycles_starts_on_ends_on_check CHECK (starts_on <= ends_on),
    CONSTRAINT cycles_state_check CHECK (state IN ('PLANNING', 'ACTIVE', 'CLOSED'))
);
CREATE INDEX cycles_workspace_id_starts_on_id_idx ON cycles (workspace_id, starts_on, id);
CREATE INDEX cycles_workspace_id_created_at_id_idx ON cycles (workspace_id, created_at, id);

-- The last number given out per kind of people's key, as in KR-42.
CREATE TABLE counters (
    workspace_id uuid    NOT NULL,
    letters      text    NOT NULL,
    value        integer NOT NULL,
    CONSTRAINT counters_pkey PRIMARY KEY (workspace_id, letters),
    CONSTRAINT counters_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT counters_letters_check CHECK (letters IN ('P', 'O', 'KR', 'B')),
    CONSTRAINT counters_value_check CHECK (value > 0)
);
