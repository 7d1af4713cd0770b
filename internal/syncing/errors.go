package syncing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

const (
	// firstWait is how long an unavailable tracker is left alone the first time; each failure in a row doubles it.
	firstWait = 30 * time.Second
	// longestWait ends the doubling.
	longestWait = 15 * time.Minute
	// maxReason bounds what a tracker's own words may add to a reason, in characters.
	maxReason = 300
)

// trackerError is what a tracker, or the way to it, did to a pass. It is judged and kept on the rows, where people see
// it; it never reaches a caller.
type trackerError struct {
	err error
	// source was being listed; nil when the connection itself was.
	source *needle.Source
	// elsewhere is true when the same credentials are accepted elsewhere, so that a refusal is about the source alone.
	elsewhere bool
}

// Error is for tests and the log.
func (e *trackerError) Error() string { return e.err.Error() }

// Unwrap returns what the driver said.
func (e *trackerError) Unwrap() error { return e.err }

// sourceOnly reports whether the error is about the source alone, so that the others can be read all the same.
func (e *trackerError) sourceOnly() bool {
	rejected := (*integrations.RejectedError)(nil)
	return e.source != nil && (outOfView(e.err) && (e.elsewhere || !errors.Is(e.err, integrations.ErrForbidden)) || errors.As(e.err, &rejected))
}

// outOfView reports whether an error says that something cannot be seen, whatever it is.
func outOfView(err error) bool {
	return errors.Is(err, integrations.ErrNotFound) || errors.Is(err, integrations.ErrGone) || errors.Is(err, integrations.ErrForbidden)
}

// verdict is what an answer of a tracker means for the connection.
type verdict struct {
	state  needle.ConnectionState
	reason string
	// failures is how many passes in a row have failed.
	failures int
	// until is when the tracker may be asked again; nil when it set no limit.
	until *time.Time
	// next is when the next pass is due; nil when a person has to act first.
	next *time.Time
}

// good is the verdict on a pass that reached the tracker.
func (p *pass) good(now time.Time) verdict {
	next := now.Add(p.interval)
	return verdict{state: needle.ConnectionOK, next: &next}
}

// judge is the verdict on an error that stops the whole connection.
func (p *pass) judge(err error, now time.Time) verdict {
	v := verdict{failures: p.conn.Failures + 1}
	limit := (*integrations.RateLimitError)(nil)
	if errors.As(err, &limit) {
		until := instant(limit.RetryAt)
		if p.conn.State == needle.ConnectionLimited {
			// Limited again right after waiting: the tracker may not say how long it really means.
			until = later(until, now.Add(backoff(v.failures, 1)))
		}
		v.state, v.until, v.next = needle.ConnectionLimited, &until, &until
		v.reason = fmt.Sprintf("%s asks to be left alone until %s (%s). Reading goes on by itself then.",
			p.driver, until.Format(time.RFC3339), p.words(limit.Reason))
		return v
	}
	if reason := p.wantsPerson(err); reason != "" {
		v.state, v.reason = needle.ConnectionAuthFailed, reason
		return v
	}
	next := now.Add(backoff(v.failures, p.random()))
	v.state, v.next = needle.ConnectionUnavailable, &next
	v.reason = fmt.Sprintf("%s cannot be reached or does not answer as it should (%s). It is tried again by itself; if this lasts, check the address and the tracker.",
		p.driver, p.words(cause(err)))
	return v
}

