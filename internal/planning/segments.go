package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// CreateSegment says what a group of customers weighs; every pain point that they reported is weighed anew. A name that
// differs from another's in case at most answers DUPLICATE.
func (p *Planner) CreateSegment(ctx context.Context, in needle.CreateSegmentInput) (*needle.Segment, error) {
	var g *needle.Segment
	err := p.change(ctx, needle.ActSetUp, in, func(ctx context.Context, a act) error {
		if err := a.HoldSegmentsAlone(ctx); err != nil {
			return err
		}
		g = &needle.Segment{Stamp: a.Stamp(), ID: needle.NewSegmentID(), Name: name(in.Name), Weight: in.Weight}
		if err := a.InsertSegment(ctx, g); err != nil {
			return err
		}
		if err := a.WeighSegments(ctx, g.Name, g.Name); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, g.ID, nil, g, about{})
	})
	return g, err
}

// UpdateSegment changes a group of customers or what it weighs; every pain point that customers of the former or the new
// name reported is weighed anew. DUPLICATE as for CreateSegment.
func (p *Planner) UpdateSegment(ctx context.Context, in needle.UpdateSegmentInput) (*needle.Segment, error) {
	var g *needle.Segment
	err := p.change(ctx, needle.ActSetUp, in, func(ctx context.Context, a act) error {
		if err := a.HoldSegmentsAlone(ctx); err != nil {
			return err
		}
		var err error
		if g, err = a.Segment(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(g.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *g
		if in.Name != nil {
			g.Name = name(*in.Name)
		}
		set(&g.Weight, in.Weight)
		if err := a.UpdateSegment(ctx, g); err != nil {
			return err
		}
		if err := a.WeighSegments(ctx, g.Name, before.Name); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, g.ID, before, g, about{})
	})
	return g, err
}

// DeleteSegment removes a group of customers and returns it as it was. Its customers' reports stay and weigh 1.
func (p *Planner) DeleteSegment(ctx context.Context, in needle.DeleteSegmentInput) (*needle.Segment, error) {
	var g *needle.Segment
	err := p.change(ctx, needle.ActSetUp, nil, func(ctx context.Context, a act) error {
		if err := a.HoldSegmentsAlone(ctx); err != nil {
			return err
		}
		var err error
		if g, err = a.Segment(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		touched := *g
		if err := a.DeleteSegment(ctx, &touched); err != nil {
			return err
		}
		if err := a.WeighSegments(ctx, g.Name, g.Name); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbDeleted, g.ID, g, nil, about{})
	})
	return g, err
}
