package impact

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Centricity answers, from what was known at asOf, in both directions how far what is done answers customers' pain: the
// share of the pain at each rung of the ladder, and the shares of active objectives and of open work that trace back to
// fresh pain. The answer depends on the facts only, never on their order.
//
// Counted are the pain points captured by then that were neither dismissed nor duplicates; relieved ones when they became
// so since the start of the cycle asked for, or else of the earliest cycle that was active. A scope lets only its
// objectives count, for adoption and for tracing alike; that of a team also keeps only the pain points that its
// objectives address, in whatever state these are, and its items.
//
// What has no history is as it is now: the workspace's policy, the dates of cycles, the team and cycle of an objective,
// and the team, parent and estimate of an item.
func Centricity(f needle.CentricityFacts, scope needle.CentricityScope, asOf time.Time) *needle.CustomerCentricity {
	l := ladderAsOf(f, asOf)
	within := func(o *objective) bool {
		return (scope.TeamID == nil || o.TeamID == *scope.TeamID) && (scope.CycleID == nil || o.CycleID == *scope.CycleID)
	}
	c := &needle.CustomerCentricity{
		AsOf: asOf, FreshDays: l.policy.FreshDays, EvidenceNeeded: l.policy.EvidenceNeeded,
		RelievedSince: l.relievedSince(f.Cycles, scope), UncoveredPains: []*needle.PainStanding{}, TracelessIDs: []needle.ObjectiveID{},
	}
	var standings []*needle.PainStanding
	counted := map[*pain]bool{}
	for _, p := range l.pains {
		if !p.counts(c.RelievedSince) || scope.TeamID != nil && !slices.ContainsFunc(p.objectives, within) {
			continue
		}
		counted[p] = true
		s := l.standing(p, within)
		standings = append(standings, s)
		c.FreshEvidence += s.FreshEvidence
		if s.NewestEvidenceAt != nil && (c.NewestEvidenceAt == nil || s.NewestEvidenceAt.After(*c.NewestEvidenceAt)) {
			c.NewestEvidenceAt = s.NewestEvidenceAt
		}
		if s.Rung == needle.RungCaptured || s.Rung == needle.RungEvidenced {
			c.UncoveredPains = append(c.UncoveredPains, s)
		}
	}
	slices.SortStableFunc(c.UncoveredPains, func(a, b *needle.PainStanding) int { // Equal ones stay in the order of keys.
		return cmp.Compare(b.Weight, a.Weight)
	})
	c.Pains = len(standings)
	c.Rungs = shares(standings)
	c.Weight = cumulative(standings, needle.RungCaptured)
	tracing := l.trace(c, within, counted)
	l.traceEffort(c, scope, tracing)
	c.Complete = complete(c)
	c.Note = l.note(c, scope)
	return c
}

// counts reports whether the pain point belongs to those that centricity is about.
func (p *pain) counts(relievedSince *time.Time) bool {
	return p.live() || p.mergedInto == nil && p.relievedAt != nil && relievedSince != nil && !p.relievedAt.Before(*relievedSince)
}

// relievedSince is when the cycle asked for began, or else the earliest one that was active; nil when none was.
func (l *ladder) relievedSince(cycles []*needle.Cycle, scope needle.CentricityScope) *time.Time {
	var since *time.Time
	for _, c := range cycles {
		asked := scope.CycleID != nil && c.ID == *scope.CycleID
		if asked || scope.CycleID == nil && l.cycles[c.ID] == needle.CycleActive {
			if start := c.Start(); since == nil || start.Before(*since) {
				since = &start
			}
		}
	}
	return since
}

// shares sums up what stood on each rung. Shares are nil when nothing weighed anything: pain that nobody reported.
func shares(standings []*needle.PainStanding) []*needle.RungShare {
	total := cumulative(standings, needle.RungCaptured)
	rungs := make([]*needle.RungShare, 0, len(needle.Rungs()))
	for _, rung := range needle.Rungs() {
		r := &needle.RungShare{Rung: rung}
		for _, s := range standings {
			if s.Rung == rung {
				r.Pains++
				r.Weight += s.Weight
				if s.WithoutEvidence {
					r.WithoutEvidence++
				}
			}
		}
		if total > 0 {
			share, above := r.Weight/total, cumulative(standings, rung)/total
			r.Share, r.CumulativeShare = &share, &above
		}
		rungs = append(rungs, r)
	}
	return rungs
}

// cumulative is the weight on a rung and above, summed from the top, so that the sum of all is the last and no share
// exceeds 1.
func cumulative(standings []*needle.PainStanding, from needle.Rung) float64 {
	sum := 0.0
	for _, rung := range slices.Backward(needle.Rungs()) {
		for _, s := range standings {
			if s.Rung == rung {
				sum += s.Weight
			}
		}
		if rung == from {
			break
		}
	}
	return sum
}

