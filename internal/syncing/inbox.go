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

const (
	// inboxBatch is how many deliveries are taken at once; those about the same issue are one question to the tracker.
	inboxBatch = 10_000
	// errandBatch is how many issues are asked for before it is noted which deliveries are done with.
	errandBatch = 50
	// webhookTries is how often a delivery is tried before it waits for a person. The waits between the tries double, so
	// this takes about three quarters of an hour.
	webhookTries = 8
	// keepWebhooks is how long deliveries stay that are done with. Within it a delivery that is sent again is known.
	keepWebhooks = 30 * 24 * time.Hour
)

// InboxReport says what came of working off an inbox.
type InboxReport struct {
	// Idle is true when nothing could be done: the connection is paused, limited or not well.
	Idle bool
	// State is the connection's state at the end.
	State needle.ConnectionState
	// RetryAt is when a limited connection may be asked again; zero otherwise.
	RetryAt time.Time
	// Deliveries were taken, and Issues asked for because of them; Failed counts deliveries whose try failed.
	Deliveries, Issues, Failed int
}

// WorkInbox works off the webhooks that wait for a connection, until none may be tried: each issue they tell of is read
// once, however many tell of it, by the same guards as in a pass, which may run at the same time. What a webhook tells
// without naming an issue asks for a pass. A delivery is done with after what it tells of is stored, so a process that
// dies in between only reads it again. One that fails again and again is put aside for a person, and holds up no other.
//
// Only one process works on a connection's inbox at a time. When another does, this returns at once: the other looks again
// after it let go. The error matches ctx's or is a fault of the database; what the tracker does wrong is kept on the
// deliveries and the connection.
func (e *Engine) WorkInbox(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID) (InboxReport, error) {
	var report InboxReport
	for {
		release, held, err := e.store.HoldInbox(ctx, workspace, id)
		if err != nil {
			return report, fmt.Errorf("holding an inbox: %w", err)
		}
		if !held {
			report.Idle = report.Deliveries == 0
			return report, nil
		}
		err = e.emptyInbox(ctx, workspace, id, &report)
		release()
		if err != nil {
			return report, fmt.Errorf("working off the webhooks of %s: %w", id, err)
		}
		waits, err := e.store.In(workspace).InboxWaits(ctx, id, e.clock())
		if err != nil || !waits {
			return report, err
		}
	}
}

// DueInboxes lists up to limit connections of all workspaces whose inbox waits to be worked off.
func (e *Engine) DueInboxes(ctx context.Context, limit int) ([]Due, error) {
	return e.store.DueInboxes(ctx, e.clock(), limit)
}

// PurgeWebhooks forgets deliveries that are long done with, and secrets whose time is over.
func (e *Engine) PurgeWebhooks(ctx context.Context) error {
	now := e.clock()
	if err := e.store.DropOldWebhookSecrets(ctx, now); err != nil {
		return fmt.Errorf("dropping old webhook secrets: %w", err)
	}
	if _, err := e.store.PurgeWebhooks(ctx, now.Add(-keepWebhooks)); err != nil {
		return fmt.Errorf("purging webhooks: %w", err)
	}
	return nil
}

// clerk works off the inbox of one connection.
type clerk struct {
	*pass
	sources []store.SyncSource
	report  *InboxReport
	// vouched says that the tracker was asked who we are after something failed, and answered well: what fails is then
	// about the issue and not about the connection.
	vouched bool
}

// letter is a delivery and how many of its errands are still open.
type letter struct {
	*needle.WebhookDelivery
	open   int
	failed string // why the last errand that failed did
}

// errand is an issue to ask for, and the deliveries that tell of it.
type errand struct {
	ref     integrations.Ref
	source  *needle.Source // nil when the webhook did not tell
	letters []*letter
}

