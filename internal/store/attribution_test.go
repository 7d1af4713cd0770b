package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// attributionStatements is how many statements read the facts of attribution, however much is asked for.
const attributionStatements = 8

func keyResultFacts(t *testing.T, s store.Scope, asOf time.Time, ids ...needle.KeyResultID) needle.AttributionFacts {
	t.Helper()
	f, err := s.KeyResultFacts(t.Context(), ids, asOf)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// mirrors makes an item that serves the key result and mirrors an issue of the source.
func mirrors(f *storetest.Factory, source *needle.Source) *needle.BacklogItem {
	issue := f.Issue(func(i *needle.Issue) { i.SourceID = source.ID })
	b := f.Item(func(b *needle.BacklogItem) { b.IssueID = &issue.ID })
	f.Contribution(func(c *needle.Contribution) { c.ItemID = b.ID })
	return b
}

func TestAttributionFacts_tellWhenTrackersWereLastReadInFull(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	scope := store.New(db, store.Config{}).In(f.Workspace.ID)
	cycle, team := f.Cycle(), f.Team()
	key := f.KeyResult()
	read, other, never := f.Source(), f.Source(), f.Source()
	native := f.Item()
	f.Contribution(func(c *needle.Contribution) { c.ItemID = native.ID })
	mine, theirs, unread := mirrors(f, read), mirrors(f, other), mirrors(f, never)
	run := func(source *needle.Source, kind needle.SyncKind, state needle.SyncState, from, to int) {
		f.SyncRun(func(r *needle.SyncRun) {
			r.SourceID, r.Kind, r.State, r.StartedAt, r.FinishedAt = source.ID, kind, state, ago(from), nil
			if state != needle.SyncRunning {
				done := ago(to)
				r.FinishedAt = &done
			}
		})
	}
	run(read, needle.SyncBackfill, needle.SyncSucceeded, 50, 48)
	run(read, needle.SyncIncremental, needle.SyncSucceeded, 30, 28)
	run(read, needle.SyncIncremental, needle.SyncFailed, 26, 26)
	run(read, needle.SyncIncremental, needle.SyncInterrupted, 25, 25)
	run(read, needle.SyncCensus, needle.SyncSucceeded, 24, 24)
	run(read, needle.SyncRefresh, needle.SyncSucceeded, 23, 23)
	run(read, needle.SyncIncremental, needle.SyncSucceeded, 22, 18) // Ends only after what is asked for.
	run(read, needle.SyncIncremental, needle.SyncSucceeded, 10, 10)
	run(read, needle.SyncIncremental, needle.SyncRunning, 1, 0)
	run(other, needle.SyncBackfill, needle.SyncSucceeded, 21, 20)
	run(never, needle.SyncBackfill, needle.SyncFailed, 21, 20)

	want := func(asOf time.Time, mineRead, theirsRead time.Time) {
		t.Helper()
		want := map[needle.BacklogItemID]time.Time{mine.ID: mineRead, theirs.ID: theirsRead, unread.ID: {}}
		of := keyResultFacts(t, scope, asOf, key.ID)
		if diff := cmp.Diff(want, of.TrackerReadAt); diff != "" {
			t.Errorf("as of %s, of key results (-want +got):\n%s", asOf, diff)
		}
		teams, err := scope.AttributionFacts(t.Context(), []needle.TeamID{team.ID}, cycle.ID, needle.ReviewWindow{AsOf: &asOf}, storetest.Now())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, teams.TrackerReadAt); diff != "" {
			t.Errorf("as of %s, of teams (-want +got):\n%s", asOf, diff)
		}
	}
	want(ago(60), time.Time{}, time.Time{})
	want(ago(49), time.Time{}, time.Time{})
	want(ago(48), ago(50), time.Time{}) // What ends at the instant is known then.
	want(ago(20), ago(30), ago(21))
	want(ago(18), ago(22), ago(21))
	want(ago(0), ago(10), ago(21))
}

