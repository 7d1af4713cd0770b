package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

const (
	// maxPageSize is the most issues on a page, and maxPageBytes about the most
	// bytes of their rows.
	maxPageSize  = 500
	maxPageBytes = 8 << 20
)

// nameOf is the path of a source.
func nameOf(s integrations.Source) string { return cmp.Or(s.ID, s.Key) }

// Issues answers one page of rows, oldest change first. A content that the
// validator knows is not read at all.
func (t *Tracker) Issues(ctx context.Context, q integrations.Query) (integrations.Page, error) {
	page, err := t.page(ctx, q)
	if err != nil {
		return integrations.Page{}, fmt.Errorf("reading the file %q: %w", nameOf(q.Source), err)
	}
	return page, nil
}

// page is Issues without the words around its errors.
func (t *Tracker) page(ctx context.Context, q integrations.Query) (integrations.Page, error) {
	after, err := parseCursor(q.After)
	if err != nil {
		return integrations.Page{}, err
	}
	page := integrations.Page{Requests: 1}
	if q.Validator != "" && q.After == "" {
		same, err := t.recognises(ctx, nameOf(q.Source), q.Validator)
		if err != nil {
			return page, err
		}
		if same {
			page.NotModified, page.Validator = true, q.Validator
			return page, nil
		}
	}
	f, err := t.load(ctx, nameOf(q.Source))
	if err != nil {
		return page, err
	}
	defer f.close()
	from := sort.Search(len(f.entries), func(i int) bool {
		e := f.entries[i]
		return (q.Since.IsZero() || !e.moment().Before(q.Since)) && (after == nil || after.before(e))
	})
	t.noteBegin(f, from == 0 && after == nil)
	if err := f.fill(ctx, &page, from, q.PageSize); err != nil {
		return page, err
	}
	if page.Next == "" && t.begunWith(f) {
		page.Validator = f.sum
	}
	return page, nil
}

// recognises reports whether a file is what it was when a validator was given.
func (t *Tracker) recognises(ctx context.Context, name, validator string) (bool, error) {
	o, err := t.open(ctx, name)
	if err != nil {
		return false, err
	}
	defer func() { _ = o.Close() }() // It was only read.
	sum, err := t.sum(ctx, o)
	return sum == validator, err
}

// noteBegin notes which content a walk of the file began with. Only a walk that
// met one content from its first row to its last may be recognised later.
func (t *Tracker) noteBegin(f *file, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recent = f.name
	if first {
		t.begun[f.name] = f.sum
	}
}

func (t *Tracker) begunWith(f *file) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.begun[f.name] == f.sum
}

