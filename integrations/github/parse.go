package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// payload is what is read of a webhook. The SDK's types lack sub_issues and the
// target of a transfer.
type payload struct {
	Action     string       `json:"action"`
	Issue      *itemJSON    `json:"issue"`
	Repository *placeJSON   `json:"repository"`
	Changes    *changesJSON `json:"changes"`

	SubIssue       *itemJSON  `json:"sub_issue"`
	SubIssueRepo   *placeJSON `json:"sub_issue_repo"`
	ParentIssue    *itemJSON  `json:"parent_issue"`
	ParentIssueRep *placeJSON `json:"parent_issue_repo"`

	// What an App was given and what was taken from it.
	Repositories        []placeJSON `json:"repositories"`
	RepositoriesAdded   []placeJSON `json:"repositories_added"`
	RepositoriesRemoved []placeJSON `json:"repositories_removed"`
}

type itemJSON struct {
	ID          int64     `json:"id"`
	Number      int       `json:"number"`
	PullRequest *struct{} `json:"pull_request"`
}

type placeJSON struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`
}

type changesJSON struct {
	NewIssue      *itemJSON  `json:"new_issue"`
	NewRepository *placeJSON `json:"new_repository"`
}

// ParseWebhook verifies a delivery and says which issues to look at again.
//
// Only X-Hub-Signature-256 counts: the older SHA-1 signature is ignored, and a
// connection without a secret takes no webhooks at all. Pull request events give
// no hint, since they carry the pull request's id and not the issue's. What
// happens to a repository, or to an App's access to it, is a hint to walk it.
func (t *Tracker) ParseWebhook(d integrations.Delivery, secret []byte) ([]integrations.Hint, error) {
	return parseWebhook(d, secret)
}

// parseWebhook is ParseWebhook; it needs nothing of the connection.
func parseWebhook(d integrations.Delivery, secret []byte) ([]integrations.Hint, error) {
	header := http.Header(d.Header)
	if !integrations.SignedSHA256(d.Body, header.Get("X-Hub-Signature-256"), secret) {
		return nil, integrations.ErrSignature
	}
	event, id := header.Get("X-GitHub-Event"), header.Get("X-GitHub-Delivery")
	if event == "" || id == "" {
		return nil, fmt.Errorf("%w: no event or delivery id", integrations.ErrMalformed)
	}
	switch event {
	case "issues", "sub_issues", "repository", "installation", "installation_repositories":
	default:
		return nil, nil
	}
	body, err := jsonBody(header.Get("Content-Type"), d.Body)
	if err != nil {
		return nil, err
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, fmt.Errorf("%w: %w", integrations.ErrMalformed, err)
	}
	hints, err := p.hints(event)
	for i := range hints {
		hints[i].DeliveryID, hints[i].Event = id, event+"."+p.Action
	}
	return hints, err
}

// NameDelivery reads the headers. A delivery without an id is not GitHub's: then
// the same bytes are the same delivery.
func (t *Tracker) NameDelivery(d integrations.Delivery) (id, event string) {
	header := http.Header(d.Header)
	if id = header.Get("X-GitHub-Delivery"); id == "" {
		id = integrations.BodyID(d.Body)
	}
	return id, header.Get("X-GitHub-Event")
}

// jsonBody unwraps the form in which GitHub can be told to send its JSON.
func jsonBody(contentType string, body []byte) ([]byte, error) {
	kind, _, _ := strings.Cut(contentType, ";")
	if strings.ToLower(strings.TrimSpace(kind)) != "application/x-www-form-urlencoded" {
		return body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", integrations.ErrMalformed, err)
	}
	return []byte(form.Get("payload")), nil
}

// hints says what to look at.
func (p payload) hints(event string) ([]integrations.Hint, error) {
	switch event {
	case "repository":
		if p.Repository == nil || p.Repository.ID <= 0 {
			return nil, fmt.Errorf("%w: no repository", integrations.ErrMalformed)
		}
		return []integrations.Hint{{Source: p.Repository.source()}}, nil
	case "installation", "installation_repositories":
		return walks(p.Repositories, p.RepositoriesAdded, p.RepositoriesRemoved), nil
	case "sub_issues":
		return collect(
			pair{p.SubIssue, orElse(p.SubIssueRepo, p.Repository)},
			pair{p.ParentIssue, orElse(p.ParentIssueRep, p.Repository)},
		)
	}
	found := []pair{{p.Issue, p.Repository}}
	if p.Changes != nil && p.Changes.NewIssue != nil {
		found = append(found, pair{p.Changes.NewIssue, p.Changes.NewRepository})
	}
	return collect(found...)
}

// walks makes a hint of each repository that is named.
func walks(lists ...[]placeJSON) []integrations.Hint {
	var out []integrations.Hint
	for _, place := range slices.Concat(lists...) {
		if place.ID > 0 {
			out = append(out, integrations.Hint{Source: place.source()})
		}
	}
	return out
}

// pair is an issue and the repository it is in.
type pair struct {
	item  *itemJSON
	place *placeJSON
}

// collect makes a hint of each pair that names an issue. Every pair must be
// readable or absent, and one must be there.
func collect(pairs ...pair) ([]integrations.Hint, error) {
	var out []integrations.Hint
	for _, p := range pairs {
		if p.item == nil {
			continue
		}
		if p.item.ID <= 0 || p.item.Number <= 0 || p.place == nil || p.place.FullName == "" {
			return nil, fmt.Errorf("%w: an issue without id, number or repository", integrations.ErrMalformed)
		}
		out = append(out, integrations.Hint{
			Source: p.place.source(), Ref: refTo(p.item.ID, p.place.FullName, p.item.Number),
		})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no issue", integrations.ErrMalformed)
	}
	return out, nil
}

// orElse is the first place that is known.
func orElse(a, b *placeJSON) *placeJSON {
	if a != nil {
		return a
	}
	return b
}

// source is what a webhook tells of a repository.
func (p *placeJSON) source() integrations.Source {
	out := integrations.Source{Key: p.FullName, Name: p.FullName}
	if p.ID > 0 {
		out.ID = strconv.FormatInt(p.ID, 10)
	}
	return out
}
