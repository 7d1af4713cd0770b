-- The customer's side: problems stated without a solution, and what shows that they are real.

CREATE TABLE pain_points (
    workspace_id     uuid        NOT NULL,
    id               uuid        NOT NULL,
    number           integer     NOT NULL,
    title            text        NOT NULL,
    description      text        NOT NULL DEFAULT '',
    category         text        NOT NULL,
    severity         integer     NOT NULL,
    status           text        NOT NULL,
    dismissed_reason text        NOT NULL DEFAULT '',
    created_by       uuid        NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    version          integer     NOT NULL,
    CONSTRAINT pain_points_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT pain_points_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT pain_points_workspace_id_number_key UNIQUE (workspace_id, number),
    CONSTRAINT pain_points_number_check CHECK (number > 0),
    CONSTRAINT pain_points_title_check CHECK (title <> ''),
    CONSTRAINT pain_points_category_check CHECK (category <> ''),
    CONSTRAINT pain_points_severity_check CHECK (severity BETWEEN 1 AND 5),
    CONSTRAINT pain_points_status_check CHECK (status IN ('OPEN', 'TARGETED', 'RELIEVED', 'DISMISSED')),
    CONSTRAINT pain_points_status_dismissed_reason_check CHECK ((status = 'DISMISSED') = (dismissed_reason <> ''))
);
CREATE INDEX pain_points_workspace_id_severity_id_idx ON pain_points (workspace_id, severity, id);
CREATE INDEX pain_points_workspace_id_created_at_id_idx ON pain_points (workspace_id, created_at, id);
CREATE INDEX pain_points_workspace_id_updated_at_id_idx ON pain_points (workspace_id, updated_at, id);

CREATE TABLE evidence (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    pain_point_id uuid        NOT NULL,
    source        text        NOT NULL,
    body          text        NOT NULL,
    customer      text        NOT NULL DEFAULT '',
    segment       text        NOT NULL DEFAULT '',
    url           text        NOT NULL DEFAULT '',
    observed_at   timestamptz NOT NULL,
    created_by    uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT evidence_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT evidence_workspace_id_pain_point_id_fkey FOREIGN KEY (workspace_id, pain_point_id) REFERENCES pain_points (workspace_id, id),
    CONSTRAINT evidence_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT evidence_source_check CHECK (source IN ('QUOTE', 'TICKET', 'INTERVIEW', 'SURVEY', 'METRIC')),
    CONSTRAINT evidence_body_check CHECK (body <> '')
);
CREATE INDEX evidence_workspace_id_pain_point_id_observed_at_id_idx ON evidence (workspace_id, pain_point_id, observed_at, id);
CREATE INDEX evidence_workspace_id_pain_point_id_created_at_id_idx ON evidence (workspace_id, pain_point_id, created_at, id);
CREATE INDEX evidence_workspace_id_observed_at_id_idx ON evidence (workspace_id, observed_at, id);
CREATE INDEX evidence_workspace_id_created_at_id_idx ON evidence (workspace_id, created_at, id);
