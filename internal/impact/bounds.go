package impact

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// boundsOf returns what of a movement may be one candidate's: all of it for the only one, anything between nothing and all
// of it for one of several. Both take for granted that no candidate moved the value the other way; what is within margin
// of them may be routine variation.
func boundsOf(change float64, sole bool, margin *float64) *needle.Bounds {
	b := &needle.Bounds{Low: change, High: change, Margin: margin}
	if !sole {
		b.Low, b.High = min(0, change), max(0, change)
	}
	return b
}

// Breakdown returns how far a key result went from one instant to another, and what of it each link may have; nil when
// nothing was known of the key result, no value held at from, or a difference is too large for a number.
//
// Shares are those of delivered work whose effect window reaches into the window; each is bounded by what the value did in
// the part of its window that does. The plan split is an allocation rule: the movement inside effect windows is shared out
// by the middle of the expected range times the part of the effect window that lies inside, to bets that expected a change
// that way, and none gets more than the most that was expected. What is left, with all movement outside of effect windows,
// is unexplained.
func (e *Evidence) Breakdown(id needle.KeyResultID, from, to time.Time) *needle.Breakdown {
	at := slices.IndexFunc(e.keyResults, func(k *needle.KeyResult) bool { return k.ID == id })
	if at < 0 || to.Before(from) || to.After(e.asOf) {
		return nil
	}
	return e.breakdown(e.keyResults[at], Window{From: from, To: to})
}

func (e *Evidence) breakdown(kr *needle.KeyResult, w Window) *needle.Breakdown {
	series, drift := e.series[kr.ID], e.drift(kr.ID)
	whole := over(series, kr.Direction, drift, w)
	if whole == nil {
		return nil
	}
	var inside []*attempt
	var clips []Window
	for _, a := range e.attempts[kr.ID] {
		if a.deliveredAt == nil || !a.window.overlaps(w) {
			continue
		}
		clip := Window{From: a.window.From, To: a.window.To}
		if clip.From.Before(w.From) {
			clip.From = w.From
		}
		if clip.To.After(w.To) {
			clip.To = w.To
		}
		inside, clips = append(inside, a), append(clips, clip)
	}
	covered := 0.0
	for _, c := range union(clips) {
		if m := over(series, kr.Direction, nil, c); m != nil {
			covered += m.Change
		}
	}
	d := decimalsFor(math.Abs(whole.Change)+math.Abs(covered), decimalPlaces(whole.Change)+planPlaces)
	left := d.of(whole.Change)
	b := &needle.Breakdown{From: w.From, To: w.To, Change: d.number(left), Drift: drift, BeyondDrift: whole.BeyondDrift}
	planned := e.split(d, d.of(covered), inside, clips)
	for i, a := range inside {
		left -= planned[i]
		b.Shares = append(b.Shares, &needle.Share{
			Contribution: a.link, Bounds: e.shareOf(a, clips[i]), Planned: d.number(planned[i]),
		})
	}
	b.Unexplained = d.number(left)
	return b
}

// shareOf bounds what of the movement in the part of an attempt's window may be its own.
func (e *Evidence) shareOf(a *attempt, clip Window) needle.Bounds {
	id := a.keyResult.ID
	m := over(e.series[id], a.keyResult.Direction, nil, clip)
	if m == nil {
		return needle.Bounds{}
	}
	r := &needle.Attribution{}
	span := Window{From: earlier(clip.From, m.Then.MeasuredAt), To: clip.To}
	e.candidates(r, a, span)
	return *boundsOf(m.Change, len(r.Doubts) == 0, e.baselines[id].margin(span.From, span.To))
}

// split allocates a movement, in units of decimals, to attempts by what they planned. Work above other work in the split
// gets nothing, for the work below it does already.
func (e *Evidence) split(d decimals, covered int64, inside []*attempt, clips []Window) []int64 {
	planned := make([]int64, len(inside))
	weights, most, sum := make([]float64, len(inside)), make([]float64, len(inside)), 0.0
	for i, a := range inside {
		if !e.standsForOthers(a, inside) {
			weights[i], most[i] = plan(a, clips[i], covered)
			sum += weights[i]
		}
	}
	if !(sum > 0) || !finite(sum) {
		return planned
	}
	for i := range inside {
		part := min(math.Abs(d.float(covered))*(weights[i]/sum), most[i])
		units := d.of(part)
		if d.float(units) > most[i] { // Rounding up must not allocate more than was expected.
			units--
		}
		planned[i] = units
		if covered < 0 {
			planned[i] = -units
		}
	}
	return planned
}

// plan returns what a bet weighs in the split of a movement and the most it can be given, both 0 unless it expected a
// change that way.
func plan(a *attempt, clip Window, covered int64) (weight, most float64) {
	bet := a.bet.Counts()
	if bet.ExpectedLow == nil || bet.ExpectedHigh == nil {
		return 0, 0
	}
	low, high := *bet.ExpectedLow, *bet.ExpectedHigh
	if covered < 0 {
		low, high = -high, -low
	}
	middle := low/2 + high/2
	if !(middle > 0) || !finite(middle) {
		return 0, 0
	}
	part := 1.0
	if length := a.window.To.Sub(a.window.From); length > 0 {
		part = float64(clip.To.Sub(clip.From)) / float64(length)
	}
	return middle * part, high
}

// union returns what windows cover together, as windows that do not touch, in order of time.
func union(windows []Window) []Window {
	sorted := slices.SortedFunc(slices.Values(windows), func(a, b Window) int { return a.From.Compare(b.From) })
	var out []Window
	for _, w := range sorted {
		if n := len(out); n > 0 && !w.From.After(out[n-1].To) {
			if w.To.After(out[n-1].To) {
				out[n-1].To = w.To
			}
			continue
		}
		out = append(out, w)
	}
	return out
}

// decimals counts in whole units of 10^−places, so that parts add up in decimals exactly.
type decimals struct{ places int }

// planPlaces is how many decimal places planned parts have beyond those of the movement.
const planPlaces = 3

// decimalsFor returns the units for numbers up to a largest one: with so many places as are wanted, while these leave
// partDigits digits and are at most partPlaces. Of numbers with more digits before the point the last are rounded.
func decimalsFor(largest float64, wanted int) decimals {
	places := partDigits - 1
	if largest >= 1 {
		places -= int(math.Log10(largest)) + 1
	}
	return decimals{places: min(places, partPlaces, wanted)}
}

func (d decimals) of(v float64) int64 { return int64(math.RoundToEven(v * math.Pow10(d.places))) }

func (d decimals) float(units int64) float64 { return float64(units) / math.Pow10(d.places) }

// number returns units as the float64 that reads back as their decimal.
func (d decimals) number(units int64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatInt(units, 10)+"e"+strconv.Itoa(-d.places), 64)
	if err != nil {
		return d.float(units)
	}
	return v
}