// emptyInbox takes batch after batch until nothing is left that may be tried.
func (e *Engine) emptyInbox(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID, report *InboxReport) error {
	scope := e.store.In(workspace)
	conn, err := scope.Connection(ctx, id)
	if errors.Is(err, needle.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	report.State = conn.State
	waits, err := scope.InboxWaits(ctx, id, e.clock())
	if err != nil {
		return err
	}
	if !waits {
		if report.Idle = report.Deliveries == 0; limited(conn, e.clock()) {
			report.RetryAt = *conn.RateLimitedUntil
		}
		return nil
	}
	c := &clerk{pass: &pass{Engine: e, scope: scope, conn: conn, meter: e.meter()}, report: report}
	err = c.work(ctx)
	if failed := (*trackerError)(nil); errors.As(err, &failed) && ctx.Err() == nil {
		return c.stop(ctx, failed.err)
	}
	return err
}

// stop notes on the connection what keeps its tracker from being asked. The deliveries wait until that is over.
func (c *clerk) stop(ctx context.Context, cause error) error {
	conn, err := c.settle(ctx, c.judge(cause, c.clock()))
	if err != nil {
		return fmt.Errorf("noting why webhooks wait: %w", err)
	}
	if c.report.State = conn.State; conn.RateLimitedUntil != nil {
		c.report.RetryAt = *conn.RateLimitedUntil
	}
	c.log.InfoContext(ctx, "webhooks wait", "connection", c.conn.ID.String(), "state", string(conn.State), "reason", conn.StateReason)
	return nil
}

// work takes batches. A *trackerError concerns the whole connection.
func (c *clerk) work(ctx context.Context) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	var err error
	if c.sources, err = c.scope.SyncSources(ctx, c.conn.ID); err != nil {
		return err
	}
	for {
		rows, err := c.scope.PendingWebhooks(ctx, c.conn.ID, c.clock(), inboxBatch)
		if err != nil || len(rows) == 0 {
			return err
		}
		c.report.Deliveries += len(rows)
		if err := c.workOff(ctx, rows); err != nil {
			return err
		}
		c.log.InfoContext(ctx, "webhooks worked off", "connection", c.conn.ID.String(), "deliveries", len(rows), "requests", c.meter.count())
	}
}

