package planning

import (
	"cmp"
	"context"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// InviteParticipants asks people to take part in writing an objective; asking somebody again changes their place in it
// as far as the input says. A closed objective answers CONFLICT, and so does asking somebody to sign who may not.
func (p *Planner) InviteParticipants(ctx context.Context, in needle.InviteParticipantsInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActInvite, in, func(ctx context.Context, a act) error {
		var err error
		if o, err = a.openObjective(ctx, "input.objectiveId", in.ObjectiveID); err != nil {
			return err
		}
		people, err := a.invited(ctx, in.Participants)
		if err != nil {
			return err
		}
		before, after, err := a.places(ctx, o, in.Participants, people)
		if err != nil {
			return err
		}
		if err := a.PutParticipants(ctx, after); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbLinked, o.ID, partaking{before}, partaking{after}, about{&o.TeamID, &o.ID})
	})
	return o, err
}

// LeaveObjective lets a person stop taking part: the viewer, or somebody else when the viewer may invite. What they did
// stays in the ledger, but their signature counts no more. Who does not take part answers CONFLICT, and so does a closed
// objective.
func (p *Planner) LeaveObjective(ctx context.Context, in needle.LeaveObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActLeave, in, func(ctx context.Context, a act) error {
		var err error
		if o, err = a.openObjective(ctx, "input.objectiveId", in.ObjectiveID); err != nil {
			return err
		}
		who := or(in.UserID, a.viewer.UserID)
		if who != a.viewer.UserID && !a.viewer.May(needle.ActInvite) {
			return needle.Invalid("input.userId", needle.CodeForbidden, "you may not make others leave an objective")
		}
		if _, err := a.User(ctx, who); err != nil {
			return at("input.userId", err)
		}
		place, takesPart, err := a.place(ctx, o, who)
		if err != nil {
			return err
		}
		if !takesPart {
			return needle.Conflict("input.userId", "this person does not take part in the objective")
		}
		left, now := place, a.Now()
		left.LeftAt = &now
		if err := a.PutParticipants(ctx, []*needle.Participant{&left}); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUnlinked, o.ID,
			partaking{[]*needle.Participant{&place}}, partaking{[]*needle.Participant{&left}}, about{&o.TeamID, &o.ID})
	})
	return o, err
}

// partaking is what an activity says about who takes part in an objective.
type partaking struct{ Participants []*needle.Participant }

// place returns a person's place in an objective; ok is false for those who do not take part, or no more.
func (a act) place(ctx context.Context, o *needle.Objective, user needle.UserID) (place needle.Participant, ok bool, err error) {
	all, err := a.ParticipantsOfAll(ctx, []needle.ObjectiveID{o.ID})
	for _, p := range all[o.ID] {
		if p.UserID == user && p.TakesPart() {
			return *p, true, err
		}
	}
	return place, false, err
}

// invited reads the people to invite. Unknown ones, and those asked to sign who may not, are named by their place in the
// input.
func (a act) invited(ctx context.Context, in []*needle.ParticipantInput) ([]*needle.User, error) {
	ids := make([]needle.UserID, len(in))
	for i, p := range in {
		ids[i] = p.UserID
	}
	people, err := a.UsersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var errs needle.Errors
	for i, u := range people {
		path := "input.participants." + strconv.Itoa(i)
		switch {
		case u == nil:
			errs = append(errs, needle.NotFound(path+".userId", "person"))
		case or(in[i].MustSign, false) && !u.May(needle.ActSignOff):
			errs = append(errs, needle.Conflict(path+".mustSign",
				"this person may not sign objectives off; somebody who manages people can give them a role or function that may"))
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return people, nil
}

// places returns people's places in an objective as they are, nil where they have none, and as they are to be.
func (a act) places(ctx context.Context, o *needle.Objective, in []*needle.ParticipantInput, people []*needle.User) (before, after []*needle.Participant, err error) {
	all, err := a.ParticipantsOfAll(ctx, []needle.ObjectiveID{o.ID})
	if err != nil {
		return nil, nil, err
	}
	known := map[needle.UserID]*needle.Participant{}
	for _, p := range all[o.ID] {
		known[p.UserID] = p
	}
	functions, err := a.TeamFunctions(ctx, o.TeamID)
	if err != nil {
		return nil, nil, err
	}
	for i, u := range people {
		p := a.participant(o, u.ID, cmp.Or(functions[u.ID], u.Function))
		if was := known[u.ID]; was != nil {
			before = append(before, was)
			p.Function, p.MustSign = was.Function, was.MustSign
			if was.TakesPart() {
				p.InvitedBy, p.InvitedAt = was.InvitedBy, was.InvitedAt
			}
		}
		set(&p.Function, in[i].Function)
		set(&p.MustSign, in[i].MustSign)
		after = append(after, p)
	}
	return before, after, nil
}

// participant returns a person's fresh place in an objective.
func (a act) participant(o *needle.Objective, user needle.UserID, function needle.Function) *needle.Participant {
	return &needle.Participant{
		WorkspaceID: a.WorkspaceID(), ObjectiveID: o.ID, UserID: user, Function: function,
		InvitedBy: a.viewer.UserID, InvitedAt: a.Now(),
	}
}

// gather makes the author of a fresh objective and its team's lead take part in it.
func (a act) gather(ctx context.Context, o *needle.Objective, team *needle.Team) error {
	functions, err := a.TeamFunctions(ctx, o.TeamID)
	if err != nil {
		return err
	}
	author := a.viewer.UserID
	people := []*needle.Participant{a.participant(o, author, cmp.Or(functions[author], a.viewer.Function))}
	if lead := team.LeadID; lead != nil && *lead != author {
		people = append(people, a.participant(o, *lead, needle.FunctionLeader))
	}
	return a.InsertParticipants(ctx, people)
}

// join makes a member of the objective's team take part by doing something for it: signing, voting, commenting, writing.
// It does nothing for those who take part already and for people of other teams, who are invited. What the person does
// is recorded as activity; that they joined by it is told by their place, which they gave themselves.
func (a act) join(ctx context.Context, o *needle.Objective, viewer needle.Viewer) error {
	functions, err := a.TeamFunctions(ctx, o.TeamID)
	if err != nil {
		return err
	}
	function, member := functions[viewer.UserID]
	if !member {
		return nil
	}
	place := a.participant(o, viewer.UserID, function)
	place.InvitedBy = viewer.UserID
	return a.InsertParticipants(ctx, []*needle.Participant{place})
}
