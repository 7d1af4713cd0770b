-- Votes and signatures, ideas, and what waits for whom.

CREATE TABLE votes (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    subject_id   text        NOT NULL,
    objective_id uuid,
    question     text        NOT NULL,
    hidden       boolean     NOT NULL,
    state        text        NOT NULL,
    closed_at    timestamptz,
    closed_by    uuid,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT votes_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT votes_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT votes_workspace_id_closed_by_fkey FOREIGN KEY (workspace_id, closed_by) REFERENCES users (workspace_id, id),
    CONSTRAINT votes_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT votes_subject_id_check CHECK (subject_id <> ''),
    CONSTRAINT votes_question_check CHECK (question <> ''),
    CONSTRAINT votes_state_check CHECK (state IN ('OPEN', 'CLOSED')),
    CONSTRAINT votes_state_closed_at_closed_by_check
        CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (closed_by IS NULL))
);
CREATE UNIQUE INDEX votes_workspace_id_subject_id_key ON votes (workspace_id, subject_id) WHERE state = 'OPEN';
CREATE INDEX votes_workspace_id_subject_id_created_at_id_idx ON votes (workspace_id, subject_id, created_at, id);
CREATE INDEX votes_workspace_id_objective_id_idx ON votes (workspace_id, objective_id) WHERE objective_id IS NOT NULL;
CREATE INDEX votes_workspace_id_created_at_id_idx ON votes (workspace_id, created_at, id);

CREATE TABLE ballots (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    vote_id      uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    function     text        NOT NULL,
    value        integer     NOT NULL,
    reason       text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer     NOT NULL,
    CONSTRAINT ballots_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT ballots_workspace_id_vote_id_user_id_key UNIQUE (workspace_id, vote_id, user_id),
    CONSTRAINT ballots_workspace_id_vote_id_fkey FOREIGN KEY (workspace_id, vote_id) REFERENCES votes (workspace_id, id),
    CONSTRAINT ballots_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id),
    CONSTRAINT ballots_function_check CHECK (function IN ('TEAM', 'LEADER', 'STAKEHOLDER', 'CUSTOMER_FACING')),
    CONSTRAINT ballots_value_check CHECK (value BETWEEN 1 AND 5)
);
CREATE INDEX ballots_workspace_id_value_id_idx ON ballots (workspace_id, value, id);
CREATE INDEX ballots_workspace_id_created_at_id_idx ON ballots (workspace_id, created_at, id);

-- That somebody voted is told; how, only the ballot knows.
ALTER TABLE activities
    DROP CONSTRAINT activities_verb_check,
    ADD CONSTRAINT activities_verb_check
        CHECK (verb IN ('CREATED', 'UPDATED', 'MOVED', 'LINKED', 'UNLINKED', 'MEASURED', 'VOTED', 'DELETED', 'FAILED'));

