package fakegithub

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// repo is one repository.
type repo struct {
	id         int64
	key        string
	issues     map[int]*issue
	byUpdated  []*issue // by (updated, id)
	byCreated  []*issue // by (created, id)
	deleted    map[int]bool
	moved      map[int]place
	milestones map[int]*milestone
	hooks      []*hook
	nextNumber int
	open       int // issues and pull requests that are open
}

// place is where an issue lives.
type place struct {
	repoID int64
	number int
}

// AddRepo registers a repository under owner/name and returns its id. Adding
// one that exists returns the id it has.
func (s *Server) AddRepo(key string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.repos[fold(key)]; r != nil {
		return r.id
	}
	s.nextID++
	r := &repo{
		id: s.nextID, key: key, nextNumber: 1,
		issues: map[int]*issue{}, deleted: map[int]bool{}, moved: map[int]place{},
		milestones: map[int]*milestone{},
	}
	s.repos[fold(key)], s.reposByID[r.id] = r, r
	return r.id
}

// RenameRepo gives a repository a new key. The old one redirects. Its issues tell
// of the new one at once.
func (s *Server) RenameRepo(key, to string) error {
	s.mu.Lock()
	defer s.release(context.Background())
	r, err := s.repo(key)
	if err != nil {
		return err
	}
	_, was, _ := strings.Cut(r.key, "/")
	r.key = to
	s.repos[fold(to)] = r
	for _, i := range r.issues {
		at := fmt.Sprintf("%srepos/%s", api, to)
		raw, err := patch(i.raw, map[string]any{
			"repository_url": at, "url": fmt.Sprintf("%s/issues/%d", at, i.number),
			"html_url": fmt.Sprintf("%s%s/issues/%d", site, to, i.number),
		})
		if err == nil { // a poisoned one stays as it is
			i.raw, i.rev = raw, s.nextRev()
		}
	}
	s.tell("repository", r, "renamed", map[string]any{
		"changes": map[string]any{"repository": map[string]any{"name": map[string]string{"from": was}}},
	})
	return nil
}

// RemoveRepo deletes a repository with all its issues.
func (s *Server) RemoveRepo(key string) error {
	s.mu.Lock()
	defer s.release(context.Background())
	r, err := s.repo(key)
	if err != nil {
		return err
	}
	delete(s.reposByID, r.id)
	maps.DeleteFunc(s.repos, func(_ string, other *repo) bool { return other == r })
	s.tell("repository", r, "deleted", nil)
	return nil
}

// AddMilestone makes a milestone and returns its number and id.
func (s *Server) AddMilestone(key, title string) (number int, id int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(key)
	if err != nil {
		return 0, 0, err
	}
	s.nextID++
	m := &milestone{id: s.nextID, number: len(r.milestones) + 1, title: title}
	r.milestones[m.number] = m
	return m.number, m.id, nil
}

// Create opens an issue and returns its number and id.
func (s *Server) Create(key string, n NewIssue) (number int, id int64, err error) {
	s.mu.Lock()
	defer s.release(context.Background())
	r, err := s.repo(key)
	if err != nil {
		return 0, 0, err
	}
	i := s.blank(r, s.at(n.CreatedAt))
	if i.raw, err = n.render(r, i, s.opts.Login); err != nil {
		return 0, 0, err
	}
	i.parent = n.Parent
	r.insert(i)
	r.summarize(i.parent, s.nextRev)
	s.announce(r, i, "opened", nil)
	if above := r.issues[i.parent]; above != nil {
		s.tell("sub_issues", r, "sub_issue_added", map[string]any{"sub_issue": i.raw, "sub_issue_repo": r.summary(), "parent_issue": above.raw})
	}
	return i.number, i.id, nil
}

// Update changes an issue.
func (s *Server) Update(key string, number int, c Change) error {
	s.mu.RLock()
	r, err := s.repo(key)
	if err != nil {
		s.mu.RUnlock()
		return err
	}
	fields := c.fields(r, s.opts.Login)
	s.mu.RUnlock()
	return s.change(key, number, s.at(c.At), fields, "edited", "", nil)
}

// CloseIssue closes an issue with a reason: completed, not_planned or duplicate.
func (s *Server) CloseIssue(key string, number int, reason string) error {
	return s.CloseIssueAt(key, number, reason, time.Time{})
}

// CloseIssueAt closes an issue at a time. Zero: now.
func (s *Server) CloseIssueAt(key string, number int, reason string, at time.Time) error {
	seconds := s.at(at)
	return s.change(key, number, seconds, map[string]any{
		"state": "closed", "state_reason": nullable(reason), "closed_at": stamp(seconds),
	}, "closed", "closed", &reason)
}

// Reopen opens a closed issue again.
func (s *Server) Reopen(key string, number int) error {
	return s.change(key, number, s.at(time.Time{}), map[string]any{
		"state": "open", "state_reason": "reopened", "closed_at": nil,
	}, "reopened", "reopened", nil)
}

// Poison replaces what is served for an issue, valid JSON or not, in its place.
func (s *Server) Poison(key string, number int, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, i, err := s.find(key, number)
	if err != nil {
		return err
	}
	i.raw, i.rev = slices.Clone(raw), s.nextRev()
	return nil
}

// Raw returns what is served for an issue, or nil. It must not be changed.
func (s *Server) Raw(key string, number int) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, i, err := s.find(key, number)
	if err != nil {
		return nil
	}
	return i.raw
}

// Delete deletes an issue. Reading it answers 410 from now on.
func (s *Server) Delete(key string, number int) error {
	s.mu.Lock()
	defer s.release(context.Background())
	r, i, err := s.find(key, number)
	if err != nil {
		return err
	}
	r.remove(i)
	r.deleted[number] = true
	s.announce(r, i, "deleted", nil)
	return nil
}

