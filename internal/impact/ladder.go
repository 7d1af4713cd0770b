package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// ladder is what was known at an instant of every pain point and of what was done about it.
type ladder struct {
	asOf     time.Time
	policy   needle.Policy
	segments map[string]float64
	// pains are those captured by then, by key, duplicates among them; tree finds the one that remained.
	pains      []*pain
	tree       map[needle.PainPointID]*pain
	cycles     map[needle.CycleID]needle.CycleState
	objectives []*objective
	keyResults map[needle.KeyResultID]*keyResult
	items      map[needle.BacklogItemID]*needle.WorkItem
	work       map[needle.BacklogItemID]WorkState
	links      map[needle.BacklogItemID][]*needle.Contribution
}

// objective is an objective as it was known at an instant.
type objective struct {
	*needle.ObjectiveVersion
	// active is true when it was AGREED and its cycle ACTIVE.
	active     bool
	keyResults []*keyResult
	// pains are what it addressed, after merges.
	pains []*pain
}

// keyResult is a key result and how far it had come.
type keyResult struct {
	*needle.KeyResult
	measured, workedOn, delivered bool
}

// Standings returns where each of the pain points stood on the ladder at asOf. Those that were not captured by then, were
// dismissed, or were duplicates stood nowhere and are not in the answer.
//
// A pain point stands on the highest rung of an unbroken climb, with one exception: objectives may adopt a pain point
// that has too little fresh evidence. It then stands where the work on it is, and WithoutEvidence says that the rung
// EVIDENCED is missing below. What a person found RELIEVED stands on top, whatever is below.
func Standings(f needle.CentricityFacts, asOf time.Time) map[needle.PainPointID]*needle.PainStanding {
	l := ladderAsOf(f, asOf)
	standings := map[needle.PainPointID]*needle.PainStanding{}
	for _, p := range l.pains {
		if p.mergedInto == nil && p.status != needle.PainDismissed {
			standings[p.id] = l.standing(p, all)
		}
	}
	return standings
}

// all lets every objective count.
func all(*objective) bool { return true }

func ladderAsOf(f needle.CentricityFacts, asOf time.Time) *ladder {
	l := &ladder{
		asOf: asOf, policy: f.Policy, segments: segmentsAsOf(f.Segments, asOf), tree: map[needle.PainPointID]*pain{},
		cycles: map[needle.CycleID]needle.CycleState{}, keyResults: map[needle.KeyResultID]*keyResult{},
	}
	l.gatherPains(f)
	for id, history := range histories(f.CycleStates, asOf, cycleVersion) {
		l.cycles[id] = history[len(history)-1].State
	}
	l.gatherWork(f)
	l.gatherObjectives(f)
	return l
}

func cycleVersion(v *needle.CycleVersion) (needle.CycleID, time.Time, int) {
	return v.CycleID, v.RecordedAt, v.Version
}

// gatherPains brings evidence and reports to the pain points that remained.
func (l *ladder) gatherPains(f needle.CentricityFacts) {
	pains := painsAsOf(f.Pains, l.asOf)
	for id, p := range pains {
		l.pains = append(l.pains, p)
		l.tree[id] = root(pains, p)
	}
	slices.SortFunc(l.pains, func(a, b *pain) int { return cmp.Compare(a.number, b.number) })
	for _, e := range f.Evidence {
		if p := l.tree[e.PainPointID]; p != nil && !e.RecordedAt.After(l.asOf) {
			p.show(e, l.asOf, l.policy.FreshDays)
		}
	}
	for _, r := range f.Reports {
		if p := l.tree[r.PainPointID]; p != nil && !r.RecordedAt.After(l.asOf) {
			p.hear(r)
		}
	}
}

// gatherWork finds out how far the work on each key result was: on it serve the items linked to it and all below them.
func (l *ladder) gatherWork(f needle.CentricityFacts) {
	goals := groupBy(f.Goals, func(g *needle.GoalVersion) needle.KeyResultID { return g.KeyResultID })
	for _, kr := range f.KeyResults {
		if !kr.CreatedAt.After(l.asOf) {
			l.keyResults[kr.ID] = &keyResult{KeyResult: kr, measured: measured(kr, GoalAsOf(goals[kr.ID], l.asOf))}
		}
	}
	l.links = groupBy(LinksAsOf(f.Links, l.asOf), func(c *needle.Contribution) needle.BacklogItemID { return c.ItemID })
	l.items = make(map[needle.BacklogItemID]*needle.WorkItem, len(f.Items))
	for _, item := range f.Items {
		if !item.CreatedAt.After(l.asOf) {
			l.items[item.ID] = item
		}
	}
	transitions := groupBy(f.Transitions, func(t *needle.ItemTransition) needle.BacklogItemID { return t.ItemID })
	l.work = make(map[needle.BacklogItemID]WorkState, len(l.items))
	for id, item := range l.items {
		state := WorkAsOf(transitions[id], l.asOf)
		l.work[id] = state
		for _, link := range l.serving(item) {
			if kr := l.keyResults[link.KeyResultID]; kr != nil {
				kr.workedOn = kr.workedOn || state.Status == needle.StatusInProgress || state.Status == needle.StatusDone
				kr.delivered = kr.delivered || state.DeliveredAt != nil
			}
		}
	}
}

