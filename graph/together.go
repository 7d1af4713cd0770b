package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// How objectives are made together, worked out for a whole level at once.

// signOffStatuses holds the signatures of each objective against the workspace's policy.
func (r *Resolver) signOffStatuses(ctx context.Context, objs []*needle.Objective) ([]*needle.SignOffStatus, error) {
	s, ids := r.scope(ctx), keys(objs, objectiveID)
	policy, err := s.Policy(ctx)
	if err != nil {
		return nil, err
	}
	participants, err := s.ParticipantsOfAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	signOffs, err := s.SignOffsOfAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*needle.SignOffStatus, len(objs))
	for i, o := range objs {
		out[i] = needle.SignOffStatusOf(policy, participants[o.ID], signOffs[o.ID], o.Revision)
	}
	return out, nil
}

// waitingFor reads the people that each objective waits for, all in one statement.
func (r *Resolver) waitingFor(ctx context.Context, objs []*needle.SignOffStatus) ([][]*needle.User, error) {
	var ids []needle.UserID
	for _, s := range objs {
		ids = append(ids, s.WaitingFor...)
	}
	people, err := r.scope(ctx).UsersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([][]*needle.User, len(objs))
	for i, s := range objs {
		out[i], people = people[:len(s.WaitingFor)], people[len(s.WaitingFor):]
	}
	return out, nil
}

// madeTogether works out the ledger of each objective as it was known at an instant; nil means now.
func (r *Resolver) madeTogether(ctx context.Context, objs []*needle.Objective, asOf *time.Time) ([]*needle.MadeTogether, error) {
	at, err := needle.KnownAt(asOf, r.Now())
	if err != nil {
		return nil, err
	}
	s := r.scope(ctx)
	policy, err := s.Policy(ctx)
	if err != nil {
		return nil, err
	}
	facts, err := s.TogetherFacts(ctx, keys(objs, objectiveID), at)
	if err != nil {
		return nil, err
	}
	out := make([]*needle.MadeTogether, len(objs))
	for i, o := range objs {
		out[i] = impact.Together(o, policy, facts[o.ID])
	}
	return out, nil
}

// hints is advice on how each objective is written.
func (r *Resolver) hints(ctx context.Context, objs []*needle.Objective) ([][]*needle.WritingHint, error) {
	parts, err := r.scope(ctx).ObjectiveParts(ctx, keys(objs, objectiveID))
	if err != nil {
		return nil, err
	}
	out := make([][]*needle.WritingHint, len(objs))
	for i, o := range objs {
		p := parts[o.ID]
		out[i] = o.Hints(&p.PainPoints, &p.KeyResults)
	}
	return out, nil
}
