package impact_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func TestCentricity_knowsNothingThatWasRecordedLater(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, scope, asOf := drawStory(t), drawScope(t), drawInstant(t)
		known := knownBy(f, asOf)
		equal(t, "centricity", impact.Centricity(known, scope, asOf), impact.Centricity(f, scope, asOf))
		equal(t, "standings", impact.Standings(known, asOf), impact.Standings(f, asOf))
		equal(t, "trend", impact.CentricityTrend(known, scope.TeamID, 3, asOf), impact.CentricityTrend(f, scope.TeamID, 3, asOf))
		for n := range storyPains {
			equal(t, "relief", impact.Relief(known, painID(n+1), needle.ReliefInput{}, asOf), impact.Relief(f, painID(n+1), needle.ReliefInput{}, asOf))
		}
	})
}

func TestCentricity_doesNotDependOnTheOrderOfFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, scope, asOf := drawStory(t), drawScope(t), drawInstant(t)
		other := shuffledFacts(f, rapid.Uint64().Draw(t, "seed"))
		equal(t, "centricity", impact.Centricity(f, scope, asOf), impact.Centricity(other, scope, asOf))
		equal(t, "standings", impact.Standings(f, asOf), impact.Standings(other, asOf))
		equal(t, "trend", impact.CentricityTrend(f, scope.TeamID, 2, asOf), impact.CentricityTrend(other, scope.TeamID, 2, asOf))
	})
}

func TestCentricity_sharesMakeOneWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := impact.Centricity(drawStory(t), drawScope(t), drawInstant(t))
		pains, weight, shares, above := 0, 0.0, 0.0, 1.0
		for i, r := range c.Rungs {
			equal(t, "order", needle.Rungs()[i], r.Rung)
			pains, weight = pains+r.Pains, weight+r.Weight
			if (r.Share == nil) != !(c.Weight > 0) || (r.CumulativeShare == nil) != (r.Share == nil) {
				t.Fatalf("%s: share %v of %v", r.Rung, r.Share, c.Weight)
			}
			if r.Share == nil {
				continue
			}
			shares += *r.Share
			if *r.CumulativeShare > above {
				t.Fatalf("%s: %v above after %v", r.Rung, *r.CumulativeShare, above)
			}
			above = *r.CumulativeShare
			equal(t, "the part above "+string(r.Rung), 1+*r.Share-shares, above, cmpopts.EquateApprox(0, 1e-12))
		}
		equal(t, "pains", c.Pains, pains)
		equal(t, "weight", c.Weight, weight, cmpopts.EquateApprox(1e-12, 0))
		if c.Weight > 0 {
			equal(t, "shares", 1.0, shares, cmpopts.EquateApprox(1e-12, 0))
		}
	})
}

func TestCentricity_isCompleteWhenBothDirectionsHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := impact.Centricity(drawStory(t), drawScope(t), drawInstant(t))
		equal(t, "known", c.Pains > 0 && c.Objectives.Active > 0, c.Complete != nil)
		if c.Complete == nil {
			return
		}
		low := c.Rungs[0].Pains + c.Rungs[1].Pains
		equal(t, "uncovered", low, len(c.UncoveredPains))
		equal(t, "traceless", c.Objectives.Active-c.Objectives.Tracing, len(c.TracelessIDs))
		equal(t, "complete", low == 0 && len(c.TracelessIDs) == 0 && c.Effort.Items == c.Effort.TracingItems, *c.Complete)
		if !slices.IsSortedFunc(c.UncoveredPains, func(a, b *needle.PainStanding) int {
			return cmp.Compare(b.Weight, a.Weight)
		}) {
			t.Fatalf("uncovered pains are not in order: %v", c.UncoveredPains)
		}
	})
}

func TestCentricity_mergingNeverRaisesTheNumberOfReporters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, asOf := drawStory(t), date(storyDays)
		before := impact.Standings(f, asOf)
		one, other := painID(rapid.IntRange(1, storyPains).Draw(t, "one")), painID(rapid.IntRange(1, storyPains).Draw(t, "other"))
		duplicate, remains := before[one], before[other]
		if one == other || duplicate == nil || remains == nil {
			return
		}
		f.Pains = append(slices.Clip(f.Pains), &needle.PainPointVersion{
			PainPointID: one, Version: 1000, Severity: 3, Status: needle.PainOpen, MergedIntoID: &other, RecordedAt: asOf,
		})
		after := impact.Standings(f, asOf)
		if after[one] != nil {
			t.Fatalf("the duplicate still stands: %+v", after[one])
		}
		merged := after[other]
		if merged.Reporters > duplicate.Reporters+remains.Reporters || merged.Reporters < max(duplicate.Reporters, remains.Reporters) {
			t.Fatalf("%d and %d reporters became %d", duplicate.Reporters, remains.Reporters, merged.Reporters)
		}
		equal(t, "fresh evidence", duplicate.FreshEvidence+remains.FreshEvidence, merged.FreshEvidence)
		for id, was := range before {
			if id != one && id != other {
				equal(t, "another pain point", was, after[id])
			}
		}
	})
}

func TestStandings_saysWhenEvidenceIsMissing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, asOf := drawStory(t), drawInstant(t)
		for _, s := range impact.Standings(f, asOf) {
			enough := s.FreshEvidence >= f.Policy.EvidenceNeeded
			switch s.Rung {
			case needle.RungCaptured:
				equal(t, "captured", false, enough || s.WithoutEvidence)
			case needle.RungEvidenced:
				equal(t, "evidenced", true, enough && !s.WithoutEvidence)
			case needle.RungRelieved:
				equal(t, "relieved", false, s.WithoutEvidence)
			default:
				equal(t, "adopted", enough, !s.WithoutEvidence)
			}
		}
	})
}

func TestCentricityTrend_isCentricityOfEachCycle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, scope, asOf := drawStory(t), drawScope(t), drawInstant(t)
		n := rapid.IntRange(1, 3).Draw(t, "cycles")
		points := impact.CentricityTrend(f, scope.TeamID, n, asOf)
		equal(t, "cycles", len(needle.BegunCycles(f.Cycles, n, asOf)), len(points))
		for _, p := range points {
			if p.Centricity.AsOf.After(asOf) {
				t.Fatalf("a point of %s as of %s", p.Centricity.AsOf, asOf)
			}
			want := impact.Centricity(f, needle.CentricityScope{TeamID: scope.TeamID, CycleID: &p.CycleID}, p.Centricity.AsOf)
			equal(t, "point", want, p.Centricity)
		}
	})
}
