package impact

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Gaps returns where work and results of a team miss each other, from the facts known at AsOf: by kind and then by key
// result, with the items of each in one line. The thresholds are the policy's. A line says what is the case and not whose fault it is; each
// kind has work that rightly looks like it.
func (e *Evidence) Gaps() []*needle.Gap {
	gaps := e.orphanGaps()
	cycleTimes := e.cycleTimes()
	late := func(a *attempt) string { return e.late(a, cycleTimes) }
	for _, find := range []func(*needle.KeyResult) []*needle.Gap{
		e.starvedGap, e.ofItems(needle.GapLateWork, late), e.ofItems(needle.GapRetroFit, e.retroFit),
	} {
		gaps = append(gaps, forEach(e.keyResults, find)...)
	}
	gaps = append(gaps, e.sprays()...)
	for _, find := range []func(*needle.KeyResult) []*needle.Gap{e.outputGap, e.deadBet} {
		gaps = append(gaps, forEach(e.keyResults, find)...)
	}
	return gaps
}

func forEach(keyResults []*needle.KeyResult, find func(*needle.KeyResult) []*needle.Gap) []*needle.Gap {
	var gaps []*needle.Gap
	for _, kr := range keyResults {
		gaps = append(gaps, find(kr)...)
	}
	return gaps
}

// orphanGaps returns one line when more of the effort delivered in the window serves no key result than may keep things
// running. Items that other delivered items lie below are counted by these alone. Where no item has an estimate, items
// are counted.
func (e *Evidence) orphanGaps() []*needle.Gap {
	delivered := make(map[needle.BacklogItemID]*needle.BacklogItem, len(e.items))
	serving := true
	for id, item := range e.items {
		if e.delivered(item) {
			delivered[id] = item
			serving = serving && e.serves(item)
		}
	}
	if serving {
		return nil
	}
	above := e.above(delivered)
	var whole, orphaned load
	var orphans []*needle.BacklogItem
	for id, item := range delivered {
		if above[id] {
			continue
		}
		whole.add(item)
		if !e.serves(item) {
			orphaned.add(item)
			orphans = append(orphans, item)
		}
	}
	if len(orphans) == 0 || orphaned.of(whole) <= e.facts.Policy.KeepRunningShare {
		return nil
	}
	slices.SortFunc(orphans, byItemNumber)
	return []*needle.Gap{{Kind: needle.GapOrphanWork, Items: orphans, Evidence: fmt.Sprintf(
		"%s of the %s delivered from %s to %s serve no key result, %s; %s is allowed for keeping things running",
		orphaned.told(whole), whole.told(whole), instant(e.since), instant(e.asOf), percent(orphaned.of(whole)), percent(e.facts.Policy.KeepRunningShare))}}
}

// above returns the items that lie above any of some items, at any height. Items that lie below each other in a ring are
// above none: else none of them would be counted.
func (e *Evidence) above(items map[needle.BacklogItemID]*needle.BacklogItem) map[needle.BacklogItemID]bool {
	above := map[needle.BacklogItemID]bool{}
	for _, item := range items {
		if item.ParentID == nil || e.below(item, item) {
			continue
		}
		for at := item; at != nil && at.ParentID != nil && !above[*at.ParentID]; at = e.items[*at.ParentID] {
			above[*at.ParentID] = true
		}
	}
	return above
}

// below reports whether an item lies below another. Parents that form a ring end the search.
func (e *Evidence) below(item, above *needle.BacklogItem) bool {
	for steps := 0; item != nil && item.ParentID != nil && steps <= len(e.items); steps++ {
		if *item.ParentID == above.ID {
			return true
		}
		item = e.items[*item.ParentID]
	}
	return false
}

// load is how much work some items are.
type load struct {
	items, estimated int
	effort           []float64
}

func (l *load) add(item *needle.BacklogItem) {
	l.items++
	if item.Effort != nil {
		l.estimated++
		l.effort = append(l.effort, *item.Effort)
	}
}

// sum adds the effort up in one order, for sums of floats depend on it.
func (l load) sum() float64 {
	slices.Sort(l.effort)
	sum := 0.0
	for _, v := range l.effort {
		sum += v
	}
	return rounded(sum, partPlaces)
}

// of returns the share of a whole: of its effort, or of its items where none has an estimate.
func (l load) of(whole load) float64 {
	if effort := whole.sum(); effort > 0 {
		return l.sum() / effort
	}
	return float64(l.items) / float64(whole.items)
}

