package planning_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// lateWrite is something that Needle learns today, about today or about weeks ago.
type lateWrite struct {
	name string
	// arrange adds to the story what the write is about, long before it; nil when nothing needs to be.
	arrange func(t testing.TB, s *story)
	write   func(t testing.TB, s *story)
	// see is what tells that today's answer took notice: what it was before the write and is after it.
	see     seen
	was, is string
}

// run demands that the write changes today's answer as said, and none of any instant before it to the last byte, and that
// what was worked out before it is not told after it.
func (l lateWrite) run(t *testing.T, h *house) {
	t.Helper()
	s := h.story(t)
	if l.arrange != nil {
		l.arrange(t, s)
	}
	instants := []time.Time{ago(100), ago(39), ago(26), ago(1), s.scope.Now()}
	before := make([]string, len(instants))
	for i, at := range instants {
		before[i] = s.told(t, at)
	}
	if got := s.look(t, instants[4], l.see); got != l.was {
		t.Errorf("before the write one sees %q, want %q", got, l.was)
	}
	given(s.planner.ComputeDueAttributions(t.Context()))
	l.write(t, s)
	neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID})
	for i, at := range instants {
		same(t, "as of "+at.String()+" the answers before the write (-) and after it (+)", before[i], s.told(t, at))
	}
	now := s.scope.Now()
	if got := s.look(t, now, l.see); got != l.is {
		t.Errorf("after the write one sees %q, want %q", got, l.is)
	}
	s.told(t, now) // Both ways of asking agree on it.
}

const alone = "SOLE_CANDIDATE INSIDE"

func TestAttribution_valuesThatAreLearntLateChangeTodayAndNotYesterday(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, l := range []lateWrite{
		{
			name: "a check-in that is entered late",
			write: func(t testing.TB, s *story) {
				must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{KeyResultID: s.rise.ID, Value: 135, MeasuredAt: ptr(ago(26.5))}))
			},
			see: went, was: "19 over 2 check-ins, INSIDE", is: "34 over 3 check-ins, ABOVE",
		},
		{
			name: "one from before the first delivery, which the limits rest on",
			write: func(t testing.TB, s *story) {
				must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{KeyResultID: s.rise.ID, Value: 190, MeasuredAt: ptr(ago(70.5))}))
			},
			see: graded, was: alone, is: "NO_MOVEMENT_SEEN INSIDE",
		},
		{
			name: "a value that is corrected",
			write: func(t testing.TB, s *story) {
				must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{KeyResultID: s.rise.ID, Value: 101, SupersedesID: &s.last.ID}))
			},
			see: went, was: "19 over 2 check-ins, INSIDE", is: "0 over 2 check-ins, BELOW",
		},
		{
			name: "a correction of a correction",
			arrange: func(_ testing.TB, s *story) {
				s.last = s.f.CheckIn(func(c *needle.CheckIn) {
					c.KeyResultID, c.Value, c.MeasuredAt, c.RecordedAt, c.SupersedesID = s.rise.ID, 101, s.last.MeasuredAt, ago(20), &s.last.ID
				})
			},
			write: func(t testing.TB, s *story) {
				must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{KeyResultID: s.rise.ID, Value: 121, SupersedesID: &s.last.ID}))
			},
			see: went, was: "0 over 2 check-ins, BELOW", is: "20 over 2 check-ins, INSIDE",
		},
		{
			name: "a correction that moves a value to another day",
			write: func(t testing.TB, s *story) {
				must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{
					KeyResultID: s.rise.ID, Value: 120, SupersedesID: &s.last.ID, MeasuredAt: ptr(ago(41)),
				}))
			},
			see: graded, was: alone, is: "INSUFFICIENT_DATA ROUTINE_AT_OPENING BELOW",
		},
		{
			name: "a target that is moved, for the time before as well",
			write: func(t testing.TB, s *story) {
				must[needle.KeyResult](t)(s.planner.ChangeGoal(s.ctx, needle.ChangeGoalInput{
					ID: s.rise.ID, Goal: needle.GoalInput{Baseline: ptr(80.0), Target: ptr(115.0)}, Reason: "Agreed in spring", ValidFrom: ptr(ago(50)),
				}))
			},
			see: foretold, was: "Brier score 0.29 of 2, target 130", is: "Brier score 0.09 of 2, target 115",
		},
		{
			name: "a target that is moved from now on",
			write: func(t testing.TB, s *story) {
				must[needle.KeyResult](t)(s.planner.ChangeGoal(s.ctx, needle.ChangeGoalInput{
					ID: s.rise.ID, Goal: needle.GoalInput{Baseline: ptr(80.0), Target: ptr(115.0)}, Reason: "It is all we can",
				}))
			},
			see: foretold, was: "Brier score 0.29 of 2, target 130", is: "Brier score 0.29 of 2, target 115",
		},
		{
			name: "a key result that is written",
			write: func(t testing.TB, s *story) {
				must[needle.KeyResult](t)(s.planner.CreateKeyResult(s.ctx, needle.CreateKeyResultInput{
					ObjectiveID: s.rise.ObjectiveID, Title: "Time to the first answer", Unit: ptr("hours"),
					Goal: needle.GoalInput{Baseline: ptr(1.0), Target: ptr(2.0)},
				}))
			},
			see: gapsOf(needle.GapStarved), was: "KR-1", is: "KR-1 KR-3",
		},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.run(t, h)
		})
	}
}

