package syncing

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

const (
	// DefaultAhead is how many pages a walk holds that were read and not stored yet.
	DefaultAhead = 64
	// aheadBytes bounds the text of those pages: no further page is asked for while it is reached.
	aheadBytes = 32 << 20
)

// fetched is a page of a walk, or what the tracker did instead of answering one.
type fetched struct {
	page integrations.Page
	// rows are made of its issues; broken are those that could not be read or kept.
	rows   []*needle.Issue
	broken []store.BrokenIssue
	// observed is when it was asked for.
	observed time.Time
	// next is the question behind the page; more is false when there is none.
	next integrations.Query
	more bool
	err  error
	// bytes is about how much text the page holds, at most aheadBytes.
	bytes int64
}

// textOf is about how much text a page holds, at most aheadBytes.
func textOf(page integrations.Page) int64 {
	n := 0
	for _, issue := range page.Issues {
		n += len(issue.Title) + len(issue.Body)
	}
	for _, broken := range page.Broken {
		n += len(broken.Raw)
	}
	return min(int64(n), aheadBytes)
}

// panicError is a mistake of a driver, on a goroutine that nobody else watches.
type panicError struct {
	mistake any
	stack   []byte
}

// Error implements error.
func (p *panicError) Error() string {
	return fmt.Sprintf("the driver panicked: %v\n%s", p.mistake, p.stack)
}

// ahead reads pages, and makes rows of them, while earlier ones are being stored, so that neither the tracker nor the
// database waits for the other. A tracker that is slower than the database has every page stored at once; one that is
// faster has several stored together.
type ahead struct {
	pages chan fetched
	// room has an element for each page that is held.
	room chan struct{}
	// text is how many bytes of text are held.
	text *semaphore.Weighted
	// most is how many pages are stored together.
	most   int
	cancel context.CancelFunc
}

// readAhead begins to ask for pages, up to hold of them before the first is stored; with one, pages are read and stored
// in turns.
func (w *walk) readAhead(ctx context.Context, hold int) *ahead {
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{
		pages: make(chan fetched, hold), room: make(chan struct{}, hold), text: semaphore.NewWeighted(aheadBytes),
		most: max(hold/2, 1), cancel: cancel,
	}
	q, resumed := w.firstQuery()
	source := *w.source.Source // The walk may learn more of its own.
	go func() {
		defer close(a.pages)
		for more := true; more; {
			select {
			case a.room <- struct{}{}:
			case <-ctx.Done():
				return
			}
			f := w.fetch(ctx, &source, q, resumed)
			if f.bytes = textOf(f.page); a.text.Acquire(ctx, f.bytes) != nil {
				return
			}
			a.pages <- f // It has room for each page that is held.
			q, resumed, more = f.next, false, f.more
		}
	}()
	return a
}

// fetch asks for one page of a source and makes rows of it.
func (w *walk) fetch(ctx context.Context, source *needle.Source, q integrations.Query, resumed bool) (f fetched) {
	defer func() {
		if mistake := recover(); mistake != nil {
			f = fetched{err: &panicError{mistake, debug.Stack()}}
		}
	}()
	f.observed = w.clock()
	f.page, f.err = w.tracker.Issues(ctx, q)
	if rejected := (*integrations.RejectedError)(nil); resumed && q.After != "" && errors.As(f.err, &rejected) {
		// The place in the tracker's words is not good any more; its time still is.
		q.After = ""
		f.page, f.err = w.tracker.Issues(ctx, q)
	}
	if f.err == nil {
		f.rows, f.broken = rowsOf(f.page, source, f.observed)
		f.next, f.more = f.page.Following(q)
	}
	return f
}

// take waits for a page and returns it with those that are there already. The last may be an error instead. It returns
// nothing when there is nothing more.
func (a *ahead) take() []fetched {
	var batch []fetched
	for f := range a.pages {
		batch = append(batch, f)
		if f.err != nil || len(batch) == a.most || len(a.pages) == 0 {
			break
		}
	}
	return batch
}

// stored makes room for as many pages as were stored.
func (a *ahead) stored(pages []fetched) {
	for _, f := range pages {
		a.text.Release(f.bytes)
		<-a.room
	}
}

// stop ends the reading and waits for its end.
func (a *ahead) stop() {
	a.cancel()
	for range a.pages { // What was read ahead is read again by the next walk.
	}
}
