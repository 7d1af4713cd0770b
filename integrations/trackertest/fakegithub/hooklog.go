package fakegithub

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// hook is a webhook of a repository or of the App.
type hook struct {
	id      int64
	address string
	tries   []*try // oldest first
}

// try is one attempt at a delivery.
type try struct {
	outgoing

	id     int64
	at     int64
	status int
	words  string
}

// AddHook makes a webhook of a repository, which gets every delivery from now
// on, and returns its id.
func (s *Server) AddHook(key, address string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(key)
	if err != nil {
		return 0, err
	}
	s.nextID++
	r.hooks = append(slices.Clip(r.hooks), &hook{id: s.nextID, address: address})
	return s.nextID, nil
}

// SetAppHook gives the App a webhook, which gets every delivery from now on.
func (s *Server) SetAppHook(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	s.appHook = &hook{id: s.nextID, address: address}
}

// listHooks answers the webhooks of a repository.
func (s *Server) listHooks(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	home := s.lookup(w, r)
	if home == nil {
		return
	}
	out := make([]map[string]any, len(home.hooks))
	for i, h := range home.hooks {
		at := fmt.Sprintf("%srepos/%s/hooks/%d", api, home.key, h.id)
		out[i] = map[string]any{
			"type": "Repository", "id": h.id, "name": "web", "active": true, "events": []string{"issues"}, "config": h.config(),
			"url": at, "test_url": at + "/test", "ping_url": at + "/pings", "deliveries_url": at + "/deliveries",
			"created_at": epoch, "updated_at": epoch, "last_response": map[string]any{"code": nil, "status": "unused", "message": nil},
		}
	}
	if page, ok := paginate(w, r, out); ok {
		writeJSON(w, page)
	}
}

// getAppHook answers the configuration of the App's webhook.
func (s *Server) getAppHook(w http.ResponseWriter, _ *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.appHook == nil {
		fail(w, http.StatusNotFound, "Not Found")
		return
	}
	writeJSON(w, s.appHook.config())
}

// config is where and how a hook delivers.
func (h *hook) config() map[string]any {
	return map[string]any{"url": h.address, "content_type": "json", "insecure_ssl": "0", "secret": "********"}
}

// listDeliveries answers a page of a hook's deliveries, newest first.
func (s *Server) listDeliveries(w http.ResponseWriter, r *http.Request) {
	size, _, ok := pageOf(w, r)
	if !ok {
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.lookupHook(w, r)
	if h == nil {
		return
	}
	out := make([]map[string]any, 0, size)
	for _, t := range slices.Backward(h.tries) {
		if text := r.URL.Query().Get("cursor"); text != "" {
			last, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				fail(w, http.StatusUnprocessableEntity, "Validation Failed: cursor")
				return
			}
			if t.id >= last {
				continue
			}
		}
		if len(out) == size {
			linkNext(w, r, map[string]string{"cursor": fmt.Sprint(out[size-1]["id"])})
			break
		}
		out = append(out, s.renderTry(t))
	}
	writeJSON(w, out)
}

// renderTry is the JSON of a try.
func (s *Server) renderTry(t *try) map[string]any {
	out := map[string]any{
		"id": t.id, "guid": t.ID, "delivered_at": stamp(t.at), "redelivery": t.again, "duration": 0.1, "status": t.words,
		"status_code": t.status, "event": t.Event, "action": t.action, "installation_id": nil, "repository_id": t.repoID, "throttled_at": nil,
	}
	if s.opts.App != nil {
		out["installation_id"] = s.opts.App.Installation
	}
	return out
}

// redeliver tries a delivery once more, under its old GUID.
func (s *Server) redeliver(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.release(r.Context())
	h := s.lookupHook(w, r)
	if h == nil {
		return
	}
	at := slices.IndexFunc(h.tries, func(t *try) bool { return strconv.FormatInt(t.id, 10) == r.PathValue("delivery") })
	if at < 0 {
		fail(w, http.StatusNotFound, "Not Found")
		return
	}
	again := h.tries[at].outgoing
	again.to, again.again = []*hook{h}, true
	s.outbox = append(s.outbox, again)
	w.WriteHeader(http.StatusAccepted)
	write(w, []byte("{}"))
}

// lookupHook finds the hook a request is about. When there is none it answers
// for itself and returns nil. It is called under the lock.
func (s *Server) lookupHook(w http.ResponseWriter, r *http.Request) *hook {
	if r.PathValue("hook") == "" {
		if s.appHook == nil {
			fail(w, http.StatusNotFound, "Not Found")
		}
		return s.appHook
	}
	home := s.lookup(w, r)
	if home == nil {
		return nil
	}
	for _, h := range home.hooks {
		if strconv.FormatInt(h.id, 10) == r.PathValue("hook") {
			return h
		}
	}
	fail(w, http.StatusNotFound, "Not Found")
	return nil
}
