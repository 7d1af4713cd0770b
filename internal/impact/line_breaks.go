package impact

import (
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
)

// breaks returns where the line ends although it should go on: what the start lacks first, then along the way, each in
// the order of the things concerned. Looked for is the next thing in the direction of travel: whoever comes from a piece of
// work is told nothing of key results that other work serves.
func (s *sight) breaks(w way) []*needle.LineBreak {
	b := &breakage{found: []*needle.LineBreak{}}
	if s.from.PainPointID != nil {
		s.breaksDown(b, w)
	} else {
		s.breaksUp(b, w)
	}
	return b.found
}

// breakage gathers breaks.
type breakage struct{ found []*needle.LineBreak }

func (b *breakage) add(kind needle.LineBreakKind, subject fmt.Stringer, sentence string) {
	b.found = append(b.found, &needle.LineBreak{Kind: kind, SubjectID: subject.String(), Sentence: sentence})
}

func (s *sight) breaksDown(b *breakage, w way) {
	if len(w.pains) == 0 {
		s.unknownThen(b, *s.from.PainPointID)
		return
	}
	s.breaksOfPains(b, w)
	if p := root(s.pains, w.pains[0]); len(w.objectives) == 0 && p.status != needle.PainDismissed {
		b.add(needle.BreakPainPointWithoutObjective, p.id, "no objective addresses "+painKey(p))
	}
	measured := map[needle.ObjectiveID]bool{}
	for _, kr := range w.keyResults {
		measured[kr.ObjectiveID] = true
	}
	s.breaksOfObjectives(b, w)
	for _, o := range w.objectives {
		if !measured[o.ObjectiveID] {
			b.add(needle.BreakObjectiveWithoutKeyResult, o.ObjectiveID, "no key result measures "+objectiveKey(o))
		}
	}
	linked, alive := s.served(w)
	for _, kr := range w.keyResults {
		switch {
		case !linked[kr.ID]:
			b.add(needle.BreakKeyResultWithoutWork, kr.ID, "no work is linked to "+keyResultKey(kr))
		case !alive[kr.ID]:
			b.add(needle.BreakOnlyDroppedWork, kr.ID, "all work for "+keyResultKey(kr)+" was dropped")
		}
	}
	s.breaksOfIssues(b, w)
}

// served says which key results any work is linked to, and which any that was not dropped, itself or by what lies below.
func (s *sight) served(w way) (linked, alive map[needle.KeyResultID]bool) {
	linked, alive = map[needle.KeyResultID]bool{}, map[needle.KeyResultID]bool{}
	going := map[needle.BacklogItemID]bool{}
	for _, item := range w.items {
		if s.work[item.ID].Status != needle.StatusDropped {
			going[item.ID] = true
			for _, above := range s.above(item.LineItem) {
				going[above.ID] = true
			}
		}
	}
	for _, item := range w.items {
		for _, link := range s.links[item.ID] {
			linked[link.KeyResultID] = true
			alive[link.KeyResultID] = alive[link.KeyResultID] || going[item.ID]
		}
	}
	return linked, alive
}

func (s *sight) breaksUp(b *breakage, w way) {
	start := s.start()
	switch {
	case start != nil:
	case len(w.issues) > 0:
		b.add(needle.BreakIssueWithoutWork, w.issues[0].ID, "no backlog item mirrors "+w.issues[0].RemoteKey)
	case s.from.IssueID != nil:
		s.unknownThen(b, *s.from.IssueID)
	default:
		s.unknownThen(b, *s.from.ItemID)
	}
	s.breaksOfIssues(b, w)
	s.breaksOfWork(b, w)
	s.breaksOfObjectives(b, w)
	for _, o := range w.objectives {
		if len(s.addressed[o.ObjectiveID]) == 0 {
			b.add(needle.BreakObjectiveWithoutPainPoint, o.ObjectiveID, objectiveKey(o)+" addresses no pain point")
		}
	}
	s.breaksOfPains(b, w)
}

// breaksOfWork tells of work that serves nothing, neither itself nor by what lies above or below it. Of work that lies
// below such work nothing is told: it is the same gap.
func (s *sight) breaksOfWork(b *breakage, w way) {
	serves := map[needle.BacklogItemID]bool{}
	for _, item := range w.items {
		if len(s.links[item.ID]) > 0 {
			serves[item.ID] = true
			for _, above := range s.above(item.LineItem) {
				serves[above.ID] = true
			}
		}
	}
	told := map[needle.BacklogItemID]bool{}
	for _, item := range w.items { // From the top.
		above := s.above(item.LineItem)
		idle := !serves[item.ID]
		for _, a := range above {
			idle = idle && len(s.links[a.ID]) == 0
		}
		if !idle {
			continue
		}
		told[item.ID] = true
		if len(above) == 0 || !told[above[0].ID] {
			b.add(needle.BreakWorkWithoutKeyResult, item.ID,
				itemKey(item.LineItem)+" serves no key result, neither itself nor by what lies above or below it")
		}
	}
}

func (s *sight) breaksOfPains(b *breakage, w way) {
	for _, p := range w.pains {
		switch {
		case p.status == needle.PainDismissed && root(s.pains, p) == p:
			b.add(needle.BreakPainPointDismissed, p.id, painKey(p)+" was dismissed, so nobody means to relieve it")
		case p.live() && p.fresh == 0:
			b.add(needle.BreakNoFreshEvidence, p.id,
				fmt.Sprintf("%s has no evidence of the %d days before %s", painKey(p), s.freshDays, instant(s.asOf)))
		}
	}
}

func (s *sight) breaksOfObjectives(b *breakage, w way) {
	for _, o := range w.objectives {
		if o.State == needle.ObjectiveDraft || o.State == needle.ObjectiveProposed {
			b.add(needle.BreakObjectiveNotAgreed, o.ObjectiveID, fmt.Sprintf("%s is not agreed, only %s", objectiveKey(o), o.State))
		}
	}
}

func (s *sight) breaksOfIssues(b *breakage, w way) {
	for _, issue := range w.issues {
		if issue.GoneAt != nil && !issue.GoneAt.After(s.asOf) {
			b.add(needle.BreakIssueGone, issue.ID, fmt.Sprintf("%s is gone from its tracker since %s", issue.RemoteKey, instant(*issue.GoneAt)))
		}
	}
}

func (s *sight) unknownThen(b *breakage, start fmt.Stringer) {
	b.add(needle.BreakUnknownThen, start, fmt.Sprintf("nothing was known of %s at %s", s.startKey, instant(s.asOf)))
}
