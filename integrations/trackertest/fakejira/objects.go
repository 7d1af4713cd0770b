package fakejira

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// all lists the projects by key. It is called under the lock.
func (s *Server) all() []*project {
	out := make([]*project, 0, len(s.projects))
	for _, p := range s.projects {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *project) int { return cmp.Compare(a.key, b.key) })
	return out
}

func (s *Server) listProjects(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []map[string]any{}
	for _, p := range s.all() {
		out = append(out, p.json())
	}
	writeJSON(w, out)
}

func (s *Server) searchProjects(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := s.all()
	start := min(number(r, "startAt", 0), len(all))
	end := min(start+number(r, "maxResults", 50), len(all))
	values := []map[string]any{}
	for _, p := range all[start:end] {
		values = append(values, p.json())
	}
	writeJSON(w, map[string]any{"startAt": start, "total": len(all), "isLast": end == len(all), "values": values})
}

// number reads a number of the query.
func number(r *http.Request, name string, otherwise int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}

func (s *Server) showProject(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.projects {
		if id := r.PathValue("id"); p.id == id || p.key == id {
			writeJSON(w, p.json())
			return
		}
	}
	fail(w, http.StatusNotFound, "No project could be found.")
}

// find finds a living issue by id or by any key it ever had. It is called under the lock.
func (s *Server) find(w http.ResponseWriter, r *http.Request) (*issue, bool) {
	id := r.PathValue("id")
	if known, ok := s.keys[strings.ToUpper(id)]; ok {
		id = known
	}
	if i, ok := s.issues[id]; ok && !i.deleted {
		return i, true
	}
	fail(w, http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
	return nil, false
}

func (s *Server) showIssue(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, ok := s.find(w, r)
	if !ok {
		return
	}
	fields := []string{"*all"}
	if wanted := r.URL.Query().Get("fields"); wanted != "" {
		fields = strings.Split(wanted, ",")
	}
	out := s.tell(r, i.id, i.latest(), fields)
	if strings.Contains(r.URL.Query().Get("expand"), "changelog") {
		out["changelog"] = map[string]any{"startAt": 0, "total": len(i.log), "histories": i.log}
	}
	writeJSON(w, out)
}

func (s *Server) showChangelog(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, ok := s.find(w, r)
	if !ok {
		return
	}
	start := min(number(r, "startAt", 0), len(i.log))
	end := min(start+min(number(r, "maxResults", 100), 100), len(i.log))
	writeJSON(w, map[string]any{
		"startAt": start, "total": len(i.log), "isLast": end == len(i.log), "values": append([]entry{}, i.log[start:end]...),
	})
}

// globalID is what makes writing a remote link an upsert.
func globalID(raw json.RawMessage) string {
	var link struct {
		GlobalID string `json:"globalId"`
	}
	_ = json.Unmarshal(raw, &link)
	return link.GlobalID
}

func (s *Server) showLink(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, ok := s.find(w, r)
	if !ok {
		return
	}
	wanted := r.URL.Query().Get("globalId")
	if wanted == "" {
		writeJSON(w, append([]json.RawMessage{}, s.links[i.id]...))
		return
	}
	for _, link := range s.links[i.id] {
		if globalID(link) == wanted {
			writeJSON(w, link)
			return
		}
	}
	fail(w, http.StatusNotFound, "No remote issue link with that global id.")
}

func (s *Server) putLink(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || !json.Valid(body) {
		fail(w, http.StatusBadRequest, "There was an error parsing JSON.")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.find(w, r)
	if !ok {
		return
	}
	links := s.links[i.id]
	at := slices.IndexFunc(links, func(l json.RawMessage) bool { return globalID(l) == globalID(body) })
	if at >= 0 {
		links[at] = bytes.Clone(body)
	} else {
		s.links[i.id] = append(links, bytes.Clone(body))
		w.WriteHeader(http.StatusCreated)
	}
	writeJSON(w, map[string]any{"id": len(s.links[i.id]), "self": "http://" + r.Host + r.URL.Path})
}

func (s *Server) dropLink(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.find(w, r)
	if !ok {
		return
	}
	wanted := r.URL.Query().Get("globalId")
	if wanted == "" {
		fail(w, http.StatusBadRequest, "The global id is required.")
		return
	}
	before := len(s.links[i.id])
	s.links[i.id] = slices.DeleteFunc(s.links[i.id], func(l json.RawMessage) bool { return globalID(l) == wanted })
	if len(s.links[i.id]) == before {
		fail(w, http.StatusNotFound, "No remote issue link with that global id.")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Links are the remote links of an issue.
func (s *Server) Links(id string) []json.RawMessage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.links[id])
}
