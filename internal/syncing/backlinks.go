package syncing

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// scribe works out what backlinks shall say. It reads each key result once, however many issues serve it.
type scribe struct {
	store.Scope
	base    string
	results map[needle.KeyResultID]*result
}

// result is a key result and the work that serves it.
type result struct {
	*needle.KeyResult
	closed bool
	// work is how much work serves it.
	work int
	// from and to are the ends, in seconds and each sorted, of the windows of the work that was delivered.
	from, to []int64
}

func (e *Engine) scribe(scope store.Scope) *scribe {
	return &scribe{Scope: scope, base: e.publicURL, results: map[needle.KeyResultID]*result{}}
}

// write returns the backlinks of issues, parallel to them. The number of statements does not depend on how many there are.
func (s *scribe) write(ctx context.Context, issues []*store.ServingIssue) ([]integrations.Backlink, error) {
	if err := s.learn(ctx, issues); err != nil {
		return nil, err
	}
	out := make([]integrations.Backlink, len(issues))
	for i, issue := range issues {
		out[i] = s.facts(issue).backlink()
	}
	return out, nil
}

// learn reads the key results that were not seen before.
func (s *scribe) learn(ctx context.Context, issues []*store.ServingIssue) error {
	var fresh []needle.KeyResultID
	for _, issue := range issues {
		for _, link := range issue.Links {
			if s.results[link.KeyResultID] == nil {
				s.results[link.KeyResultID] = &result{}
				fresh = append(fresh, link.KeyResultID)
			}
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	found, err := s.KeyResultsByID(ctx, fresh)
	if err != nil {
		return err
	}
	parents := make([]needle.ObjectiveID, len(found))
	for i, k := range found {
		parents[i] = k.ObjectiveID // A link cannot outlive its key result.
	}
	objectives, err := s.ObjectivesByID(ctx, parents)
	if err != nil {
		return err
	}
	for i, k := range found {
		s.results[k.ID].KeyResult, s.results[k.ID].closed = k, objectives[i].State == needle.ObjectiveClosed
	}
	work, err := s.ServingWork(ctx, fresh)
	if err != nil {
		return err
	}
	for _, w := range work {
		s.results[w.KeyResultID].add(w)
	}
	for _, id := range fresh {
		slices.Sort(s.results[id].from)
		slices.Sort(s.results[id].to)
	}
	return nil
}

func (r *result) add(w store.ServingWork) {
	r.work++
	if w.DeliveredAt == nil {
		return
	}
	window := impact.EffectWindow(*w.DeliveredAt, needle.Bet{LagMinDays: w.LagMinDays, LagMaxDays: w.LagMaxDays}, r.KeyResult)
	r.from, r.to = append(r.from, window.From.Unix()), append(r.to, window.To.Unix())
}

// overlapping counts the work whose window shares an instant with another: all but what ended before it or begins after.
func (r *result) overlapping(w impact.Window) int {
	from, to := w.From.Unix(), w.To.Unix()
	ended := sort.Search(len(r.to), func(i int) bool { return r.to[i] >= from })
	begun := sort.Search(len(r.from), func(i int) bool { return r.from[i] > to })
	return begun - ended
}

// facts gathers what the backlink of an issue is made of.
func (s *scribe) facts(issue *store.ServingIssue) backlinkFacts {
	f := backlinkFacts{issue: issue.ID, base: s.base, home: issue.URL, status: issue.Status, deliveredAt: issue.DeliveredAt}
	if s.base != "" {
		f.home = s.base + "/" + (&needle.BacklogItem{Number: issue.ItemNumber}).Key()
	}
	for _, link := range issue.Links {
		r := s.results[link.KeyResultID]
		f.served = append(f.served, servedResult{KeyResult: r.KeyResult, bet: link.Bet, closed: r.closed, others: others(r, link.Bet, issue)})
	}
	slices.SortFunc(f.served, func(a, b servedResult) int { return cmp.Compare(a.Number, b.Number) })
	return f
}

// others counts what else shares the window of the work or, before its delivery, serves the key result.
func others(r *result, bet needle.Bet, issue *store.ServingIssue) int {
	n := r.work
	if issue.DeliveredAt != nil {
		n = r.overlapping(impact.EffectWindow(*issue.DeliveredAt, bet, r.KeyResult))
	}
	if issue.Status == needle.StatusDropped {
		return n // It is not among what was counted.
	}
	return n - 1
}

// PreviewBacklink says what would be written beside an issue, whether or not its connection writes anything back; nil
// when there is no such issue, it is gone, or its work serves no key result.
func (e *Engine) PreviewBacklink(ctx context.Context, id needle.IssueID) (*needle.BacklinkText, error) {
	viewer, err := needle.Authorize(ctx, needle.ActRead)
	if err != nil {
		return nil, err
	}
	scope := e.store.In(viewer.WorkspaceID)
	issue, err := scope.ServingIssue(ctx, id)
	if err != nil || issue == nil {
		return nil, err
	}
	written, err := e.scribe(scope).write(ctx, []*store.ServingIssue{issue})
	if err != nil {
		return nil, err
	}
	return &needle.BacklinkText{Title: written[0].Title, Body: written[0].Body, URL: written[0].URL}, nil
}
