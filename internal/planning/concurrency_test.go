package planning_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// atOnce calls do n times, all released at one moment, and returns the errors by call.
func atOnce(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// outcomes counts what the calls answered, "" for success.
func outcomes(errs []error) map[string]int {
	counts := map[string]int{}
	for _, err := range errs {
		switch found := problems(err); {
		case err == nil:
			counts[""]++
		case found == nil:
			counts[err.Error()]++
		default:
			counts[found[0]]++
		}
	}
	return counts
}

func wantOutcomes(t *testing.T, errs []error, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, outcomes(errs)); diff != "" {
		t.Errorf("the calls answered otherwise:\n%s", diff)
	}
}

func TestUpdates_ofOneVersionHaveOneWinner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, update := range map[string]func(w *world) error{
		"workspace": func(w *world) error {
			_, err := w.planner.UpdateWorkspace(w.ctx, needle.UpdateWorkspaceInput{Name: ptr("Shop"), ExpectedVersion: ptr(1)})
			return err
		},
		"team": func(w *world) error {
			_, err := w.planner.UpdateTeam(w.ctx, needle.UpdateTeamInput{ID: w.team, Name: ptr("Pay"), ExpectedVersion: ptr(1)})
			return err
		},
		"pain point": func(w *world) error {
			_, err := w.planner.UpdatePainPoint(w.ctx, needle.UpdatePainPointInput{ID: w.pain, Severity: ptr(5), ExpectedVersion: ptr(1)})
			return err
		},
		"objective": func(w *world) error {
			_, err := w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.objective, Title: ptr("Fast"), ExpectedVersion: ptr(1)})
			return err
		},
		"key result": func(w *world) error {
			_, err := w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{ID: w.otherResult, Goal: goal(1, 2), Reason: "new", ExpectedVersion: ptr(1)})
			return err
		},
		"item": func(w *world) error {
			_, err := w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: w.item, Status: ptr(needle.StatusDone), ExpectedVersion: ptr(1)})
			return err
		},
		"link": func(w *world) error {
			_, err := w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.item, KeyResultID: w.otherResult, ExpectedVersion: ptr(1)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := h.world(t)
			before := len(w.activities(t))
			errs := atOnce(4, func(int) error { return update(w) })
			wantOutcomes(t, errs, map[string]int{"": 1, "CONFLICT input.expectedVersion": 3})
			told := map[string]int{}
			for _, a := range w.activities(t)[before:] {
				told[string(a.Verb)+" "+a.SubjectID]++
			}
			for what, n := range told {
				if n != 1 {
					t.Errorf("%s was recorded %d times", what, n)
				}
			}
			if len(told) == 0 {
				t.Error("nothing was recorded")
			}
		})
	}
}

func TestCreations_atOnceGetNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	numbers := make([]int, 20)
	errs := atOnce(len(numbers), func(i int) error {
		b, err := w.planner.CreateBacklogItem(w.ctx, needle.CreateBacklogItemInput{TeamID: w.team, Title: "Item"})
		if err == nil {
			numbers[i] = b.Number
		}
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": len(numbers)})
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != numbers[0]+i {
			t.Fatalf("the numbers are %v", numbers)
		}
	}
}

func TestAlignment_neverClosesALoop(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 5 {
		a, b, c := w.f.Objective().ID, w.f.Objective().ID, w.f.Objective().ID
		k := w.f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = a }).ID
		serves := []needle.UpdateObjectiveInput{
			{ID: a, ParentObjectiveID: needle.Given(&b)},
			{ID: b, ParentObjectiveID: needle.Given(&c)},
			{ID: c, ParentKeyResultID: needle.Given(&k)},
		}
		errs := atOnce(len(serves), func(i int) error {
			_, err := w.planner.UpdateObjective(w.ctx, serves[i])
			return err
		})
		counts := outcomes(errs)
		refused := counts["INVALID input.parentObjectiveId"] + counts["INVALID input.parentKeyResultId"]
		if counts[""] != 2 || refused != 1 {
			t.Fatalf("the calls answered %v", counts)
		}
	}
}

func TestAlignment_neverClosesALoopOfKeyResults(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 5 {
		const n = 4
		serves := make([]needle.UpdateObjectiveInput, n)
		var keyResults [n]needle.KeyResultID
		for i := range serves {
			serves[i].ID = w.f.Objective().ID
			keyResults[i] = w.f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = serves[i].ID }).ID
		}
		for i := range serves {
			serves[i].ParentKeyResultID = needle.Given(&keyResults[(i+1)%n])
		}
		errs := atOnce(n, func(i int) error {
			_, err := w.planner.UpdateObjective(w.ctx, serves[i])
			return err
		})
		wantOutcomes(t, errs, map[string]int{"": n - 1, "INVALID input.parentKeyResultId": 1})
	}
}

