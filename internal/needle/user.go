package needle

import "net/mail"

// Function is the side a person speaks for when results are written together.
type Function string

// The functions.
const (
	FunctionTeam           Function = "TEAM"
	FunctionLeader         Function = "LEADER"
	FunctionStakeholder    Function = "STAKEHOLDER"
	FunctionCustomerFacing Function = "CUSTOMER_FACING"
)

// Functions lists the functions, those who do the work first.
func Functions() []Function {
	return []Function{FunctionTeam, FunctionLeader, FunctionStakeholder, FunctionCustomerFacing}
}

// User is a person, or a service account, of one workspace.
type User struct {
	Stamp
	ID UserID `bun:"id,pk"`
	// Email is unique in the workspace, compared without case.
	Email string
	// Name is shown to others.
	Name string
	// Role bounds what the person may do.
	Role Role
	// Function is the side the person usually speaks for.
	Function Function
}

// IsNode marks User as a Node.
func (*User) IsNode() {}

// CreateUserInput adds a person to the workspace.
type CreateUserInput struct {
	Email            string
	Name             string
	Role             Role
	Function         Function
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateUserInput) Validate() error {
	c := check{prefix: "input"}
	c.text("name", in.Name, MaxName)
	c.email("email", in.Email)
	return c.err()
}

// UpdateUserInput changes a person; absent fields stay.
type UpdateUserInput struct {
	ID               UserID
	Name             *string
	Role             *Role
	Function         *Function
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateUserInput) Validate() error {
	c := check{prefix: "input"}
	if in.Name != nil {
		c.text("name", *in.Name, MaxName)
	}
	return c.err()
}

func (c *check) email(field, value string) {
	a, err := mail.ParseAddress(value)
	if err != nil || a.Address != value || len(value) > 254 {
		c.add(field, CodeInvalid, "this must be a plain e-mail address")
	}
}

// UserFilter narrows a list of users; all given parts must hold.
type UserFilter struct {
	And      []*UserFilter
	Or       []*UserFilter
	Not      *UserFilter
	ID       *Comparator[UserID]
	Email    *StringComparator
	Name     *StringComparator
	Role     *Comparator[Role]
	Function *Comparator[Function]
}

// UserOrderField is what users can be ordered by.
type UserOrderField string

// The order fields of users.
const (
	UserByName      UserOrderField = "NAME"
	UserByCreatedAt UserOrderField = "CREATED_AT"
)
