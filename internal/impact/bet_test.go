package impact_test

import (
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// betVersion expects so much from a day on, as Needle learns on another.
func betVersion(version int, low float64, validDay, recordedDay int) *needle.ContributionVersion {
	v := &needle.ContributionVersion{RecordedAt: date(recordedDay)}
	v.ID, v.Version, v.ValidFrom, v.ExpectedLow, v.ExpectedHigh = linkID(1), version, date(validDay), ptr(low), ptr(low+5)
	return v
}

// endedOn ends the link on a day.
func endedOn(version, day int) *needle.ContributionVersion {
	v := betVersion(version, 1, day, day)
	v.Ended = true
	return v
}

func TestLockBet(t *testing.T) {
	t.Parallel()
	start := []*needle.ItemTransition{transition(1, todo, started, 10, 12), transition(1, started, done, 20, 20)}
	for _, tc := range []struct {
		name        string
		versions    []*needle.ContributionVersion
		transitions []*needle.ItemTransition
		asOf        int
		locked      int // its version, 0 for none
		later       []int
	}{
		{"the present one before work starts", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), betVersion(2, 2, 5, 5)}, nil, 30, 2, nil},
		{"the last one before work starts", []*needle.ContributionVersion{betVersion(2, 2, 5, 5), betVersion(1, 1, 1, 1), betVersion(3, 3, 15, 15)}, start, 30, 2, []int{3}},
		{"the one of the very instant", []*needle.ContributionVersion{betVersion(1, 1, 10, 10)}, start, 30, 1, nil},
		{"none that is dated back", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), betVersion(2, 2, 5, 15)}, start, 30, 1, []int{2}},
		{"none at all when all came late", []*needle.ContributionVersion{betVersion(1, 1, 11, 11), betVersion(2, 2, 15, 15)}, start, 30, 0, []int{1, 2}},
		{"nothing of what was not known yet", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), betVersion(2, 2, 15, 15)}, start, 14, 1, nil},
		{"still open while the start is not known", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), betVersion(2, 2, 11, 11)}, start, 11, 2, nil},
		{"at the delivery of work that was never seen to start", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), betVersion(2, 2, 25, 25)}, start[1:], 30, 1, []int{2}},
		{"none of a link that had ended when work started", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), endedOn(2, 5), betVersion(3, 1, 15, 15)}, start, 30, 0, []int{3}},
		{"the one of a link that was made again before", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), endedOn(2, 5), betVersion(3, 4, 8, 8)}, start, 30, 3, nil},
		{"an end and the same bet again are no versions of it", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), endedOn(2, 12), betVersion(3, 1, 13, 13)}, start, 30, 1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := impact.LockBet(tc.versions, tc.transitions, date(tc.asOf))
			locked := 0
			if got.Locked != nil {
				locked = got.Locked.Version
			}
			var later []int
			for _, v := range got.Later {
				later = append(later, v.Version)
			}
			equal(t, "locked version", tc.locked, locked)
			equal(t, "later versions", tc.later, later)
		})
	}
	if impact.LockBet([]*needle.ContributionVersion{betVersion(1, 1, 5, 5)}, nil, date(4)) != nil {
		t.Error("a bet is known before it was made")
	}
}

// TestVerdict holds a rise of 18 by one candidate, and by two, against ranges.
func TestVerdict(t *testing.T) {
	t.Parallel()
	shared, unlocked, unread := needle.UntestableShared, needle.UntestableNotLocked, needle.UntestableUnread
	lastRead := func(day int) func(*needle.AttributionFacts) {
		return func(f *needle.AttributionFacts) {
			f.TrackerReadAt = map[needle.BacklogItemID]time.Time{itemID(1): date(day)}
		}
	}
	tested := func(low, high float64) func(*needle.AttributionFacts) {
		return func(f *needle.AttributionFacts) {
			f.Experiments = []*needle.Experiment{{ContributionID: linkID(1), Estimate: low, Low: low, High: high, RecordedAt: date(30)}}
		}
	}
	wide := needle.UntestableWide
	for _, tc := range []struct {
		name      string
		low, high float64
		change    func(*needle.AttributionFacts)
		want      needle.Verdict
		why       *needle.Untestable
	}{
		{"inside", 15, 25, nil, needle.VerdictInside, nil},
		{"at the low end", 18, 25, nil, needle.VerdictInside, nil},
		{"below", 30, 40, nil, needle.VerdictBelow, nil},
		{"above", 5, 10, nil, needle.VerdictAbove, nil},
		{"opposite", -10, -5, nil, needle.VerdictOpposite, nil},
		{"above a range that holds nothing", -5, 5, nil, needle.VerdictAbove, nil},
		{"a fall was wanted and came less", 15, 25, falling(-30, -25), needle.VerdictBelow, nil},
		{"a fall was wanted and came", 15, 25, falling(-25, -15), needle.VerdictInside, nil},
		{"a fall was wanted and came more", 15, 25, falling(-10, -5), needle.VerdictAbove, nil},
		{"shared, and below for certain", 30, 40, sharing, needle.VerdictBelow, nil},
		{"shared, and inside for certain", 0, 40, sharing, needle.VerdictInside, nil},
		{"shared", 15, 25, sharing, needle.VerdictUntestable, &shared},
		{"the tracker was not read up to the window's end", 15, 25, lastRead(14), needle.VerdictUntestable, &unread},
		{"the tracker was read at the window's end, and not since", 15, 25, lastRead(15), needle.VerdictInside, nil},
		{"an experiment found less than came", 15, 25, tested(8, 12), needle.VerdictBelow, nil},
		{"an experiment found what was expected, though several share what came", 15, 25, func(f *needle.AttributionFacts) {
			sharing(f)
			tested(16, 20)(f)
		}, needle.VerdictInside, nil},
		{"an experiment found it, though no value is known", 15, 25, func(f *needle.AttributionFacts) {
			f.CheckIns = nil
			tested(16, 20)(f)
		}, needle.VerdictInside, nil},
		{"an experiment that tells too little", 15, 25, tested(8, 16), needle.VerdictUntestable, &wide},
		{"written after the start", 15, 25, func(f *needle.AttributionFacts) { f.Links[0].RecordedAt = date(0) }, needle.VerdictUntestable, &unlocked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := risen()
			f.Links[0].ExpectedLow, f.Links[0].ExpectedHigh = &tc.low, &tc.high
			if tc.change != nil {
				tc.change(&f)
			}
			v := impact.Gather(f).Attributions()[0].Verdict
			equal(t, "verdict", tc.want, v.Verdict)
			equal(t, "why", tc.why, v.Why)
		})
	}
}

func sharing(f *needle.AttributionFacts) { *f = adding(*f, work{delivered: 5, lagMax: 7}) }

// falling turns the key result upside down.
func falling(low, high float64) func(*needle.AttributionFacts) {
	return func(f *needle.AttributionFacts) {
		f.KeyResults[0].Direction = needle.DirectionDecrease
		for _, c := range f.CheckIns {
			c.Value = 200 - c.Value
		}
		f.Links[0].ExpectedLow, f.Links[0].ExpectedHigh = &low, &high
	}
}
