package planning_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// house is a database with many workspaces: one that nobody may touch, and as many more as tests ask for.
type house struct {
	store   *store.Store
	planner *planning.Planner
	// abroad is another workspace; its objects are whole and none of the others' business.
	abroad *world
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{store: store.New(storetest.New(t), store.Config{CursorKey: []byte("cursors of a test"), Now: clock()})}
	h.planner = planning.New(h.store)
	h.abroad = h.world(t)
	return h
}

// clock returns a clock that starts at the factories' moment and goes on by a millisecond whenever it is read.
func clock() func() time.Time {
	var reads atomic.Int64
	return func() time.Time { return storetest.Now().Add(time.Duration(reads.Add(1)) * time.Millisecond) }
}

// world is a workspace with one object of every noun, and its owner.
type world struct {
	ids
	t       testing.TB
	f       *storetest.Factory
	house   *house
	planner *planning.Planner
	scope   store.Scope
	ctx     context.Context
}

// ids names one object of every noun.
type ids struct {
	owner, user  needle.UserID
	team, parent needle.TeamID
	cycle        needle.CycleID
	pain         needle.PainPointID
	objective    needle.ObjectiveID
	keyResult    needle.KeyResultID
	otherResult  needle.KeyResultID
	checkIn      needle.CheckInID
	item, epic   needle.BacklogItemID
	mirrored     needle.BacklogItemID
	contribution needle.ContributionID
	connection   needle.ConnectionID
	rule         needle.LinkRuleID
	painIDs
	vote needle.VoteID
	idea needle.IdeaID
	talk
	betIDs
}

// nowhere names objects that no workspace has.
func nowhere() ids {
	return ids{
		owner: needle.NewUserID(), user: needle.NewUserID(), team: needle.NewTeamID(), parent: needle.NewTeamID(),
		cycle: needle.NewCycleID(), pain: needle.NewPainPointID(), objective: needle.NewObjectiveID(),
		keyResult: needle.NewKeyResultID(), otherResult: needle.NewKeyResultID(), checkIn: needle.NewCheckInID(),
		item: needle.NewBacklogItemID(), epic: needle.NewBacklogItemID(), mirrored: needle.NewBacklogItemID(),
		contribution: needle.NewContributionID(), connection: needle.NewConnectionID(), rule: needle.NewLinkRuleID(),
		painIDs: nowherePain(),
		vote:    needle.NewVoteID(), idea: needle.NewIdeaID(),
		talk: noTalk(), betIDs: noBets(),
	}
}

func (h *house) world(t testing.TB) *world {
	t.Helper()
	f := storetest.Seed(t, h.store.DB())
	w := &world{t: t, f: f, house: h, planner: h.planner, scope: h.store.In(f.Workspace.ID)}
	w.ctx = needle.WithViewer(t.Context(), f.Viewer(f.Owner))
	w.owner, w.user = f.Owner.ID, f.User().ID
	w.team = f.Team().ID
	w.parent = f.Team().ID
	w.cycle = f.Cycle().ID
	w.pain = f.PainPoint().ID
	w.objective = f.Objective().ID
	w.keyResult = f.KeyResult().ID
	w.otherResult = f.KeyResult(func(k *needle.KeyResult) {
		k.ObjectiveID = f.Objective(func(o *needle.Objective) { o.State = needle.ObjectiveDraft }).ID
	}).ID
	w.checkIn = f.CheckIn(func(c *needle.CheckIn) { c.MeasuredAt = storetest.Now().AddDate(0, 0, -7) }).ID
	w.item, w.epic = f.Item().ID, f.Item().ID
	w.connection = f.Connection().ID
	w.mirrored = w.mirror("bug")
	w.contribution = f.Contribution(func(c *needle.Contribution) { c.KeyResultID = w.otherResult }).ID
	w.rule = f.LinkRule().ID
	w.painIDs = seedPain(f)
	w.vote, w.idea = f.Vote().ID, f.Idea().ID
	w.talk = w.talking()
	w.betIDs = w.betting()
	return w
}

// mirror makes an item that mirrors an issue with the labels.
func (w *world) mirror(labels ...string) needle.BacklogItemID {
	w.t.Helper()
	issue := w.f.Issue(func(i *needle.Issue) { i.Labels = labels })
	return w.f.Item(func(b *needle.BacklogItem) { b.IssueID = &issue.ID }).ID
}

// as returns a context in which somebody else of the workspace acts, who speaks for the team.
func (w *world) as(role needle.Role, scopes ...needle.TokenScope) context.Context {
	w.t.Helper()
	return w.person(role, needle.FunctionTeam, scopes...)
}

// person returns a context in which somebody else of the workspace acts.
func (w *world) person(role needle.Role, function needle.Function, scopes ...needle.TokenScope) context.Context {
	w.t.Helper()
	viewer := w.f.Viewer(w.f.User(func(u *needle.User) { u.Role, u.Function = role, function }))
	viewer.Scopes = scopes
	return needle.WithViewer(w.t.Context(), viewer)
}

