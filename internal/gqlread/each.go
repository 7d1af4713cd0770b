package gqlread

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"
)

// Each reads a field that is a method of the Go type: f runs for one object after the other, and an error or a panic
// is that object's alone. recovered turns a panic into an error.
func Each[P, R any](rows any, recovered func(any) error, f func(P) (R, error)) (any, error) {
	parents, ok := rows.(*[]P)
	if !ok {
		return nil, fmt.Errorf("unexpected rows %T", rows)
	}
	results := make([]R, len(*parents))
	var failed graphql.BatchErrorList
	for i, p := range *parents {
		var err error
		if results[i], err = one(p, recovered, f); err != nil {
			if failed == nil {
				failed = make(graphql.BatchErrorList, len(*parents))
			}
			failed[i] = err
		}
	}
	if failed != nil {
		return results, failed
	}
	return results, nil
}

func one[P, R any](p P, recovered func(any) error, f func(P) (R, error)) (r R, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = recovered(v)
		}
	}()
	return f(p)
}

// Repeat gives every one of n rows the same value, which is what a field of a root type is when the root type itself
// turns up below a list.
func Repeat[R any](n int, v R, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	results := make([]R, n)
	for i := range results {
		results[i] = v
	}
	return results, nil
}

// Next is the [Field.Stream] of a subscription whose resolver returns a channel. It ends with the channel or with the
// context of the reader.
func Next[R any](events <-chan R, err error) (func(recv Receive) (any, bool), error) {
	if err != nil || events == nil {
		return nil, err
	}
	return func(recv Receive) (any, bool) {
		select {
		case v, ok := <-events:
			if !ok {
				return nil, false
			}
			return []R{v}, true
		case <-recv:
			return nil, false
		}
	}, nil
}

// Receive is closed when nobody waits for the next event any more.
type Receive = <-chan struct{}
