package fakegithub

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// listing is a question for a repository's issues.
type listing struct {
	state     string
	byUpdated bool
	desc      bool
	since     int64 // seconds
	size      int
	page      int   // 1 without an after cursor
	after     *mark // nil without one
}

// mark is the place behind an item, in the order of the listing.
type mark struct{ value, id int64 }

// listIssues answers a page of issues and pull requests.
func (s *Server) listIssues(w http.ResponseWriter, r *http.Request) {
	l, ok := s.readListing(w, r)
	if !ok {
		return
	}
	s.mu.RLock()
	home := s.lookup(w, r)
	if home == nil {
		s.mu.RUnlock()
		return
	}
	found, more := l.pick(home)
	raws, tag := make([]json.RawMessage, len(found)), fnv.New64a()
	for n, i := range found {
		raws[n] = i.raw
		_, _ = tag.Write(binary.BigEndian.AppendUint64(nil, i.rev)) // a hash never fails
	}
	var last mark
	if more {
		last = l.markOf(found[len(found)-1])
		_, _ = tag.Write([]byte("more"))
	}
	s.mu.RUnlock()

	if more {
		s.linkIssues(w, r, l, last)
	}
	etag := fmt.Sprintf(`W/"%016x"`, tag.Sum64())
	w.Header().Set("Etag", etag)
	if r.Header.Get("If-None-Match") == etag {
		s.core.refund()
		w.WriteHeader(http.StatusNotModified)
		return
	}
	writeArray(w, raws)
}

// readListing reads the question, answering for itself when it is no good.
func (s *Server) readListing(w http.ResponseWriter, r *http.Request) (listing, bool) {
	q := r.URL.Query()
	l := listing{
		state: cmp.Or(q.Get("state"), "open"), byUpdated: q.Get("sort") == "updated", desc: q.Get("direction") != "asc",
	}
	var ok bool
	if l.size, l.page, ok = pageOf(w, r); !ok {
		return l, false
	}
	if s.opts.PageLimit > 0 && l.page > s.opts.PageLimit {
		fail(w, http.StatusUnprocessableEntity,
			"Pagination with the page parameter is not supported for large datasets, please use cursor based pagination (after/before)")
		return l, false
	}
	if err := l.readRest(q); err != nil {
		fail(w, http.StatusUnprocessableEntity, "Validation Failed: "+err.Error())
		return l, false
	}
	return l, true
}

// readRest reads the parameters that have a form of their own.
func (l *listing) readRest(q url.Values) error {
	if !slices.Contains([]string{"open", "closed", "all"}, l.state) {
		return fmt.Errorf("state %q", l.state)
	}
	if sort := q.Get("sort"); sort != "" && sort != "created" && sort != "updated" {
		return fmt.Errorf("sort %q", sort)
	}
	if text := q.Get("since"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("since %q", text)
		}
		l.since = at.Unix()
	}
	if text := q.Get("after"); text != "" {
		b, err := base64.URLEncoding.DecodeString(text)
		if err != nil || len(b) != 16 {
			return fmt.Errorf("after %q", text)
		}
		l.after = &mark{value: int64(binary.BigEndian.Uint64(b)), id: int64(binary.BigEndian.Uint64(b[8:]))} //nolint:gosec // written by text
	}
	return nil
}

// pick selects a page and says whether there is more behind it.
func (l listing) pick(r *repo) ([]*issue, bool) {
	index := r.byCreated
	if l.byUpdated {
		index = r.byUpdated
	}
	at, step := l.start(index)
	skip := 0
	if l.after == nil {
		skip = (l.page - 1) * l.size
	}
	found := make([]*issue, 0, l.size)
	for ; at >= 0 && at < len(index); at += step {
		i := index[at]
		if i.updated < l.since || (l.state != "all" && (l.state == "open") != i.open) {
			continue
		}
		switch {
		case skip > 0:
			skip--
		case len(found) == l.size:
			return found, true
		default:
			found = append(found, i)
		}
	}
	return found, false
}

// start is the place in the index to begin at, and the way to go.
func (l listing) start(index []*issue) (at, step int) {
	behind := func(m mark, equal int) int {
		at, _ := slices.BinarySearchFunc(index, m, func(i *issue, m mark) int {
			own := l.markOf(i)
			return cmp.Or(cmp.Compare(own.value, m.value), cmp.Compare(own.id, m.id), equal)
		})
		return at
	}
	switch {
	case l.desc && l.after != nil:
		return behind(*l.after, 1) - 1, -1
	case l.desc:
		return len(index) - 1, -1
	case l.after != nil:
		return behind(*l.after, -1), 1
	case l.byUpdated:
		return behind(mark{value: l.since}, 1), 1
	}
	return 0, 1
}

// markOf is the place of an issue in this listing's order.
func (l listing) markOf(i *issue) mark {
	if l.byUpdated {
		return mark{value: i.updated, id: i.id}
	}
	return mark{value: i.created, id: i.id}
}

// text is the mark as an opaque cursor.
func (m mark) text() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(m.value))                                 //nolint:gosec // a bit pattern
	return base64.URLEncoding.EncodeToString(binary.BigEndian.AppendUint64(b, uint64(m.id))) //nolint:gosec // a bit pattern
}

// linkIssues links to the next page in the server's style.
func (s *Server) linkIssues(w http.ResponseWriter, r *http.Request, l listing, last mark) {
	if s.opts.Links == LinkPage {
		linkNext(w, r, map[string]string{"page": strconv.Itoa(l.page + 1)})
		return
	}
	linkNext(w, r, map[string]string{"after": last.text()})
}

// writeArray writes raw objects as they are. A poisoned one goes out as it is, too.
func writeArray(w http.ResponseWriter, raws []json.RawMessage) {
	write(w, []byte{'['})
	for n, raw := range raws {
		if n > 0 {
			write(w, []byte{','})
		}
		write(w, raw)
	}
	write(w, []byte{']'})
}
