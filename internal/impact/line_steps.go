package impact

import (
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// steps returns what joins the things on a way: those next to the customer first, each in the order of the things it starts
// from.
func (s *sight) steps(w way) []*needle.LineStep {
	steps := []*needle.LineStep{}
	pains, objectives, keyResults, items := set(w.pains), set(w.objectives), set(w.keyResults), map[*needle.LineItem]bool{}
	for _, item := range w.items {
		items[item.LineItem] = true
	}
	add := func(kind needle.LineStepKind, from, to fmt.Stringer, since *time.Time, sentence string) *needle.LineStep {
		step := &needle.LineStep{Kind: kind, FromID: from.String(), ToID: to.String(), Since: since, Sentence: sentence}
		steps = append(steps, step)
		return step
	}
	for _, p := range w.pains {
		if up := chain(s.pains, p); len(up) > 1 && pains[up[1]] {
			into := up[1]
			add(needle.StepMergedInto, p.id, into.id, p.mergedAt, painKey(p)+" is a duplicate of "+painKey(into))
		}
	}
	for _, o := range w.objectives {
		for _, a := range s.addressed[o.ObjectiveID] {
			if p := s.pains[a.PainPointID]; pains[p] {
				add(needle.StepAddresses, o.ObjectiveID, p.id, &a.From, objectiveKey(o)+" addresses "+painKey(p))
			}
		}
	}
	for _, kr := range w.keyResults {
		if o := s.objectives[kr.ObjectiveID]; objectives[o] {
			add(needle.StepMeasures, kr.ID, o.ObjectiveID, &kr.CreatedAt, keyResultKey(kr)+" measures "+objectiveKey(o))
		}
	}
	for _, item := range w.items {
		for _, link := range s.links[item.ID] {
			if kr := s.keyResults[link.KeyResultID]; keyResults[kr] {
				add(needle.StepServes, item.ID, kr.ID, &link.ValidFrom, s.serving(item.LineItem, link)).Contribution = link
			}
		}
	}
	for _, item := range w.items {
		if item.ParentID != nil && items[s.items[*item.ParentID]] {
			add(needle.StepPartOf, item.ID, *item.ParentID, nil, itemKey(item.LineItem)+" is part of "+itemKey(s.items[*item.ParentID]))
		}
	}
	for _, item := range w.items {
		if issue := s.issue(item.LineItem); issue != nil {
			add(needle.StepMirroredBy, issue.ID, item.ID, nil, issue.RemoteKey+" is mirrored by "+itemKey(item.LineItem))
		}
	}
	return steps
}

// serving says what a link says: in which role the work serves and who or what linked it.
func (s *sight) serving(item *needle.LineItem, link *needle.Contribution) string {
	verb := map[needle.ContributionRole]string{
		needle.RoleDrives: " drives ", needle.RoleEnables: " enables ", needle.RoleGuards: " guards ", needle.RoleLearns: " learns about ",
	}[link.Role]
	origin := ", inherited from what lies above it"
	switch link.Origin {
	case needle.OriginPerson:
		origin = ", linked by a person"
	case needle.OriginText:
		origin = ", linked by words in its issue"
	case needle.OriginRule:
		origin = ", linked by a rule"
	case needle.OriginEpic:
		if link.EpicID != nil && s.items[*link.EpicID] != nil {
			origin = ", inherited from " + itemKey(s.items[*link.EpicID])
		}
	}
	return itemKey(item) + verb + keyResultKey(s.keyResults[link.KeyResultID]) + origin
}

// issue returns the issue that an item mirrors; nil when it is native or the issue was not known.
func (s *sight) issue(item *needle.LineItem) *needle.LineIssue {
	if item.IssueID == nil {
		return nil
	}
	return s.issues[*item.IssueID]
}

func painKey(p *pain) string { return fmt.Sprintf("%s-%d", needle.PainPointKey, p.number) }

func objectiveKey(o *needle.ObjectiveVersion) string {
	return fmt.Sprintf("%s-%d", needle.ObjectiveKey, o.Number)
}

func keyResultKey(k *needle.LineKeyResult) string {
	return fmt.Sprintf("%s-%d", needle.KeyResultKey, k.Number)
}

func itemKey(i *needle.LineItem) string { return fmt.Sprintf("%s-%d", needle.BacklogItemKey, i.Number) }
