package needle_test

import (
	"math"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestCheckIns(t *testing.T) {
	t.Parallel()
	checkIn := func(value float64, confidence *float64, minutes int) error {
		at := noon().Add(minutesOf(minutes))
		return needle.RecordCheckInInput{Value: value, Confidence: confidence, MeasuredAt: &at}.Validate(noon())
	}
	checkRules(t, []rule{
		{"a value", checkIn(-1e300, nil, 0), ""},
		{"sure", checkIn(1, ptr(1.0), 5), ""},
		{"not sure at all", checkIn(1, ptr(0.0), -5), ""},
		{"no number", checkIn(math.NaN(), nil, 0), "OUT_OF_RANGE input.value"},
		{"endless", checkIn(math.Inf(1), nil, 0), "OUT_OF_RANGE input.value"},
		{"surer than sure", checkIn(1, ptr(1.01), 0), "OUT_OF_RANGE input.confidence"},
		{"a confidence that is no number", checkIn(1, ptr(math.NaN()), 0), "OUT_OF_RANGE input.confidence"},
		{"measured in the future", checkIn(1, nil, 6), "OUT_OF_RANGE input.measuredAt"},
		{"measured at no time said", needle.RecordCheckInInput{Value: 1}.Validate(noon()), ""},
	})
}
