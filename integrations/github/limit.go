package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// limits is what is known of one of a credential's quotas: GitHub counts
// searches, and what an App asks by itself, apart from all else.
type limits struct {
	// gate is shut while this quota is used up.
	gate *integrations.Gate
	// all is shut by the limits that are about everything the credential does.
	// It may be gate.
	all *integrations.Gate

	mu   sync.Mutex
	last integrations.Quota
}

// err returns a *RateLimitError while nothing may be asked.
func (l *limits) err() error {
	if err := l.all.Err(); err != nil {
		return err
	}
	return l.gate.Err()
}

// observe notes what an answer says about the quota. The last request of the
// hour closes the gate before GitHub has to.
func (l *limits) observe(status int, h http.Header) {
	if status < http.StatusBadRequest {
		l.gate.Passed()
		l.all.Passed()
	}
	quota, known := readQuota(h)
	if !known {
		return
	}
	l.mu.Lock()
	l.last = quota
	l.mu.Unlock()
	if quota.Remaining == 0 && status < http.StatusBadRequest {
		l.gate.Shut(h, quota.Reset, "no requests are left in this hour")
	}
}

// quota is the quota as last seen.
func (l *limits) quota() integrations.Quota {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// judge turns an answer that is not the one wanted into an error. It goes by
// status and headers, and by the words only for a 403 without headers.
func (l *limits) judge(got reply) error {
	said := message(got)
	switch status := got.status; {
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", integrations.ErrUnauthorized, said)
	case status == http.StatusTooManyRequests, status == http.StatusForbidden && speaksOfLimit(got):
		return l.limited(got.header, said)
	case status == http.StatusForbidden:
		return fmt.Errorf("%w: %s", integrations.ErrForbidden, said)
	case status == http.StatusNotFound:
		return integrations.ErrNotFound
	case status == http.StatusGone:
		return fmt.Errorf("%w: %s", integrations.ErrGone, said)
	case status == http.StatusRequestTimeout:
		return &integrations.UnavailableError{Status: status, Err: errors.New(said)}
	case status >= 400 && status < 500:
		return &integrations.RejectedError{Status: status, Reason: said}
	default:
		return &integrations.UnavailableError{Status: status, Err: errors.New(said)}
	}
}

// limited shuts a gate and says until when. A quota that is used up tells by
// its reset, and ends what counts in it alone.
func (l *limits) limited(h http.Header, said string) error {
	if quota, known := readQuota(h); known && quota.Remaining == 0 {
		return l.gate.Limited(h, quota.Reset, said)
	}
	return l.all.Limited(h, time.Time{}, said)
}

// readQuota reads the limit headers.
func readQuota(h http.Header) (integrations.Quota, bool) {
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil {
		return integrations.Quota{}, false
	}
	// Both stay zero, which means unknown, when they cannot be read.
	limit, _ := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	seconds, _ := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	q := integrations.Quota{Limit: limit, Remaining: remaining}
	if seconds > 0 {
		q.Reset = time.Unix(seconds, 0).UTC()
	}
	return q, true
}

// speaksOfLimit tells a 403 that limits from a 403 that forbids.
func speaksOfLimit(got reply) bool {
	if got.header.Get("Retry-After") != "" || got.header.Get("X-RateLimit-Remaining") == "0" {
		return true
	}
	said := strings.ToLower(message(got))
	return strings.Contains(said, "rate limit") || strings.Contains(said, "abuse detection")
}

// message is what an error answer says, short enough for a log line.
func message(got reply) string {
	var said struct {
		Message string          `json:"message"`
		Errors  json.RawMessage `json:"errors"`
	}
	// What is not JSON is a proxy's page; its status says more than its text.
	if json.Unmarshal(got.body, &said) != nil || said.Message == "" {
		return "status " + strconv.Itoa(got.status)
	}
	// "Validation Failed" alone helps nobody.
	var details []struct {
		Message string `json:"message"`
	}
	parts := []string{said.Message}
	if json.Unmarshal(said.Errors, &details) == nil {
		for _, d := range details {
			if d.Message != "" {
				parts = append(parts, d.Message)
			}
		}
	}
	text := strings.Join(parts, ": ")
	const most = 300
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