-- A signature holds for the revision of the objective that was read.
CREATE TABLE sign_offs (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    objective_id uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    function     text        NOT NULL,
    revision     integer     NOT NULL,
    verdict      text        NOT NULL,
    reason       text        NOT NULL DEFAULT '',
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT sign_offs_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT sign_offs_workspace_id_objective_id_fkey FOREIGN KEY (workspace_id, objective_id) REFERENCES objectives (workspace_id, id),
    CONSTRAINT sign_offs_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id),
    CONSTRAINT sign_offs_function_check CHECK (function IN ('TEAM', 'LEADER', 'STAKEHOLDER', 'CUSTOMER_FACING')),
    CONSTRAINT sign_offs_revision_check CHECK (revision > 0),
    CONSTRAINT sign_offs_verdict_check CHECK (verdict IN ('APPROVE', 'REQUEST_CHANGES')),
    CONSTRAINT sign_offs_verdict_reason_check CHECK (verdict <> 'REQUEST_CHANGES' OR reason <> '')
);
CREATE INDEX sign_offs_workspace_id_objective_id_recorded_at_id_idx ON sign_offs (workspace_id, objective_id, recorded_at, id);
CREATE INDEX sign_offs_workspace_id_recorded_at_id_idx ON sign_offs (workspace_id, recorded_at, id);
CREATE TRIGGER sign_offs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sign_offs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ideas (
    workspace_id     uuid        NOT NULL,
    id               uuid        NOT NULL,
    title            text        NOT NULL,
    description      text        NOT NULL DEFAULT '',
    pain_point_id    uuid,
    key_result_id    uuid,
    state            text        NOT NULL,
    reason           text        NOT NULL DEFAULT '',
    item_id          uuid,
    decided_by       uuid,
    state_changed_at timestamptz NOT NULL,
    created_by       uuid        NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    version          integer     NOT NULL,
    CONSTRAINT ideas_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT ideas_workspace_id_pain_point_id_fkey FOREIGN KEY (workspace_id, pain_point_id) REFERENCES pain_points (workspace_id, id),
    CONSTRAINT ideas_workspace_id_key_result_id_fkey FOREIGN KEY (workspace_id, key_result_id) REFERENCES key_results (workspace_id, id),
    CONSTRAINT ideas_workspace_id_item_id_fkey FOREIGN KEY (workspace_id, item_id) REFERENCES backlog_items (workspace_id, id),
    CONSTRAINT ideas_workspace_id_decided_by_fkey FOREIGN KEY (workspace_id, decided_by) REFERENCES users (workspace_id, id),
    CONSTRAINT ideas_workspace_id_created_by_fkey FOREIGN KEY (workspace_id, created_by) REFERENCES users (workspace_id, id),
    CONSTRAINT ideas_workspace_id_item_id_key UNIQUE (workspace_id, item_id),
    CONSTRAINT ideas_title_check CHECK (title <> ''),
    CONSTRAINT ideas_state_check CHECK (state IN ('OPEN', 'EXPLORING', 'PROMOTED', 'PARKED')),
    CONSTRAINT ideas_state_reason_check CHECK (state <> 'PARKED' OR reason <> ''),
    CONSTRAINT ideas_state_item_id_check CHECK ((state = 'PROMOTED') = (item_id IS NOT NULL)),
    CONSTRAINT ideas_key_result_id_pain_point_id_check CHECK ((pain_point_id IS NULL) <> (key_result_id IS NULL))
);
CREATE INDEX ideas_workspace_id_title_id_idx ON ideas (workspace_id, title, id);
CREATE INDEX ideas_workspace_id_created_at_id_idx ON ideas (workspace_id, created_at, id);
CREATE INDEX ideas_workspace_id_updated_at_id_idx ON ideas (workspace_id, updated_at, id);
CREATE INDEX ideas_workspace_id_pain_point_id_idx ON ideas (workspace_id, pain_point_id, created_at, id) WHERE pain_point_id IS NOT NULL;
CREATE INDEX ideas_workspace_id_key_result_id_idx ON ideas (workspace_id, key_result_id, created_at, id) WHERE key_result_id IS NOT NULL;

-- The feed of a person.
CREATE INDEX activities_workspace_id_actor_id_recorded_at_id_idx
    ON activities (workspace_id, actor_id, recorded_at, id) WHERE actor_id IS NOT NULL;
-- How common each noun is in the feed, so that a page of a common one is read in its order and not sorted.
CREATE STATISTICS activities_subject_id_noun ON (split_part(subject_id, '_', 1)) FROM activities;

CREATE TABLE inbox_reads (
    workspace_id uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    item_id      uuid        NOT NULL,
    read_at      timestamptz NOT NULL,
    CONSTRAINT inbox_reads_pkey PRIMARY KEY (workspace_id, user_id, item_id),
    CONSTRAINT inbox_reads_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users (workspace_id, id)
);

-- A public id as the API writes it: the prefix that tells the noun, and the id in base 32.
CREATE FUNCTION public_id(prefix text, id uuid) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bits    bit(130) := ('x' || replace(id::text, '-', ''))::bit(130);
    written text     := prefix || '_';
BEGIN
    FOR i IN 0..25 LOOP
        written := written || substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + substring(bits FROM 5 * i + 1 FOR 5)::integer, 1);
    END LOOP;
    RETURN written;
