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

const (
	// firstWait is what GitHub asks for when it limits without saying how long.
	firstWait = time.Minute
	// longestWait ends the doubling of firstWait.
	longestWait = 15 * time.Minute
	// furthest bounds what a header may demand, so that a broken one cannot
	// stop a connection for good.
	furthest = 24 * time.Hour
)

// limits is what is known of one token's limits. While one is in force no
// request leaves: GitHub bans those who keep asking.
type limits struct {
	now func() time.Time

	mu      sync.Mutex
	until   time.Time
	reason  string
	strikes int // limits in a row that did not say how long
	last    integrations.Quota
}

// gate returns a *integrations.RateLimitError while a limit is in force.
func (l *limits) gate() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now().Before(l.until) {
		return &integrations.RateLimitError{RetryAt: l.until, Reason: l.reason}
	}
	return nil
}

// observe notes what an answer says about the quota. The last request of the
// hour closes the gate before GitHub has to.
func (l *limits) observe(status int, h http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if status < http.StatusBadRequest {
		l.strikes = 0
	}
	quota, known := readQuota(h)
	if !known {
		return
	}
	l.last = quota
	if quota.Remaining == 0 && status < http.StatusBadRequest {
		l.close(quota.Reset, "no requests are left in this hour")
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

// limited closes the gate and says until when.
func (l *limits) limited(h http.Header, said string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	quota, known := readQuota(h)
	wait := retryAfter(h, now)
	switch {
	case wait > 0:
		l.close(now.Add(wait), said)
	case known && quota.Remaining == 0 && quota.Reset.After(now):
		l.close(quota.Reset, said)
	default:
		wait := longestWait
		if l.strikes < 4 {
			wait = firstWait << l.strikes
		}
		l.strikes++
		l.close(now.Add(wait), said)
	}
	return &integrations.RateLimitError{RetryAt: l.until, Reason: l.reason}
}

// close shuts the gate until a time, unless it already stays shut longer. It is
// called under the lock.
func (l *limits) close(until time.Time, reason string) {
	if latest := l.now().Add(furthest); until.After(latest) {
		until = latest
	}
	if until.After(l.until) {
		l.until, l.reason = until, reason
	}
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

// retryAfter reads how long the Retry-After header asks to wait. Zero: it does not.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(furthest/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
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
		Message string `json:"message"`
	}
	// What is not JSON is a proxy's page; its status says more than its text.
	if json.Unmarshal(got.body, &said) != nil || said.Message == "" {
		return "status " + strconv.Itoa(got.status)
	}
	const most = 300
	if len(said.Message) > most {
		return strings.ToValidUTF8(said.Message[:most], "") + "…"
	}
	return said.Message
}
