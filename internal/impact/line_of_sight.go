package impact

import (
	"cmp"
	"maps"
	"slices"

	"github.com/needle-okr/needle/internal/needle"
)

// LineOfSight answers, from what was known at AsOf, over what the line leads from a pain point to the issues of trackers,
// or from a piece of work back to the pain points, and where it ends although it should go on. The answer depends on the
// facts only, never on their order.
//
// From a pain point it leads to what remained of it after the merges that stood then, to the objectives that addressed
// either or another duplicate, to their key results, to the work linked to these with all that lies below it, and to the
// issues of that work. From a piece of work it takes what lies above that is linked to a key result, and all that lies below,
// with their issues; then the key results that any of these served, their objectives, and what these addressed. Alignment
// of objectives is not followed, as on the ladder: that one objective serves another says nothing of a customer.
//
// What has no history is as it is now: which objective a key result belongs to, which item is the parent of another and
// which issue it mirrors, whether a tracker lost an issue before AsOf, the keys of issues, and the workspace's policy.
func LineOfSight(f needle.LineOfSightFacts) *needle.LineOfSight {
	s := see(f)
	whole := s.walk(len(f.Pains) + len(f.Objectives) + len(f.KeyResults) + len(f.Items) + len(f.Issues))
	steps, breaks := s.steps(whole), s.breaks(whole)
	line := &needle.LineOfSight{AsOf: f.AsOf, Connected: whole.connects(), Breaks: first(breaks, needle.MaxLine)}
	line.Counts = whole.counts()
	line.Counts.Steps, line.Counts.Breaks = len(steps), len(breaks)
	shown := s.walk(needle.MaxLine)
	line.Truncated = shown.counts() != whole.counts() || len(steps) > needle.MaxLineSteps || len(breaks) > needle.MaxLine
	if line.Truncated {
		steps = s.steps(shown)
	}
	line.Steps = first(steps, needle.MaxLineSteps)
	s.show(line, shown)
	return line
}

// way is what a line of sight leads over.
type way struct {
	pains      []*pain
	objectives []*needle.ObjectiveVersion
	keyResults []*needle.LineKeyResult
	items      []nested
	issues     []*needle.LineIssue
}

// nested is an item and how many others of the line lie above it.
type nested struct {
	*needle.LineItem
	depth int
}

func (w way) connects() bool {
	return len(w.pains) > 0 && len(w.objectives) > 0 && len(w.keyResults) > 0 && len(w.items) > 0
}

func (w way) counts() needle.LineCounts {
	return needle.LineCounts{
		PainPoints: len(w.pains), Objectives: len(w.objectives), KeyResults: len(w.keyResults), Work: len(w.items), Issues: len(w.issues),
	}
}

// walk follows the line from where it starts, over limit things of each kind at most: what is cut off leads no further, so
// that everything on the way hangs together.
func (s *sight) walk(limit int) way {
	if s.from.PainPointID != nil {
		return s.down(limit)
	}
	return s.up(limit)
}

// down follows the line from a pain point to issues.
func (s *sight) down(limit int) (w way) {
	start := s.pains[*s.from.PainPointID]
	if start == nil {
		return w
	}
	remained := root(s.pains, start)
	tree := map[*pain]bool{}
	for _, all := range s.addressed {
		for _, a := range all {
			if p := s.pains[a.PainPointID]; root(s.pains, p) == remained {
				for _, on := range chain(s.pains, p) {
					tree[on] = true
				}
			}
		}
	}
	w.pains = chain(s.pains, start)
	for _, p := range w.pains {
		delete(tree, p)
	}
	w.pains = first(append(w.pains, painsInOrder(tree)...), limit)
	pains, objectives := set(w.pains), map[*needle.ObjectiveVersion]bool{}
	for id, all := range s.addressed {
		for _, a := range all {
			if pains[s.pains[a.PainPointID]] {
				objectives[s.objectives[id]] = true
			}
		}
	}
	w.objectives = first(objectivesInOrder(objectives), limit)
	objectives = set(w.objectives)
	keyResults := map[*needle.LineKeyResult]bool{}
	for _, kr := range s.keyResults {
		if objectives[s.objectives[kr.ObjectiveID]] {
			keyResults[kr] = true
		}
	}
	w.keyResults = first(keyResultsInOrder(keyResults), limit)
	keyResults = set(w.keyResults)
	work := map[*needle.LineItem]bool{}
	for id, links := range s.links {
		for _, link := range links {
			if keyResults[s.keyResults[link.KeyResultID]] {
				work[s.items[id]] = true
			}
		}
	}
	s.addBelow(work)
	w.items = first(s.nest(work), limit)
	w.issues = s.issuesOf(w.items)
	return w
}

