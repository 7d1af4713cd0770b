package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// revise counts a change of what people sign: an objective's texts, its pain points, its key results or their numbers.
// Signatures under earlier revisions lapse by it. An agreed objective is proposed again where the policy says so. The
// caller has locked the objective; a closed one never comes here.
func (a act) revise(ctx context.Context, o *needle.Objective) error {
	policy, err := a.Policy(ctx)
	if err != nil {
		return err
	}
	before := *o
	o.Revision++
	reopened := o.State == needle.ObjectiveAgreed && policy.ReopenOnChange
	if reopened {
		o.State, o.StateChangedAt = needle.ObjectiveProposed, a.Now()
	}
	if err := a.UpdateObjective(ctx, o); err != nil || !reopened {
		return err
	}
	if err := a.record(ctx, needle.VerbMoved, o.ID, before, o, about{&o.TeamID, &o.ID}); err != nil {
		return err
	}
	return a.settleAddressed(ctx, o)
}

// signedAlike reports whether two states of a key result differ in nothing that people sign, its numbers aside.
func signedAlike(one, other *needle.KeyResult) bool {
	return one.Title == other.Title && one.Wording == other.Wording && one.Unit == other.Unit &&
		one.Indicator == other.Indicator && one.Weight == other.Weight
}
