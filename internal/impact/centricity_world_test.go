package impact_test

import (
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func painID(n int) (id needle.PainPointID)                  { id.UUID[15] = byte(n); return }
func objectiveID(n int) (id needle.ObjectiveID)             { id.UUID[15] = byte(n); return }
func cycleID(n int) (id needle.CycleID)                     { id.UUID[15] = byte(n); return }
func segmentID(n int) (id needle.SegmentID)                 { id.UUID[15] = byte(n); return }
func reportID(n int) (id needle.PainReportID)               { id.UUID[14], id.UUID[15] = byte(n>>8), byte(n); return }
func status(s needle.StatusCategory) *needle.StatusCategory { return &s }

// story gathers facts one after the other; everything is recorded on the day it is told.
type story struct{ needle.CentricityFacts }

func newStory() *story {
	return &story{needle.CentricityFacts{Policy: needle.Policy{FreshDays: 90, EvidenceNeeded: 2}}}
}

// pain says what a pain point was from a day on.
func (s *story) pain(n, severity int, status needle.PainPointStatus, day int) {
	s.Pains = append(s.Pains, &needle.PainPointVersion{
		PainPointID: painID(n), Number: n, Version: len(s.Pains) + 1, Severity: severity, Status: status, RecordedAt: date(day),
	})
}

// merge says that a pain point was a duplicate from a day on.
func (s *story) merge(n, into, day int) {
	id := painID(into)
	s.pain(n, 3, needle.PainOpen, day)
	s.Pains[len(s.Pains)-1].MergedIntoID = &id
}

// evidence was observed and entered on a day.
func (s *story) evidence(pain, day int) {
	s.Evidence = append(s.Evidence, &needle.EvidenceTimes{PainPointID: painID(pain), ObservedAt: date(day), RecordedAt: date(day)})
}

// report was made and entered on a day.
func (s *story) report(pain int, who, segment string, day int) {
	s.Reports = append(s.Reports, &needle.ReportTimes{
		ID: reportID(len(s.Reports) + 1), PainPointID: painID(pain), Reporter: who, Segment: segment, ReportedAt: date(day), RecordedAt: date(day),
	})
}

func (s *story) segment(n int, name string, weight float64, day int) {
	s.Segments = append(s.Segments, &needle.SegmentVersion{
		SegmentID: segmentID(n), Version: len(s.Segments) + 1, Name: name, Weight: weight, RecordedAt: date(day),
	})
}

// cycle plans a cycle of ninety days that begins on a day.
func (s *story) cycle(n, from int) {
	s.Cycles = append(s.Cycles, &needle.Cycle{
		ID: cycleID(n), StartsOn: needle.NewDate(date(from)), EndsOn: needle.NewDate(date(from + 89)),
		Stamp: needle.Stamp{CreatedAt: date(from - 30)},
	})
	s.cycleIs(n, needle.CyclePlanning, from-30)
}

func (s *story) cycleIs(n int, state needle.CycleState, day int) {
	s.CycleStates = append(s.CycleStates, &needle.CycleVersion{
		CycleID: cycleID(n), Version: len(s.CycleStates) + 1, State: state, RecordedAt: date(day),
	})
}

// objective says in which state an objective of team 1 and cycle 1 was from a day on.
func (s *story) objective(n int, state needle.ObjectiveState, day int) *needle.ObjectiveVersion {
	v := &needle.ObjectiveVersion{
		ObjectiveID: objectiveID(n), Number: n, TeamID: teamID(1), CycleID: cycleID(1), Version: len(s.Objectives) + 1,
		State: state, RecordedAt: date(day),
	}
	s.Objectives = append(s.Objectives, v)
	return v
}

func (s *story) address(objective, pain, day int) *needle.AddressedPain {
	a := &needle.AddressedPain{ObjectiveID: objectiveID(objective), PainPointID: painID(pain), From: date(day)}
	s.Addressed = append(s.Addressed, a)
	return a
}

func (s *story) keyResult(n, objective, day int) *needle.KeyResult {
	k := &needle.KeyResult{
		ID: krID(n), Number: n, ObjectiveID: objectiveID(objective), Kind: needle.KindMetric, Direction: needle.DirectionDecrease,
		LagMinDays: 7, LagMaxDays: 14, Stamp: needle.Stamp{CreatedAt: date(day)},
	}
	s.KeyResults = append(s.KeyResults, k)
	return k
}

func (s *story) goal(keyResult int, goal needle.Goal, day int) {
	s.Goals = append(s.Goals, &needle.GoalVersion{
		KeyResultID: krID(keyResult), Goal: goal, ValidFrom: date(day), RecordedAt: date(day), Version: len(s.Goals) + 1,
	})
}

// measured is a goal that has both ends.
func measured() needle.Goal { return needle.Goal{Baseline: ptr(14.0), Target: ptr(4.0)} }

func (s *story) item(n, day int) *needle.WorkItem {
	i := &needle.WorkItem{ID: itemID(n), TeamID: teamID(1), CreatedAt: date(day)}
	s.Items = append(s.Items, i)
	return i
}

func (s *story) move(item int, from *needle.StatusCategory, to needle.StatusCategory, day int) {
	s.Transitions = append(s.Transitions, &needle.ItemTransition{
		ItemID: itemID(item), From: from, To: to, OccurredAt: date(day), RecordedAt: date(day),
	})
}

func (s *story) link(item, keyResult, day int) {
	v := &needle.ContributionVersion{RecordedAt: date(day)}
	v.ID, v.ItemID, v.KeyResultID, v.ValidFrom, v.Version = linkID(len(s.Links)+1), itemID(item), krID(keyResult), date(day), 1
	s.Links = append(s.Links, v)
}

// The sizes of a drawn story.
const (
	storyPains      = 6
	storyObjectives = 4
	storyDays       = 200
)

// drawStory draws a small workspace in which everything happens at few distinct times, so that ties are common.
// Weights and estimates are tenths, whose sums depend on their order unless somebody takes care.
func drawStory(t *rapid.T) needle.CentricityFacts {
	s := newStory()
	s.Policy.EvidenceNeeded = rapid.IntRange(1, 3).Draw(t, "evidence needed")
	day := func() int { return 5 * rapid.IntRange(0, storyDays/5).Draw(t, "day") }
	pain := func() int { return rapid.IntRange(1, storyPains).Draw(t, "pain") }
	objective := func() int { return rapid.IntRange(1, storyObjectives).Draw(t, "objective") }
	for n := range storyPains {
		s.pain(n+1, rapid.IntRange(1, 5).Draw(t, "severity"), needle.PainOpen, day())
	}
	for range rapid.IntRange(0, 8).Draw(t, "changes") {
		if rapid.IntRange(0, 2).Draw(t, "merge") == 0 {
			s.merge(pain(), pain(), day())
			continue
		}
		s.pain(pain(), rapid.IntRange(1, 5).Draw(t, "severity"), rapid.SampledFrom([]needle.PainPointStatus{
			needle.PainOpen, needle.PainTargeted, needle.PainRelieved, needle.PainDismissed,
		}).Draw(t, "status"), day())
	}
	for range rapid.IntRange(0, 12).Draw(t, "evidence") {
		s.evidence(pain(), day())
	}
	for range rapid.IntRange(0, 20).Draw(t, "reports") {
		s.report(pain(), rapid.SampledFrom([]string{"Ada", "ada ", "Bo", "Cy", "Di"}).Draw(t, "who"),
			rapid.SampledFrom([]string{"", "shops", "SHOPS", "banks"}).Draw(t, "segment"), day())
	}
	for range rapid.IntRange(0, 4).Draw(t, "segments") {
		n := rapid.IntRange(1, 2).Draw(t, "segment")
		s.segment(n, []string{"shops", "Banks"}[n-1], float64(rapid.IntRange(1, 80).Draw(t, "tenths"))/10, day())
	}
	for n := range 2 {
		s.cycle(n+1, 80*n)
	}
	for range rapid.IntRange(0, 5).Draw(t, "cycle states") {
		s.cycleIs(rapid.IntRange(1, 2).Draw(t, "cycle"), rapid.SampledFrom([]needle.CycleState{
			needle.CycleActive, needle.CycleActive, needle.CyclePlanning, needle.CycleClosed,
		}).Draw(t, "state"), day())
	}
	for range rapid.IntRange(0, 10).Draw(t, "objective states") {
		o := s.objective(objective(), rapid.SampledFrom([]needle.ObjectiveState{
			needle.ObjectiveDraft, needle.ObjectiveAgreed, needle.ObjectiveAgreed, needle.ObjectiveClosed,
		}).Draw(t, "state"), day())
		o.TeamID, o.CycleID = teamID(1+o.Number%2), cycleID(1+o.Number/2%2)
	}
	for range rapid.IntRange(0, 10).Draw(t, "addressed") {
		if a := s.address(objective(), pain(), day()); rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
			end := a.From.AddDate(0, 0, day())
			a.To = &end
		}
	}
	drawWork(t, s, day, objective)
	return s.CentricityFacts
}

