package needle

import "time"

// SyncKind is what a pass over a source does.
type SyncKind string

// The kinds of passes.
const (
	SyncBackfill    SyncKind = "BACKFILL"
	SyncIncremental SyncKind = "INCREMENTAL"
	SyncRefresh     SyncKind = "REFRESH"
	SyncCensus      SyncKind = "CENSUS"
)

// SyncState is where a pass stands.
type SyncState string

// The states of a pass. INTERRUPTED: its process died; the next pass went on from its last page.
const (
	SyncRunning     SyncState = "RUNNING"
	SyncSucceeded   SyncState = "SUCCEEDED"
	SyncFailed      SyncState = "FAILED"
	SyncInterrupted SyncState = "INTERRUPTED"
)

// SyncCounts is what a pass did, in numbers.
type SyncCounts struct {
	// Pages were read and stored.
	Pages int
	// Seen issues came, pull requests that were skipped not among them.
	Seen int
	// Inserted issues were new.
	Inserted int
	// Updated issues had changed.
	Updated int
	// Unchanged issues came again as they were.
	Unchanged int
	// Skipped records were pull requests.
	Skipped int
	// Tombstoned issues were gone at the source.
	Tombstoned int
	// Quarantined issues could not be understood; their raw bodies are kept.
	Quarantined int
	// Linked contributions were made by rules.
	Linked int
	// Requests were sent to the tracker.
	Requests int
	// WaitedMilliseconds is how long the pass waited for the tracker's answers.
	WaitedMilliseconds int
}

// SyncRun is one pass over one source.
type SyncRun struct {
	Stamp
	ID SyncRunID `bun:"id,pk"`
	// ConnectionID is the tracker.
	ConnectionID ConnectionID
	// SourceID is the repository or project.
	SourceID SourceID
	// Kind is what it does.
	Kind SyncKind
	// State is where it stands.
	State SyncState
	SyncCounts
	// Total is about how many records a first walk will see, those left out included; 0 when nobody can say.
	Total int
	// Reason says why it failed, in words a person can act on; empty otherwise.
	Reason string
	// StartedAt is when it began.
	StartedAt time.Time
	// FinishedAt is when it ended; nil while running.
	FinishedAt *time.Time
}

// IsNode marks SyncRun as a Node.
func (*SyncRun) IsNode() {}

// SyncRunFilter narrows a list of passes; all given parts must hold.
type SyncRunFilter struct {
	And       []*SyncRunFilter
	Or        []*SyncRunFilter
	Not       *SyncRunFilter
	SourceID  *Comparator[SourceID]
	Kind      *Comparator[SyncKind]
	State     *Comparator[SyncState]
	StartedAt *DateComparator
}

// SyncRunOrderField is what passes can be ordered by.
type SyncRunOrderField string

// SyncRunByStartedAt orders passes by when they began.
const SyncRunByStartedAt SyncRunOrderField = "STARTED_AT"
