package impact

import (
	"cmp"
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
	// firsts are when anything was first delivered; just after asOf where nothing was.
	firsts map[needle.KeyResultID]time.Time
	// attributions are in the order of attempts whose links hold.
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
	// startedAt is when work first started; deliveredAt is when it was last delivered and not taken back.
	startedAt, deliveredAt *time.Time
	// deliveries are all that count, those taken back included: what was out for a while may have moved something.
	deliveries []time.Time
	// window is when its effect may show; meaningless unless deliveredAt is known.
	window Window
	// windows are those of deliveries.
	windows []Window
	// ended is true for a link that ended after a delivery, which says nothing itself but stays a candidate beside others.
	ended bool
	// again is true for all links of an item but the first, to one key result.
	again bool
	// above are the items above its own that are linked to the key result as well.
	above []*needle.BacklogItem
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
		firsts:      map[needle.KeyResultID]time.Time{},

		attributions: map[needle.KeyResultID][]*needle.Attribution{},
	}
	for _, event := range f.OutsideEvents {
		if stands(event.RecordedAt, event.RemovedAt, f.AsOf) {
			known := *event
			known.RemovedAt, known.RemovedBy, known.SupersededByID = nil, nil, nil // It was not known to be taken back.
			e.events[event.KeyResultID] = append(e.events[event.KeyResultID], &known)
		}
	}
	for _, x := range f.Experiments {
		if stands(x.RecordedAt, x.RemovedAt, f.AsOf) && later(x, e.experiments[x.ContributionID]) {
			known := *x
			known.RemovedAt, known.RemovedBy = nil, nil
			e.experiments[x.ContributionID] = &known
		}
	}
	ended := endedLinks(e.histories)
	for _, kr := range e.keyResults {
		e.gatherKeyResult(kr, ended[kr.ID])
	}
	return e
}

func stands(recordedAt time.Time, removedAt *time.Time, asOf time.Time) bool {
	return !recordedAt.After(asOf) && (removedAt == nil || removedAt.After(asOf))
}

// later reports whether an experiment was attached after another one; of two at one instant the wider one, which says
// less, counts.
func later(x, than *needle.Experiment) bool {
	return than == nil || cmp.Or(
		x.RecordedAt.Compare(than.RecordedAt), cmp.Compare(x.High-x.Low, than.High-than.Low), cmp.Compare(than.Low, x.Low),
		cmp.Compare(x.Estimate, than.Estimate), cmp.Compare(x.Source, than.Source),
	) > 0
}

func (e *Evidence) gatherKeyResult(kr *needle.KeyResult, ended []*needle.Contribution) {
	seen := map[needle.BacklogItemID]bool{}
	first := e.asOf.Add(1) // After everything: without a delivery all values are from before one.
	held := len(e.links[kr.ID])
	room := make([]attempt, 0, held+len(ended)) // Those of one key result lie side by side.
	for i, link := range slices.Concat(e.links[kr.ID], ended) {
		item := e.items[link.ItemID]
		if item == nil {
			continue
		}
		room = append(room, e.attempt(kr, link, item))
		a := &room[len(room)-1]
		if a.ended = i >= held; a.ended && len(a.deliveries) == 0 {
			continue
		}
		a.again, seen[item.ID] = seen[item.ID], true
		if len(a.deliveries) > 0 {
			first = earlier(first, a.deliveries[0])
		}
		if read, mirrored := e.facts.TrackerReadAt[item.ID]; mirrored && !a.ended {
			if oldest := e.trackers[kr.ID]; oldest == nil || read.Before(*oldest) {
				at := read // Only what is kept gets memory of its own.
				e.trackers[kr.ID] = &at
			}
		}
		e.attempts[kr.ID] = append(e.attempts[kr.ID], a)
	}
	e.nest(e.attempts[kr.ID])
	series := e.series[kr.ID]
	e.firsts[kr.ID] = first
	e.points[kr.ID] = len(series.before(first))
	e.baselines[kr.ID] = baselineBefore(series, first)
	said, answers := make([]*needle.Attribution, 0, held), make([]needle.Attribution, held)
	for _, a := range e.attempts[kr.ID] {
		if !a.ended {
			answer := &answers[len(said)]
			e.attribute(answer, a)
			said = append(said, answer)
		}
	}
	e.attributions[kr.ID] = said
}

