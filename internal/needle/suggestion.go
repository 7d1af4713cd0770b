package needle

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
