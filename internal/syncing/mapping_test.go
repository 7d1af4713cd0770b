package syncing_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// mapped reads what a mapping makes of issues and items, and the moves that hold, by the key of the issue.
func (w *world) mapped() map[string]string {
	w.t.Helper()
	var rows []struct{ Key, Says string }
	check(w.t, w.store.DB().NewRaw(`
		SELECT i.remote_key AS key, concat_ws(' ', i.status, i.type, '|', b.status, b.stage, 'started', coalesce(b.started_at::text, '-'),
			'delivered', coalesce(b.delivered_at::text, '-'), '|', (
				SELECT string_agg(concat_ws(' ', m.from_status, m.to_status, m.occurred_at::text), ', ' ORDER BY m.occurred_at, m.recorded_at, m.id)
				FROM item_transitions AS m WHERE m.item_id = b.id
					AND NOT EXISTS (SELECT 1 FROM superseded_transitions AS x WHERE x.transition_id = m.id))) AS says
		FROM issues AS i LEFT JOIN backlog_items AS b ON b.issue_id = i.id`).Scan(w.t.Context(), &rows))
	out := map[string]string{}
	for _, r := range rows {
		out[r.Key] = r.Says
	}
	return out
}

// item reads the item of the issue with a remote id.
func (w *world) item(conn *needle.Connection, remote string) *needle.BacklogItem {
	w.t.Helper()
	issue, err := w.scope.IssueOf(w.t.Context(), conn.ID, remote)
	must(w.t, issue, err)
	items, err := w.scope.ItemsByIssue(w.t.Context(), []needle.IssueID{issue.ID})
	return must(w.t, items, err)[0]
}

// setMapping writes a mapping and applies it.
func (w *world) setMapping(conn *needle.Connection, states ...*needle.StateMappingInput) {
	w.t.Helper()
	m, err := w.engine.SetMapping(w.ctx, needle.SetMappingInput{ConnectionID: conn.ID, States: states})
	must(w.t, m, err)
	check(w.t, w.engine.ApplyMapping(w.t.Context(), w.f.Workspace.ID, conn.ID))
	if got := w.mapping(conn); got.AppliedAt == nil || got.Pending != 0 || got.Version != m.Version {
		w.t.Errorf("after it was applied the mapping is %+v", got)
	}
}

func (w *world) mapping(conn *needle.Connection) *needle.Mapping {
	w.t.Helper()
	found, err := w.scope.MappingsOf(w.t.Context(), []needle.ConnectionID{conn.ID})
	return must(w.t, found, err)[0]
}

func state(raw string, status needle.StatusCategory) *needle.StateMappingInput {
	return &needle.StateMappingInput{RawState: raw, Status: status}
}

func TestMappings_overruleACategoryThatIsWrong(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{Cloud: true})
	keyResult := w.f.KeyResult()
	project := server.AddProject("SHOP")
	linked, _, err := server.Create(project, fakejira.NewIssue{Title: "退款要快", Description: "towards " + keyResult.Key()})
	check(t, err)
	bare, _, err := server.Create(project, fakejira.NewIssue{Title: "Nothing served"})
	check(t, err)
	w.clock.pass(time.Hour)
	finished := w.clock.now()
	for _, id := range []string{linked, bare} {
		check(t, server.Transition(id, "收工", ""))
	}
	w.clock.pass(time.Hour)
	for _, id := range []string{linked, bare} {
		check(t, server.Set(id, map[string]any{"labels": []string{"touched"}}))
	}
	touched := w.clock.now()
	w.sync(conn)
	if got := w.item(conn, linked); got.Status != needle.StatusTodo || got.DeliveredAt != nil {
		t.Fatalf("by its category the item is %s, delivered %v", got.Status, got.DeliveredAt)
	}
	before := server.RequestCount()
	w.setMapping(conn, state(" 收工 ", needle.StatusDone))
	if n := server.RequestCount() - before; n != 0 {
		t.Errorf("applying a mapping sent %d requests", n)
	}
	// What was seen is all that is known, until the tracker is asked for what serves a result.
	for _, id := range []string{linked, bare} {
		if got := w.item(conn, id); got.Status != needle.StatusDone || got.DeliveredAt == nil || !got.DeliveredAt.Equal(touched) {
			t.Errorf("mapped, item %s is %s, delivered %v, want %v", id, got.Status, got.DeliveredAt, touched)
		}
	}
	believed := w.clock.now()
	w.clock.pass(time.Minute)
	w.sync(conn)
	if got := w.item(conn, linked); got.DeliveredAt == nil || !got.DeliveredAt.Equal(finished) {
		t.Errorf("by its history the item was delivered %v, want %v", got.DeliveredAt, finished)
	}
	// What was believed before stays, with the time at which it was.
	if n := w.count(`SELECT count(*) FROM superseded_transitions AS x JOIN item_transitions AS m ON m.id = x.transition_id
		WHERE m.to_status = 'DONE' AND m.occurred_at = ? AND m.recorded_at <= x.superseded_at`, touched); n != 1 {
		t.Errorf("%d guesses were superseded, want one", n)
	}
	item := w.item(conn, linked).ID
	histories, err := w.scope.TransitionHistories(t.Context(), []needle.BacklogItemID{item})
	all := must(t, histories, err)[item]
	if then := impact.WorkAsOf(all, believed); then.DeliveredAt == nil || !then.DeliveredAt.Equal(touched) {
		t.Errorf("a review of that time says that it was delivered %v, want %v", then.DeliveredAt, touched)
	}
	if now := impact.WorkAsOf(all, w.clock.now()); now.DeliveredAt == nil || !now.DeliveredAt.Equal(finished) {
		t.Errorf("a review of today says that it was delivered %v, want %v", now.DeliveredAt, finished)
	}
	if moves := w.movesOfItem(w.item(conn, linked)); len(moves) != 2 {
		t.Errorf("the moves are %v", moves)
	}
	asked := 0
	for _, r := range server.Requests() {
		if strings.Contains(r.Path, "/changelog") {
			asked++
		}
		if strings.Contains(r.Path, "/issue/"+bare+"/") {
			t.Errorf("a request was sent for an issue that serves nothing: %s", r.Path)
		}
	}
	if asked != 1 {
		t.Errorf("the history was asked for %d times, want once", asked)
	}
	w.setMapping(conn)
	if got := w.item(conn, linked); got.Status != needle.StatusTodo || got.DeliveredAt != nil || got.Stage != needle.StageProposed {
		t.Errorf("without the mapping the item is %+v", got)
	}
}

