package planning_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

// park puts an idea aside.
func (w *world) park(id needle.IdeaID) {
	w.t.Helper()
	must[needle.Idea](w.t)(w.planner.ParkIdea(w.ctx, needle.ParkIdeaInput{ID: id, Reason: "We are three people"}))
}

// promote makes the world's idea an item.
func promote(w *world) {
	w.t.Helper()
	must[needle.Idea](w.t)(w.planner.PromoteIdea(w.ctx, needle.PromoteIdeaInput{ID: w.idea, TeamID: w.team}))
}

func parkIdea(w *world) { w.park(w.idea) }

// ideaForResult raises an idea for the world's key result.
func (w *world) ideaForResult() needle.IdeaID {
	return w.f.Idea(func(i *needle.Idea) { i.KeyResultID, i.Description = &w.keyResult, "In one click" }).ID
}

func TestRaiseIdea(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	type input = needle.RaiseIdeaInput
	u := useCase[input, needle.Idea]{
		do: (*planning.Planner).RaiseIdea, action: needle.ActRaiseIdea, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{Title: "Pay back at once", Description: ptr("By card"), PainPointID: &w.pain}
		},
		refused: []refusal[input]{
			{
				name:   "no title, for nothing",
				change: func(_ *world, in *input) { in.Title, in.PainPointID = "", nil },
				want:   []string{"REQUIRED input.title", "REQUIRED input.painPointId"},
			},
			{
				name:   "for two things",
				change: func(w *world, in *input) { in.KeyResultID = &w.keyResult },
				want:   []string{"INVALID input.keyResultId"},
			},
			{name: "for a dismissed pain point", arrange: dismiss, want: []string{"CONFLICT input.painPointId"}},
			{
				name: "for a key result of a closed objective", arrange: closeObjective,
				change: func(w *world, in *input) { in.PainPointID, in.KeyResultID = nil, &w.keyResult },
				want:   []string{"CONFLICT input.keyResultId"},
			},
		},
		refers: []reference[input]{
			{"input.painPointId", func(in *input, of ids) { in.PainPointID = &of.pain }},
			{"input.keyResultId", func(in *input, of ids) { in.PainPointID, in.KeyResultID = nil, &of.keyResult }},
		},
	}
	u.run(t, h)
}

func TestRaiseIdea_namesWhatAPainPointWasMergedInto(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	merge := w.f.Merge()
	if _, err := w.house.store.DB().DB.ExecContext(t.Context(), `UPDATE pain_points SET root_id = $1, merged_into_id = $1 WHERE id = $2`,
		w.pain.Raw(), merge.FromID.Raw()); err != nil {
		t.Fatal(err)
	}
	_, err := w.planner.RaiseIdea(w.ctx, needle.RaiseIdeaInput{Title: "Pay back at once", PainPointID: &merge.FromID})
	wantProblems(t, err, "CONFLICT input.painPointId")
	if !strings.Contains(err.Error(), "P-1") {
		t.Errorf("it says %q, want the key P-1 in it", err)
	}
}

func TestUpdateIdea(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	type input = needle.UpdateIdeaInput
	useCase[input, needle.Idea]{
		// Everybody who may raise ideas changes one of their own; the owner has one already.
		do: func(p *planning.Planner, ctx context.Context, in input) (*needle.Idea, error) {
			if v, _ := needle.ViewerFrom(ctx); v.May(needle.ActRaiseIdea) && v.Role != needle.RoleOwner {
				if _, err := h.store.DB().DB.ExecContext(ctx, `UPDATE ideas SET created_by = $1 WHERE id = $2`, v.UserID.Raw(), in.ID.Raw()); err != nil {
					t.Error(err)
				}
			}
			return p.UpdateIdea(ctx, in)
		},
		action: needle.ActRaiseIdea, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.idea, Title: ptr("Pay back at once"), Description: ptr("By card")}
		},
		refused: []refusal[input]{
			{
				name:   "an empty title",
				change: func(_ *world, in *input) { in.Title = ptr(" ") },
				want:   []string{"REQUIRED input.title"},
			},
			{name: "a promoted one", arrange: promote, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.idea }}},
	}.run(t, h)
}

