-- Objectives, their key results, and the history of what was measured and aimed at.

CREATE TABLE objectives (
    workspace_id         uuid        NOT NULL,
    id                   uuid        NOT NULL,
    number               integer     NOT NULL,
    team_id              uuid        NOT NULL,
    cycle_id             uuid        NOT NULL,
    title                text        NOT NULL,
    description          text        NOT NULL DEFAULT '',
    state                text        NOT NULL,
    outcome              text,
    retrospective        text        NOT NULL DEFAULT '',
    parent_objective_id  uuid,
    parent_key_result_id uuid,
    created_by           uuid        NOT NULL,
    state_changed_at     timestamptz NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    version              integer     NOT NULL,
    CONSTRAINT objectives_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT objectives_workspace_id_team_id_fkey FOREIGN KEY (workspace_id, team_id) REFERENCES teams (workspace_id, id),
    CONSTRAINT objectives_workspace_id_cycle_id_fkey FOREIGN KEY (workspace_id, cycle_id) REFERENCES cycles (workspace_id, id),
    CONSTRAINT objectives_workspace_id_parent_objective_id_fkey
        FOREIGN KEY (workspace_id, parent_objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT objectives_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT objectives_workspace_id_number_key UNIQUE (workspace_id, number),
    -- What key results point at, so that their copies of team and cycle cannot differ from the objective's.
    CONSTRAINT objectives_workspace_id_id_team_id_cycle_id_key UNIQUE (workspace_id, id, team_id, cycle_id),
    CONSTRAINT objectives_number_check CHECK (number > 0),
    CONSTRAINT objectives_title_check CHECK (title <> ''),
    CONSTRAINT objectives_state_check CHECK (state IN ('DRAFT', 'PROPOSED', 'AGREED', 'CLOSED')),
    CONSTRAINT objectives_outcome_check CHECK (outcome IN ('ACHIEVED', 'PARTLY', 'MISSED', 'DROPPED')),
    CONSTRAINT objectives_state_outcome_check CHECK ((state = 'CLOSED') = (outcome IS NOT NULL)),
    CONSTRAINT objectives_state_retrospective_check CHECK (state = 'CLOSED' OR retrospective = ''),
    CONSTRAINT objectives_id_parent_objective_id_check CHECK (parent_objective_id <> id),
    CONSTRAINT objectives_parent_objective_id_parent_key_result_id_check
        CHECK (parent_objective_id IS NULL OR parent_key_result_id IS NULL)
);
CREATE INDEX objectives_workspace_id_title_id_idx ON objectives (workspace_id, title, id);
CREATE INDEX objectives_workspace_id_created_at_id_idx ON objectives (workspace_id, created_at, id);
CREATE INDEX objectives_workspace_id_updated_at_id_idx ON objectives (workspace_id, updated_at, id);
CREATE INDEX objectives_workspace_id_team_id_number_id_idx ON objectives (workspace_id, team_id, number, id);
CREATE INDEX objectives_workspace_id_cycle_id_number_id_idx ON objectives (workspace_id, cycle_id, number, id);
CREATE INDEX objectives_workspace_id_cycle_id_team_id_number_id_idx ON objectives (workspace_id, cycle_id, team_id, number, id);
CREATE INDEX objectives_workspace_id_parent_objective_id_number_id_idx
    ON objectives (workspace_id, parent_objective_id, number, id) WHERE parent_objective_id IS NOT NULL;
CREATE INDEX objectives_workspace_id_parent_key_result_id_number_id_idx
    ON objectives (workspace_id, parent_key_result_id, number, id) WHERE parent_key_result_id IS NOT NULL;

-- Which pain points an objective addresses.
CREATE TABLE objective_pain_points (
    workspace_id  uuid        NOT NULL,
    objective_id  uuid        NOT NULL,
    pain_point_id uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    CONSTRAINT objective_pain_points_pkey PRIMARY KEY (workspace_id, objective_id, pain_point_id),
    CONSTRAINT objective_pain_points_workspace_id_objective_id_fkey
        FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT objective_pain_points_workspace_id_pain_point_id_fkey
        FOREIGN KEY (workspace_id, pain_point_id) REFERENCES pain_points (workspace_id, id)
);
CREATE INDEX objective_pain_points_workspace_id_pain_point_id_idx
    ON objective_pain_points (workspace_id, pain_point_id, objective_id);

-- NaN sorts above infinity, so one pair of comparisons refuses every number that is not finite.
CREATE TABLE key_results (
    workspace_id       uuid             NOT NULL,
    id                 uuid             NOT NULL,
    number             integer          NOT NULL,
    objective_id       uuid             NOT NULL,
    team_id            uuid             NOT NULL,
    cycle_id           uuid             NOT NULL,
    title              text             NOT NULL,
    wording            text             NOT NULL DEFAULT '',
    kind               text             NOT NULL,
    direction          text             NOT NULL,
    indicator          text             NOT NULL,
    unit               text             NOT NULL DEFAULT '',
    baseline           double precision,
    target             double precision,
    stretch            double precision,
    band_low           double precision,
    band_high          double precision,
    weight             double precision NOT NULL,
    owner_id           uuid,
    cadence_days       integer          NOT NULL,
    lag_min_days       integer          NOT NULL,
    lag_max_days       integer          NOT NULL,
    current_value      double precision,
    current_confidence double precision,
    current_at         timestamptz,
    created_by         uuid             NOT NULL,
    created_at         timestamptz      NOT NULL,
    updated_at         timestamptz      NOT NULL,
    version            integer          NOT NULL,
    CONSTRAINT key_results_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT key_results_workspace_id_objective_id_team_id_cycle_id_fkey
        FOREIGN KEY (workspace_id, objective_id, team_id, cycle_id)
        REFERENCES objectives (workspace_id, id, team_id, cycle_id) ON UPDATE CASCADE,
    CONSTRAINT key_results_workspace_id_owner_id_fkey FOREIGN KEY (workspace_id, owner_id) REFERENCES users (workspace_id, id),
    CONSTRAINT key_results_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT key_results_workspace_id_number_key UNIQUE (workspace_id, number),
    CONSTRAINT key_results_number_check CHECK (number > 0),
    CONSTRAINT key_results_title_check CHECK (title <> ''),
    CONSTRAINT key_results_kind_check CHECK (kind IN ('METRIC', 'MILESTONE')),
    CONSTRAINT key_results_direction_check CHECK (direction IN ('INCREASE', 'DECREASE', 'MAINTAIN')),
    CONSTRAINT key_results_indicator_check CHECK (indicator IN ('LEADING', 'LAGGING')),
    CONSTRAINT key_results_baseline_check CHECK (baseline > '-Infinity' AND baseline < 'Infinity'),
    CONSTRAINT key_results_target_check CHECK (target > '-Infinity' AND target < 'Infinity'),
    CONSTRAINT key_results_stretch_check CHECK (stretch > '-Infinity' AND stretch < 'Infinity'),
    CONSTRAINT key_results_band_low_check CHECK (band_low > '-Infinity' AND band_low < 'Infinity'),
    CONSTRAINT key_results_band_high_check CHECK (band_high > '-Infinity' AND band_high < 'Infinity'),
    CONSTRAINT key_results_band_low_band_high_check CHECK (band_low <= band_high),
    CONSTRAINT key_results_weight_check CHECK (weight > 0 AND weight <= 100),
    CONSTRAINT key_results_cadence_days_check CHECK (cadence_days BETWEEN 1 AND 366),
    CONSTRAINT key_results_lag_min_days_lag_max_days_check CHECK (0 <= lag_min_days AND lag_min_days <= lag_max_days AND lag_max_days <= 730),
    CONSTRAINT key_results_current_value_check CHECK (current_value > '-Infinity' AND current_value < 'Infinity'),
    CONSTRAINT key_results_current_confidence_check CHECK (current_confidence BETWEEN 0 AND 1),
    CONSTRAINT key_results_current_value_current_at_check CHECK ((current_value IS NULL) = (current_at IS NULL))
);
CREATE INDEX key_results_workspace_id_title_id_idx ON key_results (workspace_id, title, id);
CREATE INDEX key_results_workspace_id_created_at_id_idx ON key_results (workspace_id, created_at, id);
CREATE INDEX key_results_workspace_id_updated_at_id_idx ON key_results (workspace_id, updated_at, id);
CREATE INDEX key_results_workspace_id_objective_id_number_id_idx ON key_results (workspace_id, objective_id, number, id);
CREATE INDEX key_results_workspace_id_cycle_id_team_id_number_id_idx ON key_results (workspace_id, cycle_id, team_id, number, id);
CREATE INDEX key_results_workspace_id_team_id_number_id_idx ON key_results (workspace_id, team_id, number, id);
CREATE INDEX key_results_workspace_id_owner_id_number_id_idx
    ON key_results (workspace_id, owner_id, number, id) WHERE owner_id IS NOT NULL;

ALTER TABLE objectives
    ADD CONSTRAINT objectives_workspace_id_parent_key_result_id_fkey
        FOREIGN KEY (workspace_id, parent_key_result_id) REFERENCES key_results (workspace_id, id);

-- Every state a key result's numbers were ever in; key_results holds the newest.
CREATE TABLE key_result_goals (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    key_result_id uuid        NOT NULL,
    baseline      double precision,
    target        double precision,
    stretch       double precision,
    band_low      double precision,
    band_high     double precision,
    reason        text        NOT NULL DEFAULT '',
    author_id     uuid,
    valid_from    timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL,
    CONSTRAINT key_result_goals_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT key_result_goals_workspace_id_key_result_id_fkey
        FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT key_result_goals_workspace_id_author_id_fkey FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT key_result_goals_baseline_check CHECK (baseline > '-Infinity' AND baseline < 'Infinity'),
    CONSTRAINT key_result_goals_target_check CHECK (target > '-Infinity' AND target < 'Infinity'),
    CONSTRAINT key_result_goals_stretch_check CHECK (stretch > '-Infinity' AND stretch < 'Infinity'),
    CONSTRAINT key_result_goals_band_low_check CHECK (band_low > '-Infinity' AND band_low < 'Infinity'),
    CONSTRAINT key_result_goals_band_high_check CHECK (band_high > '-Infinity' AND band_high < 'Infinity'),
    CONSTRAINT key_result_goals_band_low_band_high_check CHECK (band_low <= band_high)
);
CREATE INDEX key_result_goals_workspace_id_key_result_id_idx
    ON key_result_goals (workspace_id, key_result_id, valid_from, recorded_at, id);
CREATE TRIGGER key_result_goals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON key_result_goals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE check_ins (
    workspace_id  uuid             NOT NULL,
    id            uuid             NOT NULL,
    key_result_id uuid             NOT NULL,
    value         double precision NOT NULL,
    confidence    double precision,
    note          text             NOT NULL DEFAULT '',
    measured_at   timestamptz      NOT NULL,
    recorded_at   timestamptz      NOT NULL,
    author_id     uuid,
    metric_source text             NOT NULL DEFAULT '',
    external_id   text             NOT NULL DEFAULT '',
    supersedes_id uuid,
    CONSTRAINT check_ins_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT check_ins_workspace_id_key_result_id_fkey FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT check_ins_workspace_id_author_id_fkey FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT check_ins_workspace_id_supersedes_id_fkey FOREIGN KEY (workspace_id, supersedes_id) REFERENCES check_ins (workspace_id, id),
    -- A value is corrected once; whoever comes second corrects the correction.
    CONSTRAINT check_ins_workspace_id_supersedes_id_key UNIQUE (workspace_id, supersedes_id),
    CONSTRAINT check_ins_value_check CHECK (value > '-Infinity' AND value < 'Infinity'),
    CONSTRAINT check_ins_confidence_check CHECK (confidence BETWEEN 0 AND 1),
    CONSTRAINT check_ins_author_id_metric_source_check CHECK ((author_id IS NULL) = (metric_source <> '')),
    CONSTRAINT check_ins_metric_source_external_id_check CHECK (external_id = '' OR metric_source <> ''),
    CONSTRAINT check_ins_id_supersedes_id_check CHECK (supersedes_id <> id)
);
CREATE UNIQUE INDEX check_ins_workspace_id_key_result_id_metric_source_external_key
    ON check_ins (workspace_id, key_result_id, metric_source, external_id) WHERE external_id <> '';
CREATE INDEX check_ins_workspace_id_key_result_id_measured_at_idx
    ON check_ins (workspace_id, key_result_id, measured_at, recorded_at, id) INCLUDE (value, confidence);
CREATE INDEX check_ins_workspace_id_key_result_id_recorded_at_id_idx ON check_ins (workspace_id, key_result_id, recorded_at, id);
CREATE INDEX check_ins_workspace_id_measured_at_id_idx ON check_ins (workspace_id, measured_at, id);
CREATE INDEX check_ins_workspace_id_recorded_at_id_idx ON check_ins (workspace_id, recorded_at, id);
CREATE TRIGGER check_ins_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON check_ins
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
