package github

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// parent names what an issue belongs to: the issue it is a sub-issue of, or else
// its milestone. A milestone's id begins with a word, so it is never an issue's.
func (in issueJSON) parent(from home) *integrations.Ref {
	if ref := parentRef(in.ParentIssueURL); ref != nil {
		return ref
	}
	if in.Milestone.GetID() <= 0 {
		return nil
	}
	return &integrations.Ref{
		ID:  "milestone/" + strconv.FormatInt(in.Milestone.GetID(), 10),
		Key: from.key + " milestone " + strconv.Itoa(in.Milestone.GetNumber()),
	}
}

// parentRef names a parent by the address GitHub gives, which has no id in it.
func parentRef(address string) *integrations.Ref {
	parts := strings.Split(address, "/")
	n := len(parts)
	if n < 5 || parts[n-2] != "issues" {
		return nil
	}
	key := parts[n-4] + "/" + parts[n-3] + "#" + parts[n-1]
	if _, _, err := issuePath(key); err != nil {
		return nil
	}
	return &integrations.Ref{Key: key}
}

// nameParents gives the parents that are named by key their ids, asking for each
// once in the life of a connection. One that cannot be seen keeps its key alone.
// It answers the number of requests.
func (t *Tracker) nameParents(ctx context.Context, issues []integrations.Issue) (int, error) {
	requests := 0
	for _, issue := range issues {
		if issue.Parent == nil || issue.Parent.ID != "" {
			continue
		}
		id, known := t.epic(issue.Parent.Key)
		if !known {
			asked, err := 0, error(nil)
			if id, asked, err = t.askForEpic(ctx, issue.Parent.Key); err != nil {
				return requests, err
			}
			requests += asked
		}
		issue.Parent.ID = id
	}
	return requests, nil
}

// askForEpic reads the id of an issue that others belong to. Empty: it cannot be seen.
func (t *Tracker) askForEpic(ctx context.Context, key string) (id string, requests int, err error) {
	_, path, err := issuePath(key)
	if err != nil {
		return "", 0, err
	}
	got, err := t.client.get(ctx, path, "")
	if errors.Is(err, integrations.ErrNotFound) || errors.Is(err, integrations.ErrGone) || errors.Is(err, integrations.ErrForbidden) {
		t.rememberEpic(key, "")
		return "", 1, nil
	}
	if err != nil {
		return "", 0, err
	}
	var head itemJSON
	if err := got.decode(&head); err != nil {
		return "", 0, err
	}
	if head.ID > 0 {
		id = strconv.FormatInt(head.ID, 10)
	}
	t.rememberEpic(key, id)
	return id, got.requests, nil
}

// epic is what is known of the id of a parent.
func (t *Tracker) epic(key string) (id string, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, known = t.epics[strings.ToLower(key)]
	return id, known
}

// rememberEpic notes the id of a parent.
func (t *Tracker) rememberEpic(key, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epics[strings.ToLower(key)] = id
}

// read decodes an issue object. One that others belong to is remembered for them.
func (t *Tracker) read(raw json.RawMessage, from home) (issueJSON, integrations.Issue, error) {
	in, err := decodeIssue(raw)
	if err != nil {
		return issueJSON{}, integrations.Issue{}, err
	}
	issue := in.issue(from)
	if in.SubIssues.Total > 0 {
		t.rememberEpic(issue.Ref.Key, issue.Ref.ID)
	}
	return in, issue, nil
}
