// Package resolve resolves the toy schema from made-up data. Every resolver depends on its parents and arguments alone,
// so that two executors have to agree on the answer.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

// Resolver resolves the toy schema.
type Resolver struct {
	World *world.World
	// Counter counts the calls of the mutation count.
	Counter atomic.Int64
	// Panics makes the field broken of a goal panic.
	Panics bool
}

// Config is the configuration of either executor.
func (r *Resolver) Config() generated.Config {
	return generated.Config{Resolvers: r, Directives: generated.DirectiveRoot{Can: can, Short: short}}
}

func can(ctx context.Context, _ any, next graphql.Resolver, scope string, level *int) (any, error) {
	if scope == "nobody" {
		return nil, fmt.Errorf("%s may not pass level %d", scope, *level)
	}
	return next(ctx)
}

func short(ctx context.Context, _ any, next graphql.Resolver, limit int) (any, error) {
	v, err := next(ctx)
	if err != nil {
		return nil, err
	}
	s, ok := v.(string)
	if p, isPtr := v.(*string); isPtr && p != nil {
		s, ok = *p, true
	}
	if ok && len(s) > limit {
		return nil, fmt.Errorf("longer than %d", limit)
	}
	return v, nil
}

// of resolves one field for all objects: a fault, a null or what f gives.
//
// A nil object is skipped: gqlgen's executor hands over the list as it is, holes included.
func of[P comparable, R any](r *Resolver, object, field string, objs []P, n func(P) int, f func(P) R) ([]R, error) {
	results := make([]R, len(objs))
	failed := make(graphql.BatchErrorList, len(objs))
	fails := false
	var hole P
	for i, obj := range objs {
		if obj == hole {
			continue
		}
		if err := r.World.Fault(object, n(obj), field); err != nil {
			failed[i], fails = err, true
			continue
		}
		if !r.World.Missing(object, n(obj), field) {
			results[i] = f(obj)
		}
	}
	if fails {
		return results, failed
	}
	return results, nil
}

func goalN(g *world.Goal) int     { return g.N }
func taskN(t *world.Task) int     { return t.N }
func personN(p *world.Person) int { return p.N }
func teamN(t *world.Team) int     { return t.N }
func tickN(t *world.Tick) int     { return t.N }
func periodN(p *world.Period) int { return p.Days }

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// some picks elements of a list for an object, with a hole here and there.
func some[T any](r *Resolver, object string, n int, field string, from []T, limit int) []T {
	made := make([]T, 0, limit)
	if len(from) == 0 {
		return made
	}
	for i := range r.World.Pick(object, n, field, limit+1) {
		place := field + strconv.Itoa(i)
		if r.World.Missing(object, n, place) {
			var hole T
			made = append(made, hole)
			continue
		}
		made = append(made, from[r.World.Pick(object, n, place, len(from))])
	}
	return made
}

func one[T any](r *Resolver, object string, n int, field string, from []T) T {
	return from[r.World.Pick(object, n, field, len(from))]
}

func page[T any](nodes []T, total int) *world.Page[T] {
	p := &world.Page[T]{Nodes: nodes, Total: total, PageInfo: world.PageInfo{HasNextPage: len(nodes) < total}}
	for i, n := range nodes {
		p.Edges = append(p.Edges, world.Edge[T]{Cursor: "c" + strconv.Itoa(i), Node: n})
	}
	if len(p.Edges) > 0 {
		p.PageInfo.StartCursor, p.PageInfo.EndCursor = &p.Edges[0].Cursor, &p.Edges[len(p.Edges)-1].Cursor
	}
	return p
}

func (r *Resolver) things() []world.Thing {
	w := r.World
	return []world.Thing{w.Goals[0], w.Tasks[0], w.People[0], w.Goals[len(w.Goals)-1], w.Tasks[len(w.Tasks)-1]}
}

func (r *Resolver) titled() []world.Titled {
	w := r.World
	return []world.Titled{w.Tasks[0], w.Goals[0], w.Goals[len(w.Goals)-1], w.Tasks[len(w.Tasks)-1]}
}

func (r *Resolver) owners() []world.Owner {
	w := r.World
	return []world.Owner{w.People[0], w.Teams[0], w.Teams[len(w.Teams)-1], w.People[len(w.People)-1]}
}

func (r *Resolver) prizes() []world.Prize {
	w := r.World
	return []world.Prize{world.Badge{Label: "gold"}, w.Teams[0], world.Badge{Label: "silver", Colour: &world.Colour{R: 1}}}
}

var errNoNode = errors.New("no such node")

// find looks a node up by its id.
func (r *Resolver) find(id string) (world.Node, error) {
	kind, number, _ := strings.Cut(id, "-")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 0:
		return nil, errNoNode
	case kind == "goal" && n < len(r.World.Goals):
		return r.World.Goals[n], nil
	case kind == "task" && n < len(r.World.Tasks):
		return r.World.Tasks[n], nil
	case kind == "person" && n < len(r.World.People):
		return r.World.People[n], nil
	}
	return nil, nil //nolint:nilnil // a node that is not there is null
}

// events sends n values and ends.
func events[T any](ctx context.Context, n int, f func(int) T) <-chan T {
	c := make(chan T)
	go func() {
		defer close(c)
		for i := range n {
			select {
			case c <- f(i):
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}
