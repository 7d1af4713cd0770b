package impact_test

import (
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

// drawPlot draws a key result with enough before its quarter to be judged, most of the time, and effects that show.
func drawPlot(t *rapid.T) plot {
	p := plot{
		before: rapid.SampledFrom([]int{3, 8, 20}).Draw(t, "before"), every: rapid.SampledFrom([]int{1, 7}).Draw(t, "every"),
		driftPerDay: rapid.SampledFrom([]float64{0, 0, 0.1}).Draw(t, "drift"), shockDay: 1e9,
	}
	for range rapid.IntRange(1, 4).Draw(t, "works") {
		w := work{delivered: rapid.IntRange(1, 70).Draw(t, "delivered"), lagMin: rapid.IntRange(0, 5).Draw(t, "lag"), effectDay: 1e9}
		w.lagMax = w.lagMin + rapid.SampledFrom([]int{0, 7, 14, 28}).Draw(t, "length")
		w.effect = rapid.SampledFrom([]float64{-30, 0, 30}).Draw(t, "effect")
		w.effectDay = float64(w.delivered + w.lagMin + 1)
		w.low = rapid.SampledFrom([]float64{-40, 0, 10, 35}).Draw(t, "low")
		w.high = w.low + rapid.SampledFrom([]float64{0, 20}).Draw(t, "width")
		p.works = append(p.works, w)
	}
	return p
}

// drawAttribution draws the facts of one key result or two, with everything that may cross a grade.
func drawAttribution(t *rapid.T) needle.AttributionFacts {
	r := rand.New(rand.NewPCG(rapid.Uint64Range(0, 1000).Draw(t, "seed"), 3))
	f := needle.AttributionFacts{Policy: needle.DefaultAttributionPolicy()}
	f.Cycle = &needle.Cycle{StartsOn: needle.Date{Time: date(0)}, EndsOn: needle.Date{Time: date(quarter - 1)}}
	for n := range rapid.IntRange(1, 2).Draw(t, "key results") {
		f = joined(f, drawPlot(t).scene(r), n+1)
		f.KeyResults[n].Direction = rapid.SampledFrom([]needle.Direction{
			needle.DirectionIncrease, needle.DirectionIncrease, needle.DirectionDecrease, needle.DirectionMaintain,
		}).Draw(t, "direction")
	}
	f.AsOf = date(rapid.SampledFrom([]int{30, 60, quarter, 150}).Draw(t, "asOf"))
	for i, v := range f.Links {
		if rapid.IntRange(0, 4).Draw(t, "linked late") == 0 {
			v.ValidFrom, v.RecordedAt = date(50), date(50)
		}
		if rapid.IntRange(0, 4).Draw(t, "has a parent") == 0 {
			f.Items[i].ParentID = ptr(f.Items[rapid.IntRange(0, len(f.Items)-1).Draw(t, "parent")].ID) // Rings are common.
		}
		if rapid.IntRange(0, 9).Draw(t, "tested") == 0 {
			f.Experiments = append(f.Experiments, &needle.Experiment{
				ContributionID: v.ID, Source: "an A/B test", Estimate: 3, Low: rapid.SampledFrom([]float64{-1, 1}).Draw(t, "low end"), High: 5,
				RecordedAt: date(rapid.SampledFrom([]int{20, 100}).Draw(t, "attached")),
			})
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "an outside event") == 0 {
		day := rapid.IntRange(0, quarter).Draw(t, "event")
		f.OutsideEvents = append(f.OutsideEvents, &needle.OutsideEvent{
			KeyResultID: f.KeyResults[0].ID, Kind: needle.EventCampaign, Title: "Spring sale", From: date(day), To: date(day + 2), RecordedAt: date(day),
		})
	}
	if rapid.IntRange(0, 3).Draw(t, "mirrored") == 0 {
		f.TrackerReadAt = map[needle.BacklogItemID]time.Time{
			f.Items[0].ID: f.AsOf.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "days unread")) * 24 * time.Hour),
		}
	}
	return f
}

// mixed returns the same facts in another order.
func mixed(f needle.AttributionFacts, seed uint64) needle.AttributionFacts {
	f.ReviewFacts = shuffled(f.ReviewFacts, seed)
	r := rand.New(rand.NewPCG(seed, 2))
	f.OutsideEvents, f.Experiments = shuffle(r, f.OutsideEvents), shuffle(r, f.Experiments)
	return f
}

// adding returns facts with one more delivered item on the first key result.
func adding(f needle.AttributionFacts, w work) needle.AttributionFacts {
	const n = 250
	v := w.link(n)
	v.KeyResultID = f.KeyResults[0].ID
	f.Items = append(f.Items[:len(f.Items):len(f.Items)], item(n, 0))
	f.Links = append(f.Links[:len(f.Links):len(f.Links)], v)
	f.Transitions = append(f.Transitions[:len(f.Transitions):len(f.Transitions)], transition(n, todo, done, w.delivered, w.delivered))
	return f
}
