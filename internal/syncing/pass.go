package syncing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

var (
	// ErrBusy says that another pass over the connection is running, in this process or another.
	ErrBusy = errors.New("another pass over this connection is running")
	// ErrStopped says that a pass ended early because another process took over or because a person paused or changed the
	// connection. Everything stored so far stays.
	ErrStopped = errors.New("the pass was stopped: the connection was changed, paused or taken over meanwhile")
)

// settlePatience bounds noting how a pass ended after its context has.
const settlePatience = 5 * time.Second

// pass is one pass over a connection.
type pass struct {
	*Engine
	scope    store.Scope
	progress Progress
	// conn is the connection as the pass found it.
	conn *needle.Connection
	// requested says that a person asked, so sources that wait for a person are tried as well.
	requested bool
	driver    string
	tracker   integrations.Tracker
	meter     *meter
	// hidden are the secrets, which must not show up in a reason.
	hidden []string
	// given are the secrets of a connection that is not stored; nil for one that is.
	given map[string]string
	// inView remembers which sources the tracker could be seen to list, and which not.
	inView map[needle.SourceID]bool
	// sources is how many sources the connection reads.
	sources int
	report  Report
}

// SyncConnection runs a pass over a connection now, whether one is due or not; progress may be nil. What the tracker
// does wrong is no error: it is told in the Report and kept on the connection and its sources. The error matches
// ErrBusy, ErrStopped, NOT_FOUND or ctx's, or is a fault of the database.
func (e *Engine) SyncConnection(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID, progress Progress) (Report, error) {
	return e.sync(ctx, workspace, id, false, progress)
}

// SyncDue is SyncConnection for the schedule: it does nothing unless a pass is due.
func (e *Engine) SyncDue(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID) (Report, error) {
	return e.sync(ctx, workspace, id, true, nil)
}

func (e *Engine) sync(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID, onlyDue bool, progress Progress) (Report, error) {
	release, held, err := e.store.HoldPass(ctx, workspace, id)
	if err != nil {
		return Report{}, fmt.Errorf("holding the pass: %w", err)
	}
	if !held {
		return Report{}, ErrBusy
	}
	defer release()
	if progress == nil {
		progress = func(Event) {}
	}
	p := &pass{Engine: e, scope: e.store.In(workspace), progress: progress, meter: e.meter()}
	if err := p.begin(ctx, id, onlyDue); err != nil {
		return Report{}, fmt.Errorf("beginning a pass: %w", err)
	}
	if p.report.Idle {
		return p.report, nil
	}
	return p.finish(ctx, p.run(ctx))
}

// begin reads the connection, ends what a dead process left running and takes the request.
func (p *pass) begin(ctx context.Context, id needle.ConnectionID, onlyDue bool) error {
	return p.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		conn, err := tx.Connection(ctx, id)
		if err != nil {
			return err
		}
		now := p.clock()
		p.conn, p.requested = conn, conn.SyncRequestedAt != nil
		if conn.State == needle.ConnectionPaused || limited(conn, now) || onlyDue && !p.due(conn, now) {
			p.report = reportOf(conn)
			p.report.Idle = true
			return nil
		}
		if err := tx.InterruptSyncRuns(ctx, id); err != nil {
			return err
		}
		return tx.TakeSyncRequest(ctx, id, now)
	})
}

// limited reports whether the tracker asked to be left alone for now.
func limited(c *needle.Connection, now time.Time) bool {
	return c.RateLimitedUntil != nil && c.RateLimitedUntil.After(now)
}

// due reports whether the schedule or a person wants a pass. See store.DuePasses.
func (e *Engine) due(c *needle.Connection, now time.Time) bool {
	next := c.NextSyncAt
	return c.SyncRequestedAt != nil || next != nil && (!next.After(now) || c.RateLimitedUntil == nil && next.After(e.horizon(now)))
}

func reportOf(c *needle.Connection) Report {
	r := Report{State: c.State, Reason: c.StateReason}
	if c.NextSyncAt != nil {
		r.RetryAt = *c.NextSyncAt
	}
	return r
}

// run does the work of the pass. A *trackerError is the tracker's doing, anything else ours.
func (p *pass) run(ctx context.Context) error {
	if err := p.open(ctx); err != nil {
		return err
	}
	if err := p.adopt(ctx); err != nil {
		return err
	}
	sources, err := p.scope.SyncSources(ctx, p.conn.ID)
	if err != nil {
		return err
	}
	queries, err := p.queries(ctx)
	if err != nil {
		return err
	}
	p.sources = len(sources)
	for _, source := range sources {
		if source.State == needle.SourceError && !p.requested && !retryDue(source, p.clock()) {
			continue
		}
		err := p.read(ctx, &walk{pass: p, source: source}, queries)
		if failed := (*trackerError)(nil); errors.As(err, &failed) && failed.sourceOnly() {
			continue
		}
		if err != nil {
			return err
		}
	}
	if err := p.settleQueries(ctx, queries); err != nil {
		return err
	}
	return p.readHistories(ctx)
}

