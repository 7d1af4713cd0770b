package demo

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// person is somebody of the company.
type person struct {
	key, name string
	role      needle.Role
	function  needle.Function
}

// The teams, by their keys.
const (
	payTeam = "PAY"
	onbTeam = "ONB"
)

// The cycles of the story.
const (
	previousCycle = "previous"
	presentCycle  = "present"
)

func cast() []person {
	return []person{
		{owner, "Mara Lindqvist", needle.RoleOwner, needle.FunctionLeader},
		{"tobias", "Tobias Kern", needle.RoleAdmin, needle.FunctionLeader},
		{"ines", "Ines Moreau", needle.RoleMember, needle.FunctionTeam},
		{"dmitri", "Dmitri Vale", needle.RoleMember, needle.FunctionTeam},
		{"aiko", "Aiko Tanabe", needle.RoleMember, needle.FunctionTeam},
		{"samuel", "Samuel Oduya", needle.RoleAdmin, needle.FunctionLeader},
		{"priya", "Priya Nair", needle.RoleMember, needle.FunctionTeam},
		{"lena", "Lena Brandt", needle.RoleMember, needle.FunctionTeam},
		{"jonas", "Jonas Feld", needle.RoleMember, needle.FunctionCustomerFacing},
		{"carla", "Carla Mendes", needle.RoleMember, needle.FunctionCustomerFacing},
		{"ruth", "Ruth Abel", needle.RoleViewer, needle.FunctionStakeholder},
	}
}

func (p person) email() string { return p.key + "@brightcart.example" }

// founder adds the first person, whom nobody can invite.
func (s *story) founder(ctx context.Context) error {
	first := cast()[0]
	u := &needle.User{
		Stamp: s.scope.Stamp(), ID: needle.NewUserID(), Email: first.email(), Name: first.name,
		Role: first.role, Function: first.function,
	}
	s.people[first.key] = u
	return s.scope.InsertUser(ctx, u)
}

// writePeople brings the people in, founds the teams and sets the cycles.
func (s *story) writePeople() {
	const first = -cycleDays - 13
	for i, p := range cast()[1:] {
		s.plan(first, 9+float64(i)/10, owner, func(ctx context.Context) error {
			return keep(s.people, p.key)(s.planner.CreateUser(ctx, needle.CreateUserInput{
				Email: p.email(), Name: p.name, Role: p.role, Function: p.function,
			}))
		})
	}
	s.writeTeam(first, payTeam, "Checkout", "tobias", "ines", "dmitri", "aiko", "jonas")
	s.writeTeam(first, onbTeam, "Onboarding", "samuel", "priya", "lena", "carla")

	previous, present := s.cycleNames()
	s.writeCycle(previousCycle, previous, -cycleDays)
	s.writeCycle(presentCycle, present, 0)
	s.plan(3, 17, owner, s.moveCycle(previousCycle, needle.CycleClosed))
}

func (s *story) writeTeam(d int, key, name, lead string, members ...string) {
	s.plan(d, 11, owner, func(ctx context.Context) error {
		return keep(s.teams, key)(s.planner.CreateTeam(ctx, needle.CreateTeamInput{Key: key, Name: name, LeadID: &s.people[lead].ID}))
	})
	s.plan(d, 12, owner, func(ctx context.Context) error {
		in := needle.SetTeamMembersInput{TeamID: s.teams[key].ID}
		for _, m := range append([]string{lead}, members...) {
			u := s.people[m]
			in.Members = append(in.Members, &needle.TeamMember{UserID: u.ID, Function: u.Function})
		}
		_, err := s.planner.SetTeamMembers(ctx, in)
		return err
	})
}

// writeCycle plans a cycle two weeks before its first day and starts it on that day.
func (s *story) writeCycle(key, name string, from int) {
	s.plan(from-13, 13, owner, func(ctx context.Context) error {
		return keep(s.cycles, key)(s.planner.CreateCycle(ctx, needle.CreateCycleInput{
			Name: name, StartsOn: needle.NewDate(s.at(from, 0)), EndsOn: needle.NewDate(s.at(from+cycleDays-1, 0)),
		}))
	})
	s.plan(from, 8, owner, s.moveCycle(key, needle.CycleActive))
}

func (s *story) moveCycle(key string, to needle.CycleState) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := s.planner.UpdateCycle(ctx, needle.UpdateCycleInput{ID: s.cycles[key].ID, State: &to})
		return err
	}
}