// up follows the line from a piece of work to pain points.
func (s *sight) up(limit int) (w way) {
	work := map[*needle.LineItem]bool{}
	start := s.start()
	if start != nil {
		work[start] = true
		s.addBelow(work)
		for _, above := range s.servingAbove(start) {
			work[above] = true
		}
	}
	w.items = first(s.nest(work), limit)
	keyResults := map[*needle.LineKeyResult]bool{}
	objectives := map[*needle.ObjectiveVersion]bool{}
	for _, item := range w.items {
		for _, link := range s.links[item.ID] {
			keyResults[s.keyResults[link.KeyResultID]] = true
		}
	}
	w.keyResults = first(keyResultsInOrder(keyResults), limit)
	for _, kr := range w.keyResults {
		objectives[s.objectives[kr.ObjectiveID]] = true
	}
	w.objectives = first(objectivesInOrder(objectives), limit)
	pains := map[*pain]bool{}
	for _, o := range w.objectives {
		for _, a := range s.addressed[o.ObjectiveID] {
			for _, p := range chain(s.pains, s.pains[a.PainPointID]) {
				pains[p] = true
			}
		}
	}
	w.pains = first(painsInOrder(pains), limit)
	w.issues = s.issuesOf(w.items)
	if asked := s.asked(); asked != nil && start == nil {
		w.issues = []*needle.LineIssue{asked}
	}
	return w
}

// start returns the work that the line starts from; nil when none was known.
func (s *sight) start() *needle.LineItem {
	if s.from.ItemID != nil {
		return s.items[*s.from.ItemID]
	}
	if s.asked() != nil {
		for _, item := range s.items {
			if item.IssueID != nil && *item.IssueID == *s.from.IssueID {
				return item
			}
		}
	}
	return nil
}

// asked returns the issue that the line starts from; nil when it starts elsewhere or the issue was not known.
func (s *sight) asked() *needle.LineIssue {
	if s.from.IssueID == nil {
		return nil
	}
	return s.issues[*s.from.IssueID]
}

// addBelow adds everything that lies below some work.
func (s *sight) addBelow(work map[*needle.LineItem]bool) {
	open := slices.Collect(maps.Keys(work))
	for len(open) > 0 {
		item := open[len(open)-1]
		open = open[:len(open)-1]
		for _, child := range s.below[item.ID] {
			if !work[child] {
				work[child] = true
				open = append(open, child)
			}
		}
	}
}

// above returns what lies above an item, the nearest first. Parents that form a ring end the search.
func (s *sight) above(item *needle.LineItem) []*needle.LineItem {
	var above []*needle.LineItem
	met := map[*needle.LineItem]bool{item: true}
	for item.ParentID != nil {
		item = s.items[*item.ParentID]
		if item == nil || met[item] {
			break
		}
		met[item] = true
		above = append(above, item)
	}
	return above
}

// servingAbove returns what lies above an item, up to the last that serves a key result.
func (s *sight) servingAbove(item *needle.LineItem) []*needle.LineItem {
	above := s.above(item)
	for len(above) > 0 && len(s.links[above[len(above)-1].ID]) == 0 {
		above = above[:len(above)-1]
	}
	return above
}

