package planning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

// versionsOf reads what the versions of a link say, in order.
const versionsOf = `
	SELECT origin || ' ' || role || ' ' || coalesce(expected_high::text, '-') || CASE WHEN ended THEN ' ended' ELSE '' END
	FROM contribution_versions WHERE contribution_id = $1 ORDER BY recorded_at, id`

func TestLink(t *testing.T) {
	t.Parallel()
	type input = needle.LinkInput
	useCase[input, needle.Contribution]{
		do: (*planning.Planner).Link, action: needle.ActLinkWork, verb: needle.VerbLinked,
		valid: func(w *world) input {
			return input{ItemID: w.item, KeyResultID: w.keyResult, Bet: &needle.BetInput{
				Role: ptr(needle.RoleEnables), ExpectedLow: ptr(1.0), ExpectedHigh: ptr(4.0),
				LagMinDays: ptr(2), LagMaxDays: ptr(9), Note: ptr("It did so last year"),
			}}
		},
		refused: []refusal[input]{
			{
				name: "half a range and a lag that runs backwards",
				change: func(_ *world, in *input) {
					in.Bet.ExpectedHigh, in.Bet.LagMinDays = nil, ptr(10)
				},
				want: []string{"REQUIRED input.bet.expectedHigh", "INVALID input.bet.lagMaxDays"},
			},
			{
				name:   "a link somebody changed in the meantime",
				change: func(w *world, in *input) { in.KeyResultID, in.ExpectedVersion = w.otherResult, ptr(2) },
				want:   []string{"CONFLICT input.expectedVersion"},
			},
		},
		refers: []reference[input]{
			{"input.itemId", func(in *input, of ids) { in.ItemID = of.item }},
			{"input.keyResultId", func(in *input, of ids) { in.KeyResultID = of.keyResult }},
		},
	}.run(t, newHouse(t))
}

func TestUnlink(t *testing.T) {
	t.Parallel()
	type input = needle.UnlinkInput
	useCase[input, needle.Contribution]{
		do: (*planning.Planner).Unlink, action: needle.ActLinkWork, verb: needle.VerbUnlinked,
		valid: func(w *world) input { return input{ContributionID: w.contribution} },
		refused: []refusal[input]{
			{
				name: "a link that ended",
				arrange: func(w *world) {
					must[needle.Contribution](w.t)(w.planner.Unlink(w.ctx, needle.UnlinkInput{ContributionID: w.contribution}))
				},
				want: []string{"CONFLICT input.contributionId"},
			},
			{
				name:   "no id at all",
				change: func(_ *world, in *input) { in.ContributionID = needle.ContributionID{} },
				want:   []string{"NOT_FOUND input.contributionId"},
			},
		},
		refers: []reference[input]{{"input.contributionId", func(in *input, of ids) { in.ContributionID = of.contribution }}},
	}.run(t, newHouse(t))
}

func TestLink_changesABetAsANewVersion(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	link := func(bet *needle.BetInput, version *int) *needle.Contribution {
		t.Helper()
		c := must[needle.Contribution](t)(w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.item, KeyResultID: w.keyResult, Bet: bet, ExpectedVersion: version}))
		wantStored(t, w, c)
		return c
	}
	first := link(nil, nil)
	if first.Role != needle.RoleDrives || first.Origin != needle.OriginPerson || *first.AuthorID != w.owner {
		t.Errorf("the link is %s", asJSON(t, first))
	}
	second := link(&needle.BetInput{ExpectedLow: ptr(1.0), ExpectedHigh: ptr(4.0)}, &first.Version)
	third := link(nil, nil)
	if second.ID != first.ID || third.ID != first.ID || *third.ExpectedHigh != 4 {
		t.Errorf("the link became %s", asJSON(t, third))
	}
	wantRows(t, w, versionsOf, first.ID.UUID.String(), "PERSON DRIVES -", "PERSON DRIVES 4", "PERSON DRIVES 4")

	must[needle.Contribution](t)(w.planner.Unlink(w.ctx, needle.UnlinkInput{ContributionID: first.ID, ExpectedVersion: &third.Version}))
	wantRows(t, w, versionsOf, first.ID.UUID.String(), "PERSON DRIVES -", "PERSON DRIVES 4", "PERSON DRIVES 4", "PERSON DRIVES 4 ended")
	if again := link(nil, nil); again.ID == first.ID || again.ExpectedHigh != nil {
		t.Errorf("linked again, the link is %s", asJSON(t, again))
	}
}

func TestLink_takesARulesLinkOver(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	rule := writeRule(w, "bug", needle.RoleGuards)
	made := liveLink(t, w)
	if made == nil || *made.RuleID != rule.ID {
		t.Fatalf("the rule's link is %s", asJSON(t, made))
	}
	taken := must[needle.Contribution](t)(w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.mirrored, KeyResultID: w.keyResult}))
	if taken.ID != made.ID || taken.Origin != needle.OriginPerson || taken.RuleID != nil || taken.Role != needle.RoleGuards {
		t.Errorf("taken over, the link is %s", asJSON(t, taken))
	}
	setRule(w, rule, needle.UpdateLinkRuleInput{Enabled: ptr(false)})
	if diff := cmp.Diff(taken, liveLink(t, w)); diff != "" {
		t.Errorf("the rule changed a person's link:\n%s", diff)
	}
	wantRows(t, w, versionsOf, made.ID.UUID.String(), "RULE GUARDS -", "PERSON GUARDS -")
}

func TestUnlink_isFinalForRules(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	rule := writeRule(w, "bug", needle.RoleDrives)
	made := liveLink(t, w)
	must[needle.Contribution](t)(w.planner.Unlink(w.ctx, needle.UnlinkInput{ContributionID: made.ID}))
	wantRows(t, w, versionsOf, made.ID.UUID.String(), "RULE DRIVES -", "PERSON DRIVES - ended")
	setRule(w, rule, needle.UpdateLinkRuleInput{Enabled: ptr(false)})
	setRule(w, rule, needle.UpdateLinkRuleInput{Enabled: ptr(true)})
	if again := liveLink(t, w); again != nil {
		t.Errorf("the rule linked again what a person unlinked: %s", asJSON(t, again))
	}
	must[needle.Contribution](t)(w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.mirrored, KeyResultID: w.keyResult}))
}

// liveLink reads the link of the world's mirrored item to its key result; nil when there is none.
func liveLink(t *testing.T, w *world) *needle.Contribution {
	t.Helper()
	c, err := w.scope.LiveContribution(t.Context(), w.mirrored, w.keyResult)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// writeRule makes a rule for the world's key result.
func writeRule(w *world, label string, role needle.ContributionRole) *needle.LinkRule {
	w.t.Helper()
	return must[needle.LinkRule](w.t)(w.planner.CreateLinkRule(w.ctx, needle.CreateLinkRuleInput{Pattern: label, KeyResultID: w.keyResult, Bet: &needle.BetInput{Role: &role}}))
}

// setRule changes a rule.
func setRule(w *world, r *needle.LinkRule, in needle.UpdateLinkRuleInput) {
	w.t.Helper()
	in.ID = r.ID
	must[needle.LinkRule](w.t)(w.planner.UpdateLinkRule(w.ctx, in))
}
