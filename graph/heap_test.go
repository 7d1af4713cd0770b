package graph

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	gql "github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// heapSize is the number of rows that each connection of a heap has at least.
const heapSize = 12

// heap is a workspace of random rows that are hard to keep apart: few titles, few moments, few numbers.
type heap struct {
	*storetest.Factory
	// parents are the objects that everything hangs below, by type.
	parents map[string]string
	random  *rand.Rand
}

// pick draws one of some values.
func pick[T any](h *heap, values ...T) T { return values[h.random.IntN(len(values))] }

// text draws one of few texts, among them some that differ by case, an accent or a space only, and some that look like
// the language of a query.
func (h *heap) text() string {
	return pick(h, "a", "A", "á", "a ", "b", "B", `"`, `\`, "%", "_", "?", "'", "Ω", "𝄞", "a,b", "§")
}

// moment draws one of few moments; two of them lie a microsecond apart.
func (h *heap) moment() time.Time {
	return storetest.Now().Add(-pick(h, time.Hour, time.Hour+time.Microsecond, 25*time.Hour, 400*24*time.Hour))
}

func (h *heap) stamp(s *needle.Stamp) { s.CreatedAt, s.UpdatedAt = h.moment(), h.moment() }

func (e *engine) newHeap(t testing.TB, seed uint64) *heap {
	t.Helper()
	tx, err := e.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &heap{
		Factory: storetest.Seed(t, tx), parents: map[string]string{},
		random: rand.New(rand.NewPCG(seed, 0)), // The rows shall be the same in every run.
	}
	h.seed()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return h
}

// seed makes one parent of each noun, then rows below them.
func (h *heap) seed() {
	user, team, cycle := h.User(), h.Team(), h.Cycle()
	pain, objective, keyResult := h.PainPoint(), h.Objective(), h.KeyResult()
	item, connection, source := h.Item(), h.Connection(), h.Source()
	vote, idea := h.Vote(closedBy(h.Owner.ID)), h.Idea()
	link := h.Contribution(func(c *needle.Contribution) { c.ItemID, c.KeyResultID = item.ID, keyResult.ID })
	h.parents = map[string]string{
		"User": user.ID.String(), "Team": team.ID.String(), "Cycle": cycle.ID.String(), "PainPoint": pain.ID.String(),
		"Objective": objective.ID.String(), "KeyResult": keyResult.ID.String(), "BacklogItem": item.ID.String(),
		"Connection": connection.ID.String(), "Source": source.ID.String(), "Vote": vote.ID.String(), "Idea": idea.ID.String(),
		"Comment":  h.Comment().ID.String(),
		"Proposal": h.Proposal().ID.String(), "Suggestion": h.Suggestion().ID.String(), "Contribution": link.ID.String(),
	}
	h.Join(team, user)
	h.Address(objective, pain)
	for range heapSize + h.random.IntN(heapSize) {
		h.seedPeople(user, team)
		h.seedResults(pain, objective, keyResult)
		h.carriedOn(objective)
		h.seedWork(item, keyResult, connection, source)
		// Versions show no id: since when they hold stands for it.
		link.ValidFrom = link.ValidFrom.Add(time.Minute)
		h.RepeatContribution(link, link.ValidFrom)
		h.seedBets(keyResult, link)
		h.WebhookDelivery(func(d *needle.WebhookDelivery) {
			h.stamp(&d.Stamp)
			// They show no id: their name stands for it, also in the order of equals.
			d.ConnectionID, d.DeliveryID = connection.ID, d.ID.String()
			d.Event, d.State = h.text(), pick(h, needle.WebhookDone, needle.WebhookFailed)
		})
		h.seedSigning(objective)
		h.seedIdeas(pain, keyResult)
		h.seedVotes(vote, objective.ID, keyResult.ID, idea.ID)
		h.seedTalk()
		h.seedRelief(pain)
		h.seedFeed(user, team, objective, keyResult.ID.String(), pain.ID.String(), item.ID.String())
		h.seedInbox(user)
	}
}

func (h *heap) seedPeople(user *needle.User, team *needle.Team) {
	h.User(func(u *needle.User) {
		h.stamp(&u.Stamp)
		u.Name, u.Role, u.Function = h.text(), pick(h, needle.RoleAdmin, needle.RoleViewer), pick(h, needle.FunctionLeader, needle.FunctionTeam)
	})
	h.Join(h.Team(func(t *needle.Team) {
		h.stamp(&t.Stamp)
		t.Name, t.ParentID = h.text(), &team.ID
	}), user)
	h.Cycle(func(c *needle.Cycle) {
		h.stamp(&c.Stamp)
		day := h.moment()
		c.Name, c.StartsOn, c.EndsOn = c.Name+h.text(), needle.NewDate(day), needle.NewDate(day.AddDate(0, 3, 0))
	})
}

func (h *heap) seedResults(pain *needle.PainPoint, objective *needle.Objective, keyResult *needle.KeyResult) {
	p := h.PainPoint(func(p *needle.PainPoint) {
		h.stamp(&p.Stamp)
		p.Title, p.Severity = h.text(), 1+h.random.IntN(3)
	})
	h.Address(objective, p)
	h.seedPainParts(pain, p)
	h.Evidence(func(e *needle.Evidence) {
		h.stamp(&e.Stamp)
		e.Source, e.Customer, e.ObservedAt = pick(h, needle.EvidenceQuote, needle.EvidenceSurvey), h.text(), h.moment()
	})
	for i := range 2 {
		h.Address(h.Objective(func(o *needle.Objective) {
			h.stamp(&o.Stamp)
			o.Title, o.State = h.text(), pick(h, needle.ObjectiveDraft, needle.ObjectiveAgreed)
			if i == 0 {
				o.ParentObjectiveID = &objective.ID
			} else {
				o.ParentKeyResultID = &keyResult.ID
			}
		}), pain)
	}
	h.KeyResult(func(k *needle.KeyResult) {
		h.stamp(&k.Stamp)
		k.Title, k.Kind = h.text(), pick(h, needle.KindMetric, needle.KindMilestone)
	})
	c := h.CheckIn(func(c *needle.CheckIn) {
		c.Value, c.MeasuredAt, c.RecordedAt = float64(h.random.IntN(3)), h.moment(), h.moment()
	})
	if h.random.IntN(2) == 0 {
		h.CheckIn(func(n *needle.CheckIn) { n.SupersedesID, n.MeasuredAt, n.RecordedAt = &c.ID, c.MeasuredAt, h.moment() })
	}
}

func (h *heap) seedWork(item *needle.BacklogItem, keyResult *needle.KeyResult, connection *needle.Connection, source *needle.Source) {
	b := h.Item(func(b *needle.BacklogItem) {
		h.stamp(&b.Stamp)
		b.Title, b.ParentID, b.Status = h.text(), &item.ID, pick(h, needle.StatusTodo, needle.StatusDone, needle.StatusDropped)
		b.Moscow = pick(h, nil, ptr(needle.MoscowMust), ptr(needle.MoscowWont))
	})
	other := h.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = h.Objective().ID })
	for range 2 {
		h.Contribution(func(c *needle.Contribution) {
			h.stamp(&c.Stamp)
			c.ItemID, c.KeyResultID, c.ValidFrom, c.Role = b.ID, keyResult.ID, h.moment(), pick(h, needle.RoleDrives, needle.RoleLearns)
		})
		b, keyResult = item, other
	}
	h.Connection(func(c *needle.Connection) {
		h.stamp(&c.Stamp)
		c.Name += h.text()
	})
	s := h.Source(func(s *needle.Source) {
		h.stamp(&s.Stamp)
		s.ConnectionID, s.RemoteKey, s.State = connection.ID, h.text()+s.RemoteKey, pick(h, needle.SourceOK, needle.SourcePending)
	})
	for _, of := range []*needle.Source{source, s} {
		h.SyncRun(func(r *needle.SyncRun) {
			r.SourceID, r.StartedAt, r.State = of.ID, h.moment(), pick(h, needle.SyncSucceeded, needle.SyncFailed)
		})
		h.Quarantine(of.ID, "", h.text())
	}
	issue := h.Issue(func(i *needle.Issue) {
		i.SourceID = source.ID
		i.Title, i.RemoteKey, i.RemoteCreatedAt, i.RemoteUpdatedAt = h.text(), h.text(), h.moment(), h.moment()
		i.Labels = pick(h, []string{}, []string{"a"}, []string{"b", "a"})
	})
	h.Backlink(issue, func(b *needle.Backlink) {
		b.State, b.ChangedAt = pick(h, needle.BacklinkWritten, needle.BacklinkFailed), h.moment()
	})
	h.LinkRule(func(r *needle.LinkRule) {
		h.stamp(&r.Stamp)
		r.Pattern, r.KeyResultID, r.Enabled = h.text(), other.ID, pick(h, true, false)
	})
}

// filter draws a filter of a type: conditions on some of its fields, and combinations of such filters.
func (h *heap) filter(rt *rapid.T, s *gql.Schema, def *gql.Definition, depth int) map[string]any {
	out := map[string]any{}
	for _, f := range rapid.Permutation(def.Fields).Draw(rt, "conditions")[:rapid.IntRange(0, 2).Draw(rt, "number")] {
		switch to := s.Types[f.Type.Name()]; {
		case to == def && depth == 0:
		case to == def && f.Type.Elem != nil:
			out[f.Name] = []any{h.filter(rt, s, def, depth-1), h.filter(rt, s, def, depth-1)}
		case to == def:
			out[f.Name] = h.filter(rt, s, def, depth-1)
		case to.Name == "Boolean":
			out[f.Name] = rapid.Bool().Draw(rt, "flag")
		case to.Name == "String":
			out[f.Name] = "a"
		case strings.HasSuffix(to.Name, "IDComparator"):
			out[f.Name] = map[string]any{"nin": []any{}}
		default:
			out[f.Name] = h.comparison(rt, s, to)
		}
	}
	return out
}

// comparison draws a comparator of a leaf, or a question for related rows.
func (h *heap) comparison(rt *rapid.T, s *gql.Schema, def *gql.Definition) map[string]any {
	switch def.Name {
	case "StringComparator":
		kind := rapid.SampledFrom([]string{"contains", "startsWith", "eq", "neq"}).Draw(rt, "text comparison")
		return map[string]any{kind: rapid.SampledFrom([]string{"a", "A", "%", `\`, "Ω", ""}).Draw(rt, "text")}
	case "NumberComparator":
		kind := rapid.SampledFrom([]string{"gt", "lte", "eq", "neq"}).Draw(rt, "number comparison")
		return map[string]any{kind: rapid.IntRange(0, 3).Draw(rt, "number")}
	case "DateComparator":
		kind := rapid.SampledFrom([]string{"gt", "gte", "lt", "lte"}).Draw(rt, "date comparison")
		return map[string]any{kind: rapid.SampledFrom([]string{"-PT1H", "-P1D", "-P1Y", "2026-01-01"}).Draw(rt, "date")}
	}
	if some := def.Fields.ForName("some"); some != nil {
		kind := rapid.SampledFrom([]string{"some", "none"}).Draw(rt, "quantifier")
		return map[string]any{kind: map[string]any{}}
	}
	if def.Fields.ForName("eq") == nil {
		return h.filter(rt, s, def, 0) // It is a filter of a related object.
	}
	values := s.Types[def.Fields.ForName("eq").Type.Name()].EnumValues
	kind := rapid.SampledFrom([]string{"eq", "neq"}).Draw(rt, "comparison")
	return map[string]any{kind: rapid.SampledFrom(values).Draw(rt, "value").Name}
}
