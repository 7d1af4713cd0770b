-- Objectives and key results, made together: who takes part, what they offer, say, vote and sign, and the history of
-- states that answers about the past rest on.

-- What a workspace demands before an objective is agreed, and when evidence counts.
ALTER TABLE workspaces
    ADD COLUMN sign_off_team            integer NOT NULL DEFAULT 1,
    ADD COLUMN sign_off_leader          integer NOT NULL DEFAULT 1,
    ADD COLUMN sign_off_stakeholder     integer NOT NULL DEFAULT 1,
    ADD COLUMN sign_off_customer_facing integer NOT NULL DEFAULT 0,
    ADD COLUMN reopen_on_change         boolean NOT NULL DEFAULT true,
    ADD COLUMN fresh_days               integer NOT NULL DEFAULT 90,
    ADD COLUMN evidence_needed          integer NOT NULL DEFAULT 2,
    ADD CONSTRAINT workspaces_sign_off_team_check CHECK (sign_off_team BETWEEN 0 AND 100),
    ADD CONSTRAINT workspaces_sign_off_leader_check CHECK (sign_off_leader BETWEEN 0 AND 100),
    ADD CONSTRAINT workspaces_sign_off_stakeholder_check CHECK (sign_off_stakeholder BETWEEN 0 AND 100),
    ADD CONSTRAINT workspaces_sign_off_customer_facing_check CHECK (sign_off_customer_facing BETWEEN 0 AND 100),
    ADD CONSTRAINT workspaces_fresh_days_check CHECK (fresh_days BETWEEN 1 AND 3660),
    ADD CONSTRAINT workspaces_evidence_needed_check CHECK (evidence_needed BETWEEN 1 AND 100);

ALTER TABLE objectives
    ADD COLUMN revision        integer NOT NULL DEFAULT 1,
    ADD COLUMN score           double precision,
    ADD COLUMN carried_from_id uuid,
    ADD CONSTRAINT objectives_workspace_id_carried_from_id_fkey
        FOREIGN KEY (workspace_id, carried_from_id) REFERENCES objectives (workspace_id, id),
    ADD CONSTRAINT objectives_revision_check CHECK (revision > 0),
    ADD CONSTRAINT objectives_score_check CHECK (score BETWEEN 0 AND 1),
    ADD CONSTRAINT objectives_score_state_check CHECK (state = 'CLOSED' OR score IS NULL),
    ADD CONSTRAINT objectives_carried_from_id_id_check CHECK (carried_from_id <> id);
CREATE UNIQUE INDEX objectives_workspace_id_carried_from_id_cycle_id_key
    ON objectives (workspace_id, carried_from_id, cycle_id) WHERE carried_from_id IS NOT NULL;

ALTER TABLE key_results
    ADD COLUMN score           double precision,
    ADD COLUMN score_note      text NOT NULL DEFAULT '',
    ADD COLUMN carried_from_id uuid,
    ADD COLUMN relative_change double precision,
    ADD CONSTRAINT key_results_workspace_id_carried_from_id_fkey
        FOREIGN KEY (workspace_id, carried_from_id) REFERENCES key_results (workspace_id, id),
    ADD CONSTRAINT key_results_score_check CHECK (score BETWEEN 0 AND 1),
    ADD CONSTRAINT key_results_relative_change_check CHECK (relative_change > '-Infinity' AND relative_change < 'Infinity'),
    ADD CONSTRAINT key_results_carried_from_id_id_check CHECK (carried_from_id <> id);
CREATE INDEX key_results_workspace_id_carried_from_id_idx
    ON key_results (workspace_id, carried_from_id) WHERE carried_from_id IS NOT NULL;

-- A metric source that measures anew sends its value under the same id: the new one supersedes, as a person's would.
DROP INDEX check_ins_workspace_id_key_result_id_metric_source_external_key;
CREATE UNIQUE INDEX check_ins_workspace_id_key_result_id_metric_source_external_key
    ON check_ins (workspace_id, key_result_id, metric_source, external_id) WHERE external_id <> '' AND supersedes_id IS NULL;