func TestAttribution_linksThatAreLearntLateChangeTodayAndNotYesterday(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	link := func(t testing.TB, s *story, b *needle.BacklogItem, bet *needle.BetInput) {
		must[needle.Contribution](t)(s.planner.Link(s.ctx, needle.LinkInput{ItemID: b.ID, KeyResultID: s.rise.ID, Bet: bet}))
	}
	unlink := func(t testing.TB, s *story, c *needle.Contribution) {
		must[needle.Contribution](t)(s.planner.Unlink(s.ctx, needle.UnlinkInput{ContributionID: c.ID}))
	}
	for _, l := range []lateWrite{
		{
			name:    "a link that is made after the delivery",
			arrange: func(_ testing.TB, s *story) { s.other = s.item(45, 38) },
			write:   func(t testing.TB, s *story) { link(t, s, s.other, nil) },
			see:     both(graded, gapsOf(needle.GapRetroFit)), was: alone + "; ", is: "SHARED_MOVEMENT OTHER_WORK UNTESTABLE; KR-1 B-10",
		},
		{
			name:    "another link that is ended after its delivery",
			arrange: func(_ testing.TB, s *story) { s.theirs = s.link(s.item(45, 38), s.rise, 80) },
			write:   func(t testing.TB, s *story) { unlink(t, s, s.theirs) },
			see:     graded, was: "SHARED_MOVEMENT OTHER_WORK UNTESTABLE", is: "SHARED_MOVEMENT UNLINKED_WORK UNTESTABLE",
		},
		{
			name: "a link that is ended and made again",
			write: func(t testing.TB, s *story) {
				unlink(t, s, s.moved)
				s.moved = must[needle.Contribution](t)(s.planner.Link(s.ctx, needle.LinkInput{
					ItemID: s.work.ID, KeyResultID: s.rise.ID, Bet: &needle.BetInput{LagMaxDays: ptr(14)},
				}))
			},
			see: graded, was: alone, is: "SHARED_MOVEMENT YOUNGER_LINK UNTESTABLE",
		},
		{
			name:  "the link itself that is ended",
			write: func(t testing.TB, s *story) { unlink(t, s, s.moved) },
			see:   graded, was: alone, is: "no link",
		},
		{
			name: "a link to work that was delivered just too long ago to count for cycle times",
			arrange: func(_ testing.TB, s *story) {
				s.other = s.item(131, 39+90)
				open := s.f.Item(func(b *needle.BacklogItem) { b.CreatedAt = ago(100) })
				s.f.Contribution(func(c *needle.Contribution) {
					c.ItemID, c.KeyResultID, c.ValidFrom, c.LagMinDays, c.LagMaxDays = open.ID, s.rise.ID, ago(80), ptr(60), ptr(70)
				})
			},
			write: func(t testing.TB, s *story) { link(t, s, s.other, nil) },
			see:   both(graded, gapsOf(needle.GapLateWork)), was: alone + "; KR-1 B-11", is: "INSUFFICIENT_DATA BASELINE_CHECK_INS INSIDE; KR-1 B-11",
		},
		{
			name: "a bet that is changed after the start",
			write: func(t testing.TB, s *story) {
				link(t, s, s.work, &needle.BetInput{ExpectedLow: ptr(1.0), ExpectedHigh: ptr(2.0), LagMaxDays: ptr(30)})
			},
			see: versions, was: "15 to 25, later none", is: "15 to 25, later 1 to 2",
		},
		{
			name: "a link to a fourth key result",
			arrange: func(_ testing.TB, s *story) {
				for range 2 {
					s.further = s.keyResult("Another share")
					s.link(s.work, s.further, 80)
				}
				s.further = s.keyResult("One more share")
			},
			write: func(t testing.TB, s *story) {
				must[needle.Contribution](t)(s.planner.Link(s.ctx, needle.LinkInput{ItemID: s.work.ID, KeyResultID: s.further.ID}))
			},
			see: gapsOf(needle.GapSpray), was: "", is: "B-1",
		},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.run(t, h)
		})
	}
}

