package needle

import (
	"slices"
	"strconv"
)

// SuggestedField is a field that a suggestion can change.
type SuggestedField string

// The fields. TITLE and DESCRIPTION are texts of objectives; TITLE, WORDING and UNIT of key results; the rest are their
// numbers.
const (
	FieldTitle       SuggestedField = "TITLE"
	FieldDescription SuggestedField = "DESCRIPTION"
	FieldWording     SuggestedField = "WORDING"
	FieldUnit        SuggestedField = "UNIT"
	FieldBaseline    SuggestedField = "BASELINE"
	FieldTarget      SuggestedField = "TARGET"
	FieldStretch     SuggestedField = "STRETCH"
	FieldBandLow     SuggestedField = "BAND_LOW"
	FieldBandHigh    SuggestedField = "BAND_HIGH"
	FieldWeight      SuggestedField = "WEIGHT"
)

// SuggestedChange is one field as the author of a suggestion read it and as it should be; numbers are written in
// decimal, and an empty text is no number.
type SuggestedChange struct {
	Field SuggestedField `json:"field"`
	From  string         `json:"from"`
	To    string         `json:"to"`
}

// Suggestion is a change of an objective or of one of its key results that somebody offers. Accepting it applies it,
// unless what it changes no longer reads as its author read it.
type Suggestion struct {
	Stamp
	ID SuggestionID `bun:"id,pk"`
	// ObjectiveID is the objective concerned.
	ObjectiveID ObjectiveID
	// SubjectID is the public id of the objective or key result to change.
	SubjectID string
	// Changes are the fields to change, each once, at least one.
	Changes []SuggestedChange `bun:"type:jsonb"`
	// Rationale says why; may be empty.
	Rationale string
	Offer
}

// IsNode marks Suggestion as a Node.
func (*Suggestion) IsNode() {}

// Suggestible is what suggestions change: an objective or a key result.
type Suggestible interface {
	// Reads returns what a field says, as suggestions write it; empty when it has no such field.
	Reads(field SuggestedField) string
	// Fields lists what a suggestion can change in it.
	Fields() []SuggestedField
}

// Reads implements Suggestible.
func (o *Objective) Reads(field SuggestedField) string {
	switch field {
	case FieldTitle:
		return o.Title
	case FieldDescription:
		return o.Description
	default:
		return ""
	}
}

// Fields implements Suggestible.
func (*Objective) Fields() []SuggestedField { return []SuggestedField{FieldTitle, FieldDescription} }

// Reads implements Suggestible.
func (k *KeyResult) Reads(field SuggestedField) string {
	switch field {
	case FieldTitle:
		return k.Title
	case FieldWording:
		return k.Wording
	case FieldUnit:
		return k.Unit
	case FieldWeight:
		return formatNumber(&k.Weight)
	default:
		if number := k.number(field); number != nil {
			return formatNumber(*number)
		}
		return ""
	}
}

// Fields implements Suggestible.
func (*KeyResult) Fields() []SuggestedField {
	return append([]SuggestedField{FieldTitle, FieldWording, FieldUnit, FieldWeight}, goalFields...)
}

// goalFields are those of a Goal.
var goalFields = []SuggestedField{FieldBaseline, FieldTarget, FieldStretch, FieldBandLow, FieldBandHigh}

// number returns where a goal holds a field; nil when it is none of a goal's.
func (g *Goal) number(field SuggestedField) **float64 {
	switch field {
	case FieldBaseline:
		return &g.Baseline
	case FieldTarget:
		return &g.Target
	case FieldStretch:
		return &g.Stretch
	case FieldBandLow:
		return &g.BandLow
	case FieldBandHigh:
		return &g.BandHigh
	default:
		return nil
	}
}

func formatNumber(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v+0, 'f', -1, 64) // Adding nothing makes -0 and 0 read alike.
}

func parseNumber(text string) *float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil // The empty text: nothing else that formatNumber did not write is stored.
	}
	return &v
}

// ChangesOf returns the fields in which what is wanted reads otherwise than what is there.
func ChangesOf(there, wanted Suggestible) []SuggestedChange {
	var changes []SuggestedChange
	for _, field := range there.Fields() {
		if from, to := there.Reads(field), wanted.Reads(field); from != to {
			changes = append(changes, SuggestedChange{Field: field, From: from, To: to})
		}
	}
	return changes
}

// Moved returns the fields that no longer read as the suggestion's author read them.
func (s *Suggestion) Moved(subject Suggestible) []SuggestedField {
	var moved []SuggestedField
	for _, c := range s.Changes {
		if subject.Reads(c.Field) != c.From {
			moved = append(moved, c.Field)
		}
	}
	return moved
}

// Stale reports whether an open suggestion cannot be accepted any more, because a field of its subject moved on.
func (s *Suggestion) Stale(subject Suggestible) bool {
	return s.State == OfferOpen && len(s.Moved(subject)) > 0
}

