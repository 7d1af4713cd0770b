package needle_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestTeams(t *testing.T) {
	t.Parallel()
	team := func(key string) error { return needle.CreateTeamInput{Key: key, Name: "Payments"}.Validate() }
	const wrong = "INVALID input.key"
	id, user := needle.NewTeamID(), needle.NewUserID()
	member := &needle.TeamMember{UserID: user, Function: needle.FunctionTeam}
	checkRules(t, []rule{
		{"the shortest key", team("P2"), ""},
		{"the longest key", team("PAYMENTS12"), ""},
		{"a key of one letter", team("P"), wrong},
		{"a key that is too long", team("PAYMENTS123"), wrong},
		{"small letters", team("pay"), wrong},
		{"a digit first", team("2PAY"), wrong},
		{"a line break", team("PAY\n"), wrong},
		{"its own parent", needle.UpdateTeamInput{ID: id, ParentID: needle.Given(&id)}.Validate(), "INVALID input.parentId"},
		{"no parent any more", needle.UpdateTeamInput{ID: id, ParentID: needle.Given[needle.TeamID](nil)}.Validate(), ""},
		{"no name", needle.UpdateTeamInput{ID: id, Name: ptr("")}.Validate(), "REQUIRED input.name"},
		{"nobody", needle.SetTeamMembersInput{TeamID: id}.Validate(), ""},
		{
			"the same person three times",
			needle.SetTeamMembersInput{Members: []*needle.TeamMember{member, member, member}}.Validate(),
			"DUPLICATE input.members.1.userId; DUPLICATE input.members.2.userId",
		},
	})
}
