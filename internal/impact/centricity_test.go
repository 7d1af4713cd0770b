package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// shop is the example of docs/customer-centricity.md on day 60 of a cycle: slow refunds that work was delivered for, a
// pain that was adopted without evidence, and one that nobody has taken up.
func shop() *story {
	s := climb()
	s.Pains = s.Pains[:1]
	s.Pains[0].Severity = 5
	s.segment(1, "enterprise", 3, 0)
	s.report(1, "Acme", "enterprise", 15)
	s.report(1, "Globex", "", 20)
	s.report(1, "Initech", "", 20)
	s.pain(2, 4, needle.PainOpen, 10)
	s.report(2, "Acme", "", 12)
	s.objective(2, needle.ObjectiveAgreed, 20)
	s.address(2, 2, 20)
	s.pain(3, 2, needle.PainOpen, 10)
	for _, who := range []string{"A", "B", "C", "D", "E", "F", "G"} {
		s.report(3, who, "", 30)
	}
	s.evidence(3, 30)
	s.evidence(3, 40)
	s.objective(3, needle.ObjectiveAgreed, 20)
	s.keyResult(2, 3, 21)
	for n, effort := range []*float64{nil, ptr(8.0), ptr(5.0), ptr(7.0)} {
		if n > 0 {
			s.item(n+1, 45).Effort = effort
		}
	}
	s.item(5, 45)
	s.link(2, 1, 46)
	parent := itemID(2)
	s.Items[2].ParentID = &parent // Item 3 serves what item 2 serves.
	s.link(4, 2, 46)
	return s
}

func TestCentricity_answersBothDirections(t *testing.T) {
	t.Parallel()
	s := shop()
	got := impact.Centricity(s.CentricityFacts, needle.CentricityScope{}, date(60))
	rung := func(rung needle.Rung, pains, without int, weight, share, above float64) *needle.RungShare {
		return &needle.RungShare{Rung: rung, Pains: pains, WithoutEvidence: without, Weight: weight, Share: &share, CumulativeShare: &above}
	}
	want := &needle.CustomerCentricity{
		AsOf: date(60), FreshDays: 90, EvidenceNeeded: 2, RelievedSince: ptr(date(0)),
		Pains: 3, Weight: 80.0 / 3, FreshEvidence: 4, NewestEvidenceAt: ptr(date(40)),
		Rungs: []*needle.RungShare{
			rung(needle.RungCaptured, 0, 0, 0, 0, 1),
			rung(needle.RungEvidenced, 1, 0, 6, 0.225, 1),
			rung(needle.RungAdopted, 1, 1, 4, 0.15, 0.775),
			rung(needle.RungMeasured, 0, 0, 0, 0, 0.625),
			rung(needle.RungWorkedOn, 0, 0, 0, 0, 0.625),
			rung(needle.RungDelivered, 1, 0, 50.0/3, 0.625, 0.625),
			rung(needle.RungRelieved, 0, 0, 0, 0, 0),
		},
		Objectives: &needle.TracedObjectives{Active: 3, Tracing: 1, Share: ptr(1.0 / 3)},
		Effort:     &needle.TracedEffort{Items: 3, TracingItems: 2, Total: 20, Tracing: 13, Share: ptr(0.65), ItemsWithoutEstimate: 1},
		Complete:   ptr(false),
		UncoveredPains: []*needle.PainStanding{{
			PainPointID: painID(3), Rung: needle.RungEvidenced, Severity: 2, Reporters: 7, SegmentWeight: 1, Weight: 6,
			FreshEvidence: 2, NewestEvidenceAt: ptr(date(40)),
		}},
		TracelessIDs: []needle.ObjectiveID{objectiveID(2), objectiveID(3)},
		Note: "3 pain points known at 2026-11-30, with 4 pieces of evidence of the 90 days before; " +
			"the newest evidence was observed 20 days before; 1 open item has no estimate and no part in the effort",
	}
	equal(t, "centricity", want, got, closely())
}

func TestCentricity_isCompleteWithoutException(t *testing.T) {
	t.Parallel()
	s := climb()
	s.report(1, "Acme", "", 15)
	whole := func(day int) *bool {
		return impact.Centricity(s.CentricityFacts, needle.CentricityScope{}, date(day)).Complete
	}
	equal(t, "without an active objective", nil, whole(25))
	equal(t, "both hold", ptr(true), whole(60))
	equal(t, "and still when it is relieved", ptr(true), whole(70))
	s.item(9, 60).Effort = ptr(0.0)
	equal(t, "with work that serves nothing", ptr(false), whole(60))
	s.link(9, 1, 61)
	equal(t, "once it serves something", ptr(true), whole(61))
	s.pain(2, 1, needle.PainOpen, 62)
	equal(t, "with a pain that nobody reported", ptr(false), whole(62))
}

