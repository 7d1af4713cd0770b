package needle

import "time"

// TrackerInput names a tracker to ask: one that is connected, or a kind with settings that nothing is stored of.
type TrackerInput struct {
	ConnectionID *ConnectionID
	Kind         *string
	Settings     []*SettingInput
}

// Validate returns Errors with the fields that break a rule.
func (in TrackerInput) Validate() error {
	c := check{prefix: "input"}
	switch {
	case in.ConnectionID != nil && (in.Kind != nil || len(in.Settings) > 0):
		c.add("connectionId", CodeInvalid, "give either a connection, or a kind and settings")
	case in.ConnectionID == nil && in.Kind == nil:
		c.add("connectionId", CodeRequired, "give a connection, or a kind and settings")
	}
	listed(&c, "settings", in.Settings)
	return c.err()
}

// CheckConnectionInput asks a tracker whether it can be read.
type CheckConnectionInput struct {
	TrackerInput
	ClientMutationID *string
}

// AvailableSourcesInput asks a tracker what could be read.
type AvailableSourcesInput struct {
	TrackerInput
	// Query keeps sources whose key or name holds the text.
	Query *string
	// After is the EndCursor of the page before.
	After            *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in AvailableSourcesInput) Validate() error {
	c := check{prefix: "input"}
	if in.Query != nil {
		c.upTo("query", *in.Query, MaxTitle)
	}
	if err := in.TrackerInput.Validate(); err != nil {
		c.errs = append(c.errs, UserErrors(err)...)
	}
	return c.err()
}

// RemoveSourceInput stops reading a source.
type RemoveSourceInput struct {
	SourceID         SourceID
	ExpectedVersion  *int
	ClientMutationID *string
}

// TrackerProblem is what a tracker has against being read.
type TrackerProblem struct {
	// Problem says what is wrong; empty when nothing is.
	Problem string
	// NextStep says what a person can do; empty when nothing is wrong.
	NextStep string
	// RetryAt is when the tracker may be asked again; nil when it set no limit.
	RetryAt *time.Time
}

// ConnectionCheck is what a tracker said when it was asked.
type ConnectionCheck struct {
	// OK is true when the tracker can be read.
	OK bool
	// AccountName is who the tracker says we are; empty when it cannot be read.
	AccountName string
	// AccountURL is that account's page; empty when it has none.
	AccountURL string
	TrackerProblem
}

// AvailableSources is one page of what a tracker offers to be read.
type AvailableSources struct {
	// Nodes are the repositories or projects.
	Nodes []*AvailableSource
	// EndCursor is where to go on; nil at the end.
	EndCursor *string
	TrackerProblem
}

// AvailableSource is a repository or project that a tracker's credentials can see.
type AvailableSource struct {
	// Key is what it is added by, as in "octo/shop".
	Key string
	// Name is the title people know it by.
	Name string
	// URL is its page.
	URL string
	// Private says that not everybody may see it.
	Private bool
	// Archived says that it no longer changes.
	Archived bool
	// Added says that the connection reads it already.
	Added bool
}