// attempt puts together when and how a link may have moved its key result. Of a link that ended only the deliveries from
// before its end count: work that was taken off in time cannot have been taken off for what it showed.
func (e *Evidence) attempt(kr *needle.KeyResult, link *needle.Contribution, item *needle.BacklogItem) attempt {
	h := e.histories[link.ID]
	a := attempt{link: link, item: item, keyResult: kr, linkedAt: h.linkedAt(), deliveredAt: e.work[item.ID].DeliveredAt}
	a.startedAt, a.deliveries = startAndDeliveries(e.transitions[item.ID], e.asOf)
	a.bet = h.lockBet(a.startedAt)
	if end := h.endedAt(); end != nil {
		a.deliveries = slices.DeleteFunc(a.deliveries, func(d time.Time) bool { return !d.Before(*end) })
		if a.deliveredAt != nil && !a.deliveredAt.Before(*end) {
			a.deliveredAt = nil
		}
	}
	a.windows = make([]Window, len(a.deliveries))
	for i, d := range a.deliveries {
		a.windows[i] = EffectWindow(d, a.bet.Counts(), kr)
	}
	if a.deliveredAt != nil {
		a.window = EffectWindow(*a.deliveredAt, a.bet.Counts(), kr)
	}
	return a
}

// Chart returns a key result's values against the limits of the days before anything was delivered for it, those
// deliveries that were taken back and those of work unlinked since included; nil when nothing was known of it.
func (e *Evidence) Chart(id needle.KeyResultID, rules []needle.SignalRule) *needle.Chart {
	first, known := e.firsts[id]
	if !known {
		return nil
	}
	return chart(e.series[id], e.baselines[id], first, e.asOf, rules)
}

// stale reports whether the tracker data that a key result's work rests on is too old to grade by.
func (e *Evidence) stale(id needle.KeyResultID) bool {
	return stale(e.trackers[id], e.asOf, e.facts.Policy)
}

func stale(readAt *time.Time, asOf time.Time, policy needle.AttributionPolicy) bool {
	return readAt != nil && asOf.Sub(*readAt) > time.Duration(policy.StaleTrackerDays)*day
}

// unread reports whether tracker data is stale and was read before an instant, so that not all deliveries until then are
// known.
func (e *Evidence) unread(id needle.KeyResultID, until time.Time) bool {
	return e.stale(id) && e.trackers[id].Before(until)
}

func (e *Evidence) drift(id needle.KeyResultID) *needle.Trend {
	if b := e.baselines[id]; b != nil {
		return b.drift
	}
	return nil
}

// attribute puts together what can be said of one link.
func (e *Evidence) attribute(r *needle.Attribution, a *attempt) {
	id := a.keyResult.ID
	*r = needle.Attribution{
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
}

// measure fills in what the value did over a window that has ended. It returns to which side of routine it went.
func (e *Evidence) measure(r *needle.Attribution, a *attempt) (side int) {
	id := a.keyResult.ID
	if a.keyResult.Direction == needle.DirectionMaintain {
		r.Verdict = judgeBet(r, false)
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
	r.Verdict = judgeBet(r, e.unread(id, a.window.To))
	return side
}

// missing names what would have to be known to say how the value moved in a window.
func (e *Evidence) missing(r *needle.Attribution, a *attempt) []needle.Missing {
	var m []needle.Missing
	b := e.baselines[a.keyResult.ID]
	switch {
	case r.BaselinePoints < MinBaselinePoints:
		m = append(m, needle.MissingBaseline)
	case b != nil && !b.varied:
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
		if b != nil && b.varied && b.side(r.Movement.Then) != 0 {
			m = append(m, needle.MissingQuiet)
		}
	}
	return m
}