func TestAttribution_movesOfWorkThatAreLearntLateChangeTodayAndNotYesterday(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	status := func(to needle.StatusCategory) func(testing.TB, *story) {
		return func(t testing.TB, s *story) {
			must[needle.BacklogItem](t)(s.planner.UpdateBacklogItem(s.ctx, needle.UpdateBacklogItemInput{ID: s.work.ID, Status: &to}))
		}
	}
	for _, l := range []lateWrite{
		{
			name:  "work that is reopened",
			write: status(needle.StatusInProgress),
			see:   graded, was: alone, is: "NOT_DELIVERED",
		},
		{
			name:  "work that is dropped after all",
			write: status(needle.StatusDropped),
			see:   graded, was: alone, is: "NOT_DELIVERED",
		},
		{
			name: "work that serves nothing and is delivered",
			write: func(t testing.TB, s *story) {
				done := needle.StatusDone
				b := must[needle.BacklogItem](t)(s.planner.CreateBacklogItem(s.ctx, needle.CreateBacklogItemInput{TeamID: s.team, Title: "Tidy up", Effort: ptr(30.0)}))
				must[needle.BacklogItem](t)(s.planner.UpdateBacklogItem(s.ctx, needle.UpdateBacklogItemInput{ID: b.ID, Status: &done}))
			},
			see: gapsOf(needle.GapOrphanWork), was: "", is: "B-10",
		},
		{
			name:    "a tracker's history that dates the delivery otherwise",
			arrange: mirrored,
			write: func(t testing.TB, s *story) {
				s.retell(t, needle.StatusDone, ago(30))
			},
			see: delivered, was: ago(40).String(), is: ago(30).String(),
		},
		{
			name:    "a tracker's history that knows of an earlier start, before the bet",
			arrange: mirrored,
			write: func(t testing.TB, s *story) {
				s.retell(t, needle.StatusInProgress, ago(90))
			},
			see: graded, was: alone, is: "SOLE_CANDIDATE UNTESTABLE",
		},
		{
			name: "a tracker that is read again after a while",
			arrange: func(t testing.TB, s *story) {
				s.mirror(t, ago(3))
			},
			write: func(_ testing.TB, s *story) {
				now := s.scope.Now()
				s.f.SyncRun(func(r *needle.SyncRun) { r.StartedAt, r.FinishedAt = now, &now })
			},
			see: graded, was: "INSUFFICIENT_DATA FRESH_TRACKER_DATA INSIDE", is: alone,
		},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.run(t, h)
		})
	}
}

// mirrored makes the story's work a mirror of an issue whose tracker was read before each instant that is asked for.
func mirrored(t testing.TB, s *story) { s.mirror(t, ago(101), ago(39.5), ago(26.5), ago(1.5)) }

func (s *story) mirror(t testing.TB, reads ...time.Time) {
	t.Helper()
	issue := s.f.Issue()
	if _, err := s.house.store.DB().ExecContext(t.Context(), "UPDATE backlog_items SET issue_id = ? WHERE id = ?", issue.ID, s.work.ID); err != nil {
		t.Fatal(err)
	}
	for _, at := range reads {
		s.f.SyncRun(func(r *needle.SyncRun) { r.StartedAt, r.FinishedAt = at, ptr(at.Add(time.Minute)) })
	}
}

