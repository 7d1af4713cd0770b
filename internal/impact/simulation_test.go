package impact_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

var update = flag.Bool("update", false, "write what the simulation finds instead of comparing it")

var drawnFrom = flag.String("worlds", fresh.name, "the worlds that the simulation draws: fresh, or chosen-on, which it only shows")

// simulated is the number of worlds drawn for each row.
const simulated = 1000

// TestSimulation draws worlds with a known truth and compares what attribution says of them with the table of
// testdata/simulation.txt. `go test ./internal/impact -run TestSimulation -update -v` writes and shows it;
// `go test ./internal/impact -run TestSimulation -v -worlds chosen-on` shows what the rules were chosen by.
func TestSimulation(t *testing.T) {
	t.Parallel()
	w := fresh
	if *drawnFrom == chosenOn.name {
		w = chosenOn
	}
	sections := []func(worlds) string{falseSignals, detection, soleCandidates, boundsCoverage, lineUps, calibrations}
	found := make([]string, len(sections))
	t.Run("sections", func(t *testing.T) {
		for i, section := range sections {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				found[i] = section(w)
			})
		}
	})
	table := strings.Join(found, "\n")
	t.Log("\n" + table)
	if w == chosenOn {
		return
	}
	keepsItsPromises(t, table)
	const golden = "testdata/simulation.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(table), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "what the simulation finds", strings.Split(string(want), "\n"), strings.Split(table, "\n"))
}

// keepsItsPromises checks the rows that docs/attribution.md makes a promise of.
func keepsItsPromises(t *testing.T, table string) {
	t.Helper()
	kept := 0
	for _, promise := range []struct {
		row   string // What it begins with, up to the number in brackets.
		holds func(v float64) bool
	}{
		{`(?m)^  (?:weekly|daily|monthly) check-ins, .* deliveries +([0-9.]+) %`, func(v float64) bool { return v <= 100*impact.SignalRisk }},
		{`(?m)^  drift of \d a quarter, weekly, \d+ before +([0-9.]+) %, with a sole`, func(v float64) bool { return v <= 100*impact.SignalRisk }},
		{`(?m)^  one of 3 apart has .* +([0-9.]+) % of`, func(v float64) bool { return v >= 95 }},
		{`(?m)^  assumptions hold: .* +([0-9.]+) %, +[0-9.]+ % without`, func(v float64) bool { return v >= 95 }},
		{`(?m)^  (?:no effect|drift only), .* distance from uniform ([0-9.]+)`, func(v float64) bool { return v < 0.078 }},
		{`(?m)^  8 of 10 ranges hold the truth, no noise +inside ([0-9.]+)`, func(v float64) bool { return v > 0.75 && v < 0.85 }},
	} {
		rows := regexp.MustCompile(promise.row).FindAllStringSubmatch(table, -1)
		if len(rows) == 0 {
			t.Errorf("no row is like %s", promise.row)
		}
		for _, row := range rows {
			if v, err := strconv.ParseFloat(row[1], 64); err != nil || !promise.holds(v) {
				t.Errorf("this does not keep its promise: %s", row[0])
			}
			kept++
		}
	}
	t.Logf("%d rows keep their promise", kept)
}

func isSignal(a *needle.Attribution) bool {
	return a.Signal != nil && a.Signal.State == needle.SignalSeen
}

