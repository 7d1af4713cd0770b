package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) InviteParticipants(ctx context.Context, input needle.InviteParticipantsInput) (*model.InviteParticipantsPayload, error) {
	objective, problems, err := settle(r.Planner.InviteParticipants(ctx, input))
	return &model.InviteParticipantsPayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) LeaveObjective(ctx context.Context, input needle.LeaveObjectiveInput) (*model.LeaveObjectivePayload, error) {
	objective, problems, err := settle(r.Planner.LeaveObjective(ctx, input))
	return &model.LeaveObjectivePayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) Participants(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.ParticipantFilter, orderBy []*needle.Order[needle.ParticipantOrderField]) ([]*needle.Page[*needle.Participant], error) {
	return r.scope(ctx).ParticipantsByObjective(ctx, keys(objs, objectiveID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *participantResolver) User(ctx context.Context, objs []*needle.Participant) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(p *needle.Participant) needle.UserID { return p.UserID }))
}

func (r *participantResolver) InvitedBy(ctx context.Context, objs []*needle.Participant) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(p *needle.Participant) needle.UserID { return p.InvitedBy }))
}

func (r *Resolver) Participant() generated.ParticipantResolver { return &participantResolver{r} }

type participantResolver struct{ *Resolver }
