package impact

import (
	"math"
	"math/rand/v2"
	"sort"
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
// cluster and what moves all key results at once (as the random shifts of toroidal tests do: H. W. Lotwick and
// B. W. Silverman, Methods for analysing spatial processes of several types of points, Journal of the Royal Statistical
// Society B 44, 1982). The same seed draws the same shifts.
//
// A high percentile says that deliveries and movement coincide, for the team as a whole. It says nothing of one item, and
// not what led to what: a team that delivers when values rise anyway, in every season's peak, lines up too.
func (e *Evidence) LineUp(seed uint64) *needle.LineUp {
	l := &needle.LineUp{Seed: seed}
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
	observed := lineUpDifference(circles, 0)
	source := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // Shifts are to be drawn again, not to be secret.
	below := 0.0
	const alike = 1e-9 // Sums of floats that differ by less came of the same steps.
	for range LineUpShifts {
		shifted := lineUpDifference(circles, time.Duration(source.Int64N(int64(turn))))
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
// with no change of value, or no time in or none outside of effect windows.
func (e *Evidence) circle(kr *needle.KeyResult, turn time.Duration) (c *circle, deliveries int) {
	c = &circle{turn: turn, start: e.since}
	var windows []Window
	for _, a := range e.attempts[kr.ID] {
		w := a.window
		if a.deliveredAt == nil || !w.To.After(e.since) || !w.From.Before(e.asOf) || !w.To.After(w.From) {
			continue
		}
		if w.From.Before(e.since) {
			w.From = e.since
		}
		if w.To.After(e.asOf) {
			w.To = e.asOf
		}
		windows = append(windows, w)
	}
	c.windows = union(windows)
	for _, w := range c.windows {
		c.covered += w.To.Sub(w.From)
	}
	moved := Move(e.series[kr.ID], kr.Direction, e.startOf(kr.ID), e.asOf)
	if c.covered <= 0 || c.covered >= turn || moved == nil || moved.Towards == nil {
		return nil, 0
	}
	scale := 0.0
	for _, p := range moved.Parts {
		scale += math.Abs(p.Change) / float64(len(moved.Parts))
	}
	if !(scale > 0) || !finite(scale) {
		return nil, 0
	}
	gone := 0.0
	for _, p := range moved.Parts {
		gone += *towards(kr.Direction, p.Change) / scale
		c.at, c.sum = append(c.at, p.To.Sub(e.since)), append(c.sum, gone)
	}
	return c, len(windows)
}

// startOf returns when the values of a key result begin to tell of movement since Since: then, or with the first one.
func (e *Evidence) startOf(id needle.KeyResultID) time.Time {
	s := e.series[id]
	if s.Len() > 0 && s.points[0].MeasuredAt.After(e.since) {
		return s.points[0].MeasuredAt
	}
	return e.since
}

// lineUpDifference returns the statistic of a line-up after a shift.
func lineUpDifference(circles []*circle, shift time.Duration) float64 {
	sum := 0.0
	for _, c := range circles {
		inside := 0.0
		for _, w := range c.windows {
			inside += c.gone(w.To.Sub(c.start)+shift) - c.gone(w.From.Sub(c.start)+shift)
		}
		outside := c.sum[len(c.sum)-1] - inside
		sum += inside/inDays(c.covered) - outside/inDays(c.turn-c.covered)
	}
	return sum / float64(len(circles))
}

// gone returns how far the value had gone by a time on the ring; past the end it goes on from the start.
func (c *circle) gone(at time.Duration) float64 {
	turns := 0.0
	if at > c.turn {
		at, turns = at-c.turn, c.sum[len(c.sum)-1]
	}
	n := sort.Search(len(c.at), func(i int) bool { return c.at[i] > at })
	if n == 0 {
		return turns
	}
	return turns + c.sum[n-1]
}

func inDays(d time.Duration) float64 { return float64(d) / float64(day) }
