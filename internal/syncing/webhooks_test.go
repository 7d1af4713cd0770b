package syncing_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // What must not be believed.
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

func TestReceiveWebhook_bringsTheMirrorInStepWithoutAPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(3)
	conn := w.hooked()
	w.open(1)
	check(t, w.gh.CloseIssue(shop, n[0], "completed"))
	check(t, w.gh.Delete(shop, n[1]))
	w.deliver(conn, w.mail.take()...)
	if w.rung.Load() != 3 {
		t.Errorf("work was asked for %d times", w.rung.Load())
	}
	report := w.workInbox(conn)
	if report.Deliveries != 3 || report.Issues != 3 || report.Failed != 0 {
		t.Errorf("the report is %+v", report)
	}
	w.inStep()
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 3})
	if runs := w.count(`SELECT count(*) FROM sync_runs`); runs != 1 {
		t.Errorf("%d passes were run", runs)
	}
}

func TestReceiveWebhook_refusesWhatNothingProves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(1)
	conn := w.hooked()
	unsealed := w.connect(func(in *needle.CreateConnectionInput) { in.Name, in.Sources = "No secret", nil })
	w.open(1)
	good := w.mail.take()[0]
	mac := hmac.New(sha1.New, []byte(hookSecret))
	mac.Write(good.Body)
	changed := func(change func(*fakegithub.Delivery)) fakegithub.Delivery {
		d := fakegithub.Delivery{Header: good.Header.Clone(), Body: bytes.Clone(good.Body)}
		change(&d)
		return d
	}
	unsigned := changed(func(d *fakegithub.Delivery) { d.Header.Del("X-Hub-Signature-256") })
	empty := fakegithub.New(fakegithub.Options{}).Sign(good.ID, good.Event, good.Body)
	cases := map[string]struct {
		to string
		d  fakegithub.Delivery
	}{
		"no signature": {conn.ID.String(), unsigned},
		"only SHA-1": {conn.ID.String(), changed(func(d *fakegithub.Delivery) {
			d.Header.Del("X-Hub-Signature-256")
			d.Header.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(mac.Sum(nil)))
		})},
		"SHA-1 under the other name": {conn.ID.String(), changed(func(d *fakegithub.Delivery) {
			d.Header.Set("X-Hub-Signature-256", "sha1="+hex.EncodeToString(mac.Sum(nil)))
		})},
		"a truncated signature": {conn.ID.String(), changed(func(d *fakegithub.Delivery) {
			d.Header.Set("X-Hub-Signature-256", good.Header.Get("X-Hub-Signature-256")[:30])
		})},
		"signed with nothing": {conn.ID.String(), empty},
		"a truncated body":    {conn.ID.String(), changed(func(d *fakegithub.Delivery) { d.Body = d.Body[:len(d.Body)/2] })},
		"another body":        {conn.ID.String(), changed(func(d *fakegithub.Delivery) { d.Body = append(d.Body, ' ') })},
		"no body":             {conn.ID.String(), changed(func(d *fakegithub.Delivery) { d.Body = nil })},
		"no connection":       {needle.NewConnectionID().String(), good},
		"no id":               {"conn_nobody", good},
		"another noun's id":   {w.team.ID.String(), good},
		"no secret was set":   {unsealed.ID.String(), good},
		"nor one for nothing": {unsealed.ID.String(), empty},
	}
	for name, c := range cases {
		err := w.engine.ReceiveWebhook(t.Context(), c.to, c.d.Header, bytes.NewReader(c.d.Body))
		if !errors.Is(err, syncing.ErrUnproven) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.expect(nil)
	broken := io.MultiReader(bytes.NewReader(good.Body[:10]), &failing{})
	for _, to := range []string{conn.ID.String(), needle.NewConnectionID().String()} {
		if err := w.engine.ReceiveWebhook(t.Context(), to, good.Header, broken); !errors.Is(err, syncing.ErrBody) {
			t.Errorf("a body that breaks off: %v", err)
		}
	}
	w.deliver(conn, good)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookPending: 1})
}

