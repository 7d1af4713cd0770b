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
	for _, event := range e.events[a.keyResult.ID] {
		if mayMove(event, a.keyResult, span) {
			r.Events = append(r.Events, event)
		}
	}
	if len(r.Events) > 0 {
		slices.SortFunc(r.Events, compareEvents)
		r.Doubts = append(r.Doubts, needle.DoubtOutsideEvent)
	}
	if a.young() {
		r.Doubts = append(r.Doubts, needle.DoubtYoungerLink)
	}
}

// alone reports whether candidates finds no doubt.
func (e *Evidence) alone(a *attempt, span Window) bool {
	return !a.young() &&
		!slices.ContainsFunc(e.attempts[a.keyResult.ID], func(o *attempt) bool { return o.isOther(a, span) }) &&
		!slices.ContainsFunc(e.events[a.keyResult.ID], func(o *needle.OutsideEvent) bool { return mayMove(o, a.keyResult, span) })
}

// young reports whether Needle learnt of the link only after the effect window had opened.
func (a *attempt) young() bool { return a.linkedAt.After(a.window.From) }

// mayMove reports whether an outside event may have moved a key result in a span: until its longest lag after its end.
func mayMove(event *needle.OutsideEvent, kr *needle.KeyResult, span Window) bool {
	lag := time.Duration(max(0, kr.LagMaxDays)) * day
	return !event.From.After(span.To) && !event.To.Add(lag).Before(span.From)
}

// others counts the other attempts whose windows reach into a span, by whether their links still hold. Work above or below
// the item is the item itself, and work above another one is that other one.
func (e *Evidence) others(a *attempt, span Window) (held, unlinked int) {
	var room [64]*attempt // For most key results, so that nothing is allocated.
	inside := room[:0]
	var above []*needle.BacklogItem
	for _, o := range e.attempts[a.keyResult.ID] {
		if o.isOther(a, span) {
			inside, above = append(inside, o), append(above, o.above...)
		}
	}
	for _, o := range inside {
		switch {
		case len(above) > 0 && slices.Contains(above, o.item): // It stands for work below it, which counts instead.
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

// isOther reports whether an attempt is a candidate beside another one in a span.
func (a *attempt) isOther(than *attempt, span Window) bool {
	if a.again || a.item == than.item {
		return false
	}
	for _, w := range a.windows {
		if w.overlaps(span) {
			return !slices.Contains(a.above, than.item) && !slices.Contains(than.above, a.item)
		}
	}
	return false
}

// nest finds out which items of a key result's attempts lie above each other, at any height.
func (e *Evidence) nest(attempts []*attempt) {
	linked := make(map[needle.BacklogItemID]bool, len(attempts))
	for _, a := range attempts {
		linked[a.item.ID] = true
	}
	for _, a := range attempts {
		at := a.item
		for steps := 0; at.ParentID != nil && steps <= len(e.items); steps++ { // Parents that form a ring end the search.
			if at = e.items[*at.ParentID]; at == nil || at == a.item {
				break
			}
			if linked[at.ID] && !slices.Contains(a.above, at) {
				a.above = append(a.above, at)
			}
		}
	}
}