CREATE INDEX check_ins_workspace_id_metric_source_external_id_idx
    ON check_ins (workspace_id, key_result_id, metric_source, external_id) WHERE external_id <> '';

-- A link that ended stays, so that answers about the past find it.
ALTER TABLE objective_pain_points
    ADD COLUMN removed_at timestamptz,
    DROP CONSTRAINT objective_pain_points_pkey,
    ADD CONSTRAINT objective_pain_points_pkey PRIMARY KEY (workspace_id, objective_id, pain_point_id, created_at);
CREATE UNIQUE INDEX objective_pain_points_workspace_id_objective_id_pain_point_key
    ON objective_pain_points (workspace_id, objective_id, pain_point_id) WHERE removed_at IS NULL;

CREATE TABLE objective_states (
    workspace_id uuid        NOT NULL,
    objective_id uuid        NOT NULL,
    version      integer     NOT NULL,
    state        text        NOT NULL,
    revision     integer     NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT objective_states_pkey PRIMARY KEY (workspace_id, objective_id, version),
    CONSTRAINT objective_states_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id)
);
CREATE INDEX objective_states_workspace_id_recorded_at_idx ON objective_states (workspace_id, recorded_at);
-- What is known of the time before this table: that it was drafted, and since when it is what it is.
INSERT INTO objective_states (workspace_id, objective_id, version, state, revision, recorded_at)
SELECT workspace_id, id, 0, 'DRAFT', 1, created_at FROM objectives WHERE state <> 'DRAFT' AND state_changed_at > created_at
UNION ALL
SELECT workspace_id, id, version, state, 1, state_changed_at FROM objectives;
CREATE TRIGGER objective_states_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON objective_states
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION keep_objective_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO objective_states (workspace_id, objective_id, version, state, revision, recorded_at)
    VALUES (NEW.workspace_id, NEW.id, NEW.version, NEW.state, NEW.revision,
            CASE TG_OP WHEN 'INSERT' THEN NEW.created_at ELSE NEW.updated_at END);
    RETURN NULL;
END
$$;
CREATE TRIGGER objectives_keep_first_state AFTER INSERT ON objectives
    FOR EACH ROW EXECUTE FUNCTION keep_objective_state();
CREATE TRIGGER objectives_keep_state AFTER UPDATE ON objectives FOR EACH ROW
    WHEN ((OLD.state, OLD.revision) IS DISTINCT FROM (NEW.state, NEW.revision))
    EXECUTE FUNCTION keep_objective_state();

CREATE TABLE cycle_states (
    workspace_id uuid        NOT NULL,
    cycle_id     uuid        NOT NULL,
    version      integer     NOT NULL,
    state        text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT cycle_states_pkey PRIMARY KEY (workspace_id, cycle_id, version),
    CONSTRAINT cycle_states_workspace_id_cycle_id_fkey FOREIGN KEY (workspace_id, cycle_id) REFERENCES cycles (workspace_id, id)
);
INSERT INTO cycle_states (workspace_id, cycle_id, version, state, recorded_at)
SELECT workspace_id, id, version, state, created_at FROM cycles;
CREATE TRIGGER cycle_states_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cycle_states
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION keep_cycle_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cycle_states (workspace_id, cycle_id, version, state, recorded_at)
    VALUES (NEW.workspace_id, NEW.id, NEW.version, NEW.state,
            CASE TG_OP WHEN 'INSERT' THEN NEW.created_at ELSE NEW.updated_at END);
    RETURN NULL;
END
$$;
CREATE TRIGGER cycles_keep_first_state AFTER INSERT ON cycles FOR EACH ROW EXECUTE FUNCTION keep_cycle_state();
CREATE TRIGGER cycles_keep_state AFTER UPDATE ON cycles FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_cycle_state();

