package needle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

func TestIdea_movesOnlyAlongItsWays(t *testing.T) {
	t.Parallel()
	states := []needle.IdeaState{needle.IdeaOpen, needle.IdeaExploring, needle.IdeaPromoted, needle.IdeaParked}
	got := map[needle.IdeaState][]needle.IdeaState{}
	for _, from := range states {
		for _, to := range states {
			if (&needle.Idea{State: from}).CanMove(to) {
				got[from] = append(got[from], to)
			}
		}
	}
	want := map[needle.IdeaState][]needle.IdeaState{
		needle.IdeaOpen:      {needle.IdeaExploring, needle.IdeaPromoted, needle.IdeaParked},
		needle.IdeaExploring: {needle.IdeaPromoted, needle.IdeaParked},
		needle.IdeaParked:    {needle.IdeaOpen},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the ways are others:\n%s", diff)
	}
	for _, s := range states {
		i := &needle.Idea{State: s}
		if i.Undecided() != i.CanMove(needle.IdeaPromoted) {
			t.Errorf("%s: what is undecided can be promoted, and nothing else", s)
		}
	}
}

func TestIdea_isEditedByItsAuthorAndWhoDecides(t *testing.T) {
	t.Parallel()
	author := needle.NewUserID()
	i := &needle.Idea{CreatedBy: author}
	for _, tc := range []struct {
		who  string
		v    needle.Viewer
		want bool
	}{
		{"its author", needle.Viewer{UserID: author, Role: needle.RoleViewer}, true},
		{"a viewer", needle.Viewer{UserID: needle.NewUserID(), Role: needle.RoleViewer, Scopes: needle.AllScopes()}, false},
		{"a member", needle.Viewer{UserID: needle.NewUserID(), Role: needle.RoleMember, Scopes: needle.AllScopes()}, true},
		{"a member whose token may not decide", needle.Viewer{UserID: needle.NewUserID(), Role: needle.RoleMember, Scopes: []needle.TokenScope{needle.ScopeWritePain}}, false},
	} {
		if got := i.CanEdit(tc.v); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.who, got, tc.want)
		}
	}
}

func TestRaiseIdeaInput_isForExactlyOneThing(t *testing.T) {
	t.Parallel()
	pain, keyResult := needle.NewPainPointID(), needle.NewKeyResultID()
	for _, tc := range []struct {
		in   needle.RaiseIdeaInput
		want string
	}{
		{needle.RaiseIdeaInput{Title: "x", PainPointID: &pain}, ""},
		{needle.RaiseIdeaInput{Title: "x", KeyResultID: &keyResult}, ""},
		{needle.RaiseIdeaInput{Title: "x"}, "REQUIRED input.painPointId"},
		{needle.RaiseIdeaInput{Title: "x", PainPointID: &pain, KeyResultID: &keyResult}, "INVALID input.keyResultId"},
	} {
		if got := problems(tc.in.Validate()); got != tc.want {
			t.Errorf("%+v answers %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestPromoteIdeaInput_takesTheIdeasTextsUnlessItHasItsOwn(t *testing.T) {
	t.Parallel()
	i := &needle.Idea{Title: "Pay back at once", Description: "By card"}
	got := needle.PromoteIdeaInput{}.Item(i)
	if got.Title != i.Title || *got.Description != i.Description {
		t.Errorf("the item is %+v", got)
	}
	title, none := "A page for each refund", ""
	got = needle.PromoteIdeaInput{Title: &title, Description: &none}.Item(i)
	if got.Title != title || *got.Description != "" {
		t.Errorf("the item is %+v", got)
	}
}
