package needle_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestItems(t *testing.T) {
	t.Parallel()
	id := needle.NewBacklogItemID()
	checkRules(t, []rule{
		{"an effort below nothing", needle.CreateBacklogItemInput{Title: "Pay", Effort: ptr(-1.0)}.Validate(), "OUT_OF_RANGE input.effort"},
		{"an effort that is no number", needle.CreateBacklogItemInput{Title: "Pay", Effort: ptr(math.NaN())}.Validate(), "OUT_OF_RANGE input.effort"},
		{"its own epic", needle.UpdateBacklogItemInput{ID: id, ParentID: needle.Given(&id)}.Validate(), "INVALID input.parentId"},
		{"nothing new", needle.UpdateBacklogItemInput{ID: id}.Validate(), ""},
	})
}

func TestItems_moveWithAllThatFollows(t *testing.T) {
	t.Parallel()
	statuses := []needle.StatusCategory{needle.StatusTodo, needle.StatusInProgress, needle.StatusDone, needle.StatusDropped}
	rapid.Check(t, func(t *rapid.T) {
		b := needle.BacklogItem{Status: needle.StatusTodo, Stage: needle.StageProposed}
		var started, delivered *time.Time
		for i := range rapid.IntRange(1, 8).Draw(t, "moves") {
			to, at := rapid.SampledFrom(statuses).Draw(t, "to"), noon().AddDate(0, 0, i)
			changes := to != b.Status
			if b.MoveTo(to, at) != changes {
				t.Fatalf("a move to %s changed nothing, or something", to)
			}
			if to == needle.StatusInProgress && started == nil {
				started = &at
			}
			if changes {
				delivered = nil
				if to == needle.StatusDone {
					delivered = &at
				}
			}
			if b.Status != to || !cmp.Equal(b.StartedAt, started) || !cmp.Equal(b.DeliveredAt, delivered) {
				t.Fatalf("moved to %s the item is %+v", to, b)
			}
			want := map[needle.StatusCategory][]needle.Stage{
				needle.StatusTodo:       {needle.StageProposed, needle.StageAccepted},
				needle.StatusInProgress: {needle.StageInProgress},
				needle.StatusDone:       {needle.StageDelivered, needle.StageClosed},
				needle.StatusDropped:    {needle.StageClosed},
			}[to]
			if !slices.Contains(want, b.Stage) {
				t.Fatalf("moved to %s the item is %s", to, b.Stage)
			}
		}
	})
	for stage, want := range map[needle.Stage]needle.Stage{
		needle.StageProposed: needle.StageDelivered, needle.StageInProgress: needle.StageDelivered, needle.StageClosed: needle.StageClosed,
	} {
		if got := needle.StageFor(needle.StatusDone, stage); got != want {
			t.Errorf("done, %s becomes %s, want %s", stage, got, want)
		}
	}
}
