package planning_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// history is a workspace that learns of what happens in the order in which it learns it, and often late. All times lie on
// a grid of quarters of a day, so that many of them are the same.
type history struct {
	t     testing.TB
	r     *rand.Rand
	f     *storetest.Factory
	scope store.Scope
	// now is when what is written is learnt.
	now    time.Time
	teams  []needle.TeamID
	goals  []needle.ObjectiveID
	cycle  *needle.Cycle
	source *needle.Source

	keyResults  []*needle.KeyResult
	items       []*needle.BacklogItem
	status      map[needle.BacklogItemID]needle.StatusCategory
	links       []*needle.Contribution
	checkIns    []*needle.CheckIn
	events      []*needle.OutsideEvent
	experiments []*needle.Experiment
	writes      []write
	// late counts what was dated before it was learnt.
	late int
}

// write is something that is learnt at an instant.
type write struct {
	at time.Time
	do func()
}

// historyIn draws a history of two teams from a seed. Nothing of it is written yet but who works on what.
func historyIn(t testing.TB, s *store.Store, seed uint64) *history {
	t.Helper()
	f := storetest.Seed(t, s.DB())
	h := &history{t: t, r: rand.New(rand.NewPCG(seed, 5)), f: f, status: map[needle.BacklogItemID]needle.StatusCategory{}}
	h.scope = store.New(s.DB(), store.Config{CursorKey: []byte("cursors of a test"), Now: func() time.Time { return h.now }}).In(f.Workspace.ID)
	h.cycle = f.Cycle(func(c *needle.Cycle) { c.StartsOn, c.EndsOn = needle.NewDate(ago(120)), needle.NewDate(ago(11)) })
	h.source = f.Source()
	for range 2 {
		team := f.Team().ID
		h.teams = append(h.teams, team)
		h.goals = append(h.goals, f.Objective(func(o *needle.Objective) { o.TeamID = team }).ID)
	}
	h.plan()
	slices.SortStableFunc(h.writes, func(a, b write) int { return a.at.Compare(b.at) })
	return h
}

// plan draws what will be learnt: key results that are checked weekly and rise forty days ago or do not, work that is begun,
// linked and delivered about then, and whatever else people and trackers may learn late.
func (h *history) plan() {
	for n := range 3 {
		h.learn(ago(150), func() { h.writeKeyResult() })
		for day := 140.0; day >= 0; day -= 7 {
			h.learn(ago(day), func() { h.measure(h.keyResults[n], h.now) })
		}
	}
	for n := range 5 {
		h.learn(ago(140), h.addItem)
		h.learn(ago(float64(80+h.r.IntN(20))), func() { h.link(h.items[n], h.keyResults[h.r.IntN(len(h.keyResults))], h.now) })
		h.learn(ago(float64(60+h.r.IntN(15))), func() { h.move(h.items[n], needle.StatusInProgress, h.now) })
		if days := []int{45, 42, 40, 37, 1}[n] + h.r.IntN(6); h.r.IntN(5) > 0 {
			h.learn(ago(float64(days)), func() { h.move(h.items[n], needle.StatusDone, h.now) })
		}
	}
	kinds := h.kinds()
	for range 30 {
		h.learn(ago(float64(h.r.IntN(4*100))/4), kinds[h.r.IntN(len(kinds))])
	}
	for day := 100.0; day > 0; day -= float64(1 + h.r.IntN(6)) {
		h.learn(ago(day), h.read)
	}
}

func (h *history) learn(at time.Time, do func()) { h.writes = append(h.writes, write{at, do}) }

// until writes what is learnt up to an instant.
func (h *history) until(at time.Time) {
	for len(h.writes) > 0 && !h.writes[0].at.After(at) {
		h.now = h.writes[0].at
		h.writes[0].do()
		h.writes = h.writes[1:]
	}
}

// kinds are all ways in which a history goes on.
func (h *history) kinds() []func() {
	return []func(){
		func() { h.measure(any1(h, h.keyResults), h.back()) }, h.correct, h.moveTarget,
		func() { h.link(any1(h, h.items), any1(h, h.keyResults), h.back()) }, h.changeBet, h.unlink,
		func() {
			h.move(any1(h, h.items), any1(h, []needle.StatusCategory{needle.StatusTodo, needle.StatusInProgress, needle.StatusDone, needle.StatusDone, needle.StatusDropped}), h.back())
		},
		h.retell, h.happen, h.correctEvent, h.takeBackEvent, h.attach, h.takeBackExperiment, h.addItem,
		func() { h.writeKeyResult() },
	}
}