func TestUpdateIdea_isForItsAuthorAndWhoDecides(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	update := func(ctx context.Context) error {
		_, err := w.planner.UpdateIdea(ctx, needle.UpdateIdeaInput{ID: w.idea, Title: ptr("Pay back at once")})
		return err
	}
	wantProblems(t, update(w.person(needle.RoleViewer, needle.FunctionCustomerFacing, needle.AllScopes()...)), "FORBIDDEN")
	wantProblems(t, update(w.as(needle.RoleMember, needle.ScopeWritePain)), "FORBIDDEN")
	wantProblems(t, update(w.as(needle.RoleMember, needle.ScopeWriteBacklog)), "FORBIDDEN")
	wantProblems(t, update(w.as(needle.RoleMember, needle.ScopeWritePain, needle.ScopeWriteBacklog)))
	w.park(w.idea)
	wantProblems(t, update(w.ctx))
}

func TestExploreIdea(t *testing.T) {
	t.Parallel()
	type input = needle.ExploreIdeaInput
	useCase[input, needle.Idea]{
		do: (*planning.Planner).ExploreIdea, action: needle.ActDecideIdea, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.idea} },
		refused: []refusal[input]{
			{name: "a parked one", arrange: parkIdea, want: []string{"CONFLICT input.id"}},
			{name: "a promoted one", arrange: promote, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.idea }}},
	}.run(t, newHouse(t))
}

func TestParkIdea(t *testing.T) {
	t.Parallel()
	type input = needle.ParkIdeaInput
	useCase[input, needle.Idea]{
		do: (*planning.Planner).ParkIdea, action: needle.ActDecideIdea, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.idea, Reason: "We are three people"} },
		refused: []refusal[input]{
			{name: "no reason", change: func(_ *world, in *input) { in.Reason = " " }, want: []string{"REQUIRED input.reason"}},
			{name: "a parked one", arrange: parkIdea, want: []string{"CONFLICT input.id"}},
			{name: "a promoted one", arrange: promote, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.idea }}},
	}.run(t, newHouse(t))
}

func TestReopenIdea(t *testing.T) {
	t.Parallel()
	type input = needle.ReopenIdeaInput
	useCase[input, needle.Idea]{
		do: (*planning.Planner).ReopenIdea, action: needle.ActDecideIdea, verb: needle.VerbMoved,
		valid: func(w *world) input {
			id := w.f.Idea(func(i *needle.Idea) { i.State, i.Reason = needle.IdeaParked, "Later" }).ID
			return input{ID: id}
		},
		refused: []refusal[input]{
			{name: "an open one", change: func(w *world, in *input) { in.ID = w.idea }, want: []string{"CONFLICT input.id"}},
			{name: "a promoted one", arrange: promote, change: func(w *world, in *input) { in.ID = w.idea }, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.idea }}},
	}.run(t, newHouse(t))
}

func TestPromoteIdea(t *testing.T) {
	t.Parallel()
	type input = needle.PromoteIdeaInput
	useCase[input, needle.Idea]{
		do: (*planning.Planner).PromoteIdea, action: needle.ActDecideIdea, verb: needle.VerbMoved,
		valid: func(w *world) input {
			return input{
				ID: w.idea, TeamID: w.team, Title: ptr("A page for each refund"), Description: ptr("Like a parcel"), Effort: ptr(3.0),
				ParentID: &w.epic, Moscow: ptr(needle.MoscowCould),
			}
		},
		refused: []refusal[input]{
			{
				name:   "an empty title and an effort below nothing",
				change: func(_ *world, in *input) { in.Title, in.Effort = ptr(""), ptr(-1.0) },
				want:   []string{"REQUIRED input.title", "OUT_OF_RANGE input.effort"},
			},
			{
				name:   "an epic of another team",
				change: func(w *world, in *input) { in.TeamID = w.parent },
				want:   []string{"INVALID input.parentId"},
			},
			{name: "a parked one", arrange: parkIdea, want: []string{"CONFLICT input.id"}},
			{name: "a promoted one", arrange: promote, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.idea }},
			{"input.teamId", func(in *input, of ids) { in.TeamID = of.team }},
			{"input.parentId", func(in *input, of ids) { in.ParentID = &of.epic }},
		},
	}.run(t, newHouse(t))
}

