package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func TestEffectWindow(t *testing.T) {
	t.Parallel()
	kr := &needle.KeyResult{LagMinDays: 7, LagMaxDays: 28}
	days := func(n int) *int { return &n }
	for _, tc := range []struct {
		name     string
		bet      needle.Bet
		from, to int
	}{
		{"the key result's lag where the bet says nothing", needle.Bet{}, 10 + 7, 10 + 28},
		{"the bet's own lag", needle.Bet{LagMinDays: days(1), LagMaxDays: days(3)}, 10 + 1, 10 + 3},
		{"no lag at all", needle.Bet{LagMinDays: days(0), LagMaxDays: days(0)}, 10, 10},
		{"the bet's least with the key result's most", needle.Bet{LagMinDays: days(14)}, 10 + 14, 10 + 28},
		{"the key result's least with the bet's most", needle.Bet{LagMaxDays: days(14)}, 10 + 7, 10 + 14},
		{"a least beyond the key result's most", needle.Bet{LagMinDays: days(40)}, 10 + 40, 10 + 40},
		{"a most below the key result's least", needle.Bet{LagMaxDays: days(2)}, 10 + 2, 10 + 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := impact.Window{From: date(tc.from), To: date(tc.to)}
			equal(t, "window", want, impact.EffectWindow(date(10), tc.bet, kr))
		})
	}
}
