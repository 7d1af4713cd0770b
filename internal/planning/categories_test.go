package planning_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestCreateCategory(t *testing.T) {
	t.Parallel()
	type input = needle.CreateCategoryInput
	useCase[input, needle.Category]{
		do: (*planning.Planner).CreateCategory, action: needle.ActSetUp, verb: needle.VerbCreated,
		valid: func(*world) input { return input{Name: " Speed ", Description: ptr("It takes too long.")} },
		refused: []refusal[input]{
			{name: "no name", change: func(_ *world, in *input) { in.Name = " " }, want: []string{"REQUIRED input.name"}},
			{
				name:   "a name that is too long",
				change: func(_ *world, in *input) { in.Name = "a category whose name says more than a name" },
				want:   []string{"TOO_LONG input.name"},
			},
			{name: "a name that another has", change: func(_ *world, in *input) { in.Name = "QUALITY" }, want: []string{"DUPLICATE input.name"}},
			{name: "one in other case", change: func(_ *world, in *input) { in.Name = "privacy" }, want: []string{"DUPLICATE input.name"}},
		},
	}.run(t, newHouse(t))
}

func TestUpdateCategory(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateCategoryInput
	useCase[input, needle.Category]{
		do: (*planning.Planner).UpdateCategory, action: needle.ActSetUp, verb: needle.VerbUpdated,
		valid: func(w *world) input { return input{ID: w.category, Name: ptr("Speed"), Description: ptr("")} },
		refused: []refusal[input]{
			{name: "no name", change: func(_ *world, in *input) { in.Name = ptr("") }, want: []string{"REQUIRED input.name"}},
			{name: "another's name", change: func(_ *world, in *input) { in.Name = ptr("PRIVACY") }, want: []string{"DUPLICATE input.name"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.category }}},
	}.run(t, newHouse(t))
}

func TestDeleteCategory(t *testing.T) {
	t.Parallel()
	type input = needle.DeleteCategoryInput
	useCase[input, needle.Category]{
		do: (*planning.Planner).DeleteCategory, action: needle.ActSetUp, verb: needle.VerbDeleted, removes: true,
		valid: func(w *world) input { return input{ID: w.categoryTwo} },
		refused: []refusal[input]{
			{
				name: "one that a pain point is of",
				arrange: func(w *world) {
					w.f.PainPoint(func(p *needle.PainPoint) { p.Category = "Privacy" })
				},
				want: []string{"CONFLICT input.id"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.category }}},
	}.run(t, newHouse(t))
}

func TestUpdateCategory_painPointsFollow(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	p := w.f.PainPoint(func(p *needle.PainPoint) { p.Category = "Privacy" })
	must[needle.Category](t)(w.planner.UpdateCategory(w.ctx, needle.UpdateCategoryInput{ID: w.categoryTwo, Name: ptr("PRIVACY")}))
	// The rename is no change of the pain point, so whoever read it before may still change it.
	got := must[needle.PainPoint](t)(w.planner.UpdatePainPoint(w.ctx, needle.UpdatePainPointInput{ID: p.ID, Severity: ptr(5), ExpectedVersion: ptr(1)}))
	if got.Category != "PRIVACY" {
		t.Errorf("its category is %q", got.Category)
	}
}

// What one transaction gives a category to, another must not take the category from.
func TestCategories_areNotDeletedUnderAPainPoint(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 8 {
		c := w.f.Category()
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				_, err := w.planner.DeleteCategory(w.ctx, needle.DeleteCategoryInput{ID: c.ID})
				return err
			}
			_, err := w.planner.CreatePainPoint(w.ctx, needle.CreatePainPointInput{Title: "Slow", Category: &c.Name})
			return err
		})
		counts := outcomes(errs)
		if counts[""] != 1 || counts["CONFLICT input.id"]+counts["NOT_FOUND input.category"] != 1 {
			t.Fatalf("the calls answered %v", counts)
		}
	}
}