// workOff sorts deliveries by what they tell of, runs the errands and notes what is done with.
func (c *clerk) workOff(ctx context.Context, rows []*needle.WebhookDelivery) error {
	errands, unnamed := c.sort(rows)
	if err := c.note(ctx, unnamed, c.wantsPass(unnamed)); err != nil {
		return err
	}
	for len(errands) > 0 {
		batch := errands[:min(len(errands), errandBatch)]
		errands = errands[len(batch):]
		done, err := c.runAll(ctx, batch)
		// What was done before an error is done.
		if noting := c.note(ctx, done, false); noting != nil && err == nil {
			err = noting
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sort makes one errand of all that is told of an issue, in the order of the first telling, and lists the deliveries that
// name no issue to ask for. What lies in a source that the connection does not read is no errand.
func (c *clerk) sort(rows []*needle.WebhookDelivery) (errands []*errand, unnamed []*letter) {
	byIssue := map[string]*errand{}
	for _, row := range rows {
		l := &letter{WebhookDelivery: row}
		for _, h := range row.Hints {
			source, ours := c.sourceOfHint(h)
			if h.IssueID == "" || !ours {
				continue
			}
			one := byIssue[h.IssueID]
			if one == nil {
				one = &errand{}
				byIssue[h.IssueID], errands = one, append(errands, one)
			}
			one.ref, one.source = integrations.Ref{ID: h.IssueID, Key: h.IssueKey}, source // The last telling names it best.
			if n := len(one.letters); n == 0 || one.letters[n-1] != l {
				one.letters = append(one.letters, l)
				l.open++
			}
		}
		if l.open == 0 {
			unnamed = append(unnamed, l)
		}
	}
	return errands, unnamed
}

// sourceOfHint finds the source that a hint tells of. It is ours as well when it does not tell.
func (c *clerk) sourceOfHint(h needle.WebhookHint) (source *needle.Source, ours bool) {
	source = sourceNamed(c.sources, h.SourceID, h.SourceKey)
	return source, source != nil || h.SourceID == "" && h.SourceKey == ""
}

// wantsPass reports whether one of the deliveries says that something changed and not what.
func (c *clerk) wantsPass(letters []*letter) bool {
	for _, l := range letters {
		if len(l.Hints) == 0 {
			return true
		}
		for _, h := range l.Hints {
			if _, ours := c.sourceOfHint(h); ours {
				return true
			}
		}
	}
	return false
}

// runAll runs errands and returns the deliveries that none is open of any more. A *trackerError concerns the whole
// connection.
func (c *clerk) runAll(ctx context.Context, batch []*errand) (done []*letter, err error) {
	ids := make([]string, len(batch))
	for i, one := range batch {
		ids[i] = one.ref.ID
	}
	known, err := c.scope.HeldIssuesOf(ctx, c.conn.ID, ids)
	if err != nil {
		return nil, err
	}
	for _, one := range batch {
		reason, err := c.run(ctx, one, known[one.ref.ID])
		if err != nil {
			return done, err
		}
		for _, l := range one.letters {
			if reason != "" {
				l.failed = reason
			}
			if l.open--; l.open == 0 {
				done = append(done, l)
			}
		}
	}
	return done, nil
}

// run reads one issue. reason says what keeps this one from being read; an error concerns all.
func (c *clerk) run(ctx context.Context, one *errand, was *needle.Issue) (reason string, err error) {
	c.report.Issues++
	if was != nil {
		_, err = c.look(ctx, was)
	} else {
		err = c.learn(ctx, one.ref, one.source)
	}
	failed := (*trackerError)(nil)
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil, errors.Is(err, &needle.Error{Code: needle.CodeUnavailable}):
		return "", err
	case errors.As(err, &failed):
		if c.concernsAll(ctx, failed.err) {
			return "", err
		}
		return fmt.Sprintf("%s does not show %s (%s).", c.driver, c.words(one.ref.Key), c.words(cause(failed.err))), nil
	default:
		c.log.ErrorContext(ctx, "a webhook's issue cannot be stored", "connection", c.conn.ID.String(), "issue", one.ref.ID, "error", err)
		return fmt.Sprintf("What %s shows of %s cannot be stored. The server's log says why.", c.driver, c.words(one.ref.Key)), nil
	}
}

// concernsAll reports whether an error is about the connection rather than the issue that was asked for. Trackers that
// hide one issue, or fail over it, answer as if they hid or failed over all: asking who we are tells the two apart.
func (c *clerk) concernsAll(ctx context.Context, err error) bool {
	limit, rejected := (*integrations.RateLimitError)(nil), (*integrations.RejectedError)(nil)
	switch {
	case errors.As(err, &limit), errors.Is(err, integrations.ErrUnauthorized):
		return true
	case c.vouched, errors.As(err, &rejected):
		return false
	}
	_, err = c.tracker.Check(ctx)
	c.vouched = err == nil
	return !c.vouched
}

// note stores how the tries of deliveries ended, and asks for a pass when one is wanted.
func (c *clerk) note(ctx context.Context, letters []*letter, wantsPass bool) error {
	if len(letters) == 0 {
		return nil
	}
	now := c.clock()
	rows := make([]*needle.WebhookDelivery, len(letters))
	for i, l := range letters {
		rows[i] = l.WebhookDelivery
		if l.end(now, c.random()); l.failed != "" {
			c.report.Failed++
		}
	}
	err := c.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		if wantsPass {
			if err := tx.AskForSync(ctx, c.conn.ID, now); err != nil {
				return err
			}
		}
		return tx.SettleWebhooks(ctx, rows)
	})
	if err == nil && wantsPass {
		c.wake(ctx, c.conn.WorkspaceID, c.conn.ID)
	}
	return err
}

// end says how the try ended: done with, to be tried again after a while, or waiting for a person.
func (l *letter) end(now time.Time, random float64) {
	if l.Reason = l.failed; l.failed == "" {
		l.State, l.FinishedAt = needle.WebhookDone, &now
		return
	}
	if l.Attempts++; l.Attempts >= webhookTries {
		l.State, l.FinishedAt = needle.WebhookFailed, &now
		return
	}
	l.NotBefore = now.Add(backoff(l.Attempts, random))
}
