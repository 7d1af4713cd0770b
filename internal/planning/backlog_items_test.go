package planning_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestCreateBacklogItem(t *testing.T) {
	t.Parallel()
	type input = needle.CreateBacklogItemInput
	useCase[input, needle.BacklogItem]{
		do: (*planning.Planner).CreateBacklogItem, action: needle.ActWriteItem, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{
				TeamID: w.team, Title: "Pay out at once", Description: ptr("By card"), Effort: ptr(3.0), ParentID: &w.epic,
				Moscow: ptr(needle.MoscowMust),
			}
		},
		refused: []refusal[input]{
			{
				name:   "no title and an endless effort",
				change: func(_ *world, in *input) { in.Title, in.Effort = "", ptr(math.Inf(1)) },
				want:   []string{"REQUIRED input.title", "OUT_OF_RANGE input.effort"},
			},
			{
				name:   "an epic of another team",
				change: func(w *world, in *input) { in.TeamID = w.parent },
				want:   []string{"INVALID input.parentId"},
			},
		},
		refers: []reference[input]{
			{"input.teamId", func(in *input, of ids) { in.TeamID = of.team }},
			{"input.parentId", func(in *input, of ids) { in.ParentID = &of.epic }},
		},
	}.run(t, newHouse(t))
}

func TestUpdateBacklogItem(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateBacklogItemInput
	useCase[input, needle.BacklogItem]{
		do: (*planning.Planner).UpdateBacklogItem, action: needle.ActWriteItem, verb: needle.VerbMoved,
		valid: func(w *world) input {
			return input{
				ID: w.item, Title: ptr("Pay out at once"), Description: ptr("By card"), Status: ptr(needle.StatusInProgress),
				Effort: needle.Given(ptr(3.0)), ParentID: needle.Given(&w.epic), Moscow: needle.Given(ptr(needle.MoscowShould)),
			}
		},
		refused: []refusal[input]{
			{
				name:   "an empty title and an effort below nothing",
				change: func(_ *world, in *input) { in.Title, in.Effort = ptr(""), needle.Given(ptr(-1.0)) },
				want:   []string{"REQUIRED input.title", "OUT_OF_RANGE input.effort"},
			},
			{
				name:   "itself as its epic",
				change: func(w *world, in *input) { in.ParentID = needle.Given(&w.item) },
				want:   []string{"INVALID input.parentId"},
			},
			{
				name: "an epic that lies below it",
				change: func(w *world, in *input) {
					below := w.f.Item(func(b *needle.BacklogItem) { b.ParentID = &w.item })
					in.ParentID = needle.Given(&w.f.Item(func(b *needle.BacklogItem) { b.ParentID = &below.ID }).ID)
				},
				want: []string{"INVALID input.parentId"},
			},
			{
				name:   "what a mirrored item has from its tracker",
				change: func(w *world, in *input) { in.ID = w.mirrored },
				want:   []string{"CONFLICT input.title", "CONFLICT input.description", "CONFLICT input.status"},
			},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.item }},
			{"input.parentId", func(in *input, of ids) { in.ParentID = needle.Given(&of.epic) }},
		},
	}.run(t, newHouse(t))
}

func TestUpdateBacklogItem_leavesAMirroredItemItsOwnPlanning(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	got := must[needle.BacklogItem](t)(w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{
		ID: w.mirrored, Effort: needle.Given(ptr(5.0)), Moscow: needle.Given(ptr(needle.MoscowCould)), ParentID: needle.Given(&w.epic),
	}))
	if *got.Effort != 5 || *got.Moscow != needle.MoscowCould || *got.ParentID != w.epic {
		t.Errorf("the item is %s", asJSON(t, got))
	}
}

