package store_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// planNode is a node of a plan that was run, as EXPLAIN tells it.
type planNode struct {
	Type     string     `json:"Node Type"`
	Relation string     `json:"Relation Name"`
	Index    string     `json:"Index Name"`
	Rows     float64    `json:"Actual Rows"`
	Removed  float64    `json:"Rows Removed by Filter"`
	Recheck  float64    `json:"Rows Removed by Index Recheck"`
	Loops    float64    `json:"Actual Loops"`
	Plans    []planNode `json:"Plans"`
}

// cost is what a statement took: the rows read of tables and indexes, and by which way.
type cost struct {
	rows    int
	indexes []string
	scanned []string
}

// explain runs what f sends once more, one statement, and returns what it took.
func explain(t *testing.T, db *bun.DB, f func()) cost {
	t.Helper()
	sent := storetest.CountStatements(t, db).Statements(f)
	if len(sent) != 1 {
		t.Fatalf("%d statements were sent", len(sent))
	}
	var text string
	if err := db.DB.QueryRowContext(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+sent[0]).Scan(&text); err != nil {
		t.Fatalf("%v in %s", err, sent[0])
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		t.Fatal(err)
	}
	used, scanned, total := map[string]bool{}, map[string]bool{}, 0.0
	var walk func(n planNode)
	walk = func(n planNode) {
		if n.Relation != "" || n.Index != "" {
			total += (n.Rows + n.Removed + n.Recheck) * n.Loops
		}
		if n.Index != "" {
			used[n.Index] = true
		}
		if n.Type == "Seq Scan" && n.Loops > 0 {
			scanned[n.Relation] = true
		}
		for _, below := range n.Plans {
			walk(below)
		}
	}
	walk(plans[0].Plan)
	return cost{int(total), slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(scanned))}
}

// within demands that a statement reads its index, no table from end to end, and at most so many rows.
func (c cost) within(t *testing.T, name, index string, rows int) {
	t.Helper()
	if !slices.Contains(c.indexes, index) || len(c.scanned) > 0 || c.rows > rows {
		t.Errorf("%s: %d rows were read, at most %d are meant to be; scanned %v; by %v, not %s", name, c.rows, rows, c.scanned, c.indexes, index)
	}
}

// newCity fills a workspace with twenty thousand activities of twenty teams, a hundred objectives and twenty people, over
// two years, beside another workspace that has some too.
func newCity(t *testing.T) (*bun.DB, *storetest.Factory) {
	t.Helper()
	db := storetest.New(t)
	var f *storetest.Factory
	for _, size := range []int{4_000, 20_000} {
		f = storetest.Seed(t, db)
		for range 20 {
			team := f.Team()
			f.User()
			for range 5 {
				o := f.Objective(func(o *needle.Objective) { o.TeamID = team.ID })
				f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = o.ID })
			}
		}
		exec(t, db, `
			INSERT INTO activities (workspace_id, id, actor_id, verb, subject_id, team_id, objective_id, before, after, recorded_at)
			SELECT ?0, gen_random_uuid(), u.ids[1 + i % cardinality(u.ids)],
				(ARRAY['UPDATED', 'UPDATED', 'MOVED', 'MOVED', 'CREATED'])[1 + (hashint4(i) & 1023) % 5],
				CASE (hashint4(-i) & 1023) % 3 WHEN 0 THEN public_id('obj', o.ids[1 + i % 100]) ELSE public_id('kr', k.ids[1 + i % 100]) END,
				o.teams[1 + i % 100], o.ids[1 + i % 100], '{"Title":"was"}', '{"Title":"is"}', ?1::timestamptz - i * interval '50 minutes'
			FROM (SELECT array_agg(id ORDER BY number) AS ids, array_agg(team_id ORDER BY number) AS teams FROM objectives WHERE workspace_id = ?0) AS o,
				(SELECT array_agg(id ORDER BY number) AS ids FROM key_results WHERE workspace_id = ?0) AS k,
				(SELECT array_agg(id ORDER BY email) AS ids FROM users WHERE workspace_id = ?0) AS u, generate_series(1, ?2) AS i`,
			f.Workspace.ID, storetest.Now(), size)
	}
	exec(t, db, `ANALYZE`)
	return db, f
}

