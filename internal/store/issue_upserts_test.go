package store_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// observation makes what a tracker shows of an issue that was changed at second updated, in a request begun at second
// observed. An issue's contents follow from when it was changed.
func observation(source *needle.Source, remote string, updated, observed int) *needle.Issue {
	estimate := float64(updated)
	closed := second(updated)
	return &needle.Issue{
		ConnectionID: source.ConnectionID, SourceID: source.ID, RemoteID: remote, RemoteKey: "octo/shop#" + remote,
		URL: "https://tracker.example/" + remote, Title: fmt.Sprintf("As of %d, it's \"so\\\"", updated), Body: strings.Repeat("{NULL},\n", updated),
		Type: needle.IssueTypeBug, TrackerType: needle.IssueTypeBug, RawType: "Bug", Status: needle.StatusDone, TrackerStatus: needle.StatusDone, RawState: "closed", RawReason: "completed",
		Labels: []string{`a "b" \c`, "ü"}, Assignees: []string{}, Estimate: &estimate, ParentRemoteID: "1",
		RemoteCreatedAt: second(0), RemoteUpdatedAt: second(updated), RemoteClosedAt: &closed, StateChangedAt: closed, ObservedAt: second(observed),
	}
}

func second(n int) time.Time { return storetest.Now().Add(time.Duration(n) * time.Second) }

// mirrorOf makes a database with one source.
func mirrorOf(t *testing.T) (store.Scope, *needle.Source) {
	t.Helper()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	source := f.Source()
	return store.New(db, store.Config{Now: storetest.Now}).In(f.Workspace.ID), source
}

func upsert(ctx context.Context, t testing.TB, s store.Scope, source *needle.Source, rows ...*needle.Issue) []store.IssueOutcome {
	t.Helper()
	got, err := s.UpsertIssues(ctx, source.ConnectionID, rows)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestUpsertIssues_storesWhatATrackerShows(t *testing.T) {
	t.Parallel()
	s, source := mirrorOf(t)
	row := observation(source, "7", 3, 5)
	bare := &needle.Issue{
		ConnectionID: source.ConnectionID, SourceID: source.ID, RemoteID: "8", RemoteKey: "octo/shop#8", Type: needle.IssueTypeIssue,
		TrackerType: needle.IssueTypeIssue, Status: needle.StatusTodo, TrackerStatus: needle.StatusTodo,
		RemoteCreatedAt: second(0), RemoteUpdatedAt: second(1), StateChangedAt: second(1), ObservedAt: second(2),
	}
	if diff := cmp.Diff([]store.IssueOutcome{store.IssueInserted, store.IssueInserted}, upsert(t.Context(), t, s, source, row, bare)); diff != "" {
		t.Fatal(diff)
	}
	got, err := s.IssuesByID(t.Context(), []needle.IssueID{row.ID, bare.ID})
	if err != nil {
		t.Fatal(err)
	}
	stamp := needle.Stamp{WorkspaceID: s.WorkspaceID(), CreatedAt: second(0), UpdatedAt: second(0), Version: 1}
	row.Stamp, bare.Stamp, bare.Labels, bare.Assignees = stamp, stamp, []string{}, []string{}
	if diff := cmp.Diff([]*needle.Issue{row, bare}, got, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Error(diff)
	}
}

func TestUpsertIssues_writesOnlyWhatIsNewer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		// first and then the times of two observations; same keeps the contents of the first.
		first, then [2]int
		same        bool
		want        store.IssueOutcome
	}{
		{"changed later", [2]int{3, 10}, [2]int{4, 11}, false, store.IssueUpdated},
		{"changed later, seen earlier", [2]int{3, 10}, [2]int{4, 9}, false, store.IssueUpdated},
		{"changed earlier, seen later", [2]int{3, 10}, [2]int{2, 11}, false, store.IssueUnchanged},
		{"changed at the same time, seen later", [2]int{3, 10}, [2]int{3, 11}, false, store.IssueUpdated},
		{"changed at the same time, seen earlier", [2]int{3, 10}, [2]int{3, 9}, false, store.IssueUnchanged},
		{"the same again", [2]int{3, 10}, [2]int{3, 11}, true, store.IssueUnchanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, source := mirrorOf(t)
			first := observation(source, "7", c.first[0], c.first[1])
			upsert(t.Context(), t, s, source, first)
			then := observation(source, "7", c.then[0], c.then[1])
			if !c.same {
				then.Title = "Other words"
			}
			if got := upsert(t.Context(), t, s, source, then); got[0] != c.want || then.ID != first.ID {
				t.Errorf("it was %s", got[0])
			}
			stored, err := s.Issue(t.Context(), first.ID)
			if err != nil {
				t.Fatal(err)
			}
			title, version := first.Title, 1
			if c.want == store.IssueUpdated {
				title, version = then.Title, 2
			}
			if stored.Title != title || stored.Version != version {
				t.Errorf("stored is %q, version %d", stored.Title, stored.Version)
			}
		})
	}
}

