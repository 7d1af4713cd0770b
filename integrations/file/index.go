package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations"
)

const (
	// maxRow bounds a row in bytes.
	maxRow = 4 << 20
	// maxRaw bounds what is kept of a row that cannot be understood.
	maxRaw = 64 << 10
	// maxStrange is how many unknown words for states are told.
	maxStrange = 100
)

// entry is where a row lies, and what orders and finds it. A million of them take
// 48 MB, which is all that the size of a file costs.
type entry struct {
	// at is when the row changed, in microseconds since 1970. A row that does not
	// say it, or not legibly, changed when its file was written.
	at int64
	// id and key are hashes. A row without an id has the hash of its text.
	id, key uint64
	from    int64
	size    int32
	line    int32
	// twin is the line of another row with the same id. 0: there is none.
	twin int32
	// named rows have an id.
	named bool
}

// index is what is known of a file once it was read. It does not change.
type index struct {
	// version is the content it belongs to, and sum what recognises that later.
	version, sum string
	text         *text
	format       format
	mapping      mapping
	written      time.Time
	// entries are the rows by change time.
	entries []entry
	// byID and byKey are the places of named entries by their hashes.
	byID, byKey []int32
	// unread is the first line that cannot be read, so that nobody can tell whose
	// it is. 0: there is none.
	unread  int
	strange []string
}

// newIndex reads a file.
func newIndex(ctx context.Context, name string, o *opened, m mapping) (*index, error) {
	t, err := decode(ctx, o)
	if err != nil {
		return nil, err
	}
	ix := &index{version: o.version, text: t, mapping: m, written: o.written}
	switch strings.ToLower(path.Ext(name)) {
	case ".jsonl", ".ndjson":
		ix.format = newJSONL(m.columns)
	case ".csv", ".tsv":
		if ix.format, err = newCSV(t, m.columns); err != nil {
			return nil, err
		}
	default:
		return nil, refused("its name does not say how it is written; it ends in " + strings.Join(endings, ", "))
	}
	if err := ix.scan(ctx); err != nil {
		return nil, err
	}
	t.ReaderAt, t.head = nil, nil // The file is closed by the time of the next question.
	slices.SortFunc(ix.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id), cmp.Compare(a.from, b.from))
	})
	ix.byID = ix.sorted(func(e entry) uint64 { return e.id })
	ix.byKey = ix.sorted(func(e entry) uint64 { return e.key })
	ix.findTwins()
	return ix, nil
}

// scan makes the entries.
func (ix *index) scan(ctx context.Context) error {
	strange, readable := map[string]bool{}, 0
	section := io.NewSectionReader(ix.text, ix.text.start, ix.text.size-ix.text.start)
	n := 0
	err := ix.format.scan(section, func(at span, r *row) error {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if r.blank {
			return nil
		}
		raw := func() ([]byte, error) { return ix.raw(section, at.from, at.size) }
		e, err := ix.entry(at, r, raw)
		if err != nil {
			return err
		}
		if r.err == nil {
			readable++
		}
		word := r.values.one(fieldState)
		if _, known := ix.mapping.states.category(word, "", false); !known && len(strange) < maxStrange {
			strange[word] = true
		}
		if len(ix.entries) == 1024 { // Growing by halves would cost as much again.
			ix.entries = slices.Grow(ix.entries, int(1024*section.Size()/(at.from+1)))
		}
		ix.entries = append(ix.entries, e)
		return nil
	})
	rejected := (*integrations.RejectedError)(nil)
	switch {
	case errors.As(err, &rejected):
		return err
	case err != nil:
		return failed(ctx, err)
	case readable == 0 && len(ix.entries) > 0:
		return refused(fmt.Sprintf("not one of its rows can be read; the first is in line %d", ix.entries[0].line))
	}
	ix.strange = slices.Sorted(maps.Keys(strange))
	return nil
}

// entry makes the entry of a row.
func (ix *index) entry(at span, r *row, raw func() ([]byte, error)) (entry, error) {
	e := entry{at: ix.written.UnixMicro(), from: at.from, size: int32(min(at.size, maxFile)), line: int32(at.line)} //nolint:gosec // Bounded by maxFile.
	if r.err != nil {
		text, err := raw()
		if err != nil {
			return e, err
		}
		r = ix.format.read(text)
	}
	ref, err := ix.mapping.name(&r.values)
	if err == nil {
		e.id, e.key, e.named = hash(ref.ID), hash(ref.Key), true
	} else {
		text, err := raw()
		if err != nil {
			return e, err
		}
		e.id = hash(string(text))
	}
	if ix.unread == 0 && r.err != nil && (!e.named || at.lines > 1) {
		ix.unread = at.line
	}
	if changed, err := ix.mapping.updated(&r.values); err == nil && !changed.IsZero() {
		e.at = changed.UnixMicro()
	}
	return e, nil
}

// sorted are the places of named entries in the order of a hash.
func (ix *index) sorted(by func(entry) uint64) []int32 {
	out := make([]int32, 0, len(ix.entries))
	for i, e := range ix.entries {
		if e.named {
			out = append(out, int32(i)) // A row has a byte, and a file at most maxFile.
		}
	}
	slices.SortFunc(out, func(a, b int32) int {
		return cmp.Or(cmp.Compare(by(ix.entries[a]), by(ix.entries[b])), cmp.Compare(ix.entries[a].line, ix.entries[b].line))
	})
	return out
}

// findTwins marks rows with the same id: none of them is believed.
func (ix *index) findTwins() {
	for i := 1; i < len(ix.byID); i++ {
		a, b := &ix.entries[ix.byID[i-1]], &ix.entries[ix.byID[i]]
		if a.id == b.id {
			b.twin = a.line
			if a.twin == 0 {
				a.twin = b.line
			}
		}
	}
}

// find returns the first of the places whose hash is that of a text; false when
// there is none.
func (ix *index) find(places []int32, by func(entry) uint64, text string) (int, bool) {
	want := hash(text)
	i := sort.Search(len(places), func(i int) bool { return by(ix.entries[places[i]]) >= want })
	if i == len(places) || by(ix.entries[places[i]]) != want {
		return 0, false
	}
	return int(places[i]), true
}

// raw reads the bytes of a row.
func (ix *index) raw(r io.ReaderAt, from, size int64) ([]byte, error) {
	raw := make([]byte, size)
	if n, err := r.ReadAt(raw, from); err != nil && n < len(raw) {
		return nil, err
	}
	return raw, nil
}

// hash tells texts apart. It is the same in every process, since cursors hold it.
func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, text) // It never fails.
	return h.Sum64()
}
