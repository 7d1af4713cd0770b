package syncing_test

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
)

// board is a small tracker in memory that shows backlinks as GitHub does: writing one changes the issue.
type board struct {
	now func() time.Time

	mu     sync.Mutex
	issues []*boardIssue
	// asked are when backlinks were written or removed, whether or not that changed anything.
	asked []time.Time
	// written counts the changes.
	written int
	// fault answers instead of the board; it is called before a request, and again, with after, behind it.
	fault func(remote string, after bool) error
}

type boardIssue struct {
	integrations.Issue
	deleted bool
	links   map[string]integrations.Backlink
}

func (b *board) driver() integrations.Driver {
	return integrations.Driver{
		Kind: "board", Name: "Board", Prototype: b,
		Open: func(context.Context, integrations.Settings, integrations.Env) (integrations.Tracker, error) {
			return b, nil
		},
	}
}

// create opens an issue; the tracker's ids count up from 1.
func (b *board) create(body string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := strconv.Itoa(len(b.issues) + 1)
	b.issues = append(b.issues, &boardIssue{links: map[string]integrations.Backlink{}, Issue: integrations.Issue{
		Ref: integrations.Ref{ID: id, Key: "BOARD-" + id}, SourceID: "board", SourceKey: "board", URL: "https://board.example/" + id,
		Title: "Something to do", Body: body, State: integrations.StateTodo, CreatedAt: b.now(), UpdatedAt: b.now(),
	}})
}

// change changes an issue.
func (b *board) change(id string, how func(*boardIssue)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(id)
	how(i)
	i.UpdatedAt = b.now()
}

func (b *board) find(id string) *boardIssue {
	n, err := strconv.Atoi(id)
	if err != nil || n < 1 || n > len(b.issues) {
		return nil
	}
	return b.issues[n-1]
}

// shown are the backlinks beside an issue.
func (b *board) shown(id string) map[string]integrations.Backlink {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(id).links
}

// spoil sets what answers instead of the board.
func (b *board) spoil(fault func(remote string, after bool) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = fault
}

// counts returns how often the board was asked to change a backlink, and how often it did.
func (b *board) counts() (asked, written int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked), b.written
}

// paced demands that no two requests came within a second.
func (b *board) paced(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := 1; i < len(b.asked); i++ {
		if gap := b.asked[i].Sub(b.asked[i-1]); gap < time.Second {
			t.Errorf("request %d came %s after the one before", i, gap)
		}
	}
}

// Check implements integrations.Tracker.
func (b *board) Check(context.Context) (integrations.Account, error) {
	return integrations.Account{ID: "1", Name: "robin"}, nil
}

// Sources implements integrations.Tracker.
func (b *board) Sources(context.Context, integrations.Cursor) ([]integrations.Source, integrations.Cursor, error) {
	return []integrations.Source{{ID: "board", Key: "board"}}, "", nil
}

// Issues implements integrations.Tracker: all that changed, on one page.
func (b *board) Issues(_ context.Context, q integrations.Query) (integrations.Page, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var p integrations.Page
	for _, i := range b.issues {
		if !i.deleted && !i.UpdatedAt.Before(q.Since) {
			p.Issues = append(p.Issues, i.Issue)
			p.Through = slices.MaxFunc([]time.Time{p.Through, i.UpdatedAt}, time.Time.Compare)
		}
	}
	slices.SortFunc(p.Issues, func(a, b integrations.Issue) int {
		return cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	return p, nil
}

// Issue implements integrations.Tracker.
func (b *board) Issue(_ context.Context, ref integrations.Ref) (integrations.Issue, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(ref.ID)
	if i == nil || i.deleted {
		return integrations.Issue{}, integrations.ErrNotFound
	}
	return i.Issue, nil
}

// PutBacklink implements integrations.Linker.
func (b *board) PutBacklink(_ context.Context, ref integrations.Ref, link integrations.Backlink) error {
	return b.write(ref, func(i *boardIssue) bool {
		if i.links[link.Marker] == link {
			return false
		}
		i.links[link.Marker] = link
		return true
	})
}

// RemoveBacklink implements integrations.Linker.
func (b *board) RemoveBacklink(_ context.Context, ref integrations.Ref, marker string) error {
	return b.write(ref, func(i *boardIssue) bool {
		_, there := i.links[marker]
		delete(i.links, marker)
		return there
	})
}

// write changes the backlinks of an issue, which changes the issue.
func (b *board) write(ref integrations.Ref, how func(*boardIssue) bool) error {
	b.mu.Lock()
	b.asked = append(b.asked, b.now())
	fault := b.fault
	b.mu.Unlock()
	if fault != nil {
		if err := fault(ref.ID, false); err != nil {
			return err
		}
	}
	b.mu.Lock()
	i := b.find(ref.ID)
	if i == nil || i.deleted {
		b.mu.Unlock()
		return integrations.ErrNotFound
	}
	if how(i) {
		b.written++
		i.UpdatedAt = b.now()
	}
	b.mu.Unlock()
	if fault != nil {
		return fault(ref.ID, true)
	}
	return nil
}

// boardWorld is a world with a board, a connection that writes back to it, and a key result.
func boardWorld(t *testing.T, issues int) (*world, *board, *needle.Connection, *needle.KeyResult) {
	t.Helper()
	w := newWorld(t)
	b := &board{now: w.clock.now}
	w.drivers = []integrations.Driver{b.driver()}
	w.engine = w.newEngine(w.store, 10)
	kr := w.f.KeyResult(func(k *needle.KeyResult) { k.Title = "Reduce onboarding time" })
	on := true
	conn := w.connect(func(in *needle.CreateConnectionInput) {
		in.Kind, in.Name, in.Sources, in.Settings, in.WriteBack = "board", "Board", []string{"board"}, nil, &on
	})
	for range issues {
		b.create("towards " + kr.Key())
	}
	w.clock.pass(time.Minute)
	w.sync(conn)
	return w, b, conn, kr
}