func share(part, whole int) string {
	if whole == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// falseSignals counts quarters in which any window shows a signal though no work had an effect.
func falseSignals(drawn worlds) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Quarters of 13 weeks with a false signal, of %d without any effect\n", simulated)
	row := func(name string, p plot) {
		r := drawn.source(name)
		hits, sole := 0, 0
		for range simulated {
			seen, alone := false, false
			for _, a := range impact.Gather(p.scene(r)).Attributions() {
				seen = seen || isSignal(a)
				alone = alone || *a.Grade == needle.GradeSoleCandidate
			}
			hits += oneIf(seen)
			sole += oneIf(alone)
		}
		fmt.Fprintf(&b, "  %-58s %7s, with a sole candidate %7s\n", name, share(hits, simulated), share(sole, simulated))
	}
	for _, n := range []int{6, 8, 12, 26} {
		row(fmt.Sprintf("weekly check-ins, %d before, 3 deliveries", n), plot{before: n, every: 7, works: evenly(3, 14)})
	}
	for _, n := range []int{6, 12, 26} {
		row(fmt.Sprintf("weekly check-ins, %d before, 12 deliveries", n), plot{before: n, every: 7, works: evenly(12, 21)})
	}
	row("daily check-ins, 28 before, 12 deliveries", plot{before: 28, every: 1, works: evenly(12, 21)})
	row("daily check-ins, 91 before, 40 deliveries", plot{before: 91, every: 1, works: evenly(40, 21)})
	row("daily check-ins, 28 before, 40 deliveries", plot{before: 28, every: 1, works: evenly(40, 21)})
	row("monthly check-ins, 12 before, 3 deliveries", plot{before: 12, every: 28, works: evenly(3, 56)})
	row("drift of 1 a quarter, weekly, 12 before", plot{before: 12, every: 7, driftPerDay: 1.0 / quarter, works: evenly(3, 14)})
	row("drift of 3 a quarter, weekly, 12 before", plot{before: 12, every: 7, driftPerDay: 3.0 / quarter, works: evenly(3, 14)})
	row("drift of 9 a quarter, weekly, 12 before", plot{before: 12, every: 7, driftPerDay: 9.0 / quarter, works: evenly(3, 14)})
	row("drift of 9 a quarter, weekly, 6 before", plot{before: 6, every: 7, driftPerDay: 9.0 / quarter, works: evenly(3, 14)})
	row("season of a year, height 2, weekly, 12 before", plot{before: 12, every: 7, season: 2, works: evenly(3, 14)})
	row("values that follow each other (0.6), weekly, 12 before", plot{before: 12, every: 7, follows: 0.6, works: evenly(3, 14)})
	row("values that follow each other (0.6), daily, 91 before", plot{before: 91, every: 1, follows: 0.6, works: evenly(3, 14)})
	row("noise with heavy tails (Student's t, 3 degrees), weekly", plot{before: 12, every: 7, heavy: true, works: evenly(3, 14)})
	row("regime change of 6 from outside, untold, weekly, 12 before", plot{before: 12, every: 7, shock: 6, shockDay: 30, works: evenly(3, 14)})
	row("regime change of 6 from outside, recorded", plot{before: 12, every: 7, shock: 6, shockDay: 30, told: true, works: evenly(3, 14)})
	return b.String()
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// detection counts single works with an effect whose window shows a signal the right way.
func detection(drawn worlds) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Effects that show a signal, by size in standard deviations of the noise and days with a value before\n")
	sizes := []float64{1, 2, 3, 4, 5, 6, 8, 10}
	fmt.Fprintf(&b, "  %-34s", "")
	for _, s := range sizes {
		fmt.Fprintf(&b, " %7v", s)
	}
	fmt.Fprintln(&b)
	for _, p := range []plot{{before: 6, every: 7}, {before: 8, every: 7}, {before: 12, every: 7}, {before: 26, every: 7}, {before: 28, every: 1}, {before: 91, every: 1}} {
		name := fmt.Sprintf("every %d days, %d before", p.every, p.before)
		fmt.Fprintf(&b, "  %-34s", name)
		for _, size := range sizes {
			r := drawn.source(fmt.Sprint(name, size))
			seen := 0
			for range simulated {
				p.works = []work{evenly(1, 28)[0].takingEffect(r, size, 8)}
				seen += oneIf(*impact.Gather(p.scene(r)).Attributions()[0].Grade == needle.GradeSoleCandidate)
			}
			fmt.Fprintf(&b, " %7s", share(seen, simulated))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// soleCandidates counts how many sole candidates truly had an effect.
func soleCandidates(drawn worlds) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Sole candidates that truly caused the movement\n")
	row := func(name string, draw func(r *rand.Rand) plot) {
		r := drawn.source(name)
		sole, truly := 0, 0
		for range simulated {
			p := draw(r)
			for _, a := range impact.Gather(p.scene(r)).Attributions() {
				if *a.Grade == needle.GradeSoleCandidate {
					sole++
					truly += oneIf(p.works[a.Item.Number-1].effect > 0)
				}
			}
		}
		fmt.Fprintf(&b, "  %-64s %7s of %d\n", name, share(truly, sole), sole)
	}
	one := func(r *rand.Rand, works []work, size float64) []work {
		i := r.IntN(len(works))
		works[i] = works[i].takingEffect(r, size, 8)
		return works
	}
	row("one of 3 apart has an effect of 6", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, works: one(r, evenly(3, 14), 6)}
	})
	row("one of 3 apart has an effect of 4", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, works: one(r, evenly(3, 14), 4)}
	})
	row("one of 6 that overlap has an effect of 6", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, works: one(r, evenly(6, 28), 6)}
	})
	row("every other quarter has one of 3 with an effect of 6", func(r *rand.Rand) plot {
		works := evenly(3, 14)
		if r.IntN(2) == 0 {
			works = one(r, works, 6)
		}
		return plot{before: 12, every: 7, works: works}
	})
	row("lags mis-stated: an effect of 6 comes a week after its window", func(r *rand.Rand) plot {
		works := evenly(3, 14)
		i := r.IntN(2)
		works[i].effect, works[i].effectDay = 6, float64(works[i].delivered+14+7)
		return plot{before: 12, every: 7, works: works}
	})
	row("work that nobody linked has an effect of 6, and none of 3 linked", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, works: evenly(3, 14), shock: 6, shockDay: 5 + 50*r.Float64()}
	})
	return b.String()
}

