package needle

import "time"

// Category is a kind of pain. Every workspace starts with three and may add its own.
type Category struct {
	Stamp
	ID CategoryID `bun:"id,pk"`
	// Name is what pain points refer to, as in "QUALITY"; unique in the workspace without regard to case.
	Name string
	// Description says what belongs to it; may be empty.
	Description string
}

// IsNode marks Category as a Node.
func (*Category) IsNode() {}

// The categories every workspace starts with; it may add its own.
const (
	CategoryCommunication = "COMMUNICATION"
	CategoryQuality       = "QUALITY"
	CategoryComplexity    = "COMPLEXITY"
)

// DefaultCategories returns the rows a new workspace starts with.
func DefaultCategories(workspace WorkspaceID, now time.Time) []*Category {
	stamp := Stamp{WorkspaceID: workspace, CreatedAt: now, UpdatedAt: now, Version: 1}
	return []*Category{
		{stamp, NewCategoryID(), CategoryCommunication, "Customers are not told, or not understood."},
		{stamp, NewCategoryID(), CategoryQuality, "It does not do what it says."},
		{stamp, NewCategoryID(), CategoryComplexity, "It can be done, but it is too hard."},
	}
}

// MaxCategory is the limit of a category's name, in characters.
const MaxCategory = 40

// CreateCategoryInput adds a kind of pain.
type CreateCategoryInput struct {
	Name             string
	Description      *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateCategoryInput) Validate() error {
	c := check{prefix: "input"}
	c.category("name", &in.Name)
	c.upTo("description", deref(in.Description), MaxText)
	return c.err()
}

// UpdateCategoryInput changes a kind of pain; absent fields stay. A new name follows to its pain points.
type UpdateCategoryInput struct {
	ID               CategoryID
	Name             *string
	Description      *string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateCategoryInput) Validate() error {
	c := check{prefix: "input"}
	c.category("name", in.Name)
	c.upTo("description", deref(in.Description), MaxText)
	return c.err()
}

// DeleteCategoryInput removes a kind of pain that no pain point is of.
type DeleteCategoryInput struct {
	ID               CategoryID
	ClientMutationID *string
}

// CategoryFilter narrows a list of categories; all given parts must hold.
type CategoryFilter struct {
	And  []*CategoryFilter
	Or   []*CategoryFilter
	Not  *CategoryFilter
	Name *StringComparator
}

// CategoryOrderField is what categories can be ordered by.
type CategoryOrderField string

// The order fields of categories.
const (
	CategoryByName      CategoryOrderField = "NAME"
	CategoryByCreatedAt CategoryOrderField = "CREATED_AT"
)
