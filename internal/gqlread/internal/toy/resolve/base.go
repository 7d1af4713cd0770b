package resolve

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/model"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

func (r *mutationResolver) AddTask(_ context.Context, input model.AddTaskInput) (*model.AddTaskPayload, error) {
	payload := &model.AddTaskPayload{UserErrors: []*world.UserError{}, Query: &graphql.Query{}}
	if input.Title == "" {
		payload.UserErrors = append(payload.UserErrors, &world.UserError{Message: "is empty", Field: []string{"input", "title"}})
		return payload, nil
	}
	payload.Task = &world.Task{N: 1, ID: "task-1", Title: input.Title, GoalN: -1}
	if n := input.Goal.Value(); n != nil {
		payload.Task.GoalN = *n % len(r.World.Goals)
	}
	return payload, nil
}

func (r *mutationResolver) Count(_ context.Context) (int, error) {
	return int(r.Counter.Add(1)), nil
}

func (r *mutationResolver) Failing(_ context.Context) (*int, error) {
	return nil, errNoNode
}

func (r *queryResolver) Node(_ context.Context, id string) (world.Node, error) {
	return r.find(id)
}

func (r *queryResolver) Nodes(_ context.Context, ids []string) ([]world.Node, error) {
	nodes := make([]world.Node, len(ids))
	for i, id := range ids {
		nodes[i], _ = r.find(id)
	}
	return nodes, nil
}

func (r *queryResolver) Goals(_ context.Context, first *int, _ *model.GoalFilter, order world.Order) (*world.Page[*world.Goal], error) {
	if err := r.World.Fault("Query", 0, "goals"); err != nil {
		return nil, err
	}
	limit := len(r.World.Goals)
	if first != nil {
		limit = min(max(*first, 0), limit)
	}
	goals := slices.Clone(r.World.Goals[:limit])
	if order == world.Descending {
		slices.Reverse(goals)
	}
	return page(goals, len(r.World.Goals)), nil
}

func (r *queryResolver) Goal(_ context.Context, n int) (*world.Goal, error) {
	if n < 0 || n >= len(r.World.Goals) {
		return nil, r.World.Fault("Query", n, "goal")
	}
	return r.World.Goals[n], nil
}

func (r *queryResolver) MustGoal(ctx context.Context, n int) (*world.Goal, error) {
	return r.Query().Goal(ctx, n)
}

func (r *queryResolver) Things(_ context.Context) ([]world.Thing, error) {
	return some(r.Resolver, "Query", 0, "things", r.things(), 5), nil
}

func (r *queryResolver) MaybeThings(_ context.Context) ([]world.Thing, error) {
	return some(r.Resolver, "Query", 0, "maybeThings", r.things(), 5), r.World.Fault("Query", 0, "maybeThings")
}

func (r *queryResolver) Titled(_ context.Context) ([]world.Titled, error) {
	return some(r.Resolver, "Query", 0, "titled", r.titled(), 5), nil
}

func (r *queryResolver) Prizes(_ context.Context) ([]world.Prize, error) {
	return some(r.Resolver, "Query", 0, "prizes", r.prizes(), 5), nil
}

func (r *queryResolver) Grid(_ context.Context) ([][]*world.Task, error) {
	grid := make([][]*world.Task, 3)
	for i := range grid {
		if !r.World.Missing("Query", i, "grid") {
			grid[i] = some(r.Resolver, "Query", i, "grid", r.World.Tasks, 3)
		}
	}
	return grid, nil
}

func (r *queryResolver) Team(_ context.Context, n int) (*world.Team, error) {
	return r.World.Teams[max(n, 0)%len(r.World.Teams)], nil
}

func (r *queryResolver) Groups(_ context.Context) ([]world.Grouped, error) {
	return some(r.Resolver, "Query", 0, "groups", []world.Grouped{r.World.Teams[0], r.World.Teams[1]}, 4), nil
}

func (r *queryResolver) Sized(_ context.Context) (world.Sized, error) {
	return r.World.Teams[0], nil
}

func (r *queryResolver) People(_ context.Context) ([]*world.Person, error) {
	return some(r.Resolver, "Query", 0, "people", r.World.People, 6), nil
}

func (r *queryResolver) Viewer(_ context.Context) (*world.Person, error) {
	return r.World.People[0], nil
}

func (r *queryResolver) Forbidden(_ context.Context) (string, error) {
	return "never seen", nil
}

func (r *queryResolver) Echo(_ context.Context, input model.EchoInput, mood *world.Mood, days []*time.Time) (string, error) {
	if mood == nil {
		return "no mood", nil
	}
	return fmt.Sprint(input.Text, len(input.List.Value()), *mood, len(days)), nil
}

func (r *queryResolver) Fail(_ context.Context) (string, error) {
	return "", errNoNode
}

func (r *queryResolver) MaybeFail(_ context.Context) (*string, error) {
	return nil, gqlerror.List{gqlerror.Errorf("one"), {Message: "two", Extensions: map[string]any{"code": "TWO"}}}
}

func (r *subscriptionResolver) Ticks(ctx context.Context, count int) (<-chan *world.Tick, error) {
	if count < 0 {
		return nil, errNoNode
	}
	return events(ctx, count, func(n int) *world.Tick { return &world.Tick{N: n} }), nil
}

func (r *subscriptionResolver) TaskChanged(ctx context.Context, count int) (<-chan *world.Task, error) {
	return events(ctx, count, func(n int) *world.Task {
		if n%3 == 1 {
			return nil
		}
		return r.World.Tasks[n%len(r.World.Tasks)]
	}), nil
}

func (r *subscriptionResolver) Refused(ctx context.Context) (<-chan int, error) {
	return events(ctx, 1, func(n int) int { return n }), nil
}

func (r *subscriptionResolver) Broken(_ context.Context) (<-chan *int, error) {
	panic("broken subscription") //nolint:forbidigo // panics are what is tried
}

func (r *tickResolver) Goal(_ context.Context, objs []*world.Tick) ([]*world.Goal, error) {
	return of(r.Resolver, "Tick", "goal", objs, tickN, func(t *world.Tick) *world.Goal { return one(r.Resolver, "Tick", t.N, "goal", r.World.Goals) })
}

func (r *tickResolver) MustGoal(_ context.Context, objs []*world.Tick) ([]*world.Goal, error) {
	return of(r.Resolver, "Tick", "mustGoal", objs, tickN, func(t *world.Tick) *world.Goal { return one(r.Resolver, "Tick", t.N, "must", r.World.Goals) })
}

// Mutation returns the resolvers of that type.
func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

// Query returns the resolvers of that type.
func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

// Subscription returns the resolvers of that type.
func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

// Tick returns the resolvers of that type.
func (r *Resolver) Tick() generated.TickResolver { return &tickResolver{r} }

type (
	mutationResolver     struct{ *Resolver }
	queryResolver        struct{ *Resolver }
	subscriptionResolver struct{ *Resolver }
	tickResolver         struct{ *Resolver }
)
