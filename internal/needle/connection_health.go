package needle

import (
	"fmt"
	"slices"
	"time"
)

// ConnectionHealthState is how well a connection is, in one word.
type ConnectionHealthState string

// The states of health, worst first.
const (
	// ConnectionFailing: nothing is read until a person acts.
	ConnectionFailing ConnectionHealthState = "FAILING"
	// ConnectionDegraded: something is not read, or cannot be settled, until a person acts; the rest is read.
	ConnectionDegraded ConnectionHealthState = "DEGRADED"
	// ConnectionWaiting: something is not read now and goes on by itself.
	ConnectionWaiting ConnectionHealthState = "WAITING"
	// ConnectionStopped: a person paused it.
	ConnectionStopped ConnectionHealthState = "PAUSED"
	// ConnectionWell: everything is read.
	ConnectionWell ConnectionHealthState = "OK"
)

// healthRank orders the states of health, worst first.
var healthRank = map[ConnectionHealthState]int{
	ConnectionFailing: 0, ConnectionDegraded: 1, ConnectionWaiting: 2, ConnectionStopped: 3, ConnectionWell: 4,
}

// ConnectionProblemKind is what can be wrong with a connection.
type ConnectionProblemKind string

// The kinds of problems.
const (
	ProblemMissingKey  ConnectionProblemKind = "MISSING_KEY"
	ProblemAuthFailed  ConnectionProblemKind = "AUTH_FAILED"
	ProblemNoSources   ConnectionProblemKind = "NO_SOURCES"
	ProblemStalled     ConnectionProblemKind = "STALLED"
	ProblemAccessLost  ConnectionProblemKind = "ACCESS_LOST"
	ProblemRefused     ConnectionProblemKind = "REFUSED"
	ProblemVanished    ConnectionProblemKind = "VANISHED"
	ProblemQuarantined ConnectionProblemKind = "QUARANTINED"
	ProblemWebhooks    ConnectionProblemKind = "WEBHOOKS_FAILED"
	ProblemWriteBack   ConnectionProblemKind = "WRITE_BACK"
	ProblemUnavailable ConnectionProblemKind = "UNAVAILABLE"
	ProblemRateLimited ConnectionProblemKind = "RATE_LIMITED"
	ProblemUnchecked   ConnectionProblemKind = "UNCHECKED"
	ProblemPending     ConnectionProblemKind = "PENDING"
	ProblemPaused      ConnectionProblemKind = "PAUSED"
)

// ConnectionProblem is one thing that keeps a connection, or a source of it, from being read in full or written back to.
type ConnectionProblem struct {
	// Kind is what is wrong.
	Kind ConnectionProblemKind
	// State is how bad it is.
	State ConnectionHealthState
	// Source is the repository or project it is about; nil when it is about the connection.
	Source *Source
	// Reason says why.
	Reason string
	// NextStep says what a person can do about it; for what mends itself, that nothing has to be done.
	NextStep string
	// Since is when it began; nil when nobody knows.
	Since *time.Time
}

// ConnectionFacts are the stored rows that the health of a connection follows from.
type ConnectionFacts struct {
	Connection *Connection
	// MissingKey is the id of the key that its secrets are sealed with, when this server does not have it; else empty.
	MissingKey string
	// Sources is how many sources are read, those in trouble included.
	Sources int
	// Pending is how many of them were never read to their end and are in no trouble.
	Pending int
	// OldestReadAt is when the source that was read least lately was read to its end; nil when none was.
	OldestReadAt *time.Time
	// Troubled are sources that are refused or whose count raised an alert, at most MaxTroubled of them, by key.
	Troubled []*Source
	// Quarantined is how many records of its sources are set aside, and QuarantinedSince when the first of them was.
	Quarantined      int
	QuarantinedSince *time.Time
	// FailedWebhooks is how many webhooks wait for a person, and FailedWebhooksSince when the first of them came in.
	FailedWebhooks      int
	FailedWebhooksSince *time.Time
	// RunningAt is the last sign of life of a pass that runs; nil when none does.
	RunningAt *time.Time
}

// MaxTroubled is how many sources in trouble the health of one connection tells of.
const MaxTroubled = 50

// stalledAfter is how long a pass may be due before somebody has to look for a worker.
const stalledAfter = 10 * time.Minute