// failing breaks off.
type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestReceiveWebhook_filesTheSameDeliveryOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	w.open(1)
	d := w.mail.take()[0]
	reads := w.countIssueReads()
	errs := make(chan error, 20)
	for range cap(errs) {
		go func() { errs <- w.receive(conn, d) }()
	}
	for range cap(errs) {
		check(t, <-errs)
	}
	w.workInbox(conn)
	w.deliver(conn, d) // Once more, after it was done with.
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 1})
	if w.rung.Load() != 1 || reads.Load() != 1 {
		t.Errorf("one delivery rang %d times and read %d issues", w.rung.Load(), reads.Load())
	}
	w.heal()
	w.inStep()
}

func TestWorkInbox_asksOnceForAnIssueHoweverManyTellOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(3)
	conn := w.hooked()
	for i := range 2000 {
		check(t, w.gh.Update(shop, n[i%3], fakegithub.Change{Labels: []string{fmt.Sprintf("label-%d", i)}}))
	}
	var senders sync.WaitGroup
	mail := w.mail.take()
	for part := range 4 {
		senders.Go(func() {
			for i := part; i < len(mail); i += 4 {
				if err := w.receive(conn, mail[i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	reads := w.countIssueReads()
	report := w.workInbox(conn)
	if reads.Load() != 3 || report.Deliveries != 2000 || report.Issues != 3 {
		t.Errorf("2000 webhooks read %d issues: %+v", reads.Load(), report)
	}
	w.heal()
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: 2000})
	w.inStep()
}

func TestReceiveWebhook_keepsWhatTellsOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	webhook := func() *needle.Webhook {
		all, err := w.engine.Webhooks(t.Context(), w.scope, []needle.ConnectionID{conn.ID})
		return must(t, all, err)[0]
	}
	if now := webhook(); now.LastAt != nil || now.SecretSetAt == nil || *now.Address != publicURL+now.Path() {
		t.Errorf("before the first webhook it says %+v", now)
	}
	w.deliver(conn, w.gh.Sign("p1", "ping", []byte(`{"zen":"Keep it logically awesome."}`)), w.gh.Sign("p2", "star", []byte(`{}`)))
	if at := webhook().LastAt; at == nil || !at.Equal(w.clock.now()) {
		t.Errorf("the last webhook came at %v", at)
	}
	for _, body := range []string{`{"action":"opened","issue":{"id":"x"}}`, `[`, `{}`} {
		if err := w.receive(conn, w.gh.Sign(body, "issues", []byte(body))); !errors.Is(err, syncing.ErrUnreadable) {
			t.Errorf("%s answers %v", body, err)
		}
	}
	long := w.gh.Sign(strings.Repeat("x", 100_000)+"\x00", "issue\x00s\xff", []byte(`{}`))
	w.deliver(conn, long, long)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookIgnored: 3, needle.WebhookFailed: 3})
	if report := w.workInbox(conn); !report.Idle || w.rung.Load() != 0 {
		t.Errorf("there was something to do: %+v", report)
	}
	// What could not be read is made up for by a pass when a person says so.
	w.woken.Store(0)
	out, err := w.engine.RetryWebhookDeliveries(w.ctx, needle.RetryWebhookDeliveriesInput{ConnectionID: conn.ID})
	if check(t, err); out.Count != 3 {
		t.Errorf("%d deliveries are tried again", out.Count)
	}
	w.workInbox(conn)
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookIgnored: 3, needle.WebhookDone: 3})
	if w.connection(conn.ID).SyncRequestedAt == nil || w.woken.Load() != 1 {
		t.Error("no pass was asked for")
	}
}

