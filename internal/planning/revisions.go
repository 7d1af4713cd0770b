package planning

import (
	"context"
	"maps"
	"reflect"

	"github.com/needle-okr/needle/internal/needle"
)

// revise counts a change of what people sign: an objective's texts, what it serves, its pain points, its key results or
// their numbers. Signatures under earlier revisions lapse by it. An agreed objective is proposed again where the policy
// says so, and that is recorded after the change itself, which the caller has recorded already. Whoever changes an
// objective of their own team takes part in it from then on.
//
// It stores the objective, with what the caller changed in it, in one update. The caller has locked the objective; a
// closed one never comes here.
func (a act) revise(ctx context.Context, o *needle.Objective) error {
	policy, err := a.Policy(ctx)
	if err != nil {
		return err
	}
	if err := a.join(ctx, o, a.viewer); err != nil {
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

// sameObjective reports whether two states of an objective differ in nothing that people sign, its pain points and key
// results aside.
func sameObjective(one, other *needle.Objective) bool {
	return one.Title == other.Title && one.Description == other.Description &&
		reflect.DeepEqual(one.ParentObjectiveID, other.ParentObjectiveID) &&
		reflect.DeepEqual(one.ParentKeyResultID, other.ParentKeyResultID)
}

// sameKeyResult reports whether two states of a key result differ in nothing that people sign. Who owns it, how often it
// is checked and how long work takes to show in it are not signed.
func sameKeyResult(one, other *needle.KeyResult) bool {
	return one.Title == other.Title && one.Wording == other.Wording && one.Unit == other.Unit &&
		one.Indicator == other.Indicator && one.Weight == other.Weight && reflect.DeepEqual(one.Goal, other.Goal)
}

// samePains reports whether an objective addresses exactly these pain points already.
func (a act) samePains(ctx context.Context, o *needle.Objective, pains []needle.PainPointID) (bool, error) {
	addressed, err := a.AddressedPainPoints(ctx, o.ID)
	return maps.Equal(setOf(addressed), setOf(pains)), err
}

func setOf[T comparable](list []T) map[T]bool {
	set := make(map[T]bool, len(list))
	for _, v := range list {
		set[v] = true
	}
	return set
}