// ConnectionHealth is how well a connection is and why.
type ConnectionHealth struct {
	// State is the worst of the problems'.
	State ConnectionHealthState
	// Reason says why; empty when OK.
	Reason string
	// NextStep says what a person can do; empty when OK.
	NextStep string
	// Since is when the worst problem began; nil when OK or unknown.
	Since *time.Time
	// Problems are all of them, worst first.
	Problems []*ConnectionProblem
	// PendingSince is since when a pass is due that has not ended; nil when none is.
	PendingSince *time.Time
	// LagSeconds is how long ago the source that was read least lately was read to its end; nil when none was.
	LagSeconds *int
	// Quarantined is how many records are set aside.
	Quarantined int
}

// Health works out how well a connection is.
func (f ConnectionFacts) Health(now time.Time) *ConnectionHealth {
	h := &ConnectionHealth{State: ConnectionWell, Problems: f.problems(now), PendingSince: f.pendingSince(now), Quarantined: f.Quarantined}
	if f.OldestReadAt != nil {
		lag := int(max(now.Sub(*f.OldestReadAt), 0) / time.Second)
		h.LagSeconds = &lag
	}
	slices.SortStableFunc(h.Problems, func(a, b *ConnectionProblem) int { return healthRank[a.State] - healthRank[b.State] })
	if len(h.Problems) > 0 {
		worst := h.Problems[0]
		h.State, h.Reason, h.NextStep, h.Since = worst.State, worst.Reason, worst.NextStep, worst.Since
	}
	return h
}

// pendingSince is the earliest moment at which a pass fell due that has not ended.
func (f ConnectionFacts) pendingSince(now time.Time) *time.Time {
	var since *time.Time
	for _, at := range []*time.Time{f.Connection.SyncRequestedAt, f.Connection.NextSyncAt} {
		if at != nil && !at.After(now) && (since == nil || at.Before(*since)) {
			since = at
		}
	}
	return since
}

// problems lists what is wrong: with the connection, then with its sources.
func (f ConnectionFacts) problems(now time.Time) []*ConnectionProblem {
	problems := []*ConnectionProblem{}
	missing := f.missingKey()
	if missing != nil {
		problems = append(problems, missing)
	}
	// A pass that met the missing key said the same as AUTH_FAILED.
	if p := f.Connection.problem(); p != nil && (missing == nil || p.Kind != ProblemAuthFailed) {
		problems = append(problems, p)
	}
	if f.Connection.State == ConnectionPaused {
		return problems
	}
	if f.Sources == 0 {
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemNoSources, State: ConnectionFailing, Reason: "No repository or project is read through it.",
			NextStep: "Pick some with availableSources and add them with updateConnection.",
		})
	}
	if p := f.stalled(now); p != nil {
		problems = append(problems, p)
	}
	for _, s := range f.Troubled {
		problems = append(problems, s.problems()...)
	}
	if f.Quarantined > 0 {
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemQuarantined, State: ConnectionDegraded, Since: f.QuarantinedSince,
			Reason: fmt.Sprintf("%d of its records could not be understood and are set aside; all others are read.", f.Quarantined),
			NextStep: "Look at them under quarantined of their source. When the cause is gone, at the tracker or with a newer version of Needle, " +
				"ask for them again with retryQuarantined.",
		})
	}
	if f.FailedWebhooks > 0 {
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemWebhooks, State: ConnectionDegraded, Since: f.FailedWebhooksSince,
			Reason: fmt.Sprintf("%d of its webhooks could not be worked off. Passes bring what they told of, only later.", f.FailedWebhooks),
			NextStep: "Look at the reasons under webhook.deliveries. When the cause is gone, have them worked off again with " +
				"retryWebhookDeliveries.",
		})
	}
	if reason := f.Connection.WriteBackReason; reason != "" && f.Connection.State != ConnectionAuthFailed {
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemWriteBack, State: ConnectionDegraded, Reason: reason,
			NextStep: "Look at the reasons under backlinks. Give the credentials the right to write, then ask with retryBacklinks, or turn " +
				"writing back off with updateConnection.",
		})
	}
	if f.Pending > 0 && f.Connection.State != ConnectionUnchecked {
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemPending, State: ConnectionWaiting, Reason: fmt.Sprintf("%d of its sources have not been read to their end yet.", f.Pending),
			NextStep: "Nothing has to be done; syncProgress shows how far it is.",
		})
	}
	return problems
}