// Transfer moves an issue to another repository, where it gets a new number and
// a new id, as at GitHub. The old address redirects.
func (s *Server) Transfer(key string, number int, to string) (newNumber int, newID int64, err error) {
	s.mu.Lock()
	defer s.release(context.Background())
	from, i, err := s.find(key, number)
	if err != nil {
		return 0, 0, err
	}
	target, err := s.repo(to)
	if err != nil {
		return 0, 0, err
	}
	n := s.blank(target, s.at(time.Time{}))
	n.created, n.open, n.events, n.comments = i.created, i.open, i.events, i.comments
	n.raw, err = patch(i.raw, map[string]any{
		"id": n.id, "node_id": nodeID("I", n.id), "number": n.number, "updated_at": stamp(n.updated),
		"url":            fmt.Sprintf("%srepos/%s/issues/%d", api, target.key, n.number),
		"repository_url": api + "repos/" + target.key,
		"html_url":       fmt.Sprintf("%s%s/issues/%d", site, target.key, n.number),
	})
	if err != nil {
		return 0, 0, err
	}
	from.remove(i)
	from.moved[number] = place{repoID: target.id, number: n.number}
	target.insert(n)
	s.announce(from, i, "transferred", map[string]any{"changes": map[string]any{
		"new_issue": n.raw, "new_repository": target.summary(),
	}})
	return n.number, n.id, nil
}

// Numbers lists the numbers of a repository's issues and pull requests, oldest first.
func (s *Server) Numbers(key string) []int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.repos[fold(key)]
	if r == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(r.issues))
}

// change replaces fields of an issue, adds to its timeline and announces it.
func (s *Server) change(key string, number int, at int64, fields map[string]any, action, entry string, reason *string) error {
	s.mu.Lock()
	defer s.release(context.Background())
	r, i, err := s.find(key, number)
	if err != nil {
		return err
	}
	fields["updated_at"] = stamp(at)
	raw, err := patch(i.raw, fields)
	if err != nil {
		return err
	}
	r.remove(i)
	i.raw, i.updated, i.rev = raw, at, s.nextRev()
	if entry != "" {
		i.open = entry == "reopened"
		s.nextID++
		i.events = append(i.events, newEvent(r.key, s.nextID, entry, at, newUser(s.opts.Login), reason))
	}
	r.insert(i)
	r.summarize(i.parent, s.nextRev)
	s.announce(r, i, action, nil)
	return nil
}

// summarize counts the sub-issues of an issue anew. Zero: of none.
func (r *repo) summarize(number int, rev func() uint64) {
	parent := r.issues[number]
	if parent == nil {
		return
	}
	total, done := 0, 0
	for _, i := range r.issues {
		if i.parent == number {
			total++
			if !i.open {
				done++
			}
		}
	}
	summary := map[string]int{"total": total, "completed": done, "percent_completed": 100 * done / max(total, 1)}
	if raw, err := patch(parent.raw, map[string]any{"sub_issues_summary": summary}); err == nil { // a poisoned one stays as it is
		parent.raw, parent.rev = raw, rev()
	}
}

// now is the present in seconds.
func (s *Server) now() int64 { return s.opts.Now().Unix() }

// blank makes an open issue with a fresh id and number.
func (s *Server) blank(r *repo, at int64) *issue {
	s.nextID++
	i := &issue{id: s.nextID, number: r.nextNumber, created: at, updated: at, open: true, rev: s.nextRev()}
	r.nextNumber++
	return i
}

// nextRev numbers each change of anything.
func (s *Server) nextRev() uint64 {
	s.rev++
	return s.rev
}

// at is a time in seconds. Zero: now.
func (s *Server) at(t time.Time) int64 {
	if t.IsZero() {
		t = s.opts.Now()
	}
	return t.Unix()
}

// repo finds a repository by its present or a former key.
func (s *Server) repo(key string) (*repo, error) {
	if r := s.repos[fold(key)]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("no repository %q", key)
}

// find finds an issue.
func (s *Server) find(key string, number int) (*repo, *issue, error) {
	r, err := s.repo(key)
	if err != nil {
		return nil, nil, err
	}
	i := r.issues[number]
	if i == nil {
		return nil, nil, fmt.Errorf("no issue %s#%d", key, number)
	}
	return r, i, nil
}

// insert adds an issue to the repository and its indexes.
func (r *repo) insert(i *issue) {
	r.issues[i.number] = i
	if i.open {
		r.open++
	}
	r.nextNumber = max(r.nextNumber, i.number+1)
	at, _ := slices.BinarySearchFunc(r.byUpdated, i, compareUpdated)
	r.byUpdated = slices.Insert(r.byUpdated, at, i)
	at, _ = slices.BinarySearchFunc(r.byCreated, i, compareCreated)
	r.byCreated = slices.Insert(r.byCreated, at, i)
}

// remove takes an issue out of the repository and its indexes.
func (r *repo) remove(i *issue) {
	delete(r.issues, i.number)
	if i.open {
		r.open--
	}
	if at, ok := slices.BinarySearchFunc(r.byUpdated, i, compareUpdated); ok {
		r.byUpdated = slices.Delete(r.byUpdated, at, at+1)
	}
	if at, ok := slices.BinarySearchFunc(r.byCreated, i, compareCreated); ok {
		r.byCreated = slices.Delete(r.byCreated, at, at+1)
	}
}

// compareUpdated orders by change time.
func compareUpdated(a, b *issue) int {
	return cmp.Or(cmp.Compare(a.updated, b.updated), cmp.Compare(a.id, b.id))
}

// compareCreated orders by age.
func compareCreated(a, b *issue) int {
	return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.id, b.id))
}