func drawWork(t *rapid.T, s *story, day, objective func() int) {
	for n := range keyResults {
		s.keyResult(n+1, objective(), day()).LagMaxDays = rapid.IntRange(7, 60).Draw(t, "lag")
		if rapid.Bool().Draw(t, "measured") {
			s.goal(n+1, measured(), day())
		}
	}
	for n := range items {
		i := s.item(n+1, day())
		if rapid.Bool().Draw(t, "estimated") {
			i.Effort = ptr(float64(rapid.IntRange(0, 40).Draw(t, "tenths")) / 10)
		}
		if rapid.IntRange(0, 2).Draw(t, "has parent") == 0 {
			parent := itemID(rapid.IntRange(1, items).Draw(t, "parent"))
			i.ParentID = &parent
		}
		if rapid.IntRange(0, 3).Draw(t, "has child") == 0 {
			child := date(day())
			i.FirstChildAt = &child
		}
		var from *needle.StatusCategory
		for range rapid.IntRange(0, 3).Draw(t, "moves") {
			to := rapid.SampledFrom([]needle.StatusCategory{
				needle.StatusTodo, needle.StatusInProgress, needle.StatusDone, needle.StatusDropped,
			}).Draw(t, "to")
			s.move(n+1, from, to, day())
			from = &to
		}
	}
	for range rapid.IntRange(0, links).Draw(t, "links") {
		s.link(rapid.IntRange(1, items).Draw(t, "item"), rapid.IntRange(1, keyResults+1).Draw(t, "key result"), day())
	}
}