func TestPromoteIdea_makesAnItemWithTheIdeasTextsAndLink(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	idea := must[needle.Idea](t)(w.planner.PromoteIdea(w.ctx, needle.PromoteIdeaInput{ID: w.ideaForResult(), TeamID: w.team}))
	item, err := w.scope.BacklogItem(t.Context(), *idea.ItemID)
	if err != nil {
		t.Fatal(err)
	}
	want := &needle.BacklogItem{
		Stamp: item.Stamp, ID: *idea.ItemID, Number: item.Number, TeamID: w.team, Title: idea.Title, Description: "In one click",
		Status: needle.StatusTodo, Stage: needle.StageProposed, CreatedBy: &w.owner,
	}
	if diff := cmp.Diff(want, item); diff != "" {
		t.Errorf("the item is another:\n%s", diff)
	}
	wantRows(t, w, `SELECT to_status FROM item_transitions WHERE item_id = $1`, item.ID.UUID.String(), "TODO")
	link, err := w.scope.LiveContribution(t.Context(), item.ID, w.keyResult)
	if err != nil || link == nil {
		t.Fatal(err, link)
	}
	if link.Origin != needle.OriginPerson || *link.AuthorID != w.owner || !cmp.Equal(link.Bet, needle.Bet{Role: needle.RoleDrives}) {
		t.Errorf("the link is %s", asJSON(t, link))
	}
	wantRows(t, w, `SELECT role FROM contribution_versions WHERE contribution_id = $1`, link.ID.UUID.String(), "DRIVES")
}

func TestPromoteIdea_linksNothingUnlessItMay(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	id := w.ideaForResult()
	ctx := w.as(needle.RoleMember, needle.ScopeWriteBacklog)
	before := fingerprint(t, w)
	_, err := w.planner.PromoteIdea(ctx, needle.PromoteIdeaInput{ID: id, TeamID: w.team})
	wantProblems(t, err, "FORBIDDEN input.link")
	if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	idea := must[needle.Idea](t)(w.planner.PromoteIdea(ctx, needle.PromoteIdeaInput{ID: id, TeamID: w.team, Link: ptr(false)}))
	link, err := w.scope.LiveContribution(t.Context(), *idea.ItemID, w.keyResult)
	if err != nil || link != nil {
		t.Errorf("there is a link all the same: %v %v", link, err)
	}
}

func TestIdeas_tellTheirAuthorWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	author := w.f.User(func(u *needle.User) { u.Role, u.Function = needle.RoleViewer, needle.FunctionCustomerFacing })
	ctx := needle.WithViewer(t.Context(), w.f.Viewer(author))
	waits := func(want ...string) {
		t.Helper()
		wantRows(t, w, `SELECT i.state || ' ' || i.reason FROM inbox_items AS w JOIN ideas AS i ON i.id = w.subject
			WHERE w.kind = 'IDEA_DECIDED' AND w.user_id = $1 ORDER BY w.since`, author.ID.UUID.String(), want...)
	}
	raise := func(title string) needle.IdeaID {
		t.Helper()
		return must[needle.Idea](t)(w.planner.RaiseIdea(ctx, needle.RaiseIdeaInput{Title: title, PainPointID: &w.pain})).ID
	}
	parked, promoted := raise("Call everybody back"), raise("Pay back at once")
	waits()
	w.park(parked)
	must[needle.Idea](t)(w.planner.ExploreIdea(w.ctx, needle.ExploreIdeaInput{ID: promoted}))
	waits("PARKED We are three people")
	must[needle.Idea](t)(w.planner.PromoteIdea(w.ctx, needle.PromoteIdeaInput{ID: promoted, TeamID: w.team}))
	waits("PARKED We are three people", "PROMOTED ")
	reopened := must[needle.Idea](t)(w.planner.ReopenIdea(w.ctx, needle.ReopenIdeaInput{ID: parked}))
	if reopened.Reason != "" || *reopened.DecidedBy != w.owner {
		t.Errorf("the reopened idea is %s", asJSON(t, reopened))
	}
	waits("PROMOTED ")
}
