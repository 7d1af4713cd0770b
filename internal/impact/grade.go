package impact

import (
	"cmp"

	"github.com/needle-okr/needle/internal/needle"
)

// grade returns how much can be said of a link. The first that applies counts:
//
//  1. TESTED where an experiment is attached, whatever else is known: it has a control, which nothing below has.
//  2. No grade for a guard, which is held or breached and does not move.
//  3. INSUFFICIENT_DATA while the tracker data of any work linked to the key result is stale: what it says of deliveries
//     may be over.
//  4. NOT_DELIVERED while the work is not done.
//  5. TOO_EARLY until the effect window has ended. Each window is looked at once: a grade that changed with every
//     check-in would find something sooner or later.
//  6. INSUFFICIENT_DATA while a check-in or the baseline is missing.
//  7. NO_MOVEMENT_SEEN without a signal.
//  8. MOVED_AGAINST where the signal is on the wrong side, however many share it.
//  9. SHARED_MOVEMENT where there is a doubt: other linked work or an outside event whose window reaches into the span
//     between the two values, or a link that is younger than the window's opening.
//  10. SOLE_CANDIDATE.
//
// Every further candidate can only add a doubt, so it never lifts a grade to SOLE_CANDIDATE. Of work that nobody linked
// nothing is known.
func (e *Evidence) grade(r *needle.Attribution, side int) *needle.Grade {
	g := needle.GradeSoleCandidate
	switch {
	case r.Experiment != nil:
		g = needle.GradeTested
	case r.KeyResult.Direction == needle.DirectionMaintain:
		return nil
	case e.stale(r.KeyResult.ID):
		r.Missing = append([]needle.Missing{needle.MissingTracker}, r.Missing...)
		g = needle.GradeInsufficientData
	case r.DeliveredAt == nil:
		g = needle.GradeNotDelivered
	case r.EndsAt.After(e.asOf):
		g = needle.GradeTooEarly
	case len(r.Missing) > 0:
		g = needle.GradeInsufficientData
	case side == 0:
		g = needle.GradeNoMovementSeen
	case side < 0:
		g = needle.GradeMovedAgainst
	case len(r.Doubts) > 0:
		g = needle.GradeSharedMovement
	}
	return &g
}

func compareEvents(a, b *needle.OutsideEvent) int {
	return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), a.RecordedAt.Compare(b.RecordedAt), cmp.Compare(a.Title, b.Title))
}
