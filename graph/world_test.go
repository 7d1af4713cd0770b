package graph

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// world is a workspace in which everything happens that the API can tell of: a shop whose refunds take too long.
type world struct {
	*storetest.Factory
	// ids are the public ids of its objects by name, as in "kr:refund-time".
	ids map[string]string
	// people are the persons by first name.
	people map[string]*needle.User

	teams      map[string]*needle.Team
	cycles     map[string]*needle.Cycle
	pains      map[string]*needle.PainPoint
	objectives map[string]*needle.Objective
	keyResults map[string]*needle.KeyResult
	items      map[string]*needle.BacklogItem
	ideas      map[string]*needle.Idea
}

// ago is a moment before the present one.
func ago(days int) time.Time { return storetest.Now().AddDate(0, 0, -days) }

func ptr[T any](v T) *T { return &v }

// newWorld fills a workspace of the engine's database, with more than usual where that is told.
func (e *engine) newWorld(t testing.TB, more ...func(*world)) *world {
	t.Helper()
	tx, err := e.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		Factory: storetest.Seed(t, tx), ids: map[string]string{}, people: map[string]*needle.User{},
		teams: map[string]*needle.Team{}, cycles: map[string]*needle.Cycle{}, pains: map[string]*needle.PainPoint{},
		objectives: map[string]*needle.Objective{}, keyResults: map[string]*needle.KeyResult{}, items: map[string]*needle.BacklogItem{},
		ideas: map[string]*needle.Idea{},
	}
	w.seedPeople()
	w.seedPains()
	w.seedPainParts()
	w.seedObjectives()
	w.seedCheckIns()
	w.seedCarriedOver()
	w.seedWork()
	w.seedTrackers()
	w.seedIdeas()
	w.seedVotes()
	w.seedActivities()
	w.seedSigning()
	w.seedTalk()
	w.seedRelief()
	w.seedBets()
	w.seedFeed()
	w.seedInbox()
	for _, seed := range more {
		seed(w)
	}
	w.seedGrowth(storetest.Seed(t, tx))
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	w.weigh(t, e)
	return w
}

// name files an object under its noun and name.
func (w *world) name(noun, name string, id fmt.Stringer) { w.ids[noun+":"+name] = id.String() }

func (w *world) seedPeople() {
	w.name("ws", "shop", w.Workspace.ID)
	w.people["olive"] = w.Owner
	w.people["adam"] = w.User(func(u *needle.User) {
		u.Name, u.Role, u.Email, u.Function = "Adam Admin", needle.RoleAdmin, "adam@example.com", needle.FunctionLeader
	})
	w.people["mia"] = w.User(func(u *needle.User) { u.Name, u.Email = "Mia Member", "mia@example.com" })
	w.people["vic"] = w.User(func(u *needle.User) {
		u.Name, u.Role, u.Email, u.Function = "Vic Viewer", needle.RoleViewer, "vic@example.com", needle.FunctionCustomerFacing
	})
	w.people["ines"] = w.User(func(u *needle.User) { u.Name, u.Email = "Ines Inbox", "ines@example.com" })
	for name, u := range w.people {
		w.name("usr", name, u.ID)
	}
	team := func(name, key string, change func(*needle.Team)) {
		w.teams[name] = w.Team(func(t *needle.Team) {
			t.Key, t.Name = key, name
			if change != nil {
				change(t)
			}
		})
		w.name("team", name, w.teams[name].ID)
	}
	team("shop", "SHOP", nil)
	team("checkout", "CHK", func(t *needle.Team) { t.ParentID, t.LeadID = &w.teams["shop"].ID, &w.people["mia"].ID })
	team("payments", "PAY", func(t *needle.Team) { t.ParentID = &w.teams["shop"].ID })
	w.Join(w.teams["checkout"], w.people["mia"], w.people["adam"])
	w.Join(w.teams["payments"], w.people["mia"])
	cycle := func(name string, state needle.CycleState, year int, month time.Month) {
		start := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		w.cycles[name] = w.Cycle(func(c *needle.Cycle) {
			c.Name, c.State, c.StartsOn, c.EndsOn = name, state, needle.NewDate(start), needle.NewDate(start.AddDate(0, 3, -1))
		})
		w.name("cyc", name, w.cycles[name].ID)
	}
	cycle("2025 Q4", needle.CycleClosed, 2025, time.October)
	cycle("2026 Q1", needle.CycleActive, 2026, time.January)
	cycle("2026 Q2", needle.CyclePlanning, 2026, time.April)
}