func TestMappings_readWhatPassesBringLater(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{})
	w.setMapping(conn, state("COMPLETED", needle.StatusDone), state("打磨中", needle.StatusDone))
	project := server.AddProject("SHOP")
	id, _, err := server.Create(project, fakejira.NewIssue{Title: "Later"})
	check(t, err)
	w.sync(conn)
	w.clock.pass(time.Hour)
	check(t, server.Transition(id, "Completed", ""))
	finished := w.clock.now()
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.clock.pass(time.Hour)
	check(t, server.Transition(id, "打磨中", "")) // From done to done is no second delivery.
	w.sync(conn)
	if got := w.item(conn, id); got.Status != needle.StatusDone || !got.DeliveredAt.Equal(finished) {
		t.Errorf("the item is %s, delivered %v, want %v", got.Status, got.DeliveredAt, finished)
	}
	issue, err := w.scope.IssueOf(t.Context(), conn.ID, id)
	if must(t, issue, err); issue.TrackerStatus != needle.StatusInProgress || issue.Status != needle.StatusDone {
		t.Errorf("the tracker's category is %s and the status %s", issue.TrackerStatus, issue.Status)
	}
	versions := w.versions()
	w.sync(conn)
	if diff := cmp.Diff(versions, w.versions()); diff != "" {
		t.Errorf("a pass over an unchanged project wrote:\n%s", diff)
	}
}

// TestMappings_areUndone is the property that a mapping leaves no trace: whatever was mapped in between, without it
// everything is as it was.
func TestMappings_areUndone(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{Cloud: true})
	keyResult := w.f.KeyResult()
	project := server.AddProject("SHOP")
	chance := rand.New(rand.NewPCG(4, 7))
	words := []string{"To Do", "In Progress", "Done", "Completed", "收工", "打磨中"}
	var ids []string
	for i := range 30 {
		body := ""
		if i%3 == 0 {
			body = "towards " + keyResult.Key()
		}
		id, _, err := server.Create(project, fakejira.NewIssue{Title: "Something to do", Description: body, Type: []string{"Bug", "Task", "Story"}[i%3]})
		check(t, err)
		ids = append(ids, id)
	}
	for range 4 {
		for _, id := range ids {
			if chance.IntN(3) > 0 {
				w.clock.pass(time.Minute)
				check(t, server.Transition(id, words[chance.IntN(len(words))], []string{"", "Won't Do"}[chance.IntN(2)]))
			}
		}
		w.clock.pass(time.Minute)
		w.sync(conn)
	}
	w.sync(conn)
	before := w.mapped()
	statuses := []needle.StatusCategory{needle.StatusTodo, needle.StatusInProgress, needle.StatusDone, needle.StatusDropped}
	for round := range 12 {
		in := needle.SetMappingInput{ConnectionID: conn.ID, Types: []*needle.TypeMappingInput{{RawType: "task", Type: needle.IssueTypeEpic}}}
		for _, word := range words {
			if chance.IntN(2) == 0 {
				in.States = append(in.States, state(strings.ToUpper(word), statuses[chance.IntN(4)]))
			}
		}
		_, err := w.engine.SetMapping(w.ctx, in)
		check(t, err)
		check(t, w.engine.ApplyMapping(t.Context(), w.f.Workspace.ID, conn.ID))
		if n := w.count(`SELECT count(*) FROM issues AS i JOIN backlog_items AS b ON b.issue_id = i.id WHERE b.status <> i.status
			OR (b.status = 'DONE') <> (b.delivered_at IS NOT NULL) OR i.raw_type = 'Task' AND i.type <> 'EPIC'`); n != 0 {
			t.Errorf("round %d: %d items do not follow their issues", round, n)
		}
		if round%2 == 0 {
			continue // Straight to the next mapping.
		}
		w.setMapping(conn)
		if diff := cmp.Diff(before, w.mapped()); diff != "" {
			t.Fatalf("round %d: a mapping left traces (-before +after):\n%s", round, diff)
		}
	}
}

