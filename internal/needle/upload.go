package needle

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of uploads.
const (
	// MaxUpload is the most bytes an uploaded file has.
	MaxUpload = 64 << 20
	// MaxUploadName is the most characters of its name.
	MaxUploadName = 200
)

// Upload is a file that somebody uploaded to a connection whose sources are files. It is the content of the source that
// has its name.
type Upload struct {
	Stamp
	// ConnectionID is the tracker.
	ConnectionID ConnectionID
	// Name is the file's, and the source's RemoteKey.
	Name string
	// Size is its length in bytes.
	Size int
	// SHA256 is the hash of its content, in hexadecimal.
	SHA256 string `bun:"sha256"`
	// UploadedBy is who uploaded the present content.
	UploadedBy UserID
}

// UploadFileInput puts a file into a connection, as a new source or in the place of an older file.
type UploadFileInput struct {
	ConnectionID ConnectionID
	Name         string
	// Text is the content, where it does not come beside the input.
	Text string
	// ExpectedVersion is the version of the upload that is replaced; 0 says that there is none.
	ExpectedVersion  *int
	DryRun           *bool
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UploadFileInput) Validate() error {
	c := check{prefix: "input"}
	c.fileName(in.Name)
	return c.err()
}

// PreviewUploadInput asks how a file would be read: through a connection, or by settings where there is none yet.
type PreviewUploadInput struct {
	// ConnectionID is the connection; nil reads by Kind and Settings.
	ConnectionID *ConnectionID
	// Kind names the driver; nil is the file driver.
	Kind             *string
	Settings         []*SettingInput
	Name             string
	Text             string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in PreviewUploadInput) Validate() error {
	c := check{prefix: "input"}
	c.fileName(in.Name)
	listed(&c, "settings", in.Settings)
	if in.ConnectionID != nil && in.Kind != nil {
		c.add("kind", CodeInvalid, "a connection has its own kind")
	}
	return c.err()
}

// uploadEndings are how the names of uploads end.
var uploadEndings = []string{".csv", ".tsv", ".jsonl", ".ndjson"}

// fileName demands a plain name of a file: it is shown to people, and drivers take it for a path.
func (c *check) fileName(name string) {
	switch {
	case strings.TrimSpace(name) == "":
		c.add("name", CodeRequired, "this must not be empty")
	case utf8.RuneCountInString(name) > MaxUploadName:
		c.upTo("name", name, MaxUploadName)
	case !fs.ValidPath(name), strings.ContainsAny(name, `/\`), strings.HasPrefix(name, "."), strings.TrimSpace(name) != name,
		strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }):
		c.add("name", CodeInvalid, "this must be the plain name of a file, without a folder")
	case !slices.Contains(uploadEndings, strings.ToLower(path.Ext(name))):
		c.add("name", CodeInvalid, "this must end in "+strings.Join(uploadEndings, ", "))
	}
}

// UploadReport is what a file says, held against what is stored. Nothing of it was written.
type UploadReport struct {
	// DryRun is always true: a report tells what would be done.
	DryRun bool
	// Rows is how many rows the file has, those that cannot be understood included.
	Rows int
	// Inserted, Updated and Unchanged issues are those of the file.
	Inserted, Updated, Unchanged int
	// Broken rows cannot be understood; they would be put aside.
	Broken int
	// Vanished issues are stored and not in the file.
	Vanished int
	// TooMany is true when more than half of what is stored vanished: then nothing is removed until a person says so.
	TooMany bool
	// Columns are the file's columns and what they are read as.
	Columns []*UploadColumn
	// UnknownStates are words for states that nobody gave a meaning.
	UnknownStates []string
	// Issues are the first ones, as they would be stored.
	Issues []*UploadedIssue
	// Problems are the first things that are wrong, by line.
	Problems []*UploadProblem
}

// The most issues and problems that a report shows.
const (
	MaxReportedIssues   = 20
	MaxReportedProblems = 100
)

// UploadColumn is a column of a file.
type UploadColumn struct {
	Name string
	// Field is what it is read as; empty when it is passed over.
	Field string
}

// UploadProblem is something that is wrong with a file.
type UploadProblem struct {
	// Line is where, from 1; 0 when it is about no line.
	Line    int
	Message string
}

// UploadAction is what would become of an issue of a file.
type UploadAction string

// The actions.
const (
	UploadInserts UploadAction = "INSERT"
	UploadUpdates UploadAction = "UPDATE"
	UploadKeeps   UploadAction = "KEEP"
)

// UploadedIssue is an issue of a file as it would be stored.
type UploadedIssue struct {
	Action          UploadAction
	RemoteID        string
	RemoteKey       string
	URL             string
	Title           string
	Type            IssueType
	RawType         string
	Status          StatusCategory
	RawState        string
	Labels          []string
	Assignees       []string
	Estimate        *float64
	ParentRemoteID  string
	RemoteCreatedAt time.Time
	RemoteUpdatedAt time.Time
	RemoteClosedAt  *time.Time
}

// UploadResult is what became of an upload.
type UploadResult struct {
	// Upload is the file as it is stored; nil after a dry run of a new one.
	Upload *Upload
	// Source is the source that it is the content of; nil like Upload.
	Source *Source
	// Changed is false when the file says what it said before, so that nothing was written.
	Changed bool
	// Report tells of a dry run; nil otherwise.
	Report *UploadReport
}