func TestBacklogItems_keepTheirHistory(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	b := must[needle.BacklogItem](t)(w.planner.CreateBacklogItem(w.ctx, needle.CreateBacklogItemInput{TeamID: w.team, Title: "Pay out at once"}))
	if b.Stage != needle.StageProposed || b.Number != 5 || *b.CreatedBy != w.owner {
		t.Errorf("the new item is %s", asJSON(t, b))
	}
	update := func(in needle.UpdateBacklogItemInput) *needle.BacklogItem {
		t.Helper()
		in.ID = b.ID
		return must[needle.BacklogItem](t)(w.planner.UpdateBacklogItem(w.ctx, in))
	}
	started := update(needle.UpdateBacklogItemInput{Status: ptr(needle.StatusInProgress)})
	update(needle.UpdateBacklogItemInput{Status: ptr(needle.StatusInProgress), Moscow: needle.Given(ptr(needle.MoscowMust))})
	done := update(needle.UpdateBacklogItemInput{Status: ptr(needle.StatusDone), Moscow: needle.Given(ptr(needle.MoscowMust))})
	if done.Stage != needle.StageDelivered || !done.StartedAt.Equal(*started.StartedAt) || done.DeliveredAt == nil {
		t.Errorf("the delivered item is %s", asJSON(t, done))
	}
	reopened := update(needle.UpdateBacklogItemInput{Status: ptr(needle.StatusTodo), Moscow: needle.Given[needle.Moscow](nil)})
	if reopened.DeliveredAt != nil || reopened.Moscow != nil {
		t.Errorf("the reopened item is %s", asJSON(t, reopened))
	}
	wantRows(t, w, `SELECT coalesce(from_status, '-') || ' ' || to_status FROM item_transitions WHERE item_id = $1 ORDER BY recorded_at`,
		b.ID.UUID.String(), "- TODO", "TODO IN_PROGRESS", "IN_PROGRESS DONE", "DONE TODO")
	wantRows(t, w, `SELECT coalesce(moscow, '-') FROM item_priorities WHERE item_id = $1 ORDER BY recorded_at`,
		b.ID.UUID.String(), "MUST", "-")
}

func TestUpdateBacklogItem_closesDoneWorkAndTakesThatBack(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	update := func(in needle.UpdateBacklogItemInput) (*needle.BacklogItem, error) {
		in.ID = w.item
		return w.planner.UpdateBacklogItem(w.ctx, in)
	}
	for _, closed := range []bool{true, false} {
		_, err := update(needle.UpdateBacklogItemInput{Closed: &closed})
		if diff := cmp.Diff([]string{"CONFLICT input.closed"}, problems(err)); diff != "" {
			t.Errorf("work that has not begun, closed %t: %v\n%s", closed, err, diff)
		}
	}
	closed := must[needle.BacklogItem](t)(update(needle.UpdateBacklogItemInput{Status: ptr(needle.StatusDone), Closed: ptr(true)}))
	opened := must[needle.BacklogItem](t)(update(needle.UpdateBacklogItemInput{Closed: ptr(false)}))
	must[needle.BacklogItem](t)(update(needle.UpdateBacklogItemInput{Closed: ptr(true)}))
	if closed.Stage != needle.StageClosed || opened.Stage != needle.StageDelivered || !opened.DeliveredAt.Equal(*closed.DeliveredAt) {
		t.Errorf("closed it is %s, and then %s", asJSON(t, closed), asJSON(t, opened))
	}
	if a := w.activities(t); a[len(a)-1].Verb != needle.VerbMoved {
		t.Errorf("the activity is %s", asJSON(t, a[len(a)-1]))
	}
	dropped := must[needle.BacklogItem](t)(update(needle.UpdateBacklogItemInput{Status: ptr(needle.StatusDropped)}))
	if _, err := update(needle.UpdateBacklogItemInput{Closed: ptr(false)}); dropped.Stage != needle.StageClosed || problems(err) == nil {
		t.Errorf("dropped work is %s and was opened: %v", dropped.Stage, err)
	}
}

// wantRows compares the texts that a statement about one object answers.
func wantRows(t *testing.T, w *world, query, id string, want ...string) {
	t.Helper()
	rows, err := w.house.store.DB().DB.QueryContext(t.Context(), query, id)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var got []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		got = append(got, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the rows are others:\n%s", diff)
	}
}
