package jira

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// maxPages ends a walk that follows tokens for ever: a million issues.
const maxPages = 10_000

// Cursors read "at:offset" where pages are told apart by offset and
// "token:pages:token" where each page names the next.
const (
	offsetPrefix = "at:"
	tokenPrefix  = "token:"
)

var errCursor = &integrations.RejectedError{Reason: "not a cursor of this walk"}

// offsetCursor marks a place by offset.
func offsetCursor(n int) integrations.Cursor {
	return integrations.Cursor(offsetPrefix + strconv.Itoa(n))
}

// offset reads a cursor made by offsetCursor; empty is the beginning.
func offset(c integrations.Cursor) (int, error) {
	if c == "" {
		return 0, nil
	}
	text, ok := strings.CutPrefix(string(c), offsetPrefix)
	n, err := strconv.Atoi(text)
	if !ok || err != nil || n <= 0 {
		return 0, errCursor
	}
	return n, nil
}

// place is where a walk by tokens stands.
type place struct {
	pages int
	token string
}

// tokenCursor marks a place by the token of the next page.
func tokenCursor(p place) integrations.Cursor {
	return integrations.Cursor(tokenPrefix + strconv.Itoa(p.pages) + ":" + base64.RawURLEncoding.EncodeToString([]byte(p.token)))
}

// placeOf reads a cursor made by tokenCursor; empty is the beginning.
func placeOf(c integrations.Cursor) (place, error) {
	if c == "" {
		return place{}, nil
	}
	parts := strings.Split(string(c), ":")
	if len(parts) != 3 || parts[0]+":" != tokenPrefix {
		return place{}, errCursor
	}
	pages, err := strconv.Atoi(parts[1])
	token, err2 := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || err2 != nil || pages < 1 || len(token) == 0 {
		return place{}, errCursor
	}
	return place{pages: pages, token: string(token)}, nil
}

// question is a search.
type question struct {
	jql    string
	fields []string
	size   int
	after  integrations.Cursor
}

// answer is a page of what was found.
type answer struct {
	issues []rawIssue
	next   integrations.Cursor
}

// search asks for one page, in the way of the deployment.
func (t *Tracker) search(ctx context.Context, at about, q question) (answer, error) {
	if at.cloud {
		return t.searchByToken(ctx, q)
	}
	return t.searchByOffset(ctx, q)
}

// searchByToken searches on Cloud. It tells no total, and a page may be empty
// although more follow.
func (t *Tracker) searchByToken(ctx context.Context, q question) (answer, error) {
	from, err := placeOf(q.after)
	if err != nil {
		return answer{}, err
	}
	body := map[string]any{"jql": q.jql, "fields": q.fields, "maxResults": q.size}
	if from.token != "" {
		body["nextPageToken"] = from.token
	}
	var page struct {
		Issues *[]rawIssue `json:"issues"`
		Next   string      `json:"nextPageToken"`
		IsLast bool        `json:"isLast"`
	}
	if err := t.client.do(ctx, http.MethodPost, "rest/api/3/search/jql", body, &page); err != nil {
		return answer{}, err
	}
	switch {
	case page.Issues == nil:
		return answer{}, unreadable(http.StatusOK, errors.New("no list of issues"))
	case page.Next == "" || page.IsLast:
		return answer{issues: *page.Issues}, nil
	case page.Next == from.token:
		return answer{}, unreadable(http.StatusOK, errors.New("the page names itself as the next"))
	case from.pages+1 >= maxPages:
		return answer{}, &integrations.RejectedError{Reason: "the walk does not end"}
	}
	return answer{*page.Issues, tokenCursor(place{from.pages + 1, page.Next})}, nil
}

// searchByOffset searches on Data Center.
func (t *Tracker) searchByOffset(ctx context.Context, q question) (answer, error) {
	start, err := offset(q.after)
	if err != nil {
		return answer{}, err
	}
	body := map[string]any{"jql": q.jql, "fields": q.fields, "maxResults": q.size, "startAt": start}
	var page struct {
		Issues *[]rawIssue `json:"issues"`
		Total  int         `json:"total"`
	}
	if err := t.client.do(ctx, http.MethodPost, "rest/api/2/search", body, &page); err != nil {
		return answer{}, err
	}
	if page.Issues == nil {
		return answer{}, unreadable(http.StatusOK, errors.New("no list of issues"))
	}
	// The server may give fewer than it was asked for.
	if reached := start + len(*page.Issues); len(*page.Issues) > 0 && reached < page.Total {
		return answer{*page.Issues, offsetCursor(reached)}, nil
	}
	return answer{issues: *page.Issues}, nil
}

// within is the part of a query that bounds it to a project: by id where it is
// known, since keys change.
func within(s integrations.Source) (string, error) {
	if _, err := strconv.ParseUint(s.ID, 10, 63); err == nil {
		return "project = " + s.ID, nil
	}
	if s.ID == "" && projectKey(s.Key) {
		return `project = "` + s.Key + `"`, nil
	}
	return "", &integrations.RejectedError{Reason: "not the id of a Jira project"}
}

// projectKey says whether a text can be a project's key.
func projectKey(key string) bool { return issueKey.MatchString(key + "-1") }

