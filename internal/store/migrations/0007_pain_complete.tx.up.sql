-- Pain points, complete: categories, segments, who reported what, merges, relief, and the history that answers about the
-- past rest on.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE categories (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL,
    description  text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT categories_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT categories_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT categories_workspace_id_name_key UNIQUE (workspace_id, name),
    CONSTRAINT categories_name_check CHECK (name <> '')
);
CREATE UNIQUE INDEX categories_workspace_id_lower_name_key ON categories (workspace_id, lower(name));
CREATE INDEX categories_workspace_id_created_at_id_idx ON categories (workspace_id, created_at, id);

INSERT INTO categories (workspace_id, id, name, description, created_at, updated_at, version)
SELECT w.id, gen_random_uuid(), c.name, c.description, w.created_at, w.created_at, 1
FROM workspaces AS w CROSS JOIN (VALUES
    ('COMMUNICATION', 'Customers are not told, or not understood.'),
    ('QUALITY', 'It does not do what it says.'),
    ('COMPLEXITY', 'It can be done, but it is too hard.')) AS c (name, description);
-- Names that differ in case only become the one that was there first.
INSERT INTO categories (workspace_id, id, name, created_at, updated_at, version)
SELECT DISTINCT ON (workspace_id, lower(category)) workspace_id, gen_random_uuid(), category, created_at, created_at, 1
FROM pain_points ORDER BY workspace_id, lower(category), created_at
ON CONFLICT DO NOTHING;
UPDATE pain_points AS p SET category = c.name
FROM categories AS c WHERE c.workspace_id = p.workspace_id AND lower(c.name) = lower(p.category) AND c.name <> p.category;

-- A segment is a group of customers; one that has no row weighs 1.
CREATE TABLE segments (
    workspace_id uuid             NOT NULL,
    id           uuid             NOT NULL,
    name         text             NOT NULL,
    weight       double precision NOT NULL,
    created_at   timestamptz      NOT NULL,
    updated_at   timestamptz      NOT NULL,
    version      integer          NOT NULL,
    CONSTRAINT segments_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT segments_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT segments_workspace_id_name_key UNIQUE (workspace_id, name),
    CONSTRAINT segments_name_check CHECK (name <> ''),
    CONSTRAINT segments_weight_check CHECK (weight > 0 AND weight <= 100)
);
CREATE UNIQUE INDEX segments_workspace_id_lower_name_key ON segments (workspace_id, lower(name));
CREATE INDEX segments_workspace_id_created_at_id_idx ON segments (workspace_id, created_at, id);

ALTER TABLE pain_points
    ADD COLUMN external_key   text             NOT NULL DEFAULT '',
    ADD COLUMN merged_into_id uuid,
    ADD COLUMN root_id        uuid,
    ADD COLUMN relieved_at    timestamptz,
    ADD COLUMN reporters      integer          NOT NULL DEFAULT 0,
    ADD COLUMN segment_weight double precision NOT NULL DEFAULT 1,
    ADD COLUMN weight         double precision GENERATED ALWAYS AS
        (severity * (ln(1 + reporters::double precision) / ln(2::double precision)) * segment_weight) STORED NOT NULL;
UPDATE pain_points SET root_id = id;
UPDATE pain_points SET relieved_at = updated_at WHERE status = 'RELIEVED';
ALTER TABLE pain_points
    ALTER COLUMN root_id SET NOT NULL,
    ADD CONSTRAINT pain_points_workspace_id_category_fkey
        FOREIGN KEY (workspace_id, category) REFERENCES categories (workspace_id, name) ON UPDATE CASCADE,
    ADD CONSTRAINT pain_points_workspace_id_merged_into_id_fkey
        FOREIGN KEY (workspace_id, merged_into_id) REFERENCES pain_points (workspace_id, id),
    ADD CONSTRAINT pain_points_workspace_id_root_id_fkey
        FOREIGN KEY (workspace_id, root_id) REFERENCES pain_points (workspace_id, id),
    ADD CONSTRAINT pain_points_id_merged_into_id_root_id_check
        CHECK ((merged_into_id IS NULL) = (root_id = id) AND merged_into_id IS DISTINCT FROM id),
    ADD CONSTRAINT pain_points_status_relieved_at_check CHECK ((status = 'RELIEVED') = (relieved_at IS NOT NULL)),
    ADD CONSTRAINT pain_points_reporters_check CHECK (reporters >= 0),
    ADD CONSTRAINT pain_points_segment_weight_check CHECK (segment_weight > 0 AND segment_weight <= 100);
