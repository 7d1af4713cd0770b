package impact

import (
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// candidates counts what could have moved the value in a span and says why the attempt is not alone with it.
//
// A link that ended after its work had been delivered stays a candidate for good, and so does work that was delivered and
// reopened: else anybody who has seen the value move could make one piece of work the only candidate by taking the others
// off. A link that ended before the delivery is none.
func (e *Evidence) candidates(r *needle.Attribution, a *attempt, span Window) {
	held, unlinked := e.others(a, span)
	r.Candidates, r.Unlinked = 1+held+unlinked, unlinked
	if held > 0 {
		r.Doubts = append(r.Doubts, needle.DoubtOtherWork)
	}
	if unlinked > 0 {
		r.Doubts = append(r.Doubts, needle.DoubtUnlinkedWork)
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

// others counts the other attempts whose windows reach into a span, by whether their links still hold. Work above or below
// the item is the item itself, and work above another one is that other one.
func (e *Evidence) others(a *attempt, span Window) (held, unlinked int) {
	var inside []*attempt
	nested := false
	for _, o := range e.attempts[a.keyResult.ID] {
		if e.isOther(o, a, span) {
			inside = append(inside, o)
			nested = nested || o.item.ParentID != nil
		}
	}
	for _, o := range inside {
		switch {
		case nested && e.standsForOthers(o, inside):
		case o.ended:
			unlinked++
		default:
			held++
		}
	}
	if held+unlinked == 0 && len(inside) > 0 {
		held = 1 // Of a ring of parents, which an import might bring, at least one counts.
	}
	return held, unlinked
}

func (e *Evidence) isOther(o, a *attempt, span Window) bool {
	return !o.again && o.item.ID != a.item.ID && slices.ContainsFunc(o.windows, span.overlaps) && !e.inLine(o.item, a.item)
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
