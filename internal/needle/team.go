package needle

import (
	"regexp"

	"github.com/99designs/gqlgen/graphql"
)

// Team is a group of people who own objectives and a backlog.
type Team struct {
	Stamp
	ID TeamID `bun:"id,pk"`
	// Key is the team's short name, unique in the workspace, as in "PAY".
	Key string
	// Name is shown to people.
	Name string
	// LeadID is the leader; nil while there is none.
	LeadID *UserID
	// ParentID is the team this one belongs to; nil at the top.
	ParentID *TeamID
}

// IsNode marks Team as a Node.
func (*Team) IsNode() {}

// TeamMember is a person's place in a team.
type TeamMember struct {
	// UserID is the person.
	UserID UserID
	// Function is the side the person speaks for in this team.
	Function Function
}

var teamKey = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}$`)

// CreateTeamInput founds a team.
type CreateTeamInput struct {
	Key              string
	Name             string
	LeadID           *UserID
	ParentID         *TeamID
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateTeamInput) Validate() error {
	c := check{prefix: "input"}
	if !teamKey.MatchString(in.Key) {
		c.add("key", CodeInvalid, "a team's key has 2 to 10 capital letters and digits and starts with a letter")
	}
	c.text("name", in.Name, MaxName)
	return c.err()
}

// UpdateTeamInput changes a team; absent fields stay, null clears the lead or the parent.
type UpdateTeamInput struct {
	ID               TeamID
	Name             *string
	LeadID           graphql.Omittable[*UserID]
	ParentID         graphql.Omittable[*TeamID]
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateTeamInput) Validate() error {
	c := check{prefix: "input"}
	if in.Name != nil {
		c.text("name", *in.Name, MaxName)
	}
	if p := in.ParentID.Value(); p != nil && *p == in.ID {
		c.add("parentId", CodeInvalid, "a team cannot be its own parent")
	}
	return c.err()
}

// SetTeamMembersInput replaces the members of a team.
type SetTeamMembersInput struct {
	TeamID           TeamID
	Members          []*TeamMember
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in SetTeamMembersInput) Validate() error {
	c := check{prefix: "input"}
	if len(in.Members) > 200 {
		c.add("members", CodeOutOfRange, "a team has at most 200 members")
	}
	seen := map[UserID]bool{}
	for i, m := range in.Members {
		if seen[m.UserID] {
			c.add(indexed("members", i, "userId"), CodeDuplicate, "this person is listed twice")
		}
		seen[m.UserID] = true
	}
	return c.err()
}

// TeamFilter narrows a list of teams; all given parts must hold.
type TeamFilter struct {
	And      []*TeamFilter
	Or       []*TeamFilter
	Not      *TeamFilter
	ID       *Comparator[TeamID]
	Key      *StringComparator
	Name     *StringComparator
	ParentID *Comparator[TeamID]
}

// TeamOrderField is what teams can be ordered by.
type TeamOrderField string

// The order fields of teams.
const (
	TeamByName      TeamOrderField = "NAME"
	TeamByKey       TeamOrderField = "KEY"
	TeamByCreatedAt TeamOrderField = "CREATED_AT"
)