CREATE UNIQUE INDEX pain_points_workspace_id_external_key_key ON pain_points (workspace_id, external_key) WHERE external_key <> '';
CREATE INDEX pain_points_workspace_id_weight_id_idx ON pain_points (workspace_id, weight, id);
CREATE INDEX pain_points_workspace_id_root_id_idx ON pain_points (workspace_id, root_id);
CREATE INDEX pain_points_workspace_id_category_idx ON pain_points (workspace_id, category);
-- What is similar is sought by trigrams of the title and by words of both texts.
CREATE INDEX pain_points_title_trgm_idx ON pain_points USING gin (title gin_trgm_ops);
-- The words are kept, because counting which of them a text has would else take it apart for every question.
ALTER TABLE pain_points ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || description)) STORED NOT NULL;
CREATE INDEX pain_points_words_idx ON pain_points USING gin (words);

ALTER TABLE evidence ADD COLUMN external_key text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX evidence_workspace_id_pain_point_id_external_key_key
    ON evidence (workspace_id, pain_point_id, external_key) WHERE external_key <> '';

-- Somebody said that they have the problem. Evidence that names a customer is that customer's report.
CREATE TABLE pain_reports (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    pain_point_id uuid        NOT NULL,
    evidence_id   uuid,
    reporter      text        NOT NULL,
    segment       text        NOT NULL DEFAULT '',
    note          text        NOT NULL DEFAULT '',
    external_key  text        NOT NULL DEFAULT '',
    reported_at   timestamptz NOT NULL,
    created_by    uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer     NOT NULL,
    CONSTRAINT pain_reports_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT pain_reports_workspace_id_pain_point_id_fkey
        FOREIGN KEY (workspace_id, pain_point_id) REFERENCES pain_points (workspace_id, id),
    CONSTRAINT pain_reports_workspace_id_evidence_id_fkey FOREIGN KEY (workspace_id, evidence_id) REFERENCES evidence (workspace_id, id),
    CONSTRAINT pain_reports_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT pain_reports_workspace_id_evidence_id_key UNIQUE (workspace_id, evidence_id),
    CONSTRAINT pain_reports_reporter_check CHECK (reporter <> '')
);
CREATE UNIQUE INDEX pain_reports_workspace_id_pain_point_id_external_key_key
    ON pain_reports (workspace_id, pain_point_id, external_key) WHERE external_key <> '';
CREATE INDEX pain_reports_workspace_id_pain_point_id_reported_at_id_idx ON pain_reports (workspace_id, pain_point_id, reported_at, id);
CREATE INDEX pain_reports_workspace_id_reported_at_id_idx ON pain_reports (workspace_id, reported_at, id);
CREATE INDEX pain_reports_workspace_id_created_at_id_idx ON pain_reports (workspace_id, created_at, id);

INSERT INTO pain_reports (workspace_id, id, pain_point_id, evidence_id, reporter, segment, reported_at, created_by, created_at, updated_at, version)
SELECT workspace_id, gen_random_uuid(), pain_point_id, id, btrim(customer), segment, observed_at, created_by, created_at, created_at, 1
FROM evidence WHERE btrim(customer) <> '';
UPDATE pain_points AS p SET reporters = r.reporters
FROM (SELECT workspace_id, pain_point_id, count(DISTINCT lower(btrim(reporter)))::integer AS reporters
      FROM pain_reports GROUP BY 1, 2) AS r
WHERE r.workspace_id = p.workspace_id AND r.pain_point_id = p.id;

