package needle_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestChangesOf_writesNumbersInDecimal(t *testing.T) {
	t.Parallel()
	negative := math.Copysign(0, -1)
	there := &needle.KeyResult{
		Title: "Days", Weight: 1, Goal: needle.Goal{Baseline: number(1e6), Target: number(0.1), Stretch: number(0), BandLow: number(1)},
	}
	wanted := &needle.KeyResult{
		Title: "Days", Unit: "d", Weight: 2.5, Goal: needle.Goal{Baseline: number(1.5e-7), Target: number(0.1), Stretch: &negative, BandHigh: number(2)},
	}
	want := []needle.SuggestedChange{
		{Field: needle.FieldUnit, From: "", To: "d"},
		{Field: needle.FieldWeight, From: "1", To: "2.5"},
		{Field: needle.FieldBaseline, From: "1000000", To: "0.00000015"},
		{Field: needle.FieldBandLow, From: "1", To: ""},
		{Field: needle.FieldBandHigh, From: "", To: "2"},
	}
	if diff := cmp.Diff(want, needle.ChangesOf(there, wanted)); diff != "" {
		t.Errorf("the changes are others:\n%s", diff)
	}
}

func number(v float64) *float64 { return &v }

// anyKeyResult draws a key result's suggested fields.
func anyKeyResult(t *rapid.T, name string) *needle.KeyResult {
	text := rapid.SampledFrom([]string{"", "a", "b"})
	amount := rapid.Ptr(rapid.Float64(), true)
	return &needle.KeyResult{
		Title: text.Draw(t, name+" title"), Wording: text.Draw(t, name+" wording"), Unit: text.Draw(t, name+" unit"),
		Weight: rapid.Float64Range(0.001, 100).Draw(t, name+" weight"),
		Goal: needle.Goal{
			Baseline: amount.Draw(t, name+" baseline"), Target: amount.Draw(t, name+" target"), Stretch: amount.Draw(t, name+" stretch"),
			BandLow: amount.Draw(t, name+" low"), BandHigh: amount.Draw(t, name+" high"),
		},
	}
}

// TestSuggestion_comesToWhatIsWanted makes the changes that a suggestion comes to and finds what its author wanted, to
// the last digit; what moved in between is told.
func TestSuggestion_comesToWhatIsWanted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		there, wanted, moved := anyKeyResult(rt, "there"), anyKeyResult(rt, "wanted"), anyKeyResult(rt, "moved")
		s := &needle.Suggestion{Changes: needle.ChangesOf(there, wanted), Offer: needle.Offer{State: needle.OfferOpen}}
		if s.Stale(there) {
			rt.Fatalf("it is stale at once: %v", s.Moved(there))
		}
		got := *there
		in, ok := s.KeyResultInput(there)
		for into, text := range map[*string]*string{&got.Title: in.Title, &got.Wording: in.Wording, &got.Unit: in.Unit} {
			if text != nil {
				*into = *text
			}
		}
		if in.Weight != nil {
			got.Weight = *in.Weight
		}
		goal, numbers := s.GoalInput(there)
		got.Goal = goal.Goal.Goal()
		if left := needle.ChangesOf(&got, wanted); left != nil {
			rt.Errorf("it comes to something else: %v", left)
		}
		if (ok || numbers) != (len(s.Changes) > 0) || numbers != needle.ChangesGoal(s.Changes) {
			rt.Errorf("of %v, texts %v and numbers %v", s.Changes, ok, numbers)
		}
		for _, c := range s.Changes {
			isMoved := false
			for _, f := range s.Moved(moved) {
				isMoved = isMoved || f == c.Field
			}
			if isMoved != (moved.Reads(c.Field) != c.From) {
				rt.Errorf("%s moved: %v", c.Field, isMoved)
			}
		}
		s.State = needle.OfferDeclined
		if s.Stale(moved) {
			rt.Error("it is stale although it was declined")
		}
	})
}

func TestSuggestion_ofAnObjective(t *testing.T) {
	t.Parallel()
	there := &needle.Objective{Title: "a", Description: "b"}
	s := &needle.Suggestion{Changes: needle.ChangesOf(there, &needle.Objective{Title: "a"}), Offer: needle.Offer{State: needle.OfferOpen}}
	in := s.ObjectiveInput()
	if in.Title != nil || in.Description == nil || *in.Description != "" {
		t.Errorf("it comes to %+v", in)
	}
	if !s.Stale(&needle.Objective{Title: "a", Description: "c"}) || s.Stale(&needle.Objective{Title: "z", Description: "b"}) {
		t.Error("only the description matters")
	}
}

func TestComment_whoMayChangeIt(t *testing.T) {
	t.Parallel()
	author := needle.NewUserID()
	c := &needle.Comment{CreatedBy: author}
	for _, role := range []needle.Role{needle.RoleOwner, needle.RoleAdmin, needle.RoleMember, needle.RoleViewer} {
		self, other := needle.Viewer{UserID: author, Role: role}, needle.Viewer{UserID: needle.NewUserID(), Role: role}
		runs := role == needle.RoleOwner || role == needle.RoleAdmin
		if !c.CanEdit(self) || !c.CanDelete(self) || c.CanEdit(other) || c.CanDelete(other) != runs {
			t.Errorf("%s: as author %v %v, as another %v %v", role, c.CanEdit(self), c.CanDelete(self), c.CanEdit(other), c.CanDelete(other))
		}
	}
}
