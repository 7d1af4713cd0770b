package syncing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

const (
	// usualLag is how late a tracker that says nothing of it may list a change. It is GitHub's.
	usualLag = 2 * time.Minute
	// pageTries is how often a page is stored that another transaction got in the way of.
	pageTries = 4
)

// walk reads one source as part of a pass.
type walk struct {
	*pass
	source store.SyncSource
	record needle.SyncRun
	begun  time.Time
	// total is about how many records there are; 0 when unknown.
	total int
	// before is what was spent before this source.
	before spent
	// renamed is true when the source was found to have another key, so that it is to be read again whole.
	renamed bool
}

// resume is where an interrupted walk goes on, as kept in the source's row.
type resume struct {
	Since time.Time
	After integrations.Cursor
}

// run walks the source to its end. It returns a *trackerError for what the tracker did.
func (w *walk) run(ctx context.Context) error {
	kind := needle.SyncIncremental
	if w.source.BackfilledAt == nil {
		kind = needle.SyncBackfill
	}
	if err := w.begin(ctx, kind); err != nil {
		return err
	}
	w.total = w.size(ctx)
	w.record.Total = w.total
	w.tell()
	err := w.pages(ctx)
	if err != nil {
		err = w.fail(ctx, err)
	}
	w.tell()
	return err
}

// begin makes the run of a kind the one that runs.
func (w *walk) begin(ctx context.Context, kind needle.SyncKind) error {
	w.begun, w.before, w.total = w.clock(), w.meter.spent(), 0
	w.record = needle.SyncRun{
		Stamp: w.scope.Stamp(), ID: needle.NewSyncRunID(), ConnectionID: w.conn.ID, SourceID: w.source.ID,
		Kind: kind, State: needle.SyncRunning, StartedAt: w.begun,
	}
	return w.scope.BeginSyncRun(ctx, &w.record)
}

// bill notes on a run what it cost so far.
func (w *walk) bill(record *needle.SyncRun) {
	now := w.meter.spent()
	record.Requests = now.requests - w.before.requests
	record.WaitedMilliseconds = int((now.waited - w.before.waited).Milliseconds())
}

// size asks how much a first walk will see. Nothing depends on the answer: without one there is no estimated end.
func (w *walk) size(ctx context.Context) int {
	sizer, able := w.tracker.(integrations.Sizer)
	if !able || w.record.Kind != needle.SyncBackfill || w.source.Resume != "" {
		return 0
	}
	total, err := sizer.Size(ctx, integrations.Source{ID: w.source.RemoteID, Key: w.source.RemoteKey})
	if err != nil {
		return 0 // The walk meets the same tracker next and says what is wrong.
	}
	return total
}

// pages asks for page after page and stores each.
func (w *walk) pages(ctx context.Context) error {
	q, resumed := w.firstQuery()
	for {
		observed := w.clock()
		page, err := w.tracker.Issues(ctx, q)
		if rejected := (*integrations.RejectedError)(nil); resumed && q.After != "" && errors.As(err, &rejected) {
			// The place in the tracker's words is not good any more; its time still is.
			q.After, resumed = "", false
			continue
		}
		if err != nil {
			return &trackerError{err: err, source: w.source.Source}
		}
		resumed = false
		w.see(w.source.ID, true)
		if err := w.learnID(ctx, page); err != nil {
			return err
		}
		next, more := page.Following(q)
		if err := w.storePage(ctx, page, observed, next, more); err != nil {
			return err
		}
		if !more {
			return nil
		}
		w.tell()
		q = next
		q.Source.Key = w.source.RemoteKey
	}
}

