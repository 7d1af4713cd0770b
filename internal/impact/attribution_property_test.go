package impact_test

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// TestAttributions_drawnWorldsHaveEveryGrade makes sure that the properties below speak of every grade and verdict.
func TestAttributions_drawnWorldsHaveEveryGrade(t *testing.T) {
	t.Parallel()
	grades, verdicts := map[needle.Grade]bool{}, map[needle.Verdict]bool{}
	drawn := rapid.Custom(drawAttribution)
	for seed := range 400 {
		for _, a := range impact.Gather(drawn.Example(seed)).Attributions() {
			if a.Grade != nil {
				grades[*a.Grade] = true
			}
			if a.Verdict != nil {
				verdicts[a.Verdict.Verdict] = true
			}
		}
	}
	for _, g := range needle.Grades() {
		if !grades[g] {
			t.Errorf("no drawn world has a %s", g)
		}
	}
	for _, v := range needle.Verdicts() {
		if !verdicts[v] {
			t.Errorf("no drawn world has a bet %s", v)
		}
	}
}

func TestEvidence_orderOfFactsChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		a, b := impact.Gather(f), impact.Gather(mixed(f, rapid.Uint64().Draw(t, "order")))
		equal(t, "attributions", a.Attributions(), b.Attributions())
		equal(t, "gaps", a.Gaps(), b.Gaps())
		equal(t, "line-up", a.LineUp(7), b.LineUp(7))
		for _, kr := range f.KeyResults {
			equal(t, "breakdown", a.Breakdown(kr.ID, date(10), f.AsOf), b.Breakdown(kr.ID, date(10), f.AsOf))
		}
	})
}

func TestEvidence_whatIsLearntLaterChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		later := adding(f, work{delivered: 20, lagMax: 40})
		later.Links[len(later.Links)-1].RecordedAt = f.AsOf.Add(1)
		c := checkIn(255, 1e6, 40, 40)
		c.RecordedAt = f.AsOf.Add(1)
		later.CheckIns = append(later.CheckIns[:len(later.CheckIns):len(later.CheckIns)], c)
		later.OutsideEvents = append(later.OutsideEvents[:len(later.OutsideEvents):len(later.OutsideEvents)], &needle.OutsideEvent{
			KeyResultID: krID(1), From: date(1), To: date(90), RecordedAt: f.AsOf.Add(1),
		})
		equal(t, "attributions", impact.Gather(f).Attributions(), impact.Gather(later).Attributions())
	})
}

func TestAttributions_workOutsideTheWindowChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		w := work{delivered: rapid.IntRange(71, quarter).Draw(t, "delivered"), lagMax: rapid.IntRange(0, 10).Draw(t, "lag")}
		before, after := impact.Gather(f).Attributions(), impact.Gather(adding(f, w)).Attributions()
		opens := date(w.delivered)
		for i, a := range keep(after, func(a *needle.Attribution) bool { return a.Item.Number != 250 }) {
			if a.EndsAt == nil || a.EndsAt.After(opens) || a.TrackerReadAt != nil {
				continue
			}
			equal(t, "the attribution of "+a.Item.Key(), before[i], a)
		}
	})
}

func TestAttributions_aFurtherCandidateNeverMakesOneSole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		w := work{delivered: rapid.IntRange(1, 80).Draw(t, "delivered"), lagMax: rapid.IntRange(1, 30).Draw(t, "lag")}
		from, to := date(w.delivered), date(w.delivered+w.lagMax)
		before := map[needle.ContributionID]*needle.Attribution{}
		for _, a := range impact.Gather(f).Attributions() {
			before[a.Contribution.ID] = a
		}
		for _, a := range impact.Gather(adding(f, w)).Attributions() {
			was := before[a.Contribution.ID]
			if was == nil || a.KeyResult.ID != krID(1) || a.EndsAt == nil || a.Candidates == 0 {
				continue
			}
			if a.Candidates < was.Candidates || a.Candidates > was.Candidates+1 {
				t.Fatalf("%s had %d candidates and has %d", a.Item.Key(), was.Candidates, a.Candidates)
			}
			if from.Before(*a.EndsAt) && a.OpensAt.Before(to) && *a.Grade == needle.GradeSoleCandidate {
				t.Fatalf("%s is the sole candidate beside another one", a.Item.Key())
			}
		}
	})
}