func (w *world) seedPains() {
	pain := func(name, title string, severity int, status needle.PainPointStatus, reason string) {
		w.pains[name] = w.PainPoint(func(p *needle.PainPoint) {
			p.Title, p.Severity, p.Status, p.DismissedReason = title, severity, status, reason
			p.CreatedAt = ago(60 - 10*severity)
		})
		w.name("pain", name, w.pains[name].ID)
	}
	pain("refunds", "Refunds take two weeks", 5, needle.PainTargeted, "")
	pain("receipts", "Receipts cannot be found again", 2, needle.PainOpen, "")
	pain("colours", "The button has the wrong green", 1, needle.PainDismissed, "A matter of taste")
	evidence := func(name string, pain string, days int, change func(*needle.Evidence)) {
		w.name("ev", name, w.Evidence(func(e *needle.Evidence) {
			e.PainPointID, e.ObservedAt = w.pains[pain].ID, ago(days)
			change(e)
		}).ID)
	}
	evidence("angry-mail", "refunds", 3, func(e *needle.Evidence) {
		e.Body, e.Customer, e.Segment, e.URL = "Where is my money?", "Acme", "enterprise", "https://support.example/tickets/17"
		e.Source = needle.EvidenceTicket
	})
	evidence("interview", "refunds", 30, func(e *needle.Evidence) {
		e.Body, e.Customer, e.Source, e.CreatedBy = "We keep a spreadsheet of refunds", "Globex", needle.EvidenceInterview, w.people["vic"].ID
	})
	evidence("old-survey", "refunds", 200, func(e *needle.Evidence) { e.Body, e.Source = "12 % mention refunds", needle.EvidenceSurvey })
	evidence("quote", "receipts", 10, func(e *needle.Evidence) { e.Body = "I search my inbox every time" })
}

func (w *world) seedObjectives() {
	objective := func(name, title, team, cycle string, change func(*needle.Objective)) {
		w.objectives[name] = w.Objective(func(o *needle.Objective) {
			o.Title, o.TeamID, o.CycleID, o.CreatedBy = title, w.teams[team].ID, w.cycles[cycle].ID, w.people["mia"].ID
			if change != nil {
				change(o)
			}
		})
		w.name("obj", name, w.objectives[name].ID)
	}
	keyResult := func(name, title, objective string, change func(*needle.KeyResult)) {
		w.keyResults[name] = w.KeyResult(func(k *needle.KeyResult) {
			k.Title, k.ObjectiveID, k.CreatedAt, k.CreatedBy = title, w.objectives[objective].ID, ago(60), w.people["mia"].ID
			change(k)
		})
		w.name("kr", name, w.keyResults[name].ID)
	}
	objective("trust", "Customers trust us with their money", "shop", "2026 Q1", nil)
	keyResult("complaints", "Complaints about money", "trust", func(k *needle.KeyResult) {
		k.Direction, k.Unit, k.Goal = needle.DirectionDecrease, "complaints/week", needle.Goal{Baseline: ptr(40.0), Target: ptr(10.0)}
	})
	objective("refunds", "Refunds are quick", "checkout", "2026 Q1", func(o *needle.Objective) {
		o.ParentKeyResultID, o.Description = &w.keyResults["complaints"].ID, "From the click to the money"
	})
	keyResult("refund-time", "Days until the money is back", "refunds", func(k *needle.KeyResult) {
		k.Direction, k.Unit, k.OwnerID, k.Wording = needle.DirectionDecrease, "days", &w.people["mia"].ID, "five times as fast"
		k.Goal, k.Weight = needle.Goal{Baseline: ptr(14.0), Target: ptr(4.0), Stretch: ptr(2.0)}, 3
	})
	keyResult("uptime", "Payments that go through", "refunds", func(k *needle.KeyResult) {
		k.Direction, k.Goal = needle.DirectionMaintain, needle.Goal{BandLow: ptr(99.5)}
	})
	keyResult("policy", "The refund policy is one page", "refunds", func(k *needle.KeyResult) {
		k.Kind, k.Indicator, k.Unit, k.OwnerID = needle.KindMilestone, needle.IndicatorLeading, "", &w.people["ines"].ID
		k.Goal = needle.Goal{Baseline: ptr(0.0), Target: ptr(1.0)}
	})
	objective("receipts", "Receipts are where one looks", "payments", "2026 Q1", func(o *needle.Objective) {
		o.ParentObjectiveID, o.State = &w.objectives["trust"].ID, needle.ObjectiveDraft
	})
	keyResult("found", "Receipts found at the first try", "receipts", func(*needle.KeyResult) {})
	objective("migration", "One ledger", "payments", "2025 Q4", func(o *needle.Objective) {
		o.State, o.Outcome, o.Retrospective = needle.ObjectiveClosed, ptr(needle.OutcomePartly), "Two ledgers are left"
		o.Score, o.StateChangedAt = ptr(2.5/3), ago(61)
	})
	w.Address(w.objectives["refunds"], w.pains["refunds"])
	w.Address(w.objectives["trust"], w.pains["refunds"], w.pains["receipts"])
	w.keyResults["refund-time"].Target = ptr(3.0)
	w.Goal(w.keyResults["refund-time"], ago(20), ago(20))
	w.keyResults["refund-time"].Target = ptr(4.0)
	w.Goal(w.keyResults["refund-time"], ago(10), ago(9))
}

