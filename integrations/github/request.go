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

// client sends requests to one GitHub with one token.
type client struct {
	sdk    *github.Client
	http   *http.Client
	token  string
	limits limits
}

// reply is an answer of 200, or of 304 where one was asked for.
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

// get reads an address, relative to the base URL or absolute, and follows its
// redirects. With an etag the answer may be 304. Every other status is an error
// of the integrations package.
func (c *client) get(ctx context.Context, address, etag string) (reply, error) {
	for hop := 0; ; hop++ {
		got, err := c.send(ctx, address, etag)
		if err != nil {
			return reply{}, err
		}
		got.redirected, got.requests = hop > 0, hop+1
		switch got.status {
		case http.StatusOK:
			return got, nil
		case http.StatusNotModified:
			if etag != "" {
				return got, nil
			}
		case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			if hop == maxRedirects {
				return reply{}, &integrations.RejectedError{Status: got.status, Reason: "too many redirects"}
			}
			to, err := got.url.Parse(got.header.Get("Location"))
			if err != nil || got.header.Get("Location") == "" {
				return reply{}, &integrations.UnavailableError{Status: got.status, Err: errors.New("redirect without an address")}
			}
			address = to.String()
			continue
		}
		return reply{}, c.limits.judge(got)
	}
}

// send makes one request and reads its answer whole.
func (c *client) send(ctx context.Context, address, etag string) (reply, error) {
	if err := c.limits.gate.Err(); err != nil {
		return reply{}, err
	}
	req, err := c.sdk.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return reply{}, &integrations.RejectedError{Reason: "not an address"}
	}
	// The token must not follow a link or redirect to another host.
	if !c.sameOrigin(req.URL) {
		return reply{}, &integrations.RejectedError{Reason: "the answer leads away from " + c.sdk.BaseURL.Host}
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	answer, err := integrations.Send(ctx, c.http, req)
	if err != nil {
		return reply{}, err
	}
	c.limits.observe(answer.Status, answer.Header)
	return reply{status: answer.Status, header: answer.Header, body: answer.Body, url: req.URL}, nil
}

// sameOrigin says whether an address belongs to the base URL's server.
func (c *client) sameOrigin(u *url.URL) bool {
	return u.Scheme == c.sdk.BaseURL.Scheme && u.Host == c.sdk.BaseURL.Host && u.User == nil
}
