package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// betVersion expects so much from a day on, as Needle learns on another.
func betVersion(version int, low float64, validDay, recordedDay int) *needle.ContributionVersion {
	v := &needle.ContributionVersion{RecordedAt: date(recordedDay)}
	v.ID, v.Version, v.ValidFrom, v.ExpectedLow, v.ExpectedHigh = linkID(1), version, date(validDay), ptr(low), ptr(low+5)
	return v
}

func TestLockBet(t *testing.T) {
	t.Parallel()
	start := []*needle.ItemTransition{transition(1, todo, started, 10, 12), transition(1, started, done, 20, 20)}
	ended := betVersion(2, 1, 12, 12)
	ended.Ended = true
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
		{"an end and the same bet again are no versions of it", []*needle.ContributionVersion{betVersion(1, 1, 1, 1), ended, betVersion(3, 1, 13, 13)}, start, 30, 1, nil},
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
	shared, unlocked := needle.UntestableShared, needle.UntestableNotLocked
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
