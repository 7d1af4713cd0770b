package syncing

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Progress is told how a pass gets on: once when a source begins, after each page, and once when the source ends. It is
// called on the pass's own goroutine, in order, and holds the pass up while it runs. Nil means nobody is told.
type Progress func(Event)

// Event is how far a pass is with one source.
type Event struct {
	// Source is what is being read.
	Source needle.Source
	// Run is the run so far, its counts included.
	Run needle.SyncRun
	// Total is about how many records the walk will see, those left out included; 0 when nobody can say. Only a first
	// walk from the beginning has one, and only where the tracker can tell it cheaply.
	Total int
	// Elapsed is the time since the source was begun.
	Elapsed time.Duration
}

// Done reports whether the source has ended, for better or worse.
func (e Event) Done() bool { return e.Run.State != needle.SyncRunning }

// Rate is the number of records seen per second, those left out included; zero before any time has passed.
func (e Event) Rate() float64 {
	if e.Elapsed <= 0 {
		return 0
	}
	return float64(e.Run.Seen+e.Run.Skipped) / e.Elapsed.Seconds()
}

// Report is how a pass ended.
type Report struct {
	// State is the connection's state after the pass.
	State needle.ConnectionState
	// Reason says why the state is not OK, in words a person can act on.
	Reason string
	// RetryAt is when the next pass is due; zero when one has to be asked for.
	RetryAt time.Time
	// Idle is true when nothing was done: the connection is paused, limited, or no pass was due.
	Idle bool
	// Requests were sent to the tracker, those of every source and those of none.
	Requests int
	// Sources are the sources that were read, in the order of reading.
	Sources []SourceReport
}

// SourceReport is how the pass went for one source.
type SourceReport struct {
	// Source is the source after the pass.
	Source needle.Source
	// Run is what was done.
	Run needle.SyncRun
}

// Counts sums up the counts of all sources. Requests are those made for sources.
func (r Report) Counts() needle.SyncCounts {
	var sum needle.SyncCounts
	for _, s := range r.Sources {
		c := s.Run.SyncCounts
		sum.Pages += c.Pages
		sum.Seen += c.Seen
		sum.Inserted += c.Inserted
		sum.Updated += c.Updated
		sum.Unchanged += c.Unchanged
		sum.Skipped += c.Skipped
		sum.Tombstoned += c.Tombstoned
		sum.Quarantined += c.Quarantined
		sum.Linked += c.Linked
		sum.Requests += c.Requests
		sum.WaitedMilliseconds += c.WaitedMilliseconds
	}
	return sum
}