func (l load) told(whole load) string {
	if !(whole.sum() > 0) {
		return count(l.items, "item")
	}
	text := fmt.Sprintf("%v points of effort in %s", l.sum(), count(l.items, "item"))
	if bare := l.items - l.estimated; bare > 0 {
		text += fmt.Sprintf(" (%d without an estimate)", bare)
	}
	return text
}

func (e *Evidence) starvedGap(kr *needle.KeyResult) []*needle.Gap {
	recent := e.asOf.Add(-time.Duration(e.facts.Policy.RecentDays) * day)
	latest := ""
	for _, a := range e.held(kr) {
		switch state := e.work[a.item.ID]; {
		case state.Status == needle.StatusTodo || state.Status == needle.StatusInProgress:
			return nil
		case state.DeliveredAt == nil:
		case state.DeliveredAt.After(recent):
			return nil
		default:
			latest = max(latest, instant(*state.DeliveredAt))
		}
	}
	evidence := "no work is linked to it"
	if n := len(e.links[kr.ID]); n > 0 {
		evidence = "no open and no recent work; " + count(n, "item") + " linked"
		if latest != "" {
			evidence += ", delivered last on " + latest
		}
	}
	return []*needle.Gap{{Kind: needle.GapStarved, KeyResult: kr, Evidence: evidence}}
}

// shownItems is how many items a line tells of each in words; it names all of them.
const shownItems = 3

// ofItems finds one line for each key result with the items of which there is something to say.
func (e *Evidence) ofItems(kind needle.GapKind, say func(*attempt) string) func(*needle.KeyResult) []*needle.Gap {
	return func(kr *needle.KeyResult) []*needle.Gap {
		var items []*needle.BacklogItem
		var told []string
		for _, a := range e.byItem(kr) {
			if evidence := say(a); evidence != "" {
				items, told = append(items, a.item), append(told, evidence)
			}
		}
		switch len(items) {
		case 0:
			return nil
		case 1:
			return []*needle.Gap{{Kind: kind, KeyResult: kr, Items: items, Evidence: told[0]}}
		}
		shown := min(len(items), shownItems)
		for i := range shown {
			told[i] = items[i].Key() + ": " + told[i]
		}
		evidence := fmt.Sprintf("%s; %s", count(len(items), "item"), strings.Join(told[:shown], "; "))
		if more := len(items) - shown; more > 0 {
			evidence += fmt.Sprintf("; and %d more", more)
		}
		return []*needle.Gap{{Kind: kind, KeyResult: kr, Items: items, Evidence: evidence}}
	}
}

// late says why open work would show too late; empty when it would not, or when there is no cycle to be late for.
func (e *Evidence) late(a *attempt, cycleTimes []float64) string {
	status := e.work[a.item.ID].Status
	if e.facts.Cycle == nil || status != needle.StatusTodo && status != needle.StatusInProgress {
		return ""
	}
	end := e.facts.Cycle.End()
	forecast := ForecastDelivery(a.startedAt, cycleTimes, e.facts.Policy, e.asOf)
	opens := EffectWindow(forecast.At, a.bet.Counts(), a.keyResult).From
	if !opens.After(end) {
		return ""
	}
	basis := "even if it were delivered at once"
	if forecast.MedianDays != nil {
		basis = fmt.Sprintf("delivered on %s by the median cycle time of %.1f days over %s",
			instant(forecast.At.Truncate(day)), *forecast.MedianDays, count(forecast.Points, "delivery"))
	}
	return fmt.Sprintf("%s, its effect window opens on %s, after the cycle's end on %s", basis, instant(opens.Truncate(day)), instant(end))
}

// retroFit says why a link looks as if it had been made to fit; empty when it does not.
func (e *Evidence) retroFit(a *attempt) string {
	switch {
	case len(a.deliveries) > 0 && a.linkedAt.After(a.deliveries[0]):
		return fmt.Sprintf("linked on %s, after its delivery on %s", instant(a.linkedAt), instant(a.deliveries[0]))
	case a.startedAt != nil && a.keyResult.CreatedAt.After(*a.startedAt):
		return fmt.Sprintf("the key result was written on %s, after work on it began on %s", instant(a.keyResult.CreatedAt), instant(*a.startedAt))
	default:
		return ""
	}
}

