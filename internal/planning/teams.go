package planning

import (
	"context"
	"slices"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// teamTree names what transactions that move teams queue on, so that two of them never close a loop.
const teamTree = "team tree"

// CreateTeam founds a team.
func (p *Planner) CreateTeam(ctx context.Context, in needle.CreateTeamInput) (*needle.Team, error) {
	var t *needle.Team
	err := p.change(ctx, needle.ActManagePeople, in, func(ctx context.Context, a act) error {
		t = &needle.Team{
			Stamp: a.Stamp(), ID: needle.NewTeamID(), Key: in.Key, Name: needle.Clean(in.Name),
			LeadID: in.LeadID, ParentID: in.ParentID,
		}
		if err := a.checkTeam(ctx, t); err != nil {
			return err
		}
		if err := a.InsertTeam(ctx, t); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, t.ID, nil, t, about{team: &t.ID})
	})
	return t, err
}

// UpdateTeam changes a team.
func (p *Planner) UpdateTeam(ctx context.Context, in needle.UpdateTeamInput) (*needle.Team, error) {
	var t *needle.Team
	err := p.change(ctx, needle.ActManagePeople, in, func(ctx context.Context, a act) error {
		if in.ParentID.IsSet() {
			if err := a.Serialize(ctx, teamTree); err != nil {
				return err
			}
		}
		var err error
		if t, err = a.Team(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(t.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *t
		setText(&t.Name, in.Name)
		if v, ok := in.LeadID.ValueOK(); ok {
			t.LeadID = v
		}
		if v, ok := in.ParentID.ValueOK(); ok {
			t.ParentID = v
		}
		if err := a.checkTeam(ctx, t); err != nil {
			return err
		}
		if err := a.UpdateTeam(ctx, t); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, t.ID, before, t, about{team: &t.ID})
	})
	return t, err
}

// membership is what an activity says about who belongs to a team.
type membership struct{ Members []*needle.TeamMember }

// SetTeamMembers replaces the members of a team.
func (p *Planner) SetTeamMembers(ctx context.Context, in needle.SetTeamMembersInput) (*needle.Team, error) {
	var t *needle.Team
	err := p.change(ctx, needle.ActManagePeople, in, func(ctx context.Context, a act) error {
		var err error
		if t, err = a.Team(ctx, in.TeamID); err != nil {
			return at("input.teamId", err)
		}
		if err := current(t.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if err := a.checkMembers(ctx, in.Members); err != nil {
			return err
		}
		before, err := a.TeamMembers(ctx, []needle.TeamID{t.ID})
		if err != nil {
			return err
		}
		if err := a.SetTeamMembers(ctx, t.ID, in.Members); err != nil {
			return err
		}
		if err := a.UpdateTeam(ctx, t); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, t.ID, membership{before[t.ID]}, membership{in.Members}, about{team: &t.ID})
	})
	return t, err
}

// checkTeam demands that a team's leader and parent exist and that the parent does not belong to the team in turn.
func (a act) checkTeam(ctx context.Context, t *needle.Team) error {
	if t.ParentID != nil {
		if _, err := a.Team(ctx, *t.ParentID); err != nil {
			return at("input.parentId", err)
		}
		above, err := a.TeamAncestors(ctx, *t.ParentID)
		if err != nil {
			return err
		}
		if slices.Contains(above, t.ID) {
			return needle.Invalid("input.parentId", needle.CodeInvalid, "this team would belong to a team that belongs to it")
		}
	}
	if t.LeadID == nil {
		return nil
	}
	_, err := a.User(ctx, *t.LeadID)
	return at("input.leadId", err)
}

// checkMembers demands that everybody listed exists; others are named by their place in the input.
func (a act) checkMembers(ctx context.Context, members []*needle.TeamMember) error {
	ids := make([]needle.UserID, len(members))
	for i, m := range members {
		ids[i] = m.UserID
	}
	people, err := a.UsersByID(ctx, ids)
	if err != nil {
		return err
	}
	var errs needle.Errors
	for i, person := range people {
		if person == nil {
			errs = append(errs, needle.NotFound("input.members."+strconv.Itoa(i)+".userId", "person"))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
