// Package github is the GitHub driver: github.com and GitHub Enterprise Server
// behind integrations.Tracker.
//
// Requests are made by go-github, so headers and API version are its business,
// but they are sent and judged here. The SDK's Do calls 304 and redirects
// errors, takes 429 and most secondary limits for plain failures, keeps its
// limits by the wall clock, and would follow a redirect with the token to any
// host. See request.go (sending), limit.go (judging), link.go (walking),
// convert.go and parse.go (reading).
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
	"sync"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-github/v60/github"

	"github.com/needle-okr/needle/integrations"
)

const (
	defaultBaseURL = "https://api.github.com/"
	// maxPageSize is the most GitHub gives at once.
	maxPageSize = 100
	// requestTimeout bounds one request, its body included.
	requestTimeout = time.Minute
)

// Tracker is one opened connection to GitHub. It implements integrations.Tracker
// and every optional interface but Creator.
type Tracker struct {
	client *client

	mu    sync.Mutex
	homes map[string]string // repository ids by lower-case owner/name
	self  string            // id of the token's owner, see backlink.go
}

var (
	_ integrations.Tracker       = (*Tracker)(nil)
	_ integrations.WebhookParser = (*Tracker)(nil)
	_ integrations.Census        = (*Tracker)(nil)
	_ integrations.History       = (*Tracker)(nil)
	_ integrations.Linker        = (*Tracker)(nil)
	_ integrations.Searcher      = (*Tracker)(nil)
	_ integrations.Redeliverer   = (*Tracker)(nil)
)

// Driver describes GitHub to the registry.
func Driver() integrations.Driver {
	return integrations.Driver{
		Kind:      "github",
		Name:      "GitHub",
		Prototype: (*Tracker)(nil),
		Fields: []integrations.Field{
			{
				Name: "token", Label: "Access token", Secret: true,
				Help: "A fine-grained or classic personal access token that may read issues and metadata. Leave it empty to connect as a GitHub App.",
			},
			{
				Name: "appId", Label: "App ID", Check: checkAppID,
				Help: "The number on the GitHub App's settings page. With it come installationId and privateKey, and no token.",
			},
			{
				Name: "installationId", Label: "Installation ID", Check: checkAppID,
				Help: "The number at the end of the address of the App's installation, under Settings, Applications, Configure.",
			},
			{
				Name: "privateKey", Label: "Private key", Secret: true, Check: checkPrivateKey,
				Help: "The whole .pem file that GitHub gave when the App's private key was generated.",
			},
			{
				Name: "baseUrl", Label: "API address", Default: defaultBaseURL, Check: checkBaseURL,
				Help: "Leave it for github.com. For GitHub Enterprise Server it ends in /api/v3/.",
			},
		},
		Check: checkSettings,
		Open:  open,
	}
}

