package syncing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// Writing back shows beside an issue what its work is for. A run first sweeps: it works out what every issue of the
// connection shall show and notes in the outbox what differs from what was noted. Nothing that changes a key result, a
// link or an item needs to know of it, and so nothing can forget to tell. Then it works the outbox off:
//
//	hold ─▶ sweep ─▶ claim: one transaction ─▶ write to the tracker ─▶ settle: one transaction ─┐
//	                    ▲    that notes the request                                             │ at most one
//	                    └───────────────────────────────────────────────────────────────────────┘ a second
//
// What a claim sends is worked out in its own transaction, so the newest is sent, not what the sweep saw. A process that
// dies behind a claim leaves a row that says so: after the lease it is sent again, and a tracker that has it already
// writes nothing. What changes during a request makes the row differ once more, and so it is sent again.

const (
	// writeEvery is the time between two writes to a tracker, whichever processes make them.
	writeEvery = time.Second
	// writeSlice is how long a run works before others get their turn.
	writeSlice = time.Minute
	// writeTime bounds one request.
	writeTime = 30 * time.Second
	// writeLease is how long nobody else sends what was claimed; a request that outlived its process ends before.
	writeLease = 2 * writeTime
	// sweepEvery is the time between two sweeps, or sweepShare times what one took where that is longer.
	sweepEvery = time.Minute
	sweepShare = 20
	// sweepPage is how many issues are worked out at a time.
	sweepPage = 1000
	// refusedWait is how long a backlink waits that the credentials may not write, unless a person asks before.
	refusedWait = 24 * time.Hour
	// refusalsInARow is how many refusals without a success in between show that the credentials may write nothing.
	refusalsInARow = 3
)

// WriteBackReport says what a run over an outbox did.
type WriteBackReport struct {
	// Written, Removed and Failed count requests by how they ended.
	Written, Removed, Failed int
	// Idle is true when nothing was to be done, or could be.
	Idle bool
	// More is true when the run ended to let others work, and something is left.
	More bool
	// Reason says why not everything is written, in words a person can act on; empty when all is well.
	Reason string
}

// DueWriteBacks lists up to limit connections of all workspaces whose outbox is to be looked at, longest due first.
func (e *Engine) DueWriteBacks(ctx context.Context, limit int) ([]Due, error) {
	return e.store.DueWriteBacks(ctx, e.clock(), limit)
}

// writeBack is one run over the outbox of a connection.
type writeBack struct {
	*pass
	run    store.WriteBackRun
	report WriteBackReport
	begun  time.Time
	// swept is how long the sweep took.
	swept time.Duration
	// linker is the tracker, once it was opened.
	linker integrations.Linker
	// refusals counts those in a row.
	refusals int
}

// WriteBack looks for what a connection shall show beside its issues, and writes and removes what differs, for about a
// minute; it does nothing unless that is due. What the tracker does wrong is no error: it is told in the report and kept
// on the rows. The error matches ErrBusy, ErrStopped, NOT_FOUND or ctx's, or is a fault of the database.
func (e *Engine) WriteBack(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID) (WriteBackReport, error) {
	release, held, err := e.store.HoldWriteBack(ctx, workspace, id)
	if err != nil {
		return WriteBackReport{}, fmt.Errorf("holding the outbox: %w", err)
	}
	if !held {
		return WriteBackReport{}, ErrBusy
	}
	defer release()
	w := &writeBack{pass: &pass{Engine: e, scope: e.store.In(workspace), meter: e.meter()}, begun: e.clock()}
	if err := w.begin(ctx, id); err != nil {
		return w.report, fmt.Errorf("beginning to write back: %w", err)
	}
	if w.report.Idle {
		return w.report, nil
	}
	return w.finish(ctx, w.work(ctx))
}

// begin takes the outbox, unless it is not due.
func (w *writeBack) begin(ctx context.Context, id needle.ConnectionID) error {
	return w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		var err error
		if w.conn, err = tx.Connection(ctx, id); err != nil {
			return err
		}
		if at := w.conn.WriteBackAt; at == nil || at.After(w.clock()) || w.heldUp(w.conn) {
			w.report = WriteBackReport{Idle: true, Reason: w.conn.WriteBackReason}
			return nil
		}
		if w.run, err = tx.BeginWriteBack(ctx, id); err != nil {
			return err
		}
		_, err = tx.RetryBacklinks(ctx, id, false)
		return err
	})
}

// heldUp reports whether the tracker must not be asked for anything.
func (w *writeBack) heldUp(c *needle.Connection) bool {
	return c.State == needle.ConnectionPaused || c.State == needle.ConnectionAuthFailed || limited(c, w.clock())
}

// work sweeps and works off what is due.
func (w *writeBack) work(ctx context.Context) error {
	if w.conn.WriteBack {
		if err := w.sweep(ctx); err != nil {
			return err
		}
		w.swept = w.clock().Sub(w.begun)
	}
	for {
		job, wait, err := w.claim(ctx)
		if err != nil {
			return err
		}
		switch {
		case wait > 0:
			err = w.pause(ctx, wait)
		case job == nil:
			return nil
		default:
			err = w.send(ctx, job)
		}
		if err != nil {
			return err
		}
		if w.clock().Sub(w.begun) >= writeSlice {
			w.report.More = true
			return nil
		}
	}
}

