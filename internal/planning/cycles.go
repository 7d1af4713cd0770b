package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// CreateCycle plans a cycle; it begins in PLANNING.
func (p *Planner) CreateCycle(ctx context.Context, in needle.CreateCycleInput) (*needle.Cycle, error) {
	var c *needle.Cycle
	err := p.change(ctx, needle.ActPlanCycles, in, func(ctx context.Context, a act) error {
		c = &needle.Cycle{
			Stamp: a.Stamp(), ID: needle.NewCycleID(), Name: needle.Clean(in.Name),
			StartsOn: in.StartsOn, EndsOn: in.EndsOn, State: needle.CyclePlanning,
		}
		if err := a.InsertCycle(ctx, c); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, c.ID, nil, c, about{})
	})
	return c, err
}

// UpdateCycle changes a cycle. Its state moves one step at a time; any other move answers CONFLICT.
func (p *Planner) UpdateCycle(ctx context.Context, in needle.UpdateCycleInput) (*needle.Cycle, error) {
	var c *needle.Cycle
	err := p.change(ctx, needle.ActPlanCycles, in, func(ctx context.Context, a act) error {
		var err error
		if c, err = a.Cycle(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(c.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before, verb := *c, needle.VerbUpdated
		if in.State != nil && *in.State != c.State {
			if !c.CanMove(*in.State) {
				return needle.Conflict("input.state", "a cycle cannot go from "+string(c.State)+" to "+string(*in.State))
			}
			verb = needle.VerbMoved
		}
		setText(&c.Name, in.Name)
		set(&c.StartsOn, in.StartsOn)
		set(&c.EndsOn, in.EndsOn)
		set(&c.State, in.State)
		if err := c.Validate(); err != nil {
			return err
		}
		if err := a.UpdateCycle(ctx, c); err != nil {
			return err
		}
		return a.record(ctx, verb, c.ID, before, c, about{})
	})
	return c, err
}