// read walks a source, asks it the queries of link rules, counts it when that is due, and asks again for what was set aside.
func (p *pass) read(ctx context.Context, w *walk, queries []*asked) error {
	ask := func(ctx context.Context) error { return w.askQueries(ctx, queries) }
	for _, step := range []struct {
		do func(context.Context) error
		// kind is that of the run which the step begins, if it has something to do; silent steps belong to the run before.
		kind   needle.SyncKind
		silent bool
	}{{do: w.run}, {do: ask, silent: true}, {do: w.census, kind: needle.SyncCensus}, {do: w.retryQuarantined, kind: needle.SyncRefresh}} {
		err := step.do(ctx)
		if !step.silent && (step.kind == "" || w.record.Kind == step.kind) {
			p.report.Sources = append(p.report.Sources, SourceReport{Source: *w.source.Source, Run: w.record})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// retryDue reports whether a source that is refused is to be tried again by itself.
func retryDue(s store.SyncSource, now time.Time) bool {
	return s.RetryAt == nil || !s.RetryAt.After(now) || s.RetryAt.After(now.Add(retrySource+store.ClockSlack))
}

// open connects to the tracker, and asks who we are unless an earlier pass did and was believed.
func (p *pass) open(ctx context.Context) error {
	if err := p.openTracker(ctx); err != nil {
		return err
	}
	if p.conn.AccountName != "" && p.conn.State != needle.ConnectionUnchecked && p.conn.State != needle.ConnectionAuthFailed {
		return nil
	}
	account, err := p.tracker.Check(ctx)
	if err != nil {
		return &trackerError{err: err}
	}
	p.conn.AccountName = needle.Clean(account.Name)
	return nil
}

// openTracker makes the tracker of the settings. It asks nothing yet.
func (p *pass) openTracker(ctx context.Context) error {
	driver, err := p.registry.Driver(p.conn.Kind)
	if err != nil {
		return &trackerError{err: err}
	}
	p.driver = driver.Name
	settings, err := p.settings(ctx, driver)
	if err != nil {
		return err
	}
	p.tracker, err = p.registry.Open(ctx, p.conn.Kind, settings, integrations.Env{
		Transport: p.meter, Now: p.now, UserAgent: p.userAgent, Files: p.files(ctx),
	})
	if err != nil {
		return &trackerError{err: err}
	}
	return nil
}

// settings joins the open settings of the connection with the sealed ones.
func (p *pass) settings(ctx context.Context, driver integrations.Driver) (integrations.Settings, error) {
	secrets, err := p.secrets(ctx)
	if secretsLost(err) {
		return nil, &trackerError{err: err}
	}
	if err != nil {
		return nil, err
	}
	all := integrations.Settings{}
	for _, field := range driver.Fields {
		from := p.conn.Settings
		if field.Secret {
			from = secrets
			p.hidden = append(p.hidden, secrets[field.Name])
		}
		if value, ok := from[field.Name]; ok {
			all[field.Name] = value
		}
	}
	return all, nil
}

// secrets are those that were given or else the sealed ones.
func (p *pass) secrets(ctx context.Context) (map[string]string, error) {
	if p.given != nil {
		return p.given, nil
	}
	return p.scope.ConnectionSecrets(ctx, p.conn.ID)
}

// finish notes how the pass ended and makes its report.
func (p *pass) finish(ctx context.Context, ended error) (Report, error) {
	p.report.Requests = p.meter.count()
	failed := (*trackerError)(nil)
	switch {
	case errors.Is(ended, store.ErrPassLost):
		return p.report, ErrStopped
	case ctx.Err() != nil && ended != nil:
		return p.report, fmt.Errorf("running a pass: %w", ended)
	case ended != nil && !errors.As(ended, &failed):
		return p.report, fmt.Errorf("running a pass: %w", ended)
	}
	now := p.clock()
	v := p.good(now)
	if failed != nil {
		v = p.judge(failed.err, now)
	}
	conn, err := p.settle(ctx, v)
	if err != nil {
		return p.report, fmt.Errorf("noting how a pass ended: %w", err)
	}
	ending := reportOf(conn)
	p.report.State, p.report.Reason, p.report.RetryAt = ending.State, ending.Reason, ending.RetryAt
	p.log.InfoContext(ctx, "pass ended", "connection", p.conn.ID.String(), "state", string(conn.State), "reason", conn.StateReason,
		"counts", p.report.Counts(), "requests", p.report.Requests)
	return p.report, nil
}
