package integrations

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// MaxBody bounds an answer in bytes. A hundred issues with the longest bodies
// that trackers take stay far below it.
const MaxBody = 64 << 20

// ParseBaseURL reads the address of a tracker's server and ends its path in a
// slash. Plain http is for loopback only, since the credential travels with
// every request. example shows the form in errors.
func ParseBaseURL(text, example string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("must be an address such as " + example)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("must be https")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("must be https")
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

// isLoopback says whether a host is this machine.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Answer is what a tracker answered, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// promised is how much of an announced length is believed before it has come.
const promised = 4 << 20

// Send makes one request and reads its answer. The error is one of the contract,
// or matches the context's.
func Send(ctx context.Context, client *http.Client, req *http.Request) (Answer, error) {
	resp, err := client.Do(req.WithContext(ctx)) //nolint:gosec // The driver has looked where its token goes.
	if err != nil {
		return Answer{}, unreachable(ctx, 0, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	var body bytes.Buffer
	body.Grow(int(min(max(resp.ContentLength, 0), promised)) + bytes.MinRead)
	if _, err := body.ReadFrom(io.LimitReader(resp.Body, MaxBody+1)); err != nil {
		return Answer{}, unreachable(ctx, resp.StatusCode, err)
	}
	if body.Len() > MaxBody {
		return Answer{}, &RejectedError{Status: resp.StatusCode, Reason: "the answer is too long"}
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body.Bytes()}, nil
}

// unreachable tells a caller that gave up from a server that failed.
func unreachable(ctx context.Context, status int, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("asking the tracker: %w", ctx.Err())
	}
	// A transport that classifies for itself is believed.
	if limited := (*RateLimitError)(nil); errors.As(err, &limited) {
		return limited
	}
	return &UnavailableError{Status: status, Err: err}
}