func any1[T any](h *history, of []T) T { return of[h.r.IntN(len(of))] }

// back is when something happened that is learnt now: now, or up to forty days ago.
func (h *history) back() time.Time {
	if h.r.IntN(4) == 0 {
		return h.now
	}
	h.late++
	return h.now.Add(-time.Duration(h.r.IntN(160)) * 6 * time.Hour)
}

func (h *history) do(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) writeKeyResult() {
	n := h.r.IntN(2)
	h.keyResults = append(h.keyResults, h.f.KeyResult(func(k *needle.KeyResult) {
		k.ObjectiveID, k.CreatedAt, k.LagMinDays, k.LagMaxDays = h.goals[n], h.now, 0, 7
		k.Direction = any1(h, []needle.Direction{needle.DirectionIncrease, needle.DirectionIncrease, needle.DirectionIncrease, needle.DirectionDecrease})
		if k.Direction == needle.DirectionDecrease {
			k.Baseline, k.Target = ptr(130.0), ptr(80.0)
		} else {
			k.Baseline, k.Target = ptr(80.0), ptr(110.0)
		}
	}))
}

// measure draws a value about 100, and about 130 from forty days ago on for two key results of three.
func (h *history) measure(k *needle.KeyResult, at time.Time) {
	value := 98 + float64(h.r.IntN(5))
	if at.After(ago(40)) && k.Number%3 > 0 {
		value += 30
	}
	h.checkIns = append(h.checkIns, h.f.CheckIn(func(c *needle.CheckIn) {
		c.KeyResultID, c.Value, c.MeasuredAt, c.RecordedAt, c.Confidence = k.ID, value, at, h.now, ptr(float64(h.r.IntN(11))/10)
		if h.r.IntN(4) == 0 {
			c.AuthorID, c.MetricSource = nil, "warehouse"
		}
	}))
}

func (h *history) correct() {
	n := h.r.IntN(len(h.checkIns))
	wrong := h.checkIns[n]
	h.checkIns[n] = h.f.CheckIn(func(c *needle.CheckIn) {
		c.KeyResultID, c.MeasuredAt, c.RecordedAt, c.SupersedesID = wrong.KeyResultID, wrong.MeasuredAt, h.now, &wrong.ID
		c.Value = wrong.Value + float64(h.r.IntN(60)-30)
		if h.r.IntN(3) == 0 {
			c.MeasuredAt = h.back()
		}
	})
	h.late++
}

func (h *history) moveTarget() {
	k := any1(h, h.keyResults)
	k.Target = ptr(*k.Target + float64(h.r.IntN(9)-4))
	h.f.Goal(k, h.back(), h.now)
}

func (h *history) addItem() {
	var above *needle.BacklogItem
	if len(h.items) > 0 && h.r.IntN(3) == 0 {
		above = any1(h, h.items)
	}
	mirrored := h.r.IntN(4) == 0
	b := h.f.Item(func(b *needle.BacklogItem) {
		b.TeamID, b.CreatedAt, b.Effort = any1(h, h.teams), h.now, ptr(float64(1+h.r.IntN(8)))
		if above != nil {
			b.ParentID = &above.ID
		}
		if mirrored {
			b.IssueID = &h.f.Issue(func(i *needle.Issue) { i.SourceID = h.source.ID }).ID
		}
	})
	h.items, h.status[b.ID] = append(h.items, b), b.Status
}

func (h *history) move(b *needle.BacklogItem, to needle.StatusCategory, at time.Time) {
	from := h.status[b.ID]
	h.do(h.scope.AppendTransition(h.t.Context(), needle.ItemTransition{ItemID: b.ID, From: &from, To: to, OccurredAt: at, RecordedAt: h.now}))
	h.status[b.ID] = to
}

// retell finds out that an item moved at another time, or not at all.
func (h *history) retell() {
	b := any1(h, h.items)
	moves, err := h.scope.MovesOf(h.t.Context(), []needle.BacklogItemID{b.ID})
	h.do(err)
	if len(moves[b.ID]) < 2 {
		return
	}
	m := any1(h, moves[b.ID][1:])
	h.do(h.scope.SupersedeMoves(h.t.Context(), []store.MoveID{m.ID}, h.now))
	h.late++
	if h.r.IntN(4) > 0 {
		h.move(b, m.To, h.back())
	}
}