func TestCentricity_countsReliefOfTheCycleOnly(t *testing.T) {
	t.Parallel()
	s := climb()
	s.cycle(2, 90)
	count := func(scope needle.CentricityScope, day int) int {
		return impact.Centricity(s.CentricityFacts, scope, date(day)).Pains
	}
	equal(t, "in its cycle", 1, count(needle.CentricityScope{}, 80))
	equal(t, "while that is active", 1, count(needle.CentricityScope{}, 100))
	equal(t, "asked for the next cycle", 0, count(needle.CentricityScope{CycleID: ptr(cycleID(2))}, 100))
	s.cycleIs(1, needle.CycleClosed, 101)
	equal(t, "without an active cycle", 0, count(needle.CentricityScope{}, 102))
	s.cycleIs(2, needle.CycleActive, 103)
	equal(t, "in the next cycle", 0, count(needle.CentricityScope{}, 104))
}

func TestCentricity_ofATeamKeepsItsObjectives(t *testing.T) {
	t.Parallel()
	s := shop()
	for _, o := range s.Objectives {
		if o.ObjectiveID == objectiveID(2) {
			o.TeamID = teamID(2)
		}
	}
	s.objective(4, needle.ObjectiveDraft, 50).TeamID = teamID(2)
	s.address(4, 3, 50)
	got := impact.Centricity(s.CentricityFacts, needle.CentricityScope{TeamID: ptr(teamID(2))}, date(60))
	equal(t, "pains that its objectives address, drafts among them", 2, got.Pains)
	equal(t, "its active objectives", 1, got.Objectives.Active)
	equal(t, "its open work", needle.TracedEffort{}, *got.Effort)
	equal(t, "uncovered by it", []needle.PainPointID{painID(3)}, ids(got.UncoveredPains))
	other := impact.Centricity(s.CentricityFacts, needle.CentricityScope{TeamID: ptr(teamID(1))}, date(60))
	equal(t, "the other team's", 1, other.Pains)
}

func ids(standings []*needle.PainStanding) []needle.PainPointID {
	out := make([]needle.PainPointID, len(standings))
	for i, s := range standings {
		out[i] = s.PainPointID
	}
	return out
}

func TestCentricity_withoutReportsHasNoShares(t *testing.T) {
	t.Parallel()
	s := newStory()
	s.pain(1, 5, needle.PainOpen, 0)
	got := impact.Centricity(s.CentricityFacts, needle.CentricityScope{}, date(1))
	for _, r := range got.Rungs {
		if r.Share != nil || r.CumulativeShare != nil {
			t.Errorf("%s has a share", r.Rung)
		}
	}
	equal(t, "note", "1 pain point known at 2026-10-02, with 0 pieces of evidence of the 90 days before; "+
		"nobody reported any of them, so nothing weighs anything and there are no shares; no objective was active", got.Note)
}

func TestCentricity_countsEffortOnceAndWhileItIsOpen(t *testing.T) {
	t.Parallel()
	s := climb()
	epic, child := s.item(2, 45), s.item(3, 50)
	epic.Effort, child.Effort, epic.FirstChildAt = ptr(8.0), ptr(3.0), &child.CreatedAt
	parent := itemID(2)
	child.ParentID = &parent
	s.link(2, 1, 45)
	effort := func(day int) needle.TracedEffort {
		return *impact.Centricity(s.CentricityFacts, needle.CentricityScope{}, date(day)).Effort
	}
	traced := func(effort float64, bare int) needle.TracedEffort {
		return needle.TracedEffort{Items: 1, TracingItems: 1, Total: effort, Tracing: effort, Share: ptr(1.0), ItemsWithoutEstimate: bare}
	}
	equal(t, "an epic without children", traced(8, 1), effort(49))
	equal(t, "an epic is its children", traced(3, 1), effort(50))
	equal(t, "delivered work is no open work", traced(3, 0), effort(60))
	s.move(3, nil, needle.StatusDropped, 65)
	equal(t, "nor is dropped work", needle.TracedEffort{}, effort(65))
}

func TestCentricityTrend_speaksForTheLastInstantACycleWasOpen(t *testing.T) {
	t.Parallel()
	s := climb()
	s.cycle(2, 90)
	s.cycle(3, 180)
	s.cycleIs(2, needle.CycleActive, 91)
	at := func(n, day int) map[needle.CycleID]string {
		out := map[needle.CycleID]string{}
		for _, p := range impact.CentricityTrend(s.CentricityFacts, nil, n, date(day)) {
			out[p.CycleID] = p.Centricity.AsOf.Format("2006-01-02T15:04:05.999999")
		}
		return out
	}
	type points = map[needle.CycleID]string
	equal(t, "while the first runs", points{cycleID(1): "2026-11-30T00:00:00"}, at(6, 60))
	equal(t, "in the second", points{cycleID(1): "2026-12-30T00:00:00", cycleID(2): "2027-01-09T00:00:00"}, at(6, 100))
	equal(t, "the last one only", points{cycleID(2): "2027-01-09T00:00:00"}, at(1, 100))
	s.cycleIs(1, needle.CycleClosed, 85)
	equal(t, "one that was closed early", points{cycleID(1): "2026-12-24T23:59:59.999999"}, at(6, 86))
	s.cycleIs(1, needle.CycleActive, 86)
	equal(t, "and opened again", points{cycleID(1): "2026-12-27T00:00:00"}, at(6, 87))
	equal(t, "before anything began", points{}, at(6, -1))
	last := impact.CentricityTrend(s.CentricityFacts, nil, 6, date(100))[0].Centricity
	equal(t, "what the first cycle relieved", 1, last.Rungs[6].Pains)
}