// nest orders work from the top: what lies below none of the others by key, then what lies right below that, and so on.
// Of a ring the one with the lowest key stands on top.
func (s *sight) nest(work map[*needle.LineItem]bool) []nested {
	placed := make(map[*needle.LineItem]bool, len(work))
	out := make([]nested, 0, len(work))
	level := []*needle.LineItem{}
	for item := range work {
		if item.ParentID == nil || !work[s.items[*item.ParentID]] {
			level = append(level, item)
			placed[item] = true
		}
	}
	for depth := 0; len(out) < len(work); depth++ {
		if len(level) == 0 { // All that is left lies in rings.
			left := maps.Clone(work)
			maps.DeleteFunc(left, func(item *needle.LineItem, _ bool) bool { return placed[item] })
			top := slices.MinFunc(slices.Collect(maps.Keys(left)), byLineItem)
			placed[top], level, depth = true, []*needle.LineItem{top}, 0
		}
		slices.SortFunc(level, byLineItem)
		var next []*needle.LineItem
		for _, item := range level {
			out = append(out, nested{item, depth})
			for _, child := range s.below[item.ID] {
				if work[child] && !placed[child] {
					placed[child] = true
					next = append(next, child)
				}
			}
		}
		level = next
	}
	return out
}

// issuesOf returns the issues that work mirrors, in the order of the work.
func (s *sight) issuesOf(work []nested) []*needle.LineIssue {
	var issues []*needle.LineIssue
	for _, item := range work {
		if item.IssueID != nil && s.issues[*item.IssueID] != nil {
			issues = append(issues, s.issues[*item.IssueID])
		}
	}
	return issues
}

// show writes a way down as the answer tells it.
func (s *sight) show(line *needle.LineOfSight, w way) {
	line.PainPoints = make([]*needle.LinePainPoint, len(w.pains))
	for i, p := range w.pains {
		line.PainPoints[i] = &needle.LinePainPoint{
			PainPointID: p.id, Status: p.status, Severity: p.severity, Evidence: s.evidence[p.id], FreshEvidence: p.fresh, NewestEvidenceAt: p.newest,
		}
	}
	line.Objectives = make([]*needle.LineObjective, len(w.objectives))
	for i, o := range w.objectives {
		line.Objectives[i] = &needle.LineObjective{ObjectiveID: o.ObjectiveID, State: o.State}
	}
	for _, kr := range w.keyResults {
		line.KeyResultIDs = append(line.KeyResultIDs, kr.ID)
	}
	line.Work = make([]*needle.LineWork, len(w.items))
	for i, item := range w.items {
		state := s.work[item.ID]
		line.Work[i] = &needle.LineWork{ItemID: item.ID, Depth: item.depth, Status: state.Status, DeliveredAt: state.DeliveredAt}
	}
	for _, issue := range w.issues {
		line.IssueIDs = append(line.IssueIDs, issue.ID)
	}
}

func set[T comparable](all []T) map[T]bool {
	members := make(map[T]bool, len(all))
	for _, member := range all {
		members[member] = true
	}
	return members
}

// first returns at most the first so many of some things.
func first[T any](all []T, limit int) []T { return all[:min(len(all), limit)] }

func byLineItem(a, b *needle.LineItem) int { return cmp.Compare(a.Number, b.Number) }

func painsInOrder(pains map[*pain]bool) []*pain {
	return slices.SortedFunc(maps.Keys(pains), func(a, b *pain) int { return cmp.Compare(a.number, b.number) })
}

func objectivesInOrder(objectives map[*needle.ObjectiveVersion]bool) []*needle.ObjectiveVersion {
	return slices.SortedFunc(maps.Keys(objectives), func(a, b *needle.ObjectiveVersion) int { return cmp.Compare(a.Number, b.Number) })
}

func keyResultsInOrder(keyResults map[*needle.LineKeyResult]bool) []*needle.LineKeyResult {
	return slices.SortedFunc(maps.Keys(keyResults), func(a, b *needle.LineKeyResult) int { return cmp.Compare(a.Number, b.Number) })
}
