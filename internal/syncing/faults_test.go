package syncing_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// demand checks a state, what its reason says, and that neither report, rows nor activity hold the token.
func (w *world) demand(conn *needle.Connection, report syncing.Report, state needle.ConnectionState, says ...string) {
	w.t.Helper()
	now := w.connection(conn.ID)
	if report.State != state || now.State != state || report.Reason != now.StateReason {
		w.t.Errorf("the report says %s (%s), the row %s (%s), not %s", report.State, report.Reason, now.State, now.StateReason, state)
	}
	for _, part := range says {
		if !strings.Contains(now.StateReason, part) {
			w.t.Errorf("the reason %q does not say %q", now.StateReason, part)
		}
	}
	if n := w.count(`SELECT count(*) FROM activities AS a WHERE a::text LIKE '%github_pat%'`) +
		w.count(`SELECT count(*) FROM connections AS c WHERE c::text LIKE '%github_pat%'`) +
		w.count(`SELECT count(*) FROM sync_runs AS r WHERE r::text LIKE '%github_pat%'`); n != 0 {
		w.t.Errorf("%d rows hold a token", n)
	}
}

func TestSyncConnection_waitsForNewCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(3)
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.Settings[0].Value = "github_pat_bad" })
	w.demand(conn, w.sync(conn), needle.ConnectionAuthFailed, "GitHub", "credentials", "Bad credentials")
	w.demand(conn, w.sync(conn), needle.ConnectionAuthFailed)
	w.clock.pass(time.Hour)
	due, err := w.engine.Due(t.Context(), 10)
	if check(t, err); len(due) != 0 {
		t.Errorf("%d passes are due although only a person can help", len(due))
	}
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{
		ID: conn.ID, Settings: []*needle.SettingInput{{Name: "token", Value: goodToken}},
	})
	check(t, err)
	if now := w.connection(conn.ID); now.State != needle.ConnectionUnchecked || now.SyncRequestedAt == nil || now.StateReason != "" {
		t.Errorf("with new credentials the connection is %+v", now)
	}
	w.demand(conn, w.sync(conn), needle.ConnectionOK)
	w.inStep()
	// One activity when it failed, none when it failed again, one for the new token and one for the recovery.
	want := []needle.Verb{needle.VerbCreated, needle.VerbFailed, needle.VerbUpdated, needle.VerbUpdated}
	if diff := cmp.Diff(want, w.verbs(conn.ID.String())); diff != "" {
		t.Errorf("activity: %s", diff)
	}
}

func TestSyncConnection_doesNotBlameNewCredentialsForOldOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(3)
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.Settings[0].Value = "github_pat_bad" })
	var once sync.Once
	w.spoilWith(func(*http.Request) *fakegithub.Fault {
		once.Do(func() { // A person is faster than the tracker.
			_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{
				ID: conn.ID, Settings: []*needle.SettingInput{{Name: "token", Value: goodToken}},
			})
			check(t, err)
		})
		return nil
	})
	w.demand(conn, w.sync(conn), needle.ConnectionUnchecked)
	due, err := w.engine.Due(t.Context(), 10)
	if check(t, err); len(due) != 1 {
		t.Errorf("%d passes are due with the new credentials", len(due))
	}
	w.demand(conn, w.sync(conn), needle.ConnectionOK)
	w.inStep()
}

func TestSyncConnection_losesItsAccess(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{http.StatusUnauthorized: "does not accept", http.StatusForbidden: "does not let them read"} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			conn := w.connect()
			w.sync(conn)
			w.spoilWith(always(fakegithub.Message(status, "No more, "+goodToken)))
			w.demand(conn, w.sync(conn), needle.ConnectionAuthFailed, says, "No more, •••")
			if source := w.source(conn.ID); source.State != needle.SourceOK {
				t.Errorf("the source is blamed: %s", source.StateReason)
			}
			if n := w.count(`SELECT count(*) FROM sync_runs WHERE state = 'FAILED' AND reason <> ''`); n != 1 {
				t.Errorf("%d runs failed with a reason", n)
			}
		})
	}
}

func TestSyncConnection_putsAnUnknownSourceAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(3)
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.Sources = []string{"octo/nothing", shop} })
	report := w.sync(conn)
	w.demand(conn, report, needle.ConnectionOK)
	w.inStep()
	sources, err := w.scope.SyncSources(t.Context(), conn.ID)
	check(t, err)
	lost := sources[1]
	if lost.RemoteKey != "octo/nothing" || lost.State != needle.SourceError || !strings.Contains(lost.StateReason, `has no "octo/nothing"`) {
		t.Fatalf("the unknown source is %+v", lost.Source)
	}
	if before := w.gh.RequestCount(); len(w.sync(conn).Sources) != 1 || w.gh.RequestCount() != before+1 {
		t.Error("a source that waits for a person was asked for again")
	}
	w.gh.AddRepo("octo/nothing")
	_, err = w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
	check(t, err)
	w.sync(conn)
	found, err := w.scope.Source(t.Context(), lost.ID)
	if check(t, err); found.State != needle.SourceOK || found.StateReason != "" {
		t.Errorf("after it was made and asked for the source is %+v", found)
	}
	if diff := cmp.Diff([]needle.Verb{needle.VerbFailed, needle.VerbUpdated}, w.verbs(lost.ID.String())); diff != "" {
		t.Errorf("activity: %s", diff)
	}
}