// serving returns the links of an item and of the items above it. Parents that form a ring end the search.
func (l *ladder) serving(item *needle.WorkItem) []*needle.Contribution {
	var links []*needle.Contribution
	seen := map[needle.BacklogItemID]bool{}
	for item != nil && !seen[item.ID] {
		seen[item.ID] = true
		links = append(links, l.links[item.ID]...)
		if item.ParentID == nil {
			break
		}
		item = l.items[*item.ParentID]
	}
	return links
}

// measured reports whether a key result could tell that it was reached: it had a baseline and a target, or a band to
// keep. A milestone is there or not.
func measured(kr *needle.KeyResult, goal *needle.GoalVersion) bool {
	switch {
	case kr.Kind == needle.KindMilestone:
		return true
	case goal == nil:
		return false
	case kr.Direction == needle.DirectionMaintain:
		return goal.BandLow != nil || goal.BandHigh != nil
	default:
		return goal.Baseline != nil && goal.Target != nil
	}
}

func (l *ladder) gatherObjectives(f needle.CentricityFacts) {
	byID := map[needle.ObjectiveID]*objective{}
	for id, history := range histories(f.Objectives, l.asOf, func(v *needle.ObjectiveVersion) (needle.ObjectiveID, time.Time, int) {
		return v.ObjectiveID, v.RecordedAt, v.Version
	}) {
		o := &objective{ObjectiveVersion: history[len(history)-1]}
		o.active = o.State == needle.ObjectiveAgreed && l.cycles[o.CycleID] == needle.CycleActive
		byID[id] = o
		l.objectives = append(l.objectives, o)
	}
	slices.SortFunc(l.objectives, byKey)
	for _, kr := range l.keyResults {
		if o := byID[kr.ObjectiveID]; o != nil {
			o.keyResults = append(o.keyResults, kr)
		}
	}
	for _, a := range f.Addressed {
		if a.From.After(l.asOf) || a.To != nil && !a.To.After(l.asOf) {
			continue
		}
		o, p := byID[a.ObjectiveID], l.tree[a.PainPointID]
		if o != nil && p != nil && !slices.Contains(o.pains, p) {
			o.pains = append(o.pains, p)
			p.objectives = append(p.objectives, o)
		}
	}
	for _, p := range l.pains {
		slices.SortFunc(p.objectives, byKey)
	}
}

func byKey(a, b *objective) int { return cmp.Compare(a.Number, b.Number) }

// standing says where a pain point stood when only some objectives count.
func (l *ladder) standing(p *pain, counts func(*objective) bool) *needle.PainStanding {
	s := &needle.PainStanding{
		PainPointID: p.id, Severity: p.severity, Reporters: len(p.heard), SegmentWeight: p.segmentWeight(l.segments),
		FreshEvidence: p.fresh, NewestEvidenceAt: p.newest,
	}
	s.Weight = Weight(s.Severity, s.Reporters, s.SegmentWeight)
	evidenced := p.fresh >= l.policy.EvidenceNeeded
	adopted := needle.Rung("")
	for _, o := range p.objectives {
		if o.active && counts(o) && (adopted == "" || higher(o.rung(), adopted)) {
			adopted = o.rung()
		}
	}
	switch {
	case p.status == needle.PainRelieved:
		s.Rung = needle.RungRelieved
	case adopted != "":
		s.Rung, s.WithoutEvidence = adopted, !evidenced
	case evidenced:
		s.Rung = needle.RungEvidenced
	default:
		s.Rung = needle.RungCaptured
	}
	return s
}

// rung is how far an active objective lifts the pain points it addresses.
func (o *objective) rung() needle.Rung {
	reached := needle.RungAdopted
	for _, kr := range o.keyResults {
		rung := needle.RungAdopted
		switch {
		case !kr.measured:
		case kr.delivered:
			rung = needle.RungDelivered
		case kr.workedOn:
			rung = needle.RungWorkedOn
		default:
			rung = needle.RungMeasured
		}
		if higher(rung, reached) {
			reached = rung
		}
	}
	return reached
}

func higher(rung, other needle.Rung) bool {
	return slices.Index(needle.Rungs(), rung) > slices.Index(needle.Rungs(), other)
}