// open makes a tracker of checked settings.
func open(_ context.Context, s integrations.Settings, env integrations.Env) (integrations.Tracker, error) {
	base, err := integrations.ParseBaseURL(s["baseUrl"], defaultBaseURL)
	if err != nil {
		return nil, &integrations.SettingsError{Fields: []integrations.FieldError{{Field: "baseUrl", Message: err.Error()}}}
	}
	httpClient := &http.Client{
		Transport: env.Transport,
		Timeout:   requestTimeout,
		// Redirects are followed by client.get, which looks where they lead.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	sdk := github.NewClient(httpClient)
	sdk.BaseURL, sdk.UserAgent = base, env.UserAgent
	all := integrations.NewGate(env.Now)
	c := &client{
		sdk: sdk, http: httpClient, token: s["token"],
		core:   &limits{gate: all, all: all},
		search: &limits{gate: integrations.NewGate(env.Now), all: all},
	}
	if c.token == "" {
		if c.app, err = newApp(s, *httpClient, all, env.Now); err != nil {
			return nil, &integrations.SettingsError{Fields: []integrations.FieldError{{Field: "privateKey", Message: err.Error()}}}
		}
	}
	return &Tracker{client: c, homes: map[string]string{}}, nil
}

// checkBaseURL says what is wrong with an API address.
func checkBaseURL(text string) error {
	_, err := integrations.ParseBaseURL(text, defaultBaseURL)
	return err
}

// Check asks who the credential belongs to. An app's token belongs to no account,
// so it is tried on an address that any valid token can read.
func (t *Tracker) Check(ctx context.Context) (integrations.Account, error) {
	if t.client.app != nil {
		self, err := t.appAccount(ctx)
		if err != nil {
			return integrations.Account{}, fmt.Errorf("checking the app: %w", err)
		}
		return self, nil
	}
	got, err := t.client.get(ctx, "user", "")
	if errors.Is(err, integrations.ErrForbidden) {
		if _, err := t.client.get(ctx, "rate_limit", ""); err != nil {
			return integrations.Account{}, fmt.Errorf("checking the token: %w", err)
		}
		return integrations.Account{Name: "GitHub App installation"}, nil
	}
	if err != nil {
		return integrations.Account{}, fmt.Errorf("checking the token: %w", err)
	}
	var user github.User
	err = got.decode(&user)
	if err == nil && user.GetID() == 0 {
		err = got.unreadable(errors.New("an account without an id"))
	}
	if err != nil {
		return integrations.Account{}, fmt.Errorf("checking the token: %w", err)
	}
	return account(&user), nil
}

// Sources lists the repositories that the token's owner, or the app, can see
// and that have issues.
func (t *Tracker) Sources(ctx context.Context, after integrations.Cursor) ([]integrations.Source, integrations.Cursor, error) {
	const ofApp = "installation/repositories?per_page=100"
	first := "user/repos?per_page=100&sort=full_name"
	if t.client.app != nil {
		first = ofApp
	}
	at, err := startOr(after, first)
	if err != nil {
		return nil, "", fmt.Errorf("listing repositories: %w", err)
	}
	got, err := t.client.get(ctx, at.path, "")
	if after == "" && first != ofApp && errors.Is(err, integrations.ErrForbidden) {
		at = start(ofApp)
		got, err = t.client.get(ctx, at.path, "")
	}
	if err != nil {
		return nil, "", fmt.Errorf("listing repositories: %w", err)
	}
	repos, err := decodeRepositories(got)
	if err != nil {
		return nil, "", fmt.Errorf("listing repositories: %w", err)
	}
	sources := make([]integrations.Source, 0, len(repos))
	for _, r := range repos {
		if r.GetID() != 0 && (r.HasIssues == nil || *r.HasIssues) {
			sources = append(sources, source(r))
		}
	}
	next, err := t.client.next(at, got)
	if err != nil {
		return nil, "", fmt.Errorf("listing repositories: %w", err)
	}
	return sources, next, nil
}

// decodeRepositories reads a list of repositories in either of its two shapes.
func decodeRepositories(got reply) ([]*github.Repository, error) {
	var list github.ListRepositories
	into := any(&list.Repositories)
	if strings.HasPrefix(strings.TrimSpace(string(got.body)), "{") {
		into = &list
	}
	err := got.decode(into)
	if err == nil && list.Repositories == nil {
		err = got.unreadable(errors.New("no list"))
	}
	return list.Repositories, err
}

// Issues answers one page of a repository's issues by change time.
func (t *Tracker) Issues(ctx context.Context, q integrations.Query) (integrations.Page, error) {
	page, err := t.issues(ctx, q)
	if err != nil {
		return integrations.Page{}, fmt.Errorf("listing issues of %s: %w", q.Source.Key, err)
	}
	return page, nil
}

// issues is Issues without the words around its errors.
func (t *Tracker) issues(ctx context.Context, q integrations.Query) (integrations.Page, error) {
	options := url.Values{
		"state": {"all"}, "sort": {"updated"}, "direction": {"asc"}, "per_page": {strconv.Itoa(pageSize(q))},
	}
	if !q.Since.IsZero() {
		options.Set("since", q.Since.UTC().Format(time.RFC3339))
	}
	got, next, err := t.list(ctx, q, options, etagFor(q.Validator, q, options))
	if err != nil {
		return integrations.Page{}, err
	}
	page := integrations.Page{Requests: got.requests, Quota: t.client.core.quota(), Next: next}
	if got.status == http.StatusNotModified {
		page.NotModified, page.Validator, page.Next = true, q.Validator, ""
		return page, nil
	}
	if err := fill(&page, got, q); err != nil {
		return integrations.Page{}, err
	}
	// Only a page on which the walk ends stands for the whole walk: behind any
	// other there may be changes although the page itself is the same.
	if q.After == "" && next == "" {
		page.Validator = validator(got.header.Get("ETag"), q, options)
	}
	return page, nil
}

// decodeList splits a list into its items, each to be decoded by itself.
func decodeList(got reply) ([]json.RawMessage, error) {
	var raws []json.RawMessage
	err := got.decode(&raws)
	if err == nil && raws == nil {
		// A null would pass for an empty page, which ends a walk.
		err = got.unreadable(errors.New("no list"))
	}
	return raws, err
}

// fill reads the listed items into the page. Nearly always all of them are sound
// and are read at once; else each is read by itself, so that only the broken ones
// are set aside.
func fill(page *integrations.Page, got reply, q integrations.Query) error {
	if sound(got, page, q) {
		return nil
	}
	raws, err := decodeList(got)
	if err != nil {
		return err
	}
	for _, raw := range raws {
		key := keyOf(got, raw, q.Source.Key)
		issue, err := convert(raw, home{id: q.Source.ID, key: key})
		if err != nil {
			broken := brokenItem(raw, key, err)
			page.Broken = append(page.Broken, broken)
			reach(page, broken.UpdatedAt)
			continue
		}
		addTo(page, issue, q)
	}
	return nil
}

// sound reads a list without a broken item. It reports false, and leaves the page
// as it is, when there is one. It reads with what is to become the next
// encoding/json: three times as fast, and stricter, so that what it takes means
// the same to both.
func sound(got reply, page *integrations.Page, q integrations.Query) bool {
	var all []issueJSON
	if got.redirected || jsonv2.Unmarshal(got.body, &all, jsontext.AllowDuplicateNames(true)) != nil || all == nil {
		return false
	}
	for i := range all {
		if all[i].check() != nil {
			return false
		}
	}
	for i := range all {
		addTo(page, all[i].issue(home{id: q.Source.ID, key: q.Source.Key}), q)
	}
	return true
}

// addTo adds an issue to the page.
func addTo(page *integrations.Page, issue integrations.Issue, q integrations.Query) {
	reach(page, issue.UpdatedAt)
	if issue.PullRequest && !q.IncludePullRequests {
		page.Skipped++
		return
	}
	page.Issues = append(page.Issues, issue)
}

// reach notes that the page tells of a change.
func reach(page *integrations.Page, changed time.Time) {
	if changed.After(page.Through) {
		page.Through = changed
	}
}

// keyOf is the key of the repository of a listed item: when the listing was found
// under a new name, the item knows it.
func keyOf(got reply, raw json.RawMessage, asked string) string {
	if !got.redirected {
		return asked
	}
	return repositoryKey(raw, asked)
}

// list fetches one page of a repository's issue listing.
func (t *Tracker) list(ctx context.Context, q integrations.Query, options url.Values, etag string) (reply, integrations.Cursor, error) {
	path, err := repoPath(q.Source.Key)
	if err != nil {
		return reply{}, "", err
	}
	at, err := startOr(q.After, path+"/issues?"+options.Encode())
	if err != nil {
		return reply{}, "", err
	}
	got, err := t.client.get(ctx, at.path, etag)
	if err != nil {
		return reply{}, "", err
	}
	next, err := t.client.next(at, got)
	if err != nil {
		return reply{}, "", err
	}
	if q.Source.ID != "" {
		t.remember(q.Source.Key, q.Source.ID)
	}
	return got, next, nil
}

// pageSize is the number of items to ask for.
func pageSize(q integrations.Query) int {
	if q.PageSize <= 0 || q.PageSize > maxPageSize {
		return maxPageSize
	}
	return q.PageSize
}