// wantsPerson says what a person has to mend before it makes sense to ask again; empty when there is nothing.
func (p *pass) wantsPerson(err error) string {
	missing, settings := (*store.MissingKeyError)(nil), (*integrations.SettingsError)(nil)
	switch {
	case errors.Is(err, integrations.ErrUnauthorized):
		return fmt.Sprintf("%s does not accept the credentials of this connection (%s). Give it new ones.", p.driver, p.words(cause(err)))
	case errors.Is(err, integrations.ErrForbidden):
		return fmt.Sprintf("%s accepts the credentials but does not let them read here (%s). Widen their access or give the connection others.",
			p.driver, p.words(cause(err)))
	case errors.Is(err, integrations.ErrUnknownKind):
		return fmt.Sprintf("This server knows no trackers of the kind %q. Connect through a kind it knows.", p.conn.Kind)
	case errors.As(err, &missing):
		return fmt.Sprintf("The credentials were sealed with key %q, which this server does not have. Put the key back or give the connection its credentials again.",
			missing.KeyID)
	case errors.Is(err, store.ErrSealBroken):
		return "The sealed credentials do not open with the server's keys. Give the connection its credentials again."
	case errors.As(err, &settings):
		return fmt.Sprintf("The settings are not complete or not right (%s). Correct them.", p.words(settings.Error()))
	default:
		return ""
	}
}

// sourceReason says why a source cannot be read and what to do; lost is true when it could be read before.
func (p *pass) sourceReason(err error, key string, lost bool) string {
	if lost && outOfView(err) {
		return fmt.Sprintf("Access to %q was lost: %s no longer shows it to these credentials (%s). Its issues stay as they were last seen. "+
			"Give the access back, then ask for a sync; it is tried again once a day.", key, p.driver, p.words(cause(err)))
	}
	switch {
	case errors.Is(err, integrations.ErrForbidden):
		return fmt.Sprintf("%s does not let these credentials read %q (%s). Widen their access, then ask for a sync.", p.driver, key, p.words(cause(err)))
	case errors.Is(err, integrations.ErrNotFound):
		return fmt.Sprintf("%s has no %q, or the credentials cannot see it. Check the spelling and the access, then ask for a sync.", p.driver, key)
	case errors.Is(err, integrations.ErrGone):
		return fmt.Sprintf("%s says that %q holds no issues any more (%s). Turn them on again there, then ask for a sync.", p.driver, key, p.words(cause(err)))
	default:
		return fmt.Sprintf("%s refuses to list %q (%s). Change the source or its access, then ask for a sync.", p.driver, key, p.words(cause(err)))
	}
}

// cause is what lies behind the words our own layers put around an error.
func cause(err error) string {
	unavailable, rejected := (*integrations.UnavailableError)(nil), (*integrations.RejectedError)(nil)
	switch {
	case errors.As(err, &unavailable) && unavailable.Status != 0:
		return fmt.Sprintf("status %d, %v", unavailable.Status, unavailable.Err)
	case errors.As(err, &unavailable):
		return unavailable.Err.Error()
	case errors.As(err, &rejected):
		return rejected.Error()
	default:
		return err.Error()
	}
}

// words makes a tracker's words fit to be shown: clean, short and without our secrets.
func (p *pass) words(text string) string {
	text = strings.Join(strings.Fields(needle.Clean(text)), " ")
	for _, secret := range p.hidden {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "•••")
		}
	}
	if utf8.RuneCountInString(text) > maxReason {
		text = string([]rune(text)[:maxReason-1]) + "…"
	}
	return text
}

// backoff is how long to wait after a number of failures in a row; random, from [0, 1), takes up to half of it off.
func backoff(failures int, random float64) time.Duration {
	wait := longestWait
	if failures < 6 {
		wait = min(firstWait<<(max(failures, 1)-1), longestWait)
	}
	return wait/2 + time.Duration(random*float64(wait/2))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// settle stores a verdict, unless a person changed the connection since the pass began: then the verdict is about
// something that is no more, and the change has made a new pass due. It returns the connection as it is now.
func (p *pass) settle(ctx context.Context, v verdict) (*needle.Connection, error) {
	var conn *needle.Connection
	err := p.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		var err error
		if conn, err = tx.Connection(ctx, p.conn.ID); err != nil {
			return err
		}
		if conn.Version != p.conn.Version {
			return nil
		}
		before := *conn
		conn.StateReason, conn.Failures, conn.RateLimitedUntil, conn.NextSyncAt = v.reason, v.failures, v.until, v.next
		conn.AccountName = p.conn.AccountName
		if conn.State != v.state {
			conn.State, conn.StateChangedAt = v.state, p.clock()
		}
		if err := tx.SaveSyncState(ctx, conn); err != nil || before.State == conn.State {
			return err
		}
		verb := needle.VerbFailed
		if conn.State == needle.ConnectionOK {
			verb = needle.VerbUpdated
		}
		return record(ctx, tx, nil, verb, conn.ID,
			map[string]any{"State": before.State, "StateReason": before.StateReason},
			map[string]any{"State": conn.State, "StateReason": conn.StateReason})
	})
	return conn, err
}

