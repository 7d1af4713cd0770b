package fakegithub

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// routes maps the addresses that are served. Everything about a repository is
// found under its key and under its id, as at GitHub.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /user", s.getUser)
	mux.HandleFunc("GET /rate_limit", getRateLimit)
	mux.HandleFunc("GET /user/repos", s.getUserRepos)
	mux.HandleFunc("GET /installation/repositories", s.getInstallationRepos)
	mux.HandleFunc("GET /search/issues", s.searchIssues)
	mux.HandleFunc("GET /app", s.getApp)
	mux.HandleFunc("POST /app/installations/{id}/access_tokens", s.createToken)
	mux.HandleFunc("GET /app/hook/config", s.getAppHook)
	mux.HandleFunc("GET /app/hook/deliveries", s.listDeliveries)
	mux.HandleFunc("POST /app/hook/deliveries/{delivery}/attempts", s.redeliver)
	for _, at := range []string{"/repos/{owner}/{name}", "/repositories/{id}"} {
		mux.HandleFunc("GET "+at, s.getRepo)
		mux.HandleFunc("GET "+at+"/issues", s.listIssues)
		mux.HandleFunc("GET "+at+"/issues/{number}", s.getIssue)
		mux.HandleFunc("GET "+at+"/issues/{number}/timeline", s.getTimeline)
		mux.HandleFunc("GET "+at+"/issues/{number}/events", s.getTimeline)
		mux.HandleFunc("GET "+at+"/issues/{number}/comments", s.listComments)
		mux.HandleFunc("POST "+at+"/issues/{number}/comments", s.createComment)
		mux.HandleFunc("PATCH "+at+"/issues/comments/{comment}", s.changeComment)
		mux.HandleFunc("DELETE "+at+"/issues/comments/{comment}", s.changeComment)
		mux.HandleFunc("GET "+at+"/hooks", s.listHooks)
		mux.HandleFunc("GET "+at+"/hooks/{hook}/deliveries", s.listDeliveries)
		mux.HandleFunc("POST "+at+"/hooks/{hook}/deliveries/{delivery}/attempts", s.redeliver)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "Not Found")
	})
	return mux
}

// getUser answers who owns the token.
func (s *Server) getUser(w http.ResponseWriter, r *http.Request) {
	if callerOf(r).app {
		fail(w, http.StatusForbidden, "Resource not accessible by integration")
		return
	}
	writeJSON(w, profile{user: newUser(s.opts.Login), CreatedAt: epoch, UpdatedAt: epoch})
}

// getRateLimit answers any valid token.
func getRateLimit(w http.ResponseWriter, _ *http.Request) {
	rate := map[string]int{"limit": 5000, "remaining": 5000, "reset": 0, "used": 0}
	writeJSON(w, map[string]any{"resources": map[string]any{"core": rate, "search": rate}, "rate": rate})
}

// getUserRepos lists the repositories of a person.
func (s *Server) getUserRepos(w http.ResponseWriter, r *http.Request) {
	if callerOf(r).app {
		fail(w, http.StatusForbidden, "Resource not accessible by integration")
		return
	}
	if page, ok := paginate(w, r, s.summaries()); ok {
		writeJSON(w, page)
	}
}

// getInstallationRepos lists the repositories of an app.
func (s *Server) getInstallationRepos(w http.ResponseWriter, r *http.Request) {
	if !callerOf(r).app {
		fail(w, http.StatusForbidden, "You must authenticate with an installation access token")
		return
	}
	all := s.summaries()
	if page, ok := paginate(w, r, all); ok {
		writeJSON(w, map[string]any{"total_count": len(all), "repositories": page})
	}
}

// summaries lists all repositories by id.
func (s *Server) summaries() []map[string]any {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]map[string]any, 0, len(s.reposByID))
	for _, id := range slices.Sorted(maps.Keys(s.reposByID)) {
		out = append(out, s.reposByID[id].summary())
	}
	return out
}