// retell supersedes the move of the story's work to a status by one at another time, as package syncing does with the
// histories of issues.
func (s *story) retell(t testing.TB, to needle.StatusCategory, at time.Time) {
	t.Helper()
	err := s.scope.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
		now := tx.Now()
		moves, err := tx.MovesOf(ctx, []needle.BacklogItemID{s.work.ID})
		if err != nil {
			return err
		}
		for _, m := range moves[s.work.ID] {
			if m.To != to {
				continue
			}
			if err := tx.SupersedeMoves(ctx, []store.MoveID{m.ID}, now); err != nil {
				return err
			}
			m.OccurredAt, m.RecordedAt = at, now
			if err := tx.AppendTransitions(ctx, []needle.ItemTransition{m.ItemTransition}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func went(s *story, e *impact.Evidence, _ needle.AttributionFacts) string {
	a := s.ofMoved(e)
	return fmt.Sprintf("%v over %d check-ins, %s", a.Movement.Change, a.Movement.CheckIns, a.Verdict.Verdict)
}

func delivered(s *story, e *impact.Evidence, _ needle.AttributionFacts) string {
	return s.ofMoved(e).DeliveredAt.UTC().String()
}

func versions(s *story, e *impact.Evidence, _ needle.AttributionFacts) string {
	bet, later := s.ofMoved(e).Bet, "none"
	for _, v := range bet.Later {
		later = fmt.Sprintf("%v to %v", *v.ExpectedLow, *v.ExpectedHigh)
	}
	return fmt.Sprintf("%v to %v, later %s", *bet.Locked.ExpectedLow, *bet.Locked.ExpectedHigh, later)
}

// foretold sees how well confidence foretold what came true, and the target of the key result that rose.
func foretold(s *story, _ *impact.Evidence, f needle.AttributionFacts) string {
	c := impact.Calibrate([]needle.AttributionFacts{f})
	var goals []*needle.GoalVersion
	for _, g := range f.Goals {
		if g.KeyResultID == s.rise.ID {
			goals = append(goals, g)
		}
	}
	return fmt.Sprintf("Brier score %.2f of %d, target %v", *c.Brier, c.Forecasts, *impact.GoalAsOf(goals, f.AsOf).Target)
}

// gapsOf sees what the gaps of a kind are about.
func gapsOf(kind needle.GapKind) seen {
	return func(_ *story, e *impact.Evidence, _ needle.AttributionFacts) string {
		var of []string
		for _, g := range e.Gaps() {
			if g.Kind == kind && g.KeyResult != nil {
				of = append(of, g.KeyResult.Key())
			}
			for _, item := range g.Items {
				if g.Kind == kind {
					of = append(of, item.Key())
				}
			}
		}
		return strings.Join(of, " ")
	}
}

func both(one, other seen) seen {
	return func(s *story, e *impact.Evidence, f needle.AttributionFacts) string {
		return one(s, e, f) + "; " + other(s, e, f)
	}
}

// TestAttribution_whatHasNoHistoryIsAsItIsNow holds what docs/attribution.md admits.
func TestAttribution_whatHasNoHistoryIsAsItIsNow(t *testing.T) {
	t.Parallel()
	s := newHouse(t).story(t)
	other := s.item(45, 38)
	s.link(other, s.rise, 80)
	yesterday := func(want string) {
		t.Helper()
		if got := s.look(t, ago(1), graded); got != want {
			t.Errorf("yesterday's grade is %q, want %q", got, want)
		}
	}
	yesterday("SHARED_MOVEMENT OTHER_WORK UNTESTABLE")
	given(s.planner.ComputeDueAttributions(t.Context()))
	must[needle.BacklogItem](t)(s.planner.UpdateBacklogItem(s.ctx, needle.UpdateBacklogItemInput{
		ID: other.ID, ParentID: needle.Given(&s.work.ID),
	}))
	yesterday(alone)
	neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID})
}
