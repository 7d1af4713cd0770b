package syncing_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/file"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/jira"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	goodToken = "github_pat_good"
	shop      = "octo/shop"
	// publicURL is where every process of a test says Needle is.
	publicURL = "https://needle.example"
)

// world is a fake GitHub, a real database and an engine between them, all on one clock that a test moves.
type world struct {
	t       *testing.T
	ctx     context.Context // of a viewer who may do everything
	clock   *clock
	gh      *fakegithub.Server
	url     string
	address string
	store   *store.Store
	f       *storetest.Factory
	team    *needle.Team
	scope   store.Scope
	engine  *syncing.Engine
	// spoil answers for the fake when it is set; see fakegithub.Options.Intercept.
	spoil atomic.Pointer[func(*http.Request) *fakegithub.Fault]
	woken atomic.Int32
	// mail are the webhooks that the fake sent and nobody delivered yet.
	mail mailbag
	// rung counts the calls to have an inbox worked off.
	rung atomic.Int32
	// filesDir is the folder that the operator lends; empty for none.
	filesDir string
	// drivers are kinds of trackers besides the usual ones.
	drivers []integrations.Driver
}

// clock is a clock that only tests move.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.at.Load()).UTC() }

func (c *clock) pass(d time.Duration) { c.at.Add(d.Microseconds()) }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{}}
	w.clock.at.Store(storetest.Now().UnixMicro())
	w.gh = fakegithub.New(fakegithub.Options{
		Token: goodToken, Now: w.clock.now, WebhookSecret: []byte(hookSecret), OnDelivery: w.mail.put,
		Intercept: func(r *http.Request) *fakegithub.Fault {
			if spoil := w.spoil.Load(); spoil != nil {
				return (*spoil)(r)
			}
			return nil
		},
	})
	var err error
	if w.url, err = w.gh.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.gh.Close(); err != nil {
			t.Error(err)
		}
	})
	w.gh.AddRepo(shop)
	w.address = storetest.URL(t)
	w.store = w.newStore(keys())
	w.f = storetest.Seed(t, w.store.DB())
	w.team = w.f.Team()
	w.ctx = needle.WithViewer(t.Context(), w.f.Viewer(w.f.Owner))
	w.engine = w.newEngine(w.store, 10)
	w.scope = w.store.In(w.f.Workspace.ID)
	return w
}

// keys is the key ring of the tests.
func keys() store.KeyRing {
	return store.KeyRing{Current: "k1", Keys: map[string][]byte{"k1": []byte("0123456789abcdef0123456789abcdef")}}
}

// newStore opens the database once more, as another process would.
func (w *world) newStore(ring store.KeyRing) *store.Store {
	w.t.Helper()
	return store.New(storetest.Open(w.t, w.address), store.Config{CursorKey: []byte("cursor"), Keys: ring, Now: w.clock.now})
}

