package syncing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

// pages reads page after page and stores them.
func (w *walk) pages(ctx context.Context) error {
	reading := w.readAhead(ctx, w.ahead)
	defer reading.stop()
	for batch := reading.take(); len(batch) > 0; batch = reading.take() {
		last := batch[len(batch)-1]
		if last.err != nil {
			batch = batch[:len(batch)-1]
		}
		if len(batch) > 0 {
			w.see(w.source.ID, true)
		}
		if err := w.keepPages(ctx, batch); err != nil {
			return err
		}
		if mistake := (*panicError)(nil); errors.As(last.err, &mistake) {
			return mistake
		}
		if last.err != nil {
			return &trackerError{err: last.err, source: w.source.Source}
		}
		if last.more {
			w.tell()
		}
		reading.stored(batch)
	}
	return ctx.Err()
}

// keepPages stores pages that were read.
func (w *walk) keepPages(ctx context.Context, batch []fetched) error {
	if len(batch) == 0 {
		return nil
	}
	for _, f := range batch {
		if err := w.learnID(ctx, f.page); err != nil {
			return err
		}
	}
	return w.storePages(ctx, batch)
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

// storePages stores pages and where the walk stands behind the last, all or nothing.
func (w *walk) storePages(ctx context.Context, batch []fetched) error {
	var rows []*needle.Issue
	var broken []store.BrokenIssue
	key, arrived := w.source.RemoteKey, map[string]*needle.Issue{}
	for _, f := range batch {
		rows, broken = append(rows, f.rows...), append(broken, f.broken...)
		moved, err := w.arrivals(ctx, f.page)
		if err != nil {
			return err
		}
		maps.Copy(arrived, moved)
		if key, err = w.learnKey(ctx, f.page); err != nil {
			return err
		}
	}
	var record needle.SyncRun
	var behind store.SyncSource
	err := w.persist(ctx, func(ctx context.Context, tx store.Scope) error {
		source := *w.source.Source
		record, behind = w.record, store.SyncSource{Source: &source}
		behind.RemoteKey = key
		if err := w.storeIssues(ctx, tx, rows, broken, arrived, &record); err != nil {
			return err
		}
		return w.advance(ctx, tx, batch, &record, &behind)
	})
	if err != nil {
		return fmt.Errorf("storing pages of %s: %w", w.source.RemoteKey, err)
	}
	grown := grew(w.record.Inserted, record.Inserted)
	w.renamed = w.renamed || key != w.source.RemoteKey
	w.record, w.source = record, behind
	if grown {
		return w.store.AnalyzeIssues(ctx)
	}
	return nil
}

// persist stores what a tracker showed in one transaction, and tries again when another one got in its way.
func (p *pass) persist(ctx context.Context, do func(context.Context, store.Scope) error) error {
	for try := 1; ; try++ {
		err := p.scope.InTx(ctx, do)
		if errors.Is(err, needle.ErrConflict) && try < pageTries {
			continue
		}
		return err
	}
}

// grew reports whether a count passed a hundred, a thousand or ten thousand: a table that was filled that much is not the
// one that the database planned for. Later it looks by itself, and what it finds changes no plan any more.
func grew(from, to int) bool {
	for limit := 100; limit <= min(to, 10_000); limit *= 10 {
		if from < limit {
			return true
		}
	}
	return false
}

// rowsOf makes rows of a page of a source. What cannot be one joins the broken.
func rowsOf(page integrations.Page, source *needle.Source, observed time.Time) ([]*needle.Issue, []store.BrokenIssue) {
	var broken []store.BrokenIssue
	for _, b := range page.Broken {
		broken = append(broken, store.BrokenIssue{RemoteID: needle.Clean(b.Ref.ID), RemoteKey: needle.Clean(b.Ref.Key), Raw: b.Raw, Reason: needle.Clean(b.Reason)})
	}
	rows := make([]*needle.Issue, 0, len(page.Issues))
	for _, issue := range page.Issues {
		row, err := fromTracker(issue, source, observed)
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
	read, outcomes, err := w.upsert(ctx, tx, rows)
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
	linked, err := w.mirrorAndLink(ctx, tx, read, changed)
	record.Linked += linked
	return err
}

// advance notes what was done and where the walk goes on.
func (w *walk) advance(ctx context.Context, tx store.Scope, batch []fetched, record *needle.SyncRun, behind *store.SyncSource) error {
	now := w.clock()
	for _, f := range batch {
		if !f.page.NotModified {
			record.Pages++
		}
		record.Skipped += f.page.Skipped
		if through := instant(f.page.Through); !f.page.Through.IsZero() && (behind.Watermark == nil || through.After(*behind.Watermark)) {
			behind.Watermark = &through
		}
	}
	last := batch[len(batch)-1]
	w.bill(record)
	behind.State, behind.StateReason, behind.RetryAt = needle.SourceOK, "", nil
	if last.more {
		text, err := json.Marshal(resume{Since: last.next.Since, After: last.next.After})
		if err != nil {
			return fmt.Errorf("noting where the walk goes on: %w", err)
		}
		behind.Resume = string(text)
	} else {
		record.State, record.FinishedAt = needle.SyncSucceeded, &now
		behind.ETag, behind.ReadAt = last.page.Validator, &now
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
