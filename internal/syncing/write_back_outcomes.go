package syncing

import (
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// errRefused ends a run whose credentials may write nothing.
var errRefused = errors.New("the credentials may not write")

// send writes or removes a backlink and stores what became of it. It returns a *trackerError for what stops the run.
func (w *writeBack) send(ctx context.Context, job *posting) error {
	var ends error
	if err := w.connect(ctx); err != nil {
		ends = w.postpone(job, err)
	} else {
		ends = w.outcome(ctx, job, w.ask(ctx, job))
	}
	if ends != nil && ctx.Err() != nil {
		return fmt.Errorf("writing beside %s: %w", job.issue.RemoteKey, ctx.Err()) // Nobody knows what became of it.
	}
	if err := w.scope.SettleBacklink(ctx, job.OutboxBacklink, job.lease); err != nil {
		return fmt.Errorf("noting what became of a backlink: %w", err)
	}
	return ends
}

// ask sends the request.
func (w *writeBack) ask(ctx context.Context, job *posting) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	ref := integrations.Ref{ID: job.issue.RemoteID, Key: job.issue.RemoteKey}
	if job.Wanted == nil {
		return w.linker.RemoveBacklink(ctx, ref, marker(job.IssueID))
	}
	return w.linker.PutBacklink(ctx, ref, job.text)
}

// outcome puts on the row what the tracker's answer means for it, and returns what ends the run.
func (w *writeBack) outcome(ctx context.Context, job *posting, err error) error {
	rejected := (*integrations.RejectedError)(nil)
	switch {
	case err == nil:
		w.done(job)
		return nil
	case absent(err):
		return w.missing(ctx, job, err)
	case errors.Is(err, integrations.ErrForbidden):
		return w.refused(job, err)
	case errors.As(err, &rejected):
		w.report.Failed++
		job.State, job.NotBefore = needle.BacklinkFailed, nil
		job.Reason = fmt.Sprintf("%s refuses it (%s). It is tried again when what it says changes, or when somebody asks.", w.driver, w.words(cause(err)))
		return nil
	default:
		return w.postpone(job, err)
	}
}

// absent reports whether an error says that the issue is not where it was.
func absent(err error) bool {
	moved := (*integrations.MovedError)(nil)
	return errors.Is(err, integrations.ErrNotFound) || errors.Is(err, integrations.ErrGone) || errors.As(err, &moved)
}

func (w *writeBack) done(job *posting) {
	w.refusals = 0
	job.Written, job.Present, job.Attempts, job.NotBefore, job.Reason = job.Wanted, job.Wanted != nil, 0, nil, ""
	if job.Wanted == nil {
		w.report.Removed++
		job.State = needle.BacklinkRemoved
		return
	}
	now := w.clock()
	w.report.Written++
	job.State, job.WrittenAt = needle.BacklinkWritten, &now
}

// missing looks for an issue that was not found: one that is gone has no backlink, and one that moved takes its work
// along, so that the next sweep writes beside it where it is now. One that is there may only not be written to.
func (w *writeBack) missing(ctx context.Context, job *posting, err error) error {
	now, looking := w.look(ctx, job.issue)
	failed := (*trackerError)(nil)
	switch {
	case errors.As(looking, &failed):
		return w.postpone(job, looking)
	case looking != nil:
		return looking
	case now.ID == job.IssueID && now.GoneAt == nil:
		return w.refused(job, fmt.Errorf("%w: %w", integrations.ErrForbidden, err))
	default:
		job.State, job.NotBefore = needle.BacklinkRemoved, nil
		job.Reason = "The issue is gone at the tracker."
		return nil
	}
}

// refused notes that the credentials may not write here. When that is so again and again, they may write nowhere, and
// asking on would only annoy the tracker.
func (w *writeBack) refused(job *posting, err error) error {
	w.report.Failed++
	until := w.clock().Add(refusedWait)
	job.State, job.NotBefore = needle.BacklinkFailed, &until
	job.Reason = fmt.Sprintf("%s lets the credentials read, but not write here (%s). Widen their access, then ask to try again; it is tried again in a day besides.",
		w.driver, w.words(cause(err)))
	if w.refusals++; w.refusals >= refusalsInARow {
		return errRefused
	}
	return nil
}

