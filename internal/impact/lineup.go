package impact

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// LineUpShifts is the number of shifts that a line-up test draws.
const LineUpShifts = 1000

// The fewest deliveries and changes of value that a line-up test says anything by. With fewer, so many shifts look alike
// that a high percentile would mean nothing.
const (
	MinLineUpDeliveries = 8
	MinLineUpSteps      = 24
)

// LineUp asks whether a team's key results move towards their goals inside the effect windows of what it delivers rather
// than outside, from Since to AsOf.
//
// The statistic is the movement for each day in a window less that for each day outside, in mean absolute steps of the
// key result, as a mean over key results. It is compared with what it would be had everything been delivered earlier or
// later: each shift moves all effect windows of the team by the same random time, those that fall off the end coming in
// again at the start. Unlike a permutation of days, a circular shift keeps how values follow each other, how deliveries
// cluster and what moves all key results at once, as toroidal shifts do for patterns in the plane (rtoro of R's package
// spatstat). The same seed draws the same shifts.
//
// A high percentile says that deliveries and movement coincide, for the team as a whole. It says nothing of one item, and
// not what led to what: a team that delivers when values rise anyway, in every season's peak, lines up too.
func (e *Evidence) LineUp(seed int) *needle.LineUp {
	l := &needle.LineUp{
		Team: e.facts.Team, Cycle: e.facts.Cycle, Since: e.since, AsOf: e.asOf, Seed: seed, DataAge: e.dataAge(),
	}
	turn := e.asOf.Sub(e.since)
	var circles []*circle
	for _, kr := range e.keyResults {
		c, deliveries := e.circle(kr, turn)
		if c == nil {
			continue
		}
		circles = append(circles, c)
		l.KeyResults++
		l.Deliveries += deliveries
		l.Steps += len(c.at)
	}
	if l.Deliveries < MinLineUpDeliveries || l.Steps < MinLineUpSteps {
		l.Note = "cannot tell yet: it takes at least 8 deliveries and 24 changes of value, on key results with days in and days outside of effect windows"
		return l
	}
	observed := lineUpDifferences(circles, []time.Duration{0})[0]
	source := rand.New(rand.NewPCG(uint64(seed), 1)) //nolint:gosec // Shifts are to be drawn again, not to be secret, from any seed.
	shifts := make([]time.Duration, LineUpShifts)
	for i := range shifts {
		shifts[i] = time.Duration(source.Int64N(int64(turn)))
	}
	slices.Sort(shifts)
	below := 0.0
	const alike = 1e-9 // Sums of floats that differ by less came of the same steps.
	for _, shifted := range lineUpDifferences(circles, shifts) {
		switch {
		case shifted < observed-alike:
			below++
		case shifted <= observed+alike:
			below += 0.5
		}
	}
	percentile := 100 * below / LineUpShifts
	l.Shifts, l.Difference, l.Percentile = LineUpShifts, &observed, &percentile
	return l
}

// circle is one key result's movement and effect windows over a span that is closed to a ring.
type circle struct {
	turn time.Duration
	// at and sum are when the value changed, from the start of the span, and how far it had gone by then towards the goal,
	// in mean absolute steps.
	at  []time.Duration
	sum []float64
	// windows do not touch; covered is how long they are together.
	windows []Window
	start   time.Time
	covered time.Duration
}

// circle returns a key result's circle and the number of deliveries in it; nil when it says nothing: guards, and those
// with no change of value, or no time in or none outside of effect windows. Deliveries that were taken back are in it, and
// work that was unlinked after its delivery, which would else be a way to leave out what moved nothing. An epic and its work
// count once.
func (e *Evidence) circle(kr *needle.KeyResult, turn time.Duration) (c *circle, deliveries int) {
	c = &circle{turn: turn, start: e.since}
	all := len(e.attempts[kr.ID])
	windows, inside := make([]Window, 0, all), make([]*attempt, 0, all)
	for _, a := range e.attempts[kr.ID] {
		if a.again {
			continue
		}
		for _, w := range a.windows {
			if w.To.After(e.since) && w.From.Before(e.asOf) && w.To.After(w.From) {
				windows, inside = append(windows, w.within(Window{From: e.since, To: e.asOf})), append(inside, a)
			}
		}
	}
	var above []*needle.BacklogItem
	for _, a := range inside {
		above = append(above, a.above...)
	}
	for _, a := range inside {
		if len(above) == 0 || !slices.Contains(above, a.item) {
			deliveries++
		}
	}
	c.windows = union(windows)
	for _, w := range c.windows {
		c.covered += w.To.Sub(w.From)
	}
	if c.covered <= 0 || c.covered >= turn || !c.follow(e.series[kr.ID], kr.Direction, e.asOf) {
		return nil, 0
	}
	return c, deliveries
}

// follow takes the steps of a series, in mean absolute steps towards the goal, from the start of the circle, or from the
// first value where that comes later. It reports false where there are none, and for guards, which do not move.
func (c *circle) follow(s Series, direction needle.Direction, to time.Time) bool {
	from := c.start
	if s.Len() > 0 {
		from = latest(from, s.points[0].MeasuredAt)
	}
	last, held := s.At(from)
	good := towards(direction, 1)
	if !held || good == nil {
		return false
	}
	steps := s.between(from, to)
	scale, value := 0.0, last.Value
	for _, p := range steps {
		scale += math.Abs(p.Value-value) / float64(len(steps))
		value = p.Value
	}
	if !(scale > 0) || !finite(scale) {
		return false
	}
	c.at, c.sum = make([]time.Duration, 0, len(steps)), make([]float64, 0, len(steps))
	gone := 0.0
	value = last.Value
	for _, p := range steps {
		gone += *good * (p.Value - value) / scale
		value = p.Value
		c.at, c.sum = append(c.at, p.MeasuredAt.Sub(c.start)), append(c.sum, gone)
	}
	return true
}

// lineUpDifferences returns the statistic of a line-up after each of some shifts, which ascend.
func lineUpDifferences(circles []*circle, shifts []time.Duration) []float64 {
	sums, inside := make([]float64, len(shifts)), make([]float64, len(shifts))
	for _, c := range circles {
		clear(inside)
		for _, w := range c.windows {
			from, to := walk{circle: c}, walk{circle: c}
			for i, shift := range shifts {
				inside[i] += to.gone(w.To.Sub(c.start)+shift) - from.gone(w.From.Sub(c.start)+shift)
			}
		}
		for i := range sums {
			outside := c.sum[len(c.sum)-1] - inside[i]
			sums[i] += (inside[i]/inDays(c.covered) - outside/inDays(c.turn-c.covered)) / float64(len(circles))
		}
	}
	return sums
}

// walk goes around a circle in one direction.
type walk struct {
	*circle
	// passed is how many steps lie behind in this turn, and turns how far the value went in those before.
	passed int
	turns  float64
	// ahead is where this turn began.
	ahead time.Duration
}

// gone returns how far the value had gone by a time, not before the last one asked for; past the end of the circle it goes
// on from the start.
func (w *walk) gone(at time.Duration) float64 {
	if at-w.ahead > w.turn {
		w.ahead += w.turn
		w.turns, w.passed = w.turns+w.sum[len(w.sum)-1], 0
	}
	for w.passed < len(w.at) && w.at[w.passed] <= at-w.ahead {
		w.passed++
	}
	if w.passed == 0 {
		return w.turns
	}
	return w.turns + w.sum[w.passed-1]
}

func inDays(d time.Duration) float64 { return float64(d) / float64(day) }
