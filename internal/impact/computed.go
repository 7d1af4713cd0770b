package impact

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// RulesVersion counts the versions of the rules by which attributions are worked out. Whoever changes what an answer says
// of the same facts counts it up, so that no answer of the old rules is told under the new ones.
const RulesVersion = 1

// Compute works out what can be said of the links of every key result in the facts, to be told later: until something
// is written that it rests on, or until time alone changes it. How old tracker data is it leaves open; Recall fills that in.
// Key results of which that fails are missing from the answer, and the error says why.
func Compute(f needle.AttributionFacts) ([]*needle.ComputedAttributions, error) {
	f.TrackerReadAt = nil
	e := Gather(f)
	all := e.told()
	rows := make([]*needle.ComputedAttributions, 0, len(f.KeyResults))
	var failed error
	for _, kr := range f.KeyResults {
		answer, err := json.Marshal(lastingOf(kr, e.attributions[kr.ID]))
		digest, unreadable := all[kr.ID].digest()
		if err := errors.Join(err, unreadable); err != nil {
			failed = errors.Join(failed, fmt.Errorf("encoding the attributions of %s: %w", kr.Key(), err))
			continue
		}
		rows = append(rows, &needle.ComputedAttributions{
			KeyResultID: kr.ID, Rules: RulesVersion, Facts: digest, Answer: answer, ComputedAt: f.AsOf,
			HoldsUntil: e.holdsUntil(kr.ID, all[kr.ID]),
		})
	}
	return rows, failed
}

// lasting is what is said of the links of a key result but for what the instant of the question alone decides, with what
// sentences name of the things it is about.
type lasting struct {
	Number    int
	Unit      string
	Direction needle.Direction
	Links     []lastingLink
}

// lastingLink is what is said of one link.
type lastingLink struct {
	ID     needle.ContributionID
	Item   needle.BacklogItemID
	Number int
	Said   needle.Attribution
}

func lastingOf(kr *needle.KeyResult, said []*needle.Attribution) lasting {
	l := lasting{Number: kr.Number, Unit: kr.Unit, Direction: kr.Direction, Links: make([]lastingLink, len(said))}
	for i, a := range said {
		l.Links[i] = lastingLink{ID: a.Contribution.ID, Item: a.Item.ID, Number: a.Item.Number, Said: *a}
		kept := &l.Links[i].Said
		kept.AsOf, kept.Contribution, kept.Item, kept.KeyResult = time.Time{}, nil, nil, nil
	}
	return l
}

// Recall returns attributions that were computed as they are at an instant at which they still count. It reports false when
// the tracker's data is too old by then, which they do not know. Of key result, links and items they hold what sentences
// name, and no more.
func Recall(c *needle.ComputedAttributions, asOf time.Time, policy needle.AttributionPolicy) ([]*needle.Attribution, bool, error) {
	if stale(c.TrackerReadAt, asOf, policy) {
		return nil, false, nil
	}
	var l lasting
	if err := json.Unmarshal(c.Answer, &l); err != nil {
		return nil, false, fmt.Errorf("decoding attributions: %w", err)
	}
	kr := &needle.KeyResult{ID: c.KeyResultID, Number: l.Number, Unit: l.Unit, Direction: l.Direction}
	all := make([]*needle.Attribution, len(l.Links))
	for i := range l.Links {
		link := &l.Links[i]
		a := &link.Said
		a.AsOf, a.TrackerReadAt, a.KeyResult = asOf, c.TrackerReadAt, kr
		a.Item = &needle.BacklogItem{ID: link.Item, Number: link.Number}
		a.Contribution = &needle.Contribution{ID: link.ID, ItemID: link.Item, KeyResultID: c.KeyResultID}
		all[i] = a
	}
	return all, true, nil
}

// holdsUntil returns the next instant at which time alone may change what is said of a key result's links: a window opens
// or ends, or something begins to count that was written ahead of its time. It may name one that changes nothing.
func (e *Evidence) holdsUntil(id needle.KeyResultID, facts *told) *time.Time {
	var next *time.Time
	consider := func(times ...*time.Time) {
		for _, t := range times {
			if t != nil && t.After(e.asOf) && (next == nil || t.Before(*next)) {
				next = t
			}
		}
	}
	consider(&facts.CreatedAt)
	for _, v := range facts.Links {
		consider(&v.RecordedAt, &v.ValidFrom)
	}
	for _, t := range facts.Moves {
		consider(&t.OccurredAt, &t.RecordedAt, t.SupersededAt)
	}
	for _, c := range facts.CheckIns {
		consider(&c.RecordedAt, &c.MeasuredAt)
	}
	for _, x := range facts.Experiments {
		consider(&x.RecordedAt, x.RemovedAt)
	}
	for _, event := range facts.Events {
		consider(&event.RecordedAt, event.RemovedAt)
	}
	for _, a := range e.attempts[id] {
		for i := range a.windows {
			consider(&a.windows[i].From, &a.windows[i].To)
		}
	}
	return next
}

// told is what the links of one key result are judged by.
type told struct {
	Kind           needle.KeyResultKind
	Direction      needle.Direction
	Unit           string
	Cadence        int
	LagMin, LagMax int
	CreatedAt      time.Time
	CheckIns       []*needle.CheckIn
	Links          []*needle.ContributionVersion
	Moves          []*needle.ItemTransition
	Parents        []needle.BacklogItemID
	Events         []*needle.OutsideEvent
	Experiments    []*needle.Experiment
}

// told sorts the facts by what the links of each key result are judged by.
func (e *Evidence) told() map[needle.KeyResultID]*told {
	f := e.facts
	all := make(map[needle.KeyResultID]*told, len(f.KeyResults))
	for _, kr := range f.KeyResults {
		all[kr.ID] = &told{
			Kind: kr.Kind, Direction: kr.Direction, Unit: kr.Unit, Cadence: kr.CadenceDays, LagMin: kr.LagMinDays, LagMax: kr.LagMaxDays,
			CreatedAt: kr.CreatedAt,
		}
	}
	for _, c := range f.CheckIns {
		if t := all[c.KeyResultID]; t != nil {
			t.CheckIns = append(t.CheckIns, c)
		}
	}
	linked := map[needle.ContributionID]needle.KeyResultID{}
	for _, v := range f.Links {
		t := all[v.KeyResultID]
		if t == nil {
			continue
		}
		t.Links = append(t.Links, v)
		if _, again := linked[v.ID]; !again {
			t.Moves = append(t.Moves, e.transitions[v.ItemID]...)
			t.Parents = append(t.Parents, e.withAbove(v.ItemID)...)
		}
		linked[v.ID] = v.KeyResultID
	}
	for _, x := range f.Experiments {
		if t := all[linked[x.ContributionID]]; t != nil {
			t.Experiments = append(t.Experiments, x)
		}
	}
	for _, event := range f.OutsideEvents {
		if t := all[event.KeyResultID]; t != nil {
			t.Events = append(t.Events, event)
		}
	}
	return all
}

// digest returns a digest of the facts. Those that come in another order digest otherwise; the store reads them in one.
func (t *told) digest() ([]byte, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("digesting facts: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}

// withAbove returns an item and those above it, from the nearest on; parents that form a ring end the list.
func (e *Evidence) withAbove(id needle.BacklogItemID) []needle.BacklogItemID {
	list := []needle.BacklogItemID{id}
	for item := e.items[id]; item != nil && item.ParentID != nil && len(list) <= len(e.items); item = e.items[*item.ParentID] {
		list = append(list, *item.ParentID)
	}
	return list
}