func TestUpsertIssues_takesTheNewestOfTwins(t *testing.T) {
	t.Parallel()
	s, source := mirrorOf(t)
	old, fresh, older := observation(source, "7", 2, 10), observation(source, "7", 3, 10), observation(source, "7", 1, 10)
	got := upsert(t.Context(), t, s, source, old, fresh, older)
	want := []store.IssueOutcome{store.IssueUnchanged, store.IssueInserted, store.IssueUnchanged}
	if diff := cmp.Diff(want, got); diff != "" || old.ID != fresh.ID || older.ID != fresh.ID {
		t.Errorf("ids %v %v %v; %s", old.ID, fresh.ID, older.ID, diff)
	}
	if stored, err := s.Issue(t.Context(), fresh.ID); err != nil || stored.Title != fresh.Title {
		t.Errorf("stored is %+v, %v", stored, err)
	}
}

func TestUpsertIssues_keepsWorkspacesAndConnectionsApart(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f, foreign := storetest.Seed(t, db), storetest.Seed(t, db)
	here, abroad := f.Source(), foreign.Source()
	second := f.Connection()
	there := f.Source(func(s *needle.Source) { s.ConnectionID = second.ID })
	st := store.New(db, store.Config{})
	for i, one := range []struct {
		scope  store.Scope
		source *needle.Source
	}{{st.In(f.Workspace.ID), here}, {st.In(f.Workspace.ID), there}, {st.In(foreign.Workspace.ID), abroad}} {
		if got := upsert(t.Context(), t, one.scope, one.source, observation(one.source, "7", 3, 5)); got[0] != store.IssueInserted {
			t.Errorf("issue 7 of place %d was %s", i, got[0])
		}
	}
	if _, err := st.In(foreign.Workspace.ID).UpsertIssues(t.Context(), here.ConnectionID, []*needle.Issue{observation(here, "8", 1, 1)}); err == nil {
		t.Error("an issue was stored below another workspace's connection")
	}
}

// sight is one look at an issue: at the moment at, the tracker showed the state of the time updated, or nothing.
type sight struct {
	at, updated int
	gone        bool
}

// TestUpsertIssues_endWithTheNewestWhateverTheOrder lets an issue live: be changed, deleted and restored, which changes
// it. Requests see it at different times, and their answers arrive in any order, some twice. Then the row is what the
// last request saw.
func TestUpsertIssues_endWithTheNewestWhateverTheOrder(t *testing.T) {
	t.Parallel()
	s, source := mirrorOf(t)
	serial := 0
	rapid.Check(t, func(r *rapid.T) {
		serial++
		remote := strconv.Itoa(serial)
		updated, gone := 1, false
		var sights []sight
		for at := 2; at < 2+rapid.IntRange(1, 8).Draw(r, "requests"); at++ {
			switch rapid.IntRange(0, 3).Draw(r, "what happens before") {
			case 0:
				updated, gone = at-1, false // changed, or restored
			case 1:
				gone = true
			}
			sights = append(sights, sight{at: at, updated: updated, gone: gone})
		}
		last := sights[len(sights)-1]
		upsert(t.Context(), t, s, source, observation(source, remote, 1, 1)) // a tombstone needs a row to stand on
		arrivals := rapid.Permutation(slices.Concat(sights, sights[:rapid.IntRange(0, len(sights)).Draw(r, "twice")])).Draw(r, "arrivals")
		for _, one := range arrivals {
			if one.gone {
				if _, err := s.MarkIssueGone(t.Context(), source.ConnectionID, remote, second(one.at)); err != nil {
					r.Fatal(err)
				}
				continue
			}
			upsert(t.Context(), t, s, source, observation(source, remote, one.updated, one.at))
		}
		got, err := s.IssueOf(t.Context(), source.ConnectionID, remote)
		if err != nil {
			r.Fatal(err)
		}
		if (got.GoneAt != nil) != last.gone {
			r.Fatalf("gone %v; the last request saw %+v", got.GoneAt, last)
		}
		if want := observation(source, remote, last.updated, 0); !last.gone && got.Title != want.Title {
			r.Fatalf("it is %q; the last request saw %q", got.Title, want.Title)
		}
	})
}

