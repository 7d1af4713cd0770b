package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/needle-okr/needle/integrations"
)

// Issue reads one issue. It follows renamed repositories in silence and tells
// of an issue that was transferred, since that changes its id.
func (t *Tracker) Issue(ctx context.Context, ref integrations.Ref) (integrations.Issue, error) {
	issue, err := t.issue(ctx, ref)
	if err != nil {
		return integrations.Issue{}, fmt.Errorf("reading issue %s: %w", ref.Key, err)
	}
	return issue, nil
}

// issue is Issue without the words around its errors.
func (t *Tracker) issue(ctx context.Context, ref integrations.Ref) (integrations.Issue, error) {
	found, err := t.locate(ctx, ref)
	if err != nil {
		return integrations.Issue{}, err
	}
	found.SourceID, err = t.sourceID(ctx, found.SourceKey)
	return found.Issue, err
}

// located is an issue where it is now, with what a neutral one has no room for.
type located struct {
	integrations.Issue

	path     string // its address
	comments int
	locked   bool
}

// locate finds an issue and makes sure that it is the one that is meant. Its
// source's id is not known yet.
func (t *Tracker) locate(ctx context.Context, ref integrations.Ref) (located, error) {
	key, path, err := issuePath(ref.Key)
	if err != nil {
		return located{}, err
	}
	got, err := t.client.get(ctx, path, "")
	if err != nil {
		return located{}, err
	}
	var raw json.RawMessage
	if err := got.decode(&raw); err != nil {
		return located{}, err
	}
	key = keyOf(got, raw, key)
	in, err := decodeIssue(raw)
	if err != nil {
		return located{}, &integrations.BrokenError{Broken: brokenItem(raw, key, err)}
	}
	issue := in.issue(home{key: key})
	if ref.ID != "" && ref.ID != issue.Ref.ID {
		if got.redirected {
			return located{}, &integrations.MovedError{To: issue.Ref}
		}
		// The name was given to another repository: this is a stranger.
		return located{}, integrations.ErrNotFound
	}
	if _, path, err = issuePath(issue.Ref.Key); err != nil {
		return located{}, err
	}
	return located{Issue: issue, path: path, comments: in.GetComments(), locked: in.GetLocked()}, nil
}

// sourceID is the id of a repository, asked for once and then remembered.
func (t *Tracker) sourceID(ctx context.Context, key string) (string, error) {
	t.mu.Lock()
	id := t.homes[strings.ToLower(key)]
	t.mu.Unlock()
	if id != "" {
		return id, nil
	}
	path, err := repoPath(key)
	if err != nil {
		return "", err
	}
	got, err := t.client.get(ctx, path, "")
	if err != nil {
		return "", err
	}
	var r github.Repository
	if err := got.decode(&r); err != nil {
		return "", err
	}
	if r.GetID() == 0 {
		return "", got.unreadable(errors.New("a repository without an id"))
	}
	id = strconv.FormatInt(r.GetID(), 10)
	t.remember(key, id)
	return id, nil
}

// remember notes a repository's id.
func (t *Tracker) remember(key, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.homes[strings.ToLower(key)] = id
}
