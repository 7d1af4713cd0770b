package syncing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// RefreshIssue reads one issue at its tracker and stores what it finds under the same guards as a pass, so the two may
// run at once. An issue that is gone, or that now lives where the connection does not look, becomes a tombstone; one
// that moved to another identity takes its item, and so its links, along. It returns the issue as it is stored now: after
// a move, the one that was moved to. The error matches NOT_FOUND, or says what the tracker did; a refusal of the
// credentials or a limit also goes to the connection's state.
func (e *Engine) RefreshIssue(ctx context.Context, workspace needle.WorkspaceID, id needle.IssueID) (*needle.Issue, error) {
	scope := e.store.In(workspace)
	was, err := scope.Issue(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("refreshing an issue: %w", err)
	}
	conn, err := scope.Connection(ctx, was.ConnectionID)
	if err != nil {
		return nil, fmt.Errorf("refreshing an issue: %w", err)
	}
	source, err := scope.Source(ctx, was.SourceID)
	if err != nil {
		return nil, fmt.Errorf("refreshing an issue: %w", err)
	}
	if source.RemovedAt != nil {
		return was, nil // What is read no more stays as it was last seen.
	}
	if limited(conn, e.clock()) {
		return nil, &integrations.RateLimitError{RetryAt: *conn.RateLimitedUntil, Reason: conn.StateReason}
	}
	p := &pass{Engine: e, scope: scope, conn: conn, meter: e.meter()}
	now, err := p.refresh(ctx, was)
	if failed := (*trackerError)(nil); errors.As(err, &failed) {
		err = failed.err
		if v := p.judge(err, e.clock()); v.state != needle.ConnectionUnavailable {
			_, settling := p.settle(ctx, v)
			err = errors.Join(err, settling)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("refreshing issue %s: %w", was.RemoteKey, err)
	}
	return now, nil
}

// refresh connects to the tracker and looks.
func (p *pass) refresh(ctx context.Context, was *needle.Issue) (*needle.Issue, error) {
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	now, err := p.look(ctx, was)
	if err != nil {
		return nil, err
	}
	return now, p.readHistoryOf(ctx, now)
}

// maxMoves bounds how often an issue is followed that moved.
const maxMoves = 3

// look asks for the issue and stores the answer.
func (p *pass) look(ctx context.Context, was *needle.Issue) (*needle.Issue, error) {
	observed := p.clock()
	answer, err := p.tracker.Issue(ctx, integrations.Ref{ID: was.RemoteID, Key: was.RemoteKey})
	moved, broken := (*integrations.MovedError)(nil), (*integrations.BrokenError)(nil)
	to := ""
	for range maxMoves {
		if !errors.As(err, &moved) {
			break
		}
		observed, to = p.clock(), moved.To.Key
		answer, err = p.tracker.Issue(ctx, moved.To)
	}
	switch {
	case to != "" && outOfView(err):
		return p.bury(ctx, was, to, observed)
	case outOfView(err):
		return p.buryIfSeen(ctx, was, observed, err)
	case errors.As(err, &broken):
		return p.quarantine(ctx, was, broken.Broken)
	case err != nil:
		return nil, &trackerError{err: err}
	}
	return p.storeRefreshed(ctx, was, answer, observed)
}

// buryIfSeen makes a tombstone of an issue that its tracker does not show, unless the whole source is out of view: then
// nothing is known of the issue.
func (p *pass) buryIfSeen(ctx context.Context, was *needle.Issue, observed time.Time, cause error) (*needle.Issue, error) {
	there, err := p.sees(ctx, was.SourceID)
	switch {
	case err != nil:
		return nil, err
	case !there:
		return was, nil
	case errors.Is(cause, integrations.ErrForbidden):
		return nil, &trackerError{err: cause}
	default:
		return p.bury(ctx, was, "", observed)
	}
}

// ask reads an issue that nobody here knows, as a page of one; the page is empty when there is no such issue under this
// name, or when it is a pull request and those are not kept. The error is the tracker's.
func (p *pass) ask(ctx context.Context, ref integrations.Ref) (page integrations.Page, observed time.Time, err error) {
	observed = p.clock()
	issue, err := p.tracker.Issue(ctx, ref)
	moved, broken := (*integrations.MovedError)(nil), (*integrations.BrokenError)(nil)
	switch {
	case errors.As(err, &moved), errors.Is(err, integrations.ErrNotFound), errors.Is(err, integrations.ErrGone):
		return page, observed, nil
	case errors.As(err, &broken):
		page.Broken = []integrations.Broken{broken.Broken}
		return page, observed, nil
	case err == nil && (!issue.PullRequest || p.conn.IncludePullRequests):
		page.Issues = []integrations.Issue{issue}
	}
	return page, observed, err
}

// keep stores what ask found in the source.
func (w *walk) keep(ctx context.Context, page integrations.Page, observed time.Time) error {
	if len(page.Issues)+len(page.Broken) == 0 {
		return nil
	}
	rows, aside := rowsOf(page, w.source.Source, observed)
	var counted needle.SyncRun
	err := w.persist(ctx, func(ctx context.Context, tx store.Scope) error {
		counted = w.record
		return w.storeIssues(ctx, tx, rows, aside, nil, &counted)
	})
	if err != nil {
		return fmt.Errorf("storing a single issue of %s: %w", w.source.RemoteKey, err)
	}
	counted.Seen = w.record.Seen // A count saw it already.
	w.record = counted
	return nil
}

// learn reads an issue that nobody here knows, which a webhook says is in a source; nil when it does not say. One that
// lives where the connection does not look stays unknown.
func (p *pass) learn(ctx context.Context, ref integrations.Ref, in *needle.Source) error {
	page, observed, err := p.ask(ctx, ref)
	if err != nil {
		return &trackerError{err: err}
	}
	if len(page.Issues) == 1 {
		if in, err = p.sourceOf(ctx, page.Issues[0]); err != nil {
			return err
		}
	}
	if in == nil {
		return nil
	}
	w := &walk{pass: p, source: store.SyncSource{Source: in}}
	return w.keep(ctx, page, observed)
}

// see remembers whether the tracker lists a source.
func (p *pass) see(id needle.SourceID, there bool) {
	if p.inView == nil {
		p.inView = map[needle.SourceID]bool{}
	}
	p.inView[id] = there
}

// sees reports whether the tracker lists a source at all. Trackers answer alike for an issue that is gone and for one in a
// place that the credentials may see no more, and the latter is not to be buried.
func (p *pass) sees(ctx context.Context, id needle.SourceID) (bool, error) {
	if there, known := p.inView[id]; known {
		return there, nil
	}
	source, err := p.scope.Source(ctx, id)
	if err != nil {
		return false, err
	}
	_, err = p.tracker.Issues(ctx, integrations.Query{
		Source: integrations.Source{ID: source.RemoteID, Key: source.RemoteKey}, Since: p.clock(), PageSize: 1,
	})
	if err != nil && !outOfView(err) {
		return false, &trackerError{err: err}
	}
	p.see(id, err == nil)
	return err == nil, nil
}

// bury makes a tombstone of an issue; to is its key where it lives on and is not read, empty when it does not.
func (p *pass) bury(ctx context.Context, was *needle.Issue, to string, observed time.Time) (*needle.Issue, error) {
	if _, err := p.scope.MarkIssueMoved(ctx, p.conn.ID, was.RemoteID, needle.Clean(to), observed); err != nil {
		return nil, err
	}
	return p.scope.Issue(ctx, was.ID)
}

// quarantine puts an issue aside that cannot be understood; what was known of it stays.
func (p *pass) quarantine(ctx context.Context, was *needle.Issue, b integrations.Broken) (*needle.Issue, error) {
	one := store.BrokenIssue{RemoteID: was.RemoteID, RemoteKey: was.RemoteKey, Raw: b.Raw, Reason: needle.Clean(b.Reason)}
	if err := p.scope.QuarantineIssues(ctx, p.conn.ID, was.SourceID, []store.BrokenIssue{one}); err != nil {
		return nil, err
	}
	return was, nil
}

// storeRefreshed stores what the tracker showed, which may be the issue under another identity.
func (p *pass) storeRefreshed(ctx context.Context, was *needle.Issue, answer integrations.Issue, observed time.Time) (*needle.Issue, error) {
	source, err := p.sourceOf(ctx, answer)
	if err != nil {
		return nil, err
	}
	switch {
	case source == nil:
		return p.bury(ctx, was, answer.Ref.Key, observed)
	case answer.PullRequest && !p.conn.IncludePullRequests:
		return p.bury(ctx, was, "", observed)
	}
	row, err := fromTracker(answer, source, observed)
	if err != nil {
		return p.quarantine(ctx, was, integrations.Broken{Raw: unusable(answer, err).Raw, Reason: err.Error()})
	}
	err = p.persist(ctx, func(ctx context.Context, tx store.Scope) error {
		read, _, err := p.upsert(ctx, tx, []*needle.Issue{row})
		if err != nil {
			return err
		}
		if row.ID.IsZero() { // A pass stored it at the same moment, and does the rest.
			row.ID = was.ID
			return nil
		}
		if row.ID != was.ID {
			if _, err := tx.MarkIssueGone(ctx, p.conn.ID, was.RemoteID, observed); err != nil {
				return err
			}
			if err := tx.MoveMirror(ctx, was.ID, row.ID); err != nil {
				return err
			}
		}
		stored, err := tx.Issue(ctx, row.ID)
		if err != nil {
			return err
		}
		if err := tx.ResolveQuarantined(ctx, source.ID, []string{row.RemoteID}); err != nil {
			return err
		}
		_, err = p.mirrorAndLink(ctx, tx, read, []*needle.Issue{stored})
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.scope.Issue(ctx, row.ID)
}

// sourceOf finds the source an issue is in; nil when the connection does not read it.
func (p *pass) sourceOf(ctx context.Context, issue integrations.Issue) (*needle.Source, error) {
	sources, err := p.scope.SyncSources(ctx, p.conn.ID)
	if err != nil {
		return nil, err
	}
	return sourceNamed(sources, issue.SourceID, issue.SourceKey), nil
}

// sourceNamed finds a source by the tracker's id or by what people call it; nil when the connection does not read it.
func sourceNamed(sources []store.SyncSource, id, key string) *needle.Source {
	for _, s := range sources {
		if s.RemoteID != "" && s.RemoteID == id || key != "" && strings.EqualFold(s.RemoteKey, key) {
			return s.Source
		}
	}
	return nil
}
