package jira

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/andygrunwald/go-jira"

	"github.com/needle-okr/needle/integrations"
)

// client sends requests to one Jira with one token.
type client struct {
	sdk       *jira.Client
	http      *http.Client
	base      *url.URL
	email     string
	token     string
	userAgent string
	gate      *integrations.Gate
}

// get reads an address, relative to the base URL, into a value.
func (c *client) get(ctx context.Context, path string, into any) error {
	return c.do(ctx, http.MethodGet, path, nil, into)
}

// do makes one request. body is sent as JSON, nil for none; the answer is read
// into a value, nil for none. Every status that is not a success is an error of
// the integrations package.
func (c *client) do(ctx context.Context, method, path string, body, into any) error {
	if err := c.gate.Err(); err != nil {
		return err
	}
	req, err := c.sdk.NewRequestWithContext(ctx, method, path, body)
	if err != nil {
		return &integrations.RejectedError{Reason: "not an address"}
	}
	// The token must not leave for another host.
	if req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host {
		return &integrations.RejectedError{Reason: "the address leads away from " + c.base.Host}
	}
	if c.email != "" {
		req.SetBasicAuth(c.email, c.token)
	} else {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	answer, err := integrations.Send(ctx, c.http, req)
	if err != nil {
		return err
	}
	if err := c.judge(answer); err != nil {
		return err
	}
	c.gate.Passed()
	if into == nil {
		return nil
	}
	return decode(answer, into)
}

// decode reads an answer as JSON. One that is cut off, null or not JSON at all is
// the network's or a proxy's doing, so asking again may help.
func decode(answer integrations.Answer, into any) error {
	if string(bytes.TrimSpace(answer.Body)) == "null" {
		return unreadable(answer.Status, errors.New("nothing in it"))
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		return unreadable(answer.Status, err)
	}
	return nil
}

// unreadable says that an answer makes no sense.
func unreadable(status int, cause error) error {
	return &integrations.UnavailableError{Status: status, Err: fmt.Errorf("unreadable answer: %w", cause)}
}

// judge turns an answer that is not a success into an error.
func (c *client) judge(answer integrations.Answer) error {
	status, said := answer.Status, message(answer.Status, answer.Body)
	switch {
	case loginRefused(answer.Header):
		// Jira answers a bad password as if nobody had logged in, also with 200.
		return fmt.Errorf("%w: %s", integrations.ErrUnauthorized, answer.Header.Get("X-Seraph-LoginReason"))
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", integrations.ErrUnauthorized, said)
	case status == http.StatusTooManyRequests:
		return c.gate.Limited(answer.Header, reset(answer.Header), said)
	case status == http.StatusForbidden:
		return fmt.Errorf("%w: %s", integrations.ErrForbidden, said)
	case status == http.StatusNotFound:
		return integrations.ErrNotFound
	case status == http.StatusGone:
		// An address that is no more, such as the old search on Cloud.
		return &integrations.RejectedError{Status: status, Reason: said}
	case status == http.StatusRequestTimeout:
		return &integrations.UnavailableError{Status: status, Err: errors.New(said)}
	case status >= 300 && status < 500:
		return &integrations.RejectedError{Status: status, Reason: said}
	default:
		return &integrations.UnavailableError{Status: status, Err: errors.New(said)}
	}
}

// loginRefused tells a refused login that Jira hides behind another status.
func loginRefused(h http.Header) bool {
	reason := h.Get("X-Seraph-LoginReason")
	return strings.Contains(reason, "AUTHENTICATED_FAILED") || strings.Contains(reason, "AUTHENTICATION_DENIED")
}

// reset reads when Cloud's limit ends. Zero: it does not say.
func reset(h http.Header) time.Time {
	at, err := time.Parse(time.RFC3339, h.Get("X-RateLimit-Reset"))
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04Z", h.Get("X-RateLimit-Reset"))
	}
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// message is what an error answer says, short enough for a log line.
func message(status int, answer []byte) string {
	var said struct {
		ErrorMessages []string          `json:"errorMessages"`
		Errors        map[string]string `json:"errors"`
		Message       string            `json:"message"`
	}
	// What is not JSON is a proxy's page; its status says more than its text.
	if json.Unmarshal(answer, &said) != nil {
		return "status " + strconv.Itoa(status)
	}
	parts := said.ErrorMessages
	for _, field := range slices.Sorted(maps.Keys(said.Errors)) {
		parts = append(parts, field+": "+said.Errors[field])
	}
	if said.Message != "" {
		parts = append(parts, said.Message)
	}
	text := strings.Join(parts, "; ")
	const most = 300
	switch {
	case text == "":
		return "status " + strconv.Itoa(status)
	case len(text) > most:
		return strings.ToValidUTF8(text[:most], "") + "…"
	default:
		return text
	}
}