func TestAttributions_soleMeansOneAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, a := range impact.Gather(drawAttribution(t)).Attributions() {
			if a.Grade == nil || *a.Grade != needle.GradeSoleCandidate {
				continue
			}
			if a.Candidates != 1 || len(a.Events)+len(a.Doubts)+len(a.Missing) > 0 || a.Signal.State != needle.SignalSeen {
				t.Fatalf("%s is no sole candidate: %+v", a.Item.Key(), a)
			}
			if a.Movement.Towards <= 0 && a.Movement.BeyondDrift == nil {
				t.Fatalf("%s moved nothing the right way", a.Item.Key())
			}
		}
	})
}

func TestExplanation_speaksOfACauseOnlyWhereAnExperimentDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, a := range impact.Gather(drawAttribution(t)).Attributions() {
			said := a.Explanation()
			caused := strings.Contains(said, "caus")
			tested := a.Grade != nil && *a.Grade == needle.GradeTested
			if caused != (tested && a.Experiment.Low > 0) {
				t.Fatalf("%v: %s", a.Grade, said)
			}
			if strings.Contains(said, "%!") || strings.Contains(said, "  ") || !strings.HasSuffix(said, ".") {
				t.Fatalf("badly said: %q", said)
			}
		}
	})
}

func TestAttributions_anExtraCheckInInsideChangesNoTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		day := rapid.IntRange(1, quarter).Draw(t, "day")
		extra := checkIn(255, 1000, day, day)
		more := f
		more.CheckIns = append(slices.Clone(f.CheckIns), extra)
		before, after := impact.Gather(f).Attributions(), impact.Gather(more).Attributions()
		for i, a := range after {
			m := before[i].Movement
			if a.KeyResult.ID != krID(1) || m == nil || !extra.MeasuredAt.After(*a.OpensAt) || !extra.MeasuredAt.Before(m.Now.MeasuredAt) {
				continue
			}
			equal(t, "change", m.Change, a.Movement.Change)
			equal(t, "check-ins", m.CheckIns+1, a.Movement.CheckIns)
		}
	})
}

func TestEvidence_unitsAreNeverAddedAcrossKeyResults(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		scaled := f
		scaled.CheckIns = nil
		for _, c := range f.CheckIns {
			other := *c
			if c.KeyResultID == krID(2) {
				other.Value *= 1024
			}
			scaled.CheckIns = append(scaled.CheckIns, &other)
		}
		first := func(a *needle.Attribution) bool { return a.KeyResult.ID == krID(1) }
		a, b := impact.Gather(f), impact.Gather(scaled)
		equal(t, "attributions", keep(a.Attributions(), first), keep(b.Attributions(), first))
		equal(t, "line-up", a.LineUp(3), b.LineUp(3), rounding)
	})
}

// exactly reads a number as the decimal that people see.
func exactly(v float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	return r
}

func TestBreakdown_partsAddUpExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		unit := rapid.SampledFrom([]float64{1, 1e-3, 1e5, 1.0 / 3}).Draw(t, "unit")
		for i, c := range f.CheckIns {
			other := *c
			other.Value *= unit
			f.CheckIns[i] = &other
		}
		e := impact.Gather(f)
		for _, kr := range f.KeyResults {
			from := rapid.IntRange(0, 60).Draw(t, "from")
			b := e.Breakdown(kr.ID, date(from), f.AsOf)
			if b == nil {
				continue
			}
			sum := exactly(b.Unexplained)
			for _, s := range b.Shares {
				sum.Add(sum, exactly(s.Planned))
				if s.Bounds.Low > s.Bounds.High {
					t.Fatalf("bounds from %v to %v", s.Bounds.Low, s.Bounds.High)
				}
				low, high := 0.0, 0.0
				if bet := s.Contribution.Bet; bet.ExpectedLow != nil {
					low, high = min(0, *bet.ExpectedLow), max(0, *bet.ExpectedHigh)
				}
				if s.Planned > high || s.Planned < low {
					t.Fatalf("%v is planned where %v to %v was expected", s.Planned, low, high)
				}
			}
			if sum.Cmp(exactly(b.Change)) != 0 {
				t.Fatalf("the parts add up to %s, not to %v", sum.RatString(), b.Change)
			}
		}
	})
}