// sprays returns one line for each of the items that serve the key results under review and are linked to more, of this
// team or others, than policy allows.
func (e *Evidence) sprays() []*needle.Gap {
	type place struct {
		last needle.KeyResultID
		n    int
		here bool
	}
	targets := make(map[needle.BacklogItemID]place, len(e.items))
	for kr, links := range e.links {
		for _, l := range links {
			if at := targets[l.ItemID]; at.n == 0 || at.last != kr {
				_, here := e.series[kr]
				targets[l.ItemID] = place{last: kr, n: at.n + 1, here: at.here || here}
			}
		}
	}
	var gaps []*needle.Gap
	for id, at := range targets {
		if item := e.items[id]; item != nil && at.here && at.n > e.facts.Policy.MostKeyResults {
			gaps = append(gaps, &needle.Gap{Kind: needle.GapSpray, Items: []*needle.BacklogItem{item}, Evidence: fmt.Sprintf(
				"linked to %d key results; more than %d is taken for spray", at.n, e.facts.Policy.MostKeyResults)})
		}
	}
	slices.SortFunc(gaps, func(a, b *needle.Gap) int { return byItemNumber(a.Items[0], b.Items[0]) })
	return gaps
}

// fewestCounts is the fewest days with a value by which a key result can be seen to count its own work.
const fewestCounts = 3

// outputGap tells a key result that counts work: by its words, or because its value went up by one with each delivery of
// linked work and by nothing else.
func (e *Evidence) outputGap(kr *needle.KeyResult) []*needle.Gap {
	gap := func(evidence string) []*needle.Gap {
		return []*needle.Gap{{Kind: needle.GapOutput, KeyResult: kr, Evidence: evidence}}
	}
	for _, h := range kr.Hints() {
		if h.Code == needle.HintOutputOnly {
			return gap("its " + h.Field + " counts what the team puts out")
		}
	}
	points := e.series[kr.ID].daily()
	if len(points) < fewestCounts || kr.Kind == needle.KindMilestone {
		return nil
	}
	last := 0
	for _, p := range points {
		last = e.deliveredIn(kr, points[0].MeasuredAt, p.MeasuredAt)
		if math.Abs(p.Value-points[0].Value-float64(last)) > 1e-9 {
			return nil
		}
	}
	if last < 2 {
		return nil
	}
	return gap(fmt.Sprintf("its value went up by %d while %d linked items were delivered, in step at each of %d check-ins", last, last, len(points)))
}

func (e *Evidence) deliveredIn(kr *needle.KeyResult, from, to time.Time) int {
	n := 0
	for _, a := range e.held(kr) {
		if a.deliveredAt != nil && a.deliveredAt.After(from) && !a.deliveredAt.After(to) {
			n++
		}
	}
	return n
}

// deadBet returns a line for a key result whose linked work had its time, or nearly all of it, and of which no window
// showed a signal, though at least one could have.
func (e *Evidence) deadBet(kr *needle.KeyResult) []*needle.Gap {
	if kr.Direction == needle.DirectionMaintain {
		return nil
	}
	linked, over, assessed := 0, 0, 0
	var items []*needle.BacklogItem
	for _, a := range e.attributions[kr.ID] {
		if e.work[a.Item.ID].Status == needle.StatusDropped {
			continue
		}
		linked++
		if *a.Grade == needle.GradeTested {
			return nil
		}
		if a.EndsAt == nil || a.EndsAt.After(e.asOf) {
			continue
		}
		over++
		items = append(items, a.Item)
		switch *a.Grade {
		case needle.GradeInsufficientData:
		case needle.GradeNoMovementSeen:
			assessed++
		default:
			return nil
		}
	}
	slices.SortFunc(items, byItemNumber)
	if assessed == 0 || float64(over) < e.facts.Policy.DeadBetShare*float64(linked) {
		return nil
	}
	return []*needle.Gap{{Kind: needle.GapDeadBet, KeyResult: kr, Items: items, Evidence: fmt.Sprintf(
		"the effect windows of %d of %s are over, %s; %d could be judged, and none showed a signal",
		over, count(linked, "linked item"), percent(float64(over)/float64(linked)), assessed)}}
}

// held returns the attempts on a key result whose links hold.
func (e *Evidence) held(kr *needle.KeyResult) []*attempt {
	all := e.attempts[kr.ID] // Those that ended come last.
	for len(all) > 0 && all[len(all)-1].ended {
		all = all[:len(all)-1]
	}
	return all
}

// byItem returns them by their items' keys.
func (e *Evidence) byItem(kr *needle.KeyResult) []*attempt {
	return slices.SortedStableFunc(slices.Values(e.held(kr)), func(a, b *attempt) int { return byItemNumber(a.item, b.item) })
}

func byItemNumber(a, b *needle.BacklogItem) int { return a.Number - b.Number }

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, found := strings.CutSuffix(noun, "y"); found {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