func exec(t *testing.T, db *bun.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// TestFeeds_readTheirIndexAndLittleMoreThanTheyShow reads pages of twenty below three parents, at the start, in the
// middle and through filters: what is read grows with what is shown, and not with what there is.
func TestFeeds_readTheirIndexAndLittleMoreThanTheyShow(t *testing.T) {
	t.Parallel()
	db, f := newCity(t)
	s := store.New(db, store.Config{CursorKey: []byte("cursors of a test"), Now: storetest.Now}).In(f.Workspace.ID)
	ctx := t.Context()
	teams := parents(t, db, f, "teams", func(id uuid.UUID) needle.TeamID { return needle.TeamID{UUID: id} })
	people := parents(t, db, f, "users", func(id uuid.UUID) needle.UserID { return needle.UserID{UUID: id} })
	objectives := parents(t, db, f, "objectives", func(id uuid.UUID) needle.ObjectiveID { return needle.ObjectiveID{UUID: id} })
	keyResults := parents(t, db, f, "key_results", func(id uuid.UUID) needle.KeyResultID { return needle.KeyResultID{UUID: id} })
	feeds := map[string]struct {
		index string
		below int
		read  func(q store.ActivityList) (*needle.Page[*needle.Activity], error)
	}{
		"workspace": {"activities_workspace_id_recorded_at_id_idx", 1, func(q store.ActivityList) (*needle.Page[*needle.Activity], error) {
			return s.Activities(ctx, q)
		}},
		"team": {"activities_workspace_id_team_id_recorded_at_id_idx", 3, func(q store.ActivityList) (*needle.Page[*needle.Activity], error) {
			return head(s.ActivitiesByTeam(ctx, teams, q))
		}},
		"person": {"activities_workspace_id_actor_id_recorded_at_id_idx", 3, func(q store.ActivityList) (*needle.Page[*needle.Activity], error) {
			return head(s.ActivitiesByActor(ctx, people, q))
		}},
		"objective": {"activities_workspace_id_objective_id_recorded_at_id_idx", 3, func(q store.ActivityList) (*needle.Page[*needle.Activity], error) {
			return head(s.ActivitiesByObjective(ctx, objectives, q))
		}},
		"subject": {"activities_workspace_id_subject_id_recorded_at_id_idx", 3, func(q store.ActivityList) (*needle.Page[*needle.Activity], error) {
			return head(store.ActivitiesBySubject(ctx, s, keyResults, q))
		}},
	}
	moved, keyResult := needle.VerbMoved, needle.SubjectKeyResult
	lists := map[string]struct {
		list store.ActivityList
		// share is how many rows are passed over for each that is shown.
		share int
	}{
		"latest first":  {store.ActivityList{}, 1},
		"oldest first":  {store.ActivityList{OrderBy: []*needle.Order[needle.ActivityOrderField]{{Field: needle.ActivityByRecordedAt, Direction: needle.Asc}}}, 1},
		"since a year":  {store.ActivityList{Filter: &needle.ActivityFilter{RecordedAt: &needle.DateComparator{Gte: &needle.When{At: storetest.Now().AddDate(-1, 0, 0)}}}}, 1},
		"of a verb":     {store.ActivityList{Filter: &needle.ActivityFilter{Verb: &needle.Comparator[needle.Verb]{Eq: &moved}}}, 4},
		"about a noun":  {store.ActivityList{Filter: &needle.ActivityFilter{SubjectType: &needle.Comparator[needle.SubjectType]{Eq: &keyResult}}}, 3},
		"not of a verb": {store.ActivityList{Filter: &needle.ActivityFilter{Verb: &needle.Comparator[needle.Verb]{Neq: &moved}}}, 3},
	}
	for feed, of := range feeds {
		for name, l := range lists {
			name = feed + ", " + name
			l.list.Now = storetest.Now()
			var page *needle.Page[*needle.Activity]
			read := func() {
				var err error
				if page, err = of.read(l.list); err != nil || len(page.Nodes) < needle.DefaultPage {
					t.Fatalf("%s: %d rows, %v", name, len(page.Nodes), err)
				}
			}
			rows := l.share * of.below * (needle.DefaultPage + 1)
			explain(t, db, read).within(t, name, of.index, rows)
			if of.below > 1 {
				continue // A cursor belongs to the list of one parent.
			}
			l.list.After = page.PageInfo.EndCursor()
			explain(t, db, read).within(t, name+", next page", of.index, rows)
		}
	}
}

// head returns the first of several pages.
func head(pages []*needle.Page[*needle.Activity], err error) (*needle.Page[*needle.Activity], error) {
	if err != nil {
		return needle.NewPage[*needle.Activity](nil, false, false, nil, nil), err
	}
	return pages[0], nil
}

// parents reads the ids of three rows of a table.
func parents[ID any](t *testing.T, db *bun.DB, f *storetest.Factory, table string, typed func(uuid.UUID) ID) []ID {
	t.Helper()
	var found []string
	err := db.NewRaw(`SELECT id FROM ? WHERE workspace_id = ? ORDER BY id LIMIT 3`, bun.Ident(table), f.Workspace.ID).Scan(t.Context(), &found)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]ID, len(found))
	for i, id := range found {
		ids[i] = typed(uuid.MustParse(id))
	}
	return ids
}
