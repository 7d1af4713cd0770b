package fakegithub

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// quota counts the requests of one kind in a window of time.
type quota struct {
	resource string
	limit    int
	enforced bool
	length   time.Duration

	mu     sync.Mutex
	window time.Time
	used   int
}

// newQuota makes a quota. A limit of zero is the usual one, told but never enforced.
func newQuota(resource string, limit, usual int, length time.Duration) *quota {
	q := &quota{resource: resource, limit: limit, enforced: limit > 0, length: length}
	if !q.enforced {
		q.limit = usual
	}
	return q
}

// spend takes one request from the quota and writes the limit headers.
func (q *quota) spend(w http.ResponseWriter, now time.Time) bool {
	q.mu.Lock()
	if !now.Before(q.window.Add(q.length)) {
		q.window, q.used = now, 0
	}
	ok := q.used < q.limit || !q.enforced
	if ok {
		q.used++
	}
	left, reset := max(q.limit-q.used, 0), q.window.Add(q.length)
	q.mu.Unlock()
	if !q.enforced {
		left = max(left, 1)
	}
	w.Header().Set("X-Ratelimit-Limit", strconv.Itoa(q.limit))
	w.Header().Set("X-Ratelimit-Remaining", strconv.Itoa(left))
	w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	w.Header().Set("X-Ratelimit-Resource", q.resource)
	return ok
}

// refund gives a request back: answers of 304 are free.
func (q *quota) refund() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used--
}