// trace returns the key results of the active objectives that address a counted pain with fresh evidence, and tells how
// many these are and which are not among them.
func (l *ladder) trace(c *needle.CustomerCentricity, within func(*objective) bool, counted map[*pain]bool) map[needle.KeyResultID]bool {
	c.Objectives = &needle.TracedObjectives{}
	keyResults := map[needle.KeyResultID]bool{}
	for _, o := range l.objectives {
		if !o.active || !within(o) {
			continue
		}
		c.Objectives.Active++
		if !slices.ContainsFunc(o.pains, func(p *pain) bool { return counted[p] && p.fresh > 0 }) {
			c.TracelessIDs = append(c.TracelessIDs, o.ObjectiveID)
			continue
		}
		c.Objectives.Tracing++
		for _, kr := range o.keyResults {
			keyResults[kr.ID] = true
		}
	}
	c.Objectives.Share = share(float64(c.Objectives.Tracing), float64(c.Objectives.Active))
	return keyResults
}

// traceEffort sums up the estimates of open work. An item that others lie below is counted by these alone, so that no
// effort is counted twice; it serves what the items above it serve.
func (l *ladder) traceEffort(c *needle.CustomerCentricity, scope needle.CentricityScope, tracing map[needle.KeyResultID]bool) {
	e := &needle.TracedEffort{}
	c.Effort = e
	var estimates, traced []float64
	for id, item := range l.items {
		status := l.work[id].Status
		parted := item.FirstChildAt != nil && !item.FirstChildAt.After(l.asOf)
		switch {
		case parted || status == needle.StatusDone || status == needle.StatusDropped:
			continue
		case scope.TeamID != nil && item.TeamID != *scope.TeamID:
			continue
		case item.Effort == nil:
			e.ItemsWithoutEstimate++
			continue
		}
		estimates = append(estimates, *item.Effort)
		if slices.ContainsFunc(l.serving(item), func(link *needle.Contribution) bool { return tracing[link.KeyResultID] }) {
			traced = append(traced, *item.Effort)
		}
	}
	e.Items, e.TracingItems = len(estimates), len(traced)
	e.Total, e.Tracing = sum(estimates), sum(traced)
	e.Share = share(e.Tracing, e.Total)
}

// sum adds numbers in the order of their size, since sums of floats depend on it.
func sum(numbers []float64) float64 {
	slices.Sort(numbers)
	total := 0.0
	for _, n := range numbers {
		total += n
	}
	return total
}

// share is a part of a whole, nil when the whole is nothing. Rounding never lifts it above 1.
func share(part, whole float64) *float64 {
	if !(whole > 0) {
		return nil
	}
	s := min(1, part/whole)
	return &s
}

// complete counts instead of comparing shares: every live pain is addressed, every active objective traces, and so does
// every open item with an estimate.
func complete(c *needle.CustomerCentricity) *bool {
	if c.Pains == 0 || c.Objectives.Active == 0 {
		return nil
	}
	whole := len(c.UncoveredPains) == 0 && c.Objectives.Tracing == c.Objectives.Active && c.Effort.TracingItems == c.Effort.Items
	return &whole
}

// note says what the numbers rest on and what keeps them from saying more.
func (l *ladder) note(c *needle.CustomerCentricity, scope needle.CentricityScope) string {
	parts := []string{fmt.Sprintf("%s known at %s, with %s of the %d days before",
		several(c.Pains, "pain point", "pain points"), instant(l.asOf), several(c.FreshEvidence, "piece of evidence", "pieces of evidence"), c.FreshDays)}
	if c.NewestEvidenceAt != nil {
		parts = append(parts, "the newest evidence was observed "+age(l.asOf.Sub(*c.NewestEvidenceAt)))
	}
	if c.Pains > 0 && !(c.Weight > 0) {
		parts = append(parts, "nobody reported any of them, so nothing weighs anything and there are no shares")
	}
	switch {
	case scope.CycleID != nil && l.cycles[*scope.CycleID] != needle.CycleActive:
		parts = append(parts, "the cycle was not active, so none of its objectives was")
	case c.Objectives.Active == 0:
		parts = append(parts, "no objective was active")
	}
	if n := c.Effort.ItemsWithoutEstimate; n > 0 {
		parts = append(parts, several(n, "open item has", "open items have")+" no estimate and no part in the effort")
	}
	return strings.Join(parts, "; ")
}

func several(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// CentricityTrend returns customer centricity within each of the last n cycles that had begun at asOf, in order of their
// start. Each point is what Centricity answers for the cycle's objectives at the last instant the cycle was open: at its
// end, when it was closed earlier just before that, and at asOf while it runs.
func CentricityTrend(f needle.CentricityFacts, team *needle.TeamID, n int, asOf time.Time) []*needle.CentricityPoint {
	states := histories(f.CycleStates, asOf, cycleVersion)
	points := []*needle.CentricityPoint{}
	for _, c := range needle.BegunCycles(f.Cycles, n, asOf) {
		at := lastOpen(c, states[c.ID], asOf)
		scope := needle.CentricityScope{TeamID: team, CycleID: &c.ID}
		points = append(points, &needle.CentricityPoint{CycleID: c.ID, Centricity: Centricity(f, scope, at)})
	}
	return points
}

// lastOpen returns the instant that speaks for a cycle. Times are kept to the microsecond, so one less is just before.
func lastOpen(c *needle.Cycle, history []*needle.CycleVersion, asOf time.Time) time.Time {
	at := asOf
	if end := c.End(); end.Before(at) {
		at = end
	}
	last := len(history) - 1
	if last > 0 && history[last].State == needle.CycleClosed {
		if closing := history[last].RecordedAt.Add(-time.Microsecond); closing.Before(at) && !closing.Before(c.Start()) {
			at = closing
		}
	}
	return at
}
