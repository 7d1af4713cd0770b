package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// SignOff signs a proposed objective, or requests changes of it, in the revision that the viewer read. Only participants
// and members of its team may, each for the function they have in it; others answer FORBIDDEN. An objective that is not
// proposed, or whose revision is another by now, answers CONFLICT. A person's latest word about a revision stands.
//
// The signature that completes the policy does not agree the objective. Agreeing starts the work on it and targets the
// pain it addresses, so a person does it, who may still wait for somebody the policy does not ask for; the status says
// when it is ready.
func (p *Planner) SignOff(ctx context.Context, in needle.SignOffInput) (*needle.SignOff, error) {
	var s *needle.SignOff
	err := p.change(ctx, needle.ActSignOff, in, func(ctx context.Context, a act) error {
		o, err := a.Objective(ctx, in.ObjectiveID)
		if err != nil {
			return at("input.objectiveId", err)
		}
		if o.State != needle.ObjectiveProposed {
			return needle.Conflict("input.objectiveId", "only a proposed objective is signed; this one is "+string(o.State))
		}
		if o.Revision != in.Revision {
			return needle.Conflict("input.revision", "the objective changed since you read it; read it again before you sign")
		}
		function, err := a.signsFor(ctx, o)
		if err != nil {
			return err
		}
		s = &needle.SignOff{
			WorkspaceID: a.WorkspaceID(), ID: needle.NewSignOffID(), ObjectiveID: o.ID, UserID: a.viewer.UserID,
			Function: function, Revision: o.Revision, Verdict: in.Verdict, Reason: needle.Clean(or(in.Reason, "")), RecordedAt: a.Now(),
		}
		if err := a.InsertSignOff(ctx, s); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, s.ID, nil, s, about{&o.TeamID, &o.ID})
	})
	return s, err
}

// signsFor returns the function for which the viewer may sign an objective.
func (a act) signsFor(ctx context.Context, o *needle.Objective) (needle.Function, error) {
	if err := a.join(ctx, o, a.viewer); err != nil {
		return "", err
	}
	place, takesPart, err := a.place(ctx, o, a.viewer.UserID)
	if takesPart || err != nil {
		return place.Function, err
	}
	return "", needle.Invalid("input.objectiveId", needle.CodeForbidden,
		"you do not take part in this objective; ask somebody of its team for an invitation")
}

// checkSigned demands the signatures that the policy asks for before an objective is agreed. One that is reopened as it
// was agreed keeps them: nothing about it has changed since, whatever the policy says by now.
func (a act) checkSigned(ctx context.Context, o *needle.Objective) error {
	if o.State == needle.ObjectiveClosed {
		if was, err := a.StateBeforeClosing(ctx, o.ID); err != nil || was == needle.ObjectiveAgreed {
			return err
		}
	}
	status, err := a.signOffStatus(ctx, o)
	if err != nil || status.Met {
		return err
	}
	var ids []needle.UserID
	for _, r := range status.ChangesRequested {
		ids = append(ids, r.UserID)
	}
	people, err := a.UsersByID(ctx, append(ids, status.WaitingFor...))
	if err != nil {
		return err
	}
	names := map[needle.UserID]string{}
	for _, u := range people {
		names[u.ID] = u.Name
	}
	return needle.Conflict("input.to", status.Lacks(func(id needle.UserID) string { return names[id] }))
}

// signOffStatus reads how far the signatures of an objective have come.
func (a act) signOffStatus(ctx context.Context, o *needle.Objective) (*needle.SignOffStatus, error) {
	policy, err := a.Policy(ctx)
	if err != nil {
		return nil, err
	}
	ids := []needle.ObjectiveID{o.ID}
	participants, err := a.ParticipantsOfAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	signOffs, err := a.SignOffsOfAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	return needle.SignOffStatusOf(policy, participants[o.ID], signOffs[o.ID], o.Revision), nil
}