func TestTrees_neverCloseALoop(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 5 {
		teams := []needle.TeamID{w.f.Team().ID, w.f.Team().ID}
		errs := atOnce(2, func(i int) error {
			_, err := w.planner.UpdateTeam(w.ctx, needle.UpdateTeamInput{ID: teams[i], ParentID: needle.Given(&teams[1-i])})
			return err
		})
		wantOutcomes(t, errs, map[string]int{"": 1, "INVALID input.parentId": 1})

		items := []needle.BacklogItemID{w.f.Item().ID, w.f.Item().ID}
		errs = atOnce(2, func(i int) error {
			_, err := w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: items[i], ParentID: needle.Given(&items[1-i])})
			return err
		})
		wantOutcomes(t, errs, map[string]int{"": 1, "INVALID input.parentId": 1})
	}
}

func TestOwners_neverDemoteEachOther(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	other := w.f.User(func(u *needle.User) { u.Role = needle.RoleOwner })
	people := []needle.UserID{w.owner, other.ID}
	for range 8 {
		errs := atOnce(2, func(i int) error {
			_, err := w.planner.UpdateUser(w.ctx, needle.UpdateUserInput{ID: people[i], Role: ptr(needle.RoleMember)})
			return err
		})
		wantOutcomes(t, errs, map[string]int{"": 1, "CONFLICT input.role": 1})
		for i, err := range errs {
			if err == nil { // This one gets the role back for the next round.
				must[needle.User](t)(w.planner.UpdateUser(w.ctx, needle.UpdateUserInput{ID: people[i], Role: ptr(needle.RoleOwner)}))
			}
		}
	}
}

func TestCheckIns_atOnceKeepTheKeyResultsValue(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	errs := atOnce(16, func(i int) error {
		in := needle.RecordCheckInInput{
			KeyResultID: w.keyResult, Value: float64(i), MeasuredAt: ptr(storetest.Now().AddDate(0, 0, -(i*7)%16)),
		}
		if i%4 == 0 {
			in.SupersedesID, in.MeasuredAt = &w.checkIn, nil
		}
		_, err := w.planner.RecordCheckIn(w.ctx, in)
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": 13, "CONFLICT input.supersedesId": 3})
	wantPresent(t, w, w.keyResult)
}

func TestLinks_ofPeopleAndRulesAtOnceAreOne(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 3 {
		k := w.f.KeyResult().ID
		rule := w.f.LinkRule(func(r *needle.LinkRule) { r.KeyResultID, r.Pattern = k, "bug" })
		errs := atOnce(6, func(i int) error {
			switch i % 3 {
			case 0:
				return w.scope.InTx(w.ctx, func(ctx context.Context, tx store.Scope) error {
					_, err := tx.LinkItems(ctx, []needle.BacklogItemID{w.mirrored})
					return err
				})
			case 1:
				_, err := w.planner.UpdateLinkRule(w.ctx, needle.UpdateLinkRuleInput{ID: rule.ID, Bet: roleBet(needle.RoleGuards)})
				return err
			default:
				_, err := w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.mirrored, KeyResultID: k})
				return err
			}
		})
		wantOutcomes(t, errs, map[string]int{"": 6})
		c, err := w.scope.LiveContribution(t.Context(), w.mirrored, k)
		if err != nil {
			t.Fatal(err)
		}
		if c == nil || c.Origin != needle.OriginPerson {
			t.Errorf("the link is %s, want the person's", asJSON(t, c))
		}
	}
}

// Use cases that lock rows of each other's nouns must queue, not deadlock: nobody gets "try again" for a deadlock.
func TestUseCases_atOnceDoNotDeadlock(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	kinds := []func() error{
		func() error {
			_, err := w.planner.CreateObjective(w.ctx, needle.CreateObjectiveInput{
				TeamID: w.team, CycleID: w.cycle, Title: "Fast", ParentKeyResultID: &w.keyResult, PainPointIDs: []needle.PainPointID{w.pain},
			})
			return err
		},
		func() error {
			_, err := w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResult, Value: 1})
			return err
		},
		func() error {
			_, err := w.planner.CreateKeyResult(w.ctx, needle.CreateKeyResultInput{ObjectiveID: w.objective, Title: "K", OwnerID: &w.user})
			return err
		},
		func() error {
			_, err := w.planner.UpdateTeam(w.ctx, needle.UpdateTeamInput{ID: w.team, LeadID: needle.Given(&w.user)})
			return err
		},
		func() error {
			_, err := w.planner.CreateTeam(w.ctx, needle.CreateTeamInput{Key: "T" + randomKey(), Name: "T", LeadID: &w.user, ParentID: &w.team})
			return err
		},
		func() error {
			_, err := w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.item, KeyResultID: w.keyResult})
			return err
		},
		func() error {
			_, err := w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: w.item, ParentID: needle.Given(&w.epic)})
			return err
		},
		func() error {
			_, err := w.planner.CreateLinkRule(w.ctx, needle.CreateLinkRuleInput{Pattern: randomKey(), KeyResultID: w.keyResult})
			return err
		},
	}
	errs := atOnce(8*len(kinds), func(i int) error { return kinds[i%len(kinds)]() })
	wantOutcomes(t, errs, map[string]int{"": len(errs)})
}

// randomKey returns a few capital letters and digits that no other call returns.
func randomKey() string {
	text := needle.NewTeamID().UUID.String()
	return strings.ToUpper(text[len(text)-8:])
}
