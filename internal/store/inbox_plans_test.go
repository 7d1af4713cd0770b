package store_test

import (
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// campus is a workspace of a hundred teams of fifty objectives each, with four key results and five participants to each
// objective, twenty thousand mentions and as many marks, of two hundred people who all take part alike. Before them were
// forty thousand objectives that are closed.
type campus struct {
	*storetest.Factory
	t     *testing.T
	tx    bun.Tx
	cycle *needle.Cycle
}

func newCampus(t *testing.T) (*bun.DB, needle.WorkspaceID) {
	t.Helper()
	db := storetest.New(t)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &campus{Factory: storetest.Seed(t, tx), t: t, tx: tx}
	c.cycle = c.Cycle()
	// Looking up every reference takes most of the time, and all of them are sound.
	c.fill(`SET LOCAL session_replication_role = replica`)
	c.seedPeople()
	c.seedObjectives()
	c.seedOffers()
	c.seedTalk()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	exec(t, db, `ANALYZE`)
	return db, c.Workspace.ID
}

// fill writes rows: ?0 is the workspace, ?1 the cycle, ?2 the present.
func (c *campus) fill(query string) {
	c.t.Helper()
	if _, err := c.tx.ExecContext(c.t.Context(), query, c.Workspace.ID, c.cycle.ID, storetest.Now()); err != nil {
		c.t.Fatalf("%v in %s", err, query)
	}
}

func (c *campus) seedPeople() {
	c.fill(`INSERT INTO users (workspace_id, id, email, name, role, function, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), i || '@example.com', 'User ' || i, 'MEMBER', (ARRAY['TEAM', 'LEADER', 'STAKEHOLDER', 'CUSTOMER_FACING'])[1 + i % 4], ?2, ?2, 1
		FROM generate_series(1, 199) AS i`)
	c.fill(`INSERT INTO teams (workspace_id, id, key, name, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), 'T' || i, 'Team ' || i, ?2, ?2, 1 FROM generate_series(1, 100) AS i`)
	// Everybody by number, from 0 to 199, and every team.
	c.fill(`CREATE VIEW person AS SELECT id, workspace_id, function, row_number() OVER (ORDER BY email) - 1 AS n FROM users WHERE workspace_id = ?0`)
	c.fill(`CREATE VIEW crew AS SELECT id, workspace_id, row_number() OVER (ORDER BY key) - 1 AS n FROM teams WHERE workspace_id = ?0`)
}

func (c *campus) seedObjectives() {
	c.fill(`CREATE VIEW recent AS SELECT * FROM objectives WHERE workspace_id = ?0 AND number <= 5000`)
	c.fill(`INSERT INTO objectives (workspace_id, id, number, team_id, cycle_id, title, state, outcome, created_by, state_changed_at, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), i, crew.id, ?1, 'Objective ' || i, s.state, CASE s.state WHEN 'CLOSED' THEN 'ACHIEVED' END, person.id, ?2, ?2, ?2, 1
		FROM generate_series(1, 5000) AS i
		CROSS JOIN LATERAL (SELECT (ARRAY['AGREED', 'AGREED', 'AGREED', 'AGREED', 'AGREED', 'AGREED', 'PROPOSED', 'DRAFT', 'CLOSED', 'CLOSED'])[1 + i / 200 % 10]) AS s (state)
		JOIN person ON person.n = i % 200 JOIN crew ON crew.n = i % 100`)
	c.fill(`INSERT INTO objectives (workspace_id, id, number, team_id, cycle_id, title, state, outcome, created_by, state_changed_at, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), 5000 + i, crew.id, ?1, 'Objective ' || i, 'CLOSED', 'ACHIEVED', person.id, ?2, ?2, ?2, 1
		FROM generate_series(1, 40000) AS i JOIN person ON person.n = i % 200 JOIN crew ON crew.n = i % 100`)
	c.fill(`INSERT INTO key_results (workspace_id, id, number, objective_id, team_id, cycle_id, title, kind, direction, indicator,
			weight, owner_id, cadence_days, lag_min_days, lag_max_days, created_by, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), 4 * o.number + i, o.id, o.team_id, ?1, 'Key result', 'METRIC', 'INCREASE', 'LAGGING',
			1, person.id, 7, 0, 28, o.created_by, ?2::timestamptz - (o.number % 14) * interval '1 day', ?2, 1
		FROM recent AS o, generate_series(0, 3) AS i JOIN person ON true WHERE person.n = (o.number + i) % 200`)
	c.fill(`INSERT INTO participants (workspace_id, objective_id, user_id, function, must_sign, invited_by, invited_at)
		SELECT ?0, o.id, person.id, person.function, false, o.created_by, ?2
		FROM recent AS o, generate_series(0, 4) AS i JOIN person ON true WHERE person.n = (o.number + 7 * i) % 200`)
	c.fill(`INSERT INTO objective_states (workspace_id, objective_id, version, state, revision, recorded_at)
		SELECT workspace_id, id, version, state, revision, created_at FROM objectives`)
}

func (c *campus) seedOffers() {
	c.fill(`INSERT INTO sign_offs (workspace_id, id, objective_id, user_id, function, revision, verdict, reason, recorded_at)
		SELECT ?0, gen_random_uuid(), p.objective_id, p.user_id, p.function, 1, (ARRAY['APPROVE', 'REQUEST_CHANGES'])[1 + o.number / 7 % 2], 'because', ?2
		FROM participants AS p JOIN recent AS o ON o.workspace_id = p.workspace_id AND o.id = p.objective_id WHERE o.number % 3 > 0 AND p.function <> 'TEAM'`)
	c.fill(`INSERT INTO suggestions (workspace_id, id, objective_id, subject_id, changes, state, created_by, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), k.objective_id, public_id('kr', k.id), '[{}]', 'OPEN', f.id, ?2, ?2, 1
		FROM key_results AS k JOIN person AS f ON f.n = k.number % 200 WHERE k.number % 4 = 0`)
	c.fill(`INSERT INTO suggestions (workspace_id, id, objective_id, subject_id, changes, state, decided_by, decided_at, created_by, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), o.id, public_id('obj', o.id), '[{}]', 'DECLINED', o.created_by, ?2, o.created_by, ?2, ?2, 1 FROM objectives AS o`)
	c.fill(`INSERT INTO proposals (workspace_id, id, objective_id, title, kind, direction, indicator, state, created_by, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), o.id, 'Proposal', 'METRIC', 'INCREASE', 'LAGGING', 'OPEN', f.id, ?2, ?2, 1
		FROM recent AS o JOIN person AS f ON f.n = (o.number + 50) % 200`)
	c.fill(`INSERT INTO votes (workspace_id, id, subject_id, objective_id, question, hidden, state, closed_at, closed_by, created_by, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), public_id('obj', o.id), o.id, 'Well', true, s.state, CASE s.state WHEN 'CLOSED' THEN ?2::timestamptz END,
			CASE s.state WHEN 'CLOSED' THEN o.created_by END, o.created_by, ?2, ?2, 1
		FROM recent AS o CROSS JOIN LATERAL (SELECT CASE o.number / 200 % 5 WHEN 0 THEN 'OPEN' ELSE 'CLOSED' END) AS s (state)`)
	c.fill(`INSERT INTO ballots (workspace_id, id, vote_id, user_id, function, value, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), v.id, v.created_by, 'TEAM', 3, ?2, ?2, 1 FROM votes AS v`)
}

func (c *campus) seedTalk() {
	c.fill(`INSERT INTO comments (workspace_id, id, subject_id, objective_id, thread_id, body, created_by, created_at, updated_at, version)
		SELECT ?0, c.id, public_id('obj', c.objective_id), c.objective_id, c.id, 'Hello', c.created_by, ?2::timestamptz - c.i * interval '1 hour', ?2, 1
		FROM (SELECT gen_random_uuid() AS id, o.id AS objective_id, o.created_by, i FROM recent AS o, generate_series(0, 3) AS i) AS c`)
	c.fill(`INSERT INTO comment_mentions (workspace_id, comment_id, user_id, created_at)
		SELECT ?0, c.id, person.id, c.created_at FROM comments AS c JOIN recent AS o ON o.workspace_id = c.workspace_id AND o.id = c.objective_id
		JOIN person ON person.n = (o.number + 11) % 200`)
	c.fill(`INSERT INTO pain_points (workspace_id, id, number, title, category, severity, status, dismissed_reason, root_id, created_by, created_at, updated_at, version)
		SELECT ?0, p.id, 1, 'Pain', 'QUALITY', 3, 'OPEN', '', p.id, u.id, ?2, ?2, 1 FROM gen_random_uuid() AS p (id) JOIN person AS u ON u.n = 0`)
	c.fill(`INSERT INTO ideas (workspace_id, id, title, pain_point_id, state, reason, decided_by, state_changed_at, created_by, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), 'Idea', (SELECT id FROM pain_points), (ARRAY['OPEN', 'PARKED'])[1 + i / 200 % 2], 'later', b.id, ?2, a.id, ?2, ?2, 1
		FROM generate_series(1, 5000) AS i JOIN person AS a ON a.n = i % 200 JOIN person AS b ON b.n = (i + 1) % 200`)
	// What was read long ago, and is settled.
	c.fill(`INSERT INTO inbox_reads (workspace_id, user_id, item_id, read_at)
		SELECT ?0, person.id, gen_random_uuid(), ?2 FROM person, generate_series(1, 100) AS i`)
}

// TestInbox_readsWhatConcernsThePersonAndWhatIsOpen reads an inbox in which two hundred things wait. What is closed,
// settled or other people's is not read: of each table no more than its open rows are.
func TestInbox_readsWhatConcernsThePersonAndWhatIsOpen(t *testing.T) {
	t.Parallel()
	db, workspace := newCampus(t)
	s := store.New(db, store.Config{CursorKey: []byte("cursors of a test"), Now: storetest.Now}).In(workspace)
	var person needle.UserID
	if err := db.QueryRowContext(t.Context(), `SELECT id FROM person WHERE n = 42`).Scan(&person.UUID); err != nil {
		t.Fatal(err)
	}
	unread := false
	var one needle.InboxItemID
	list := func(filter *needle.InboxItemFilter) func() {
		return func() {
			pages, err := s.InboxItemsByUser(t.Context(), []needle.UserID{person}, store.InboxItemList{Filter: filter, Now: storetest.Now()})
			if err != nil || len(pages[0].Nodes) != needle.DefaultPage {
				t.Fatalf("%d items, %v", len(pages[0].Nodes), err)
			}
			one = pages[0].Nodes[0].ID
		}
	}
	lately := []needle.InboxKind{needle.InboxMention, needle.InboxCheckIn}
	for _, c := range []struct {
		name, index string
		rows        int
		read        func()
	}{
		// There are 4,200 open objectives and 1,000 open votes; each may be met in an index and in its table.
		{"a page", "participants_workspace_id_user_id_idx", 13_000, list(nil)},
		{"what is new", "participants_workspace_id_user_id_idx", 13_000, list(&needle.InboxItemFilter{Read: &unread})},
		{"the count", "participants_workspace_id_user_id_idx", 13_000, func() {
			if n, err := s.InboxCount(t.Context(), person, &unread, storetest.Now()); err != nil || n < 200 {
				t.Fatalf("%d, %v", n, err)
			}
		}},
		{"one item", "participants_workspace_id_user_id_idx", 13_000, func() {
			if found, err := s.InboxItemsOf(t.Context(), person, []needle.InboxItemID{one}, storetest.Now()); err != nil || found[0] == nil {
				t.Fatalf("%v, %v", found, err)
			}
		}},
		{
			"two kinds", "comment_mentions_workspace_id_user_id_idx", 1_000,
			list(&needle.InboxItemFilter{Kind: &needle.Comparator[needle.InboxKind]{In: lately}}),
		},
	} {
		took := explain(t, db, c.read)
		took.scanned = slices.DeleteFunc(took.scanned, func(table string) bool { return table == "workspaces" || table == "cycles" }) // One row each.
		t.Logf("%s: %d rows", c.name, took.rows)
		took.within(t, c.name, c.index, c.rows)
	}
}
