package fakegithub

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"time"
)

// NewIssue is an issue to open.
type NewIssue struct {
	Title, Body string
	// Labels and Assignees are names and logins.
	Labels, Assignees []string
	// Type is the name of the issue type. Empty: none.
	Type string
	// Parent is the number of the parent issue in the same repository. Zero: none.
	Parent int
	// Milestone is the number of a milestone of the repository. Zero: none.
	Milestone int
	// Pull makes it a pull request.
	Pull bool
	// CreatedAt is when it was opened. Zero: now.
	CreatedAt time.Time
}

// Change edits an issue. Nil fields stay; the zero Change only touches it.
type Change struct {
	Title, Body, Type *string
	Labels, Assignees []string
	// Milestone is a number. Zero: none any more.
	Milestone *int
	// At is when it happened. Zero: now.
	At time.Time
}

// issue is one issue or pull request. Its raw JSON is replaced, never edited.
type issue struct {
	id      int64
	number  int
	created int64 // seconds
	updated int64 // seconds
	open    bool
	rev     uint64
	raw     json.RawMessage
	events  []event
	home    string // its repository's key; set on copies for requests alone
	parent  int    // number, zero without one
	// comments are replaced, never edited.
	comments []*comment
}

// event is one entry of the timeline.
type event struct {
	ID          int64   `json:"id"`
	NodeID      string  `json:"node_id"`
	URL         string  `json:"url"`
	Event       string  `json:"event"`
	CreatedAt   string  `json:"created_at"`
	Actor       user    `json:"actor"`
	CommitID    *string `json:"commit_id"`
	CommitURL   *string `json:"commit_url"`
	Via         *App    `json:"performed_via_github_app"`
	StateReason *string `json:"state_reason,omitempty"`
}

// newEvent makes an entry of the timeline.
func newEvent(key string, id int64, name string, at int64, by user, reason *string) event {
	return event{
		ID: id, NodeID: nodeID("E", id), URL: fmt.Sprintf("%srepos/%s/issues/events/%d", api, key, id),
		Event: name, CreatedAt: stamp(at), Actor: by, StateReason: reason,
	}
}

// idOf derives a stable positive id from a name.
func idOf(name string) int64 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, name) // a hash never fails
	return int64(h.Sum32())
}

// stamp is a time as GitHub writes it.
func stamp(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

// render writes the JSON of a new issue.
func (n NewIssue) render(r *repo, i *issue, author string) (json.RawMessage, error) {
	kind := "issues"
	if n.Pull {
		kind = "pull"
	}
	at := fmt.Sprintf("%srepos/%s/issues/%d", api, r.key, i.number)
	assignees := users(n.Assignees)
	fields := map[string]any{
		"id": i.id, "node_id": nodeID("I", i.id), "number": i.number,
		"url": at, "repository_url": api + "repos/" + r.key, "labels_url": at + "/labels{/name}", "comments_url": at + "/comments",
		"events_url": at + "/events", "timeline_url": at + "/timeline",
		"html_url": fmt.Sprintf("%s%s/%s/%d", site, r.key, kind, i.number),
		"title":    n.Title, "body": nullable(n.Body), "user": newUser(author),
		"labels": labels(r.key, n.Labels), "assignees": assignees, "assignee": first(assignees),
		"state": "open", "state_reason": nil, "locked": false, "active_lock_reason": nil, "comments": 0,
		"milestone": r.milestones[n.Milestone].render(r.key, author), "type": issueType(n.Type),
		"created_at": stamp(i.created), "updated_at": stamp(i.updated), "closed_at": nil,
		"author_association": "MEMBER", "performed_via_github_app": nil,
		"sub_issues_summary": map[string]int{"total": 0, "completed": 0, "percent_completed": 0},
	}
	if n.Parent != 0 {
		fields["parent_issue_url"] = fmt.Sprintf("%srepos/%s/issues/%d", api, r.key, n.Parent)
	}
	if n.Pull {
		fields["pull_request"] = map[string]any{
			"url": fmt.Sprintf("%srepos/%s/pulls/%d", api, r.key, i.number), "merged_at": nil,
			"html_url":  fmt.Sprintf("%s%s/pull/%d", site, r.key, i.number),
			"diff_url":  fmt.Sprintf("%s%s/pull/%d.diff", site, r.key, i.number),
			"patch_url": fmt.Sprintf("%s%s/pull/%d.patch", site, r.key, i.number),
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("writing issue %s#%d: %w", r.key, i.number, err)
	}
	return raw, nil
}

// fields are the JSON fields this change replaces.
func (c Change) fields(r *repo, author string) map[string]any {
	out := map[string]any{}
	if c.Title != nil {
		out["title"] = *c.Title
	}
	if c.Body != nil {
		out["body"] = nullable(*c.Body)
	}
	if c.Type != nil {
		out["type"] = issueType(*c.Type)
	}
	if c.Labels != nil {
		out["labels"] = labels(r.key, c.Labels)
	}
	if c.Assignees != nil {
		assignees := users(c.Assignees)
		out["assignees"], out["assignee"] = assignees, first(assignees)
	}
	if c.Milestone != nil {
		out["milestone"] = r.milestones[*c.Milestone].render(r.key, author)
	}
	return out
}

// first is the assignee from the time when there could be only one.
func first(all []user) any {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// patch returns raw with some fields replaced and all others as they were.
func patch(raw json.RawMessage, fields map[string]any) (json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("reading an issue to change it: %w", err)
	}
	for name, value := range fields {
		b, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("writing field %s: %w", name, err)
		}
		all[name] = b
	}
	out, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("writing an issue: %w", err)
	}
	return out, nil
}

// nullable turns an empty text into null, as GitHub does with bodies.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// users renders logins.
func users(logins []string) []user {
	out := make([]user, len(logins))
	for i, l := range logins {
		out[i] = newUser(l)
	}
	return out
}