// getRepo answers one repository.
func (s *Server) getRepo(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if found := s.lookup(w, r); found != nil {
		writeJSON(w, found.summary())
	}
}

// getIssue answers one issue, where it went, or that it is gone.
func (s *Server) getIssue(w http.ResponseWriter, r *http.Request) {
	if i := s.lookupIssue(w, r); i != nil {
		write(w, i.raw)
	}
}

// getTimeline answers what happened to an issue.
func (s *Server) getTimeline(w http.ResponseWriter, r *http.Request) {
	i := s.lookupIssue(w, r)
	if i == nil {
		return
	}
	if page, ok := paginate(w, r, i.events); ok {
		writeJSON(w, page)
	}
}

// lookupIssue finds the issue a request is about and returns it as it is now.
// When there is none it answers for itself and returns nil.
func (s *Server) lookupIssue(w http.ResponseWriter, r *http.Request) *issue {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		fail(w, http.StatusNotFound, "Not Found")
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	home := s.lookup(w, r)
	if home == nil {
		return nil
	}
	if i := home.issues[number]; i != nil {
		now := *i
		now.home = home.key
		return &now
	}
	switch to, moved := home.moved[number]; {
	case moved:
		_, rest, _ := strings.Cut(r.URL.Path, "/issues/"+r.PathValue("number"))
		redirect(w, fmt.Sprintf("%s/repositories/%d/issues/%d%s", base(r), to.repoID, to.number, rest))
	case home.deleted[number]:
		fail(w, http.StatusGone, "This issue was deleted")
	default:
		fail(w, http.StatusNotFound, "Not Found")
	}
	return nil
}

// lookup finds the repository a request is about. When there is none, or it
// has a new key, it answers for itself and returns nil. It is called under the lock.
func (s *Server) lookup(w http.ResponseWriter, r *http.Request) *repo {
	if text := r.PathValue("id"); text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if found := s.reposByID[id]; err == nil && found != nil {
			return found
		}
		fail(w, http.StatusNotFound, "Not Found")
		return nil
	}
	key := r.PathValue("owner") + "/" + r.PathValue("name")
	found := s.repos[fold(key)]
	if found == nil {
		fail(w, http.StatusNotFound, "Not Found")
		return nil
	}
	if fold(found.key) != fold(key) {
		to := fmt.Sprintf("%s/repositories/%d%s", base(r), found.id, strings.TrimPrefix(r.URL.Path, "/repos/"+key))
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		redirect(w, to)
		return nil
	}
	return found
}

// paginate cuts a page out of a whole list, by number, and links to the next.
func paginate[T any](w http.ResponseWriter, r *http.Request, all []T) ([]T, bool) {
	size, page, ok := pageOf(w, r)
	if !ok {
		return nil, false
	}
	from := min((page-1)*size, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		linkNext(w, r, map[string]string{"page": strconv.Itoa(page + 1)})
	}
	return append([]T{}, all[from:to]...), true
}

// pageOf reads per_page and page.
func pageOf(w http.ResponseWriter, r *http.Request) (size, page int, ok bool) {
	size, page = 30, 1
	q := r.URL.Query()
	for name, into := range map[string]*int{"per_page": &size, "page": &page} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || n > 1_000_000 {
				fail(w, http.StatusUnprocessableEntity, "Validation Failed: "+name)
				return 0, 0, false
			}
			*into = n
		}
	}
	return min(size, 100), page, true
}

// linkNext links to the same listing with some parameters replaced.
func linkNext(w http.ResponseWriter, r *http.Request, replace map[string]string) {
	q := r.URL.Query()
	for name, value := range replace {
		q.Set(name, value)
	}
	w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, base(r), r.URL.Path, q.Encode()))
}

// redirect answers that a thing lives elsewhere for good.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusMovedPermanently)
	writeJSON(w, map[string]string{"message": "Moved Permanently", "url": to})
}

// writeJSON writes a value the server made itself.
func writeJSON(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, b)
}

// write writes to the collected answer, which never fails.
func write(w http.ResponseWriter, b []byte) { _, _ = w.Write(b) }