func TestBreakdown_windowsTelescope(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		e := impact.Gather(f)
		from := rapid.IntRange(0, 10).Draw(t, "from")
		middle, end := rapid.IntRange(from, 20).Draw(t, "middle"), 30
		for _, kr := range f.KeyResults {
			whole := e.Breakdown(kr.ID, date(from), date(end))
			one, two := e.Breakdown(kr.ID, date(from), date(middle)), e.Breakdown(kr.ID, date(middle), date(end))
			if whole == nil || one == nil || two == nil {
				continue
			}
			if sum := exactly(one.Change); sum.Add(sum, exactly(two.Change)).Cmp(exactly(whole.Change)) != 0 {
				t.Fatalf("%v and %v make %v", one.Change, two.Change, whole.Change)
			}
		}
	})
}

func TestLineUp_sameSeedSameAnswer(t *testing.T) {
	t.Parallel()
	f := busyTeam()
	equal(t, "line-up", impact.Gather(f).LineUp(5), impact.Gather(f).LineUp(5))
	if a, b := impact.Gather(f).LineUp(5), impact.Gather(f).LineUp(6); *a.Percentile == *b.Percentile {
		t.Logf("two seeds agree at %v", *a.Percentile)
	}
}

// FuzzSeries throws arbitrary values and times at everything that is worked out of a series.
func FuzzSeries(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, 1.0, 7)
	f.Add([]byte("same same same same"), 0.0, 0)
	f.Add([]byte{0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255}, 1e306, 3)
	f.Fuzz(func(t *testing.T, data []byte, unit float64, first int) {
		var checkIns []*needle.CheckIn
		for i := 0; i+1 < len(data) && i < 400; i += 2 {
			c := checkIn(i/2, float64(data[i])*unit, int(data[i+1]), int(data[i+1]))
			c.MeasuredAt = c.MeasuredAt.Add(time.Duration(i) * time.Minute)
			checkIns = append(checkIns, c)
		}
		s := impact.NewSeries(checkIns, date(300))
		chart := impact.Chart(s, date(first%256), date(200), needle.SignalRules())
		if l := chart.Limits; l != nil && (l.Points < impact.MinBaselinePoints || !(l.Reach >= 0)) {
			t.Fatalf("limits %+v", l)
		}
		if d := impact.Drift(s, date(first%256)); d != nil && !(d.PerDayLow <= d.PerDay && d.PerDay <= d.PerDayHigh) {
			t.Fatalf("drift %+v", d)
		}
		kr := keyResult(1, needle.DirectionIncrease)
		kr.CadenceDays, kr.LagMaxDays = 7, 21
		facts := needle.AttributionFacts{Policy: needle.DefaultAttributionPolicy()}
		facts.Team, facts.Since, facts.AsOf = &needle.Team{ID: teamID(ownTeam)}, date(0), date(200)
		facts.KeyResults, facts.CheckIns = []*needle.KeyResult{kr}, checkIns
		e := impact.Gather(adding(facts, work{delivered: first % 256, lagMax: 21, low: 1, high: 2}))
		for _, a := range e.Attributions() {
			if a.Explanation() == "" {
				t.Fatal("nothing is said")
			}
		}
		e.Breakdown(kr.ID, date(0), date(200))
		e.LineUp(1)
		e.Gaps()
	})
}