func (w *world) newEngine(s *store.Store, pageSize int, change ...func(*syncing.Config)) *syncing.Engine {
	w.t.Helper()
	config := syncing.Config{
		Store: s, Registry: w.registry(), Now: w.clock.now, PageSize: pageSize, Ahead: 1, FilesDir: w.filesDir,
		Transport: &http.Transport{DisableKeepAlives: true},
		Random:    func() float64 { return 0.5 },
		Pause:     func(ctx context.Context, d time.Duration) error { w.clock.pass(d); return ctx.Err() },
		Wake:      func(context.Context, needle.WorkspaceID, needle.ConnectionID) { w.woken.Add(1) },
		WakeInbox: func(needle.WorkspaceID, needle.ConnectionID) { w.rung.Add(1) },
		PublicURL: publicURL,
	}
	for _, c := range change {
		c(&config)
	}
	e, err := syncing.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// registry holds the drivers.
func (w *world) registry() *integrations.Registry {
	w.t.Helper()
	registry, err := integrations.NewRegistry(append([]integrations.Driver{github.Driver(), jira.Driver(), file.Driver()}, w.drivers...)...)
	return must(w.t, registry, err)
}

// connect makes a connection to the fake through the use case.
func (w *world) connect(change ...func(*needle.CreateConnectionInput)) *needle.Connection {
	w.t.Helper()
	in := needle.CreateConnectionInput{
		Kind: "github", Name: "Shop", Sources: []string{shop}, DefaultTeamID: &w.team.ID,
		Settings: []*needle.SettingInput{{Name: "token", Value: goodToken}, {Name: "baseUrl", Value: w.url}},
	}
	for _, c := range change {
		c(&in)
	}
	conn, err := w.engine.CreateConnection(w.ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

// open opens n issues at the fake, a minute apart.
func (w *world) open(n int) []int {
	w.t.Helper()
	numbers := make([]int, n)
	for i := range numbers {
		number, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Something to do", Body: "More about it"})
		if err != nil {
			w.t.Fatal(err)
		}
		numbers[i] = number
		w.clock.pass(time.Minute)
	}
	return numbers
}

// sync runs a pass that must not fail.
func (w *world) sync(conn *needle.Connection) syncing.Report {
	w.t.Helper()
	report, err := w.engine.SyncConnection(w.t.Context(), w.f.Workspace.ID, conn.ID, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// must passes a value on when there is no error.
func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// seen is what must be equal here and there.
type seen struct {
	Key, Title, Body, Status string
	Labels                   []string
	Updated                  time.Time
}

// atTracker reads what the fake holds in repositories, pull requests left out, by id.
func (w *world) atTracker(repos ...string) map[string]seen {
	w.t.Helper()
	out := map[string]seen{}
	for _, repo := range repos {
		w.addTo(out, repo)
	}
	return out
}

// addTo adds what the fake holds in a repository.
func (w *world) addTo(out map[string]seen, repo string) {
	w.t.Helper()
	for _, number := range w.gh.Numbers(repo) {
		var raw struct {
			ID          int64     `json:"id"`
			Title       string    `json:"title"`
			Body        *string   `json:"body"`
			State       string    `json:"state"`
			StateReason *string   `json:"state_reason"`
			PullRequest any       `json:"pull_request"`
			UpdatedAt   time.Time `json:"updated_at"`
			Labels      []struct{ Name string }
		}
		if err := json.Unmarshal(w.gh.Raw(repo, number), &raw); err != nil {
			w.t.Fatal(err)
		}
		if raw.PullRequest != nil {
			continue
		}
		one := seen{Key: repo + "#" + strconv.Itoa(number), Title: raw.Title, Status: "TODO", Labels: []string{}, Updated: raw.UpdatedAt.UTC()}
		if raw.Body != nil {
			one.Body = *raw.Body
		}
		switch {
		case raw.State == "closed" && raw.StateReason != nil && *raw.StateReason == "not_planned":
			one.Status = "DROPPED"
		case raw.State == "closed":
			one.Status = "DONE"
		}
		for _, l := range raw.Labels {
			one.Labels = append(one.Labels, l.Name)
		}
		slices.Sort(one.Labels)
		out[strconv.FormatInt(raw.ID, 10)] = one
	}
}

// inMirror reads what the database holds, by remote id.
func (w *world) inMirror() map[string]seen {
	w.t.Helper()
	rows, err := w.store.DB().QueryContext(w.t.Context(), `
		SELECT remote_id, remote_key, title, body, status, labels, remote_updated_at FROM issues WHERE gone_at IS NULL`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]seen{}
	for rows.Next() {
		var id string
		var labels []byte
		var one seen
		if err := rows.Scan(&id, &one.Key, &one.Title, &one.Body, &one.Status, &labels, &one.Updated); err != nil {
			w.t.Fatal(err)
		}
		if err := json.Unmarshal(labels, &one.Labels); err != nil {
			w.t.Fatal(err)
		}
		one.Updated = one.Updated.UTC()
		out[id] = one
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// inStep demands that the mirror equals the tracker's repositories, the shop if none is named, and that each issue has
// exactly one item with its status.
func (w *world) inStep(repos ...string) {
	w.t.Helper()
	if len(repos) == 0 {
		repos = []string{shop}
	}
	if diff := cmp.Diff(w.atTracker(repos...), w.inMirror()); diff != "" {
		w.t.Errorf("the mirror differs from the tracker: %s", diff)
	}
	if n := w.count(`SELECT count(*) FROM issues AS i LEFT JOIN backlog_items AS b ON b.workspace_id = i.workspace_id AND b.issue_id = i.id
		WHERE i.type <> 'PULL_REQUEST' AND i.gone_at IS NULL AND b.status IS DISTINCT FROM i.status`); n != 0 {
		w.t.Errorf("%d issues have no item, or one with another status", n)
	}
}

// count runs a query for one number.
func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.store.DB().QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// connection reads a connection as it is now.
func (w *world) connection(id needle.ConnectionID) *needle.Connection {
	w.t.Helper()
	conn, err := w.scope.Connection(w.t.Context(), id)
	return must(w.t, conn, err)
}

// source reads the one source of a connection.
func (w *world) source(id needle.ConnectionID) store.SyncSource {
	w.t.Helper()
	sources, err := w.scope.SyncSources(w.t.Context(), id)
	if must(w.t, sources, err); len(sources) != 1 {
		w.t.Fatalf("the connection has %d sources", len(sources))
	}
	return sources[0]
}

// verbs lists what was recorded about a subject, oldest first.
func (w *world) verbs(subject string) []needle.Verb {
	w.t.Helper()
	var out []needle.Verb
	err := w.store.DB().NewRaw(`SELECT verb FROM activities WHERE subject_id = ? ORDER BY id`, subject).Scan(w.t.Context(), &out)
	return must(w.t, out, err)
}

// spoilWith makes the fake answer every request by f.
func (w *world) spoilWith(f func(*http.Request) *fakegithub.Fault) { w.spoil.Store(&f) }

// heal ends spoilWith.
func (w *world) heal() { w.spoil.Store(nil) }

// always answers every request with a fault.
func always(f *fakegithub.Fault) func(*http.Request) *fakegithub.Fault {
	return func(*http.Request) *fakegithub.Fault { return f }
}

// lists reports whether a request lists issues, and does not only ask how many there are.
func lists(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/issues") && r.URL.Query().Get("per_page") != "1"
}