// fill reads the rows of a page.
func (f *file) fill(ctx context.Context, page *integrations.Page, from, size int) error {
	if size <= 0 || size > maxPageSize {
		size = maxPageSize
	}
	bytes := int64(0)
	for i := from; i < len(f.entries); i++ {
		e := f.entries[i]
		if n := i - from; n == size || n > 0 && bytes+int64(e.size) > maxPageBytes {
			page.Next = cursorBehind(f.entries[i-1])
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		bytes += int64(e.size)
		issue, broken, err := f.issue(e)
		switch {
		case err != nil:
			return err
		case broken != nil:
			page.Broken = append(page.Broken, *broken)
		default:
			page.Issues = append(page.Issues, issue)
		}
		page.Through = e.moment()
	}
	return nil
}

// cursor is a place in the order of entries.
type cursor struct {
	at   int64
	id   uint64
	from int64
}

// before reports whether an entry lies behind the cursor.
func (c *cursor) before(e entry) bool {
	return cmp.Or(cmp.Compare(e.at, c.at), cmp.Compare(e.id, c.id), cmp.Compare(e.from, c.from)) > 0
}

// cursorBehind continues behind an entry.
func cursorBehind(e entry) integrations.Cursor {
	return integrations.Cursor(fmt.Sprintf("row.%d.%x.%d", e.at, e.id, e.from))
}

// parseCursor reads a cursor; empty is nil.
func parseCursor(c integrations.Cursor) (*cursor, error) {
	if c == "" {
		return nil, nil //nolint:nilnil // The beginning is no error.
	}
	parts := strings.Split(string(c), ".")
	if len(parts) != 4 || parts[0] != "row" {
		return nil, refused("the cursor is not one of a file")
	}
	at, err1 := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := strconv.ParseUint(parts[2], 16, 64)
	from, err3 := strconv.ParseInt(parts[3], 10, 64)
	if errors.Join(err1, err2, err3) != nil {
		return nil, refused("the cursor is not one of a file")
	}
	return &cursor{at, id, from}, nil
}

// IDs answers the names of all rows of a file at once. A file with a row whose
// name cannot be read is not counted: nobody could tell which issue is missing.
func (t *Tracker) IDs(ctx context.Context, q integrations.Query) ([]integrations.Ref, integrations.Cursor, error) {
	refs, err := t.refs(ctx, q)
	if err != nil {
		return nil, "", fmt.Errorf("counting the file %q: %w", nameOf(q.Source), err)
	}
	return refs, "", nil
}

// refs is IDs without the words around its errors.
func (t *Tracker) refs(ctx context.Context, q integrations.Query) ([]integrations.Ref, error) {
	if q.After != "" {
		return nil, refused("a count of a file has one page")
	}
	f, err := t.load(ctx, nameOf(q.Source))
	if err != nil {
		return nil, err
	}
	defer f.close()
	if f.unread != 0 {
		return nil, f.unreadable()
	}
	t.noteBegin(f, false)
	refs := make([]integrations.Ref, 0, len(f.byID))
	for i, place := range f.byID {
		e := f.entries[place]
		if i > 0 && f.entries[f.byID[i-1]].id == e.id {
			continue // Its twin is counted.
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		raw, err := f.raw(f.rows, e.from, int64(e.size))
		if err != nil {
			return nil, f.changed(err)
		}
		ref, err := f.mapping.name(&f.format.read(raw).values)
		if err != nil || hash(ref.ID) != e.id {
			return nil, f.changed(fmt.Errorf("line %d is not what it was", e.line))
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// unreadable is the error of a file with a row that could be anybody's.
func (ix *index) unreadable() error {
	return refused(fmt.Sprintf("line %d cannot be read, so nobody can tell which issues are missing; correct it", ix.unread))
}

// Issue finds a row by its id, first in the file that was read last, then in all
// others, where the one changed last counts.
func (t *Tracker) Issue(ctx context.Context, ref integrations.Ref) (integrations.Issue, error) {
	issue, err := t.search(ctx, ref)
	if err != nil {
		return integrations.Issue{}, fmt.Errorf("looking for the row %q: %w", ref.Key, err)
	}
	return issue, nil
}

// search is Issue without the words around its errors.
func (t *Tracker) search(ctx context.Context, ref integrations.Ref) (integrations.Issue, error) {
	if ref.ID == "" {
		return integrations.Issue{}, refused("a row is known by its id, and there is none")
	}
	names, err := t.list(ctx)
	if err != nil {
		return integrations.Issue{}, err
	}
	t.mu.Lock()
	recent := t.recent
	t.mu.Unlock()
	if recent != "" {
		names = append([]string{recent}, slices.DeleteFunc(names, func(name string) bool { return name == recent })...)
	}
	var best *integrations.Issue
	var doubt error
	for _, name := range names {
		issue, err := t.issueIn(ctx, name, ref.ID)
		switch {
		case ctx.Err() != nil:
			return integrations.Issue{}, ctx.Err()
		case err == nil && name == recent:
			return issue, nil
		case err == nil && (best == nil || issue.UpdatedAt.After(best.UpdatedAt)):
			best = &issue
		case err != nil && !errors.Is(err, integrations.ErrNotFound):
			doubt = cmp.Or(doubt, err) // It may be in this file.
		}
	}
	switch {
	case best != nil:
		return *best, nil
	case doubt != nil:
		return integrations.Issue{}, doubt
	default:
		return integrations.Issue{}, integrations.ErrNotFound
	}
}

// issueIn finds a row in one file.
func (t *Tracker) issueIn(ctx context.Context, name, id string) (integrations.Issue, error) {
	f, err := t.load(ctx, name)
	if err != nil {
		return integrations.Issue{}, err
	}
	defer f.close()
	place, there := f.find(f.byID, func(e entry) uint64 { return e.id }, id)
	if !there {
		if f.unread != 0 {
			return integrations.Issue{}, f.unreadable()
		}
		return integrations.Issue{}, integrations.ErrNotFound
	}
	issue, broken, err := f.issue(f.entries[place])
	if broken != nil {
		return integrations.Issue{}, &integrations.BrokenError{Broken: *broken}
	}
	if err == nil && issue.Ref.ID != id {
		return integrations.Issue{}, integrations.ErrNotFound // Two ids with one hash.
	}
	return issue, err
}

// Size is the number of rows.
func (t *Tracker) Size(ctx context.Context, s integrations.Source) (int, error) {
	f, err := t.load(ctx, nameOf(s))
	if err != nil {
		return 0, fmt.Errorf("counting rows: %w", err)
	}
	defer f.close()
	return len(f.entries), nil
}

// Reading says what the columns of a file are read as.
func (t *Tracker) Reading(ctx context.Context, s integrations.Source) (integrations.Reading, error) {
	f, err := t.load(ctx, nameOf(s))
	if err != nil {
		return integrations.Reading{}, fmt.Errorf("reading the file %q: %w", nameOf(s), err)
	}
	defer f.close()
	return integrations.Reading{Rows: len(f.entries), Columns: f.format.reading(), UnknownStates: f.strange}, nil
}
