package fakejira

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hit is an issue as the index knows it.
type hit struct {
	id   string
	sees version
	made time.Time
}

// run finds issues in the index, which is behind by Lag. It is called under the lock.
func (s *Server) run(q search) []hit {
	behind := s.now().Add(-s.opts.Lag)
	var found []hit
	for _, i := range s.issues {
		if i.deleted {
			continue
		}
		for n := len(i.versions) - 1; n >= 0; n-- {
			if v := i.versions[n]; !v.at.After(behind) {
				if q.holds(record{i, v}) {
					found = append(found, hit{i.id, v, i.created})
				}
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b hit) int {
		first, second := a.sees.at, b.sees.at
		if q.by != "updated" {
			first, second = a.made, b.made
		}
		return cmp.Or(first.Compare(second), compareIDs(a.id, b.id))
	})
	return found
}

// compareIDs orders as keys of one project are ordered.
func compareIDs(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }

// asked is the body of a search.
type asked struct {
	JQL        string   `json:"jql"`
	Fields     []string `json:"fields"`
	MaxResults *int     `json:"maxResults"`
	StartAt    int      `json:"startAt"`
	Token      string   `json:"nextPageToken"`
}

// read reads a search and what it finds; false means that it was refused.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (asked, []hit, bool) {
	var in asked
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		fail(w, http.StatusBadRequest, "There was an error parsing JSON.")
		return in, nil, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	q, err := s.parse(in.JQL)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return in, nil, false
	}
	return in, s.run(q), true
}

// size is the number of issues to answer, at most a hundred.
func (a asked) size() int {
	if a.MaxResults == nil {
		return 50
	}
	return min(max(*a.MaxResults, 0), 100)
}

// searchByToken is the search of Cloud. Without fields it tells ids alone.
func (s *Server) searchByToken(w http.ResponseWriter, r *http.Request) {
	in, found, ok := s.read(w, r)
	if !ok {
		return
	}
	start := 0
	if in.Token != "" {
		raw, err := base64.StdEncoding.DecodeString(in.Token)
		n, err2 := strconv.Atoi(strings.TrimPrefix(string(raw), "from "))
		if err != nil || err2 != nil || n < 0 {
			fail(w, http.StatusBadRequest, "The provided next page token is invalid.")
			return
		}
		start = n
	}
	page := map[string]any{"issues": []any{}}
	if s.opts.EmptyPages && in.Token == "" && len(found) > 0 {
		page["nextPageToken"] = token(0)
		writeJSON(w, page)
		return
	}
	start = min(start, len(found))
	end := min(start+in.size(), len(found))
	page["issues"] = s.show(r, found[start:end], in.Fields)
	if end < len(found) {
		page["nextPageToken"] = token(end)
	} else {
		page["isLast"] = true
	}
	writeJSON(w, page)
}

func token(from int) string {
	return base64.StdEncoding.EncodeToString([]byte("from " + strconv.Itoa(from)))
}

// searchByOffset is the search of Data Center.
func (s *Server) searchByOffset(w http.ResponseWriter, r *http.Request) {
	in, found, ok := s.read(w, r)
	if !ok {
		return
	}
	start := min(max(in.StartAt, 0), len(found))
	end := min(start+in.size(), len(found))
	writeJSON(w, map[string]any{
		"startAt": start, "maxResults": in.size(), "total": len(found), "issues": s.show(r, found[start:end], in.Fields),
	})
}

// count is Cloud's estimate.
func (s *Server) count(w http.ResponseWriter, r *http.Request) {
	if _, found, ok := s.read(w, r); ok {
		writeJSON(w, map[string]any{"count": len(found)})
	}
}

// show tells issues as a search found them, with no more than the fields asked for.
func (s *Server) show(r *http.Request, found []hit, fields []string) []any {
	out := make([]any, len(found))
	for i, h := range found {
		out[i] = s.tell(r, h.id, h.sees, fields)
	}
	return out
}

// tell is one version of an issue. Nil fields tell all by themselves and, in
// Cloud's search, none.
func (s *Server) tell(r *http.Request, id string, v version, fields []string) map[string]any {
	self := "http://" + r.Host + "/rest/api/2/issue/" + id
	out := map[string]any{"id": id, "key": v.key, "self": self}
	shown := map[string]json.RawMessage{}
	for name, value := range v.fields {
		if !slices.Contains(fields, name) && !slices.Contains(fields, "*all") {
			continue
		}
		if name == "description" && s.opts.Cloud && strings.Contains(r.URL.Path, "/rest/api/3/") {
			value = document(value)
		}
		if name == "statuscategorychangedate" && !s.opts.Cloud {
			continue
		}
		shown[name] = value
	}
	if len(fields) > 0 {
		out["fields"] = shown
	}
	return out
}

// document wraps a text as Cloud does.
func document(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) != nil || text == "" {
		return raw
	}
	var content []any
	for line := range strings.SplitSeq(text, "\n") {
		content = append(content, map[string]any{"type": "paragraph", "content": []any{map[string]any{"type": "text", "text": line}}})
	}
	doc, err := json.Marshal(map[string]any{"type": "doc", "version": 1, "content": content})
	if err != nil {
		return raw
	}
	return doc
}
