package integrations

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// firstWait is how long to wait when a tracker limits without saying how long.
	firstWait = time.Minute
	// longestWait ends the doubling of firstWait.
	longestWait = 15 * time.Minute
	// furthestWait bounds what a header may demand, so that a broken one cannot
	// stop a connection for good.
	furthestWait = 24 * time.Hour
)

// Gate keeps requests back while a tracker wants to be left alone: trackers ban
// those who keep asking. A driver has one per credential. It is safe for
// concurrent use.
type Gate struct {
	now func() time.Time

	mu      sync.Mutex
	until   time.Time
	reason  string
	strikes int // limits in a row that did not say how long
}

// NewGate returns an open gate.
func NewGate(now func() time.Time) *Gate { return &Gate{now: now} }

// Err returns a *RateLimitError while the gate is shut.
func (g *Gate) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now().Before(g.until) {
		return &RateLimitError{RetryAt: g.until, Reason: g.reason}
	}
	return nil
}

// Passed notes a request that was not limited.
func (g *Gate) Passed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.strikes = 0
}

// Shut shuts the gate until a moment that an answer names, by the tracker's
// clock, unless it already stays shut longer.
func (g *Gate) Shut(h http.Header, until time.Time, reason string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut(OurTime(h, until, g.now()), reason)
}

// Limited shuts the gate after an answer that limits and returns the
// *RateLimitError to pass on. It goes by the Retry-After header, then by reset,
// a moment by the tracker's clock, and where both say nothing waits a minute,
// doubled each time it happens again.
func (g *Gate) Limited(h http.Header, reset time.Time, reason string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	wait := RetryAfter(h, now)
	reset = OurTime(h, reset, now)
	switch {
	case wait > 0:
		g.shut(now.Add(wait), reason)
	case reset.After(now):
		g.shut(reset, reason)
	default:
		wait := longestWait
		if g.strikes < 4 {
			wait = firstWait << g.strikes
		}
		g.strikes++
		g.shut(now.Add(wait), reason)
	}
	return &RateLimitError{RetryAt: g.until, Reason: g.reason}
}

// shut is Shut under the lock.
func (g *Gate) shut(until time.Time, reason string) {
	if latest := g.now().Add(furthestWait); until.After(latest) {
		until = latest
	}
	if until.After(g.until) {
		g.until, g.reason = until, reason
	}
}

// RetryAfter reads how long the Retry-After header asks to wait, at most a day.
// Zero: it does not ask.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(furthestWait/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(OurTime(h, at, now).Sub(now), 0)
	}
	return 0
}

// OurTime is when a moment that an answer names will come by our clock. The
// answer's Date says what time it is there, and two clocks may differ by any
// amount. Without a Date they are taken to agree; the zero time stays zero.
func OurTime(h http.Header, at, now time.Time) time.Time {
	there, err := http.ParseTime(h.Get("Date"))
	if err != nil || at.IsZero() {
		return at
	}
	return now.Add(at.Sub(there))
}