// to returns what a field should say; nil when the suggestion leaves it alone.
func (s *Suggestion) to(field SuggestedField) *string {
	i := slices.IndexFunc(s.Changes, func(c SuggestedChange) bool { return c.Field == field })
	if i < 0 {
		return nil
	}
	return &s.Changes[i].To
}

// ObjectiveInput returns the update of an objective that the suggestion comes to.
func (s *Suggestion) ObjectiveInput() UpdateObjectiveInput {
	return UpdateObjectiveInput{ID: s.ObjectiveID, Title: s.to(FieldTitle), Description: s.to(FieldDescription)}
}

// KeyResultInput returns the update of a key result that the suggestion comes to, its numbers aside; ok is false when
// it changes nothing but those.
func (s *Suggestion) KeyResultInput(k *KeyResult) (in UpdateKeyResultInput, ok bool) {
	in = UpdateKeyResultInput{ID: k.ID, Title: s.to(FieldTitle), Wording: s.to(FieldWording), Unit: s.to(FieldUnit)}
	if weight := s.to(FieldWeight); weight != nil {
		in.Weight = parseNumber(*weight)
	}
	return in, in.Title != nil || in.Wording != nil || in.Unit != nil || in.Weight != nil
}

// GoalInput returns the change of a key result's numbers that the suggestion comes to, those it leaves alone as they
// are; ok is false when it changes none.
func (s *Suggestion) GoalInput(k *KeyResult) (in ChangeGoalInput, ok bool) {
	goal := k.Goal
	for _, field := range goalFields {
		if to := s.to(field); to != nil {
			*goal.number(field), ok = parseNumber(*to), true
		}
	}
	return ChangeGoalInput{ID: k.ID, Goal: goal.Input(), Reason: s.Rationale}, ok
}

// ChangesGoal reports whether changes are of a key result's numbers, whose history wants a reason.
func ChangesGoal(changes []SuggestedChange) bool {
	return slices.ContainsFunc(changes, func(c SuggestedChange) bool { return slices.Contains(goalFields, c.Field) })
}

// SuggestObjectiveInput offers other texts for an objective; absent ones stay.
type SuggestObjectiveInput struct {
	ObjectiveID      ObjectiveID
	Title            *string
	Description      *string
	Rationale        *string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in SuggestObjectiveInput) Validate() error {
	c := check{prefix: "input"}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	c.upTo("description", deref(in.Description), MaxText)
	c.upTo("rationale", deref(in.Rationale), MaxText)
	return c.err()
}

// SuggestKeyResultInput offers other texts and numbers for a key result; absent ones stay. A goal is given whole.
type SuggestKeyResultInput struct {
	KeyResultID      KeyResultID
	Title            *string
	Wording          *string
	Unit             *string
	Goal             *GoalInput
	Weight           *float64
	Rationale        *string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; the rest is checked on the key result that would result.
func (in SuggestKeyResultInput) Validate() error {
	c := check{prefix: "input"}
	c.upTo("rationale", deref(in.Rationale), MaxText)
	return c.err()
}

// AcceptSuggestionInput applies a suggestion.
type AcceptSuggestionInput struct {
	ID               SuggestionID
	ExpectedVersion  *int
	ClientMutationID *string
}

// DeclineSuggestionInput says that a suggestion is not taken up, and why.
type DeclineSuggestionInput struct {
	ID               SuggestionID
	Reason           string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in DeclineSuggestionInput) Validate() error {
	c := check{prefix: "input"}
	c.text("reason", in.Reason, MaxText)
	return c.err()
}

// WithdrawSuggestionInput takes one's own suggestion back.
type WithdrawSuggestionInput struct {
	ID               SuggestionID
	ExpectedVersion  *int
	ClientMutationID *string
}

// SuggestionFilter narrows a list of suggestions; all given parts must hold.
type SuggestionFilter struct {
	And       []*SuggestionFilter
	Or        []*SuggestionFilter
	Not       *SuggestionFilter
	SubjectID *StringComparator
	State     *Comparator[OfferState]
	CreatedBy *Comparator[UserID]
	CreatedAt *DateComparator
}

// SuggestionOrderField is what suggestions can be ordered by.
type SuggestionOrderField string

// SuggestionByCreatedAt orders suggestions by when they were made.
const SuggestionByCreatedAt SuggestionOrderField = "CREATED_AT"

// DiffKind is what happened to a part of a text.
type DiffKind string

// The kinds of parts.
const (
	DiffKeep   DiffKind = "KEEP"
	DiffInsert DiffKind = "INSERT"
	DiffDelete DiffKind = "DELETE"
)

// DiffPart is a part of a text that was kept, put in or left out. What is kept and left out is the text as it was, what
// is kept and put in is the text as it should be.
type DiffPart struct {
	// Kind is what happened to it.
	Kind DiffKind
	// Text is the part, never empty.
	Text string
}
