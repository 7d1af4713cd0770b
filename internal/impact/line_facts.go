package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// sight is what was known at an instant of everything that a line of sight may lead over.
type sight struct {
	from      needle.LineOfSightFrom
	startKey  string
	asOf      time.Time
	freshDays int
	pains     map[needle.PainPointID]*pain
	// evidence counts what spoke for each pain point, fresh or not, that of what had been merged into it included.
	evidence   map[needle.PainPointID]int
	objectives map[needle.ObjectiveID]*needle.ObjectiveVersion
	// addressed is what each known objective addressed of the known pain points, by their keys.
	addressed map[needle.ObjectiveID][]*needle.AddressedPain
	// keyResults are those whose objective was known.
	keyResults map[needle.KeyResultID]*needle.LineKeyResult
	// links are those of known items to known key results, by the keys of these.
	links map[needle.BacklogItemID][]*needle.Contribution
	items map[needle.BacklogItemID]*needle.LineItem
	// below is what lies right below each item, by key.
	below  map[needle.BacklogItemID][]*needle.LineItem
	work   map[needle.BacklogItemID]WorkState
	issues map[needle.IssueID]*needle.LineIssue
}

// see keeps what of the facts was known at their instant.
func see(f needle.LineOfSightFacts) *sight {
	s := &sight{
		from: f.From, startKey: f.StartKey, asOf: f.AsOf, freshDays: f.FreshDays, pains: painsAsOf(f.Pains, f.AsOf),
		evidence: map[needle.PainPointID]int{}, objectives: map[needle.ObjectiveID]*needle.ObjectiveVersion{},
		addressed: map[needle.ObjectiveID][]*needle.AddressedPain{}, keyResults: map[needle.KeyResultID]*needle.LineKeyResult{},
		issues: map[needle.IssueID]*needle.LineIssue{},
	}
	for _, e := range f.Evidence {
		if p := s.pains[e.PainPointID]; p != nil && !e.RecordedAt.After(f.AsOf) {
			for _, on := range chain(s.pains, p) {
				on.show(e, f.AsOf, f.FreshDays)
				s.evidence[on.id]++
			}
		}
	}
	s.seeObjectives(f)
	s.seeWork(f)
	for _, issue := range f.Issues {
		if !issue.CreatedAt.After(f.AsOf) {
			s.issues[issue.ID] = issue
		}
	}
	return s
}

func (s *sight) seeObjectives(f needle.LineOfSightFacts) {
	for id, history := range histories(f.Objectives, f.AsOf, func(v *needle.ObjectiveVersion) (needle.ObjectiveID, time.Time, int) {
		return v.ObjectiveID, v.RecordedAt, v.Version
	}) {
		s.objectives[id] = history[len(history)-1]
	}
	for _, a := range f.Addressed {
		held := !a.From.After(f.AsOf) && (a.To == nil || a.To.After(f.AsOf))
		if held && s.objectives[a.ObjectiveID] != nil && s.pains[a.PainPointID] != nil {
			s.addressed[a.ObjectiveID] = append(s.addressed[a.ObjectiveID], a)
		}
	}
	for _, all := range s.addressed {
		slices.SortFunc(all, func(a, b *needle.AddressedPain) int {
			return cmp.Or(cmp.Compare(s.pains[a.PainPointID].number, s.pains[b.PainPointID].number), a.From.Compare(b.From))
		})
	}
	for _, kr := range f.KeyResults {
		if !kr.CreatedAt.After(f.AsOf) && s.objectives[kr.ObjectiveID] != nil {
			s.keyResults[kr.ID] = kr
		}
	}
}

func (s *sight) seeWork(f needle.LineOfSightFacts) {
	s.items = make(map[needle.BacklogItemID]*needle.LineItem, len(f.Items))
	for _, item := range f.Items {
		if !item.CreatedAt.After(f.AsOf) {
			s.items[item.ID] = item
		}
	}
	s.below = map[needle.BacklogItemID][]*needle.LineItem{}
	s.work = make(map[needle.BacklogItemID]WorkState, len(s.items))
	transitions := groupBy(f.Transitions, func(t *needle.ItemTransition) needle.BacklogItemID { return t.ItemID })
	for id, item := range s.items {
		s.work[id] = WorkAsOf(transitions[id], f.AsOf)
		if item.ParentID != nil {
			s.below[*item.ParentID] = append(s.below[*item.ParentID], item)
		}
	}
	for _, children := range s.below {
		slices.SortFunc(children, byLineItem)
	}
	learnt := map[needle.ContributionID]time.Time{}
	for _, v := range f.Links {
		if at, known := learnt[v.ID]; !known || v.RecordedAt.Before(at) {
			learnt[v.ID] = v.RecordedAt
		}
	}
	s.links = map[needle.BacklogItemID][]*needle.Contribution{}
	for _, link := range LinksAsOf(f.Links, f.AsOf) {
		if s.items[link.ItemID] != nil && s.keyResults[link.KeyResultID] != nil {
			link.CreatedAt = learnt[link.ID] // The version has its own.
			s.links[link.ItemID] = append(s.links[link.ItemID], link)
		}
	}
	for _, links := range s.links { // They come by id, which settles two links to one key result.
		slices.SortStableFunc(links, func(a, b *needle.Contribution) int {
			return cmp.Compare(s.keyResults[a.KeyResultID].Number, s.keyResults[b.KeyResultID].Number)
		})
	}
}

// chain returns a pain point and what it was merged into, step by step, to what remained. Of merges in a ring, or into
// what is not known, there is nothing but the pain point itself.
func chain(pains map[needle.PainPointID]*pain, p *pain) []*pain {
	remained := root(pains, p)
	steps := []*pain{p}
	for p != remained {
		p = pains[*p.mergedInto]
		steps = append(steps, p)
	}
	return steps
}
