package syncing_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
)

// aDay lets the last count grow old.
const aDay = 24 * time.Hour

// censusOf is the run of the count in the latest report.
func (w *world) censusOf(conn *needle.Connection) *needle.SyncRun {
	w.t.Helper()
	for _, one := range w.sync(conn).Sources {
		if one.Run.Kind == needle.SyncCensus {
			return &one.Run
		}
	}
	return nil
}

// alive counts the issues that are no tombstones.
func (w *world) alive() int {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM issues WHERE gone_at IS NULL`)
}

// remoteID is the tracker's id of an issue.
func (w *world) remoteID(number int) string {
	w.t.Helper()
	var raw struct {
		ID json.Number `json:"id"`
	}
	if err := json.Unmarshal(w.gh.Raw(shop, number), &raw); err != nil {
		w.t.Fatal(err)
	}
	return raw.ID.String()
}

func TestCensus_findsWhatWasDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	numbers := w.open(25)
	conn := w.connect()
	if w.censusOf(conn) != nil {
		t.Error("a source that was just read whole was counted")
	}
	for _, n := range numbers[:4] {
		if err := w.gh.Delete(shop, n); err != nil {
			t.Fatal(err)
		}
	}
	if w.censusOf(conn) != nil || w.alive() != 25 {
		t.Error("a listing by change time told of deletions")
	}
	w.clock.pass(aDay)
	run := w.censusOf(conn)
	if run == nil || run.State != needle.SyncSucceeded || run.Seen != 21 || run.Tombstoned != 4 || run.Reason != "" {
		t.Fatalf("the count was %+v", run)
	}
	w.inStep()
	if w.censusOf(conn) != nil {
		t.Error("it was counted again at once")
	}
	if s := w.source(conn.ID); s.CensusAt == nil || s.Unobserved != 0 || s.Alert() != "" {
		t.Errorf("the source is %+v", s)
	}
}

func TestCensus_buriesNothingWhenMostIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	numbers := w.open(10)
	conn := w.connect()
	w.sync(conn)
	for _, n := range numbers[:6] {
		if err := w.gh.Delete(shop, n); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.pass(aDay)
	run := w.censusOf(conn)
	if run == nil || run.Tombstoned != 0 || !strings.HasPrefix(run.Reason, "6 issues") || w.alive() != 10 {
		t.Fatalf("the count was %+v, and %d issues are left", run, w.alive())
	}
	if s := w.source(conn.ID); s.Unobserved != 6 || s.State != needle.SourceOK {
		t.Errorf("the source is %+v", s)
	}
	settle := func(gone bool) (*needle.Source, error) {
		return w.engine.SettleVanished(w.ctx, needle.SettleVanishedInput{SourceID: w.source(conn.ID).ID, Gone: gone})
	}
	if s, err := settle(false); err != nil || s.Unobserved != 0 || s.AcceptVanished || w.alive() != 10 {
		t.Errorf("clearing the alert: %+v, %v", s, err)
	}
	if _, err := settle(true); err == nil {
		t.Error("an alert that is not there was settled")
	}
	w.clock.pass(aDay)
	w.sync(conn)
	if s, err := settle(true); err != nil || s.Unobserved != 0 || !s.AcceptVanished {
		t.Errorf("saying that they are gone: %+v, %v", s, err)
	}
	if run := w.censusOf(conn); run == nil || run.Tombstoned != 6 {
		t.Errorf("the count after that was %+v", run)
	}
	w.inStep()
	if w.source(conn.ID).AcceptVanished {
		t.Error("the word counts for more than one count")
	}
}

func TestCensus_believesTheIssueMoreThanTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(10)
	conn := w.connect()
	w.sync(conn)
	// One issue was taken for gone by a wrong answer, two are hidden from the list though they are there.
	w.clock.pass(time.Minute)
	if gone, err := w.scope.MarkIssueGone(t.Context(), conn.ID, w.remoteID(1), w.clock.now()); err != nil || !gone {
		t.Fatal(gone, err)
	}
	w.clock.pass(aDay)
	hide := func(r *http.Request) *fakegithub.Fault {
		if r.URL.Query().Get("sort") == "created" && r.URL.Query().Get("page") == "" && r.URL.Query().Get("after") == "" {
			return &fakegithub.Fault{Status: http.StatusOK, Body: "[" + strings.Join([]string{
				string(w.gh.Raw(shop, 1)), string(w.gh.Raw(shop, 2)), string(w.gh.Raw(shop, 3)), string(w.gh.Raw(shop, 4)),
				string(w.gh.Raw(shop, 5)), string(w.gh.Raw(shop, 6)), string(w.gh.Raw(shop, 7)), string(w.gh.Raw(shop, 8)),
			}, ",") + "]"}
		}
		return nil
	}
	w.spoil.Store(&hide)
	run := w.censusOf(conn)
	if run == nil || run.Seen != 8 || run.Tombstoned != 0 || run.Updated != 1 || run.Unchanged != 2 {
		t.Fatalf("the count was %+v", run)
	}
	w.spoil.Store(nil)
	w.inStep()
}

func TestCensus_meetsWhatNoListingTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(3)
	conn := w.connect()
	w.sync(conn)
	// An issue as old as the others that became visible without changing.
	number, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Seen late"})
	must(t, number, err)
	old := w.clock.now().Add(-30 * aDay)
	if err := w.gh.Update(shop, number, fakegithub.Change{At: old}); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(aDay)
	run := w.censusOf(conn)
	if run == nil || run.Seen != 4 || run.Inserted != 1 {
		t.Fatalf("the count was %+v", run)
	}
	w.inStep()
}

func TestCensus_thatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(3)
	conn := w.connect()
	w.sync(conn)
	w.clock.pass(aDay)
	fail := func(r *http.Request) *fakegithub.Fault {
		if r.URL.Query().Get("sort") == "created" {
			return fakegithub.BadGateway()
		}
		return nil
	}
	w.spoil.Store(&fail)
	report, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	if err != nil || report.State != needle.ConnectionUnavailable || w.alive() != 3 {
		t.Errorf("a count that failed: %s, %v", report.State, err)
	}
	w.spoil.Store(nil)
	if run := w.censusOf(conn); run == nil || run.State != needle.SyncSucceeded {
		t.Errorf("the next count was %+v", run)
	}
	if diff := cmp.Diff(1, w.count(`SELECT count(*) FROM sync_runs WHERE kind = 'CENSUS' AND state = 'FAILED'`)); diff != "" {
		t.Error(diff)
	}
}

func TestRequestSync_hasSourcesCountedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	numbers := w.open(5)
	conn := w.connect()
	w.sync(conn)
	check(t, w.gh.Delete(shop, numbers[0]))
	w.clock.pass(time.Minute)
	yes := true
	_, err := w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID, Census: &yes})
	check(t, err)
	if run := w.censusOf(conn); run == nil || run.Tombstoned != 1 {
		t.Errorf("the count that was asked for was %+v", run)
	}
	if w.censusOf(conn) != nil {
		t.Error("it was counted again")
	}
}

func TestRequestSync_refusesToCountWhatCannotBeCounted(t *testing.T) {
	t.Parallel()
	w, _, conn, _ := boardWorld(t, 1)
	yes := true
	_, err := w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID, Census: &yes})
	w.demandErrors(err, userError{needle.CodeInvalid, "input.census"})
}
