package fakejira

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// project is a project and its counter.
type project struct {
	id, key, name string
	last          int
}

func (p *project) json() map[string]any {
	return map[string]any{"id": p.id, "key": p.key, "name": p.name, "isPrivate": false}
}

// issue is an issue in all its versions, the newest last.
type issue struct {
	id       string
	key      string
	project  string
	created  time.Time
	deleted  bool
	versions []version
	log      []entry
}

// version is what an issue was from a time on. Fields are as the API tells them;
// description is kept as text and told as a document on Cloud.
type version struct {
	at     time.Time
	key    string
	fields map[string]json.RawMessage
}

// entry is one entry of the changelog.
type entry struct {
	ID      string           `json:"id"`
	Author  map[string]any   `json:"author"`
	Created string           `json:"created"`
	Items   []map[string]any `json:"items"`
}

// latest is the newest version.
func (i *issue) latest() version { return i.versions[len(i.versions)-1] }

// NewIssue is an issue to open.
type NewIssue struct {
	Title, Description string
	// Type is the name of the type. Empty: "Task".
	Type   string
	Labels []string
	// Points are the story points. Nil: none.
	Points *float64
	// Parent is the key of the parent; Epic that of the epic, on sites that link
	// them by a field.
	Parent, Epic string
}

// AddProject adds a project, or finds it, and returns its id.
func (s *Server) AddProject(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.projects {
		if p.key == key {
			return p.id
		}
	}
	s.nextID++
	id := strconv.Itoa(s.nextID)
	s.projects[id] = &project{id: id, key: key, name: "Project " + key}
	return id
}

// Create opens an issue and returns its id and key.
func (s *Server) Create(projectID string, n NewIssue) (id, key string, err error) {
	s.mu.Lock()
	defer s.release()
	p, ok := s.projects[projectID]
	if !ok {
		return "", "", fmt.Errorf("no project %s", projectID)
	}
	s.nextID++
	p.last++
	if n.Type == "" {
		n.Type = "Task"
	}
	now := s.now()
	i := &issue{id: strconv.Itoa(s.nextID), key: p.key + "-" + strconv.Itoa(p.last), project: projectID, created: now}
	fields := map[string]any{
		"summary": n.Title, "description": nil, "labels": append([]string{}, n.Labels...), "project": p.json(),
		"issuetype": map[string]any{"id": "10002", "name": n.Type, "subtask": false},
		"status":    statuses[0].json(), "resolution": nil, "resolutiondate": nil, "assignee": nil,
		"created": stamp(now), "updated": stamp(now), "statuscategorychangedate": stamp(now),
		pointsField: n.Points, epicField: nil,
	}
	if n.Description != "" {
		fields["description"] = n.Description
	}
	if n.Epic != "" {
		fields[epicField] = n.Epic
	}
	if parent, ok := s.issues[s.keys[n.Parent]]; ok {
		fields["parent"] = map[string]any{"id": parent.id, "key": parent.key}
	}
	i.versions = []version{{now, i.key, encode(fields)}}
	s.issues[i.id], s.keys[i.key] = i, i.id
	s.announce(i, "jira:issue_created", nil)
	return i.id, i.key, nil
}

// Set replaces fields of an issue, given as the API would tell them, and counts as
// a change.
func (s *Server) Set(id string, fields map[string]any) error {
	return s.change(id, "jira:issue_updated", func(*issue, time.Time) (map[string]any, []map[string]any) {
		var items []map[string]any
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			items = append(items, map[string]any{"field": name, "fieldId": name, "fromString": nil, "toString": "changed"})
		}
		return fields, items
	})
}