// fail ends the run of a walk that did not reach its end and returns err. An error of the tracker is kept on the run,
// and on the source if it is about the source alone; a walk that was called off counts as interrupted.
func (w *walk) fail(ctx context.Context, err error) error {
	failed := (*trackerError)(nil)
	calledOff := ctx.Err() != nil
	if errors.Is(err, store.ErrPassLost) || !calledOff && !errors.As(err, &failed) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settlePatience)
	defer cancel()
	if !calledOff {
		w.askElsewhere(ctx, failed)
	}
	now := w.clock()
	w.record.State, w.record.FinishedAt = needle.SyncInterrupted, &now
	w.bill(&w.record)
	aboutSource := false
	if !calledOff {
		w.record.State = needle.SyncFailed
		if aboutSource = failed.sourceOnly(); aboutSource {
			w.see(w.source.ID, false)
			w.record.Reason = w.sourceReason(failed.err, w.source.RemoteKey, w.source.Watermark != nil)
		} else {
			w.record.Reason = w.judge(failed.err, now).reason
		}
	}
	storing := w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		if err := tx.AdvanceSyncRun(ctx, &w.record); err != nil || !aboutSource {
			return err
		}
		return w.refuse(ctx, tx, failed.err, now)
	})
	if storing != nil && !calledOff {
		return storing
	}
	return err
}

// askElsewhere tells a credential that may not read this source from one that may read nothing, by asking who it is.
func (w *walk) askElsewhere(ctx context.Context, failed *trackerError) {
	if failed.source == nil || !errors.Is(failed.err, integrations.ErrForbidden) {
		return
	}
	_, err := w.tracker.Check(ctx)
	failed.elsewhere = err == nil
}

// retrySource is how long a source that is refused is left alone before it is tried again by itself.
const retrySource = 24 * time.Hour

// refuse notes on the source that the tracker refuses it. What had been read and can be seen no more is lost; nothing of it
// is buried.
func (w *walk) refuse(ctx context.Context, tx store.Scope, cause error, now time.Time) error {
	before := *w.source.Source
	retry := now.Add(retrySource)
	w.source.State, w.source.StateReason, w.source.RetryAt = needle.SourceError, w.record.Reason, &retry
	if w.source.LostAt == nil && w.source.Watermark != nil && outOfView(cause) {
		w.source.LostAt = &now
	}
	if err := tx.SaveSyncSource(ctx, w.source); err != nil || before.State == needle.SourceError {
		return err
	}
	return recordSource(ctx, tx, needle.VerbFailed, before, *w.source.Source)
}

// mend notes that a source which was refused can be read again.
func (w *walk) mend(ctx context.Context, tx store.Scope, now *store.SyncSource) error {
	if w.source.State != needle.SourceError {
		return nil
	}
	return recordSource(ctx, tx, needle.VerbUpdated, *w.source.Source, *now.Source)
}

// recordKey notes that a source has another key.
func recordKey(ctx context.Context, tx store.Scope, before, after needle.Source) error {
	return record(ctx, tx, nil, needle.VerbUpdated, after.ID,
		map[string]any{"RemoteKey": before.RemoteKey}, map[string]any{"RemoteKey": after.RemoteKey})
}

func recordSource(ctx context.Context, tx store.Scope, verb needle.Verb, before, after needle.Source) error {
	return record(ctx, tx, nil, verb, after.ID,
		map[string]any{"State": before.State, "StateReason": before.StateReason},
		map[string]any{"State": after.State, "StateReason": after.StateReason})
}
