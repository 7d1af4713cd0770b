package impact

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

const day = 24 * time.Hour

// Window is a span of time; both ends belong to it.
type Window struct {
	// From and To are its ends.
	From, To time.Time
}

// EffectWindow returns when work delivered at an instant may show in a key result: from the least to the most days of
// lag after it. An end that the bet leaves open is the key result's. Where the bet's own least lag lies beyond the key
// result's most, or its most below the key result's least, the bet's word stands and the window is that instant.
func EffectWindow(deliveredAt time.Time, bet needle.Bet, keyResult *needle.KeyResult) Window {
	least, most := keyResult.LagMinDays, keyResult.LagMaxDays
	if bet.LagMinDays != nil {
		least = *bet.LagMinDays
		most = max(most, least)
	}
	if bet.LagMaxDays != nil {
		most = *bet.LagMaxDays
		least = min(least, most)
	}
	return Window{
		From: deliveredAt.Add(time.Duration(least) * day),
		To:   deliveredAt.Add(time.Duration(most) * day),
	}
}

// overlaps reports whether two windows share time; those that only touch share none, as they share no value.
func (w Window) overlaps(other Window) bool {
	return w.From.Before(other.To) && other.From.Before(w.To)
}
