package syncing_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// writeBack runs over the outbox of a connection once.
func (w *world) writeBack(conn *needle.Connection) syncing.WriteBackReport {
	w.t.Helper()
	report, err := w.engine.WriteBack(w.t.Context(), w.f.Workspace.ID, conn.ID)
	return must(w.t, report, err)
}

// settleDown lets time pass and runs over the outbox until nothing is left to do, and returns what was done.
func (w *world) settleDown(conn *needle.Connection) syncing.WriteBackReport {
	w.t.Helper()
	var all syncing.WriteBackReport
	for range 100 {
		w.clock.pass(2 * time.Minute)
		one := w.writeBack(conn)
		all.Written, all.Removed, all.Failed, all.Reason = all.Written+one.Written, all.Removed+one.Removed, all.Failed+one.Failed, one.Reason
		if !one.More && one.Written+one.Removed+one.Failed == 0 && w.backlinks(conn, "PENDING") == 0 {
			return all
		}
	}
	w.t.Fatal("writing back does not come to rest")
	return all
}

// backlinks counts the rows of the outbox in a state.
func (w *world) backlinks(conn *needle.Connection, state string) int {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM backlinks WHERE connection_id = ? AND state = ?`, conn.ID, state)
}

// issueID finds our id of an issue.
func (w *world) issueID(conn *needle.Connection, remote string) needle.IssueID {
	w.t.Helper()
	issue, err := w.scope.IssueOf(w.t.Context(), conn.ID, remote)
	return must(w.t, issue, err).ID
}

// rowOf reads the outbox's row of an issue.
func (w *world) rowOf(conn *needle.Connection, remote string) *needle.Backlink {
	w.t.Helper()
	rows, err := w.scope.BacklinksByIssue(w.t.Context(), []needle.IssueID{w.issueID(conn, remote)})
	return must(w.t, rows, err)[0]
}

// exact demands that beside every living issue there is what is to be said of it, and beside no other anything.
func (w *world) exact(b *board, conn *needle.Connection) {
	w.t.Helper()
	for _, i := range b.issues {
		if i.deleted {
			continue
		}
		id := w.issueID(conn, i.Ref.ID)
		want := map[string]integrations.Backlink{}
		text, err := w.engine.PreviewBacklink(w.ctx, id)
		if must(w.t, text, err) != nil {
			marker := "needle:" + id.String()
			want[marker] = integrations.Backlink{Marker: marker, URL: text.URL, Title: text.Title, Body: text.Body}
		}
		if diff := cmp.Diff(want, b.shown(i.Ref.ID)); diff != "" {
			w.t.Errorf("beside %s (-wanted +shown):\n%s", i.Ref.Key, diff)
		}
	}
}

// measure changes the present value of a key result.
func (w *world) measure(kr *needle.KeyResult, value float64) {
	w.t.Helper()
	_, err := w.store.DB().ExecContext(w.t.Context(), `UPDATE key_results SET current_value = ?, current_at = ? WHERE id = ?`, value, w.clock.now(), kr.ID)
	check(w.t, err)
}

// unlink takes the words out of an issue that link it.
func (w *world) unlink(b *board, conn *needle.Connection, remote string) {
	w.t.Helper()
	w.clock.pass(time.Second)
	b.change(remote, func(i *boardIssue) { i.Body = "for its own sake" })
	w.sync(conn)
}

// turn turns writing back on or off.
func (w *world) turn(conn *needle.Connection, on bool, remove *bool) {
	w.t.Helper()
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, WriteBack: &on, RemoveBacklinks: remove})
	check(w.t, err)
}

func TestWriteBack_showsWhatIssuesServe(t *testing.T) {
	t.Parallel()
	w, b, conn, kr := boardWorld(t, 3)
	b.create("for its own sake")
	w.clock.pass(time.Second)
	w.sync(conn)
	if report := w.settleDown(conn); report.Written != 3 || report.Removed+report.Failed != 0 || report.Reason != "" {
		t.Errorf("the run did %+v", report)
	}
	w.exact(b, conn)
	if text := b.shown("1")["needle:"+w.issueID(conn, "1").String()]; text.Title != "Serves "+kr.Key()+" Reduce onboarding time" || !strings.Contains(text.Body, "2 other items serve it") {
		t.Errorf("it says %+v", text)
	}
	b.paced(t)
	if row := w.rowOf(conn, "1"); row.State != needle.BacklinkWritten || row.WrittenAt == nil || row.Attempts != 0 || row.NotBefore != nil {
		t.Errorf("the row is %+v", row)
	}
}

func TestWriteBack_asksForNothingWhileNothingChanges(t *testing.T) {
	t.Parallel()
	w, b, conn, _ := boardWorld(t, 3)
	w.settleDown(conn)
	asked, _ := b.counts()
	before := w.count(`SELECT count(*) FROM activities`)
	for range 5 { // What was written changed the issues, and the pass that reads them must not make it start over.
		w.clock.pass(10 * time.Minute)
		w.sync(conn)
		w.settleDown(conn)
	}
	if again, _ := b.counts(); again != asked {
		t.Errorf("%d requests became %d", asked, again)
	}
	if n := w.count(`SELECT count(*) FROM activities`); n != before {
		t.Errorf("%d activities were told of nothing", n-before)
	}
}

func TestWriteBack_followsEverythingThatMatters(t *testing.T) {
	t.Parallel()
	w, b, conn, kr := boardWorld(t, 3)
	w.settleDown(conn)
	other := w.f.KeyResult()
	exec := func(query string, args ...any) func() {
		return func() {
			_, err := w.store.DB().ExecContext(t.Context(), query, args...)
			check(t, err)
		}
	}
	for _, change := range []struct {
		name   string
		make   func()
		writes int
	}{
		{"a check-in", func() { w.measure(kr, 40) }, 3},
		{"another target", exec(`UPDATE key_results SET target = 80 WHERE id = ?`, kr.ID), 3},
		{"another title", exec(`UPDATE key_results SET title = 'Shorten onboarding' WHERE id = ?`, kr.ID), 3},
		{"another note, which nobody reads there", exec(`UPDATE contributions SET note = 'private'`), 0},
		{"one link more", func() {
			b.change("1", func(i *boardIssue) { i.Body += "\nNeedle: enables " + other.Key() + " +1..2 in 7-14d" })
			w.sync(conn)
		}, 1},
		{"a delivery", func() {
			b.change("2", func(i *boardIssue) {
				at := w.clock.now()
				i.State, i.ClosedAt = integrations.StateDone, &at
			})
			w.sync(conn)
		}, 1},
		{"a second delivery, which shares the window of the first", func() {
			b.change("3", func(i *boardIssue) {
				at := w.clock.now()
				i.State, i.ClosedAt = integrations.StateDone, &at
			})
			w.sync(conn)
		}, 2},
		{"a link that ended", func() { w.unlink(b, conn, "1") }, 1 + 0},
		{"a closed objective", exec(`UPDATE objectives SET state = 'CLOSED', outcome = 'PARTLY', state_changed_at = state_changed_at + interval '1 day',
			version = version + 1 WHERE id = ?`, kr.ObjectiveID), 2},
	} {
		w.clock.pass(time.Minute)
		change.make()
		report := w.settleDown(conn)
		if got := report.Written + report.Removed; got != change.writes {
			t.Errorf("%s made %d requests, want %d", change.name, got, change.writes)
		}
		w.exact(b, conn)
	}
	b.paced(t)
}

func TestWriteBack_removesWhatItWroteWhenItIsTurnedOff(t *testing.T) {
	t.Parallel()
	w, b, conn, _ := boardWorld(t, 3)
	w.settleDown(conn)
	w.turn(conn, false, nil)
	if n := w.backlinks(conn, "PENDING"); n != 3 {
		t.Errorf("%d removals wait", n)
	}
	if report := w.settleDown(conn); report.Removed != 3 {
		t.Errorf("the run did %+v", report)
	}
	for _, i := range b.issues {
		if len(b.shown(i.Ref.ID)) != 0 {
			t.Errorf("beside %s there is still %v", i.Ref.Key, b.shown(i.Ref.ID))
		}
	}
	if at := w.connection(conn.ID).WriteBackAt; at != nil {
		t.Errorf("the outbox is due at %s", at)
	}
	w.turn(conn, true, nil)
	w.settleDown(conn)
	w.exact(b, conn)
}

func TestWriteBack_leavesWhatItWroteWhenAPersonSaysSo(t *testing.T) {
	t.Parallel()
	w, b, conn, kr := boardWorld(t, 3)
	w.settleDown(conn)
	asked, _ := b.counts()
	leave := false
	w.turn(conn, false, &leave)
	w.measure(kr, 12)
	w.settleDown(conn)
	if again, _ := b.counts(); again != asked || len(b.shown("1")) != 1 {
		t.Errorf("after %d requests there were %d, and beside the issue %v", asked, again, b.shown("1"))
	}
	w.unlink(b, conn, "3")
	w.turn(conn, true, nil)
	if report := w.settleDown(conn); report.Written != 2 || report.Removed != 1 {
		t.Errorf("turned on again the run did %+v", report)
	}
	w.exact(b, conn)
	remove := true
	w.turn(conn, false, &leave)
	w.turn(conn, false, &remove)
	if report := w.settleDown(conn); report.Removed != 2 {
		t.Errorf("removing what was left did %+v", report)
	}
}

func TestWriteBack_isOnlyForTrackersThatCan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain := &board{now: w.clock.now}
	driver := plain.driver()
	driver.Kind, driver.Prototype = "plain", struct{ integrations.Tracker }{plain}
	w.drivers = []integrations.Driver{driver}
	w.engine = w.newEngine(w.store, 10)
	on := true
	in := needle.CreateConnectionInput{Kind: "plain", Name: "Plain", Sources: []string{"board"}, WriteBack: &on}
	if _, err := w.engine.CreateConnection(w.ctx, in); !errors.Is(err, &needle.Error{Code: needle.CodeInvalid}) {
		t.Errorf("a connection that cannot write back was made: %v", err)
	}
	in.WriteBack = nil
	conn, err := w.engine.CreateConnection(w.ctx, in)
	check(t, err)
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, WriteBack: &on})
	if !errors.Is(err, &needle.Error{Code: needle.CodeInvalid}) {
		t.Errorf("writing back was turned on: %v", err)
	}
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, RemoveBacklinks: &on})
	if !errors.Is(err, &needle.Error{Code: needle.CodeInvalid}) {
		t.Errorf("removing without turning off was taken: %v", err)
	}
}

func TestWriteBack_waitsWhileTheConnectionIsHeldUp(t *testing.T) {
	t.Parallel()
	w, b, conn, _ := boardWorld(t, 1)
	for _, state := range []string{"PAUSED", "AUTH_FAILED", "RATE_LIMITED"} {
		_, err := w.store.DB().ExecContext(t.Context(), `UPDATE connections SET state = ?, rate_limited_until = ?`, state, w.clock.now().Add(time.Hour))
		check(t, err)
		due, err := w.engine.DueWriteBacks(t.Context(), 10)
		if report := w.writeBack(conn); len(must(t, due, err)) != 0 || !report.Idle {
			t.Errorf("%s: %d are due, and a run did %+v", state, len(due), report)
		}
	}
	w.clock.pass(2 * time.Hour)
	due, err := w.engine.DueWriteBacks(t.Context(), 10)
	if report := w.writeBack(conn); len(must(t, due, err)) != 1 || report.Written != 1 {
		t.Errorf("after the limit %d were due, and a run did %+v", len(due), report)
	}
	w.exact(b, conn)
}

func TestWriteBack_stopsBetweenTwoWritesWhenItIsCalledOff(t *testing.T) {
	t.Parallel()
	w, b, conn, _ := boardWorld(t, 5)
	ctx, cancel := context.WithCancel(t.Context())
	b.spoil(func(remote string, after bool) error {
		if after && remote == "2" {
			cancel()
			return ctx.Err()
		}
		return nil
	})
	if _, err := w.engine.WriteBack(ctx, w.f.Workspace.ID, conn.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that was called off answers %v", err)
	}
	if _, written := b.counts(); written != 2 {
		t.Errorf("%d were written", written)
	}
	b.spoil(nil)
	w.settleDown(conn)
	if _, written := b.counts(); written != 5 {
		t.Errorf("5 backlinks took %d changes", written)
	}
	w.exact(b, conn)
}
