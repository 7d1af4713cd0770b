// Package jira is the Jira driver: Jira Cloud and Jira Data Center behind
// integrations.Tracker.
//
// Requests are made by go-jira, so its headers and bodies are its business, but
// they are sent, judged and decoded here: the SDK searches by an address that
// Cloud no longer has, loses a whole page to one description it does not know,
// and tells limits by no error of its own. See client.go (sending and judging),
// site.go (what one Jira is like), search.go (walking), convert.go and adf.go
// (reading), parse.go (webhooks), history.go and link.go.
package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/andygrunwald/go-jira"

	"github.com/needle-okr/needle/integrations"
)

const (
	exampleURL = "https://your-site.atlassian.net/"
	// maxPageSize is the most issues to ask for at once: more would make an
	// answer with long descriptions slow to build on Jira's side.
	maxPageSize = 100
	// requestTimeout bounds one request, its body included.
	requestTimeout = time.Minute
)

// Tracker is one opened connection to a Jira. It implements
// integrations.Tracker, WebhookParser, Census, History, Sizer, Lagger, Linker and
// Searcher.
type Tracker struct {
	client *client
	site   *site
}

var (
	_ integrations.Tracker       = (*Tracker)(nil)
	_ integrations.WebhookParser = (*Tracker)(nil)
	_ integrations.Census        = (*Tracker)(nil)
	_ integrations.History       = (*Tracker)(nil)
	_ integrations.Sizer         = (*Tracker)(nil)
	_ integrations.Lagger        = (*Tracker)(nil)
	_ integrations.Linker        = (*Tracker)(nil)
	_ integrations.Searcher      = (*Tracker)(nil)
)

// Driver describes Jira to the registry.
func Driver() integrations.Driver {
	return integrations.Driver{
		Kind:      "jira",
		Name:      "Jira",
		Prototype: (*Tracker)(nil),
		Fields: []integrations.Field{
			{
				Name: "baseUrl", Label: "Address", Required: true, Check: checkBaseURL,
				Help: "Of a Cloud site, as in " + exampleURL + ", or of a Data Center server with its path. With an OAuth token: https://api.atlassian.com/ex/jira/ and the cloud id.",
			},
			{
				Name: "email", Label: "E-mail",
				Help: "With an API token of Jira Cloud: whose it is. Leave it empty for a personal access token of Data Center and for an OAuth token.",
			},
			{
				Name: "token", Label: "Token", Secret: true, Required: true,
				Help: "An API token (Cloud), a personal access token (Data Center) or an OAuth access token that may browse the projects.",
			},
			{
				Name: "estimateField", Label: "Estimate field",
				Help: "The name or id of the number field that holds estimates. Left empty, story points are found by themselves.",
			},
		},
		Open: open,
	}
}

// checkBaseURL says what is wrong with an address.
func checkBaseURL(text string) error {
	_, err := integrations.ParseBaseURL(text, exampleURL)
	return err
}

