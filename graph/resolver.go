// Package graph is the GraphQL edge: it translates between the API's words and the house's and decides nothing.
//
// A resolver has one of three forms: a batch of related objects by their parents' ids, one list of the store, or one
// use case. The reader in internal/gqlread calls each of them once per level of a query, whatever the fan-out, and
// writes plain fields straight from the structs.
package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/live"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// Resolver holds what resolvers call.
type Resolver struct {
	// Store answers reads.
	Store *store.Store
	// Planner runs the use cases of planning.
	Planner *planning.Planner
	// Syncing runs the use cases of trackers.
	Syncing *syncing.Engine
	// Live tells subscriptions that something changed; nil refuses them.
	Live *live.Hub
	// Now is the clock that relative dates, pace and health are worked out with.
	Now func() time.Time
}

// scope is the database as the viewer's workspace sees it. Without a viewer it is a workspace that has no rows; the
// directive on every root field refuses such requests before they come here.
func (r *Resolver) scope(ctx context.Context) store.Scope {
	viewer, _ := needle.ViewerFrom(ctx)
	return r.Store.In(viewer.WorkspaceID)
}

// list gathers the arguments that every list takes.
func list[F any, O ~string](r *Resolver, first *int, after *string, last *int, before *string, filter *F, orderBy []*needle.Order[O]) needle.ListArgs[F, O] {
	return needle.ListArgs[F, O]{
		PageArgs: needle.PageArgs{First: first, After: after, Last: last, Before: before},
		Filter:   filter, OrderBy: orderBy, Now: r.Now(),
	}
}

// keys collects one id of each object, for a batch.
func keys[T any, ID any](objs []*T, id func(*T) ID) []ID {
	out := make([]ID, len(objs))
	for i, o := range objs {
		out[i] = id(o)
	}
	return out
}

// maybe collects one id of each object where it has one; the zero id finds nothing.
func maybe[T any, ID any](objs []*T, id func(*T) *ID) []ID {
	out := make([]ID, len(objs))
	for i, o := range objs {
		if p := id(o); p != nil {
			out[i] = *p
		}
	}
	return out
}

// unfold reads the objects whose ids each of some others lists, all at once.
func unfold[T any, ID any, V any](ctx context.Context, objs []*T, list func(*T) []ID, read func(context.Context, []ID) ([]*V, error)) ([][]*V, error) {
	var ids []ID
	for _, o := range objs {
		ids = append(ids, list(o)...)
	}
	found, err := read(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([][]*V, len(objs))
	for i, o := range objs {
		n := len(list(o))
		out[i], found = found[:n], found[n:]
	}
	return out, nil
}

// spread lays answers that were found by id parallel to the objects.
func spread[T any, ID comparable, V any](objs []*T, id func(*T) ID, found map[ID]V, err error) ([]V, error) {
	out := make([]V, len(objs))
	for i, o := range objs {
		out[i] = found[id(o)]
	}
	return out, err
}

// byID reads one object by the id in an argument; one that does not exist is null.
func byID[T any, ID any](ctx context.Context, id string, parse func(string) (ID, error), read func(context.Context, []ID) ([]*T, error)) (*T, error) {
	key, err := parse(id)
	if err != nil {
		return nil, about("id", err)
	}
	found, err := read(ctx, []ID{key})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// settle parts what a use case returned into the payload's halves: the object, or the errors its caller can mend. What
// remains is a fault that belongs at the top of the answer.
func settle[T any](object *T, err error) (*T, []*needle.Error, error) {
	if err == nil {
		return object, []*needle.Error{}, nil
	}
	problems := needle.UserErrors(err)
	for _, p := range problems {
		if isFault(p) {
			return nil, nil, err
		}
	}
	if problems == nil {
		return nil, nil, err
	}
	return nil, problems, nil
}

// settleAll parts what a use case of several objects returned in the same way.
func settleAll[T any](objects []*T, err error) ([]*T, []*needle.Error, error) {
	all, problems, err := settle(&objects, err)
	if all == nil {
		return nil, problems, err
	}
	return *all, problems, err
}
