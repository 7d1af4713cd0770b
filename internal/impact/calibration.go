package impact

import (
	"slices"

	"gonum.org/v1/gonum/mathext"

	"github.com/needle-okr/needle/internal/needle"
)

// CalibrationConfidence is the level of the interval of a calibration's share.
const CalibrationConfidence = 0.95

// Calibrations returns the calibrations of the teams that facts were read for, in the order of teams.
func Calibrations(teams []*needle.Team, f needle.CalibrationFacts) []*needle.Calibration {
	byTeam := f.ByTeam()
	out := make([]*needle.Calibration, len(teams))
	for i, team := range teams {
		cycles := byTeam[team.ID]
		out[i] = Calibrate(cycles)
		out[i].Team, out[i].Since, out[i].AsOf = team, f.Since, f.AsOf
		for _, c := range cycles {
			out[i].Cycles = append(out[i].Cycles, c.Cycle)
		}
	}
	return out
}

// Calibrate returns how a team's bets came out, from its facts of one cycle or several, and how well the confidence in its
// check-ins foretold what came true. Bets count once their windows have ended, confidence once the cycle has.
//
// The share of bets INSIDE has the limits of C. J. Clopper and E. S. Pearson (Biometrika 26, 1934). The Brier score is
// the mean of (confidence − outcome)² (G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly
// Weather Review 78, 1950), outcome being 1 where the target was reached, or the band held, at the cycle's end, else 0;
// first over the check-ins of each key result, then over key results. A target that was moved after the cycle's end counts
// for nothing.
//
// Facts name people, the answer does not: it takes a team's cycles as they are and nobody out of them.
func Calibrate(cycles []needle.AttributionFacts) *needle.Calibration {
	c := &needle.Calibration{}
	counts := map[needle.Verdict]int{}
	var ratios, scores []float64
	for _, f := range cycles {
		for _, a := range Gather(f).Attributions() {
			if a.Verdict == nil {
				continue
			}
			counts[a.Verdict.Verdict]++
			c.LatestDueAt = latestOf(c.LatestDueAt, a.Verdict.DueAt)
			if ratio := realisedToExpected(a); ratio != nil {
				ratios = append(ratios, *ratio)
			}
		}
		scores = append(scores, brierScores(f)...)
	}
	for _, v := range needle.Verdicts() {
		c.ByVerdict = append(c.ByVerdict, &needle.VerdictCount{Verdict: v, Count: counts[v]})
		c.Judged += counts[v]
	}
	c.Untestable, c.Inside = counts[needle.VerdictUntestable], counts[needle.VerdictInside]
	c.Judged -= c.Untestable
	if c.Judged > 0 {
		share := rounded(float64(c.Inside)/float64(c.Judged), meanPlaces)
		low, high := clopperPearson(c.Inside, c.Judged, CalibrationConfidence)
		c.InsideShare, c.InsideLow, c.InsideHigh = &share, &low, &high
	}
	if c.Ratios = len(ratios); c.Ratios > 0 {
		m := rounded(medianOf(ratios), meanPlaces)
		c.RealisedToExpected = &m
	}
	if c.Forecasts = len(scores); c.Forecasts > 0 {
		slices.Sort(scores) // Sums of floats depend on their order.
		b := rounded(meanOf(scores), meanPlaces)
		c.Brier = &b
	}
	return c
}

// realisedToExpected returns what was realised by the middle of what was expected; nil where several share it, nothing was
// judged or nothing expected.
func realisedToExpected(a *needle.Attribution) *float64 {
	v := a.Verdict
	if v.Verdict == needle.VerdictUntestable || len(a.Doubts) > 0 && a.Experiment == nil {
		return nil
	}
	middle := *v.ExpectedLow/2 + *v.ExpectedHigh/2
	var ratio float64
	if a.Experiment != nil {
		ratio = a.Experiment.Estimate / middle
	} else {
		ratio = a.Movement.Change / middle
	}
	if !finite(ratio) {
		return nil
	}
	return &ratio
}

// brierScores returns the mean squared distance of confidence from the outcome for each key result that is over.
func brierScores(f needle.AttributionFacts) []float64 {
	if f.Cycle == nil || f.Cycle.End().After(f.AsOf) {
		return nil
	}
	f.Goals = slices.DeleteFunc(slices.Clone(f.Goals), func(g *needle.GoalVersion) bool { return !g.ValidFrom.Before(f.Cycle.End()) })
	k := know(f.ReviewFacts)
	checkIns := groupBy(f.CheckIns, func(c *needle.CheckIn) needle.KeyResultID { return c.KeyResultID })
	var scores []float64
	for _, kr := range k.keyResults {
		outcome, known := k.outcome(kr, f.Cycle)
		if !known {
			continue
		}
		var distances []float64
		for _, c := range standing(checkIns[kr.ID], f.AsOf) {
			during := !c.MeasuredAt.Before(f.Cycle.Start()) && c.MeasuredAt.Before(f.Cycle.End())
			if c.Confidence != nil && during {
				distances = append(distances, (*c.Confidence-outcome)*(*c.Confidence-outcome))
			}
		}
		if len(distances) > 0 {
			scores = append(scores, meanOf(distances))
		}
	}
	return scores
}

// outcome returns 1 where a key result's target was reached, or its band held, at the end of a cycle, else 0. It reports
// false while that is not known.
func (k *known) outcome(kr *needle.KeyResult, cycle *needle.Cycle) (outcome float64, known bool) {
	end, held := k.series[kr.ID].At(cycle.End().Add(-1))
	goal := k.goals[kr.ID]
	if !held || goal == nil || end.MeasuredAt.Before(cycle.Start()) {
		return 0, false
	}
	then := needle.KeyResult{Direction: kr.Direction, Goal: goal.Goal, CurrentValue: &end.Value}
	reached := then.TargetReached()
	if guard := then.Guard(); guard != nil {
		heldBand := *guard == needle.GuardHeld
		reached = &heldBand
	}
	switch {
	case reached == nil:
		return 0, false
	case *reached:
		return 1, true
	default:
		return 0, true
	}
}

// clopperPearson returns the exact limits of a share of which k of n were seen.
func clopperPearson(k, n int, confidence float64) (low, high float64) {
	tail := (1 - confidence) / 2
	high = 1
	if k > 0 {
		low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		high = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return low, high
}

func meanOf(vs []float64) float64 {
	sum := 0.0
	for _, v := range vs {
		sum += v
	}
	return sum / float64(len(vs))
}
