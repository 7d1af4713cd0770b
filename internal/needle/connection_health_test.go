package needle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHealth_tellsTheWorstFirstAndWhatToDo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	in := func(d time.Duration) *time.Time { at := now.Add(d); return &at }
	well := func(change ...func(*ConnectionFacts)) ConnectionFacts {
		f := ConnectionFacts{Connection: &Connection{State: ConnectionOK, NextSyncAt: in(time.Minute)}, Sources: 2, OldestReadAt: ago(90 * time.Second)}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	state := func(s ConnectionState, reason string) func(*ConnectionFacts) {
		return func(f *ConnectionFacts) { f.Connection.State, f.Connection.StateReason = s, reason }
	}
	troubled := func(sources ...*Source) func(*ConnectionFacts) {
		return func(f *ConnectionFacts) { f.Troubled = sources }
	}
	lost := &Source{RemoteKey: "octo/lost", State: SourceError, StateReason: "Access was lost.", LostAt: ago(time.Hour)}
	refused := &Source{RemoteKey: "octo/refused", State: SourceError, StateReason: "No such thing."}
	vanished := &Source{RemoteKey: "octo/vanished", State: SourceOK, Unobserved: 7, CensusAt: ago(time.Hour)}
	for name, c := range map[string]struct {
		facts ConnectionFacts
		state ConnectionHealthState
		kinds []ConnectionProblemKind
	}{
		"all is well": {well(), ConnectionWell, nil},
		"the first pass is due": {
			well(state(ConnectionUnchecked, ""), func(f *ConnectionFacts) { f.Connection.NextSyncAt, f.Pending = ago(time.Minute), 2 }),
			ConnectionWaiting,
			[]ConnectionProblemKind{ProblemUnchecked},
		},
		"sources are read for the first time": {well(func(f *ConnectionFacts) { f.Pending = 1 }), ConnectionWaiting, []ConnectionProblemKind{ProblemPending}},
		"the credentials are refused":         {well(state(ConnectionAuthFailed, "Refused.")), ConnectionFailing, []ConnectionProblemKind{ProblemAuthFailed}},
		"the tracker sets a limit":            {well(state(ConnectionLimited, "Wait.")), ConnectionWaiting, []ConnectionProblemKind{ProblemRateLimited}},
		"the tracker does not answer":         {well(state(ConnectionUnavailable, "")), ConnectionWaiting, []ConnectionProblemKind{ProblemUnavailable}},
		"a person paused it, whatever else": {
			well(state(ConnectionPaused, "Paused."), troubled(lost, vanished), func(f *ConnectionFacts) { f.Sources = 0 }),
			ConnectionStopped,
			[]ConnectionProblemKind{ProblemPaused},
		},
		"a key is missing, and a pass has met that": {
			well(state(ConnectionAuthFailed, "Key."), func(f *ConnectionFacts) { f.MissingKey = "k7" }), ConnectionFailing,
			[]ConnectionProblemKind{ProblemMissingKey},
		},
		"a key is missing, and no pass has met that": {well(func(f *ConnectionFacts) { f.MissingKey = "k7" }), ConnectionFailing, []ConnectionProblemKind{ProblemMissingKey}},
		"nothing is read through it": {
			well(func(f *ConnectionFacts) { f.Sources, f.OldestReadAt = 0, nil }), ConnectionFailing,
			[]ConnectionProblemKind{ProblemNoSources},
		},
		"nobody runs a pass that is due":        {well(func(f *ConnectionFacts) { f.Connection.NextSyncAt = ago(time.Hour) }), ConnectionFailing, []ConnectionProblemKind{ProblemStalled}},
		"nobody runs a pass that was asked for": {well(func(f *ConnectionFacts) { f.Connection.SyncRequestedAt = ago(11 * time.Minute) }), ConnectionFailing, []ConnectionProblemKind{ProblemStalled}},
		"a long pass runs": {
			well(func(f *ConnectionFacts) { f.Connection.NextSyncAt, f.RunningAt = ago(time.Hour), ago(time.Minute) }), ConnectionWell, nil,
		},
		"a pass died": {
			well(func(f *ConnectionFacts) { f.Connection.NextSyncAt, f.RunningAt = ago(time.Hour), ago(11*time.Minute) }), ConnectionFailing,
			[]ConnectionProblemKind{ProblemStalled},
		},
		"sources are in trouble": {
			well(troubled(lost, refused, vanished)), ConnectionDegraded,
			[]ConnectionProblemKind{ProblemAccessLost, ProblemRefused, ProblemVanished},
		},
		"records are set aside": {
			well(func(f *ConnectionFacts) { f.Quarantined, f.QuarantinedSince = 3, ago(time.Hour) }), ConnectionDegraded,
			[]ConnectionProblemKind{ProblemQuarantined},
		},
		"webhooks wait for a person": {
			well(func(f *ConnectionFacts) { f.FailedWebhooks, f.FailedWebhooksSince = 2, ago(time.Hour) }), ConnectionDegraded,
			[]ConnectionProblemKind{ProblemWebhooks},
		},
		"the tracker lets nothing be written": {
			well(func(f *ConnectionFacts) { f.Connection.WriteBackReason = "3 cannot be shown." }), ConnectionDegraded,
			[]ConnectionProblemKind{ProblemWriteBack},
		},
		"the credentials are refused, for writing too": {
			well(state(ConnectionAuthFailed, "Refused."), func(f *ConnectionFacts) { f.Connection.WriteBackReason = "Refused." }), ConnectionFailing,
			[]ConnectionProblemKind{ProblemAuthFailed},
		},
		"everything at once": {
			well(state(ConnectionLimited, "Wait."), troubled(lost, vanished), func(f *ConnectionFacts) {
				f.Quarantined, f.Pending, f.MissingKey, f.Connection.NextSyncAt = 1, 1, "k7", ago(time.Hour)
			}),
			ConnectionFailing,
			[]ConnectionProblemKind{
				ProblemMissingKey, ProblemStalled, ProblemAccessLost, ProblemVanished, ProblemQuarantined, ProblemRateLimited, ProblemPending,
			},
		},
	} {
		h := c.facts.Health(now)
		var kinds []ConnectionProblemKind
		for _, p := range h.Problems {
			kinds = append(kinds, p.Kind)
			if p.Reason == "" || p.NextStep == "" || !strings.HasSuffix(p.Reason, ".") || !strings.HasSuffix(p.NextStep, ".") {
				t.Errorf("%s: %s says %q and %q", name, p.Kind, p.Reason, p.NextStep)
			}
		}
		if diff := cmp.Diff(c.kinds, kinds); diff != "" || h.State != c.state {
			t.Errorf("%s: %s: %s", name, h.State, diff)
		}
		if (h.State == ConnectionWell) != (h.Reason == "" && h.NextStep == "") {
			t.Errorf("%s: %s because %q, %q", name, h.State, h.Reason, h.NextStep)
		}
		if c.facts.OldestReadAt != nil && *h.LagSeconds != 90 {
			t.Errorf("%s: lag of %d seconds", name, *h.LagSeconds)
		}
	}
}

