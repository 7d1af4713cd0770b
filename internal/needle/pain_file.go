package needle

import "strconv"

// MaxFileContent is how long a file may be that comes through the API, in characters.
const MaxFileContent = 1_000_000

// PainFileFormat is how a file of pain points is written.
type PainFileFormat string

// The formats.
const (
	// PainFileCSV has one line for each, after a line of names.
	PainFileCSV PainFileFormat = "CSV"
	// PainFileJSONL has one JSON object in each line.
	PainFileJSONL PainFileFormat = "JSONL"
)

// PainFileField is what a column of a file says about a pain point.
type PainFileField string

// The fields.
const (
	PainFileExternalKey PainFileField = "EXTERNAL_KEY"
	PainFileTitle       PainFileField = "TITLE"
	PainFileDescription PainFileField = "DESCRIPTION"
	PainFileCategory    PainFileField = "CATEGORY"
	PainFileSeverity    PainFileField = "SEVERITY"
	PainFileReporter    PainFileField = "REPORTER"
	PainFileSegment     PainFileField = "SEGMENT"
	PainFileQuote       PainFileField = "QUOTE"
	PainFileSource      PainFileField = "SOURCE"
	PainFileURL         PainFileField = "URL"
	PainFileObservedAt  PainFileField = "OBSERVED_AT"
)

// PainFileFields lists every field, in the order in which they are usually written.
func PainFileFields() []PainFileField {
	return []PainFileField{
		PainFileExternalKey, PainFileTitle, PainFileDescription, PainFileCategory, PainFileSeverity,
		PainFileReporter, PainFileSegment, PainFileQuote, PainFileSource, PainFileURL, PainFileObservedAt,
	}
}

// PainFileColumnInput says what a column of a file means.
type PainFileColumnInput struct {
	// Column is the column's name in the file.
	Column string
	// Field is what it says; nil when the column is to be passed over.
	Field *PainFileField
}

// PainFile says how to read a file of pain points.
type PainFile struct {
	// Format is how it is written.
	Format PainFileFormat
	// Mapping says what columns mean whose names say it not; the others go by their names.
	Mapping []*PainFileColumnInput
	// DryRun is true when nothing is to be written.
	DryRun bool
}

// ImportPainPointsInput imports pain points from the text of a file, all of them or none.
type ImportPainPointsInput struct {
	Format           PainFileFormat
	Content          string
	DryRun           *bool
	Mapping          []*PainFileColumnInput
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; the file itself is read afterwards.
func (in ImportPainPointsInput) Validate() error {
	c := check{prefix: "input"}
	c.upTo("content", in.Content, MaxFileContent)
	listed(&c, "mapping", in.Mapping)
	for i, m := range in.Mapping {
		c.text(indexed("mapping", i, "column"), m.Column, MaxTitle)
	}
	return c.err()
}

// LineError is an Error about one column of one line of a file; column is empty when it is about the whole line.
func LineError(line int, column string, code Code, message string) *Error {
	e := &Error{Code: code, Field: []string{"input", "content", strconv.Itoa(line)}, Message: "line " + strconv.Itoa(line)}
	if column != "" {
		e.Field = append(e.Field, column)
		e.Message += ", " + column
	}
	e.Message += ": " + message
	return e
}
