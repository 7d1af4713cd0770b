package planning_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestDraftObjective(t *testing.T) {
	t.Parallel()
	type input = needle.DraftObjectiveInput
	useCase[input, needle.Objective]{
		do: (*planning.Planner).DraftObjective, action: needle.ActWriteObjective, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{
				TeamID: w.team, CycleID: w.cycle, Title: ptr("Refunds are fast"), Description: ptr("And said to be"),
				PainPointIDs: []needle.PainPointID{w.pain, w.f.PainPoint().ID},
			}
		},
		refused: []refusal[input]{
			{
				name:   "no pain and no words",
				change: func(_ *world, in *input) { in.PainPointIDs, in.Title = nil, ptr(" ") },
				want:   []string{"REQUIRED input.painPointIds", "REQUIRED input.title"},
			},
			{
				name: "too much pain",
				change: func(w *world, in *input) {
					in.PainPointIDs = slices.Repeat([]needle.PainPointID{w.pain}, 21)
				},
				want: []string{"OUT_OF_RANGE input.painPointIds"},
			},
			{
				name: "pain that was dismissed, or merged into such",
				change: func(w *world, in *input) {
					in.PainPointIDs = append(in.PainPointIDs, w.f.PainPoint(func(p *needle.PainPoint) { p.MergedIntoID = &w.pain }).ID)
					dismiss(w)
				},
				want: []string{"CONFLICT input.painPointIds.0", "CONFLICT input.painPointIds.2"},
			},
			{
				name: "a closed cycle",
				change: func(w *world, in *input) {
					in.CycleID = w.f.Cycle(func(c *needle.Cycle) { c.State = needle.CycleClosed }).ID
				},
				want: []string{"CONFLICT input.cycleId"},
			},
		},
		refers: []reference[input]{
			{"input.painPointIds.1", func(in *input, of ids) { in.PainPointIDs[1] = of.pain }},
			{"input.teamId", func(in *input, of ids) { in.TeamID = of.team }},
			{"input.cycleId", func(in *input, of ids) { in.CycleID = of.cycle }},
		},
	}.run(t, newHouse(t))
}

func TestDraftObjective_saysWhatIsKnownOfThePain(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	pain := func(title string, severity int) *needle.PainPoint {
		return w.f.PainPoint(func(p *needle.PainPoint) { p.Title, p.Severity = title, severity })
	}
	heard := func(p *needle.PainPoint, customer, body string, days int) {
		w.f.Evidence(func(e *needle.Evidence) {
			e.PainPointID, e.Customer, e.Body, e.ObservedAt = p.ID, customer, body, storetest.Now().AddDate(0, 0, -days)
		})
		w.f.Report(func(r *needle.PainReport) { r.PainPointID, r.Reporter = p.ID, customer })
	}
	mild, heavy := pain("Receipts are lost", 2), pain("Refunds take weeks", 5)
	duplicate := w.f.PainPoint(func(p *needle.PainPoint) { p.Title, p.MergedIntoID = "Where is my refund?", &heavy.ID })
	heard(heavy, "Acme", "Where is my money?", 9)
	heard(duplicate, "Globex", "We keep a list of refunds", 2)
	heard(duplicate, "acme", "Still waiting", 20)
	o := must[needle.Objective](t)(w.planner.DraftObjective(w.ctx, needle.DraftObjectiveInput{
		TeamID: w.team, CycleID: w.cycle, PainPointIDs: []needle.PainPointID{mild.ID, duplicate.ID, heavy.ID},
	}))
	if want := "No more: Refunds take weeks and 1 more"; o.Title != want || o.State != needle.ObjectiveDraft {
		t.Errorf("it is %s", asJSON(t, o))
	}
	want := fmt.Sprintf(`The pain this objective is to end:

%s Receipts are lost (severity 2, no reporters)
No evidence yet.

%s Refunds take weeks (severity 5, 2 reporters)
“We keep a list of refunds” (2026-02-28)`, mild.Key(), heavy.Key())
	if diff := cmp.Diff(want, o.Description); diff != "" {
		t.Errorf("the description is another:\n%s", diff)
	}
	pages, err := w.scope.PainPointsByObjective(t.Context(), []needle.ObjectiveID{o.ID}, store.PainPointList{})
	if err != nil {
		t.Fatal(err)
	}
	var addressed []string
	for _, p := range pages[0].Nodes {
		addressed = append(addressed, p.Key())
	}
	if diff := cmp.Diff([]string{heavy.Key(), mild.Key()}, addressed); diff != "" {
		t.Errorf("it addresses others:\n%s", diff)
	}
}

