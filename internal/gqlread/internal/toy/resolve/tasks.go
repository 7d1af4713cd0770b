package resolve

import (
	"context"

	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

func (r *personResolver) Team(_ context.Context, objs []*world.Person) ([]*world.Team, error) {
	return of(r.Resolver, "Person", "team", objs, personN, func(p *world.Person) *world.Team { return one(r.Resolver, "Person", p.N, "team", r.World.Teams) })
}

func (r *personResolver) Boss(_ context.Context, objs []*world.Person) ([]*world.Person, error) {
	return of(r.Resolver, "Person", "boss", objs, personN, func(p *world.Person) *world.Person { return one(r.Resolver, "Person", p.N, "boss", r.World.People) })
}

func (r *personResolver) MustBoss(_ context.Context, objs []*world.Person) ([]*world.Person, error) {
	return of(r.Resolver, "Person", "mustBoss", objs, personN, func(p *world.Person) *world.Person { return one(r.Resolver, "Person", p.N, "must", r.World.People) })
}

func (r *personResolver) Tasks(_ context.Context, objs []*world.Person) ([][]*world.Task, error) {
	return of(r.Resolver, "Person", "tasks", objs, personN, func(p *world.Person) []*world.Task { return some(r.Resolver, "Person", p.N, "tasks", r.World.Tasks, 3) })
}

func (r *personResolver) Prize(_ context.Context, objs []*world.Person) ([]world.Prize, error) {
	return of(r.Resolver, "Person", "prize", objs, personN, func(p *world.Person) world.Prize { return one(r.Resolver, "Person", p.N, "prize", r.prizes()) })
}

func (r *taskResolver) Shade(_ context.Context, objs []*world.Task, depth *int) ([]*world.Colour, error) {
	return of(r.Resolver, "Task", "shade", objs, taskN, func(t *world.Task) *world.Colour {
		return &world.Colour{R: uint8(t.N), B: uint8(number(depth))} //nolint:gosec // any byte will do
	})
}

func (r *taskResolver) Parent(_ context.Context, objs []*world.Task) ([]world.Titled, error) {
	return of(r.Resolver, "Task", "parent", objs, taskN, func(t *world.Task) world.Titled { return one(r.Resolver, "Task", t.N, "parent", r.titled()) })
}

func (r *taskResolver) Goal(_ context.Context, objs []*world.Task) ([]*world.Goal, error) {
	return of(r.Resolver, "Task", "goal", objs, taskN, func(t *world.Task) *world.Goal {
		if t.GoalN < 0 {
			return nil
		}
		return r.World.Goals[t.GoalN]
	})
}

func (r *taskResolver) MustGoal(ctx context.Context, objs []*world.Task) ([]*world.Goal, error) {
	return r.Task().Goal(ctx, objs)
}

func (r *taskResolver) Assignees(_ context.Context, objs []*world.Task) ([][]*world.Person, error) {
	return of(r.Resolver, "Task", "assignees", objs, taskN, func(t *world.Task) []*world.Person {
		return some(r.Resolver, "Task", t.N, "assignees", r.World.People, 3)
	})
}

func (r *taskResolver) Blockers(_ context.Context, objs []*world.Task, first *int) ([][]*world.Task, error) {
	return of(r.Resolver, "Task", "blockers", objs, taskN, func(t *world.Task) []*world.Task {
		limit := 9
		if first != nil {
			limit = min(max(*first, 0), limit)
		}
		return some(r.Resolver, "Task", t.N, "blockers", r.World.Tasks, limit)
	})
}

func (r *taskConnectionResolver) TotalCount(_ context.Context, objs []*world.Page[*world.Task]) ([]int, error) {
	totals := make([]int, len(objs))
	for i, p := range objs {
		totals[i] = p.Total
	}
	return totals, nil
}

func (r *teamResolver) Members(_ context.Context, objs []*world.Team) ([][]*world.Person, error) {
	return of(r.Resolver, "Team", "members", objs, teamN, func(t *world.Team) []*world.Person {
		return some(r.Resolver, "Team", t.N, "members", r.World.People, 4)
	})
}

func (r *teamResolver) Size(_ context.Context, objs []*world.Team) ([]int, error) {
	return of(r.Resolver, "Team", "size", objs, teamN, func(t *world.Team) int { return t.N })
}

// Person returns the resolvers of that type.
func (r *Resolver) Person() generated.PersonResolver { return &personResolver{r} }

// Task returns the resolvers of that type.
func (r *Resolver) Task() generated.TaskResolver { return &taskResolver{r} }

// TaskConnection returns the resolvers of that type.
func (r *Resolver) TaskConnection() generated.TaskConnectionResolver {
	return &taskConnectionResolver{r}
}

// Team returns the resolvers of that type.
func (r *Resolver) Team() generated.TeamResolver { return &teamResolver{r} }

type (
	personResolver         struct{ *Resolver }
	taskResolver           struct{ *Resolver }
	taskConnectionResolver struct{ *Resolver }
	teamResolver           struct{ *Resolver }
)