func TestMappings_holdForPassesThatRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(45)
	for n := 1; n <= 45; n += 2 {
		check(t, w.gh.CloseIssue(shop, n, "completed"))
	}
	conn := w.connect()
	pages, done := 0, make(chan error, 1)
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) {
			if pages++; pages == 3 { // Two pages are stored by the tracker's own words.
				go func() {
					_, err := w.engine.SetMapping(w.ctx, needle.SetMappingInput{ConnectionID: conn.ID, States: []*needle.StateMappingInput{state("Closed", needle.StatusInProgress)}})
					if err == nil {
						err = w.engine.ApplyMapping(w.ctx, w.f.Workspace.ID, conn.ID)
					}
					done <- err
				}()
			}
		}
		return nil
	})
	w.sync(conn)
	check(t, <-done)
	w.heal()
	if n := w.count(`SELECT count(*) FROM issues AS i JOIN backlog_items AS b ON b.issue_id = i.id
		WHERE (i.raw_state = 'closed') <> (i.status = 'IN_PROGRESS') OR b.status <> i.status`); n != 0 {
		t.Errorf("%d issues or items were left by the mapping of before", n)
	}
	if n := w.count(`SELECT count(*) FROM issues WHERE status = 'IN_PROGRESS' AND tracker_status = 'DONE'`); n != 23 {
		t.Errorf("%d issues follow the mapping, want 23", n)
	}
}

func TestApplyMapping_goesOnBehindItsLastBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source := w.f.Source()
	conn := w.connection(source.ConnectionID)
	const n = 1100 // More than two batches.
	w.issues(source, n, "done-ish")
	m, err := w.engine.SetMapping(w.ctx, needle.SetMappingInput{ConnectionID: conn.ID, States: []*needle.StateMappingInput{state("Done-ish", needle.StatusDone)}})
	if must(t, m, err); m.AppliedAt != nil || m.Pending != n {
		t.Errorf("a fresh mapping is applied %v, pending %d", m.AppliedAt, m.Pending)
	}
	due, err := w.engine.PendingMappings(t.Context(), 10)
	if must(t, due, err); len(due) != 1 || due[0].ConnectionID != conn.ID {
		t.Errorf("the pending mappings are %+v", due)
	}
	// The process dies in its second batch: its clock is asked once for each batch that was stored.
	ctx, kill := context.WithCancel(t.Context())
	asked := 0
	dying := store.New(storetest.Open(t, w.address), store.Config{Keys: keys(), Now: func() time.Time {
		if asked++; asked == 4 {
			kill()
		}
		return w.clock.now()
	}})
	err = w.newEngine(dying, 10).ApplyMapping(ctx, w.f.Workspace.ID, conn.ID)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the dying process said %v", err)
	}
	mapped := `SELECT count(*) FROM issues WHERE status = 'DONE'`
	if done, left := w.count(mapped), w.mapping(conn).Pending; done != 500 || left != n-500 {
		t.Errorf("after the crash %d are mapped and %d pending, want 500 and %d", done, left, n-500)
	}
	versions := `SELECT max(version) FROM issues`
	check(t, w.engine.ApplyMapping(t.Context(), w.f.Workspace.ID, conn.ID))
	if done, left := w.count(mapped), w.mapping(conn); done != n || left.Pending != 0 || left.AppliedAt == nil || w.count(versions) != 2 {
		t.Errorf("in the end %d are mapped, %d pending, and the most written one has version %d", done, left.Pending, w.count(versions))
	}
	if due, err := w.engine.PendingMappings(t.Context(), 10); err != nil || len(due) != 0 {
		t.Errorf("there is still %+v to do, %v", due, err)
	}
}

// issues stores many issues of a source in one state, without asking a tracker.
func (w *world) issues(source *needle.Source, n int, raw string) {
	w.t.Helper()
	rows := make([]*needle.Issue, n)
	for i := range rows {
		rows[i] = &needle.Issue{
			ConnectionID: source.ConnectionID, SourceID: source.ID, RemoteID: strconv.Itoa(i), RemoteKey: fmt.Sprintf("octo/shop#%d", i),
			Type: needle.IssueTypeTask, TrackerType: needle.IssueTypeTask, RawType: "chore", Status: needle.StatusTodo, TrackerStatus: needle.StatusTodo,
			RawState: raw, RemoteCreatedAt: w.clock.now(), RemoteUpdatedAt: w.clock.now(), StateChangedAt: w.clock.now(), ObservedAt: w.clock.now(),
		}
	}
	_, err := w.scope.UpsertIssues(w.t.Context(), source.ConnectionID, rows)
	check(w.t, err)
}