END
$$;

-- What waits for a person is sought from the person: what they wrote, own, take part in, and are mentioned in.
CREATE INDEX objectives_workspace_id_created_by_idx ON objectives (workspace_id, created_by) WHERE state <> 'CLOSED';
CREATE INDEX votes_workspace_id_objective_id_open_idx ON votes (workspace_id, objective_id) WHERE state = 'OPEN';
CREATE INDEX ideas_workspace_id_created_by_decided_idx ON ideas (workspace_id, created_by) WHERE state IN ('PROMOTED', 'PARKED');

-- What waits for whom is worked out from what is there, so it goes away by itself once done. An item's id is made of
-- what it is about and since when: the same thing waiting again is a new item, which nobody has read. What begins to
-- wait later is in it too; whoever reads says what time it is.
CREATE VIEW inbox_items AS
SELECT i.workspace_id, i.id, i.user_id, i.kind, i.subject, i.objective_id, i.since,
    (SELECT r.read_at FROM inbox_reads AS r
        WHERE r.workspace_id = i.workspace_id AND r.user_id = i.user_id AND r.item_id = i.id) AS read_at
FROM (SELECT w.*, md5(w.kind || w.user_id || w.subject || extract(epoch FROM w.since))::uuid AS id FROM (
    -- A proposed objective that a participant has not answered in its present revision, when they must sign it by name or
    -- the policy still lacks approvals from their side. It waits since it is in this revision, or they are in it.
    SELECT p.workspace_id, p.user_id, 'SIGN_OFF' AS kind, o.id AS subject, o.id AS objective_id,
        greatest(p.invited_at, (SELECT h.recorded_at FROM objective_states AS h
            WHERE h.workspace_id = o.workspace_id AND h.objective_id = o.id ORDER BY h.version DESC LIMIT 1)) AS since
    FROM participants AS p
    JOIN objectives AS o ON o.workspace_id = p.workspace_id AND o.id = p.objective_id AND o.state = 'PROPOSED'
    JOIN workspaces AS ws ON ws.id = p.workspace_id
    WHERE p.left_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM sign_offs AS s WHERE s.workspace_id = o.workspace_id AND s.objective_id = o.id
            AND s.revision = o.revision AND s.user_id = p.user_id)
        AND (p.must_sign OR CASE p.function WHEN 'TEAM' THEN ws.sign_off_team WHEN 'LEADER' THEN ws.sign_off_leader
                WHEN 'STAKEHOLDER' THEN ws.sign_off_stakeholder ELSE ws.sign_off_customer_facing END
            > (SELECT count(*) FROM (SELECT DISTINCT ON (s.user_id) s.verdict, s.function FROM sign_offs AS s
                WHERE s.workspace_id = o.workspace_id AND s.objective_id = o.id AND s.revision = o.revision
                ORDER BY s.user_id, s.recorded_at DESC, s.id DESC) AS latest
                WHERE latest.verdict = 'APPROVE' AND latest.function = p.function))
    UNION ALL
    -- Somebody else's last word about the present revision of what one wrote is that it must change.
    SELECT o.workspace_id, o.created_by, 'CHANGES_REQUESTED', s.id, o.id, s.recorded_at
    FROM objectives AS o
    JOIN sign_offs AS s ON s.workspace_id = o.workspace_id AND s.objective_id = o.id AND s.revision = o.revision
    WHERE o.state = 'PROPOSED' AND s.verdict = 'REQUEST_CHANGES' AND s.user_id <> o.created_by
        AND NOT EXISTS (SELECT 1 FROM sign_offs AS n WHERE n.workspace_id = s.workspace_id AND n.objective_id = s.objective_id
            AND n.user_id = s.user_id AND (n.recorded_at, n.id) > (s.recorded_at, s.id))
    UNION ALL
    -- Another's mention in an unresolved thread in which one has not said anything since.
    SELECT c.workspace_id, m.user_id, 'MENTION', c.id, c.objective_id, m.created_at
    FROM comment_mentions AS m
    JOIN comments AS c ON c.workspace_id = m.workspace_id AND c.id = m.comment_id AND c.deleted_at IS NULL
    JOIN comments AS t ON t.workspace_id = c.workspace_id AND t.id = c.thread_id AND t.resolved_at IS NULL
    WHERE m.user_id <> c.created_by
        AND NOT EXISTS (SELECT 1 FROM comments AS a WHERE a.workspace_id = c.workspace_id AND a.thread_id = c.thread_id
            AND a.created_by = m.user_id AND a.deleted_at IS NULL AND (a.created_at, a.id) > (m.created_at, m.comment_id))
    UNION ALL
    -- A check-in of an agreed objective's key result, in a running cycle. A day is 24 hours, wherever the server is.
    SELECT k.workspace_id, k.owner_id, 'CHECK_IN', k.id, k.objective_id,
        coalesce(k.current_at, k.created_at) + k.cadence_days * interval '24 hours'
    FROM key_results AS k
    JOIN objectives AS o ON o.workspace_id = k.workspace_id AND o.id = k.objective_id AND o.state = 'AGREED'
    JOIN cycles AS y ON y.workspace_id = k.workspace_id AND y.id = k.cycle_id AND y.state = 'ACTIVE'
    WHERE k.owner_id IS NOT NULL
    UNION ALL
    -- A suggestion waits for who wrote the objective.
    SELECT s.workspace_id, o.created_by, 'SUGGESTION', s.id, s.objective_id, s.created_at
    FROM objectives AS o
    JOIN suggestions AS s ON s.workspace_id = o.workspace_id AND s.objective_id = o.id AND s.state = 'OPEN'
    WHERE o.state <> 'CLOSED' AND s.created_by <> o.created_by
    UNION ALL
    -- One about a key result waits for its owner too.
    SELECT s.workspace_id, k.owner_id, 'SUGGESTION', s.id, s.objective_id, s.created_at
    FROM key_results AS k
    JOIN objectives AS o ON o.workspace_id = k.workspace_id AND o.id = k.objective_id AND o.state <> 'CLOSED'
    JOIN suggestions AS s ON s.workspace_id = k.workspace_id AND s.subject_id = public_id('kr', k.id) AND s.state = 'OPEN'
    WHERE k.owner_id <> o.created_by AND s.created_by <> k.owner_id
    UNION ALL
    SELECT p.workspace_id, o.created_by, 'PROPOSAL', p.id, p.objective_id, p.created_at
    FROM objectives AS o
    JOIN proposals AS p ON p.workspace_id = o.workspace_id AND p.objective_id = o.id AND p.state = 'OPEN'
    WHERE o.state <> 'CLOSED' AND p.created_by <> o.created_by
    UNION ALL
    -- An open vote about an objective, its key results or ideas for these, in which a participant has no ballot yet. It
    -- waits since both the vote is open and they are in it.
    SELECT p.workspace_id, p.user_id, 'VOTE', v.id, v.objective_id, greatest(v.created_at, p.invited_at)
    FROM participants AS p
    JOIN objectives AS o ON o.workspace_id = p.workspace_id AND o.id = p.objective_id AND o.state <> 'CLOSED'
    JOIN votes AS v ON v.workspace_id = p.workspace_id AND v.objective_id = p.objective_id AND v.state = 'OPEN'
    WHERE p.left_at IS NULL AND NOT EXISTS (SELECT 1 FROM ballots AS b
        WHERE b.workspace_id = v.workspace_id AND b.vote_id = v.id AND b.user_id = p.user_id)
    UNION ALL
    -- What became of one's own idea. Nothing is to be done about it, so it stays, read or not.
    SELECT i.workspace_id, i.created_by, 'IDEA_DECIDED', i.id, NULL, i.state_changed_at
    FROM ideas AS i
    WHERE i.state IN ('PROMOTED', 'PARKED') AND i.decided_by <> i.created_by
) AS w (workspace_id, user_id, kind, subject, objective_id, since)) AS i;