// firstQuery asks for what an interrupted walk had not reached, or for what changed since the last whole one.
func (w *walk) firstQuery() (q integrations.Query, resumed bool) {
	q = integrations.Query{
		Source:   integrations.Source{ID: w.source.RemoteID, Key: w.source.RemoteKey},
		PageSize: w.pageSize, IncludePullRequests: w.conn.IncludePullRequests,
	}
	var r resume
	if w.source.Resume != "" && json.Unmarshal([]byte(w.source.Resume), &r) == nil {
		q.Since, q.After = r.Since, r.After
		return q, true
	}
	if w.source.Watermark != nil {
		q.Since = w.source.Watermark.Add(-lag(w.tracker))
		q.Validator = w.source.ETag
	}
	return q, false
}

// learnID finds out the immutable id of the source, once, from an issue in it.
func (w *walk) learnID(ctx context.Context, page integrations.Page) error {
	if w.source.RemoteID != "" || len(page.Issues) == 0 {
		return nil
	}
	id := page.Issues[0].SourceID
	if id == "" {
		issue, err := w.tracker.Issue(ctx, page.Issues[0].Ref)
		if ctx.Err() != nil {
			return &trackerError{err: err, source: w.source.Source}
		}
		if err == nil {
			id = issue.SourceID
		}
		// Otherwise the next pass finds out; the walk does not need it.
	}
	w.source.RemoteID = needle.Clean(id)
	return nil
}

// learnKey finds out what the source is called now: the key may change at any time, and its id never does. A key that
// another source of the connection bears stays with that one.
func (w *walk) learnKey(ctx context.Context, page integrations.Page) (string, error) {
	for _, issue := range page.Issues {
		key := strings.TrimSpace(needle.Clean(issue.SourceKey))
		if key == "" || w.source.RemoteID == "" || issue.SourceID != w.source.RemoteID {
			continue
		}
		if key == w.source.RemoteKey {
			break
		}
		others, err := w.scope.SourceKeys(ctx, w.conn.ID)
		if err != nil {
			return "", err
		}
		if !slices.Contains(others, key) {
			return key, nil
		}
		break
	}
	return w.source.RemoteKey, nil
}

// storePage stores a page and where the walk stands behind it, all or nothing.
func (w *walk) storePage(ctx context.Context, page integrations.Page, observed time.Time, next integrations.Query, more bool) error {
	rows, broken := w.rows(page, observed)
	key, err := w.learnKey(ctx, page)
	if err != nil {
		return err
	}
	arrived, err := w.arrivals(ctx, page)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		record, source := w.record, *w.source.Source
		behind := store.SyncSource{Source: &source}
		behind.RemoteKey = key
		err := w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			if err := w.storeIssues(ctx, tx, rows, broken, arrived, &record); err != nil {
				return err
			}
			return w.advance(ctx, tx, page, next, more, &record, &behind)
		})
		if errors.Is(err, needle.ErrConflict) && try < pageTries {
			continue
		}
		if err != nil {
			return fmt.Errorf("storing a page of %s: %w", w.source.RemoteKey, err)
		}
		w.renamed = w.renamed || key != w.source.RemoteKey
		w.record, w.source = record, behind
		return nil
	}
}

// rows makes rows of a page. What cannot be one joins the broken.
func (w *walk) rows(page integrations.Page, observed time.Time) ([]*needle.Issue, []store.BrokenIssue) {
	var broken []store.BrokenIssue
	for _, b := range page.Broken {
		broken = append(broken, store.BrokenIssue{RemoteID: needle.Clean(b.Ref.ID), RemoteKey: needle.Clean(b.Ref.Key), Raw: b.Raw, Reason: needle.Clean(b.Reason)})
	}
	rows := make([]*needle.Issue, 0, len(page.Issues))
	for _, issue := range page.Issues {
		row, err := fromTracker(issue, w.source.Source, observed)
		if err != nil {
			broken = append(broken, unusable(issue, err))
			continue
		}
		rows = append(rows, row)
	}
	return rows, broken
}

