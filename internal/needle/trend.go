package needle

// Trend is the straight line through a series, by its slope. The trend before the first delivery for a key result is its
// drift.
type Trend struct {
	// PerDay is the slope, in the key result's unit per day.
	PerDay float64
	// PerDayLow and PerDayHigh bound the slope nine times in ten.
	PerDayLow, PerDayHigh float64
	// Points is the number of days with a value that it rests on.
	Points int
}

// Clear reports whether the slope can be told from a standstill: its range does not hold 0.
func (t *Trend) Clear() bool { return t != nil && (t.PerDayLow > 0 || t.PerDayHigh < 0) }
