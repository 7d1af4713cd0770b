package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/graph"
	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/server"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	// burst is how many webhooks come at once, and talkedOf how many issues they tell of.
	burst, talkedOf = 10_000, 100
	// senders is how many connections they come over.
	senders = 16
	// hookSecret signs them.
	hookSecret = "a secret of the benchmark"
	busyRepo   = "octo/shop"
)

// BenchmarkWebhooks sends a burst of signed webhooks through the real handler into a real database and works them off: how
// many are accepted a second, beside how many rows a second the same database takes from statements written by hand, and
// how many questions to the tracker they become. It fails when one is lost.
func BenchmarkWebhooks(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		p := newPostOffice(b)
		mail := p.mail(b)
		b.StartTimer()
		accepted := p.send(b, mail)
		b.StopTimer()
		begun := time.Now()
		report, err := p.engine.WorkInbox(b.Context(), p.conn.WorkspaceID, p.conn.ID)
		worked := time.Since(begun)
		if err != nil {
			b.Fatal(err)
		}
		p.nothingLost(b, report)
		ceiling := p.insertByHand(b)
		b.ReportMetric(burst/accepted.Seconds(), "accepted/s")
		b.ReportMetric(burst/ceiling.Seconds(), "by-hand/s")
		b.ReportMetric(ceiling.Seconds()/accepted.Seconds(), "of-by-hand")
		b.ReportMetric(float64(p.reads.Load()), "issues-read")
		b.ReportMetric(burst/worked.Seconds(), "worked-off/s")
		b.StartTimer()
	}
}

// postOffice is a server with one connection to a fake GitHub.
type postOffice struct {
	store   *store.Store
	engine  *syncing.Engine
	conn    *needle.Connection
	tracker *fakegithub.Server
	// reads counts the issues that the tracker is asked for.
	reads atomic.Int32
	url   string
}

func newPostOffice(b *testing.B) *postOffice {
	b.Helper()
	p := &postOffice{}
	p.tracker = fakegithub.New(fakegithub.Options{
		WebhookSecret: []byte(hookSecret),
		Intercept: func(r *http.Request) *fakegithub.Fault {
			if strings.Contains(r.URL.Path, "/issues/") {
				p.reads.Add(1)
			}
			return nil
		},
	})
	address := must(p.tracker.Start(b.Context()))(b)
	b.Cleanup(func() { _ = p.tracker.Close() })
	p.tracker.AddRepo(busyRepo)
	url := storetest.URL(b)
	p.store = must(store.Open(store.Config{URL: url, Keys: store.KeyRing{Current: "k", Keys: map[string][]byte{"k": make([]byte, 32)}}}))(b)
	b.Cleanup(func() { _ = p.store.Close() })
	f := storetest.Seed(b, p.store.DB())
	p.engine = must(syncing.New(syncing.Config{Store: p.store, Registry: must(integrations.NewRegistry(github.Driver()))(b)}))(b)
	ctx := needle.WithViewer(b.Context(), f.Viewer(f.Owner))
	p.conn = must(p.engine.CreateConnection(ctx, needle.CreateConnectionInput{
		Kind: "github", Name: "Shop", Sources: []string{busyRepo},
		Settings: []*needle.SettingInput{{Name: "token", Value: "token"}, {Name: "baseUrl", Value: address}},
	}))(b)
	secret := hookSecret
	must(p.engine.RotateWebhookSecret(ctx, needle.RotateWebhookSecretInput{ConnectionID: p.conn.ID, Secret: &secret}))(b)
	schema := graph.NewExecutor(&graph.Resolver{Store: p.store, Planner: planning.New(p.store), Syncing: p.engine, Now: time.Now})
	front := httptest.NewServer(server.New(server.Config{Schema: schema, Store: p.store, Syncing: p.engine, Log: slog.New(slog.DiscardHandler)}))
	b.Cleanup(front.Close)
	p.url = front.URL + needle.WebhookPath(p.conn.ID)
	return p
}

// must passes a value on when there is no error.
func must[T any](value T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return value
	}
}

// mail makes the burst: issues of a usual size, each told of again and again.
func (p *postOffice) mail(b *testing.B) []fakegithub.Delivery {
	b.Helper()
	bodies := make([][]byte, talkedOf)
	for i := range bodies {
		number, _, err := p.tracker.Create(busyRepo, fakegithub.NewIssue{Title: "Something to do", Body: string(bytes.Repeat([]byte("More about it. "), 200))})
		if err != nil {
			b.Fatal(err)
		}
		bodies[i] = fmt.Appendf(nil, `{"action":"edited","repository":{"full_name":%q},"issue":%s}`, busyRepo, p.tracker.Raw(busyRepo, number))
	}
	out := make([]fakegithub.Delivery, burst)
	for i := range out {
		out[i] = p.tracker.Sign(uuid.NewString(), "issues", bodies[i%talkedOf])
	}
	return out
}

// send delivers the burst and returns how long it took to be accepted.
func (p *postOffice) send(b *testing.B, mail []fakegithub.Delivery) time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	defer client.CloseIdleConnections()
	begun := time.Now()
	share(b, len(mail), func(ctx context.Context, i int) error {
		r, err := mail[i].Request(ctx, p.url)
		if err != nil {
			return err
		}
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }() // It was read to its end.
		if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusAccepted {
			return fmt.Errorf("answered %d, %w", answer.StatusCode, err)
		}
		return nil
	})
	return time.Since(begun)
}

// share does n things at a time by senders.
func share(b *testing.B, n int, do func(ctx context.Context, i int) error) {
	b.Helper()
	var next atomic.Int32
	var workers sync.WaitGroup
	for range senders {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(b.Context(), i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	workers.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// nothingLost demands that each webhook is done with, each issue is mirrored, and each was asked for once.
func (p *postOffice) nothingLost(b *testing.B, report syncing.InboxReport) {
	b.Helper()
	var done, issues int
	if err := p.store.DB().QueryRowContext(b.Context(), `SELECT (SELECT count(*) FROM webhook_deliveries WHERE state = 'DONE'),
		(SELECT count(*) FROM issues WHERE gone_at IS NULL)`).Scan(&done, &issues); err != nil {
		b.Fatal(err)
	}
	if done != burst || issues != talkedOf || p.reads.Load() != talkedOf || report.Deliveries != burst {
		b.Fatalf("%d webhooks are done with, %d issues mirrored after %d reads: %+v", done, issues, p.reads.Load(), report)
	}
}

// insertByHand stores as many rows of the same shape by prepared statements, and returns how long that took.
func (p *postOffice) insertByHand(b *testing.B) time.Duration {
	b.Helper()
	stmt, err := p.store.DB().DB.PrepareContext(b.Context(), `
		INSERT INTO webhook_deliveries (workspace_id, id, connection_id, delivery_id, event, state, attempts, not_before, hints, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, 'issues.edited', 'PENDING', 0, $5, $6, $5, $5, 1) ON CONFLICT (workspace_id, connection_id, delivery_id) DO NOTHING`)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = stmt.Close() }() // The connection goes with the benchmark.
	const hints = `[{"sourceKey":"octo/shop","issueId":"100001","issueKey":"octo/shop#1"}]`
	begun := time.Now()
	share(b, burst, func(ctx context.Context, _ int) error {
		_, err := stmt.ExecContext(ctx, p.conn.WorkspaceID.UUID, needle.NewWebhookDeliveryID().UUID, p.conn.ID.UUID, uuid.NewString(), begun, hints)
		return err
	})
	return time.Since(begun)
}