// TestUpsertIssues_isNotOvertaken lets another transaction store a newer state after the older one was found to be news and
// before it is written.
func TestUpsertIssues_isNotOvertaken(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	source := f.Source()
	s := store.New(db, store.Config{Now: storetest.Now}).In(f.Workspace.ID)
	upsert(t.Context(), t, s, source, observation(source, "7", 1, 1))
	older := make(chan []store.IssueOutcome, 1)
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
		upsert(ctx, t, tx, source, observation(source, "7", 3, 3))
		go func() {
			got, err := s.UpsertIssues(ctx, source.ConnectionID, []*needle.Issue{observation(source, "7", 2, 4)})
			if err != nil {
				t.Error(err)
			}
			older <- got
		}()
		for waiting := 0; waiting == 0; { // until the older one waits for the row that this transaction holds
			err := db.QueryRowContext(ctx, `
				SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := <-older; len(got) != 1 || got[0] != store.IssueUnchanged {
		t.Errorf("the older state was %v", got)
	}
	stored, err := s.IssueOf(t.Context(), source.ConnectionID, "7")
	if want := observation(source, "7", 3, 3).Title; err != nil || stored.Title != want {
		t.Errorf("stored is %+v, %v", stored, err)
	}
}

func TestMarkIssueGone_saysWhetherItWasNews(t *testing.T) {
	t.Parallel()
	s, source := mirrorOf(t)
	row := observation(source, "7", 3, 10)
	upsert(t.Context(), t, s, source, row)
	for i, c := range []struct {
		observed int
		want     bool
	}{{10, false}, {9, false}, {12, true}, {13, false}} {
		if got, err := s.MarkIssueGone(t.Context(), source.ConnectionID, "7", second(c.observed)); err != nil || got != c.want {
			t.Errorf("%d: gone at %d was news: %t, %v", i, c.observed, got, err)
		}
	}
	if got, err := s.MarkIssueGone(t.Context(), source.ConnectionID, "unknown", second(20)); err != nil || got {
		t.Errorf("an unknown issue was news: %t, %v", got, err)
	}
	stored, err := s.Issue(t.Context(), row.ID)
	if err != nil || stored.GoneAt == nil || !stored.GoneAt.Equal(second(12)) || !stored.ObservedAt.Equal(second(13)) {
		t.Errorf("stored is %+v, %v", stored, err)
	}
}

func TestUpsertIssues_storesEveryCleanTextAsItIs(t *testing.T) {
	t.Parallel()
	s, source := mirrorOf(t)
	serial := 0
	rapid.Check(t, func(r *rapid.T) {
		row := observation(source, "7", 1, 1)
		row.Title, row.Body = needle.Clean(rapid.String().Draw(r, "title")), needle.Clean(rapid.String().Draw(r, "body"))
		row.Labels = []string{needle.Clean(rapid.String().Draw(r, "label"))}
		serial++
		row.RemoteID = strconv.Itoa(serial)
		upsert(t.Context(), t, s, source, row)
		got, err := s.IssueOf(t.Context(), source.ConnectionID, row.RemoteID)
		if err != nil {
			r.Fatal(err)
		}
		if got.Title != row.Title || got.Body != row.Body || !slices.Equal(got.Labels, row.Labels) {
			r.Fatalf("stored %q %q %q, not %q %q %q", got.Title, got.Body, got.Labels, row.Title, row.Body, row.Labels)
		}
	})
}