CREATE TABLE participants (
    workspace_id uuid        NOT NULL,
    objective_id uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    function     text        NOT NULL,
    must_sign    boolean     NOT NULL,
    invited_by   uuid        NOT NULL,
    invited_at   timestamptz NOT NULL,
    left_at      timestamptz,
    CONSTRAINT participants_pkey PRIMARY KEY (workspace_id, objective_id, user_id),
    CONSTRAINT participants_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT participants_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id),
    CONSTRAINT participants_workspace_id_invited_by_fkey FOREIGN KEY (workspace_id, invited_by) REFERENCES users (workspace_id, id),
    CONSTRAINT participants_function_check CHECK (function IN ('TEAM', 'LEADER', 'STAKEHOLDER', 'CUSTOMER_FACING'))
);
CREATE INDEX participants_workspace_id_objective_id_invited_at_user_id_idx ON participants (workspace_id, objective_id, invited_at, user_id);
CREATE INDEX participants_workspace_id_user_id_idx ON participants (workspace_id, user_id, objective_id);
INSERT INTO participants (workspace_id, objective_id, user_id, function, must_sign, invited_by, invited_at)
SELECT o.workspace_id, o.id, u.id, u.function, false, u.id, o.created_at
FROM objectives AS o JOIN users AS u ON u.workspace_id = o.workspace_id AND u.id = o.created_by;

-- A key result that somebody offers for an objective.
CREATE TABLE proposals (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    objective_id  uuid        NOT NULL,
    title         text        NOT NULL,
    wording       text        NOT NULL DEFAULT '',
    kind          text        NOT NULL,
    direction     text        NOT NULL,
    indicator     text        NOT NULL,
    unit          text        NOT NULL DEFAULT '',
    baseline      double precision,
    target        double precision,
    stretch       double precision,
    band_low      double precision,
    band_high     double precision,
    rationale     text        NOT NULL DEFAULT '',
    state         text        NOT NULL,
    reason        text        NOT NULL DEFAULT '',
    decided_by    uuid,
    decided_at    timestamptz,
    key_result_id uuid,
    created_by    uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT proposals_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT proposals_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT proposals_workspace_id_key_result_id_fkey FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT proposals_workspace_id_decided_by_fkey FOREIGN KEY (workspace_id, decided_by) REFERENCES users (workspace_id, id),
    CONSTRAINT proposals_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT proposals_workspace_id_key_result_id_key UNIQUE (workspace_id, key_result_id),
    CONSTRAINT proposals_title_check CHECK (title <> ''),
    CONSTRAINT proposals_kind_check CHECK (kind IN ('METRIC', 'MILESTONE')),
    CONSTRAINT proposals_direction_check CHECK (direction IN ('INCREASE', 'DECREASE', 'MAINTAIN')),
    CONSTRAINT proposals_indicator_check CHECK (indicator IN ('LEADING', 'LAGGING')),
    CONSTRAINT proposals_state_check CHECK (state IN ('OPEN', 'ACCEPTED', 'DECLINED', 'WITHDRAWN')),
    CONSTRAINT proposals_state_key_result_id_check CHECK ((state = 'ACCEPTED') = (key_result_id IS NOT NULL)),
    CONSTRAINT proposals_state_decided_at_decided_by_check
        CHECK ((state = 'OPEN') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL))
);
CREATE INDEX proposals_workspace_id_objective_id_created_at_id_idx ON proposals (workspace_id, objective_id, created_at, id);
CREATE INDEX proposals_workspace_id_created_at_id_idx ON proposals (workspace_id, created_at, id);