func TestSyncConnection_waitsLongerForATrackerThatIsDown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*fakegithub.Fault{
		"HTML from a proxy":           fakegithub.BadGateway(),
		"an answer cut short":         {Truncate: true},
		"a connection that breaks":    {HangUp: true},
		"an error":                    fakegithub.Message(http.StatusInternalServerError, "Oops"),
		"JSON of another shape":       {Status: http.StatusOK, Body: `{"issues":[]}`},
		"nothing where a list is due": {Status: http.StatusOK, Body: `null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.open(3)
			conn := w.connect()
			w.sync(conn)
			w.clock.pass(time.Hour)
			w.open(1)
			w.spoilWith(always(fault))
			var waits []time.Duration
			for range 8 {
				w.demand(conn, w.sync(conn), needle.ConnectionUnavailable, "tried again by itself")
				now := w.connection(conn.ID)
				waits = append(waits, now.NextSyncAt.Sub(w.clock.now()))
				w.clock.at.Store(now.NextSyncAt.UnixMicro())
			}
			// Half of the wait is fixed, the other half is drawn: here always a half of it.
			var want []time.Duration
			for _, full := range []time.Duration{30, 60, 120, 240, 480, 900, 900, 900} {
				want = append(want, full*time.Second*3/4)
			}
			if diff := cmp.Diff(want, waits); diff != "" {
				t.Error(diff)
			}
			w.heal()
			w.demand(conn, w.sync(conn), needle.ConnectionOK)
			if now := w.connection(conn.ID); now.Failures != 0 || now.StateReason != "" {
				t.Errorf("after the recovery the connection is %+v", now)
			}
			w.inStep()
			want2 := []needle.Verb{needle.VerbCreated, needle.VerbUpdated, needle.VerbFailed, needle.VerbUpdated}
			if diff := cmp.Diff(want2, w.verbs(conn.ID.String())); diff != "" {
				t.Errorf("activity: %s", diff)
			}
		})
	}
}

func TestSyncConnection_leavesALimitedTrackerAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault func(now time.Time) *fakegithub.Fault
		wait  time.Duration
	}{
		{"403, nothing remains", func(now time.Time) *fakegithub.Fault {
			return fakegithub.PrimaryLimit(http.StatusForbidden, now.Add(20*time.Minute))
		}, 20 * time.Minute},
		{"429, retry after", func(time.Time) *fakegithub.Fault {
			return fakegithub.SecondaryLimit(http.StatusTooManyRequests, 90*time.Second)
		}, 90 * time.Second},
		{"403, without headers", func(time.Time) *fakegithub.Fault { return fakegithub.SecondaryLimit(http.StatusForbidden, 0) }, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.open(3)
			conn := w.connect()
			w.sync(conn)
			until := w.clock.now().Truncate(time.Second).Add(c.wait)
			w.spoilWith(always(c.fault(w.clock.now())))
			report := w.sync(conn)
			w.demand(conn, report, needle.ConnectionLimited, "left alone until "+until.Format(time.RFC3339))
			now := w.connection(conn.ID)
			if !now.RateLimitedUntil.Equal(until) || !now.NextSyncAt.Equal(until) || !report.RetryAt.Equal(until) {
				t.Errorf("limited until %v, next pass %v, not %v", now.RateLimitedUntil, now.NextSyncAt, until)
			}
			// Not even a request makes it ask before the time.
			_, err := w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
			check(t, err)
			before := w.gh.RequestCount()
			if report := w.sync(conn); !report.Idle || w.gh.RequestCount() != before {
				t.Errorf("the tracker was asked in spite of its limit: %+v", report)
			}
			if due, err := w.engine.Due(t.Context(), 10); err != nil || len(due) != 0 {
				t.Errorf("due in spite of the limit: %v %v", due, err)
			}
			w.clock.at.Store(until.UnixMicro())
			if due, err := w.engine.Due(t.Context(), 10); err != nil || len(due) != 1 {
				t.Errorf("not due after the limit: %v %v", due, err)
			}
			w.heal()
			w.demand(conn, w.sync(conn), needle.ConnectionOK)
			w.inStep()
		})
	}
}

func TestSyncConnection_keepsItsDistanceWhenLimitedAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	w.sync(conn)
	w.spoilWith(always(fakegithub.SecondaryLimit(http.StatusForbidden, 0)))
	last := time.Duration(0)
	for range 8 {
		report := w.sync(conn)
		wait := report.RetryAt.Sub(w.clock.now())
		if wait < last || wait < time.Minute || wait > 15*time.Minute {
			t.Errorf("after %s it waits %s", last, wait)
		}
		last = wait
		w.clock.at.Store(report.RetryAt.UnixMicro())
	}
	if last != 15*time.Minute {
		t.Errorf("in the end it waits %s", last)
	}
}

func TestSyncConnection_putsAPoisonedIssueAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(5)
	whole := w.gh.Raw(shop, n[2])
	var fields map[string]any
	check(t, json.Unmarshal(whole, &fields))
	fields["title"] = 7
	poisoned, err := json.Marshal(fields)
	check(t, err)
	check(t, w.gh.Poison(shop, n[2], poisoned))
	conn := w.connect()
	report := w.sync(conn)
	if counts := report.Counts(); counts.Inserted != 4 || counts.Quarantined != 1 || counts.Seen != 5 || report.State != needle.ConnectionOK {
		t.Errorf("with one poisoned issue: %+v", report)
	}
	var raw []byte
	check(t, w.store.DB().QueryRowContext(t.Context(), `SELECT raw FROM quarantined_issues WHERE resolved_at IS NULL AND reason <> ''`).Scan(&raw))
	if string(raw) != string(poisoned) {
		t.Errorf("kept raw: %s", raw)
	}
	w.clock.pass(time.Hour)
	check(t, w.gh.Poison(shop, n[2], whole))
	check(t, w.gh.Update(shop, n[2], fakegithub.Change{}))
	w.sync(conn)
	w.inStep()
	if n := w.count(`SELECT count(*) FROM quarantined_issues WHERE resolved_at IS NULL`); n != 0 {
		t.Errorf("%d issues are still in quarantine", n)
	}
}

func TestSyncConnection_survivesNULAndBrokenText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(1)
	var fields map[string]json.RawMessage
	check(t, json.Unmarshal(w.gh.Raw(shop, n[0]), &fields))
	fields["title"] = json.RawMessage(`"be\u0000fore \ud800 after"`)
	fields["body"] = json.RawMessage("\"broken \xff\xfe bytes\"")
	fields["labels"] = json.RawMessage(`[{"name":"a\u0000b"},{"name":"\u0000"}]`)
	raw := []byte("{")
	for name, value := range fields {
		if len(raw) > 1 {
			raw = append(raw, ',')
		}
		raw = append(append(append(raw, '"'), name...), '"', ':')
		raw = append(raw, value...)
	}
	check(t, w.gh.Poison(shop, n[0], append(raw, '}')))
	report := w.sync(w.connect())
	if counts := report.Counts(); counts.Inserted != 1 || counts.Quarantined != 0 {
		t.Fatalf("counts are %+v (%s)", counts, report.Reason)
	}
	got := w.inMirror()
	for _, one := range got {
		want := seen{
			Key: shop + "#1", Title: "before \uFFFD after", Body: "broken \uFFFD\uFFFD bytes", Status: "TODO", Labels: []string{"ab"}, Updated: one.Updated,
		}
		if diff := cmp.Diff(want, one); diff != "" {
			t.Error(diff)
		}
	}
	if n := w.count(`SELECT count(*) FROM backlog_items WHERE title = ?`, "before \uFFFD after"); n != 1 {
		t.Error("the item does not have the cleaned title")
	}
}

func TestSyncConnection_saysWhichKeyIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	without := w.newEngine(w.newStore(store.KeyRing{Current: "k2", Keys: map[string][]byte{"k2": make([]byte, 32)}}), 10)
	report, err := without.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	check(t, err)
	w.demand(conn, report, needle.ConnectionAuthFailed, `"k1"`, "Put the key back")
	if n := w.gh.RequestCount(); n != 0 {
		t.Errorf("%d requests were made without credentials", n)
	}
}

func TestSyncConnection_doesNothingWhilePaused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect()
	pause, goOn := true, false
	asked := 0
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if asked++; lists(r) && w.count(`SELECT sum(pages) FROM sync_runs`) == 1 {
			_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Paused: &pause})
			check(t, err)
		}
		return nil
	})
	if _, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil); err == nil {
		t.Error("a pass went on although its connection was paused")
	}
	if n := len(w.inMirror()); n != 10 {
		t.Errorf("%d issues were stored although it was paused after ten", n)
	}
	before := asked
	if report := w.sync(conn); !report.Idle || asked != before || report.State != needle.ConnectionPaused {
		t.Errorf("a paused connection was read: %+v", report)
	}
	w.heal()
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Paused: &goOn})
	check(t, err)
	w.demand(conn, w.sync(conn), needle.ConnectionOK)
	w.inStep()
}
