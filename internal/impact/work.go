package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// WorkState is where a piece of work stood at an instant.
type WorkState struct {
	// Status is where it stood; TODO while nothing was known of it.
	Status needle.StatusCategory
	// DeliveredAt is when it last became DONE; nil when it was not done, also when it had been and was reopened.
	DeliveredAt *time.Time
}

// DeliveredBetween reports whether the work was delivered after from and up to to, and not taken back.
func (s WorkState) DeliveredBetween(from, to time.Time) bool {
	return s.DeliveredAt != nil && s.DeliveredAt.After(from) && !s.DeliveredAt.After(to)
}

// WorkAsOf returns where one item stood at asOf, as known then, from all its transitions in any order.
func WorkAsOf(transitions []*needle.ItemTransition, asOf time.Time) WorkState {
	known := make([]*needle.ItemTransition, 0, len(transitions))
	for _, t := range transitions {
		repeated := t.From != nil && *t.From == t.To // Says nothing new; a second "done" is no second delivery.
		if !repeated && !t.OccurredAt.After(asOf) && t.KnownAt(asOf) {
			known = append(known, t)
		}
	}
	if len(known) == 0 {
		return WorkState{Status: needle.StatusTodo}
	}
	inOrder(known)
	last := known[len(known)-1]
	state := WorkState{Status: last.To}
	if last.To == needle.StatusDone {
		at := last.OccurredAt
		state.DeliveredAt = &at
	}
	return state
}

// inOrder sorts transitions of one item by when they occurred and were recorded. Trackers count in seconds and are read
// in one pass, so several may share both times; those follow each other: each leaves the status the last one reached.
func inOrder(ts []*needle.ItemTransition) {
	slices.SortFunc(ts, func(a, b *needle.ItemTransition) int {
		return cmp.Or(
			sameTimes(a, b),
			cmp.Compare(fromRank(a), fromRank(b)),
			cmp.Compare(statusRank(a.To), statusRank(b.To)),
		)
	})
	for i := 1; i < len(ts); i++ {
		for j := i; j < len(ts) && sameTimes(ts[i], ts[j]) == 0; j++ {
			if ts[j].From != nil && *ts[j].From == ts[i-1].To {
				next := ts[j]
				copy(ts[i+1:j+1], ts[i:j])
				ts[i] = next
				break
			}
		}
	}
}

func sameTimes(a, b *needle.ItemTransition) int {
	return cmp.Or(a.OccurredAt.Compare(b.OccurredAt), a.RecordedAt.Compare(b.RecordedAt))
}

// fromRank puts the first transition of all, which comes from nowhere, before the others.
func fromRank(t *needle.ItemTransition) int {
	if t.From == nil {
		return 0
	}
	return statusRank(*t.From)
}

func statusRank(s needle.StatusCategory) int {
	switch s {
	case needle.StatusTodo:
		return 1
	case needle.StatusInProgress:
		return 2
	case needle.StatusDone:
		return 3
	default:
		return 4
	}
}
