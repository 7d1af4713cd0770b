package github_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// retryAt asks once and returns when the answer says to come back.
func retryAt(t *testing.T, tracker integrations.Tracker) time.Time {
	t.Helper()
	_, err := tracker.Check(t.Context())
	limited := (*integrations.RateLimitError)(nil)
	if !errors.As(err, &limited) {
		t.Fatalf("error = %v, want a RateLimitError", err)
	}
	return limited.RetryAt
}

func TestTrap_limitsComeInManyShapes(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	withHeader := func(f *fakegithub.Fault, name, value string) *fakegithub.Fault {
		f.Header.Set(name, value)
		return f
	}
	for _, c := range []struct {
		name  string
		fault *fakegithub.Fault
		want  time.Duration
	}{
		{"403, nothing remains until reset", fakegithub.PrimaryLimit(403, start.Add(20*time.Minute)), 20 * time.Minute},
		{"429, nothing remains until reset", fakegithub.PrimaryLimit(429, start.Add(20*time.Minute)), 20 * time.Minute},
		{"403, nothing remains and reset is zero", fakegithub.PrimaryLimit(403, time.Time{}), time.Minute},
		{"403, nothing remains and reset is past", fakegithub.PrimaryLimit(403, start.Add(-time.Hour)), time.Minute},
		{"403 with Retry-After", fakegithub.SecondaryLimit(403, 42*time.Second), 42 * time.Second},
		{"429 with Retry-After", fakegithub.SecondaryLimit(429, 42*time.Second), 42 * time.Second},
		{
			"403 with Retry-After as a date",
			withHeader(fakegithub.SecondaryLimit(403, 0), "Retry-After", start.Add(3*time.Minute).Format(http.TimeFormat)),
			3 * time.Minute,
		},
		{"403 without headers, by its words", fakegithub.SecondaryLimit(403, 0), time.Minute},
		{"429 without headers", fakegithub.SecondaryLimit(429, 0), time.Minute},
		{"429 without a body", &fakegithub.Fault{Status: 429}, time.Minute},
		{"403 of the old abuse detection", fakegithub.Message(403, "You have triggered an abuse detection mechanism."), time.Minute},
		{
			"429 while much remains", // the hourly reset has nothing to do with it
			withHeader(withHeader(fakegithub.SecondaryLimit(429, 0), "X-Ratelimit-Remaining", "4000"),
				"X-Ratelimit-Reset", strconv.FormatInt(start.Add(50*time.Minute).Unix(), 10)),
			time.Minute,
		},
		{"403 with a senseless Retry-After", withHeader(fakegithub.SecondaryLimit(403, 0), "Retry-After", "soon"), time.Minute},
		{"403 with an endless Retry-After", withHeader(fakegithub.SecondaryLimit(403, 0), "Retry-After", "9223372036854775807"), 24 * time.Hour},
		{"403, reset in a hundred years", fakegithub.PrimaryLimit(403, start.AddDate(100, 0, 0)), 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{})
			w.always(c.fault)
			if got := retryAt(t, w.open(token)).Sub(start); got != c.want {
				t.Errorf("wait = %v, want %v", got, c.want)
			}
		})
	}
}

func TestTrap_noRequestLeavesWhileLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	tracker := w.open(token)
	w.always(fakegithub.SecondaryLimit(403, 90*time.Second))
	until := retryAt(t, tracker)
	w.Heal()
	w.sleep(89 * time.Second)
	if again := retryAt(t, tracker); !again.Equal(until) {
		t.Errorf("retry at %v, then at %v", until, again)
	}
	if n := w.server.RequestCount(); n != 1 {
		t.Errorf("%d requests left, want 1", n)
	}
	w.sleep(time.Second)
	if _, err := tracker.Check(t.Context()); err != nil {
		t.Errorf("after the limit: %v", err)
	}
}

func TestTrap_waitsDoubleWhileGitHubDoesNotSayHowLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	tracker := w.open(token)
	w.always(fakegithub.SecondaryLimit(429, 0))
	for _, want := range []time.Duration{1, 2, 4, 8, 15, 15} {
		if got := retryAt(t, tracker).Sub(w.clock()); got != want*time.Minute {
			t.Errorf("wait = %v, want %v minutes", got, int(want))
		}
		w.sleep(want * time.Minute)
	}
	w.Heal()
	if _, err := tracker.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.always(fakegithub.SecondaryLimit(429, 0))
	if got := retryAt(t, tracker).Sub(w.clock()); got != time.Minute {
		t.Errorf("after a success the wait is %v, want a minute", got)
	}
}

func TestTrap_theLastRequestOfTheHourClosesTheGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{Quota: 3})
	tracker := w.open(token)
	for range 3 {
		if _, err := tracker.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wait := retryAt(t, tracker).Sub(w.clock())
	if n := w.server.RequestCount(); n != 3 || wait != time.Hour {
		t.Errorf("%d requests left, want 3; wait %v, want an hour", n, wait)
	}
	// A second connection of the same token learns it from GitHub.
	if other := retryAt(t, w.open(token)).Sub(w.clock()); other != time.Hour {
		t.Errorf("the second connection waits %v", other)
	}
	w.sleep(time.Hour)
	if _, err := tracker.Check(t.Context()); err != nil {
		t.Errorf("in the next hour: %v", err)
	}
}