func TestRotateWebhookSecret_letsTheOldOneGoOnForAWhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.hooked()
	other := w.newEngine(w.newStore(keys()), 10) // Another process, which remembers.
	takes := func(e *syncing.Engine, secret string) bool {
		t.Helper()
		d := fakegithub.New(fakegithub.Options{WebhookSecret: []byte(secret)}).Sign(needle.NewIssueID().String(), "ping", []byte(`{}`))
		err := e.ReceiveWebhook(t.Context(), conn.ID.String(), d.Header, bytes.NewReader(d.Body))
		if err != nil && !errors.Is(err, syncing.ErrUnproven) {
			t.Fatal(err)
		}
		return err == nil
	}
	const second, third = "the second secret", "and the third one"
	expect := func(when string, want ...string) {
		t.Helper()
		for name, e := range map[string]*syncing.Engine{"this process": w.engine, "another": other} {
			for _, secret := range []string{hookSecret, second, third} {
				wanted := strings.Contains(strings.Join(want, "|"), secret)
				if got := takes(e, secret); got != wanted {
					t.Errorf("%s, %s takes %q: %v", when, name, secret, got)
				}
			}
		}
	}
	expect("at first", hookSecret)
	w.rotate(conn, second, time.Hour)
	expect("right after the change", hookSecret, second)
	w.clock.pass(time.Hour - time.Microsecond)
	expect("just before the overlap ends", hookSecret, second)
	w.clock.pass(time.Microsecond)
	expect("when the overlap ends", second)
	w.rotate(conn, third, 0)
	w.clock.pass(5 * time.Second) // What another process may remember.
	expect("without an overlap", third)
	check(t, w.engine.PurgeWebhooks(t.Context()))
	w.expect(map[needle.WebhookDeliveryState]int{needle.WebhookIgnored: w.filed(needle.WebhookIgnored)})
	for _, table := range []string{"activities", "webhooks", "connections", "webhook_deliveries"} {
		if n := w.count(`SELECT count(*) FROM ` + table + ` AS t WHERE t::text LIKE '%secret of the%' OR t::text LIKE '%third%'`); n != 0 {
			t.Errorf("%d rows of %s hold a secret", n, table)
		}
	}
}

func TestRotateWebhookSecret_makesOneAndRefusesWeakOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	out, err := w.engine.RotateWebhookSecret(w.ctx, needle.RotateWebhookSecretInput{ConnectionID: conn.ID})
	if check(t, err); out.Value == nil || len(*out.Value) < 40 || strings.Contains(fmt.Sprintf("%v %+v", out, out), *out.Value) {
		t.Errorf("it made %v", out)
	}
	d := fakegithub.New(fakegithub.Options{WebhookSecret: []byte(*out.Value)}).Sign("1", "ping", []byte(`{}`))
	w.deliver(conn, d)
	for name, in := range map[string]needle.RotateWebhookSecretInput{
		"short": {Secret: ptr("0123456789abcde")}, "empty": {Secret: ptr("")}, "long": {Secret: ptr(strings.Repeat("x", 201))},
		"with space around": {Secret: ptr(" 0123456789abcdef")}, "with a line end": {Secret: ptr("0123456789abcdef\n0")},
		"with NUL": {Secret: ptr("0123456789abcdef\x00")}, "of broken text": {Secret: ptr("0123456789abcdef\xff")},
		"a long overlap": {OverlapMinutes: ptr(7*24*60 + 1)}, "an overlap before": {OverlapMinutes: ptr(-1)},
	} {
		in.ConnectionID = conn.ID
		if _, err := w.engine.RotateWebhookSecret(w.ctx, in); needle.UserErrors(err) == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	member := needle.WithViewer(t.Context(), w.f.Viewer(w.f.User()))
	if _, err := w.engine.RotateWebhookSecret(member, needle.RotateWebhookSecretInput{ConnectionID: conn.ID}); !errors.Is(err, needle.ErrForbidden) {
		t.Errorf("a member: %v", err)
	}
	if _, err := w.engine.RetryWebhookDeliveries(member, needle.RetryWebhookDeliveriesInput{ConnectionID: conn.ID}); !errors.Is(err, needle.ErrForbidden) {
		t.Errorf("a member: %v", err)
	}
}

func ptr[T any](v T) *T { return &v }