func (w *world) seedCheckIns() {
	checkIn := func(name, keyResult string, value float64, days int, change func(*needle.CheckIn)) *needle.CheckIn {
		c := w.CheckIn(func(c *needle.CheckIn) {
			c.KeyResultID, c.Value, c.MeasuredAt, c.RecordedAt = w.keyResults[keyResult].ID, value, ago(days), ago(days)
			c.AuthorID = &w.people["mia"].ID
			if change != nil {
				change(c)
			}
		})
		w.name("ci", name, c.ID)
		return c
	}
	for i, value := range []float64{14, 14.5, 13, 13.5, 12} {
		checkIn(fmt.Sprintf("refund-%d", i+1), "refund-time", value, 56-7*i, nil)
	}
	wrong := checkIn("refund-wrong", "refund-time", 90, 14, func(c *needle.CheckIn) { c.Note = "Hours, not days" })
	checkIn("refund-6", "refund-time", 9, 14, func(c *needle.CheckIn) {
		c.SupersedesID, c.RecordedAt, c.Confidence, c.Note = &wrong.ID, ago(13), ptr(0.5), "Two refunds are still open"
	})
	checkIn("refund-7", "refund-time", 7.5, 5, func(c *needle.CheckIn) { c.Confidence = ptr(0.7) })
	checkIn("uptime-1", "uptime", 99.9, 20, nil)
	checkIn("uptime-2", "uptime", 99.2, 4, func(c *needle.CheckIn) { c.AuthorID, c.MetricSource, c.ExternalID = nil, "prometheus", "2026-02-26" })
	checkIn("complaints-1", "complaints", 35, 40, nil)
	checkIn("complaints-2", "complaints", 31, 6, nil)
}

