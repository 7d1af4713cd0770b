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