func (h *history) link(b *needle.BacklogItem, k *needle.KeyResult, at time.Time) {
	for _, c := range h.links {
		if c.ItemID == b.ID && c.KeyResultID == k.ID {
			return
		}
	}
	c := &needle.Contribution{
		Stamp: h.scope.Stamp(), ID: needle.NewContributionID(), ItemID: b.ID, KeyResultID: k.ID, Bet: h.bet(),
		Origin: needle.OriginPerson, AuthorID: &h.f.Owner.ID, ValidFrom: at,
	}
	h.do(h.scope.InsertContribution(h.t.Context(), c))
	h.do(h.scope.AppendContribution(h.t.Context(), c, at))
	h.links = append(h.links, c)
}

func (h *history) bet() needle.Bet {
	low, lag := float64(h.r.IntN(40)), h.r.IntN(8)
	return needle.Bet{Role: needle.RoleDrives, ExpectedLow: &low, ExpectedHigh: ptr(low + 10), LagMinDays: &lag, LagMaxDays: ptr(lag + 7)}
}

func (h *history) changeBet() {
	if len(h.links) == 0 {
		return
	}
	c := any1(h, h.links)
	c.Bet = h.bet()
	h.do(h.scope.UpdateContribution(h.t.Context(), c))
	h.do(h.scope.AppendContribution(h.t.Context(), c, h.back()))
}

func (h *history) unlink() {
	if len(h.links) == 0 {
		return
	}
	n := h.r.IntN(len(h.links))
	c, end := h.links[n], h.back()
	if end.Before(c.ValidFrom) {
		end = c.ValidFrom
	}
	c.ValidTo = &end
	h.do(h.scope.UpdateContribution(h.t.Context(), c))
	h.do(h.scope.AppendContribution(h.t.Context(), c, end))
	h.links = slices.Delete(h.links, n, n+1)
}

func (h *history) happen() {
	h.events = append(h.events, h.f.OutsideEvent(func(e *needle.OutsideEvent) {
		e.KeyResultID, e.From, e.RecordedAt = any1(h, h.keyResults).ID, h.back(), h.now
		e.To = e.From.Add(time.Duration(h.r.IntN(72)) * time.Hour)
	}))
}

func (h *history) correctEvent() {
	if len(h.events) == 0 {
		return
	}
	n := h.r.IntN(len(h.events))
	h.events[n] = h.f.CorrectEvent(h.events[n], h.now, func(e *needle.OutsideEvent) {
		e.Title += ", corrected"
		e.From = h.back()
		e.To = e.From
	})
}

func (h *history) takeBackEvent() {
	if len(h.events) == 0 {
		return
	}
	n := h.r.IntN(len(h.events))
	h.do(h.scope.RemoveOutsideEvents(h.t.Context(), []needle.OutsideEventID{h.events[n].ID}, h.now, h.f.Owner.ID))
	h.events = slices.Delete(h.events, n, n+1)
}

func (h *history) attach() {
	if len(h.links) == 0 || h.r.IntN(2) == 0 {
		return
	}
	h.experiments = append(h.experiments, h.f.Experiment(func(x *needle.Experiment) { x.ContributionID, x.RecordedAt = any1(h, h.links).ID, h.now }))
}

func (h *history) takeBackExperiment() {
	if len(h.experiments) == 0 {
		return
	}
	n := h.r.IntN(len(h.experiments))
	x, at := h.experiments[n], h.now
	x.RemovedAt, x.RemovedBy = &at, &h.f.Owner.ID
	h.do(h.scope.RemoveExperiment(h.t.Context(), x))
	h.experiments = slices.Delete(h.experiments, n, n+1)
}

// read ends a pass over the tracker, which began up to a day earlier.
func (h *history) read() {
	h.f.SyncRun(func(r *needle.SyncRun) {
		r.SourceID, r.StartedAt, r.FinishedAt = h.source.ID, h.now.Add(-time.Duration(h.r.IntN(5))*6*time.Hour), ptr(h.now)
		r.Kind = any1(h, []needle.SyncKind{needle.SyncIncremental, needle.SyncBackfill, needle.SyncCensus})
		r.State = any1(h, []needle.SyncState{needle.SyncSucceeded, needle.SyncSucceeded, needle.SyncFailed})
	})
}