func (w *world) seedWork() {
	item := func(name, title, team string, status needle.StatusCategory, change func(*needle.BacklogItem)) {
		w.items[name] = w.Item(func(b *needle.BacklogItem) {
			b.Title, b.TeamID, b.CreatedAt, b.CreatedBy = title, w.teams[team].ID, ago(50), &w.people["mia"].ID
			if change != nil {
				change(b)
			}
		})
		w.name("item", name, w.items[name].ID)
		if status == needle.StatusDone {
			w.MoveItem(w.items[name], needle.StatusInProgress, ago(30))
		}
		w.MoveItem(w.items[name], status, ago(21))
	}
	item("epic", "Refunds without people", "checkout", needle.StatusInProgress, func(b *needle.BacklogItem) { b.Moscow = ptr(needle.MoscowMust) })
	item("button", "A refund button", "checkout", needle.StatusDone, func(b *needle.BacklogItem) {
		b.ParentID, b.Effort, b.Moscow = &w.items["epic"].ID, ptr(5.0), ptr(needle.MoscowMust)
	})
	item("batch", "Pay refunds every hour", "checkout", needle.StatusInProgress, func(b *needle.BacklogItem) {
		b.ParentID, b.Description = &w.items["epic"].ID, "Instead of every night"
	})
	item("colours", "Another green", "checkout", needle.StatusDone, nil)
	item("search", "Search in receipts", "payments", needle.StatusTodo, func(b *needle.BacklogItem) { b.Moscow = ptr(needle.MoscowShould) })
	item("export", "Export receipts", "payments", needle.StatusDropped, nil)
	rule := w.LinkRule(func(r *needle.LinkRule) { r.Pattern, r.KeyResultID = "kr:uptime", w.keyResults["uptime"].ID })
	w.name("rule", "uptime", rule.ID)
	link := func(name, item, keyResult string, change func(*needle.Contribution)) *needle.Contribution {
		c := w.Contribution(func(c *needle.Contribution) {
			c.ItemID, c.KeyResultID, c.ValidFrom, c.AuthorID = w.items[item].ID, w.keyResults[keyResult].ID, ago(35), &w.people["mia"].ID
			c.CreatedAt = ago(35)
			if change != nil {
				change(c)
			}
		})
		w.name("ctr", name, c.ID)
		return c
	}
	link("button", "button", "refund-time", func(c *needle.Contribution) {
		c.Bet = needle.Bet{Role: needle.RoleDrives, ExpectedLow: ptr(-4.0), ExpectedHigh: ptr(-2.0), LagMinDays: ptr(3), Note: "Half of the delay is our own"}
	})
	link("batch", "batch", "refund-time", func(c *needle.Contribution) { c.Role, c.CreatedAt = needle.RoleEnables, ago(34) })
	link("guard", "batch", "uptime", func(c *needle.Contribution) {
		c.Role, c.Origin, c.AuthorID, c.RuleID = needle.RoleGuards, needle.OriginRule, nil, &rule.ID
	})
	w.EndContribution(link("ended", "search", "refund-time", nil), ago(12))
	link("search", "search", "found", func(c *needle.Contribution) { c.Role = needle.RoleLearns })
}

