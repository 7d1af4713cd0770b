// Package planning holds the use cases that change what people plan: pain points, objectives, key results, check-ins,
// backlog items and the links between them.
//
// Every use case takes the same road: may the viewer, is the input valid, then one transaction that writes the change
// and its activity. What it returns is what is stored. Errors a caller can mend are needle.Errors with the path of the
// input field; anything else is a fault of the server.
package planning

import (
	"context"
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// Planner runs the use cases. It is safe for concurrent use.
type Planner struct {
	store *store.Store
	// searches tells which kinds of trackers can be searched.
	searches func(kind string) bool
}

// New returns a Planner on a store. It takes no tracker for one that can be searched.
func New(s *store.Store) *Planner {
	return &Planner{store: s, searches: func(string) bool { return false }}
}

// WithSearch returns a Planner that knows which kinds of trackers can be searched.
func (p *Planner) WithSearch(searches func(kind string) bool) *Planner {
	return &Planner{store: p.store, searches: searches}
}

// act is a use case in progress: who acts, and the transaction.
type act struct {
	store.Scope
	viewer needle.Viewer
}

// valid is what an input can say about itself.
type valid interface{ Validate() error }

// change is the road that every use case takes.
func (p *Planner) change(ctx context.Context, action needle.Action, in valid, do func(context.Context, act) error) error {
	viewer, err := needle.Authorize(ctx, action)
	if err != nil {
		return err
	}
	if in != nil {
		if err := in.Validate(); err != nil {
			return err
		}
	}
	return p.store.In(viewer.WorkspaceID).InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		return do(ctx, act{tx, viewer})
	})
}

// about says which objects an activity concerns besides its subject.
type about struct {
	team      *needle.TeamID
	objective *needle.ObjectiveID
}

// record writes the activity of a change. before and after are the object's two states, nil for none; only the fields
// that differ are kept.
func (a act) record(ctx context.Context, verb needle.Verb, subject fmt.Stringer, before, after any, on about) error {
	activity, err := a.activity(verb, subject, before, after, on)
	if err != nil {
		return err
	}
	return a.InsertActivity(ctx, activity)
}

// activity describes a change, for those that write many at once.
func (a act) activity(verb needle.Verb, subject fmt.Stringer, before, after any, on about) (*needle.Activity, error) {
	activity, err := needle.NewActivity(a.WorkspaceID(), &a.viewer, verb, subject, before, after, a.Now())
	if err != nil {
		return nil, err
	}
	activity.TeamID, activity.ObjectiveID = on.team, on.objective
	return activity, nil
}

// current refuses a change of an object that moved on since the caller read it; nil demands nothing.
func current(version int, expected *int) error {
	if expected != nil && *expected != version {
		return needle.Conflict("input.expectedVersion", "somebody else changed this in the meantime; read it again")
	}
	return nil
}

// at puts a field path on an Error that has none, as NOT_FOUND from the store.
func at(field string, err error) error {
	for _, e := range needle.UserErrors(err) {
		if len(e.Field) == 0 && e.Code == needle.CodeNotFound {
			return needle.Invalid(field, e.Code, e.Message)
		}
	}
	return err
}

// moment returns when a fact holds from: the time given, now when there is none, and never later than now, since a
// caller's clock may run ahead. It is as precise as what is stored.
func (a act) moment(given *time.Time) time.Time {
	now := a.Now()
	if given == nil || given.After(now) {
		return now
	}
	return given.UTC().Truncate(time.Microsecond)
}

// setText overwrites into with a cleaned text, when there is one.
func setText(into *string, value *string) {
	if value != nil {
		*into = needle.Clean(*value)
	}
}

// set overwrites into, when there is a value.
func set[T any](into *T, value *T) {
	if value != nil {
		*into = *value
	}
}

// or returns the value, or a default when there is none.
func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
