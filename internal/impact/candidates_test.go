package impact_test

import (
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// besideIt is a second delivery whose window lies in that of B-1, from day 5 to day 12; B-1's is from day 1 to day 15.
func besideIt() needle.AttributionFacts {
	return adding(risen(), work{delivered: 5, lagMax: 7, low: 2, high: 4})
}

// linkVersion adds a version to the link of B-250, true from a day and learnt on another.
func linkVersion(ended bool, validDay, recordedDay int) func(*needle.AttributionFacts) {
	return func(f *needle.AttributionFacts) {
		v := *f.Links[1]
		v.Version, v.Ended, v.ValidFrom, v.RecordedAt = len(f.Links), ended, date(validDay), date(recordedDay)
		f.Links = append(f.Links, &v)
	}
}

func TestCandidates_workThatIsUnlinkedAfterItsDeliveryStaysOne(t *testing.T) {
	t.Parallel()
	reopened := func(f *needle.AttributionFacts) {
		f.Transitions = append(f.Transitions, transition(250, done, started, 20, 20))
	}
	delivered := func(day, recorded int) func(*needle.AttributionFacts) {
		return func(f *needle.AttributionFacts) { f.Transitions[2] = transition(250, todo, done, day, recorded) }
	}
	type change = func(*needle.AttributionFacts)
	other, unlinked := []needle.Doubt{needle.DoubtOtherWork}, []needle.Doubt{needle.DoubtUnlinkedWork}
	for _, tc := range []struct {
		name    string
		changes []change
		want    needle.Grade
		doubts  []needle.Doubt
	}{
		{"linked", nil, needle.GradeSharedMovement, other},
		{"unlinked when the movement was seen", []change{linkVersion(true, 10, 10)}, needle.GradeSharedMovement, unlinked},
		{"unlinked when the windows were over", []change{linkVersion(true, 35, 35)}, needle.GradeSharedMovement, unlinked},
		{"unlinked on the day after its delivery", []change{linkVersion(true, 6, 6)}, needle.GradeSharedMovement, unlinked},
		{"unlinked and dated back before the delivery", []change{linkVersion(true, 2, 35)}, needle.GradeSharedMovement, unlinked},
		{"unlinked twice, the second time late", []change{linkVersion(true, 2, 2), linkVersion(false, 3, 3), linkVersion(true, 30, 30)}, needle.GradeSharedMovement, unlinked},
		{"unlinked and linked again", []change{linkVersion(true, 10, 10), linkVersion(false, 20, 20)}, needle.GradeSharedMovement, other},
		{"unlinked after a delivery that is learnt of later", []change{delivered(5, 30), linkVersion(true, 10, 10)}, needle.GradeSharedMovement, unlinked},
		{"unlinked before it was delivered", []change{linkVersion(true, 4, 4)}, needle.GradeSoleCandidate, nil},
		{"unlinked at the instant of its delivery", []change{linkVersion(true, 5, 5)}, needle.GradeSoleCandidate, nil},
		{"unlinked, but delivered outside the window", []change{delivered(-30, -30), linkVersion(true, 10, 10)}, needle.GradeSoleCandidate, nil},
		{"delivered and reopened", []change{reopened}, needle.GradeSharedMovement, other},
		{"reopened and unlinked", []change{reopened, linkVersion(true, 25, 25)}, needle.GradeSharedMovement, unlinked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := besideIt()
			for _, c := range tc.changes {
				c(&f)
			}
			a := impact.Gather(f).Attributions()[0]
			equal(t, "grade", tc.want, *a.Grade)
			equal(t, "doubts", tc.doubts, a.Doubts)
		})
	}
}

func TestCandidates_onesOwnLinkThatIsMadeAgainIsYoung(t *testing.T) {
	t.Parallel()
	f := risen()
	ended, again := *f.Links[0], *f.Links[0]
	ended.Version, ended.Ended, ended.ValidFrom, ended.RecordedAt = 2, true, date(20), date(20)
	again.Version, again.ValidFrom, again.RecordedAt = 3, date(21), date(21)
	f.Links = append(f.Links, &ended)
	equal(t, "attributions of a link that ended", 0, len(impact.Gather(f).Attributions()))
	f.Links = append(f.Links, &again)
	a := impact.Gather(f).Attributions()[0]
	equal(t, "grade", needle.GradeSharedMovement, *a.Grade)
	equal(t, "doubts", []needle.Doubt{needle.DoubtYoungerLink}, a.Doubts)
	again.ID = linkID(77) // As another link of the same item and key result: the item is no candidate beside itself.
	equal(t, "doubts", []needle.Doubt{needle.DoubtYoungerLink}, impact.Gather(f).Attributions()[0].Doubts)
}

func TestCandidates_whatIsUnlinkedIsToldAndKeepsItsShare(t *testing.T) {
	t.Parallel()
	f, g := besideIt(), besideIt()
	linkVersion(true, 30, 30)(&f)
	a := impact.Gather(f).Attributions()[0]
	equal(t, "candidates", 2, a.Candidates)
	equal(t, "unlinked", 1, a.Unlinked)
	if want := "2 pieces of linked work (1 unlinked after delivery) could have to do with it"; !strings.Contains(a.Explanation(), want) {
		t.Errorf("it does not say %q: %s", want, a.Explanation())
	}
	unlinked, held := impact.Gather(f).Breakdown(krID(1), date(0), date(30)), impact.Gather(g).Breakdown(krID(1), date(0), date(30))
	for i := range held.Shares {
		equal(t, "planned", held.Shares[i].Planned, unlinked.Shares[i].Planned)
		equal(t, "bounds", held.Shares[i].Bounds, unlinked.Shares[i].Bounds)
	}
	for _, gap := range impact.Gather(f).Gaps() {
		for _, i := range gap.Items {
			if i.Number == 250 && gap.Kind != needle.GapOrphanWork {
				t.Errorf("a gap of what is no longer linked: %s", gap.Evidence)
			}
		}
	}
}

func TestEvidence_chartsFromBeforeTheFirstDelivery(t *testing.T) {
	t.Parallel()
	c := impact.Gather(risen()).Chart(krID(1), needle.SignalRules())
	baseline := 0
	for _, p := range c.Points {
		baseline += oneIf(p.Baseline)
	}
	equal(t, "points of the baseline", 12, baseline)
	equal(t, "points that the limits rest on", 12, c.Limits.Points)
	if impact.Gather(risen()).Chart(krID(9), nil) != nil {
		t.Error("a chart of a key result that nobody knows")
	}
}