// fingerprint tells every row of the workspaces by one text per table; equal fingerprints mean that nothing was written.
func fingerprint(t *testing.T, worlds ...*world) map[string]string {
	t.Helper()
	db := worlds[0].house.store.DB()
	rows, err := db.QueryContext(t.Context(), `
		SELECT table_name FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name = 'workspace_id' OR table_name = 'workspaces' AND column_name = 'id'`)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		key := "workspace_id"
		if table == "workspaces" {
			key = "id"
		}
		parts = append(parts, fmt.Sprintf(`SELECT '%[1]s', count(*) || ' ' || md5(coalesce(string_agg(t::text, '' ORDER BY t::text), ''))
			FROM %[1]s AS t WHERE %[2]s = ANY($1::uuid[])`, table, key))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	workspaces := make([]string, len(worlds))
	for i, w := range worlds {
		workspaces[i] = w.scope.WorkspaceID().UUID.String()
	}
	sums := make(map[string]string, len(parts))
	answers, err := db.DB.QueryContext(t.Context(), strings.Join(parts, " UNION ALL "), "{"+strings.Join(workspaces, ",")+"}")
	if err != nil {
		t.Fatal(err)
	}
	for answers.Next() {
		var table, sum string
		if err := answers.Scan(&table, &sum); err != nil {
			t.Fatal(err)
		}
		sums[table] = sum
	}
	if err := answers.Err(); err != nil {
		t.Fatal(err)
	}
	return sums
}

// activities reads what was recorded in the workspace, oldest first.
func (w *world) activities(t *testing.T) []*needle.Activity {
	t.Helper()
	first := needle.MaxPage
	page, err := w.scope.Activities(t.Context(), store.ActivityList{
		PageArgs: needle.PageArgs{First: &first},
		OrderBy:  []*needle.Order[needle.ActivityOrderField]{{Field: needle.ActivityByRecordedAt, Direction: needle.Asc}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return page.Nodes
}

// wantGone demands that a reader no longer finds what a use case returned.
func wantGone(t *testing.T, w *world, got any) {
	t.Helper()
	if stored, err := w.reread(t.Context(), got); !errors.Is(err, needle.ErrNotFound) {
		t.Errorf("it is still there: %s, %v", asJSON(t, stored), err)
	}
}

// wantStored compares what a use case returned with what a reader finds.
func wantStored(t *testing.T, w *world, got any) {
	t.Helper()
	stored, err := w.reread(t.Context(), got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stored, got); diff != "" {
		t.Errorf("what was returned (+) is not what is stored (-):\n%s", diff)
	}
}

// reread reads an object as it is stored.
func (w *world) reread(ctx context.Context, object any) (any, error) {
	switch o := object.(type) {
	case *needle.Workspace:
		return w.scope.Workspace(ctx)
	case *needle.User:
		return w.scope.User(ctx, o.ID)
	case *needle.Team:
		return w.scope.Team(ctx, o.ID)
	case *needle.Cycle:
		return w.scope.Cycle(ctx, o.ID)
	case *needle.PainPoint:
		return w.scope.PainPoint(ctx, o.ID)
	case *needle.Evidence:
		found, err := w.scope.EvidenceByID(ctx, []needle.EvidenceID{o.ID})
		return found[0], err
	case *needle.Category:
		return w.scope.Category(ctx, o.ID)
	case *needle.Segment:
		return w.scope.Segment(ctx, o.ID)
	case *needle.PainReport:
		found, err := w.scope.PainReportsByID(ctx, []needle.PainReportID{o.ID})
		return found[0], err
	case *needle.PainMerge:
		return w.scope.PainMerge(ctx, o.ID)
	case *needle.ReliefCheck:
		found, err := w.scope.ReliefChecksByID(ctx, []needle.ReliefCheckID{o.ID})
		return found[0], err
	case *needle.ReliefAnswer:
		found, err := w.scope.ReliefAnswersByID(ctx, []needle.ReliefAnswerID{o.ID})
		return found[0], err
	case *needle.Objective:
		return w.scope.Objective(ctx, o.ID)
	case *needle.SignOff:
		found, err := w.scope.SignOffsByID(ctx, []needle.SignOffID{o.ID})
		return found[0], err
	case *needle.KeyResult:
		return w.scope.KeyResult(ctx, o.ID)
	case *needle.CheckIn:
		return w.scope.CheckIn(ctx, o.ID)
	case *needle.BacklogItem:
		return w.scope.BacklogItem(ctx, o.ID)
	case *needle.Contribution:
		return w.scope.Contribution(ctx, o.ID)
	case *needle.LinkRule:
		return w.scope.LinkRule(ctx, o.ID)
	case *needle.OutsideEvent:
		return w.scope.OutsideEvent(ctx, o.ID)
	case *needle.Experiment:
		return w.scope.Experiment(ctx, o.ID)
	case *needle.VerdictDispute:
		return w.scope.VerdictDispute(ctx, o.ID)
	case *needle.Vote:
		return w.scope.Vote(ctx, o.ID)
	case *needle.Idea:
		return w.scope.Idea(ctx, o.ID)
	case *needle.Comment:
		return w.scope.Comment(ctx, o.ID)
	case *needle.Suggestion:
		return w.scope.Suggestion(ctx, o.ID)
	case *needle.Proposal:
		return w.scope.Proposal(ctx, o.ID)
	default:
		return nil, fmt.Errorf("nothing reads a %T", object)
	}
}

// problems lists the errors a caller sees, as "CODE path".
func problems(err error) []string {
	var out []string
	for _, e := range needle.UserErrors(err) {
		out = append(out, strings.TrimSpace(string(e.Code)+" "+strings.Join(e.Field, ".")))
	}
	return out
}

func ptr[T any](v T) *T { return &v }

// must returns the object of a use case that has to work.
func must[T any](t testing.TB) func(*T, error) *T {
	t.Helper()
	return func(v *T, err error) *T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// asJSON renders a value for comparisons that do not care about types.
func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
