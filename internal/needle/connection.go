package needle

import (
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// ConnectionState is whether a tracker can be read, in one word.
type ConnectionState string

// The states of a connection.
const (
	// ConnectionOK: the last contact worked.
	ConnectionOK ConnectionState = "OK"
	// ConnectionUnchecked: it was never reached yet.
	ConnectionUnchecked ConnectionState = "UNCHECKED"
	// ConnectionAuthFailed: the tracker refuses the credentials; nothing is read until they are replaced.
	ConnectionAuthFailed ConnectionState = "AUTH_FAILED"
	// ConnectionLimited: the tracker asks to wait until RateLimitedUntil.
	ConnectionLimited ConnectionState = "RATE_LIMITED"
	// ConnectionUnavailable: the tracker does not answer, or answers garbage; it is tried again by itself.
	ConnectionUnavailable ConnectionState = "UNAVAILABLE"
	// ConnectionPaused: a person stopped it.
	ConnectionPaused ConnectionState = "PAUSED"
)

// Connection is one account at one tracker that issues are read through.
type Connection struct {
	Stamp
	ID ConnectionID `bun:"id,pk"`
	// Kind names the driver, as in "github".
	Kind string
	// Name is what people call it.
	Name string
	// Settings are the driver's fields that are no secrets.
	Settings map[string]string `bun:"type:jsonb"`
	// State is whether it can be read.
	State ConnectionState
	// StateReason says why, in words a person can act on; empty when OK.
	StateReason string
	// StateChangedAt is when State last changed.
	StateChangedAt time.Time
	// RateLimitedUntil is when the tracker may be asked again; nil when it sets no limit.
	RateLimitedUntil *time.Time
	// Failures counts passes that failed in a row; it sets how long to wait before the next.
	Failures int
	// IncludePullRequests keeps pull requests as issues; by default they are recognised and skipped.
	IncludePullRequests bool
	// DefaultTeamID is the team whose backlog new issues join; nil keeps them out of every backlog.
	DefaultTeamID *TeamID
	// AccountName is who the tracker says we are; empty before the first contact.
	AccountName string
	// SyncRequestedAt is when somebody asked for a pass that has not begun; nil when nobody did.
	SyncRequestedAt *time.Time
	// NextSyncAt is when the next pass is due.
	NextSyncAt *time.Time
	// WriteBack shows what issues serve beside them at the tracker.
	WriteBack bool
	// WriteBackReason says why nothing is written back, in words a person can act on; empty when nothing is wrong.
	WriteBackReason string
	// WriteBackFailures counts the times in a row that nothing could be written; it sets how long to wait.
	WriteBackFailures int
	// WriteBackAt is when it is looked at next what to write back; nil when there is nothing to look for.
	WriteBackAt *time.Time
}

// IsNode marks Connection as a Node.
func (*Connection) IsNode() {}

// Setting is one name and value of a connection's settings.
type Setting struct{ Name, Value string }

// SettingInput is one name and value of a connection's settings, secrets included.
type SettingInput struct{ Name, Value string }

// CreateConnectionInput connects a tracker. Which settings it takes, trackerDrivers says.
type CreateConnectionInput struct {
	Kind                string
	Name                string
	Settings            []*SettingInput
	Sources             []string
	DefaultTeamID       *TeamID
	IncludePullRequests *bool
	WriteBack           *bool
	ClientMutationID    *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateConnectionInput) Validate() error {
	c := check{prefix: "input"}
	c.text("name", in.Name, MaxName)
	listed(&c, "settings", in.Settings)
	c.sources(in.Sources)
	return c.err()
}

// UpdateConnectionInput changes a connection; absent fields stay. Settings replace those of the same name.
type UpdateConnectionInput struct {
	ID                  ConnectionID
	Name                *string
	Settings            []*SettingInput
	AddSources          []string
	DefaultTeamID       graphql.Omittable[*TeamID]
	IncludePullRequests *bool
	Paused              *bool
	WriteBack           *bool
	// RemoveBacklinks false leaves what was written when WriteBack is turned off; absent or true removes it.
	RemoveBacklinks  *bool
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateConnectionInput) Validate() error {
	c := check{prefix: "input"}
	if in.Name != nil {
		c.text("name", *in.Name, MaxName)
	}
	listed(&c, "settings", in.Settings)
	c.sources(in.AddSources)
	if in.RemoveBacklinks != nil && (in.WriteBack == nil || *in.WriteBack) {
		c.add("removeBacklinks", CodeInvalid, "this goes with writeBack: false only")
	}
	return c.err()
}

func (c *check) sources(keys []string) {
	listed(c, "sources", keys)
	for _, k := range keys {
		c.text("sources", k, MaxTitle)
	}
}

// RequestSyncInput asks for a pass over a connection as soon as may be.
type RequestSyncInput struct {
	ConnectionID ConnectionID
	// Census also has the sources counted, which finds what was deleted at the tracker.
	Census           *bool
	ClientMutationID *string
}

// ConnectionFilter narrows a list of connections; all given parts must hold.
type ConnectionFilter struct {
	And   []*ConnectionFilter
	Or    []*ConnectionFilter
	Not   *ConnectionFilter
	Kind  *StringComparator
	Name  *StringComparator
	State *Comparator[ConnectionState]
}

// ConnectionOrderField is what connections can be ordered by.
type ConnectionOrderField string

// The order fields of connections.
const (
	ConnectionByName      ConnectionOrderField = "NAME"
	ConnectionByCreatedAt ConnectionOrderField = "CREATED_AT"
)

// SourceState is whether a repository or project can be read.
type SourceState string

// The states of a source.
const (
	// SourceOK: it can be read.
	SourceOK SourceState = "OK"
	// SourcePending: it was never read yet.
	SourcePending SourceState = "PENDING"
	// SourceError: the tracker refuses it, as it does an unknown repository; it waits for a person.
	SourceError SourceState = "ERROR"
)

// Source is a repository or project that a connection reads.
type Source struct {
	Stamp
	ID SourceID `bun:"id,pk"`
	// ConnectionID is the tracker.
	ConnectionID ConnectionID
	// RemoteID is the tracker's immutable id; empty until it was first read.
	RemoteID string
	// RemoteKey is what people call it there, as in "octo/shop".
	RemoteKey string
	// State is whether it can be read.
	State SourceState
	// StateReason says why, in words a person can act on; empty when OK.
	StateReason string
	// Watermark is the tracker's time up to which every change was seen; nil before the first.
	Watermark *time.Time
	// ETag is the tracker's fingerprint of an unchanged first page; empty when it gave none.
	ETag string `bun:"etag"`
	// BackfilledAt is when the first full pass ended; nil before.
	BackfilledAt *time.Time
	// CensusAt is when the tracker's issues were last counted; nil before.
	CensusAt *time.Time
	// Unobserved is how many issues the last count did not find, when they were more than half of the source and so nothing
	// was buried; 0 when there is nothing to settle.
	Unobserved int
	// AcceptVanished is true when a person said that they are gone; the next pass counts again and buries them.
	AcceptVanished bool
	// CensusAsked is true when the next pass counts whatever the time, as after an upload.
	CensusAsked bool
	// ReadAt is when a pass last reached the end of it; nil before.
	ReadAt *time.Time
	// LostAt is when a source that had been read could be read no more; it stays until the source was counted again, and is
	// nil otherwise.
	LostAt *time.Time
	// RetryAt is when a source that is refused is tried again by itself; nil unless its State is ERROR.
	RetryAt *time.Time
	// RemovedAt is when a person stopped reading it; nil while it is read. Its issues stay as they were last seen.
	RemovedAt *time.Time
	// RetryQuarantined is true when a person wants the records that were set aside to be read again.
	RetryQuarantined bool
}

// UnobservedSince is when the source was last known to be in view; nil while it is.
func (s *Source) UnobservedSince() *time.Time {
	if s.RemovedAt != nil || s.State != SourceError {
		return s.RemovedAt
	}
	return s.LostAt
}

// Alert says what a count found that only a person can settle; empty when there is nothing.
func (s *Source) Alert() string {
	if s.Unobserved == 0 {
		return ""
	}
	return strconv.Itoa(s.Unobserved) + " issues, more than half of the source, are no longer listed: a right may have been taken away, " +
		"or they were deleted; nothing was removed"
}

// SettleVanishedInput answers the alert of a source.
type SettleVanishedInput struct {
	SourceID SourceID
	// Gone is true when the issues were deleted, false when something else was wrong.
	Gone             bool
	ExpectedVersion  *int
	ClientMutationID *string
}

// IsNode marks Source as a Node.
func (*Source) IsNode() {}

// SourceFilter narrows a list of sources; all given parts must hold.
type SourceFilter struct {
	And       []*SourceFilter
	Or        []*SourceFilter
	Not       *SourceFilter
	RemoteKey *StringComparator
	State     *Comparator[SourceState]
	// Removed true keeps sources that are read no more, false those that are, nil both; absent keeps those that are read.
	Removed graphql.Omittable[*bool]
}

// SourceOrderField is what sources can be ordered by.
type SourceOrderField string

// The order fields of sources.
const (
	SourceByRemoteKey SourceOrderField = "REMOTE_KEY"
	SourceByCreatedAt SourceOrderField = "CREATED_AT"
)
