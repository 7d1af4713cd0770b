-- What a tracker's words mean here, which issues become work, and what trackers remember of issues.

-- pending counts the issues that still wait for the mapping; applied_through is the remote id up to which it was applied.
-- The work is found across workspaces, so one index starts without workspace_id.
CREATE TABLE mappings (
    workspace_id    uuid        NOT NULL,
    connection_id   uuid        NOT NULL,
    states          jsonb       NOT NULL DEFAULT '[]',
    types           jsonb       NOT NULL DEFAULT '[]',
    item_policy     text        NOT NULL,
    item_labels     jsonb       NOT NULL DEFAULT '[]',
    applied_at      timestamptz,
    pending         integer     NOT NULL,
    applied_through text        NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    version         integer     NOT NULL,
    CONSTRAINT mappings_pkey PRIMARY KEY (workspace_id, connection_id),
    CONSTRAINT mappings_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections (workspace_id, id),
    CONSTRAINT mappings_states_check CHECK (jsonb_typeof(states) = 'array'),
    CONSTRAINT mappings_types_check CHECK (jsonb_typeof(types) = 'array'),
    CONSTRAINT mappings_item_policy_check CHECK (item_policy IN ('ALL', 'LABELLED', 'LINKED_ONLY')),
    CONSTRAINT mappings_item_labels_check CHECK (jsonb_typeof(item_labels) = 'array'),
    CONSTRAINT mappings_applied_at_pending_check CHECK (pending >= 0 AND (applied_at IS NULL OR pending = 0))
);
CREATE INDEX mappings_updated_at_idx ON mappings (updated_at) WHERE applied_at IS NULL;

-- tracker_status and tracker_type are what the tracker itself says, so that taking a mapping away asks nobody.
-- state_changed_at is the tracker's time of the observation in which the state last differed from the one before.
ALTER TABLE issues
    ADD COLUMN tracker_status    text,
    ADD COLUMN tracker_type      text,
    ADD COLUMN state_changed_at  timestamptz,
    ADD COLUMN history_wanted_at timestamptz;
UPDATE issues SET tracker_status = status, tracker_type = type, state_changed_at = coalesce(remote_closed_at, remote_updated_at);
ALTER TABLE issues
    ALTER COLUMN tracker_status SET NOT NULL,
    ALTER COLUMN tracker_type SET NOT NULL,
    ALTER COLUMN state_changed_at SET NOT NULL,
    ADD CONSTRAINT issues_tracker_status_check CHECK (tracker_status IN ('TODO', 'IN_PROGRESS', 'DONE', 'DROPPED')),
    ADD CONSTRAINT issues_tracker_type_check CHECK (tracker_type IN ('ISSUE', 'BUG', 'FEATURE', 'TASK', 'EPIC', 'PULL_REQUEST'));
CREATE INDEX issues_workspace_id_connection_id_history_wanted_at_idx
    ON issues (workspace_id, connection_id, history_wanted_at) WHERE history_wanted_at IS NOT NULL;

-- What a tracker remembers of an issue's states, as it told it last.
CREATE TABLE issue_histories (
    workspace_id uuid        NOT NULL,
    issue_id     uuid        NOT NULL,
    steps        jsonb       NOT NULL,
    read_at      timestamptz NOT NULL,
    CONSTRAINT issue_histories_pkey PRIMARY KEY (workspace_id, issue_id),
    CONSTRAINT issue_histories_workspace_id_issue_id_fkey FOREIGN KEY (workspace_id, issue_id) REFERENCES issues (workspace_id, id),
    CONSTRAINT issue_histories_steps_check CHECK (jsonb_typeof(steps) = 'array')
);

-- Moves that turned out to have been otherwise. They stay, for what was believed when; who asks what happened leaves them out.
CREATE TABLE superseded_transitions (
    workspace_id  uuid        NOT NULL,
    transition_id uuid        NOT NULL,
    superseded_at timestamptz NOT NULL,
    CONSTRAINT superseded_transitions_pkey PRIMARY KEY (workspace_id, transition_id),
    CONSTRAINT superseded_transitions_workspace_id_transition_id_fkey
        FOREIGN KEY (workspace_id, transition_id) REFERENCES item_transitions (workspace_id, id)
);
CREATE TRIGGER superseded_transitions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON superseded_transitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
