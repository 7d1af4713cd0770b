-- What people say about bets: what happened outside, what experiments found, and which verdicts they dispute. Rows are
-- taken back and never deleted, so that what was known at an instant can be told for ever.

-- Columns are named so since FROM and TO are words of SQL. A correction takes back what it corrects at the instant at
-- which it is recorded.
CREATE TABLE outside_events (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    key_result_id uuid        NOT NULL,
    occurrence_id uuid        NOT NULL,
    kind          text        NOT NULL,
    title         text        NOT NULL,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    author_id     uuid        NOT NULL,
    recorded_at   timestamptz NOT NULL,
    supersedes_id uuid,
    removed_at    timestamptz,
    removed_by    uuid,
    CONSTRAINT outside_events_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT outside_events_workspace_id_key_result_id_fkey
        FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT outside_events_workspace_id_occurrence_id_fkey
        FOREIGN KEY (workspace_id, occurrence_id) REFERENCES outside_events (workspace_id, id),
    CONSTRAINT outside_events_workspace_id_author_id_fkey FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT outside_events_workspace_id_supersedes_id_fkey
        FOREIGN KEY (workspace_id, supersedes_id) REFERENCES outside_events (workspace_id, id),
    CONSTRAINT outside_events_workspace_id_removed_by_fkey FOREIGN KEY (workspace_id, removed_by) REFERENCES users (workspace_id, id),
    -- An event is corrected once; whoever comes second corrects the correction.
    CONSTRAINT outside_events_workspace_id_supersedes_id_key UNIQUE (workspace_id, supersedes_id),
    CONSTRAINT outside_events_kind_check CHECK (kind IN ('PRICE_CHANGE', 'CAMPAIGN', 'OUTAGE', 'SEASON', 'OTHER')),
    CONSTRAINT outside_events_title_check CHECK (title <> ''),
    CONSTRAINT outside_events_from_at_to_at_check CHECK (from_at <= to_at),
    CONSTRAINT outside_events_recorded_at_removed_at_check CHECK (recorded_at <= removed_at),
    CONSTRAINT outside_events_removed_at_removed_by_check CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
    CONSTRAINT outside_events_id_supersedes_id_check CHECK (supersedes_id <> id)
);
CREATE INDEX outside_events_workspace_id_key_result_id_from_at_id_idx ON outside_events (workspace_id, key_result_id, from_at, id);
CREATE INDEX outside_events_workspace_id_occurrence_id_idx ON outside_events (workspace_id, occurrence_id) WHERE removed_at IS NULL;

CREATE TABLE experiments (
    workspace_id    uuid             NOT NULL,
    id              uuid             NOT NULL,
    contribution_id uuid             NOT NULL,
    source          text             NOT NULL,
    estimate        double precision NOT NULL,
    low             double precision NOT NULL,
    high            double precision NOT NULL,
    confidence      double precision,
    author_id       uuid             NOT NULL,
    recorded_at     timestamptz      NOT NULL,
    removed_at      timestamptz,
    removed_by      uuid,
    CONSTRAINT experiments_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT experiments_workspace_id_contribution_id_fkey
        FOREIGN KEY (workspace_id, contribution_id) REFERENCES contributions (workspace_id, id),
    CONSTRAINT experiments_workspace_id_author_id_fkey FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT experiments_workspace_id_removed_by_fkey FOREIGN KEY (workspace_id, removed_by) REFERENCES users (workspace_id, id),
    CONSTRAINT experiments_source_check CHECK (source <> ''),
    -- NaN sorts above infinity: the three in a row are finite when the ends are.
    CONSTRAINT experiments_low_estimate_high_check
        CHECK (low > '-Infinity' AND low <= estimate AND estimate <= high AND high < 'Infinity'),
    CONSTRAINT experiments_confidence_check CHECK (confidence BETWEEN 0 AND 1),
    CONSTRAINT experiments_recorded_at_removed_at_check CHECK (recorded_at <= removed_at),
    CONSTRAINT experiments_removed_at_removed_by_check CHECK ((removed_at IS NULL) = (removed_by IS NULL))
);
CREATE INDEX experiments_workspace_id_contribution_id_recorded_at_id_idx ON experiments (workspace_id, contribution_id, recorded_at, id);

CREATE TABLE verdict_disputes (
    workspace_id    uuid        NOT NULL,
    id              uuid        NOT NULL,
    contribution_id uuid        NOT NULL,
    verdict         text        NOT NULL,
    reason          text        NOT NULL,
    author_id       uuid        NOT NULL,
    recorded_at     timestamptz NOT NULL,
    withdrawn_at    timestamptz,
    CONSTRAINT verdict_disputes_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT verdict_disputes_workspace_id_contribution_id_fkey
        FOREIGN KEY (workspace_id, contribution_id) REFERENCES contributions (workspace_id, id),
    CONSTRAINT verdict_disputes_workspace_id_author_id_fkey FOREIGN KEY (workspace_id, author_id) REFERENCES users (workspace_id, id),
    CONSTRAINT verdict_disputes_verdict_check CHECK (verdict IN ('INSIDE', 'BELOW', 'ABOVE', 'OPPOSITE', 'UNTESTABLE')),
    CONSTRAINT verdict_disputes_reason_check CHECK (reason <> ''),
    CONSTRAINT verdict_disputes_recorded_at_withdrawn_at_check CHECK (recorded_at <= withdrawn_at)
);
CREATE INDEX verdict_disputes_workspace_id_contribution_id_recorded_at_idx
    ON verdict_disputes (workspace_id, contribution_id, recorded_at, id);
-- Nobody disputes the same bet twice at a time.
CREATE UNIQUE INDEX verdict_disputes_workspace_id_contribution_id_author_id_key
    ON verdict_disputes (workspace_id, contribution_id, author_id) WHERE withdrawn_at IS NULL;