func drawScope(t *rapid.T) (scope needle.CentricityScope) {
	if rapid.Bool().Draw(t, "of a team") {
		scope.TeamID = ptr(teamID(rapid.IntRange(1, 2).Draw(t, "team")))
	}
	if rapid.Bool().Draw(t, "of a cycle") {
		scope.CycleID = ptr(cycleID(rapid.IntRange(1, 2).Draw(t, "cycle")))
	}
	return scope
}

func drawInstant(t *rapid.T) time.Time {
	return date(5 * rapid.IntRange(0, storyDays/5).Draw(t, "asOf"))
}

// knownBy keeps what was recorded by an instant.
func knownBy(f needle.CentricityFacts, asOf time.Time) needle.CentricityFacts {
	by := func(at time.Time) bool { return !at.After(asOf) }
	f.Pains = keep(f.Pains, func(v *needle.PainPointVersion) bool { return by(v.RecordedAt) })
	f.Evidence = keep(f.Evidence, func(e *needle.EvidenceTimes) bool { return by(e.RecordedAt) })
	f.Reports = keep(f.Reports, func(r *needle.ReportTimes) bool { return by(r.RecordedAt) })
	f.Segments = keep(f.Segments, func(v *needle.SegmentVersion) bool { return by(v.RecordedAt) })
	f.CycleStates = keep(f.CycleStates, func(v *needle.CycleVersion) bool { return by(v.RecordedAt) })
	f.Objectives = keep(f.Objectives, func(v *needle.ObjectiveVersion) bool { return by(v.RecordedAt) })
	f.KeyResults = keep(f.KeyResults, func(k *needle.KeyResult) bool { return by(k.CreatedAt) })
	f.Goals = keep(f.Goals, func(g *needle.GoalVersion) bool { return by(g.RecordedAt) })
	f.Links = keep(f.Links, func(v *needle.ContributionVersion) bool { return by(v.RecordedAt) })
	f.Transitions = keep(f.Transitions, func(m *needle.ItemTransition) bool { return by(m.RecordedAt) })
	f.Addressed = keep(f.Addressed, func(a *needle.AddressedPain) bool { return by(a.From) })
	for i, a := range f.Addressed {
		if a.To != nil && !by(*a.To) {
			still := *a
			still.To = nil
			f.Addressed[i] = &still
		}
	}
	f.Items = keep(f.Items, func(i *needle.WorkItem) bool { return by(i.CreatedAt) })
	for n, i := range f.Items {
		if i.FirstChildAt != nil && !by(*i.FirstChildAt) {
			childless := *i
			childless.FirstChildAt = nil
			f.Items[n] = &childless
		}
	}
	return f
}

// shuffledFacts returns the same facts in another order.
func shuffledFacts(f needle.CentricityFacts, seed uint64) needle.CentricityFacts {
	r := rand.New(rand.NewPCG(seed, 2))
	f.Pains, f.Evidence, f.Reports, f.Segments = shuffle(r, f.Pains), shuffle(r, f.Evidence), shuffle(r, f.Reports), shuffle(r, f.Segments)
	f.Cycles, f.CycleStates, f.Objectives, f.Addressed = shuffle(r, f.Cycles), shuffle(r, f.CycleStates), shuffle(r, f.Objectives), shuffle(r, f.Addressed)
	f.KeyResults, f.Goals, f.Links = shuffle(r, f.KeyResults), shuffle(r, f.Goals), shuffle(r, f.Links)
	f.Items, f.Transitions = shuffle(r, f.Items), shuffle(r, f.Transitions)
	return f
}
