package live

import (
	"context"
	"errors"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Follow sends what read returns, now and again after each change of the topic, until ctx ends, the Hub stops or there is
// nothing left to read; then the channel is closed. Changes that come while nobody takes what was read are told as one. An
// error of the first read is returned; later ones end it, unless the database only does not answer. The error is UNAVAILABLE
// when the Hub is nil or has stopped.
func Follow[T any](ctx context.Context, h *Hub, topic Topic, read func(context.Context) (T, error)) (<-chan T, error) {
	var s *subscription
	open := false
	if h != nil {
		s, open = h.subscribe(topic) // Before the first read, so that nothing between the two is missed.
	}
	if !open {
		return nil, &needle.Error{Code: needle.CodeUnavailable, Message: "this process tells no changes now; try again in a moment"}
	}
	first, err := read(ctx)
	if err != nil {
		s.close()
		return nil, err
	}
	out := make(chan T)
	go func() {
		defer s.close()
		defer close(out)
		for value, open := first, true; open; {
			select {
			case out <- value:
			case <-ctx.Done():
				return
			case <-h.ended:
				return
			}
			value, open = next(ctx, s, read)
		}
	}()
	return out, nil
}

// next waits for a change that can be read. It reports false when there is nothing more to wait for.
func next[T any](ctx context.Context, s *subscription, read func(context.Context) (T, error)) (value T, open bool) {
	pause := time.NewTimer(s.hub.pace)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return value, false
		case <-s.hub.ended:
			return value, false
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return value, false
		case <-s.hub.ended:
			return value, false
		}
		value, err := read(ctx)
		if err == nil {
			return value, true
		}
		if ctx.Err() != nil || !errors.Is(err, &needle.Error{Code: needle.CodeUnavailable}) {
			return value, false
		}
		// The connection that tells changes is lost as well; when it is back everybody reads again.
		pause.Reset(s.hub.pace)
	}
}
