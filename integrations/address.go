package integrations

import (
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

// Send makes one request and reads its answer whole. The answer's Body is
// closed. The error is one of the contract, or matches the context's.
func Send(ctx context.Context, client *http.Client, req *http.Request) (*http.Response, []byte, error) {
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return nil, nil, unreachable(ctx, 0, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err != nil {
		return nil, nil, unreachable(ctx, resp.StatusCode, err)
	}
	if len(body) > MaxBody {
		return nil, nil, &RejectedError{Status: resp.StatusCode, Reason: "the answer is too long"}
	}
	return resp, body, nil
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