// Transition moves an issue to a status by its name, with a resolution by its
// name, or "" for none.
func (s *Server) Transition(id, name, resolution string) error {
	to, ok := statusNamed(name)
	if !ok {
		return fmt.Errorf("no status %q", name)
	}
	return s.change(id, "jira:issue_updated", func(i *issue, now time.Time) (map[string]any, []map[string]any) {
		var from struct {
			ID   string
			Name string
			Cat  struct{ Key string } `json:"statusCategory"`
		}
		_ = json.Unmarshal(i.latest().fields["status"], &from)
		fields := map[string]any{"status": to.json(), "resolution": nil, "resolutiondate": nil}
		if from.Cat.Key != to.Category {
			fields["statuscategorychangedate"] = stamp(now)
		}
		items := []map[string]any{{
			"field": "status", "fieldId": "status", "from": from.ID, "fromString": from.Name, "to": to.ID, "toString": to.Name,
		}}
		if resolution != "" {
			fields["resolution"] = map[string]any{"id": "10000", "name": resolution}
			fields["resolutiondate"] = stamp(now)
		}
		items = append(items, map[string]any{"field": "resolution", "fieldId": "resolution", "toString": resolution})
		return fields, items
	})
}

// change makes a new version of an issue and announces it.
func (s *Server) change(id, event string, f func(*issue, time.Time) (map[string]any, []map[string]any)) error {
	s.mu.Lock()
	defer s.release()
	i, ok := s.issues[id]
	if !ok || i.deleted {
		return fmt.Errorf("no issue %s", id)
	}
	now := s.now()
	fields, items := f(i, now)
	next := version{now, i.key, maps.Clone(i.latest().fields)}
	maps.Copy(next.fields, encode(fields))
	maps.Copy(next.fields, encode(map[string]any{"updated": stamp(now)}))
	i.versions = append(i.versions, next)
	e := entry{ID: strconv.Itoa(len(i.log) + 1), Author: s.robin(), Created: stamp(now), Items: items}
	i.log = append(i.log, e)
	s.announce(i, event, &e)
	return nil
}

// Move takes an issue to another project, where it has another key and the same
// id, and returns the key. The former key still leads to it.
func (s *Server) Move(id, projectID string) (string, error) {
	s.mu.RLock()
	p, ok := s.projects[projectID]
	s.mu.RUnlock()
	if !ok {
		return "", fmt.Errorf("no project %s", projectID)
	}
	var key string
	err := s.change(id, "jira:issue_updated", func(i *issue, _ time.Time) (map[string]any, []map[string]any) {
		p.last++
		former := i.key
		key = p.key + "-" + strconv.Itoa(p.last)
		i.key, i.project, s.keys[key] = key, p.id, i.id
		return map[string]any{"project": p.json()}, []map[string]any{
			{"field": "Key", "fieldId": "issuekey", "fromString": former, "toString": key},
			{"field": "project", "fieldId": "project", "to": p.id, "toString": p.name},
		}
	})
	return key, err
}

// Delete deletes an issue for good.
func (s *Server) Delete(id string) error {
	s.mu.Lock()
	defer s.release()
	i, ok := s.issues[id]
	if !ok || i.deleted {
		return fmt.Errorf("no issue %s", id)
	}
	i.deleted = true
	s.announce(i, "jira:issue_deleted", nil)
	return nil
}

// Poison replaces fields of what is served, without touching the issue.
func (s *Server) Poison(id string, fields map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.issues[id]
	if !ok {
		return fmt.Errorf("no issue %s", id)
	}
	maps.Copy(i.latest().fields, encode(fields))
	return nil
}

// now is the clock at the precision that Jira keeps.
func (s *Server) now() time.Time { return s.opts.Now().UTC().Truncate(time.Millisecond) }

// stamp writes a time as Jira does.
func stamp(at time.Time) string { return at.Format("2006-01-02T15:04:05.000-0700") }

// encode encodes each value; what is given here always encodes.
func encode(fields map[string]any) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(fields))
	for name, value := range fields {
		raw, err := json.Marshal(value)
		if err == nil {
			out[name] = raw
		}
	}
	return out
}
