package planning

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

const (
	// computedAtOnce is how many key results are worked out and stored in one go.
	computedAtOnce = 50
	// dueAtOnce bounds what is looked up at a time.
	dueAtOnce = 1000
)

// ComputeDueAttributions works out the attributions of all key results, of all workspaces, that something was written of since
// they were worked out, or that time has changed. It locks no row that people write, and what is written meanwhile is worked
// out the next time. What fails of one workspace keeps no other from being worked out.
func (p *Planner) ComputeDueAttributions(ctx context.Context) (needle.Recomputation, error) {
	var total needle.Recomputation
	var failed error
	for {
		due, err := p.store.DueAttributions(ctx, impact.RulesVersion, dueAtOnce)
		if err != nil {
			return total, errors.Join(failed, err)
		}
		done, err := p.computeAll(ctx, due)
		total.KeyResults += done.KeyResults
		total.Changed += done.Changed
		failed = errors.Join(failed, err)
		if len(due) < dueAtOnce || done.KeyResults == 0 || ctx.Err() != nil {
			return total, failed
		}
	}
}

// RecomputeAttributions works out the attributions of all key results of all workspaces anew, due or not, and says how many
// that were not due came out otherwise, which is none unless something is wrong.
func (p *Planner) RecomputeAttributions(ctx context.Context) (needle.Recomputation, error) {
	var total needle.Recomputation
	var failed error
	var behind store.DueKeyResult
	for {
		all, err := p.store.AllAttributions(ctx, behind, dueAtOnce)
		if err != nil || len(all) == 0 {
			return total, errors.Join(failed, err)
		}
		behind = all[len(all)-1]
		done, err := p.computeAll(ctx, all)
		total.KeyResults += done.KeyResults
		total.Changed += done.Changed
		if failed = errors.Join(failed, err); ctx.Err() != nil {
			return total, failed
		}
	}
}

// computeAll works out the attributions of key results that come by workspace, some at a time.
func (p *Planner) computeAll(ctx context.Context, all []store.DueKeyResult) (needle.Recomputation, error) {
	var total needle.Recomputation
	var failed error
	for len(all) > 0 && ctx.Err() == nil {
		n := 1
		for n < len(all) && n < computedAtOnce && all[n].WorkspaceID == all[0].WorkspaceID {
			n++
		}
		ids := make([]needle.KeyResultID, n)
		for i, d := range all[:n] {
			ids[i] = d.KeyResultID
		}
		done, err := p.compute(ctx, p.store.In(all[0].WorkspaceID), ids)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("computing attributions of %s: %w", all[0].WorkspaceID, err))
		}
		total.KeyResults += done.KeyResults
		total.Changed += done.Changed
		all = all[n:]
	}
	return total, failed
}

// compute works out the attributions of some key results of one workspace and stores them. The claim comes first, so that
// nothing that is written later is taken for known.
func (p *Planner) compute(ctx context.Context, s store.Scope, ids []needle.KeyResultID) (needle.Recomputation, error) {
	var done needle.Recomputation
	now := s.Now()
	claim, err := s.ClaimAttributions(ctx, ids, impact.RulesVersion, now)
	if err != nil {
		return done, err
	}
	facts, err := s.KeyResultFacts(ctx, ids, now)
	if err != nil {
		return done, err
	}
	rows, failed := impact.Compute(facts)
	if done.Changed, err = unmarked(ctx, s, claim, rows); err != nil {
		return done, errors.Join(failed, err)
	}
	done.KeyResults, err = s.SaveComputedAttributions(ctx, rows, claim)
	return done, errors.Join(failed, err)
}

// unmarked counts the rows that counted before their facts were read, still count now, and say something else: a mark that
// was missing then and is missing now was never set.
func unmarked(ctx context.Context, s store.Scope, claim store.Claim, rows []*needle.ComputedAttributions) (int, error) {
	var others []*needle.ComputedAttributions
	var ids []needle.KeyResultID
	for _, row := range rows {
		if was := claim.Counted[row.KeyResultID]; was != nil && !bytes.Equal(was.Answer, row.Answer) {
			others, ids = append(others, row), append(ids, row.KeyResultID)
		}
	}
	if len(others) == 0 {
		return 0, nil
	}
	still, err := s.ComputedAttributions(ctx, ids, impact.RulesVersion, others[0].ComputedAt)
	n := 0
	for _, row := range others {
		if is := still[row.KeyResultID]; is != nil && !bytes.Equal(is.Answer, row.Answer) {
			n++
		}
	}
	return n, err
}
