package syncing_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// hookSecret signs the webhooks of the fakes.
const hookSecret = "a secret of the tests"

// mailbag gathers the webhooks that a fake sends.
type mailbag struct {
	mu   sync.Mutex
	held []fakegithub.Delivery
}

func (m *mailbag) put(d fakegithub.Delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = append(m.held, d)
}

// take empties the bag.
func (m *mailbag) take() []fakegithub.Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := m.held
	m.held = nil
	return held
}

// hooked makes a connection that was read once and takes webhooks.
func (w *world) hooked(change ...func(*needle.CreateConnectionInput)) *needle.Connection {
	w.t.Helper()
	conn := w.connect(change...)
	w.sync(conn)
	w.rotate(conn, hookSecret, 0)
	w.mail.take()
	w.clock.pass(time.Minute)
	return conn
}

// rotate sets the webhook secret of a connection.
func (w *world) rotate(conn *needle.Connection, secret string, overlap time.Duration) {
	w.t.Helper()
	minutes := int(overlap / time.Minute)
	_, err := w.engine.RotateWebhookSecret(w.ctx, needle.RotateWebhookSecretInput{
		ConnectionID: conn.ID, Secret: &secret, OverlapMinutes: &minutes,
	})
	check(w.t, err)
}

// receive sends a delivery to a connection and returns what the engine says.
func (w *world) receive(conn *needle.Connection, d fakegithub.Delivery) error {
	return w.engine.ReceiveWebhook(w.t.Context(), conn.ID.String(), d.Header, bytes.NewReader(d.Body))
}

// deliver sends deliveries that must be taken.
func (w *world) deliver(conn *needle.Connection, deliveries ...fakegithub.Delivery) {
	w.t.Helper()
	for _, d := range deliveries {
		check(w.t, w.receive(conn, d))
	}
}

// workInbox works off the inbox.
func (w *world) workInbox(conn *needle.Connection) syncing.InboxReport {
	w.t.Helper()
	report, err := w.engine.WorkInbox(w.t.Context(), conn.WorkspaceID, conn.ID)
	return must(w.t, report, err)
}

// filed counts the deliveries in a state.
func (w *world) filed(state needle.WebhookDeliveryState) int {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM webhook_deliveries WHERE state = ?`, state)
}

// expect demands how many deliveries are in each state; states that are not named have none.
func (w *world) expect(want map[needle.WebhookDeliveryState]int) {
	w.t.Helper()
	for _, state := range []needle.WebhookDeliveryState{needle.WebhookPending, needle.WebhookDone, needle.WebhookIgnored, needle.WebhookFailed} {
		if n := w.filed(state); n != want[state] {
			w.t.Errorf("%d deliveries are %s, want %d", n, state, want[state])
		}
	}
}

// countIssueReads counts the single issues that the fake is asked for from now on.
func (w *world) countIssueReads() *atomic.Int32 {
	var n atomic.Int32
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if strings.Contains(r.URL.Path, "/issues/") {
			n.Add(1)
		}
		return nil
	})
	return &n
}
