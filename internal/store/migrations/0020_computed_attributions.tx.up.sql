-- What can be said of the links of each key result at present, worked out ahead of the question. A row counts while no mark
-- stands for its key result, before the instant from which time alone changes it, and under the rules it was worked out by.
CREATE TABLE computed_attributions (
    workspace_id  uuid        NOT NULL,
    key_result_id uuid        NOT NULL,
    rules         integer     NOT NULL,
    facts         bytea       NOT NULL,
    answer        text        NOT NULL,
    computed_at   timestamptz NOT NULL,
    holds_until   timestamptz,
    version       integer     NOT NULL,
    CONSTRAINT computed_attributions_pkey PRIMARY KEY (workspace_id, key_result_id),
    CONSTRAINT computed_attributions_workspace_id_key_result_id_fkey
        FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT computed_attributions_computed_at_holds_until_check CHECK (computed_at < holds_until)
);
CREATE INDEX computed_attributions_holds_until_idx ON computed_attributions (holds_until) WHERE holds_until IS NOT NULL;
CREATE INDEX computed_attributions_rules_idx ON computed_attributions (rules);

-- That something a key result's attributions rest on was written; set by triggers, so that no way of writing it can forget,
-- in the transaction that writes it, so that nobody reads the one without the other. Marks are added and taken away, never
-- changed: writers do not wait for each other.
CREATE TABLE attribution_marks (
    workspace_id  uuid   NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    key_result_id uuid   NOT NULL,
    CONSTRAINT attribution_marks_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT attribution_marks_workspace_id_key_result_id_fkey
        FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id)
);
CREATE INDEX attribution_marks_workspace_id_key_result_id_idx ON attribution_marks (workspace_id, key_result_id, id);
INSERT INTO attribution_marks (workspace_id, key_result_id) SELECT workspace_id, id FROM key_results;

CREATE FUNCTION mark_key_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attribution_marks (workspace_id, key_result_id) SELECT DISTINCT workspace_id, key_result_id FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER check_ins_mark AFTER INSERT ON check_ins REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results();
CREATE TRIGGER contribution_versions_mark AFTER INSERT ON contribution_versions REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results();
CREATE TRIGGER outside_events_mark_new AFTER INSERT ON outside_events REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results();
CREATE TRIGGER outside_events_mark_changed AFTER UPDATE ON outside_events REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results();

CREATE FUNCTION mark_key_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attribution_marks (workspace_id, key_result_id) VALUES (NEW.workspace_id, NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER key_results_mark_new AFTER INSERT ON key_results FOR EACH ROW EXECUTE FUNCTION mark_key_result();
CREATE TRIGGER key_results_mark_changed AFTER UPDATE ON key_results FOR EACH ROW
    WHEN ((OLD.kind, OLD.direction, OLD.unit, OLD.cadence_days, OLD.lag_min_days, OLD.lag_max_days, OLD.created_at)
        IS DISTINCT FROM (NEW.kind, NEW.direction, NEW.unit, NEW.cadence_days, NEW.lag_min_days, NEW.lag_max_days, NEW.created_at))
    EXECUTE FUNCTION mark_key_result();

CREATE FUNCTION mark_key_results_of_experiments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attribution_marks (workspace_id, key_result_id)
    SELECT DISTINCT c.workspace_id, c.key_result_id FROM written AS w
    JOIN contributions AS c ON c.workspace_id = w.workspace_id AND c.id = w.contribution_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER experiments_mark_new AFTER INSERT ON experiments REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results_of_experiments();
CREATE TRIGGER experiments_mark_changed AFTER UPDATE ON experiments REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results_of_experiments();

CREATE FUNCTION mark_key_results_of_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attribution_marks (workspace_id, key_result_id)
    SELECT DISTINCT v.workspace_id, v.key_result_id FROM written AS w
    JOIN contribution_versions AS v ON v.workspace_id = w.workspace_id AND v.item_id = w.item_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER item_transitions_mark AFTER INSERT ON item_transitions REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results_of_moves();

CREATE FUNCTION mark_key_results_of_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attribution_marks (workspace_id, key_result_id)
    SELECT DISTINCT v.workspace_id, v.key_result_id FROM written AS w
    JOIN item_transitions AS m ON m.workspace_id = w.workspace_id AND m.id = w.transition_id
    JOIN contribution_versions AS v ON v.workspace_id = m.workspace_id AND v.item_id = m.item_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER superseded_transitions_mark AFTER INSERT ON superseded_transitions REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION mark_key_results_of_superseded();

-- Which item lies above which decides what counts as one candidate, for the item and for all below it.
CREATE FUNCTION mark_key_results_below() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attribution_marks (workspace_id, key_result_id)
    WITH RECURSIVE below(id) AS (
        SELECT NEW.id
        UNION
        SELECT b.id FROM below JOIN backlog_items AS b ON b.workspace_id = NEW.workspace_id AND b.parent_id = below.id
    )
    SELECT DISTINCT v.workspace_id, v.key_result_id FROM below
    JOIN contribution_versions AS v ON v.workspace_id = NEW.workspace_id AND v.item_id = below.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER backlog_items_mark_moved AFTER UPDATE ON backlog_items FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION mark_key_results_below();