// open makes a tracker of checked settings.
func open(_ context.Context, s integrations.Settings, env integrations.Env) (integrations.Tracker, error) {
	base, err := integrations.ParseBaseURL(s["baseUrl"], exampleURL)
	if err != nil {
		return nil, &integrations.SettingsError{Fields: []integrations.FieldError{{Field: "baseUrl", Message: err.Error()}}}
	}
	httpClient := &http.Client{
		Transport: env.Transport,
		Timeout:   requestTimeout,
		// A redirect leads to a login page or away with the token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	sdk, err := jira.NewClient(httpClient, base.String())
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	c := &client{
		sdk: sdk, http: httpClient, base: base, email: s["email"], token: s["token"], userAgent: env.UserAgent,
		gate: integrations.NewGate(env.Now),
	}
	return &Tracker{client: c, site: &site{client: c, estimateField: s["estimateField"]}}, nil
}

// Check asks who the token belongs to.
func (t *Tracker) Check(ctx context.Context) (integrations.Account, error) {
	var me jira.User
	err := t.client.get(ctx, "rest/api/2/myself", &me)
	if err == nil && account(&me).ID == "" {
		err = unreadable(http.StatusOK, errors.New("an account without an id"))
	}
	if err != nil {
		return integrations.Account{}, fmt.Errorf("checking the token: %w", err)
	}
	return account(&me), nil
}

// projectJSON is a project. The SDK's type lacks isPrivate and archived.
type projectJSON struct {
	ID        string `json:"id"`
	Key       string `json:"key"`
	Name      string `json:"name"`
	IsPrivate bool   `json:"isPrivate"`
	Archived  bool   `json:"archived"`
}

// Lag is how far the search index may be behind: Cloud's is fed by a queue, Data
// Center's by the node that took the change.
func (t *Tracker) Lag() time.Duration {
	t.site.mu.Lock()
	defer t.site.mu.Unlock()
	if known := t.site.knownAbout; known != nil && !known.cloud {
		return 5 * time.Minute
	}
	return 10 * time.Minute
}

// Sources lists the projects that the token's owner can see: on Cloud by pages,
// on Data Center, which has no pages of them, all at once.
func (t *Tracker) Sources(ctx context.Context, after integrations.Cursor) ([]integrations.Source, integrations.Cursor, error) {
	sources, next, err := t.sources(ctx, after)
	if err != nil {
		return nil, "", fmt.Errorf("listing projects: %w", err)
	}
	return sources, next, nil
}

// sources is Sources without the words around its errors.
func (t *Tracker) sources(ctx context.Context, after integrations.Cursor) ([]integrations.Source, integrations.Cursor, error) {
	about, err := t.site.about(ctx)
	if err != nil {
		return nil, "", err
	}
	if !about.cloud {
		var all []projectJSON
		if err := t.client.get(ctx, "rest/api/2/project", &all); err != nil {
			return nil, "", err
		}
		return about.sources(all), "", nil
	}
	start, err := offset(after)
	if err != nil {
		return nil, "", err
	}
	var page struct {
		Values []projectJSON `json:"values"`
		IsLast bool          `json:"isLast"`
	}
	path := "rest/api/3/project/search?maxResults=50&orderBy=key&startAt=" + strconv.Itoa(start)
	if err := t.client.get(ctx, path, &page); err != nil {
		return nil, "", err
	}
	if page.IsLast || len(page.Values) == 0 {
		return about.sources(page.Values), "", nil
	}
	return about.sources(page.Values), offsetCursor(start + len(page.Values)), nil
}

// sources converts projects; those without a name to walk them by are left out.
func (a about) sources(projects []projectJSON) []integrations.Source {
	out := make([]integrations.Source, 0, len(projects))
	for _, p := range projects {
		if p.ID != "" && p.Key != "" {
			out = append(out, integrations.Source{
				ID: p.ID, Key: p.Key, Name: p.Name, URL: a.browse(p.Key), Private: p.IsPrivate, Archived: p.Archived,
			})
		}
	}
	return out
}

// Issue reads one issue by its id. Jira tells neither of a deletion nor of a
// missing permission: both are ErrNotFound.
func (t *Tracker) Issue(ctx context.Context, ref integrations.Ref) (integrations.Issue, error) {
	issue, err := t.issue(ctx, ref)
	if err != nil {
		return integrations.Issue{}, fmt.Errorf("reading issue %s: %w", ref.Key, err)
	}
	return issue, nil
}

// issue is Issue without the words around its errors.
func (t *Tracker) issue(ctx context.Context, ref integrations.Ref) (integrations.Issue, error) {
	about, err := t.site.about(ctx)
	if err != nil {
		return integrations.Issue{}, err
	}
	fields, err := t.site.fields(ctx)
	if err != nil {
		return integrations.Issue{}, err
	}
	name, err := nameOf(ref)
	if err != nil {
		return integrations.Issue{}, err
	}
	var raw rawIssue
	path := about.api + "issue/" + name + "?" + url.Values{"fields": {strings.Join(fields.wanted(), ",")}}.Encode()
	if err := t.client.get(ctx, path, &raw); err != nil {
		return integrations.Issue{}, err
	}
	issue, err := convert(raw, about, fields)
	if err != nil {
		return integrations.Issue{}, &integrations.BrokenError{Broken: brokenIssue(raw, err)}
	}
	if ref.ID != "" && ref.ID != issue.Ref.ID {
		return integrations.Issue{}, integrations.ErrNotFound
	}
	return issue, nil
}

// nameOf is what an address names an issue by: the id, which no move changes,
// or the key where that is all that is known.
func nameOf(ref integrations.Ref) (string, error) {
	if _, err := strconv.ParseUint(ref.ID, 10, 63); err == nil {
		return ref.ID, nil
	}
	if ref.ID == "" && issueKey.MatchString(ref.Key) {
		return url.PathEscape(ref.Key), nil
	}
	return "", &integrations.RejectedError{Reason: "not the id of a Jira issue"}
}

// pageSize is the number of items to ask for.
func pageSize(q integrations.Query) int {
	if q.PageSize <= 0 || q.PageSize > maxPageSize {
		return maxPageSize
	}
	return q.PageSize
}
