package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-github/v60/github"

	"github.com/needle-okr/needle/integrations"
)

// maxRedirects is how many hops a request may take: one for a renamed
// repository, one for a transferred issue, one to spare.
const maxRedirects = 3

// client sends requests to one GitHub with one credential.
type client struct {
	sdk  *github.Client
	http *http.Client
	// token is a person's. Empty: app has the credential.
	token string
	app   *app
	// core and search are the limits of the two kinds of question.
	core, search *limits
}

// ask is one request.
type ask struct {
	// method is GET when empty.
	method string
	// address is relative to the base URL or absolute.
	address string
	// body is sent as JSON. Nil: none.
	body any
	// etag allows the answer to be 304. Empty: always send.
	etag string
	// limits are those that the answer tells of. Nil: core.
	limits *limits
	// asApp signs by the App itself instead of its installation.
	asApp bool
}

// reads says whether the request changes nothing.
func (a ask) reads() bool { return a.method == "" || a.method == http.MethodGet }

// satisfied says whether a status is the one wanted.
func (a ask) satisfied(status int) bool {
	switch status {
	case http.StatusOK:
		return true
	case http.StatusNotModified:
		return a.etag != ""
	case http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return !a.reads()
	}
	return false
}

// reply is an answer that was wanted: see ask.satisfied.
type reply struct {
	status     int
	header     http.Header
	body       []byte
	url        *url.URL // where the answer came from in the end
	redirected bool
	requests   int
}

// decode reads the body as JSON. A body that is cut off or not JSON at all is
// the network's or a proxy's doing, so asking again may help.
func (r reply) decode(into any) error {
	if err := json.Unmarshal(r.body, into); err != nil {
		return r.unreadable(err)
	}
	return nil
}

// unreadable says that the answer makes no sense.
func (r reply) unreadable(cause error) error {
	return &integrations.UnavailableError{Status: r.status, Err: fmt.Errorf("unreadable answer: %w", cause)}
}

// get reads an address. With an etag the answer may be 304.
func (c *client) get(ctx context.Context, address, etag string) (reply, error) {
	return c.do(ctx, ask{address: address, etag: etag})
}

// do makes a request and follows its redirects by the same method, which is how
// GitHub means all of them. An answer that is not wanted is an error of the
// integrations package.
func (c *client) do(ctx context.Context, a ask) (reply, error) {
	if a.limits == nil {
		a.limits = c.core
	}
	for hop := 0; ; hop++ {
		got, err := c.send(ctx, a)
		if err != nil {
			return reply{}, err
		}
		got.redirected, got.requests = hop > 0, hop+1
		switch {
		case a.satisfied(got.status):
			return got, nil
		case !redirects(got.status):
			return reply{}, a.limits.judge(got)
		case hop == maxRedirects:
			return reply{}, &integrations.RejectedError{Status: got.status, Reason: "too many redirects"}
		}
		to, err := got.url.Parse(got.header.Get("Location"))
		if err != nil || got.header.Get("Location") == "" {
			return reply{}, &integrations.UnavailableError{Status: got.status, Err: errors.New("redirect without an address")}
		}
		a.address = to.String()
	}
}

// redirects says whether a status leads elsewhere.
func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// send makes one request and reads its answer whole. An installation's token
// that GitHub has revoked before its time is replaced once.
func (c *client) send(ctx context.Context, a ask) (reply, error) {
	if a.asApp {
		return c.exchange(ctx, c.app.http, a, "")
	}
	if c.app == nil {
		return c.exchange(ctx, c.http, a, c.token)
	}
	token, err := c.installationToken(ctx, "")
	if err != nil {
		return reply{}, err
	}
	got, err := c.exchange(ctx, c.http, a, token)
	if err != nil || got.status != http.StatusUnauthorized {
		return got, err
	}
	if token, err = c.installationToken(ctx, token); err != nil {
		return reply{}, err
	}
	return c.exchange(ctx, c.http, a, token)
}

// exchange sends a request and notes what the answer says about limits. Without
// a token the HTTP client has a way of its own to prove who asks.
func (c *client) exchange(ctx context.Context, by *http.Client, a ask, token string) (reply, error) {
	if err := a.limits.err(); err != nil {
		return reply{}, err
	}
	method := a.method
	if method == "" {
		method = http.MethodGet
	}
	req, err := c.sdk.NewRequest(method, a.address, a.body)
	if err != nil {
		return reply{}, &integrations.RejectedError{Reason: "not an address"}
	}
	// The credential must not follow a link or redirect to another host.
	if !c.sameOrigin(req.URL) {
		return reply{}, &integrations.RejectedError{Reason: "the answer leads away from " + c.sdk.BaseURL.Host}
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if a.etag != "" {
		req.Header.Set("If-None-Match", a.etag)
	}
	answer, err := integrations.Send(ctx, by, req)
	if err != nil {
		return reply{}, err
	}
	a.limits.observe(answer.Status, answer.Header)
	return reply{status: answer.Status, header: answer.Header, body: answer.Body, url: req.URL}, nil
}

// sameOrigin says whether an address belongs to the base URL's server.
func (c *client) sameOrigin(u *url.URL) bool {
	return u.Scheme == c.sdk.BaseURL.Scheme && u.Host == c.sdk.BaseURL.Host && u.User == nil
}
