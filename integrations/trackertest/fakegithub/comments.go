package fakegithub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// comment is a comment on an issue.
type comment struct {
	id               int64
	author           user
	body             string
	created, updated int64
	via              *App
}

// Comment is a comment as a test looks at it.
type Comment struct {
	ID           int64
	Author, Body string
}

// AddComment lets somebody comment on an issue and returns the comment's id.
func (s *Server) AddComment(key string, number int, login, body string) (int64, error) {
	s.mu.Lock()
	defer s.release(context.Background())
	r, i, err := s.find(key, number)
	if err != nil {
		return 0, err
	}
	return s.addComment(r, i, caller{user: newUser(login)}, body).id, nil
}

// Comments lists the comments on an issue, oldest first.
func (s *Server) Comments(key string, number int) []Comment {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, i, err := s.find(key, number)
	if err != nil {
		return nil
	}
	out := make([]Comment, len(i.comments))
	for n, c := range i.comments {
		out[n] = Comment{ID: c.id, Author: c.author.Login, Body: c.body}
	}
	return out
}

// Lock lets nobody comment on an issue any more.
func (s *Server) Lock(key string, number int) error {
	return s.change(key, number, s.now(), map[string]any{"locked": true}, "locked", "", nil)
}

// addComment is AddComment under the lock.
func (s *Server) addComment(r *repo, i *issue, by caller, body string) *comment {
	s.nextID++
	c := &comment{id: s.nextID, author: by.user, body: body, created: s.now(), updated: s.now()}
	if by.app {
		c.via = s.opts.App
	}
	i.comments = append(slices.Clip(i.comments), c)
	s.commented(r, i, c, "created")
	return c
}

// commented brings an issue in step with its comments and announces the change.
func (s *Server) commented(r *repo, i *issue, c *comment, action string) {
	raw, err := patch(i.raw, map[string]any{"comments": len(i.comments), "updated_at": stamp(s.now())})
	if err != nil {
		return // a poisoned issue stays as it is
	}
	r.remove(i)
	i.raw, i.updated, i.rev = raw, s.now(), s.nextRev()
	r.insert(i)
	s.announceAs("issue_comment", r, i, action, map[string]any{"comment": c.render(r.key, i.number)})
}

// listComments answers a page of the comments on an issue.
func (s *Server) listComments(w http.ResponseWriter, r *http.Request) {
	i := s.lookupIssue(w, r)
	if i == nil {
		return
	}
	out := make([]map[string]any, len(i.comments))
	for n, c := range i.comments {
		out[n] = c.render(i.home, i.number)
	}
	if page, ok := paginate(w, r, out); ok {
		writeJSON(w, page)
	}
}

// createComment lets the caller comment on an issue.
func (s *Server) createComment(w http.ResponseWriter, r *http.Request) {
	i := s.lookupIssue(w, r)
	if i == nil {
		return
	}
	body, ok := commentBody(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.release(r.Context())
	home, now, err := s.find(i.home, i.number)
	switch {
	case err != nil:
		fail(w, http.StatusNotFound, "Not Found")
	case strings.Contains(string(now.raw), `"locked":true`):
		fail(w, http.StatusForbidden, "Unable to create comment because issue is locked.")
	default:
		c := s.addComment(home, now, callerOf(r), body)
		w.WriteHeader(http.StatusCreated)
		writeJSON(w, c.render(home.key, now.number))
	}
}

// changeComment edits or deletes a comment.
func (s *Server) changeComment(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.release(r.Context())
	home := s.lookup(w, r)
	if home == nil {
		return
	}
	i, at := home.findComment(r.PathValue("comment"))
	if i == nil {
		fail(w, http.StatusNotFound, "Not Found")
		return
	}
	if r.Method == http.MethodDelete {
		gone := i.comments[at]
		i.comments = slices.Delete(slices.Clone(i.comments), at, at+1)
		s.commented(home, i, gone, "deleted")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, ok := commentBody(w, r)
	if !ok {
		return
	}
	edited := *i.comments[at]
	edited.body, edited.updated = body, s.now()
	i.comments = slices.Clone(i.comments)
	i.comments[at] = &edited
	s.commented(home, i, &edited, "edited")
	writeJSON(w, edited.render(home.key, i.number))
}

// findComment finds a comment by its id.
func (r *repo) findComment(id string) (*issue, int) {
	for _, i := range r.issues {
		for at, c := range i.comments {
			if strconv.FormatInt(c.id, 10) == id {
				return i, at
			}
		}
	}
	return nil, 0
}

// commentBody reads the text of a comment, answering for itself when it is no good.
func commentBody(w http.ResponseWriter, r *http.Request) (string, bool) {
	var in struct {
		Body *string `json:"body"`
	}
	switch err := json.NewDecoder(r.Body).Decode(&in); {
	case err != nil:
		fail(w, http.StatusBadRequest, "Problems parsing JSON")
	case in.Body == nil || *in.Body == "":
		fail(w, http.StatusUnprocessableEntity, "Validation Failed")
	case len([]rune(*in.Body)) > 65_536:
		fail(w, http.StatusUnprocessableEntity, "Body is too long (maximum is 65536 characters)")
	default:
		return *in.Body, true
	}
	return "", false
}

// render is the comment's JSON.
func (c *comment) render(key string, number int) map[string]any {
	out := map[string]any{
		"id": c.id, "node_id": nodeID("IC", c.id), "body": c.body, "user": c.author, "author_association": "MEMBER",
		"created_at": stamp(c.created), "updated_at": stamp(c.updated), "performed_via_github_app": nil,
		"url":       fmt.Sprintf("%srepos/%s/issues/comments/%d", api, key, c.id),
		"issue_url": fmt.Sprintf("%srepos/%s/issues/%d", api, key, number),
		"html_url":  fmt.Sprintf("%s%s/issues/%d#issuecomment-%d", site, key, number, c.id),
	}
	if c.via != nil {
		out["performed_via_github_app"] = c.via.render()
	}
	return out
}
