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
	return p.look(ctx, was)
}

// look asks for the issue and stores the answer.
func (p *pass) look(ctx context.Context, was *needle.Issue) (*needle.Issue, error) {
	ref := integrations.Ref{ID: was.RemoteID, Key: was.RemoteKey}
	observed := p.clock()
	answer, err := p.tracker.Issue(ctx, ref)
	moved, broken := (*integrations.MovedError)(nil), (*integrations.BrokenError)(nil)
	switch {
	case errors.As(err, &moved):
		observed = p.clock()
		answer, err = p.tracker.Issue(ctx, moved.To)
		if errors.Is(err, integrations.ErrNotFound) {
			return p.bury(ctx, was, moved.To.Key, observed)
		}
		if err != nil {
			return nil, &trackerError{err: err}
		}
	case outOfView(err):
		there, seeing := p.sees(ctx, was.SourceID)
		switch {
		case seeing != nil:
			return nil, seeing
		case !there:
			return was, nil // It is the source that is out of view; nothing is known of the issue.
		case errors.Is(err, integrations.ErrForbidden):
			return nil, &trackerError{err: err}
		default:
			return p.bury(ctx, was, "", observed)
		}
	case errors.As(err, &broken):
		return p.quarantine(ctx, was, broken.Broken)
	case err != nil:
		return nil, &trackerError{err: err}
	}
	return p.storeRefreshed(ctx, was, answer, observed)
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
	err = p.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		if _, err := tx.UpsertIssues(ctx, p.conn.ID, []*needle.Issue{row}); err != nil {
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
		_, err = p.mirrorAndLink(ctx, tx, []*needle.Issue{stored})
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
	for _, s := range sources {
		if s.RemoteID != "" && s.RemoteID == issue.SourceID || strings.EqualFold(s.RemoteKey, issue.SourceKey) {
			return s.Source, nil
		}
	}
	return nil, nil //nolint:nilnil // No source is an answer: the issue lives elsewhere now.
}
