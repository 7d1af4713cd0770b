package syncing_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// due reports whether the schedule would have the inbox of the connection worked off.
func (w *world) due(conn *needle.Connection) bool {
	w.t.Helper()
	due, err := w.engine.DueInboxes(w.t.Context(), 10)
	check(w.t, err)
	return len(due) == 1 && due[0].ConnectionID == conn.ID
}

func TestWorkInbox_waitsUntilALimitEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	w.open(2)
	w.deliver(conn, w.mail.take()...)
	w.spoilWith(always(fakegithub.SecondaryLimit(http.StatusTooManyRequests, time.Hour)))
	report := w.workInbox(conn)
	if until := w.clock.now().Add(time.Hour); report.Idle || report.State != needle.ConnectionLimited || !report.RetryAt.Equal(until) {
		t.Errorf("the report is %+v", report)
	}
	w.spoilWith(func(*http.Request) *fakegithub.Fault { t.Error("asked in spite of the limit"); return nil })
	if report := w.workInbox(conn); !report.Idle || report.RetryAt.IsZero() || w.due(conn) {
		t.Errorf("while limited: %+v", report)
	}
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookPending: 2})
	w.heal()
	w.clock.pass(time.Hour)
	if !w.due(conn) {
		t.Error("the schedule does not find what waits")
	}
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 2})
	w.inStep()
}

func TestWorkInbox_keepsWhatComesWhilePausedForLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	pause := func(paused bool) {
		t.Helper()
		_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Paused: &paused})
		check(t, err)
	}
	pause(true)
	w.open(1)
	w.deliver(conn, w.mail.take()...)
	if report := w.workInbox(conn); !report.Idle || w.due(conn) {
		t.Errorf("while paused: %+v", report)
	}
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookPending: 1})
	pause(false)
	if !w.due(conn) {
		t.Error("the schedule does not find what waits")
	}
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 1})
	w.inStep()
}

func TestWorkInbox_putsAPoisonedDeliveryAsideAndGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(2)
	conn := w.hooked()
	for _, one := range n {
		check(t, w.gh.CloseIssue(shop, one, "completed"))
	}
	w.deliver(conn, w.mail.take()...)
	fail := func(r *http.Request) *fakegithub.Fault {
		if strings.HasSuffix(r.URL.Path, "/issues/1") {
			return fakegithub.BadGateway()
		}
		return nil
	}
	w.spoilWith(fail)
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookPending: 1, needle.WebhookDone: 1})
	if got := w.only(n[1]); got.Status != needle.StatusDone {
		t.Errorf("the other issue is %s", got.Status)
	}
	if got := w.connection(conn.ID); got.State != needle.ConnectionOK || w.due(conn) {
		t.Errorf("the connection is %s, the delivery is due at once", got.State)
	}
	for range 7 {
		w.clock.pass(15 * time.Minute)
		w.workInbox(conn)
	}
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookFailed: 1, needle.WebhookDone: 1})
	var reason string
	check(t, w.store.DB().QueryRowContext(t.Context(), `SELECT reason FROM webhook_deliveries WHERE state = 'FAILED'`).Scan(&reason))
	if !strings.Contains(reason, "octo/shop#1") || !strings.Contains(reason, "502") {
		t.Errorf("the reason is %q", reason)
	}
	w.sync(conn)
	w.ails(conn, needle.ProblemWebhooks)
	w.heal()
	_, err := w.engine.RetryWebhookDeliveries(w.ctx, needle.RetryWebhookDeliveriesInput{ConnectionID: conn.ID})
	check(t, err)
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 2})
	w.inStep()
	w.ails(conn)
}

func TestWorkInbox_blamesTheTrackerAndNoDeliveryWhenItIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	w.open(3)
	w.deliver(conn, w.mail.take()...)
	w.spoilWith(always(fakegithub.BadGateway()))
	if report := w.workInbox(conn); report.State != needle.ConnectionUnavailable || w.due(conn) {
		t.Errorf("the report is %+v", report)
	}
	if n := w.count(`SELECT count(*) FROM webhook_deliveries WHERE state = 'PENDING' AND attempts = 0`); n != 3 {
		t.Errorf("%d deliveries are blamed", 3-n)
	}
	w.heal()
	w.sync(conn)
	if !w.due(conn) {
		t.Error("the schedule does not find what waits")
	}
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 3})
	w.inStep()
}