func (w *world) seedTrackers() {
	conn := w.Connection(func(c *needle.Connection) {
		c.Kind, c.Name, c.AccountName, c.DefaultTeamID = "paper", "Folders", "needle-bot", &w.teams["checkout"].ID
		c.Settings = map[string]string{"shelf": "left", "colour": "grey"}
		c.WriteBack, c.WriteBackReason = true, "1 cannot be shown. The folder is full."
	})
	w.name("conn", "folders", conn.ID)
	broken := w.Connection(func(c *needle.Connection) {
		c.Kind, c.Name, c.State, c.StateReason, c.Failures = "paper", "Attic", needle.ConnectionAuthFailed, "The key was changed", 3
	})
	w.name("conn", "attic", broken.ID)
	for _, state := range []needle.WebhookDeliveryState{needle.WebhookDone, needle.WebhookIgnored, needle.WebhookFailed, needle.WebhookPending} {
		w.WebhookDelivery(func(d *needle.WebhookDelivery) {
			d.ConnectionID, d.DeliveryID, d.State, d.CreatedAt = conn.ID, "paper-"+strings.ToLower(string(state)), state, ago(1)
			if state == needle.WebhookFailed {
				d.Reason, d.Attempts = "The folder is missing", 8
				d.Hints = []needle.WebhookHint{{SourceKey: "shop/refunds", IssueID: "7", IssueKey: "shop/refunds#7"}}
			}
			if state == needle.WebhookPending {
				d.FinishedAt = nil
			}
		})
	}
	src := w.Source(func(s *needle.Source) {
		s.ConnectionID, s.RemoteKey, s.Watermark, s.BackfilledAt = conn.ID, "shop/refunds", ptr(ago(1)), ptr(ago(40))
	})
	w.name("src", "refunds", src.ID)
	w.name("src", "dust", w.Source(func(s *needle.Source) {
		s.ConnectionID, s.RemoteKey, s.State, s.StateReason = broken.ID, "attic/dust", needle.SourceError, "It is gone"
		s.CensusAt, s.Unobserved = ptr(ago(2)), 12
	}).ID)
	w.Quarantine(src.ID, "9", `{"title": 7}`)
	issue := func(name string, change func(*needle.Issue)) *needle.Issue {
		i := w.Issue(func(i *needle.Issue) {
			i.SourceID, i.RemoteID, i.RemoteKey, i.URL = src.ID, name, "shop/refunds#"+name, "https://tracker.example/shop/refunds/"+name
			change(i)
		})
		w.name("iss", name, i.ID)
		return i
	}
	seven := issue("7", func(i *needle.Issue) {
		i.Title, i.Labels, i.Assignees, i.Status, i.RawState = "Timeout in refunds", []string{"bug", "kr:uptime"}, []string{"mia"}, needle.StatusInProgress, "open"
		i.Type, i.Body, i.Estimate = needle.IssueTypeBug, "It hangs.", ptr(2.5)
	})
	w.Backlink(seven, func(b *needle.Backlink) {
		b.State, b.Attempts, b.Reason = needle.BacklinkFailed, 2, "The folder is full."
	})
	w.Backlink(issue("8", func(i *needle.Issue) {
		i.Title, i.GoneAt, i.RemoteClosedAt, i.Status = "Moved away", ptr(ago(2)), ptr(ago(3)), needle.StatusDone
		i.RemoteUpdatedAt = ago(3)
	}), func(b *needle.Backlink) { b.State, b.ChangedAt = needle.BacklinkRemoved, ago(2) })
	issue("9", func(i *needle.Issue) { i.Title, i.RawType, i.RemoteUpdatedAt = "Refunds lost in the post", "", ago(50) })
	w.items["timeout"] = w.Item(func(b *needle.BacklogItem) {
		b.Title, b.IssueID, b.TeamID, b.CreatedBy, b.Status = "Timeout in refunds", &seven.ID, w.teams["checkout"].ID, nil, needle.StatusInProgress
	})
	w.name("item", "timeout", w.items["timeout"].ID)
	run := func(name string, days int, change func(*needle.SyncRun)) {
		w.name("run", name, w.SyncRun(func(r *needle.SyncRun) {
			r.SourceID, r.StartedAt = src.ID, ago(days)
			r.FinishedAt = ptr(r.StartedAt.Add(time.Minute))
			change(r)
		}).ID)
	}
	run("backfill", 40, func(r *needle.SyncRun) {
		r.Kind, r.SyncCounts = needle.SyncBackfill, needle.SyncCounts{Pages: 1, Seen: 2, Inserted: 2, Requests: 1}
	})
	run("failed", 2, func(r *needle.SyncRun) { r.State, r.Reason = needle.SyncFailed, "the tracker does not answer" })
}

func (w *world) seedActivities() {
	w.name("act", "founded", w.Activity().ID)
	w.name("act", "moved", w.Activity(func(a *needle.Activity) {
		a.Verb, a.SubjectID, a.ActorID, a.RecordedAt = needle.VerbMoved, w.objectives["refunds"].ID.String(), &w.people["mia"].ID, ago(30)
		a.TeamID, a.ObjectiveID = &w.teams["checkout"].ID, &w.objectives["refunds"].ID
		a.Before, a.After, a.RequestID = []byte(`{"State":"PROPOSED"}`), []byte(`{"State":"AGREED"}`), "request-0"
	}).ID)
	w.name("act", "synced", w.Activity(func(a *needle.Activity) {
		a.Verb, a.SubjectID, a.ActorID, a.RecordedAt = needle.VerbFailed, w.ids["src:dust"], nil, ago(2)
	}).ID)
}

// as returns a context in which a person asks, with these scopes or, when there are none, all that a token can have.
func (w *world) as(t testing.TB, person string, scopes ...needle.TokenScope) context.Context {
	t.Helper()
	u := w.people[person]
	if u == nil {
		t.Fatalf("there is no %q in this world", person)
	}
	v := w.Viewer(u)
	v.WorkspaceID = u.WorkspaceID // Greta has one of her own.
	if len(scopes) > 0 {
		v.Scopes = scopes
	}
	return viewerContext(t, v)
}
