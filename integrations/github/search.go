package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// maxMatches is how many matches of a search GitHub shows, whatever there are.
const maxMatches = 1000

// matchesJSON is a page of matches.
type matchesJSON struct {
	Total      *int              `json:"total_count"`
	Incomplete bool              `json:"incomplete_results"`
	Items      []json.RawMessage `json:"items"`
}

// Search answers the issues of a repository that match a text in GitHub's search
// language; pull requests are left out. The text is searched within the
// repository, and whatever it says of other places, nothing from there is
// answered. A search with more matches than GitHub shows is refused, not cut.
func (t *Tracker) Search(ctx context.Context, q integrations.Query, text string) ([]integrations.Ref, integrations.Cursor, error) {
	refs, next, err := t.search(ctx, q, text)
	if err != nil {
		return nil, "", fmt.Errorf("searching %s: %w", q.Source.Key, err)
	}
	return refs, next, nil
}

// search is Search without the words around its errors. Search alone does not
// follow the former names of a repository, so that is tried last.
func (t *Tracker) search(ctx context.Context, q integrations.Query, text string) ([]integrations.Ref, integrations.Cursor, error) {
	if _, err := repoPath(q.Source.Key); err != nil {
		return nil, "", err
	}
	refs, next, err := t.searchIn(ctx, q, q.Source.Key, text)
	rejected := (*integrations.RejectedError)(nil)
	if q.After != "" || !errors.As(err, &rejected) || rejected.Status != http.StatusUnprocessableEntity {
		return refs, next, err
	}
	now, renamed := t.presentKey(ctx, q.Source.Key)
	if renamed != nil {
		return nil, "", renamed
	}
	if strings.EqualFold(now, q.Source.Key) {
		return nil, "", err
	}
	return t.searchIn(ctx, q, now, text)
}

// searchIn searches a repository by its present key.
func (t *Tracker) searchIn(ctx context.Context, q integrations.Query, key, text string) ([]integrations.Ref, integrations.Cursor, error) {
	options := url.Values{
		"q": {within(key, text)}, "sort": {"created"}, "order": {"asc"}, "per_page": {strconv.Itoa(pageSize(q))},
		"advanced_search": {"true"},
	}
	at, err := startOr(q.After, "search/issues?"+options.Encode())
	if err != nil {
		return nil, "", err
	}
	got, err := t.client.do(ctx, ask{address: at.path, limits: t.client.search})
	if err != nil {
		return nil, "", err
	}
	var found matchesJSON
	err = got.decode(&found)
	switch {
	case err != nil:
		return nil, "", err
	case found.Total == nil || found.Items == nil:
		return nil, "", got.unreadable(errors.New("no matches"))
	case found.Incomplete:
		return nil, "", &integrations.UnavailableError{Status: got.status, Err: errors.New("GitHub gave up searching before it had seen everything")}
	case *found.Total > maxMatches:
		return nil, "", &integrations.RejectedError{
			Reason: fmt.Sprintf("%d issues match and GitHub shows only the first %d: search for less", *found.Total, maxMatches),
		}
	}
	refs, outside, err := matches(key, found.Items, got)
	if err == nil && outside && q.After != "" {
		// The first page may have been asked for by another key of the repository.
		if key, err = t.presentKey(ctx, key); err == nil {
			refs, _, err = matches(key, found.Items, got)
		}
	}
	if err != nil {
		return nil, "", err
	}
	next, err := t.client.next(at, got)
	return refs, next, err
}

// matches names the issues among the matches that are in a repository, and says
// whether there are others.
func matches(key string, items []json.RawMessage, got reply) (refs []integrations.Ref, outside bool, err error) {
	refs = make([]integrations.Ref, 0, len(items))
	for _, raw := range items {
		var i itemJSON
		if err := json.Unmarshal(raw, &i); err != nil || i.ID <= 0 || i.Number <= 0 {
			return nil, false, got.unreadable(errors.New("a match without id or number"))
		}
		in := repositoryKey(raw, "")
		if !strings.EqualFold(in, key) {
			outside = true
		} else if i.PullRequest == nil {
			refs = append(refs, refTo(i.ID, in, i.Number))
		}
	}
	return refs, outside, nil
}

// presentKey is what a repository is called now.
func (t *Tracker) presentKey(ctx context.Context, key string) (string, error) {
	path, err := repoPath(key)
	if err != nil {
		return "", err
	}
	got, err := t.client.get(ctx, path, "")
	if err != nil {
		return "", err
	}
	var r placeJSON
	if err := got.decode(&r); err != nil {
		return "", err
	}
	if _, err := repoPath(r.FullName); err != nil {
		return "", got.unreadable(errors.New("a repository without a name"))
	}
	return r.FullName, nil
}

// within puts a text inside a repository. Brackets keep an OR of the text from
// reaching around it; older servers, which know no OR, get none to stumble over.
func within(key, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if strings.Contains(text, " OR ") {
		text = "(" + text + ")"
	}
	return strings.TrimSpace("repo:" + key + " is:issue " + text)
}