// missingKey is the problem that the secrets cannot be opened; nil when they can.
func (f ConnectionFacts) missingKey() *ConnectionProblem {
	if f.MissingKey == "" {
		return nil
	}
	return &ConnectionProblem{
		Kind: ProblemMissingKey, State: ConnectionFailing,
		Reason:   fmt.Sprintf("Its credentials were sealed with key %q, which this server does not have.", f.MissingKey),
		NextStep: fmt.Sprintf("Put key %q back into NEEDLE_SECRET_KEYS, or give the connection its credentials again with updateConnection.", f.MissingKey),
	}
}

// stalled is the problem that a pass is due and nobody runs it; nil when there is none.
func (f ConnectionFacts) stalled(now time.Time) *ConnectionProblem {
	since := f.pendingSince(now)
	alive := f.RunningAt != nil && now.Sub(*f.RunningAt) < stalledAfter
	if since == nil || alive || now.Sub(*since) < stalledAfter {
		return nil
	}
	return &ConnectionProblem{
		Kind: ProblemStalled, State: ConnectionFailing, Since: since,
		Reason:   "A pass has been due for more than ten minutes and none has begun.",
		NextStep: "See that a process with workers runs: needle serve or needle work, with NEEDLE_WORKERS above 0.",
	}
}

// connectionProblems says for each state of a connection what it means and what to do; the reason is the stored one.
var connectionProblems = map[ConnectionState]ConnectionProblem{
	ConnectionAuthFailed: {
		Kind: ProblemAuthFailed, State: ConnectionFailing, Reason: "The tracker refuses the credentials.",
		NextStep: "Give it new credentials with updateConnection, or widen their rights at the tracker and ask with checkConnection.",
	},
	ConnectionLimited: {
		Kind: ProblemRateLimited, State: ConnectionWaiting, Reason: "The tracker asks to be left alone for a while.",
		NextStep: "Nothing has to be done. If this happens often, read fewer sources with one credential, or give it one of its own.",
	},
	ConnectionUnavailable: {
		Kind: ProblemUnavailable, State: ConnectionWaiting, Reason: "The tracker does not answer as it should.",
		NextStep: "It is tried again by itself. If this lasts, check the address, the network between, and the tracker's own status page.",
	},
	ConnectionUnchecked: {
		Kind: ProblemUnchecked, State: ConnectionWaiting, Reason: "The tracker was not asked yet.",
		NextStep: "Nothing has to be done: the first pass is due. checkConnection asks now.",
	},
	ConnectionPaused: {
		Kind: ProblemPaused, State: ConnectionStopped, Reason: "A person paused it.",
		NextStep: "Let it go on with updateConnection(input: {paused: false}) when it is to be read again.",
	},
}

// problem is what is wrong with the connection itself; nil when it is OK.
func (c *Connection) problem() *ConnectionProblem {
	p, wrong := connectionProblems[c.State]
	if !wrong {
		return nil
	}
	if c.StateReason != "" {
		p.Reason = c.StateReason
	}
	since := c.StateChangedAt
	p.Since = &since
	return &p
}

// NextStep says what a person can do about a state; empty when OK.
func (s ConnectionState) NextStep() string { return connectionProblems[s].NextStep }

// problems lists what is wrong with a source.
func (s *Source) problems() []*ConnectionProblem {
	var problems []*ConnectionProblem
	switch {
	case s.State == SourceError && s.LostAt != nil:
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemAccessLost, State: ConnectionDegraded, Source: s, Since: s.LostAt, Reason: s.StateReason,
			NextStep: "Give the credentials their access back, or take the source away with removeSource. Its issues stay as they were last seen; " +
				"it is tried again once a day, and at once after requestSync.",
		})
	case s.State == SourceError:
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemRefused, State: ConnectionDegraded, Source: s, Reason: s.StateReason,
			NextStep: "Correct its name or access at the tracker and ask with requestSync, or take it away with removeSource. It is tried again once a day.",
		})
	}
	if alert := s.Alert(); alert != "" {
		problems = append(problems, &ConnectionProblem{
			Kind: ProblemVanished, State: ConnectionDegraded, Source: s, Since: s.CensusAt, Reason: alert + ".",
			NextStep: "If they were deleted, say so with settleVanished(input: {gone: true}). If a right was taken away, give it back and settle with gone: false.",
		})
	}
	return problems
}
