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

// censusEvery is how long a count of a source speaks for it. A listing by change time never tells of deletions, nor of
// issues that became visible without changing.
const censusEvery = 24 * time.Hour

// censusDue reports whether the source is to be counted: a day after it was read whole or counted last, when a person asked
// for it, or when it was out of view for a while.
func (w *walk) censusDue() bool {
	if w.source.BackfilledAt == nil {
		return false
	}
	last := *w.source.BackfilledAt
	if c := w.source.CensusAt; c != nil && c.After(last) {
		last = *c
	}
	now := w.clock()
	return w.source.AcceptVanished || w.source.CensusAsked || w.source.LostAt != nil ||
		!now.Before(last.Add(censusEvery)) || notYet(last, now)
}

// notYet reports whether a moment was noted by a clock that was wrong: it has not come yet.
func notYet(at, now time.Time) bool { return at.After(now.Add(store.ClockSlack)) }

// census counts the source where the tracker can be counted and it is time. What the tracker lists and we do not know is
// read; what we know and it does not list is asked for one by one, so that only what is really gone becomes a tombstone.
// When more than half of the source is not listed something else is wrong, such as a right that was taken away: nothing
// is buried then until a person says so.
func (w *walk) census(ctx context.Context) error {
	counter, able := w.tracker.(integrations.Census)
	if !able || !w.censusDue() {
		return nil
	}
	if err := w.begin(ctx, needle.SyncCensus); err != nil {
		return err
	}
	w.tell()
	err := w.compare(ctx, counter)
	if err != nil {
		err = w.fail(ctx, err)
	}
	w.tell()
	return err
}

// compare sets what the tracker lists against what is stored and settles the differences.
func (w *walk) compare(ctx context.Context, counter integrations.Census) error {
	listed, err := w.count(ctx, counter)
	if err != nil {
		return err
	}
	held, err := w.scope.HeldIssues(ctx, w.source.ID)
	if err != nil {
		return err
	}
	var vanished, returned []*needle.Issue
	living := 0
	for _, issue := range held {
		_, there := listed[issue.RemoteID]
		delete(listed, issue.RemoteID)
		switch {
		case issue.GoneAt != nil && there:
			returned = append(returned, issue)
		case issue.GoneAt == nil:
			living++
			// What was seen since the count began is there, whatever the list says.
			if !there && (issue.ObservedAt.Before(w.begun) || notYet(issue.ObservedAt, w.clock())) {
				vanished = append(vanished, issue)
			}
		}
	}
	for _, ref := range listed {
		if err := w.meet(ctx, ref); err != nil {
			return err
		}
	}
	if 2*len(vanished) > living && !w.source.AcceptVanished {
		return w.finishCensus(ctx, len(vanished), returned)
	}
	return w.finishCensus(ctx, 0, append(vanished, returned...))
}

// count asks for the names of all issues, page after page.
func (w *walk) count(ctx context.Context, counter integrations.Census) (map[string]integrations.Ref, error) {
	q := integrations.Query{
		Source:   integrations.Source{ID: w.source.RemoteID, Key: w.source.RemoteKey},
		PageSize: w.pageSize, IncludePullRequests: w.conn.IncludePullRequests,
	}
	listed := map[string]integrations.Ref{}
	for {
		refs, next, err := counter.IDs(ctx, q)
		if err != nil {
			return nil, &trackerError{err: err, source: w.source.Source}
		}
		for _, ref := range refs {
			listed[ref.ID] = ref
		}
		w.record.Pages++
		w.record.Seen = len(listed)
		w.tell()
		if next == "" {
			return listed, nil
		}
		if next == q.After {
			return nil, &trackerError{err: &integrations.UnavailableError{Err: errors.New("the count does not end")}, source: w.source.Source}
		}
		q.After = next
	}
}

// meet reads an issue that the tracker lists and nobody here knows. One that is gone again by now is none.
func (w *walk) meet(ctx context.Context, ref integrations.Ref) error {
	page, observed, err := w.ask(ctx, ref)
	if err != nil {
		return &trackerError{err: err, source: w.source.Source}
	}
	return w.keep(ctx, page, observed)
}

// finishCensus asks for the doubtful issues one by one and notes how the count ended.
func (w *walk) finishCensus(ctx context.Context, unobserved int, doubtful []*needle.Issue) error {
	for _, was := range doubtful {
		now, err := w.look(ctx, was)
		if err != nil {
			return err
		}
		switch {
		case now.GoneAt != nil && was.GoneAt == nil:
			w.record.Tombstoned++
		case now.Version != was.Version:
			w.record.Updated++
		default:
			w.record.Unchanged++
		}
	}
	now, source := w.clock(), *w.source.Source
	source.CensusAt, source.Unobserved, source.AcceptVanished, source.CensusAsked, source.LostAt = &now, unobserved, false, false, nil
	w.record.State, w.record.FinishedAt = needle.SyncSucceeded, &now
	w.bill(&w.record)
	w.record.Reason = source.Alert()
	err := w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		if err := tx.AdvanceSyncRun(ctx, &w.record); err != nil {
			return err
		}
		if err := tx.SaveCensus(ctx, &source, w.source.Source); err != nil || source.Unobserved == w.source.Unobserved {
			return err
		}
		return record(ctx, tx, nil, needle.VerbUpdated, source.ID,
			map[string]any{"Unobserved": w.source.Unobserved}, map[string]any{"Unobserved": source.Unobserved})
	})
	if err != nil {
		return fmt.Errorf("noting a count of %s: %w", w.source.RemoteKey, err)
	}
	w.source.Source = &source
	return nil
}

// SettleVanished answers the alert that a count raised: gone buries, with the next pass, what the tracker then says is
// gone; otherwise the alert is only cleared, as when a right was given back. A source without an alert answers CONFLICT.
func (e *Engine) SettleVanished(ctx context.Context, in needle.SettleVanishedInput) (*needle.Source, error) {
	var source *needle.Source
	valid := func() error { return nil }
	err := e.change(ctx, needle.ActConnect, valid, func(ctx context.Context, a act) error {
		var err error
		if source, err = a.Source(ctx, in.SourceID); err != nil {
			return at("input.sourceId", err)
		}
		if in.ExpectedVersion != nil && *in.ExpectedVersion != source.Version {
			return needle.Conflict("input.expectedVersion", "somebody else changed this in the meantime; read it again")
		}
		if source.Unobserved == 0 {
			return needle.Conflict("input.sourceId", "nothing vanished from this source")
		}
		before := *source
		source.Unobserved, source.AcceptVanished = 0, in.Gone
		if err := a.UpdateSource(ctx, source); err != nil {
			return err
		}
		if in.Gone {
			if err := a.AskForSync(ctx, source.ConnectionID, a.Now()); err != nil {
				return err
			}
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, source.ID,
			map[string]any{"Unobserved": before.Unobserved, "AcceptVanished": before.AcceptVanished},
			map[string]any{"Unobserved": source.Unobserved, "AcceptVanished": source.AcceptVanished})
	})
	if err != nil {
		return nil, err
	}
	if in.Gone {
		e.wake(ctx, source.WorkspaceID, source.ConnectionID)
	}
	return source, nil
}
