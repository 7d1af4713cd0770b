package graph

import (
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
)

// seedFeed makes things happen that the feed tells of, a day apart and long enough ago to leave the latest ones alone.
func (w *world) seedFeed() {
	days := 90
	tell := func(who, name string, verb needle.Verb, subject string, change func(*needle.Activity)) {
		days--
		w.name("act", name, w.Activity(func(a *needle.Activity) {
			a.Verb, a.SubjectID, a.ActorID, a.RecordedAt = verb, subject, &w.people[who].ID, ago(days)
			change(a)
		}).ID)
	}
	states := func(before, after string) func(*needle.Activity) {
		return func(a *needle.Activity) { a.Before, a.After = []byte(before), []byte(after) }
	}
	kr, item := w.keyResults["refund-time"], w.items["button"]
	ofKeyResult := func(before, after string) func(*needle.Activity) {
		return func(a *needle.Activity) {
			a.TeamID, a.ObjectiveID, a.Before, a.After = &kr.TeamID, &kr.ObjectiveID, []byte(before), []byte(after)
		}
	}
	tell("vic", "captured", needle.VerbCreated, w.pains["refunds"].ID.String(), states("null", `{"Title":"Refunds take two weeks"}`))
	tell("mia", "dismissed", needle.VerbMoved, w.pains["colours"].ID.String(), states(`{"Status":"OPEN"}`, `{"Status":"DISMISSED","DismissedReason":"A matter of taste"}`))
	tell("mia", "target", needle.VerbUpdated, kr.ID.String(), ofKeyResult(`{"Target":4}`, `{"Target":3}`))
	tell("mia", "owner", needle.VerbUpdated, kr.ID.String(), ofKeyResult(`{"OwnerID":null}`, fmt.Sprintf(`{"OwnerID":%q}`, w.ids["usr:mia"])))
	tell("adam", "reworded", needle.VerbUpdated, kr.ID.String(), ofKeyResult(`{"Title":"Days","Wording":"","Weight":1}`, `{"Title":"Days until","Wording":"quick","Weight":2}`))
	tell("adam", "future", needle.VerbUpdated, kr.ID.String(), ofKeyResult(`{"FieldOfTomorrow":"secret"}`, `{"FieldOfTomorrow":"hidden"}`))
	tell("mia", "measured", needle.VerbMeasured, w.ids["ci:refund-7"], ofKeyResult("null", `{"Value":7.5,"Note":"as measured"}`))
	tell("adam", "delivered", needle.VerbMoved, item.ID.String(), func(a *needle.Activity) {
		a.TeamID, a.Before, a.After = &item.TeamID, []byte(`{"Status":"IN_PROGRESS","Stage":"IN_PROGRESS"}`), []byte(`{"Status":"DONE","Stage":"DELIVERED"}`)
	})
	tell("mia", "linked", needle.VerbLinked, w.ids["ctr:button"], ofKeyResult("null", `{"Role":"DRIVES"}`))
	tell("mia", "gone", needle.VerbDeleted, needle.NewEvidenceID().String(), func(*needle.Activity) {})
}

// seedFeed makes things happen to the objects that everything hangs below.
func (h *heap) seedFeed(user *needle.User, team *needle.Team, objective *needle.Objective, subjects ...string) {
	for _, subject := range append([]string{objective.ID.String()}, subjects...) {
		h.Activity(func(a *needle.Activity) {
			a.SubjectID, a.RecordedAt, a.Verb = subject, h.moment(), pick(h, needle.VerbCreated, needle.VerbMoved, needle.VerbUpdated)
			a.ActorID, a.TeamID, a.ObjectiveID = &user.ID, &team.ID, &objective.ID
		})
	}
}

// seedFeed makes something happen to every object, in every team and by every person, and much to the first of each. The
// latest in the whole workspace, and in teams and by people, is always about objectives.
func (w *crowd) seedFeed() {
	for range crowdSize {
		for _, subject := range []string{w.ids["KeyResult"][0], w.ids["PainPoint"][0], w.ids["BacklogItem"][0]} {
			w.Activity(func(a *needle.Activity) { a.SubjectID, a.RecordedAt = subject, ago(1) })
		}
	}
	for i, o := range w.objectives {
		for _, about := range []*needle.Objective{o, w.objectives[0]} {
			w.Activity(func(a *needle.Activity) {
				a.SubjectID, a.ObjectiveID, a.TeamID, a.ActorID = about.ID.String(), &about.ID, &w.teams[0].ID, &w.users[0].ID
			})
		}
		w.Activity(func(a *needle.Activity) {
			a.SubjectID, a.ObjectiveID, a.TeamID, a.ActorID = o.ID.String(), &o.ID, &w.teams[i].ID, &w.users[i].ID
		})
	}
	for prefix, table := range map[string]string{
		needle.KeyResultPrefix: "key_results", needle.PainPointPrefix: "pain_points", needle.BacklogItemPrefix: "backlog_items",
	} {
		w.exec(`INSERT INTO activities (workspace_id, id, actor_id, verb, subject_id, recorded_at)
			SELECT workspace_id, gen_random_uuid(), ?, 'UPDATED', public_id(?, id), ? FROM `+table, w.users[0].ID, prefix, ago(1))
	}
	// People and teams that have nothing else to their name.
	const idle = `INSERT INTO activities (workspace_id, id, verb, subject_id, recorded_at, objective_id, actor_id, team_id)
		SELECT workspace_id, gen_random_uuid(), 'UPDATED', ?, ?, ?, `
	first := w.objectives[0]
	w.exec(idle+"id, ? FROM users", first.ID.String(), ago(0), first.ID, w.teams[0].ID)
	w.exec(idle+"?, id FROM teams", first.ID.String(), ago(0), first.ID, w.users[0].ID)
}

func (w *crowd) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.tx.ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}
