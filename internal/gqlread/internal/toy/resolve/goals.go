package resolve

import (
	"context"

	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/model"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

func (r *goalResolver) Shade(_ context.Context, objs []*world.Goal, depth *int) ([]*world.Colour, error) {
	return of(r.Resolver, "Goal", "shade", objs, goalN, func(g *world.Goal) *world.Colour {
		return &world.Colour{R: uint8(g.N), G: uint8(number(depth))} //nolint:gosec // any byte will do
	})
}

func (r *goalResolver) Parent(_ context.Context, objs []*world.Goal) ([]world.Titled, error) {
	return of(r.Resolver, "Goal", "parent", objs, goalN, func(g *world.Goal) world.Titled { return one(r.Resolver, "Goal", g.N, "parent", r.titled()) })
}

func (r *goalResolver) Owner(_ context.Context, objs []*world.Goal) ([]world.Owner, error) {
	return of(r.Resolver, "Goal", "owner", objs, goalN, func(g *world.Goal) world.Owner { return one(r.Resolver, "Goal", g.N, "owner", r.owners()) })
}

func (r *goalResolver) MustOwner(_ context.Context, objs []*world.Goal) ([]world.Owner, error) {
	return of(r.Resolver, "Goal", "mustOwner", objs, goalN, func(g *world.Goal) world.Owner { return one(r.Resolver, "Goal", g.N, "must", r.owners()) })
}

func (r *goalResolver) Lead(_ context.Context, objs []*world.Goal) ([]*world.Person, error) {
	return of(r.Resolver, "Goal", "lead", objs, goalN, func(g *world.Goal) *world.Person { return one(r.Resolver, "Goal", g.N, "lead", r.World.People) })
}

func (r *goalResolver) MustLead(_ context.Context, objs []*world.Goal) ([]*world.Person, error) {
	return of(r.Resolver, "Goal", "mustLead", objs, goalN, func(g *world.Goal) *world.Person { return one(r.Resolver, "Goal", g.N, "mustLead", r.World.People) })
}

func (r *goalResolver) Tasks(_ context.Context, objs []*world.Goal, first *int, _ *model.TaskFilter) ([]*world.Page[*world.Task], error) {
	return of(r.Resolver, "Goal", "tasks", objs, goalN, func(g *world.Goal) *world.Page[*world.Task] {
		limit := 5
		if first != nil {
			limit = min(max(*first, 0), 50)
		}
		return page(some(r.Resolver, "Goal", g.N, "tasks", r.World.Tasks, limit), limit+g.N)
	})
}

func (r *goalResolver) MaybeTasks(_ context.Context, objs []*world.Goal) ([]*world.Page[*world.Task], error) {
	return of(r.Resolver, "Goal", "maybeTasks", objs, goalN, func(g *world.Goal) *world.Page[*world.Task] {
		return page(some(r.Resolver, "Goal", g.N, "maybeTasks", r.World.Tasks, 3), g.N)
	})
}

func (r *goalResolver) Grid(_ context.Context, objs []*world.Goal) ([][][]*world.Task, error) {
	return of(r.Resolver, "Goal", "grid", objs, goalN, func(g *world.Goal) [][]*world.Task {
		return [][]*world.Task{some(r.Resolver, "Goal", g.N, "grid", r.World.Tasks, 3), {}, some(r.Resolver, "Goal", g.N, "more", r.World.Tasks, 2)}
	})
}

func (r *goalResolver) Things(_ context.Context, objs []*world.Goal) ([][]world.Thing, error) {
	return of(r.Resolver, "Goal", "things", objs, goalN, func(g *world.Goal) []world.Thing { return some(r.Resolver, "Goal", g.N, "things", r.things(), 3) })
}

func (r *goalResolver) Neighbours(_ context.Context, objs []*world.Goal) ([][]world.Titled, error) {
	return of(r.Resolver, "Goal", "neighbours", objs, goalN, func(g *world.Goal) []world.Titled { return some(r.Resolver, "Goal", g.N, "near", r.titled(), 3) })
}

func (r *goalResolver) Score(_ context.Context, objs []*world.Goal) ([]float64, error) {
	return of(r.Resolver, "Goal", "score", objs, goalN, func(g *world.Goal) float64 { return float64(g.Rank) / 4 })
}

func (r *goalResolver) Scores(_ context.Context, objs []*world.Goal) ([][]*int, error) {
	return of(r.Resolver, "Goal", "scores", objs, goalN, func(g *world.Goal) []*int { return some(r.Resolver, "Goal", g.N, "scores", []*int{&g.Rank, &g.N}, 3) })
}

func (r *goalResolver) MustScores(_ context.Context, objs []*world.Goal) ([][]int, error) {
	return of(r.Resolver, "Goal", "mustScores", objs, goalN, func(g *world.Goal) []int { return []int{g.N, g.Rank} })
}

func (r *goalResolver) Remark(_ context.Context, objs []*world.Goal) ([]*string, error) {
	return of(r.Resolver, "Goal", "remark", objs, goalN, func(g *world.Goal) *string { return &g.Title })
}

func (r *goalResolver) Broken(context.Context, []*world.Goal) ([]*int, error) {
	if r.Panics {
		panic("broken goal") //nolint:forbidigo // panics are what is tried
	}
	return nil, errNoNode
}

func (r *goalResolver) Secret(_ context.Context, objs []*world.Goal) ([]*string, error) {
	return of(r.Resolver, "Goal", "secret", objs, goalN, func(g *world.Goal) *string { return &g.Hidden })
}

func (r *goalResolver) Refused(_ context.Context, objs []*world.Goal) ([][]*world.Task, error) {
	return make([][]*world.Task, len(objs)), nil
}

func (r *goalConnectionResolver) TotalCount(_ context.Context, objs []*world.Page[*world.Goal]) ([]int, error) {
	totals := make([]int, len(objs))
	for i, p := range objs {
		totals[i] = p.Total
	}
	return totals, nil
}

func (r *periodResolver) Goals(_ context.Context, objs []*world.Period) ([][]*world.Goal, error) {
	return of(r.Resolver, "Period", "goals", objs, periodN, func(p *world.Period) []*world.Goal {
		return some(r.Resolver, "Period", p.Days, "goals", r.World.Goals, 2)
	})
}

// Goal returns the resolvers of that type.
func (r *Resolver) Goal() generated.GoalResolver { return &goalResolver{r} }

// GoalConnection returns the resolvers of that type.
func (r *Resolver) GoalConnection() generated.GoalConnectionResolver {
	return &goalConnectionResolver{r}
}

// Period returns the resolvers of that type.
func (r *Resolver) Period() generated.PeriodResolver { return &periodResolver{r} }

type (
	goalResolver           struct{ *Resolver }
	goalConnectionResolver struct{ *Resolver }
	periodResolver         struct{ *Resolver }
)
