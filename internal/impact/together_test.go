package impact_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func TestTogether_knowsAVacuum(t *testing.T) {
	t.Parallel()
	o := &needle.Objective{CreatedBy: needle.NewUserID()}
	author := needle.TogetherPerson{UserID: o.CreatedBy, Function: needle.FunctionTeam, Wrote: 4, Commented: 1, Signed: 1}
	other := func(change func(p *needle.TogetherPerson)) needle.TogetherPerson {
		p := needle.TogetherPerson{UserID: needle.NewUserID(), Function: needle.FunctionStakeholder}
		change(&p)
		return p
	}
	for name, tc := range map[string]struct {
		people []needle.TogetherPerson
		want   bool
	}{
		"nobody, before it was written":   {nil, false},
		"the author alone":                {[]needle.TogetherPerson{author}, true},
		"people who were invited only":    {[]needle.TogetherPerson{author, other(func(p *needle.TogetherPerson) { p.Invited = true })}, true},
		"somebody who offered a result":   {[]needle.TogetherPerson{author, other(func(p *needle.TogetherPerson) { p.Proposed = 1 })}, false},
		"somebody who suggested a change": {[]needle.TogetherPerson{author, other(func(p *needle.TogetherPerson) { p.Suggested = 1 })}, false},
		"somebody who voted":              {[]needle.TogetherPerson{author, other(func(p *needle.TogetherPerson) { p.Voted = 1 })}, false},
		"somebody who commented":          {[]needle.TogetherPerson{author, other(func(p *needle.TogetherPerson) { p.Commented = 1 })}, false},
		"somebody who signed":             {[]needle.TogetherPerson{author, other(func(p *needle.TogetherPerson) { p.Signed = 1 })}, false},
		"somebody who wrote":              {[]needle.TogetherPerson{author, other(func(p *needle.TogetherPerson) { p.Wrote = 1 })}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var facts needle.TogetherFacts
			for i := range tc.people {
				facts.People = append(facts.People, &tc.people[i])
			}
			if got := impact.Together(o, needle.DefaultPolicy(), facts).MadeInAVacuum; got != tc.want {
				t.Errorf("made in a vacuum: %v", got)
			}
		})
	}
}

func TestTogether_sumsUpByFunction(t *testing.T) {
	t.Parallel()
	o := &needle.Objective{CreatedBy: needle.NewUserID()}
	facts := needle.TogetherFacts{People: []*needle.TogetherPerson{
		{UserID: o.CreatedBy, Function: needle.FunctionTeam}, // No activity tells that it was written.
		{UserID: needle.NewUserID(), Function: needle.FunctionTeam, Proposed: 1, Suggested: 2, Voted: 3, Commented: 4, Signed: 5, Wrote: 6},
		{UserID: needle.NewUserID(), Function: needle.FunctionStakeholder, Invited: true},
	}}
	got := impact.Together(o, needle.DefaultPolicy(), facts)
	want := []*needle.TogetherFunction{
		{Function: needle.FunctionTeam, People: 2, Acts: 22},
		{Function: needle.FunctionLeader},
		{Function: needle.FunctionStakeholder, People: 1},
		{Function: needle.FunctionCustomerFacing},
	}
	if diff := cmp.Diff(want, got.Functions); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	missing := []needle.Function{needle.FunctionLeader, needle.FunctionStakeholder}
	if diff := cmp.Diff(missing, got.MissingFunctions); diff != "" {
		t.Errorf("missing functions (-want +got):\n%s", diff)
	}
	if got.People[0].Wrote != 1 || facts.People[0].Wrote != 0 {
		t.Error("the author wrote it, and the facts stay as they are")
	}
	if none := impact.Together(o, needle.Policy{}, facts).MissingFunctions; len(none) != 0 || none == nil {
		t.Errorf("a policy that asks for nobody misses %v", none)
	}
}

func TestTogether_countsTheDaysToAgreement(t *testing.T) {
	t.Parallel()
	at := func(hours int) *time.Time { return new(date(0).Add(time.Duration(hours) * time.Hour)) }
	half := 1.5
	for name, tc := range map[string]struct {
		proposed, agreed *time.Time
		want             *float64
	}{
		"neither":                 {nil, nil, nil},
		"proposed only":           {at(0), nil, nil},
		"agreed only":             {nil, at(0), nil},
		"a day and a half":        {at(0), at(36), &half},
		"at once":                 {at(0), at(0), new(0.0)},
		"offered after agreement": {at(2), at(1), nil},
	} {
		got := impact.Together(&needle.Objective{}, needle.Policy{}, needle.TogetherFacts{FirstProposedAt: tc.proposed, AgreedAt: tc.agreed})
		if diff := cmp.Diff(tc.want, got.DaysToAgreement); diff != "" || got.FirstProposedAt != tc.proposed || got.AgreedAt != tc.agreed {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
