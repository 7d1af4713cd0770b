package integrations_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
)

func TestErrors_sayWhatPeopleNeed(t *testing.T) {
	t.Parallel()
	ref := integrations.Ref{ID: "9", Key: "acme/plans#3"}
	for _, c := range []struct {
		err  error
		want []string
	}{
		{&integrations.MovedError{To: ref}, []string{"acme/plans#3", "9"}},
		{&integrations.RateLimitError{RetryAt: time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600)), Reason: "slow down"}, []string{"2026-01-01T00:00:00Z", "slow down"}},
		{&integrations.RejectedError{Status: 422, Reason: "bad page"}, []string{"422", "bad page"}},
		{&integrations.RejectedError{Reason: "not a cursor"}, []string{"refused: not a cursor"}},
		{&integrations.UnavailableError{Status: 502, Err: io.ErrUnexpectedEOF}, []string{"502", "unexpected EOF"}},
		{&integrations.UnavailableError{Err: io.ErrUnexpectedEOF}, []string{"unavailable: unexpected EOF"}},
		{&integrations.BrokenError{Broken: integrations.Broken{Ref: ref, Raw: []byte("body"), Reason: "no state"}}, []string{"acme/plans#3", "no state"}},
	} {
		for _, part := range c.want {
			if !strings.Contains(c.err.Error(), part) {
				t.Errorf("%T says %q, without %q", c.err, c.err, part)
			}
		}
		if strings.Contains(c.err.Error(), "body") {
			t.Errorf("%T shows the raw body", c.err)
		}
	}
	if err := error(&integrations.UnavailableError{Err: io.ErrUnexpectedEOF}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("an UnavailableError hides its cause")
	}
}
