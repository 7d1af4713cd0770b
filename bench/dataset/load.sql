-- Fills an empty, migrated database with one workspace. Every value follows from row numbers, so two loads are equal.
-- The sizes come from the settings bench.*; ids are of the form UUIDv7, so that they lie in their indexes as real ones do.

CREATE FUNCTION pg_temp.size(what text) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('bench.' || what)::bigint $$;

-- Row n of a table: a millisecond for each row, the rest from a digest.
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT (lpad(to_hex(1672531200000 + n), 12, '0') || '7' || substr(md5(kind || n), 1, 3)
        || '8' || substr(md5(kind || n), 5, 15))::uuid $$;

-- A number from 0 to 2^24-1 that looks like chance.
CREATE FUNCTION pg_temp.chance(of text) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(of), 1, 6))::bit(24)::int $$;

CREATE FUNCTION pg_temp.start(cycle bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$ SELECT timestamptz '2020-01-01 09:00+00' + (cycle - 1) % 24 * interval '91 days' $$;

INSERT INTO workspaces (id, name, slug, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), 'Example', 'example', pg_temp.start(1), pg_temp.start(1), 1;

INSERT INTO users (workspace_id, id, email, name, role, function, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), pg_temp.id('user', g), 'user' || g || '@example.com', 'User ' || g,
    CASE WHEN g = 1 THEN 'OWNER' ELSE 'MEMBER' END, 'TEAM', pg_temp.start(1), pg_temp.start(1), 1
FROM generate_series(1, 40) AS g;

INSERT INTO teams (workspace_id, id, key, name, lead_id, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), pg_temp.id('team', g), 'T' || g, 'Team ' || g, pg_temp.id('user', g), pg_temp.start(1), pg_temp.start(1), 1
FROM generate_series(1, pg_temp.size('teams')) AS g;

INSERT INTO cycles (workspace_id, id, name, starts_on, ends_on, state, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), pg_temp.id('cycle', g), 'Cycle ' || g, pg_temp.start(g)::date, pg_temp.start(g)::date + 90,
    'CLOSED', pg_temp.start(1), pg_temp.start(1), 1
FROM generate_series(1, pg_temp.size('cycles')) AS g;

INSERT INTO objectives (workspace_id, id, number, team_id, cycle_id, title, description, state, created_by, state_changed_at, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), pg_temp.id('objective', n), n,
    pg_temp.id('team', 1 + (o - 1) * pg_temp.size('teams') / pg_temp.size('objectives')), pg_temp.id('cycle', c),
    'Objective ' || n || ' improve the ' || md5('o' || n), repeat('why it matters ', 12), 'AGREED', pg_temp.id('user', 1 + n % 40),
    at, at, at + o * interval '1 minute', 1
FROM generate_series(1, pg_temp.size('cycles')) AS c, generate_series(1, pg_temp.size('objectives')) AS o,
    LATERAL (SELECT (c - 1) * pg_temp.size('objectives') + o AS n, pg_temp.start(c) AS at) AS x;

-- Numbered from 1 again, with everything about a key result that later statements need.
CREATE TEMPORARY TABLE kr AS
SELECT (n - 1) * pg_temp.size('key_results') + k AS n, n AS objective, k, team_id, cycle_id, at,
    (10 * k)::float8 AS baseline, (10 * k + 5 + (n * k) % 90)::float8 AS target
FROM (SELECT number::bigint AS n, team_id, cycle_id, created_at AS at FROM objectives) AS o,
    generate_series(1, pg_temp.size('key_results')) AS k;

CREATE TEMPORARY TABLE ci AS
SELECT kr.n AS kr, (kr.n - 1) * pg_temp.size('check_ins') + i AS n, i,
    baseline + (target - baseline) * i / 10.0 + (kr.n * i) % 7 * 0.25 AS value, (1 + (kr.n + i) % 9) / 10.0 AS confidence,
    at + i * interval '8 days' + kr.n % 600 * interval '1 second' AS at
FROM kr, generate_series(1, pg_temp.size('check_ins')) AS i;

INSERT INTO key_results (workspace_id, id, number, objective_id, team_id, cycle_id, title, wording, kind, direction, indicator, unit,
    baseline, target, weight, owner_id, cadence_days, lag_min_days, lag_max_days, current_value, current_confidence, current_at,
    created_by, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), pg_temp.id('kr', kr.n), kr.n, pg_temp.id('objective', objective), team_id, cycle_id,
    'Key result ' || kr.n || ' move ' || md5('k' || kr.n) || ' forward', '', 'METRIC', 'INCREASE', 'LAGGING',
    (array['%', 'tickets/week', 'EUR', 'ms'])[1 + k % 4], baseline, target, 1, pg_temp.id('user', 1 + kr.n % 40), 7, 0, 28,
    ci.value, ci.confidence, ci.at, pg_temp.id('user', 1 + kr.n % 40), kr.at, coalesce(ci.at, kr.at), 1
FROM kr LEFT JOIN ci ON ci.kr = kr.n AND ci.i = pg_temp.size('check_ins')
ORDER BY kr.n;

INSERT INTO key_result_goals (workspace_id, id, key_result_id, baseline, target, author_id, valid_from, recorded_at)
SELECT pg_temp.id('workspace', 1), pg_temp.id('goal', n), pg_temp.id('kr', n), baseline, target, pg_temp.id('user', 1), at, at
FROM kr ORDER BY n;

-- Every tenth key result had its last value but one corrected by the last, so that corrections are met.
INSERT INTO check_ins (workspace_id, id, key_result_id, value, confidence, note, measured_at, recorded_at, author_id, supersedes_id)
SELECT pg_temp.id('workspace', 1), pg_temp.id('ci', n), pg_temp.id('kr', kr), value, confidence, 'note ' || md5('n' || n), at,
    at + interval '1 hour', pg_temp.id('user', 1 + n % 40),
    CASE WHEN kr % 10 = 0 AND i = pg_temp.size('check_ins') AND i > 1 THEN pg_temp.id('ci', n - 1) END
FROM ci ORDER BY i, kr;

CREATE TEMPORARY TABLE item AS
SELECT g AS n, 1 + g % pg_temp.size('teams') AS team, (array['TODO', 'IN_PROGRESS', 'DONE', 'DROPPED'])[1 + pg_temp.chance('s' || g) % 4] AS status,
    (array['MUST', 'SHOULD', 'COULD', 'WONT', NULL])[1 + pg_temp.chance('m' || g) % 5] AS moscow,
    timestamptz '2020-01-01 00:00+00' + g % 700 * interval '1 day' AS made,
    timestamptz '2020-02-01 00:00+00' + g % 700 * interval '1 day' + g % 86400 * interval '1 second' AS moved
FROM generate_series(1, pg_temp.size('items')) AS g;

INSERT INTO backlog_items (workspace_id, id, number, team_id, title, description, status, stage, moscow, effort, started_at, delivered_at,
    created_by, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), pg_temp.id('item', n), n, pg_temp.id('team', team), 'Item ' || n || ' ' || md5('i' || n) || ' ' || md5('j' || n),
    repeat('what is to be done ', 10), status,
    CASE status WHEN 'DONE' THEN 'DELIVERED' WHEN 'IN_PROGRESS' THEN 'IN_PROGRESS' WHEN 'TODO' THEN 'ACCEPTED' ELSE 'CLOSED' END,
    moscow, CASE WHEN n % 3 > 0 THEN n % 13 END, CASE WHEN status IN ('IN_PROGRESS', 'DONE') THEN made + interval '2 days' END,
    CASE WHEN status = 'DONE' THEN moved END, pg_temp.id('user', 1 + n % 40), made, moved, 1
FROM item ORDER BY n;

INSERT INTO item_transitions (workspace_id, id, item_id, from_status, to_status, occurred_at, recorded_at)
SELECT pg_temp.id('workspace', 1), pg_temp.id('first', n), pg_temp.id('item', n), NULL, 'TODO', made, made FROM item ORDER BY n;
INSERT INTO item_transitions (workspace_id, id, item_id, from_status, to_status, occurred_at, recorded_at)
SELECT pg_temp.id('workspace', 1), pg_temp.id('second', n), pg_temp.id('item', n), 'TODO', status, moved, moved
FROM item WHERE status <> 'TODO' ORDER BY n;

INSERT INTO item_priorities (workspace_id, id, item_id, moscow, author_id, valid_from, recorded_at)
SELECT pg_temp.id('workspace', 1), pg_temp.id('priority', n), pg_temp.id('item', n), moscow, pg_temp.id('user', 1), made, made
FROM item WHERE moscow IS NOT NULL ORDER BY n;

-- Every item serves a key result of its own team, every other one two different ones.
CREATE TEMPORARY TABLE own AS
SELECT row_number() OVER (PARTITION BY team_id ORDER BY n) - 1 AS place, n, team_id FROM kr;
CREATE UNIQUE INDEX ON own (team_id, place);
ANALYZE own;

CREATE TEMPORARY TABLE link AS
SELECT row_number() OVER (ORDER BY item.n, second) AS n, item.n AS item, own.n AS kr, item.made + interval '1 day' AS at,
    (array['DRIVES', 'ENABLES', 'GUARDS', 'LEARNS'])[1 + pg_temp.chance('r' || item.n || second::text) % 4] AS role
FROM item CROSS JOIN (VALUES (false), (true)) AS v(second)
    JOIN own ON own.team_id = pg_temp.id('team', team) AND own.place = (pg_temp.chance('l' || item.n)
        + CASE WHEN second THEN 1 + pg_temp.chance('d' || item.n) % (pg_temp.size('per_team') - 1) ELSE 0 END) % pg_temp.size('per_team')
WHERE NOT second OR item.n % 2 = 0;

INSERT INTO contributions (workspace_id, id, item_id, key_result_id, role, expected_low, expected_high, note, origin, author_id,
    valid_from, created_at, updated_at, version)
SELECT pg_temp.id('workspace', 1), pg_temp.id('link', n), pg_temp.id('item', item), pg_temp.id('kr', kr), role, 1, 3,
    'because of ' || md5('c' || n), 'PERSON', pg_temp.id('user', 1 + n % 40), at, at + n % 1000 * interval '1 second', at + n % 1000 * interval '1 second', 1
FROM link ORDER BY n;

INSERT INTO contribution_versions (workspace_id, id, contribution_id, item_id, key_result_id, role, expected_low, expected_high, note,
    origin, author_id, valid_from, ended, recorded_at)
SELECT workspace_id, pg_temp.id('version', n), pg_temp.id('link', n), item_id, key_result_id, c.role, expected_low, expected_high, note,
    origin, author_id, valid_from, false, created_at
FROM link JOIN contributions AS c ON c.workspace_id = pg_temp.id('workspace', 1) AND c.id = pg_temp.id('link', link.n)
ORDER BY n;

INSERT INTO counters (workspace_id, letters, value)
SELECT pg_temp.id('workspace', 1), letters, value FROM (VALUES ('O', (SELECT max(number) FROM objectives)),
    ('KR', (SELECT max(number) FROM key_results)), ('B', (SELECT max(number) FROM backlog_items))) AS c(letters, value);

DROP TABLE kr, ci, item, own, link;