// boundsCoverage counts true contributions that lie within their bounds.
func boundsCoverage(drawn worlds) string {
	var b strings.Builder
	fmt.Fprintf(&b, "True contributions inside their bounds, with the margin and without\n")
	row := func(name string, draw func(r *rand.Rand) plot) {
		r := drawn.source(name)
		all, within, bare := 0, 0, 0
		for range simulated {
			p := draw(r)
			for _, a := range impact.Gather(p.scene(r)).Attributions() {
				if a.Bounds == nil || (a.Bounds.Margin == nil && !p.silent) {
					continue
				}
				truth, margin := p.works[a.Item.Number-1].effect, 1e-9
				all++
				bare += oneIf(truth >= a.Bounds.Low-margin && truth <= a.Bounds.High+margin)
				if a.Bounds.Margin != nil {
					margin = *a.Bounds.Margin
				}
				within += oneIf(truth >= a.Bounds.Low-margin && truth <= a.Bounds.High+margin)
			}
		}
		fmt.Fprintf(&b, "  %-64s %7s, %7s without\n", name, share(within, all), share(bare, all))
	}
	effects := func(r *rand.Rand, works []work, sign float64, slack int) []work {
		for i := range works {
			works[i] = works[i].takingEffect(r, 5*r.Float64()*sign, slack)
			if sign < 0 && i%2 == 0 {
				works[i].effect = -works[i].effect
			}
		}
		return works
	}
	for _, n := range []int{6, 12, 26} {
		row(fmt.Sprintf("assumptions hold: apart, weekly, %d before", n), func(r *rand.Rand) plot {
			return plot{before: n, every: 7, works: effects(r, evenly(3, 14), 1, 8)}
		})
		row(fmt.Sprintf("assumptions hold: overlapping, weekly, %d before", n), func(r *rand.Rand) plot {
			return plot{before: n, every: 7, works: effects(r, evenly(6, 28), 1, 8)}
		})
	}
	row("assumptions hold: overlapping, daily, 91 before", func(r *rand.Rand) plot {
		return plot{before: 91, every: 1, works: effects(r, evenly(12, 28), 1, 2)}
	})
	row("assumptions hold: overlapping, without noise", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, silent: true, works: effects(r, evenly(6, 28), 1, 8)}
	})
	row("effects come until the window's very end, weekly, 12 before", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, works: effects(r, evenly(3, 14), 1, 0)}
	})
	row("effects against each other, overlapping, weekly, 12 before", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, works: effects(r, evenly(6, 28), -1, 8)}
	})
	row("lags mis-stated: effects come a week after the window", func(r *rand.Rand) plot {
		works := effects(r, evenly(3, 14), 1, 0)
		for i := range works {
			works[i].effectDay = float64(works[i].delivered + 21)
		}
		return plot{before: 12, every: 7, works: works}
	})
	row("drift of 9 a quarter, weekly, 12 before", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, driftPerDay: 9.0 / quarter, works: effects(r, evenly(3, 14), 1, 8)}
	})
	row("season of a year, height 5, weekly, 12 before", func(r *rand.Rand) plot {
		return plot{before: 12, every: 7, season: 5, works: effects(r, evenly(3, 14), 1, 8)}
	})
	return b.String()
}

