package impact_test

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// quarter is 13 weeks, in days; a simulated quarter begins on day 0.
const quarter = 91

// plot says what a simulated key result is made of. Noise has a standard deviation of 1, and effects are in its units.
type plot struct {
	// before is the number of check-ins before day 0, every so many days.
	before, every int
	// driftPerDay and season, a wave of a year, move the value by themselves.
	driftPerDay, season float64
	// follows is how much of each day's noise comes from the check-in before; 0 for noise that is independent.
	follows float64
	// shock is a jump from outside on a day.
	shock, shockDay float64
	// told is true when somebody recorded the shock.
	told bool
	// silent is true when there is no noise at all.
	silent bool
	works  []work
}

// work is one delivered item.
type work struct {
	delivered, lagMin, lagMax int
	// effect comes on a day; it is the true contribution.
	effect, effectDay float64
	// low and high are the expected range; none when both are 0.
	low, high float64
}

// scene draws the facts of a plot: item n is the n-th work, linked and started well before its delivery.
func (p plot) scene(r *rand.Rand) needle.AttributionFacts {
	kr := keyResult(1, needle.DirectionIncrease)
	kr.CadenceDays, kr.LagMaxDays, kr.CreatedAt = p.every, 14, date(-5000)
	f := needle.AttributionFacts{Policy: needle.DefaultAttributionPolicy()}
	f.Team, f.Since, f.AsOf, f.KeyResults = &needle.Team{ID: teamID(ownTeam)}, date(0), date(quarter+60), []*needle.KeyResult{kr}
	f.CheckIns = p.checkIns(r)
	for n, w := range p.works {
		f.Items = append(f.Items, item(n+1, 0))
		f.Links = append(f.Links, w.link(n+1))
		f.Transitions = append(f.Transitions,
			transition(n+1, todo, started, w.delivered-3, w.delivered-3), transition(n+1, started, done, w.delivered, w.delivered))
	}
	if p.told {
		day := int(p.shockDay)
		f.OutsideEvents = []*needle.OutsideEvent{{
			KeyResultID: kr.ID, Kind: needle.EventOther, Title: "a shock", From: date(day), To: date(day), RecordedAt: date(day),
		}}
	}
	return f
}

func (w work) link(n int) *needle.ContributionVersion {
	v := serves(n, n, 1)
	v.ValidFrom, v.RecordedAt = date(-4000), date(-4000)
	v.LagMinDays, v.LagMaxDays = ptr(w.lagMin), ptr(w.lagMax)
	if w.low < 0 || w.high > 0 {
		v.ExpectedLow, v.ExpectedHigh = ptr(w.low), ptr(w.high)
	}
	return v
}

// checkIns measures at noon, to two places, from before day 0 until a month after the quarter.
func (p plot) checkIns(r *rand.Rand) []*needle.CheckIn {
	var all []*needle.CheckIn
	noise := r.NormFloat64()
	phase := 2 * math.Pi * r.Float64()
	for n := range p.before + (quarter+40)/p.every {
		day := (n-p.before)*p.every + p.every/2
		noise = p.follows*noise + math.Sqrt(1-p.follows*p.follows)*r.NormFloat64()
		value := 100 + p.driftPerDay*float64(day) + p.season*math.Sin(phase+2*math.Pi*float64(day)/365)
		if !p.silent {
			value += noise
		}
		for _, w := range p.works {
			if float64(day) >= w.effectDay {
				value += w.effect
			}
		}
		if float64(day) >= p.shockDay {
			value += p.shock
		}
		c := checkIn(n%250+1, math.Round(value*100)/100, day, day)
		c.MeasuredAt = c.MeasuredAt.Add(12 * time.Hour)
		c.RecordedAt = c.MeasuredAt
		all = append(all, c)
	}
	return all
}

// evenly returns so many works without effect, evenly over the first nine weeks of a quarter.
func evenly(n, lagMax int) []work {
	works := make([]work, n)
	for i := range works {
		works[i] = work{delivered: 1 + i*63/n, lagMax: lagMax, effectDay: 1e9}
	}
	return works
}

// takingEffect gives a work an effect on a day of its window, at the latest so many days before its end.
func (w work) takingEffect(r *rand.Rand, size float64, slackDays int) work {
	w.effect = math.Round(size*100) / 100 // As exact as values are measured.
	w.effectDay = float64(w.delivered+w.lagMin) + 1 + r.Float64()*float64(w.lagMax-w.lagMin-slackDays-1)
	return w
}