// participants reads who takes part in an objective, as names and functions.
func (w *world) participants(t *testing.T, id needle.ObjectiveID) map[needle.UserID]needle.Function {
	t.Helper()
	var rows []*needle.Participant
	if err := w.house.store.DB().NewSelect().Model(&rows).Where("objective_id = ? AND left_at IS NULL", id).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	out := map[needle.UserID]needle.Function{}
	for _, p := range rows {
		out[p.UserID] = p.Function
		if p.InvitedBy != w.owner || p.MustSign {
			t.Errorf("%s", asJSON(t, p))
		}
	}
	return out
}

func TestDraftObjective_invitesThoseWhoHeardThePain(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	person := func(f needle.Function) needle.UserID {
		return w.f.User(func(u *needle.User) { u.Function = f }).ID
	}
	capturer, support, merger, lead := person(needle.FunctionStakeholder), person(needle.FunctionCustomerFacing), person(needle.FunctionTeam), person(needle.FunctionLeader)
	p := w.f.PainPoint(func(p *needle.PainPoint) { p.CreatedBy = capturer })
	w.f.Evidence(func(e *needle.Evidence) { e.PainPointID, e.CreatedBy = p.ID, support })
	w.f.PainPoint(func(d *needle.PainPoint) { d.CreatedBy, d.MergedIntoID = merger, &p.ID })
	team := w.f.Team(func(t *needle.Team) { t.LeadID = &lead })
	o := must[needle.Objective](t)(w.planner.DraftObjective(w.ctx, needle.DraftObjectiveInput{
		TeamID: team.ID, CycleID: w.cycle, PainPointIDs: []needle.PainPointID{p.ID},
	}))
	if o.Title != "No more: "+p.Title {
		t.Errorf("its title is %q", o.Title)
	}
	want := map[needle.UserID]needle.Function{
		w.owner: w.f.Owner.Function, capturer: needle.FunctionStakeholder, support: needle.FunctionCustomerFacing,
		merger: needle.FunctionTeam, lead: needle.FunctionLeader,
	}
	if diff := cmp.Diff(want, w.participants(t, o.ID)); diff != "" {
		t.Errorf("others take part:\n%s", diff)
	}
}

func TestInsertParticipants_letsThoseBackInWhoLeft(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o := w.f.Objective()
	stayed, left := w.f.User(), w.f.User()
	w.f.Invite(o, stayed, left)
	if _, err := w.house.store.DB().ExecContext(t.Context(), "UPDATE participants SET left_at = now() WHERE user_id = ?", left.ID); err != nil {
		t.Fatal(err)
	}
	row := func(u *needle.User) *needle.Participant {
		return &needle.Participant{
			WorkspaceID: w.scope.WorkspaceID(), ObjectiveID: o.ID, UserID: u.ID, Function: needle.FunctionStakeholder,
			InvitedBy: w.owner, InvitedAt: storetest.Now(),
		}
	}
	if err := w.scope.InsertParticipants(t.Context(), []*needle.Participant{row(stayed), row(left)}); err != nil {
		t.Fatal(err)
	}
	want := map[needle.UserID]needle.Function{stayed.ID: stayed.Function, left.ID: left.Function}
	if diff := cmp.Diff(want, w.participants(t, o.ID)); diff != "" {
		t.Errorf("others take part:\n%s", diff)
	}
}