// lineUps draws teams and compares the percentiles of their line-up tests with what they are to be.
func lineUps(drawn worlds) string {
	const teams = 300
	var b strings.Builder
	fmt.Fprintf(&b, "Line-up tests of %d teams with 4 key results and 12 deliveries\n", teams)
	row := func(name string, every int, effect, drift float64) {
		r := drawn.source(name)
		var percentiles []float64
		high := 0
		for n := range teams {
			f := needle.AttributionFacts{Policy: needle.DefaultAttributionPolicy()}
			for kr := 1; kr <= 4; kr++ {
				var works []work
				for range 3 {
					w := work{delivered: 1 + r.IntN(quarter-2), lagMin: 0, lagMax: 7, effectDay: 1e9}
					if effect > 0 {
						w.effect, w.effectDay = effect, float64(w.delivered)+7*r.Float64()
					}
					works = append(works, w)
				}
				f = joined(f, plot{before: 12, every: every, driftPerDay: drift, works: works}.scene(r), kr)
			}
			f.AsOf = date(quarter)
			l := impact.Gather(f).LineUp(n)
			percentiles = append(percentiles, *l.Percentile)
			high += oneIf(*l.Percentile >= 95)
		}
		fmt.Fprintf(&b, "  %-44s at 95 or above %7s, distance from uniform %.3f (by chance below %.3f)\n",
			name, share(high, teams), fromUniform(percentiles), 1.358/math.Sqrt(teams))
	}
	row("no effect, daily", 1, 0, 0)
	row("no effect, weekly", 7, 0, 0)
	row("drift only, daily", 1, 0, 9.0/quarter)
	row("each delivery has an effect of 1, daily", 1, 1, 0)
	row("each delivery has an effect of 2, daily", 1, 2, 0)
	row("each delivery has an effect of 2, weekly", 7, 2, 0)
	return b.String()
}

// joined adds the one key result of some facts to others, as their n-th.
func joined(f, one needle.AttributionFacts, n int) needle.AttributionFacts {
	f.Team, f.Since = one.Team, one.Since
	kr := *one.KeyResults[0]
	kr.ID, kr.Number = krID(n), n
	f.KeyResults = append(f.KeyResults, &kr)
	for _, c := range one.CheckIns {
		c.KeyResultID = kr.ID
		f.CheckIns = append(f.CheckIns, c)
	}
	for i, v := range one.Links {
		id := itemID(20*n + i)
		v.ID, v.KeyResultID, v.ItemID = linkID(20*n+i), kr.ID, id
		one.Items[i].ID, one.Items[i].Number = id, 20*n+i
	}
	for _, tr := range one.Transitions {
		tr.ItemID = itemID(20*n + int(tr.ItemID.UUID[15]) - 1)
	}
	f.Links, f.Items, f.Transitions = append(f.Links, one.Links...), append(f.Items, one.Items...), append(f.Transitions, one.Transitions...)
	return f
}

// fromUniform is the statistic of Kolmogorov and Smirnov for percentiles that are to be uniform; by chance √n of it stays
// below 1.358 in 95 of 100 cases (scipy.stats.kstwobign.ppf(0.95)).
func fromUniform(percentiles []float64) float64 {
	slices.Sort(percentiles)
	worst, n := 0.0, float64(len(percentiles))
	for i, p := range percentiles {
		worst = max(worst, float64(i+1)/n-p/100, p/100-float64(i)/n)
	}
	return worst
}

// calibrations draws teams whose bets hold the truth so often and compares that with what calibration finds.
func calibrations(drawn worlds) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Calibration of teams with 400 bets, each alone with its movement\n")
	row := func(name string, silent bool, inside, bias, width float64) {
		r := drawn.source(name)
		var cycles []needle.AttributionFacts
		for range 400 {
			w := evenly(1, 28)[0].takingEffect(r, 10+10*r.Float64(), 8)
			middle := w.effect / bias
			w.low, w.high = middle-width, middle+width
			if r.Float64() >= inside {
				w.low, w.high = w.low+3*width, w.high+3*width
			}
			cycles = append(cycles, plot{before: 12, every: 7, silent: silent, works: []work{w}}.scene(r))
		}
		c := impact.Calibrate(cycles)
		fmt.Fprintf(&b, "  %-64s inside %.3f (%.3f to %.3f), realised/expected %.2f, untestable %d\n",
			name, *c.InsideShare, *c.InsideLow, *c.InsideHigh, *c.RealisedToExpected, c.Untestable)
	}
	row("8 of 10 ranges hold the truth, no noise", true, 0.8, 1, 2)
	row("8 of 10 ranges hold the truth, noise of half their width", false, 0.8, 1, 2)
	row("8 of 10 ranges hold the truth, noise as wide as they", false, 0.8, 1, 1)
	row("twice as much expected as comes true", false, 1, 0.5, 2)
	return b.String()
}