// unusable puts an issue aside that the driver understood and we cannot keep.
func unusable(issue integrations.Issue, cause error) store.BrokenIssue {
	raw, err := json.Marshal(issue)
	if err != nil { // An estimate that is no number is the only way.
		raw = []byte(issue.Ref.Key)
	}
	id := needle.Clean(issue.Ref.ID)
	if len(id) > maxRemoteID {
		id = ""
	}
	return store.BrokenIssue{RemoteID: id, RemoteKey: needle.Clean(issue.Ref.Key), Raw: raw, Reason: cause.Error()}
}

// storeIssues stores the issues of a page and what follows from those that changed, and counts.
func (w *walk) storeIssues(ctx context.Context, tx store.Scope, rows []*needle.Issue, broken []store.BrokenIssue, arrived map[string]*needle.Issue, record *needle.SyncRun) error {
	record.Seen += len(rows) + len(broken)
	record.Quarantined += len(broken)
	if err := tx.QuarantineIssues(ctx, w.conn.ID, w.source.ID, broken); err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	outcomes, err := tx.UpsertIssues(ctx, w.conn.ID, rows)
	if err != nil {
		return err
	}
	changed, understood := make([]*needle.Issue, 0, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		understood[i] = row.RemoteID
		switch outcomes[i] {
		case store.IssueInserted:
			record.Inserted++
		case store.IssueUpdated:
			record.Updated++
		default:
			record.Unchanged++
			continue
		}
		changed = append(changed, row)
	}
	if err := tx.ResolveQuarantined(ctx, w.source.ID, understood); err != nil {
		return err
	}
	if err := w.settleArrivals(ctx, tx, changed, arrived); err != nil {
		return err
	}
	linked, err := w.mirrorAndLink(ctx, tx, changed)
	record.Linked += linked
	return err
}

// advance notes what was done and where the walk goes on.
func (w *walk) advance(ctx context.Context, tx store.Scope, page integrations.Page, next integrations.Query, more bool, record *needle.SyncRun, behind *store.SyncSource) error {
	now := w.clock()
	if !page.NotModified {
		record.Pages++
	}
	record.Skipped += page.Skipped
	w.bill(record)
	if through := instant(page.Through); !page.Through.IsZero() && (behind.Watermark == nil || through.After(*behind.Watermark)) {
		behind.Watermark = &through
	}
	behind.State, behind.StateReason, behind.RetryAt = needle.SourceOK, "", nil
	if more {
		text, err := json.Marshal(resume{Since: next.Since, After: next.After})
		if err != nil {
			return fmt.Errorf("noting where the walk goes on: %w", err)
		}
		behind.Resume = string(text)
	} else {
		record.State, record.FinishedAt = needle.SyncSucceeded, &now
		behind.ETag, behind.ReadAt = page.Validator, &now
		if w.renamed || behind.RemoteKey != w.source.RemoteKey {
			behind.Watermark, behind.ETag = nil, "" // Every issue has another key and address now.
		}
		if _, counts := w.tracker.(integrations.Census); !counts {
			behind.LostAt = nil
		}
		if behind.BackfilledAt == nil {
			behind.BackfilledAt = &now
		}
	}
	if err := tx.AdvanceSyncRun(ctx, record); err != nil {
		return err
	}
	if err := w.mend(ctx, tx, behind); err != nil {
		return err
	}
	if behind.RemoteKey != w.source.RemoteKey {
		err := recordKey(ctx, tx, *w.source.Source, *behind.Source)
		if err != nil {
			return err
		}
	}
	return tx.SaveSyncSource(ctx, *behind)
}

// tell reports progress.
func (w *walk) tell() {
	w.progress(Event{Source: *w.source.Source, Run: w.record, Total: w.total, Elapsed: w.clock().Sub(w.begun)})
}

// lag is how far behind the watermark a walk begins, since the tracker may list a change late.
func lag(t integrations.Tracker) time.Duration {
	if l, ok := t.(integrations.Lagger); ok {
		return l.Lag()
	}
	return usualLag
}
