package impact

import (
	"iter"
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
// Shares are those of delivered work whose effect window reaches into the window, work that was unlinked after its delivery
// included; each is bounded by what the value did in the part of its window that does. The plan split is an allocation rule:
// the movement inside effect windows is shared out by the middle of the expected range times the part of the effect window
// that lies inside, to bets that expected a change that way, and none gets more than the most that was expected or than its
// bounds hold. What is left, with all movement outside of effect windows, is unexplained.
func (e *Evidence) Breakdown(id needle.KeyResultID, from, to time.Time) *needle.Breakdown {
	kr := e.keyResult(id)
	if kr == nil || to.Before(from) || to.After(e.asOf) {
		return nil
	}
	return e.breakdown(kr, Window{From: from, To: to})
}

func (e *Evidence) breakdown(kr *needle.KeyResult, w Window) *needle.Breakdown {
	series, drift := e.series[kr.ID], e.drift(kr.ID)
	whole := over(series, kr.Direction, drift, w)
	if whole == nil {
		return nil
	}
	var parts []*part
	for _, a := range e.attempts[kr.ID] {
		if a.deliveredAt != nil && a.window.overlaps(w) {
			parts = append(parts, e.part(a, a.window.within(w)))
		}
	}
	split(series, parts)
	largest := math.Abs(whole.Change)
	for _, p := range parts {
		largest += math.Abs(p.planned)
	}
	if !finite(largest) {
		return nil
	}
	d := decimalsFor(largest, decimalPlaces(whole.Change)+planPlaces)
	left := d.of(whole.Change)
	b := &needle.Breakdown{From: w.From, To: w.To, Change: d.number(left), Drift: drift, BeyondDrift: whole.BeyondDrift}
	for _, p := range parts {
		units := d.of(p.planned)
		if most := d.inside(p.most); units > most || units < -most { // Rounding must not plan more than can be.
			units = max(-most, min(units, most))
		}
		left -= units
		b.Shares = append(b.Shares, &needle.Share{Contribution: p.link, Bounds: p.bounds, Planned: d.number(units)})
	}
	b.Unexplained = d.number(left)
	return b
}

// part is an attempt with the part of its window that lies in a breakdown's.
type part struct {
	*attempt
	clip   Window
	bounds needle.Bounds
	// weight is what the plan split goes by, for each day; 0 unless the bet expected a change the way the value went.
	weight float64
	// most is the most that can be planned, without a sign; planned is what is, in the key result's unit.
	most, planned float64
}

// part bounds what of the movement in the part of an attempt's window may be its own, and weighs its plan.
func (e *Evidence) part(a *attempt, clip Window) *part {
	p := &part{attempt: a, clip: clip}
	id := a.keyResult.ID
	m := over(e.series[id], a.keyResult.Direction, nil, clip)
	if m == nil {
		return p
	}
	span := Window{From: earlier(clip.From, m.Then.MeasuredAt), To: clip.To}
	p.bounds = *boundsOf(m.Change, e.alone(a, span), e.baselines[id].margin(span.From, span.To))
	bet := a.bet.Counts()
	if bet.ExpectedLow == nil || bet.ExpectedHigh == nil {
		return p
	}
	low, high := *bet.ExpectedLow, *bet.ExpectedHigh
	if m.Change < 0 {
		low, high = -high, -low
	}
	middle := low/2 + high/2
	if days := daysBetween(a.window.From, a.window.To); middle > 0 && days > 0 && finite(middle/days) {
		p.weight, p.most = middle/days, min(high, math.Abs(m.Change))
	}
	return p
}

// split shares the movement inside effect windows out among parts. The time is cut where a window opens or ends; in each
// piece the movement goes to the windows that hold it, by weight, so none is given what the value did outside of its own.
// Work above other work gets nothing, for the work below it does already.
func split(series Series, parts []*part) {
	var above []*needle.BacklogItem
	for _, p := range parts {
		above = append(above, p.above...)
	}
	var planned []*part
	var cuts []time.Time
	for _, p := range parts {
		if p.weight > 0 && !slices.Contains(above, p.item) {
			planned, cuts = append(planned, p), append(cuts, p.clip.From, p.clip.To)
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	weights, steps := make([]float64, len(cuts)), make([]float64, len(cuts)) // Of the piece that begins at each cut.
	for i := 1; i < len(cuts); i++ {
		then, _ := series.At(cuts[i-1])
		now, _ := series.At(cuts[i])
		steps[i-1] = now.Value - then.Value
	}
	for _, p := range planned {
		for i := range p.pieces(cuts) {
			weights[i] += p.weight
		}
	}
	for _, p := range planned {
		for i := range p.pieces(cuts) {
			p.planned += steps[i] * (p.weight / weights[i])
		}
		// None gets more than was expected, or than its own window saw, or against its own way.
		if p.bounds.Low < 0 {
			p.planned = -min(max(0, -p.planned), p.most)
		} else {
			p.planned = min(max(0, p.planned), p.most)
		}
	}
}

// pieces yields the cuts at which the pieces of a part's window begin.
func (p *part) pieces(cuts []time.Time) iter.Seq[int] {
	return func(yield func(int) bool) {
		from, _ := slices.BinarySearchFunc(cuts, p.clip.From, time.Time.Compare)
		for i := from; cuts[i].Before(p.clip.To) && yield(i); i++ {
		}
	}
}

// union returns what windows cover together, as windows that do not touch, in order of time.
func union(windows []Window) []Window {
	sorted := slices.Clone(windows)
	slices.SortFunc(sorted, func(a, b Window) int { return a.From.Compare(b.From) })
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

// inside returns the most units that are no more than a number, which is not below 0.
func (d decimals) inside(v float64) int64 {
	units := d.of(v)
	if d.float(units) > v {
		units--
	}
	return units
}

func (d decimals) float(units int64) float64 { return float64(units) / math.Pow10(d.places) }

// number returns units as the float64 that reads back as their decimal.
func (d decimals) number(units int64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatInt(units, 10)+"e"+strconv.Itoa(-d.places), 64)
	if err != nil {
		return d.float(units)
	}
	return v
}
