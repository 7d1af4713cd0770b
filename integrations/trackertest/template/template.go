// Package template is a whole driver to start from, for an invented tracker of
// boards and cards that speaks JSON over HTTP. docs/write-a-tracker.md walks
// through it.
package template

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// Driver describes the tracker to the registry.
func Driver() integrations.Driver {
	return integrations.Driver{
		Kind: "cards", Name: "Cards", Prototype: (*Tracker)(nil), Open: open,
		Fields: []integrations.Field{
			{Name: "baseUrl", Label: "Address", Help: "As in https://cards.example/.", Required: true, Check: checkURL},
			{Name: "token", Label: "Token", Help: "From your profile, with the right to read.", Required: true, Secret: true},
		},
	}
}

func checkURL(text string) error {
	_, err := integrations.ParseBaseURL(text, "https://cards.example/")
	return err
}

// Tracker is one opened connection. It implements integrations.Tracker and Census.
type Tracker struct {
	base   *url.URL
	token  string
	agent  string
	client *http.Client
	gate   *integrations.Gate
}

// open makes a tracker of settings that passed the form. It asks nobody.
func open(_ context.Context, s integrations.Settings, env integrations.Env) (integrations.Tracker, error) {
	base, err := integrations.ParseBaseURL(s["baseUrl"], "https://cards.example/")
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	return &Tracker{
		base: base, token: s["token"], agent: env.UserAgent, gate: integrations.NewGate(env.Now),
		client: &http.Client{
			Transport: env.Transport, Timeout: time.Minute,
			// A redirect would carry the token to somebody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// get asks for a path and decodes the answer. Its errors are those of the contract.
func (t *Tracker) get(ctx context.Context, path string, query url.Values, into any) error {
	if err := t.gate.Err(); err != nil {
		return err
	}
	address := t.base.JoinPath(path)
	address.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return &integrations.RejectedError{Reason: "the address makes no request"}
	}
	req.Header.Set("Authorization", "Bearer "+t.token)
	req.Header.Set("User-Agent", t.agent)
	answer, err := integrations.Send(ctx, t.client, req)
	if err == nil {
		err = t.judge(answer)
	}
	if err != nil {
		return err
	}
	if json.Unmarshal(answer.Body, into) != nil || string(answer.Body) == "null" {
		return &integrations.UnavailableError{Status: answer.Status, Err: errors.New("the answer is not what was asked for")}
	}
	return nil
}

// refusals are what the contract calls answers by their status.
var refusals = map[int]error{
	http.StatusUnauthorized: integrations.ErrUnauthorized, http.StatusForbidden: integrations.ErrForbidden,
	http.StatusNotFound: integrations.ErrNotFound, http.StatusGone: integrations.ErrGone,
}

// judge tells good answers from the ways in which a tracker refuses.
func (t *Tracker) judge(a integrations.Answer) error {
	switch {
	case a.Status == http.StatusOK:
		t.gate.Passed()
		return nil
	case refusals[a.Status] != nil:
		return refusals[a.Status]
	case a.Status == http.StatusTooManyRequests:
		return t.gate.Limited(a.Header, time.Time{}, "too many requests")
	case a.Status >= 400 && a.Status < 500:
		return &integrations.RejectedError{Status: a.Status, Reason: http.StatusText(a.Status)}
	default:
		return &integrations.UnavailableError{Status: a.Status, Err: errors.New("no answer that can be used")}
	}
}

// Check asks who the token belongs to.
func (t *Tracker) Check(ctx context.Context) (integrations.Account, error) {
	var me struct{ ID, Name string }
	if err := t.get(ctx, "me", nil, &me); err != nil {
		return integrations.Account{}, err
	}
	if me.ID == "" {
		return integrations.Account{}, &integrations.UnavailableError{Err: errors.New("an account without an id")}
	}
	return integrations.Account{ID: me.ID, Name: me.Name}, nil
}

// Sources lists the boards, all at once.
func (t *Tracker) Sources(ctx context.Context, _ integrations.Cursor) ([]integrations.Source, integrations.Cursor, error) {
	var boards []struct{ ID, Name string }
	if err := t.get(ctx, "boards", nil, &boards); err != nil {
		return nil, "", err
	}
	out := make([]integrations.Source, len(boards))
	for i, b := range boards {
		out[i] = integrations.Source{ID: b.ID, Key: b.ID, Name: b.Name}
	}
	return out, "", nil
}

// Issues answers one page of a board's cards, oldest change first.
func (t *Tracker) Issues(ctx context.Context, q integrations.Query) (integrations.Page, error) {
	query := url.Values{
		"since": {q.Since.UTC().Format(time.RFC3339Nano)}, "after": {string(q.After)}, "limit": {strconv.Itoa(q.PageSize)},
	}
	var answer struct {
		Cards []json.RawMessage
		Next  string
	}
	if err := t.get(ctx, "boards/"+url.PathEscape(q.Source.Key)+"/cards", query, &answer); err != nil {
		return integrations.Page{}, err
	}
	if answer.Cards == nil {
		return integrations.Page{}, &integrations.UnavailableError{Err: errors.New("no list of cards")}
	}
	page := integrations.Page{Next: integrations.Cursor(answer.Next), Requests: 1}
	for _, raw := range answer.Cards {
		if issue, broken := convert(raw); broken != nil {
			page.Broken, page.Through = append(page.Broken, *broken), broken.UpdatedAt
		} else {
			page.Issues, page.Through = append(page.Issues, issue), issue.UpdatedAt
		}
	}
	return page, nil
}

// Issue reads one card.
func (t *Tracker) Issue(ctx context.Context, ref integrations.Ref) (integrations.Issue, error) {
	var raw json.RawMessage
	if err := t.get(ctx, "cards/"+url.PathEscape(ref.ID), nil, &raw); err != nil {
		return integrations.Issue{}, err
	}
	issue, broken := convert(raw)
	if broken != nil {
		return integrations.Issue{}, &integrations.BrokenError{Broken: *broken}
	}
	return issue, nil
}

// IDs lists all cards of a board, so that Needle learns of those that are gone.
func (t *Tracker) IDs(ctx context.Context, q integrations.Query) ([]integrations.Ref, integrations.Cursor, error) {
	var ids []string
	if err := t.get(ctx, "boards/"+url.PathEscape(q.Source.Key)+"/ids", nil, &ids); err != nil {
		return nil, "", err
	}
	refs := make([]integrations.Ref, len(ids))
	for i, id := range ids {
		refs[i] = integrations.Ref{ID: id, Key: id}
	}
	return refs, "", nil
}
