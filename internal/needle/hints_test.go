package needle_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

// codes lists what hints are about, each with its field.
func codes(hints []*needle.WritingHint) string {
	var parts []string
	for _, h := range hints {
		parts = append(parts, string(h.Code)+" "+h.Field)
	}
	return strings.Join(parts, ", ")
}

func TestHints_ofObjectives(t *testing.T) {
	t.Parallel()
	some, none, five, six := 1, 0, 5, 6
	for title, want := range map[string]string{
		"Paying takes one calm minute":                        "",
		"Customers trust us with their money":                 "",
		"Shoppers find their receipts where they look":        "",
		"Launch the new shop":                                 "READS_LIKE_A_TASK title",
		"Migrate to the new ledger":                           "READS_LIKE_A_TASK title",
		"Set up a data warehouse":                             "READS_LIKE_A_TASK title",
		"“Ship” version 2 of the app":                         "READS_LIKE_A_TASK title",
		"Release anxiety is a thing of the past":              "READS_LIKE_A_TASK title", // Wrong, and only a hint.
		"Build times nobody waits for":                        "",
		"Release quality we are proud of":                     "",
		"Launch":                                              "",
		"Raise conversion by 20%":                             "OBJECTIVE_HAS_NUMBER title",
		"Win 1,000 new shops":                                 "OBJECTIVE_HAS_NUMBER title",
		"Earn €2m with subscriptions":                         "OBJECTIVE_HAS_NUMBER title",
		"Cut refunds to < 3 days":                             "OBJECTIVE_HAS_NUMBER title",
		"Be the best B2B shop of 2026 by Q4":                  "",
		"Shops pass ISO 27001 without fear":                   "",
		"Deliver 10 features":                                 "READS_LIKE_A_TASK title, OBJECTIVE_HAS_NUMBER title",
		"":                                                    "",
		"Kunden vertrauen uns":                                "",
		strings.Repeat("long ", 60):                           "",
		"Support is open 24/7 and answers in plain sentences": "",
	} {
		if got := codes((&needle.Objective{Title: title}).Hints(&some, &five)); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	o := &needle.Objective{Title: "Refunds are quick"}
	for _, tc := range []struct {
		pains, results *int
		want           string
	}{
		{&none, &none, "NO_PAIN_POINT painPoints, NO_KEY_RESULT keyResults"},
		{&some, &six, "TOO_MANY_KEY_RESULTS keyResults"},
		{nil, nil, ""},
	} {
		if got := codes(o.Hints(tc.pains, tc.results)); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// measured is a metric that has all its numbers.
func measured(title, unit string, direction needle.Direction) *needle.KeyResult {
	from, to := 1.0, 2.0
	k := &needle.KeyResult{Title: title, Unit: unit, Kind: needle.KindMetric, Direction: direction, Goal: needle.Goal{Baseline: &from, Target: &to}}
	if direction == needle.DirectionMaintain {
		k.Goal = needle.Goal{BandHigh: &to}
	}
	return k
}

func TestHints_ofKeyResults(t *testing.T) {
	t.Parallel()
	const up, down, hold = needle.DirectionIncrease, needle.DirectionDecrease, needle.DirectionMaintain
	for _, tc := range []struct {
		title, unit string
		direction   needle.Direction
		want        string
	}{
		{"Baskets at the payment page that are paid", "%", up, ""},
		{"Days until the money is back", "days", down, ""},
		{"Tickets a week that ask where a refund is", "tickets/week", down, ""}, // Fewer complaints are an outcome.
		{"Payments that are disputed later", "%", hold, ""},
		{"Net promoter score", "points", up, ""},
		{"Shops that use two features or more", "%", up, ""},
		{"Share of releases that need no hotfix", "% of releases", up, ""},
		{"Build time of the main branch", "min", down, ""},
		{"Deploy frequency", "per week", up, ""},
		{"Release lead time", "days", down, ""},
		{"Customers who stay after a year", "customers", up, ""},
		{"Launch the new search", "", up, "READS_LIKE_A_TASK title"},
		{"Implement single sign-on for all shops", "shops", up, "READS_LIKE_A_TASK title"},
		{"Write documentation for the API", "", up, "READS_LIKE_A_TASK title"},
		{"Number of features released", "", up, "OUTPUT_ONLY title"},
		{"Story points per sprint", "", up, "OUTPUT_ONLY title"},
		{"Team velocity", "", up, "OUTPUT_ONLY title"},
		{"User stories completed", "", up, "OUTPUT_ONLY title"},
		{"Search improves", "features", up, "OUTPUT_ONLY unit"},
		{"Knowledge is shared", "meetings/month", up, "OUTPUT_ONLY unit"},
		{"Work goes on", "Story points", up, "OUTPUT_ONLY unit"},
		{"Code is written", "lines of code", up, "OUTPUT_ONLY unit"},
		{"Ship 12 new features", "features", up, "READS_LIKE_A_TASK title, OUTPUT_ONLY unit"},
		{"Close 200 tickets", "", up, "OUTPUT_ONLY title"},
		{"Pull requests merged within a day", "%", up, ""},
	} {
		if got := codes(measured(tc.title, tc.unit, tc.direction).Hints()); got != tc.want {
			t.Errorf("%q in %q: %q, want %q", tc.title, tc.unit, got, tc.want)
		}
	}
}

func TestHints_ofNumbers(t *testing.T) {
	t.Parallel()
	five := 5.0
	for name, tc := range map[string]struct {
		change func(k *needle.KeyResult)
		want   string
	}{
		"all there":              {func(*needle.KeyResult) {}, ""},
		"none":                   {func(k *needle.KeyResult) { k.Goal = needle.Goal{} }, "NO_NUMBER goal"},
		"no baseline":            {func(k *needle.KeyResult) { k.Baseline = nil }, "NO_NUMBER goal.baseline"},
		"no target":              {func(k *needle.KeyResult) { k.Target = nil }, "NO_NUMBER goal.target"},
		"target is the baseline": {func(k *needle.KeyResult) { k.Baseline, k.Target = &five, &five }, "SAME_AS_BASELINE goal.target"},
		"no band":                {func(k *needle.KeyResult) { k.Direction, k.Goal = needle.DirectionMaintain, needle.Goal{} }, "NO_NUMBER goal"},
		"a floor":                {func(k *needle.KeyResult) { k.Direction, k.Goal = needle.DirectionMaintain, needle.Goal{BandLow: &five} }, ""},
		"a milestone":            {func(k *needle.KeyResult) { k.Kind, k.Goal = needle.KindMilestone, needle.Goal{} }, ""},
	} {
		k := measured("Days until the money is back", "days", needle.DirectionIncrease)
		tc.change(k)
		if got := codes(k.Hints()); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestHints_areSofterAboutMilestones(t *testing.T) {
	t.Parallel()
	k := measured("Launch the new search", "", needle.DirectionIncrease)
	hard := k.Hints()[0].Message
	k.Kind = needle.KindMilestone
	if soft := k.Hints(); len(soft) != 1 || soft[0].Message == hard || !strings.Contains(soft[0].Message, "may be a deed") {
		t.Errorf("of a milestone: %+v", soft[0])
	}
}

func TestWritingDrafts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", needle.MaxTitle+1)
	k, o := &needle.DraftedKeyResult{Title: "Launch the new search"}, &needle.DraftedObjective{Title: "Launch the new search"}
	checkRules(t, []rule{
		{"neither", needle.WritingDraft{}.Validate(), "INVALID draft"},
		{"both", needle.WritingDraft{KeyResult: k, Objective: o}.Validate(), "INVALID draft"},
		{"long", needle.WritingDraft{KeyResult: &needle.DraftedKeyResult{Title: long, Unit: &long}}.Validate(), "TOO_LONG draft.keyResult.title; TOO_LONG draft.keyResult.unit"},
		{"long objective", needle.WritingDraft{Objective: &needle.DraftedObjective{Title: long}}.Validate(), "TOO_LONG draft.objective.title"},
	})
	for want, draft := range map[string]needle.WritingDraft{
		"READS_LIKE_A_TASK title, NO_NUMBER goal": {KeyResult: k},
		"READS_LIKE_A_TASK title":                 {Objective: o},
		"":                                        {KeyResult: &needle.DraftedKeyResult{Kind: ptr(needle.KindMilestone)}},
	} {
		hints, err := draft.Hints()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, codes(hints)); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := (needle.WritingDraft{}).Hints(); err == nil {
		t.Error("hints about nothing")
	}
}
