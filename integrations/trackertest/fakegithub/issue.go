package fakegithub

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
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
	// Pull makes it a pull request.
	Pull bool
	// CreatedAt is when it was opened. Zero: now.
	CreatedAt time.Time
}

// Change edits an issue. Nil fields stay; the zero Change only touches it.
type Change struct {
	Title, Body, Type *string
	Labels, Assignees []string
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
}

// event is one entry of the timeline.
type event struct {
	ID          int64   `json:"id"`
	Event       string  `json:"event"`
	CreatedAt   string  `json:"created_at"`
	Actor       user    `json:"actor"`
	StateReason *string `json:"state_reason,omitempty"`
}

// user is a GitHub account.
type user struct {
	Login   string `json:"login"`
	ID      int64  `json:"id"`
	Type    string `json:"type"`
	HTMLURL string `json:"html_url"`
}

// named is anything of which only the name matters: a label, an issue type.
type named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// site and api are the addresses in the JSON of invented issues. They lead
// nowhere: example is a reserved name.
const (
	site = "https://github.example/"
	api  = "https://api.github.example/"
)

// newUser invents the account of a login. The same login is always the same account.
func newUser(login string) user {
	return user{Login: login, ID: idOf("user/" + login), Type: "User", HTMLURL: site + login}
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
func (n NewIssue) render(key string, i *issue, author string) (json.RawMessage, error) {
	kind := "issues"
	if n.Pull {
		kind = "pull"
	}
	fields := map[string]any{
		"id": i.id, "node_id": fmt.Sprintf("I_%d", i.id), "number": i.number,
		"url":            fmt.Sprintf("%srepos/%s/issues/%d", api, key, i.number),
		"repository_url": api + "repos/" + key,
		"html_url":       fmt.Sprintf("%s%s/%s/%d", site, key, kind, i.number),
		"title":          n.Title, "body": nullable(n.Body), "user": newUser(author),
		"labels": labels(n.Labels), "assignees": users(n.Assignees), "assignee": nil,
		"state": "open", "state_reason": nil, "locked": false, "comments": 0, "milestone": nil,
		"created_at": stamp(i.created), "updated_at": stamp(i.updated), "closed_at": nil,
		"author_association": "MEMBER",
	}
	if n.Type != "" {
		fields["type"] = named{ID: idOf("type/" + n.Type), Name: n.Type}
	}
	if n.Parent != 0 {
		fields["parent_issue_url"] = fmt.Sprintf("%srepos/%s/issues/%d", api, key, n.Parent)
	}
	if n.Pull {
		fields["pull_request"] = map[string]any{
			"html_url": fmt.Sprintf("%s%s/pull/%d", site, key, i.number), "merged_at": nil,
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("writing issue %s#%d: %w", key, i.number, err)
	}
	return raw, nil
}

// fields are the JSON fields this change replaces.
func (c Change) fields() map[string]any {
	out := map[string]any{}
	if c.Title != nil {
		out["title"] = *c.Title
	}
	if c.Body != nil {
		out["body"] = nullable(*c.Body)
	}
	if c.Type != nil {
		out["type"] = nil
		if *c.Type != "" {
			out["type"] = named{ID: idOf("type/" + *c.Type), Name: *c.Type}
		}
	}
	if c.Labels != nil {
		out["labels"] = labels(c.Labels)
	}
	if c.Assignees != nil {
		out["assignees"] = users(c.Assignees)
	}
	return out
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

// labels renders label names.
func labels(names []string) []named {
	out := make([]named, len(names))
	for i, n := range names {
		out[i] = named{ID: idOf("label/" + strings.ToLower(n)), Name: n}
	}
	return out
}

// users renders logins.
func users(logins []string) []user {
	out := make([]user, len(logins))
	for i, l := range logins {
		out[i] = newUser(l)
	}
	return out
}