func TestWorkInbox_doesNotAskForWhatItDoesNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gh.AddRepo("octo/elsewhere")
	conn := w.hooked()
	_, _, err := w.gh.Create("octo/elsewhere", fakegithub.NewIssue{Title: "Somebody else's"})
	check(t, err)
	n := w.open(1)
	pull := strings.Replace(string(w.gh.Raw(shop, n[0])), "{", `{"pull_request":{},`, 1)
	check(t, w.gh.Poison(shop, n[0], []byte(pull)))
	w.deliver(conn, append(w.mail.take(), w.gh.Sign("pull", "issues", []byte(`{"action":"edited","issue":`+pull+`,"repository":{"full_name":"octo/shop"}}`)))...)
	reads := w.countIssueReads()
	w.workInbox(conn)
	if reads.Load() != 1 { // The pull request: only asking tells that it is one.
		t.Errorf("%d issues were read", reads.Load())
	}
	w.heal()
	if n := w.count(`SELECT count(*) FROM issues`) + w.filed(needle.WebhookPending) + w.filed(needle.WebhookFailed); n != 0 {
		t.Errorf("%d issues or deliveries are there that should not", n)
	}
}

func TestWorkInbox_asksForAPassWhenNoIssueIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	elsewhere := w.gh.Sign("r0", "repository", []byte(`{"action":"renamed","repository":{"id":7,"full_name":"octo/else"}}`))
	w.deliver(conn, elsewhere)
	w.workInbox(conn)
	if w.connection(conn.ID).SyncRequestedAt != nil {
		t.Error("a source that is not read asks for a pass")
	}
	w.deliver(conn, w.gh.Sign("r1", "repository", []byte(`{"action":"renamed","repository":{"id":7,"full_name":"`+shop+`"}}`)))
	w.woken.Store(0)
	w.workInbox(conn)
	if w.connection(conn.ID).SyncRequestedAt == nil || w.woken.Load() != 1 {
		t.Error("no pass was asked for")
	}
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 2})
}

func TestWorkInbox_doesNotWaitBehindAPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	w.open(1)
	w.deliver(conn, w.mail.take()...)
	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) {
			once.Do(func() { close(asked); <-goOn })
		}
		return nil
	})
	pass := make(chan error, 1)
	go func() {
		_, err := w.engine.SyncConnection(context.WithoutCancel(t.Context()), conn.WorkspaceID, conn.ID, nil)
		pass <- err
	}()
	<-asked
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 1})
	w.inStep()
	close(goOn)
	check(t, <-pass)
	w.inStep()
}

func TestWorkInbox_leavesWorkToWhoHasIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	w.open(1)
	first := w.mail.take()
	w.deliver(conn, first...)
	other := w.newEngine(w.newStore(keys()), 10)
	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if strings.Contains(r.URL.Path, "/issues/") {
			once.Do(func() { close(asked); <-goOn })
		}
		return nil
	})
	done := make(chan error, 1)
	go func() {
		_, err := w.engine.WorkInbox(context.WithoutCancel(t.Context()), conn.WorkspaceID, conn.ID)
		done <- err
	}()
	<-asked
	w.open(1)
	w.deliver(conn, w.mail.take()...)
	if report, err := other.WorkInbox(t.Context(), conn.WorkspaceID, conn.ID); err != nil || !report.Idle {
		t.Errorf("a second clerk: %+v, %v", report, err)
	}
	close(goOn)
	check(t, <-done)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 2}) // What came meanwhile was not left lying.
	w.inStep()
}

func TestWorkInbox_followsATransferWhateverComesFirst(t *testing.T) {
	t.Parallel()
	for name, passFirst := range map[string]bool{"the webhook": false, "a pass": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.gh.AddRepo("octo/store")
			rule := w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
			n := w.open(1)
			check(t, w.gh.Update(shop, n[0], fakegithub.Change{Labels: []string{"speed"}}))
			conn := w.hooked(func(in *needle.CreateConnectionInput) { in.Sources = []string{shop, "octo/store"} })
			issue := w.only(n[0])
			var item needle.BacklogItemID
			check(t, w.store.DB().QueryRowContext(t.Context(), `SELECT id FROM backlog_items WHERE issue_id = ?`, issue.ID).Scan(&item))
			_, _, err := w.gh.Transfer(shop, n[0], "octo/store")
			check(t, err)
			if passFirst {
				w.sync(conn)
				w.clock.pass(time.Second)
			}
			late := w.mail.take()
			w.deliver(conn, late...)
			w.workInbox(conn)
			// The same tidings again, under another name.
			w.clock.pass(time.Second)
			w.deliver(conn, w.gh.Sign("again", late[0].Event, late[0].Body))
			w.workInbox(conn)
			w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 2})
			if n := w.count(`SELECT count(*) FROM backlog_items AS b JOIN issues AS i ON i.id = b.issue_id
				JOIN contributions AS c ON c.item_id = b.id AND c.valid_to IS NULL AND c.rule_id = ?
				WHERE b.id = ? AND i.remote_key = 'octo/store#1' AND i.gone_at IS NULL`, rule.ID, item); n != 1 {
				t.Error("the item or its link did not follow the issue")
			}
		})
	}
}