-- A change of an objective or a key result that somebody offers: what they read and what it should say.
CREATE TABLE suggestions (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    objective_id uuid        NOT NULL,
    subject_id   text        NOT NULL,
    changes      jsonb       NOT NULL,
    rationale    text        NOT NULL DEFAULT '',
    state        text        NOT NULL,
    reason       text        NOT NULL DEFAULT '',
    decided_by   uuid,
    decided_at   timestamptz,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT suggestions_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT suggestions_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT suggestions_workspace_id_decided_by_fkey FOREIGN KEY (workspace_id, decided_by) REFERENCES users (workspace_id, id),
    CONSTRAINT suggestions_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT suggestions_subject_id_check CHECK (subject_id <> ''),
    CONSTRAINT suggestions_changes_check CHECK (jsonb_typeof(changes) = 'array' AND jsonb_array_length(changes) > 0),
    CONSTRAINT suggestions_state_check CHECK (state IN ('OPEN', 'ACCEPTED', 'DECLINED', 'WITHDRAWN')),
    CONSTRAINT suggestions_state_decided_at_decided_by_check
        CHECK ((state = 'OPEN') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL))
);
CREATE INDEX suggestions_workspace_id_objective_id_created_at_id_idx ON suggestions (workspace_id, objective_id, created_at, id);
CREATE INDEX suggestions_workspace_id_subject_id_created_at_id_idx ON suggestions (workspace_id, subject_id, created_at, id);
CREATE INDEX suggestions_workspace_id_created_at_id_idx ON suggestions (workspace_id, created_at, id);

-- What people say about anything that has an id. A thread is a comment without parent and its replies.
CREATE TABLE comments (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    subject_id   text        NOT NULL,
    objective_id uuid,
    thread_id    uuid        NOT NULL,
    body         text        NOT NULL,
    edited_at    timestamptz,
    deleted_at   timestamptz,
    resolved_at  timestamptz,
    resolved_by  uuid,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT comments_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT comments_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT comments_workspace_id_thread_id_fkey FOREIGN KEY (workspace_id, thread_id) REFERENCES comments (workspace_id, id),
    CONSTRAINT comments_workspace_id_resolved_by_fkey FOREIGN KEY (workspace_id, resolved_by) REFERENCES users (workspace_id, id),
    CONSTRAINT comments_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT comments_subject_id_check CHECK (subject_id <> ''),
    CONSTRAINT comments_deleted_at_body_check CHECK ((deleted_at IS NULL) = (body <> '')),
    CONSTRAINT comments_resolved_at_resolved_by_check CHECK ((resolved_at IS NULL) = (resolved_by IS NULL)),
    CONSTRAINT comments_id_thread_id_resolved_at_check CHECK (id = thread_id OR resolved_at IS NULL)
);
CREATE INDEX comments_workspace_id_subject_id_created_at_id_idx ON comments (workspace_id, subject_id, created_at, id);
CREATE INDEX comments_workspace_id_thread_id_created_at_id_idx ON comments (workspace_id, thread_id, created_at, id);
CREATE INDEX comments_workspace_id_objective_id_idx ON comments (workspace_id, objective_id) WHERE objective_id IS NOT NULL;
CREATE INDEX comments_workspace_id_created_at_id_idx ON comments (workspace_id, created_at, id);

CREATE TABLE comment_mentions (
    workspace_id uuid        NOT NULL,
    comment_id   uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT comment_mentions_pkey PRIMARY KEY (workspace_id, comment_id, user_id),
    CONSTRAINT comment_mentions_workspace_id_comment_id_fkey FOREIGN KEY (workspace_id, comment_id) REFERENCES comments (workspace_id, id),
    CONSTRAINT comment_mentions_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id)
);
CREATE INDEX comment_mentions_workspace_id_user_id_idx ON comment_mentions (workspace_id, user_id, created_at);

-- What a comment said before it was edited.
CREATE TABLE comment_edits (
    workspace_id uuid        NOT NULL,
    comment_id   uuid        NOT NULL,
    version      integer     NOT NULL,
    body         text        NOT NULL,
    written_at   timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT comment_edits_pkey PRIMARY KEY (workspace_id, comment_id, version),
    CONSTRAINT comment_edits_workspace_id_comment_id_fkey FOREIGN KEY (workspace_id, comment_id) REFERENCES comments (workspace_id, id)
);
CREATE TRIGGER comment_edits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON comment_edits
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