// postpone keeps a backlink waiting whose request did not come through, and ends the run. A limit, and credentials that
// are not accepted, are noted on the connection, so the row need not wait by itself; a fault may be of this issue alone, so
// others go first.
func (w *writeBack) postpone(job *posting, err error) error {
	job.NotBefore, job.Reason = nil, ""
	if v := w.judge(err, w.clock()); v.state == needle.ConnectionUnavailable {
		until := later(job.lease, w.clock().Add(backoff(job.Attempts, w.random())))
		job.NotBefore, job.Reason = &until, w.words(cause(err))
	}
	return &trackerError{err: err}
}

// finish stores how the run ended and completes its report.
func (w *writeBack) finish(ctx context.Context, ended error) (WriteBackReport, error) {
	failed := (*trackerError)(nil)
	switch {
	case errors.Is(ended, store.ErrPassLost):
		return w.report, ErrStopped
	case ended != nil && !errors.Is(ended, errRefused) && !errors.As(ended, &failed):
		return w.report, fmt.Errorf("writing back: %w", ended)
	}
	conn := *w.conn
	conn.WriteBackFailures, conn.WriteBackReason = 0, ""
	var err error
	switch now := w.clock(); {
	case failed != nil:
		err = w.holdOff(ctx, &conn, failed.err)
	case ended != nil:
		next := now.Add(refusedWait)
		conn.WriteBackAt = &next
	default:
		err = w.plan(ctx, &conn)
	}
	if err == nil {
		err = w.conclude(ctx, &conn)
	}
	if errors.Is(err, store.ErrPassLost) {
		return w.report, ErrStopped
	}
	if err != nil {
		return w.report, fmt.Errorf("noting how writing back ended: %w", err)
	}
	w.report.Reason = conn.WriteBackReason
	w.log.InfoContext(ctx, "wrote back", "connection", conn.ID.String(), "written", w.report.Written, "removed", w.report.Removed,
		"failed", w.report.Failed, "reason", conn.WriteBackReason)
	return w.report, nil
}

// holdOff says when to ask a tracker again that answered the connection and not the request. What concerns reading as well
// goes to the connection's state, and the outbox is due as soon as that lets it.
func (w *writeBack) holdOff(ctx context.Context, conn *needle.Connection, err error) error {
	now := w.clock()
	v := w.judge(err, now)
	if v.state != needle.ConnectionUnavailable {
		conn.WriteBackAt = &now
		_, err := w.settle(ctx, v)
		return err
	}
	conn.WriteBackFailures = 1
	if w.report.Written+w.report.Removed == 0 {
		conn.WriteBackFailures = w.conn.WriteBackFailures + 1
	}
	next := now.Add(backoff(conn.WriteBackFailures, w.random()))
	conn.WriteBackAt, conn.WriteBackReason = &next, v.reason
	return nil
}

// plan says when the outbox is to be looked at next: when something in it is due, and at the latest for the next sweep.
func (w *writeBack) plan(ctx context.Context, conn *needle.Connection) error {
	next, err := w.scope.NextBacklinkAt(ctx, conn.ID)
	if err != nil {
		return fmt.Errorf("looking for what is due next: %w", err)
	}
	if sweep := w.clock().Add(max(sweepEvery, sweepShare*w.swept)); conn.WriteBack && (next == nil || next.After(sweep)) {
		next = &sweep
	}
	conn.WriteBackAt = next
	return nil
}

// conclude stores the end of the run, with what the tracker refuses, and tells when that is news.
func (w *writeBack) conclude(ctx context.Context, conn *needle.Connection) error {
	return w.keeping(ctx, func(ctx context.Context, tx store.Scope) error {
		refused, why, err := tx.RefusedBacklinks(ctx, conn.ID)
		if err != nil {
			return err
		}
		if refused > 0 && conn.WriteBackReason == "" {
			conn.WriteBackReason = fmt.Sprintf("%d cannot be shown. %s", refused, why)
		}
		if err := tx.FinishWriteBack(ctx, conn, w.run); err != nil {
			return err
		}
		verb := needle.VerbFailed
		if conn.WriteBackReason == "" {
			verb = needle.VerbUpdated
		}
		if was := w.conn.WriteBackReason; (was == "") == (conn.WriteBackReason == "") {
			return nil
		}
		return record(ctx, tx, nil, verb, conn.ID,
			map[string]any{"WriteBackReason": w.conn.WriteBackReason}, map[string]any{"WriteBackReason": conn.WriteBackReason})
	})
}
