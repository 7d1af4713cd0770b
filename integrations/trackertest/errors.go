package trackertest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
)

func saysGone(t *testing.T, w World) {
	ref := w.Create("Soon gone")
	w.Delete(ref)
	if _, err := w.Open().Issue(t.Context(), ref); !saysAbsent(err) {
		t.Errorf("error = %v, want ErrGone, or ErrNotFound of a tracker that cannot tell", err)
	}
}

// saysAbsent says whether an error tells that an issue is no more. Some trackers
// do not tell a deletion from a missing permission.
func saysAbsent(err error) bool {
	return errors.Is(err, integrations.ErrGone) || errors.Is(err, integrations.ErrNotFound)
}

func saysNotFound(t *testing.T, w World) {
	ref := w.Create("There")
	// The key is real and belongs to another id: a stranger is not the issue.
	ref.ID += "0"
	if _, err := w.Open().Issue(t.Context(), ref); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("Issue: error = %v, want ErrNotFound", err)
	}
	source := w.Source()
	source.ID, source.Key = source.ID+"0", source.Key+"X"
	if _, err := w.Open().Issues(t.Context(), integrations.Query{Source: source}); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("Issues: error = %v, want ErrNotFound", err)
	}
}

func saysMoved(t *testing.T, w World) {
	ref := w.Create("On the move")
	to, can := w.Move(ref)
	if !can {
		return
	}
	tracker := w.Open()
	_, err := tracker.Issue(t.Context(), ref)
	moved := (*integrations.MovedError)(nil)
	if !errors.As(err, &moved) || moved.To.ID != to.ID {
		t.Fatalf("error = %v, want a move to %+v", err, to)
	}
	got, err := tracker.Issue(t.Context(), moved.To)
	if err != nil || got.Ref.ID != to.ID || got.SourceID == "" {
		t.Errorf("following the move: %+v, %v", got, err)
	}
}

func saysUnauthorized(t *testing.T, w World) {
	ref, tracker := w.Create("Private"), w.OpenUnauthorized()
	if tracker == nil {
		return
	}
	for _, c := range calls(w.Source(), ref) {
		if err := c.ask(t.Context(), tracker); !errors.Is(err, integrations.ErrUnauthorized) {
			t.Errorf("%s: error = %v, want ErrUnauthorized", c.name, err)
		}
	}
}

func saysLimited(t *testing.T, w World) {
	ref := w.Create("Much asked for")
	end := w.Limit()
	if end.IsZero() {
		return
	}
	for _, c := range calls(w.Source(), ref) {
		err := c.ask(t.Context(), w.Open())
		limited := (*integrations.RateLimitError)(nil)
		if !errors.As(err, &limited) {
			t.Errorf("%s: error = %v, want a RateLimitError", c.name, err)
		} else if off := limited.RetryAt.Sub(end).Abs(); off > time.Second {
			t.Errorf("%s: retry at %v, want %v", c.name, limited.RetryAt, end)
		}
	}
}

func saysUnavailable(t *testing.T, w World) {
	ref, tracker := w.Create("Out of reach"), w.Open()
	w.Fail()
	for _, c := range calls(w.Source(), ref) {
		unavailable := (*integrations.UnavailableError)(nil)
		if err := c.ask(t.Context(), tracker); !errors.As(err, &unavailable) {
			t.Errorf("%s: error = %v, want an UnavailableError", c.name, err)
		}
	}
	w.Heal()
	for _, c := range calls(w.Source(), ref) {
		if err := c.ask(t.Context(), tracker); err != nil {
			t.Errorf("%s: still fails after the tracker healed: %v", c.name, err)
		}
	}
}

// survivesGarbage feeds answers that no tracker means. None may panic, and
// those that cannot be read as anything must be errors that name their kind.
func survivesGarbage(t *testing.T, w World) {
	ref, tracker := w.Create("Noise"), w.Open()
	nonsense := []string{
		"", "null", "17", `"text"`, "true", `{"`, "[", "<html><body>Hello</body></html>", "\x00\xff\xfe",
		strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000),
	}
	odd := []string{
		"{}", "[]", "[null]", "[17]", "[[]]", `[{}]`, `[{"id":"x"}]`, `{"id":-1}`, `{"id":1e400}`, `{"issues":[null]}`,
		`{"issues":[{"id":7,"fields":null}]}`, `{"id":1,"fields":{"updated":"yesterday"}}`, `[{"id":1,"updated_at":17}]`,
	}
	for _, body := range nonsense {
		w.Garble([]byte(body))
		for _, c := range calls(w.Source(), ref) {
			if err := c.ask(t.Context(), tracker); !isKnown(err) {
				t.Errorf("%s: %.20q gave error %v, want one of the contract", c.name, body, err)
			}
		}
	}
	for _, body := range odd {
		w.Garble([]byte(body))
		for _, c := range calls(w.Source(), ref) {
			if err := c.ask(t.Context(), tracker); err != nil && !isKnown(err) {
				t.Errorf("%s: %.20q gave error %v, want one of the contract", c.name, body, err)
			}
		}
	}
}

// isKnown says whether an error is one the contract has for bad answers.
func isKnown(err error) bool {
	unavailable, rejected, broken := (*integrations.UnavailableError)(nil), (*integrations.RejectedError)(nil), (*integrations.BrokenError)(nil)
	return errors.As(err, &unavailable) || errors.As(err, &rejected) || errors.As(err, &broken)
}

func refusesForeignCursor(t *testing.T, w World) {
	tracker := w.Open()
	for _, cursor := range []integrations.Cursor{"x", "1", "..", "1.1.//example.com/", "https://example.com/", "\x00", "-1.0./"} {
		if _, err := tracker.Issues(t.Context(), integrations.Query{Source: w.Source(), After: cursor}); err == nil {
			t.Errorf("Issues took the cursor %q", cursor)
		}
	}
}

// stopsWithContext ends the context only once the tracker has the request.
func stopsWithContext(t *testing.T, w World) {
	ref, tracker := w.Create("Slow"), w.Open()
	for _, c := range calls(w.Source(), ref) {
		ctx, cancel := context.WithCancel(t.Context())
		w.OnRequest(cancel)
		w.Stall()
		if err := c.ask(ctx, tracker); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error = %v, want context.Canceled", c.name, err)
		}
		w.Heal()
		w.OnRequest(nil)
		if err := c.ask(ctx, tracker); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context: error = %v, want context.Canceled", c.name, err)
		}
	}
}

func servesMany(t *testing.T, w World) {
	refs, tracker := populate(w, 10), w.Open()
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for _, c := range calls(w.Source(), refs[n]) {
				if err := c.ask(t.Context(), tracker); err != nil {
					t.Errorf("goroutine %d: %s: %v", n, c.name, err)
				}
				w.Touch(refs[n])
			}
		})
	}
	group.Wait()
}
