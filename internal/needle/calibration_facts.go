package needle

import (
	"cmp"
	"slices"
	"time"
)

// CalibrationYears is how far back calibrations look: teams learn, and what was bet longer ago tells little of them as they
// are. It also bounds what one answer has to read.
const CalibrationYears = 3

// CalibrationSince returns the first day, in UTC, on which a cycle may begin that counts for a calibration at an instant.
func CalibrationSince(asOf time.Time) time.Time {
	return NewDate(asOf).AddDate(-CalibrationYears, 0, 0)
}

// CalibrationFacts is what calibrations of some teams are computed from.
type CalibrationFacts struct {
	// AttributionFacts are those of the teams' key results in all of Cycles. Team and Cycle are nil, for it is about several;
	// Since is where the first cycle may begin.
	AttributionFacts
	// Cycles are those of KeyResults.
	Cycles []*Cycle
}

// ByTeam cuts the facts into those of each team in each cycle, by the cycles' start, in one pass over all of them. Key results
// that Needle learnt of after AsOf are left out, and so are teams and cycles without any other.
func (f CalibrationFacts) ByTeam() map[TeamID][]AttributionFacts {
	cut := calibrationCut{
		parts: map[KeyResultID]*AttributionFacts{}, items: make(map[BacklogItemID]*BacklogItem, len(f.Items)),
		moves: map[BacklogItemID][]*ItemTransition{}, here: map[itemHere]bool{},
	}
	byTeam := cut.begin(f)
	for _, item := range f.Items {
		cut.items[item.ID] = item
	}
	for _, m := range f.Transitions {
		cut.moves[m.ItemID] = append(cut.moves[m.ItemID], m)
	}
	cut.share(f.AttributionFacts)
	out := make(map[TeamID][]AttributionFacts, len(byTeam))
	for team, parts := range byTeam {
		for _, part := range parts {
			out[team] = append(out[team], *part)
		}
	}
	return out
}

// calibrationCut is the facts of calibrations while they are cut.
type calibrationCut struct {
	// parts are the facts that those of a key result go to.
	parts map[KeyResultID]*AttributionFacts
	items map[BacklogItemID]*BacklogItem
	moves map[BacklogItemID][]*ItemTransition
	// here are the items that are in a part.
	here map[itemHere]bool
}

type itemHere struct {
	part *AttributionFacts
	item BacklogItemID
}

// begin makes the parts, with their key results.
func (c *calibrationCut) begin(f CalibrationFacts) map[TeamID][]*AttributionFacts {
	ofCycle := make(map[CycleID][]*KeyResult, len(f.Cycles))
	for _, k := range f.KeyResults {
		if !k.CreatedAt.After(f.AsOf) {
			ofCycle[k.CycleID] = append(ofCycle[k.CycleID], k)
		}
	}
	byTeam := map[TeamID][]*AttributionFacts{}
	for _, cycle := range slices.SortedFunc(slices.Values(f.Cycles), byStart) {
		ofTeam := map[TeamID]*AttributionFacts{}
		for _, k := range ofCycle[cycle.ID] {
			part := ofTeam[k.TeamID]
			if part == nil {
				part = &AttributionFacts{TrackerReadAt: f.TrackerReadAt, Policy: f.Policy}
				part.Cycle, part.Since, part.AsOf = cycle, cycle.Start(), f.AsOf
				ofTeam[k.TeamID], byTeam[k.TeamID] = part, append(byTeam[k.TeamID], part)
			}
			part.KeyResults = append(part.KeyResults, k)
			c.parts[k.ID] = part
		}
	}
	return byTeam
}

func byStart(a, b *Cycle) int {
	return cmp.Or(a.Start().Compare(b.Start()), a.End().Compare(b.End()), cmp.Compare(a.Name, b.Name))
}

// share gives each part the facts of its key results.
func (c *calibrationCut) share(f AttributionFacts) {
	for _, g := range f.Goals {
		if part := c.parts[g.KeyResultID]; part != nil {
			part.Goals = append(part.Goals, g)
		}
	}
	for _, n := range f.CheckIns {
		if part := c.parts[n.KeyResultID]; part != nil {
			part.CheckIns = append(part.CheckIns, n)
		}
	}
	for _, e := range f.OutsideEvents {
		if part := c.parts[e.KeyResultID]; part != nil {
			part.OutsideEvents = append(part.OutsideEvents, e)
		}
	}
	of := map[ContributionID]*AttributionFacts{}
	for _, l := range f.Links {
		if part := c.parts[l.KeyResultID]; part != nil {
			part.Links = append(part.Links, l)
			of[l.ID] = part
			c.work(part, l.ItemID)
		}
	}
	for _, x := range f.Experiments {
		if part := of[x.ContributionID]; part != nil {
			part.Experiments = append(part.Experiments, x)
		}
	}
}

// work gives a part an item and all above it, with their moves, once.
func (c *calibrationCut) work(part *AttributionFacts, id BacklogItemID) {
	for item := c.items[id]; item != nil && !c.here[itemHere{part, item.ID}]; {
		c.here[itemHere{part, item.ID}] = true
		part.Items = append(part.Items, item)
		part.Transitions = append(part.Transitions, c.moves[item.ID]...)
		if item.ParentID == nil {
			return
		}
		item = c.items[*item.ParentID]
	}
}
