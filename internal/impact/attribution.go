package impact

import (
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Evidence is what was known at an instant about which work may have moved which key result. It is made by Gather and
// never changes, so it may be read from many goroutines.
type Evidence struct {
	*known
	facts       needle.AttributionFacts
	attempts    map[needle.KeyResultID][]*attempt
	baselines   map[needle.KeyResultID]*baseline
	points      map[needle.KeyResultID]int
	events      map[needle.KeyResultID][]*needle.OutsideEvent
	experiments map[needle.ContributionID]*needle.Experiment
	trackers    map[needle.KeyResultID]*time.Time
	// attributions are in the order of attempts.
	attributions map[needle.KeyResultID][]*needle.Attribution
}

// attempt is one link of an item to a key result, with when and how it may have moved it.
type attempt struct {
	link      *needle.Contribution
	item      *needle.BacklogItem
	keyResult *needle.KeyResult
	bet       *needle.LockedBet
	// linkedAt is when Needle learnt of the link.
	linkedAt time.Time
	// startedAt and firstDoneAt are when work first started and was first done; deliveredAt is when it was last delivered
	// and not taken back.
	startedAt, firstDoneAt, deliveredAt *time.Time
	// window is when its effect may show; meaningless before the delivery.
	window Window
	// again is true for all links of an item but the first, to one key result.
	again bool
}

// Attributions returns what can be said of every link to the key results under review, by key result and then by link.
func (e *Evidence) Attributions() []*needle.Attribution {
	var all []*needle.Attribution
	for _, kr := range e.keyResults {
		all = append(all, e.attributions[kr.ID]...)
	}
	return all
}

// Gather sorts the facts known at AsOf and says of every link what can be said. The order of the facts changes nothing.
func Gather(f needle.AttributionFacts) *Evidence {
	e := &Evidence{
		known: know(f.ReviewFacts), facts: f,
		attempts:    map[needle.KeyResultID][]*attempt{},
		baselines:   map[needle.KeyResultID]*baseline{},
		points:      map[needle.KeyResultID]int{},
		events:      map[needle.KeyResultID][]*needle.OutsideEvent{},
		experiments: map[needle.ContributionID]*needle.Experiment{},
		trackers:    map[needle.KeyResultID]*time.Time{},

		attributions: map[needle.KeyResultID][]*needle.Attribution{},
	}
	for _, event := range f.OutsideEvents {
		if stands(event.RecordedAt, event.RemovedAt, f.AsOf) {
			e.events[event.KeyResultID] = append(e.events[event.KeyResultID], event)
		}
	}
	for _, x := range f.Experiments {
		if stands(x.RecordedAt, x.RemovedAt, f.AsOf) && later(x, e.experiments[x.ContributionID]) {
			e.experiments[x.ContributionID] = x
		}
	}
	versions := groupBy(f.Links, func(v *needle.ContributionVersion) needle.ContributionID { return v.ID })
	transitions := groupBy(f.Transitions, func(t *needle.ItemTransition) needle.BacklogItemID { return t.ItemID })
	for _, kr := range e.keyResults {
		e.gatherKeyResult(kr, versions, transitions)
	}
	return e
}

func stands(recordedAt time.Time, removedAt *time.Time, asOf time.Time) bool {
	return !recordedAt.After(asOf) && (removedAt == nil || removedAt.After(asOf))
}

// later reports whether an experiment was attached after another one; of two at one instant the wider one, which says
// less, counts.
func later(x, than *needle.Experiment) bool {
	if than == nil || !x.RecordedAt.Equal(than.RecordedAt) {
		return than == nil || x.RecordedAt.After(than.RecordedAt)
	}
	return x.High-x.Low > than.High-than.Low
}

func (e *Evidence) gatherKeyResult(kr *needle.KeyResult, versions map[needle.ContributionID][]*needle.ContributionVersion,
	transitions map[needle.BacklogItemID][]*needle.ItemTransition,
) {
	seen := map[needle.BacklogItemID]bool{}
	first := e.asOf.Add(1) // After everything: without a delivery all values are from before one.
	for _, link := range e.links[kr.ID] {
		item := e.items[link.ItemID]
		if item == nil {
			continue
		}
		history := linkHistory(versions[link.ID], e.asOf)
		a := &attempt{
			link: link, item: item, keyResult: kr, deliveredAt: e.work[item.ID].DeliveredAt, linkedAt: linkedAt(history), again: seen[item.ID],
		}
		seen[item.ID] = true
		a.startedAt, a.firstDoneAt = firstTimes(transitions[item.ID], e.asOf)
		a.bet = lockBet(history, a.startedAt)
		if a.deliveredAt != nil {
			a.window = EffectWindow(*a.deliveredAt, a.bet.Counts(), kr)
		}
		if a.firstDoneAt != nil && a.firstDoneAt.Before(first) {
			first = *a.firstDoneAt
		}
		if read, mirrored := e.facts.TrackerReadAt[item.ID]; mirrored {
			if oldest := e.trackers[kr.ID]; oldest == nil || read.Before(*oldest) {
				e.trackers[kr.ID] = &read
			}
		}
		e.attempts[kr.ID] = append(e.attempts[kr.ID], a)
	}
	series := e.series[kr.ID]
	e.points[kr.ID] = len(series.before(first))
	e.baselines[kr.ID] = baselineBefore(series, first)
	for _, a := range e.attempts[kr.ID] {
		e.attributions[kr.ID] = append(e.attributions[kr.ID], e.attribution(a))
	}
}

// linkedAt returns when Needle learnt of a link, since it last began to hold without a break, from its history.
func linkedAt(history []*needle.ContributionVersion) time.Time {
	var at time.Time
	held := false
	for _, v := range history {
		if !v.Ended && !held {
			at = v.RecordedAt
			if v.ValidFrom.After(at) {
				at = v.ValidFrom
			}
		}
		held = !v.Ended
	}
	return at
}

// stale reports whether the tracker data that a key result's work rests on is too old to grade by.
func (e *Evidence) stale(id needle.KeyResultID) bool {
	read := e.trackers[id]
	return read != nil && e.asOf.Sub(*read) > time.Duration(e.facts.Policy.StaleTrackerDays)*day
}

func (e *Evidence) drift(id needle.KeyResultID) *needle.Trend {
	if b := e.baselines[id]; b != nil {
		return b.drift
	}
	return nil
}

// attribution puts together what can be said of one link.
func (e *Evidence) attribution(a *attempt) *needle.Attribution {
	id := a.keyResult.ID
	r := &needle.Attribution{
		AsOf: e.asOf, Contribution: a.link, Item: a.item, KeyResult: a.keyResult, Bet: a.bet, DeliveredAt: a.deliveredAt,
		Drift: e.drift(id), BaselinePoints: e.points[id], TrackerReadAt: e.trackers[id], Experiment: e.experiments[a.link.ID],
	}
	series := e.series[id]
	if n := series.measuredBy(e.asOf); n > 0 {
		r.LatestAt = &series.points[n-1].MeasuredAt
	}
	side := 0
	if a.deliveredAt != nil {
		r.OpensAt, r.EndsAt = &a.window.From, &a.window.To
		if !a.window.To.After(e.asOf) {
			side = e.measure(r, a)
		}
	}
	r.Grade = e.grade(r, side)
	return r
}

// measure fills in what the value did over a window that has ended. It returns to which side of routine it went.
func (e *Evidence) measure(r *needle.Attribution, a *attempt) (side int) {
	id := a.keyResult.ID
	if a.keyResult.Direction == needle.DirectionMaintain {
		r.Verdict = judgeBet(r)
		return 0
	}
	r.Movement = over(e.series[id], a.keyResult.Direction, r.Drift, a.window)
	span := a.window
	if m := r.Movement; m != nil {
		span.From = earlier(span.From, m.Then.MeasuredAt) // A value that was carried in may have moved since it was measured.
		b := e.baselines[id]
		r.Signal, side = b.judge(m)
		if a.keyResult.Direction == needle.DirectionDecrease {
			side = -side
		}
	}
	e.candidates(r, a, span)
	r.Missing = e.missing(r, a)
	if r.Movement != nil {
		r.Bounds = boundsOf(r.Movement.Change, len(r.Doubts) == 0, e.baselines[id].margin(span.From, span.To))
	}
	r.Verdict = judgeBet(r)
	return side
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// candidates counts what could have moved the value in a span and says why the attempt is not alone with it.
func (e *Evidence) candidates(r *needle.Attribution, a *attempt, span Window) {
	r.Candidates = 1 + e.others(a, span)
	if r.Candidates > 1 {
		r.Doubts = append(r.Doubts, needle.DoubtOtherWork)
	}
	lag := time.Duration(max(0, a.keyResult.LagMaxDays)) * day
	for _, event := range e.events[a.keyResult.ID] {
		if !event.From.After(span.To) && !event.To.Add(lag).Before(span.From) {
			r.Events = append(r.Events, event)
		}
	}
	if len(r.Events) > 0 {
		slices.SortFunc(r.Events, compareEvents)
		r.Doubts = append(r.Doubts, needle.DoubtOutsideEvent)
	}
	if a.linkedAt.After(a.window.From) {
		r.Doubts = append(r.Doubts, needle.DoubtYoungerLink)
	}
}

// others counts the other attempts whose windows reach into a span. Work above or below the item is the item itself, and
// work above another one is that other one.
func (e *Evidence) others(a *attempt, span Window) int {
	n, nested := 0, false
	for _, o := range e.attempts[a.keyResult.ID] {
		if e.isOther(o, a, span) {
			n++
			nested = nested || o.item.ParentID != nil
		}
	}
	if !nested {
		return n
	}
	var inside []*attempt
	for _, o := range e.attempts[a.keyResult.ID] {
		if e.isOther(o, a, span) {
			inside = append(inside, o)
		}
	}
	n = 0
	for _, o := range inside {
		if !e.standsForOthers(o, inside) {
			n++
		}
	}
	return max(1, n) // Of a ring of parents, which an import might bring, at least one counts.
}

func (e *Evidence) isOther(o, a *attempt, span Window) bool {
	return o.deliveredAt != nil && !o.again && o.item.ID != a.item.ID && o.window.overlaps(span) && !e.inLine(o.item, a.item)
}

// standsForOthers reports whether other attempts are made by work below an attempt's item, which then counts instead.
func (e *Evidence) standsForOthers(above *attempt, among []*attempt) bool {
	return slices.ContainsFunc(among, func(o *attempt) bool {
		return o.item.ID != above.item.ID && e.below(o.item, above.item)
	})
}

// inLine reports whether one of two items lies below the other.
func (e *Evidence) inLine(a, b *needle.BacklogItem) bool { return e.below(a, b) || e.below(b, a) }

// below reports whether an item lies below another. Parents that form a ring end the search.
func (e *Evidence) below(item, above *needle.BacklogItem) bool {
	for steps := 0; item != nil && item.ParentID != nil && steps <= len(e.items); steps++ {
		if *item.ParentID == above.ID {
			return true
		}
		item = e.items[*item.ParentID]
	}
	return false
}

// missing names what would have to be known to say how the value moved in a window.
func (e *Evidence) missing(r *needle.Attribution, a *attempt) []needle.Missing {
	var m []needle.Missing
	b := e.baselines[a.keyResult.ID]
	switch {
	case r.BaselinePoints < MinBaselinePoints:
		m = append(m, needle.MissingBaseline)
	case b != nil && !b.varied():
		m = append(m, needle.MissingVariation)
	}
	// One check-in may have been left out; after two the value is too old to stand for the window's end.
	patience := 2 * time.Duration(max(1, a.keyResult.CadenceDays)) * day
	_, held := e.series[a.keyResult.ID].At(a.window.From)
	switch {
	case !held:
		m = append(m, needle.MissingOpening)
	case r.Movement == nil || b == nil && r.BaselinePoints >= MinBaselinePoints:
		m = append(m, needle.MissingNumber)
	default:
		if a.window.From.Sub(r.Movement.Then.MeasuredAt) > patience {
			m = append(m, needle.MissingOpening)
		}
		if r.Movement.CheckIns == 0 || a.window.To.Sub(r.Movement.Now.MeasuredAt) > patience {
			m = append(m, needle.MissingEnd)
		}
		if b != nil && b.varied() && b.side(r.Movement.Then) != 0 {
			m = append(m, needle.MissingQuiet)
		}
	}
	return m
}