func TestConnectionStates_allSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, s := range []ConnectionState{ConnectionUnchecked, ConnectionAuthFailed, ConnectionLimited, ConnectionUnavailable, ConnectionPaused} {
		if s.NextStep() == "" {
			t.Errorf("%s says nothing", s)
		}
	}
	if ConnectionOK.NextStep() != "" {
		t.Error("nothing is wrong and something is to be done")
	}
}

func TestSyncProgress_estimatesTheEnd(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	at := begun.Add(10 * time.Second)
	run := func(seen, skipped, total int, state SyncState) *SyncProgress {
		return &SyncProgress{At: at, Connection: &Connection{}, Run: &SyncRun{
			Stamp: Stamp{UpdatedAt: at}, StartedAt: begun, State: state, Total: total, SyncCounts: SyncCounts{Seen: seen, Skipped: skipped},
		}}
	}
	eta := func(p *SyncProgress) time.Duration {
		if p.ETA() == nil {
			return -1
		}
		return p.ETA().Sub(at)
	}
	for name, c := range map[string]struct {
		p    *SyncProgress
		rate float64
		eta  time.Duration
	}{
		"in the middle":    {run(40, 10, 100, SyncRunning), 5, 10 * time.Second},
		"more than hoped":  {run(150, 0, 100, SyncRunning), 15, 0},
		"of unknown size":  {run(50, 0, 0, SyncRunning), 5, -1},
		"before the first": {run(0, 0, 100, SyncRunning), 0, -1},
		"ended":            {run(100, 0, 100, SyncSucceeded), 10, -1},
		"never run":        {&SyncProgress{At: at, Connection: &Connection{}}, 0, -1},
		"without time": {&SyncProgress{Connection: &Connection{}, Run: &SyncRun{
			Stamp: Stamp{UpdatedAt: begun}, StartedAt: begun, State: SyncRunning, Total: 9, SyncCounts: SyncCounts{Seen: 3},
		}}, 0, -1},
	} {
		if c.p.RatePerSecond() != c.rate || eta(c.p) != c.eta {
			t.Errorf("%s: %v a second, %v to go", name, c.p.RatePerSecond(), eta(c.p))
		}
	}
	before, after := at.Add(-time.Second), at.Add(time.Second)
	for name, c := range map[string]struct {
		conn Connection
		done bool
	}{
		"nothing is due":       {Connection{NextSyncAt: &after}, true},
		"it is paused":         {Connection{}, true},
		"a pass is under way":  {Connection{NextSyncAt: &before}, false},
		"a pass was asked for": {Connection{SyncRequestedAt: &before, NextSyncAt: &after}, false},
	} {
		if p := (&SyncProgress{At: at, Connection: &c.conn}); p.Done() != c.done {
			t.Errorf("%s: done is %v", name, p.Done())
		}
	}
}