// Issues answers one page of a project's issues by change time.
//
// Times are asked for as unquoted milliseconds since 1970: quoted ones have
// minutes, in the zone of the token's owner, and lose issues without a word.
func (t *Tracker) Issues(ctx context.Context, q integrations.Query) (integrations.Page, error) {
	page, err := t.issues(ctx, q)
	if err != nil {
		return integrations.Page{}, fmt.Errorf("listing issues of %s: %w", q.Source.Key, err)
	}
	return page, nil
}

// issues is Issues without the words around its errors.
func (t *Tracker) issues(ctx context.Context, q integrations.Query) (integrations.Page, error) {
	jql, err := within(q.Source)
	if err != nil {
		return integrations.Page{}, err
	}
	if !q.Since.IsZero() {
		jql += " AND updated >= " + strconv.FormatInt(q.Since.UnixMilli(), 10)
	}
	about, err := t.site.about(ctx)
	if err != nil {
		return integrations.Page{}, err
	}
	fields, err := t.site.fields(ctx)
	if err != nil {
		return integrations.Page{}, err
	}
	found, err := t.search(ctx, about, question{
		jql: jql + " ORDER BY updated ASC, key ASC", fields: fields.wanted(), size: pageSize(q), after: q.After,
	})
	if err != nil {
		return integrations.Page{}, t.explain(ctx, q.Source, err)
	}
	page := integrations.Page{Requests: 1, Next: found.next}
	for _, raw := range found.issues {
		addTo(&page, raw, about, fields, q.Since)
	}
	return page, nil
}

// addTo decodes one found issue into the page. Cloud's index lags behind: it may
// still find an issue by a time that its own record is past already, and the
// record is what counts.
func addTo(page *integrations.Page, raw rawIssue, at about, f fields, since time.Time) {
	issue, err := convert(raw, at, f)
	changed := issue.UpdatedAt
	switch {
	case err != nil:
		broken := brokenIssue(raw, err)
		page.Broken = append(page.Broken, broken)
		changed = broken.UpdatedAt
	case changed.Before(since):
		return
	default:
		page.Issues = append(page.Issues, issue)
	}
	if changed.After(page.Through) {
		page.Through = changed
	}
}

// explain tells a project that is not there from a question that is wrong: Jira
// refuses both alike, in words of the server's language.
func (t *Tracker) explain(ctx context.Context, s integrations.Source, err error) error {
	rejected := (*integrations.RejectedError)(nil)
	if !errors.As(err, &rejected) || rejected.Status != http.StatusBadRequest {
		return err
	}
	name := s.ID
	if name == "" {
		name = s.Key
	}
	var project projectJSON
	if missing := t.client.get(ctx, "rest/api/2/project/"+name, &project); errors.Is(missing, integrations.ErrNotFound) {
		return missing
	}
	return err
}

// IDs answers one page of the names of all issues of a project, by age, so that
// changes meanwhile do not move issues from page to page.
func (t *Tracker) IDs(ctx context.Context, q integrations.Query) ([]integrations.Ref, integrations.Cursor, error) {
	refs, next, err := t.ids(ctx, q)
	if err != nil {
		return nil, "", fmt.Errorf("counting issues of %s: %w", q.Source.Key, err)
	}
	return refs, next, nil
}

// ids is IDs without the words around its errors.
func (t *Tracker) ids(ctx context.Context, q integrations.Query) ([]integrations.Ref, integrations.Cursor, error) {
	jql, err := within(q.Source)
	if err != nil {
		return nil, "", err
	}
	about, err := t.site.about(ctx)
	if err != nil {
		return nil, "", err
	}
	found, err := t.search(ctx, about, question{
		jql: jql + " ORDER BY created ASC, key ASC", fields: []string{"created"}, size: pageSize(q), after: q.After,
	})
	if err != nil {
		return nil, "", t.explain(ctx, q.Source, err)
	}
	refs := make([]integrations.Ref, 0, len(found.issues))
	for _, raw := range found.issues {
		if _, err := strconv.ParseUint(raw.ID, 10, 63); err != nil {
			// A census with a hole would report a living issue missing.
			return nil, "", unreadable(http.StatusOK, errors.New("an issue without an id"))
		}
		refs = append(refs, integrations.Ref{ID: raw.ID, Key: raw.Key})
	}
	return refs, found.next, nil
}

// Size counts the issues of a project; on Cloud roughly.
func (t *Tracker) Size(ctx context.Context, s integrations.Source) (int, error) {
	n, err := t.size(ctx, s)
	if err != nil {
		return 0, fmt.Errorf("sizing %s: %w", s.Key, err)
	}
	return n, nil
}

// size is Size without the words around its errors.
func (t *Tracker) size(ctx context.Context, s integrations.Source) (int, error) {
	jql, err := within(s)
	if err != nil {
		return 0, err
	}
	about, err := t.site.about(ctx)
	if err != nil {
		return 0, err
	}
	var counted struct {
		Count int `json:"count"`
		Total int `json:"total"`
	}
	if about.cloud {
		err = t.client.do(ctx, http.MethodPost, "rest/api/3/search/approximate-count", map[string]any{"jql": jql}, &counted)
		return counted.Count, err
	}
	err = t.client.do(ctx, http.MethodPost, "rest/api/2/search", map[string]any{"jql": jql, "maxResults": 0, "fields": []string{}}, &counted)
	return counted.Total, err
}
