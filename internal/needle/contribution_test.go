package needle_test

import (
	"math"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestBets(t *testing.T) {
	t.Parallel()
	bet := func(low, high *float64, lagMin, lagMax *int) error {
		return needle.LinkInput{Bet: &needle.BetInput{ExpectedLow: low, ExpectedHigh: high, LagMinDays: lagMin, LagMaxDays: lagMax}}.Validate()
	}
	checkRules(t, []rule{
		{"none", needle.LinkInput{}.Validate(), ""},
		{"a fall", bet(ptr(-9.0), ptr(-3.0), nil, nil), ""},
		{"half a range", bet(ptr(1.0), nil, nil, nil), "REQUIRED input.bet.expectedHigh"},
		{"backwards", bet(ptr(2.0), ptr(1.0), nil, nil), "INVALID input.bet.expectedHigh"},
		{"no numbers", bet(ptr(math.NaN()), ptr(math.Inf(1)), nil, nil), "OUT_OF_RANGE input.bet.expectedLow; OUT_OF_RANGE input.bet.expectedHigh"},
		{"a lag too long and one too short", bet(nil, nil, ptr(731), ptr(-1)), "OUT_OF_RANGE input.bet.lagMinDays; OUT_OF_RANGE input.bet.lagMaxDays; INVALID input.bet.lagMaxDays"},
		{"a rule without a pattern", needle.CreateLinkRuleInput{}.Validate(), "REQUIRED input.pattern"},
	})
}