func TestPurgeWebhooks_forgetsWhatIsDoneWithAndKeepsWhatFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	w.deliver(conn, w.gh.Sign("1", "ping", []byte(`{}`)))
	w.clock.pass(time.Second)
	if err := w.receive(conn, w.gh.Sign("2", "issues", []byte(`{}`))); !errors.Is(err, syncing.ErrUnreadable) {
		t.Fatal(err)
	}
	w.clock.pass(30*24*time.Hour + time.Second)
	check(t, w.engine.PurgeWebhooks(t.Context()))
	if n := w.count(`SELECT count(*) FROM webhook_deliveries WHERE delivery_id = '1'`); n != 0 {
		t.Error("an old delivery is still there")
	}
	w.deliver(conn, w.gh.Sign("3", "ping", []byte(`{}`)))
	w.clock.pass(31 * 24 * time.Hour)
	check(t, w.engine.PurgeWebhooks(t.Context()))
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookIgnored: 1, needle.WebhookFailed: 1}) // The last one that came tells when.
}

// keeper is a GitHub that sends failed deliveries again when it is asked to.
type keeper struct {
	integrations.Tracker
	asked *[]asked
	err   func(source string) error
}

type asked struct {
	Source, Address string
	Since           time.Time
}

func (k keeper) Redeliver(_ context.Context, s integrations.Source, address string, since time.Time) (int, error) {
	*k.asked = append(*k.asked, asked{s.Key, address, since})
	if err := k.err(s.Key); err != nil {
		return 0, err
	}
	return 2, nil
}

func TestRedeliverWebhooks_asksOnceAnHourForWhatFailedSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gh.AddRepo("octo/store")
	conn := w.hooked(func(in *needle.CreateConnectionInput) { in.Sources = []string{shop, "octo/store"} })
	set := w.clock.now().Add(-time.Minute)
	var calls []asked
	failing := map[string]error{}
	driver := github.Driver()
	open := driver.Open
	driver.Prototype = keeper{}
	driver.Open = func(ctx context.Context, s integrations.Settings, env integrations.Env) (integrations.Tracker, error) {
		tracker, err := open(ctx, s, env)
		return keeper{tracker, &calls, func(source string) error { return failing[source] }}, err
	}
	registry, err := integrations.NewRegistry(driver)
	check(t, err)
	config := syncing.Config{Store: w.store, Registry: registry, Now: w.clock.now}
	homeless, err := syncing.New(config)
	check(t, err)
	config.PublicURL = "https://needle.example/base"
	engine, err := syncing.New(config)
	check(t, err)
	run := func(e *syncing.Engine) int {
		t.Helper()
		calls = nil
		n, err := e.RedeliverWebhooks(t.Context())
		check(t, err)
		return n
	}
	reason := func() string {
		t.Helper()
		all, err := w.scope.WebhooksByConnection(t.Context(), []needle.ConnectionID{conn.ID})
		return must(t, all, err)[0].RedeliveryReason
	}
	if n := run(homeless); n != 0 || !strings.Contains(reason(), "NEEDLE_PUBLIC_URL") {
		t.Errorf("without an address %d were asked for: %q", n, reason())
	}
	first := w.clock.now()
	if n := run(engine); n != 4 || len(calls) != 2 || reason() != "" {
		t.Errorf("%d sent again after %+v: %q", n, calls, reason())
	}
	if want := (asked{shop, "https://needle.example/base/webhooks/" + conn.ID.String(), set.Add(-10 * time.Minute)}); calls[0].Source != want.Source ||
		calls[0].Address != want.Address || !calls[0].Since.Equal(want.Since) {
		t.Errorf("it asked %+v, want %+v", calls[0], want)
	}
	w.clock.pass(time.Hour - time.Second)
	if run(engine); len(calls) != 0 {
		t.Error("asked again within the hour")
	}
	w.clock.pass(time.Second)
	failing[shop] = integrations.ErrForbidden
	if n := run(engine); n != 2 || !strings.Contains(reason(), "right") {
		t.Errorf("a source that may not be seen: %d, %q", n, reason())
	}
	delete(failing, shop)
	if run(engine); len(calls) != 2 || !calls[0].Since.Equal(first.Add(-10*time.Minute)) || reason() != "" {
		t.Errorf("after a failure it asks %+v: %q", calls, reason())
	}
	w.clock.pass(time.Hour)
	failing[shop] = &integrations.RateLimitError{RetryAt: w.clock.now().Add(time.Hour), Reason: "slow down"}
	run(engine)
	if got := w.connection(conn.ID); got.State != needle.ConnectionLimited {
		t.Errorf("the connection is %s", got.State)
	}
	if run(engine); len(calls) != 0 {
		t.Error("asked in spite of the limit")
	}
}