// sweep brings what the outbox wants in step with what issues serve now.
func (w *writeBack) sweep(ctx context.Context) error {
	scribe := w.scribe(w.scope)
	for after, more := (needle.IssueID{}), true; more; {
		issues, err := w.scope.ServingIssues(ctx, w.conn.ID, after, sweepPage)
		if err != nil {
			return err
		}
		written, err := scribe.write(ctx, issues)
		if err != nil {
			return err
		}
		wanted := make([]store.WantedBacklink, len(issues))
		for i, issue := range issues {
			wanted[i] = store.WantedBacklink{IssueID: issue.ID, Hash: backlinkHash(written[i])}
			after = issue.ID
		}
		more = len(issues) == sweepPage
		err = w.keeping(ctx, func(ctx context.Context, tx store.Scope) error {
			if _, err := tx.QueueBacklinks(ctx, w.conn.ID, wanted); err != nil || more {
				return err
			}
			_, err := tx.QueueRemovals(ctx, w.conn.ID)
			return err
		})
		if err != nil {
			return fmt.Errorf("noting what shall be shown: %w", err)
		}
	}
	return nil
}

// keeping runs a transaction that only the run which may write gets through.
func (w *writeBack) keeping(ctx context.Context, do func(context.Context, store.Scope) error) error {
	return w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		if _, err := tx.KeepWriteBack(ctx, w.conn.ID, w.run); err != nil {
			return err
		}
		return do(ctx, tx)
	})
}

// posting is a backlink on its way to the tracker.
type posting struct {
	*store.OutboxBacklink
	issue *needle.Issue
	// text is what shall be shown; not set when Wanted is nil.
	text integrations.Backlink
	// lease is when others may send it again.
	lease time.Time
}

// claim takes the next backlink that needs a request, and notes that it is being sent; nil when there is none. A wait
// says that it is too early for the next request.
func (w *writeBack) claim(ctx context.Context) (job *posting, wait time.Duration, err error) {
	err = w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		last, err := tx.KeepWriteBack(ctx, w.conn.ID, w.run)
		if err != nil {
			return err
		}
		conn, err := tx.Connection(ctx, w.conn.ID)
		if err != nil {
			return err
		}
		if conn.Version != w.conn.Version || w.heldUp(conn) {
			return store.ErrPassLost
		}
		w.conn = conn
		if job, err = w.next(ctx, tx); err != nil || job == nil {
			return err
		}
		now := w.clock()
		if wait = tooEarly(last, now); wait > 0 {
			return nil
		}
		job.lease = now.Add(writeLease)
		job.NotBefore = &job.lease
		return tx.SendBacklink(ctx, job.OutboxBacklink)
	})
	return job, wait, err
}

// tooEarly is how long to wait after the last write. One that lies further ahead was noted by a clock that was wrong.
func tooEarly(last *time.Time, now time.Time) time.Duration {
	if last == nil || last.After(now.Add(writeEvery)) {
		return 0
	}
	return writeEvery - now.Sub(*last)
}

// next finds the next backlink that needs a request and works out what it shall say now. Those that need none are settled.
func (w *writeBack) next(ctx context.Context, tx store.Scope) (*posting, error) {
	for {
		b, err := tx.NextBacklink(ctx, w.conn.ID)
		if err != nil || b == nil {
			return nil, err
		}
		job := &posting{OutboxBacklink: b}
		if err := w.word(ctx, tx, job); err != nil {
			return nil, err
		}
		switch {
		case b.Wanted == nil && !b.Present:
			b.State = needle.BacklinkRemoved
		case b.Wanted != nil && bytes.Equal(b.Wanted, b.Written):
			b.State = needle.BacklinkWritten
		default:
			issues, err := tx.IssuesByID(ctx, []needle.IssueID{b.IssueID})
			if err != nil {
				return nil, err
			}
			job.issue = issues[0]
			return job, nil
		}
		if err := tx.KeepBacklink(ctx, b); err != nil {
			return nil, err
		}
	}
}

// word works out what a backlink shall say now; nothing when the connection does not write back, or the issue serves
// nothing any more.
func (w *writeBack) word(ctx context.Context, tx store.Scope, job *posting) error {
	job.Wanted = nil
	if !w.conn.WriteBack {
		return nil
	}
	issue, err := tx.ServingIssue(ctx, job.IssueID)
	if err != nil || issue == nil {
		return err
	}
	written, err := w.scribe(tx).write(ctx, []*store.ServingIssue{issue})
	if err != nil {
		return err
	}
	job.text = written[0]
	job.Wanted = backlinkHash(job.text)
	return nil
}

// pause waits by the machine's timer.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}

// connect opens the tracker, once.
func (w *writeBack) connect(ctx context.Context) error {
	if w.linker != nil {
		return nil
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	linker, able := w.tracker.(integrations.Linker)
	if !able {
		return &trackerError{err: errors.New("trackers of this kind show no backlinks")}
	}
	w.linker = linker
	return nil
}
