package fakegithub

import (
	"net/http"
	"strconv"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakeserver"
)

// The messages GitHub sends with its two kinds of limit.
const (
	primaryMessage   = `{"message":"API rate limit exceeded for user ID 1.","documentation_url":"https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting"}`
	secondaryMessage = `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
)

// PrimaryLimit is the hourly limit: nothing remains until reset. A zero reset
// is sent as zero, as GitHub sometimes does.
func PrimaryLimit(status int, reset time.Time) *Fault {
	var unix int64
	if !reset.IsZero() {
		unix = reset.Unix()
	}
	h := http.Header{}
	h.Set("X-Ratelimit-Limit", "5000")
	h.Set("X-Ratelimit-Remaining", "0")
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(unix, 10))
	return &Fault{Status: status, Header: h, Body: primaryMessage}
}

// SecondaryLimit is the abuse limit. Zero retryAfter: no header tells how long.
func SecondaryLimit(status int, retryAfter time.Duration) *Fault {
	h := http.Header{}
	if retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	return &Fault{Status: status, Header: h, Body: secondaryMessage}
}

// BadGateway is the HTML page a load balancer answers.
func BadGateway() *Fault { return fakeserver.BadGateway() }

// Message is an error of any status in GitHub's shape.
func Message(status int, message string) *Fault {
	return &Fault{Status: status, Body: `{"message":` + strconv.Quote(message) + `}`}
}
