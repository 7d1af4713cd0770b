package needle

import "time"

// MadeTogether is the ledger of who took part in writing an objective and how, as it was known at an instant.
type MadeTogether struct {
	// People are those who were invited or did something, by name.
	People []*TogetherPerson
	// Functions sums People up, every function once.
	Functions []*TogetherFunction
	// MissingFunctions are those the policy asks for that nobody has acted for.
	MissingFunctions []Function
	// MadeInAVacuum is true when the author is the only one who has done anything.
	MadeInAVacuum bool
	// FirstProposedAt is when a key result was first offered for it or it was first proposed itself, whichever came
	// first; nil while neither has happened.
	FirstProposedAt *time.Time
	// AgreedAt is when it was first agreed; nil while it never was.
	AgreedAt *time.Time
	// DaysToAgreement is the time between the two, in days; nil while one is missing, or when nobody proposed before it
	// was agreed.
	DaysToAgreement *float64
}

// TogetherPerson is what one person did for an objective; the numbers count how often.
type TogetherPerson struct {
	// UserID is the person.
	UserID UserID
	// Function is the side they speak for in it: as a participant, and else the one they usually speak for.
	Function Function
	// Invited is true when somebody else asked them to take part.
	Invited bool
	// Proposed counts key results offered.
	Proposed int
	// Suggested counts changes suggested.
	Suggested int
	// Voted counts votes the person had a ballot in.
	Voted int
	// Commented counts comments that were not taken back.
	Commented int
	// Signed counts signatures and requests for changes.
	Signed int
	// Wrote counts changes of the objective and of its key results; at least 1 for its author.
	Wrote int
}

// Acts counts all that the person did.
func (p *TogetherPerson) Acts() int {
	return p.Proposed + p.Suggested + p.Voted + p.Commented + p.Signed + p.Wrote
}

// TogetherFunction is what the people of one function did for an objective.
type TogetherFunction struct {
	// Function is the side they speak for.
	Function Function
	// People counts those who were invited or did something.
	People int
	// Acts counts all that they did.
	Acts int
}

// TogetherFacts is what a ledger is worked out from, as it was known at an instant.
type TogetherFacts struct {
	// People are those who were invited or did something, by name, the author among them.
	People []*TogetherPerson
	// FirstProposedAt and AgreedAt are as in MadeTogether.
	FirstProposedAt, AgreedAt *time.Time
}