-- Every merge of a duplicate; undoing one closes its row.
CREATE TABLE pain_merges (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    from_id      uuid        NOT NULL,
    into_id      uuid        NOT NULL,
    note         text        NOT NULL DEFAULT '',
    merged_by    uuid        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    undone_by    uuid,
    undone_at    timestamptz,
    CONSTRAINT pain_merges_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT pain_merges_workspace_id_from_id_fkey FOREIGN KEY (workspace_id, from_id) REFERENCES pain_points (workspace_id, id),
    CONSTRAINT pain_merges_workspace_id_into_id_fkey FOREIGN KEY (workspace_id, into_id) REFERENCES pain_points (workspace_id, id),
    CONSTRAINT pain_merges_workspace_id_merged_by_fkey FOREIGN KEY (workspace_id, merged_by) REFERENCES users (workspace_id, id),
    CONSTRAINT pain_merges_workspace_id_undone_by_fkey FOREIGN KEY (workspace_id, undone_by) REFERENCES users (workspace_id, id),
    CONSTRAINT pain_merges_from_id_into_id_check CHECK (from_id <> into_id),
    CONSTRAINT pain_merges_undone_at_undone_by_check CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE UNIQUE INDEX pain_merges_workspace_id_from_id_key ON pain_merges (workspace_id, from_id) WHERE undone_at IS NULL;
CREATE INDEX pain_merges_workspace_id_into_id_recorded_at_id_idx ON pain_merges (workspace_id, into_id, recorded_at, id);
CREATE INDEX pain_merges_workspace_id_recorded_at_id_idx ON pain_merges (workspace_id, recorded_at, id);

-- What was found when somebody looked whether a pain is gone. Spans are half open: from is in, to is not.
CREATE TABLE relief_checks (
    workspace_id    uuid             NOT NULL,
    id              uuid             NOT NULL,
    pain_point_id   uuid             NOT NULL,
    before_from     timestamptz      NOT NULL,
    before_to       timestamptz      NOT NULL,
    before_reports  integer          NOT NULL,
    before_exposure double precision,
    after_from      timestamptz      NOT NULL,
    after_to        timestamptz      NOT NULL,
    after_reports   integer          NOT NULL,
    after_exposure  double precision,
    exposure_unit   text             NOT NULL DEFAULT '',
    relieved        boolean          NOT NULL,
    note            text             NOT NULL DEFAULT '',
    checked_by      uuid             NOT NULL,
    checked_at      timestamptz      NOT NULL,
    CONSTRAINT relief_checks_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT relief_checks_workspace_id_pain_point_id_fkey
        FOREIGN KEY (workspace_id, pain_point_id) REFERENCES pain_points (workspace_id, id),
    CONSTRAINT relief_checks_workspace_id_checked_by_fkey FOREIGN KEY (workspace_id, checked_by) REFERENCES users (workspace_id, id),
    CONSTRAINT relief_checks_before_from_before_to_check CHECK (before_from < before_to),
    CONSTRAINT relief_checks_after_from_after_to_check CHECK (after_from < after_to),
    CONSTRAINT relief_checks_before_to_after_from_check CHECK (before_to <= after_from),
    CONSTRAINT relief_checks_before_reports_check CHECK (before_reports >= 0),
    CONSTRAINT relief_checks_after_reports_check CHECK (after_reports >= 0),
    CONSTRAINT relief_checks_before_exposure_check CHECK (before_exposure > 0 AND before_exposure < 'Infinity'),
    CONSTRAINT relief_checks_after_exposure_check CHECK (after_exposure > 0 AND after_exposure < 'Infinity'),
    CONSTRAINT relief_checks_before_exposure_after_exposure_check CHECK ((before_exposure IS NULL) = (after_exposure IS NULL))
);
CREATE INDEX relief_checks_workspace_id_pain_point_id_checked_at_id_idx ON relief_checks (workspace_id, pain_point_id, checked_at, id);
CREATE INDEX relief_checks_workspace_id_checked_at_id_idx ON relief_checks (workspace_id, checked_at, id);
CREATE TRIGGER relief_checks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relief_checks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What reporters said when asked whether the pain is gone.
CREATE TABLE relief_answers (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    pain_point_id uuid        NOT NULL,
    reporter      text        NOT NULL,
    answer        text        NOT NULL,
    note          text        NOT NULL DEFAULT '',
    answered_at   timestamptz NOT NULL,
    recorded_by   uuid        NOT NULL,
    recorded_at   timestamptz NOT NULL,
    CONSTRAINT relief_answers_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT relief_answers_workspace_id_pain_point_id_fkey
        FOREIGN KEY (workspace_id, pain_point_id) REFERENCES pain_points (workspace_id, id),
    CONSTRAINT relief_answers_workspace_id_recorded_by_fkey FOREIGN KEY (workspace_id, recorded_by) REFERENCES users (workspace_id, id),
    CONSTRAINT relief_answers_reporter_check CHECK (reporter <> ''),
    CONSTRAINT relief_answers_answer_check CHECK (answer IN ('YES', 'PARTLY', 'NO'))
);
CREATE INDEX relief_answers_workspace_id_pain_point_id_answered_at_id_idx ON relief_answers (workspace_id, pain_point_id, answered_at, id);
CREATE INDEX relief_answers_workspace_id_answered_at_id_idx ON relief_answers (workspace_id, answered_at, id);
CREATE TRIGGER relief_answers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON relief_answers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a pain point's answers about the past rest on; written by a trigger, so that no way of changing it can forget.
CREATE TABLE pain_point_states (
    workspace_id   uuid        NOT NULL,
    pain_point_id  uuid        NOT NULL,
    version        integer     NOT NULL,
    severity       integer     NOT NULL,
    status         text        NOT NULL,
    merged_into_id uuid,
    recorded_at    timestamptz NOT NULL,
    CONSTRAINT pain_point_states_pkey PRIMARY KEY (workspace_id, pain_point_id, version),
    CONSTRAINT pain_point_states_workspace_id_pain_point_id_fkey
        FOREIGN KEY (workspace_id, pain_point_id) REFERENCES pain_points (workspace_id, id)
);
CREATE INDEX pain_point_states_workspace_id_recorded_at_idx ON pain_point_states (workspace_id, recorded_at);
INSERT INTO pain_point_states (workspace_id, pain_point_id, version, severity, status, recorded_at)
SELECT workspace_id, id, version, severity, status, created_at FROM pain_points;
CREATE TRIGGER pain_point_states_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pain_point_states
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION keep_pain_point_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pain_point_states (workspace_id, pain_point_id, version, severity, status, merged_into_id, recorded_at)
    VALUES (NEW.workspace_id, NEW.id, NEW.version, NEW.severity, NEW.status, NEW.merged_into_id,
            CASE TG_OP WHEN 'INSERT' THEN NEW.created_at ELSE NEW.updated_at END);
    RETURN NULL;
END
$$;
CREATE TRIGGER pain_points_keep_first_state AFTER INSERT ON pain_points
    FOR EACH ROW EXECUTE FUNCTION keep_pain_point_state();
CREATE TRIGGER pain_points_keep_state AFTER UPDATE ON pain_points FOR EACH ROW
    WHEN ((OLD.severity, OLD.status, OLD.merged_into_id) IS DISTINCT FROM (NEW.severity, NEW.status, NEW.merged_into_id))
    EXECUTE FUNCTION keep_pain_point_state();

-- A segment that was deleted weighs 1: its last state has no name, so it is nobody's. It has no row any more to refer to.
CREATE TABLE segment_states (
    workspace_id uuid             NOT NULL,
    segment_id   uuid             NOT NULL,
    version      integer          NOT NULL,
    name         text             NOT NULL,
    weight       double precision NOT NULL,
    recorded_at  timestamptz      NOT NULL,
    CONSTRAINT segment_states_pkey PRIMARY KEY (workspace_id, segment_id, version)
);
CREATE TRIGGER segment_states_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON segment_states
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION keep_segment_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- Whoever deletes a segment touches it first, so its updated_at is when.
        INSERT INTO segment_states (workspace_id, segment_id, version, name, weight, recorded_at)
        VALUES (OLD.workspace_id, OLD.id, OLD.version + 1, '', 1, OLD.updated_at);
        RETURN NULL;
    END IF;
    INSERT INTO segment_states (workspace_id, segment_id, version, name, weight, recorded_at)
    VALUES (NEW.workspace_id, NEW.id, NEW.version, NEW.name, NEW.weight,
            CASE TG_OP WHEN 'INSERT' THEN NEW.created_at ELSE NEW.updated_at END);
    RETURN NULL;
END
$$;
CREATE TRIGGER segments_keep_state AFTER INSERT OR UPDATE OR DELETE ON segments
    FOR EACH ROW EXECUTE FUNCTION keep_segment_state();
