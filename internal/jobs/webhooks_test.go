package jobs_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/jobs"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

const hookSecret = "a secret of the tests"

// hooked makes a connection that is not due and takes webhooks.
func (w *world) hooked() *needle.Connection {
	w.t.Helper()
	conn := w.connect()
	_, err := w.engine.SyncConnection(w.t.Context(), conn.WorkspaceID, conn.ID, nil)
	check(w.t, err)
	secret := hookSecret
	_, err = w.engine.RotateWebhookSecret(w.ctx, needle.RotateWebhookSecretInput{ConnectionID: conn.ID, Secret: &secret})
	check(w.t, err)
	return conn
}

// ringing is an engine that tells a client of webhooks, as in cmd/needle.
func (w *world) ringing(ring func(needle.WorkspaceID, needle.ConnectionID)) *syncing.Engine {
	w.t.Helper()
	registry, err := integrations.NewRegistry(github.Driver())
	check(w.t, err)
	e, err := syncing.New(syncing.Config{Store: w.store, Registry: registry, Interval: time.Hour, WakeInbox: ring})
	check(w.t, err)
	return e
}

// announce closes the issue there is and delivers the webhook of it under many names.
func (w *world) announce(e *syncing.Engine, conn *needle.Connection, names ...string) {
	w.t.Helper()
	check(w.t, w.gh.CloseIssue(shop, 1, "completed"))
	body := []byte(`{"action":"closed","repository":{"full_name":"` + shop + `"},"issue":` + string(w.gh.Raw(shop, 1)) + `}`)
	signer := fakegithub.New(fakegithub.Options{WebhookSecret: []byte(hookSecret)})
	for _, name := range names {
		d := signer.Sign(name, "issues", body)
		check(w.t, e.ReceiveWebhook(w.t.Context(), conn.ID.String(), d.Header, bytes.NewReader(d.Body)))
	}
}

// closed reports whether the mirror knows that the issue is closed, and n webhooks are done with.
func (w *world) closed(n int) func() bool {
	return func() bool {
		return w.count(`SELECT count(*) FROM issues WHERE status = 'DONE'`) == 1 &&
			w.count(`SELECT count(*) FROM webhook_deliveries WHERE state = 'DONE'`) == n
	}
}

func TestClient_worksOffWebhooksSoon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	client := w.client(never)
	check(t, client.Start(t.Context()))
	until(t, "the first sweep ended", func() bool {
		return w.count(`SELECT count(*) FROM river_job WHERE kind = 'sweep' AND state = 'completed'`) > 0
	})
	names := []string{"1", "2", "3", "4", "5", "6", "7", "8"}
	w.announce(w.ringing(client.WakeInbox), conn, names...)
	until(t, "the webhooks were worked off", w.closed(len(names)))
	if n := w.count(`SELECT count(*) FROM river_job WHERE kind = 'webhook_inbox'`); n >= len(names) {
		t.Errorf("%d webhooks in a burst made %d jobs", len(names), n)
	}
}

func TestClient_findsWebhooksThatNobodyToldItOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	w.announce(w.engine, conn, "1") // Its process died before it could tell anybody.
	check(t, w.client().Start(t.Context()))
	until(t, "the webhook was worked off", w.closed(1))
}

func TestClient_tellsNobodyAfterItStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	client := w.client(func(c *jobs.Config) { c.Workers, c.Engine = 0, nil })
	engine := w.ringing(client.WakeInbox)
	w.announce(engine, conn, "1")
	check(t, client.Stop(t.Context()))
	w.announce(engine, conn, "2")
	if n := w.count(`SELECT count(*) FROM river_job`); n > 1 {
		t.Errorf("%d jobs were added", n)
	}
	check(t, w.client().Start(t.Context()))
	until(t, "the webhooks were worked off", w.closed(2))
}

func TestClient_tendsWebhooksByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hooked()
	old := w.f.WebhookDelivery(func(d *needle.WebhookDelivery) { d.CreatedAt = time.Now().AddDate(0, 0, -40) })
	w.f.WebhookDelivery(func(d *needle.WebhookDelivery) { d.ConnectionID, d.CreatedAt = old.ConnectionID, time.Now() })
	check(t, w.client().Start(t.Context()))
	until(t, "what is old was forgotten", func() bool { return w.count(`SELECT count(*) FROM webhook_deliveries`) == 1 })
}