func TestAttributionFacts_areOfOneWorkspaceAndOfWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f, abroad := storetest.Seed(t, db), storetest.Seed(t, db)
	scope := store.New(db, store.Config{}).In(f.Workspace.ID)
	whole := func(f *storetest.Factory) (*needle.KeyResult, *needle.BacklogItem) {
		epic := f.Item()
		done := f.Item(func(b *needle.BacklogItem) { b.Status, b.ParentID = needle.StatusDone, &epic.ID })
		f.CheckIn()
		f.OutsideEvent()
		c := f.Contribution(func(c *needle.Contribution) { c.ItemID = done.ID })
		f.Experiment(func(x *needle.Experiment) { x.ContributionID = c.ID })
		k := f.KeyResult()
		f.Contribution(func(c *needle.Contribution) { c.ItemID, c.KeyResultID = done.ID, k.ID })
		f.Source()
		found, err := store.New(db, store.Config{}).In(f.Workspace.ID).KeyResultsByID(t.Context(), []needle.KeyResultID{c.KeyResultID})
		if err != nil {
			t.Fatal(err)
		}
		return found[0], done
	}
	mine, item := whole(f)
	theirs, _ := whole(abroad)
	sizes := func(a needle.AttributionFacts) []int {
		return []int{
			len(a.KeyResults), len(a.Goals), len(a.CheckIns), len(a.Links), len(a.Items), len(a.Transitions), len(a.OutsideEvents), len(a.Experiments),
		}
	}
	ofTeams := func(cycle needle.CycleID, teams ...needle.TeamID) needle.AttributionFacts {
		t.Helper()
		a, err := scope.AttributionFacts(t.Context(), teams, cycle, needle.ReviewWindow{}, storetest.Now())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	one := keyResultFacts(t, scope, storetest.Now(), mine.ID)
	for name, c := range map[string]struct {
		got  needle.AttributionFacts
		want []int
	}{
		"one, whose item serves another, which is not asked for": {one, []int{1, 1, 1, 1, 2, 2, 1, 1}},
		"one that is asked for twice":                            {keyResultFacts(t, scope, storetest.Now(), mine.ID, mine.ID), []int{1, 1, 1, 1, 2, 2, 1, 1}},
		"another workspace's":                                    {keyResultFacts(t, scope, storetest.Now(), theirs.ID), make([]int, 8)},
		"both":                                                   {keyResultFacts(t, scope, storetest.Now(), theirs.ID, mine.ID), []int{1, 1, 1, 1, 2, 2, 1, 1}},
		"one that is not there":                                  {keyResultFacts(t, scope, storetest.Now(), needle.NewKeyResultID()), make([]int, 8)},
		"none":                                                   {keyResultFacts(t, scope, storetest.Now()), make([]int, 8)},
		"a team":                                                 {ofTeams(mine.CycleID, mine.TeamID), []int{2, 2, 1, 2, 2, 2, 1, 1}},
		"a team of another workspace":                            {ofTeams(mine.CycleID, theirs.TeamID), make([]int, 8)},
		"no team":                                                {ofTeams(mine.CycleID), make([]int, 8)},
	} {
		if diff := cmp.Diff(c.want, sizes(c.got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if !slices.ContainsFunc(one.Items, func(b *needle.BacklogItem) bool { return b.ID == item.ID }) || one.Policy != f.Workspace.AttributionPolicy {
		t.Errorf("the items are %v, the policy is %v", one.Items, one.Policy)
	}
	for name, cycle := range map[string]needle.CycleID{"one that is not there": needle.NewCycleID(), "another workspace's": theirs.CycleID} {
		_, err := scope.AttributionFacts(t.Context(), []needle.TeamID{mine.TeamID}, cycle, needle.ReviewWindow{}, storetest.Now())
		if !errors.Is(err, needle.ErrNotFound) {
			t.Errorf("of the cycle %s the error is %v", name, err)
		}
	}
}

func TestAttributionFacts_takeEightStatementsHoweverMuchIsAskedFor(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	scope, counter := store.New(db, store.Config{}).In(f.Workspace.ID), storetest.CountStatements(t, db)
	cycle := f.Cycle()
	var ids []needle.KeyResultID
	var teams []needle.TeamID
	for range 6 {
		team := f.Team()
		o := f.Objective(func(o *needle.Objective) { o.TeamID = team.ID })
		k := f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = o.ID })
		f.CheckIn(func(c *needle.CheckIn) { c.KeyResultID = k.ID })
		issue := f.Issue()
		b := f.Item(func(b *needle.BacklogItem) { b.TeamID, b.IssueID, b.Status = team.ID, &issue.ID, needle.StatusDone })
		c := f.Contribution(func(c *needle.Contribution) { c.ItemID, c.KeyResultID = b.ID, k.ID })
		f.Experiment(func(x *needle.Experiment) { x.ContributionID = c.ID })
		f.OutsideEvent(func(e *needle.OutsideEvent) { e.KeyResultID = k.ID })
		f.SyncRun()
		ids, teams = append(ids, k.ID), append(teams, team.ID)
	}
	for _, n := range []int{1, len(ids)} {
		if got := counter.Since(func() { keyResultFacts(t, scope, storetest.Now(), ids[:n]...) }); got != attributionStatements {
			t.Errorf("%d key results take %d statements", n, got)
		}
		got := counter.Since(func() {
			a, err := scope.AttributionFacts(t.Context(), teams[:n], cycle.ID, needle.ReviewWindow{}, storetest.Now())
			if err != nil || len(a.KeyResults) != n {
				t.Errorf("the facts hold %d key results of %d: %v", len(a.KeyResults), n, err)
			}
		})
		if got != attributionStatements {
			t.Errorf("%d teams take %d statements", n, got)
		}
	}
}
