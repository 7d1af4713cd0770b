package needle

import (
	"strconv"
	"strings"
)

// SignOffStatus is how far the signatures of an objective's present revision have come, held against the policy.
type SignOffStatus struct {
	// Revision is the one that is to be signed.
	Revision int
	// Met is true when the objective may be agreed.
	Met bool
	// Needed are the functions of which the policy asks for approvals.
	Needed []*SignOffNeed
	// WaitingFor are the people whose approval is needed by name and who have not approved.
	WaitingFor []UserID
	// ChangesRequested are the standing requests for changes; each keeps the objective from being agreed.
	ChangesRequested []*SignOff
}

// SignOffNeed is what the policy asks of one function.
type SignOffNeed struct {
	// Function is who is asked.
	Function Function
	// Required, Approved and Missing count people; Missing is never below 0.
	Required, Approved, Missing int
}

// SignOffStatusOf holds signatures of a revision against a policy. People count while they take part, by the last thing
// they said of this revision and for the function in which they said it.
func SignOffStatusOf(policy Policy, participants []*Participant, signOffs []*SignOff, revision int) *SignOffStatus {
	stands := map[UserID]*SignOff{}
	for _, s := range signOffs {
		if known := stands[s.UserID]; s.Revision == revision && (known == nil || s.Supersedes(known)) {
			stands[s.UserID] = s
		}
	}
	status, approved := &SignOffStatus{Revision: revision, Met: true}, map[Function]int{}
	for _, p := range participants {
		if !p.TakesPart() {
			continue
		}
		said := stands[p.UserID]
		switch {
		case said != nil && said.Verdict == SignOffApprove:
			approved[said.Function]++
			continue
		case said != nil:
			status.ChangesRequested = append(status.ChangesRequested, said)
			status.Met = false
		}
		if p.MustSign {
			status.WaitingFor = append(status.WaitingFor, p.UserID)
			status.Met = false
		}
	}
	for _, f := range Functions() {
		required := policy.Required(f)
		if required == 0 {
			continue
		}
		need := &SignOffNeed{Function: f, Required: required, Approved: approved[f], Missing: max(0, required-approved[f])}
		status.Needed = append(status.Needed, need)
		status.Met = status.Met && need.Missing == 0
	}
	return status
}

// approvers says whose approval is missing, one person's and several people's.
var approvers = map[Function][2]string{
	FunctionTeam:           {"the team", "the team"},
	FunctionLeader:         {"a leader", "leaders"},
	FunctionStakeholder:    {"a stakeholder", "stakeholders"},
	FunctionCustomerFacing: {"somebody who faces customers", "people who face customers"},
}

// Lacks says in words what keeps the objective from being agreed; name tells what people are called. It is empty when
// nothing does.
func (s *SignOffStatus) Lacks(name func(UserID) string) string {
	var parts []string
	for _, n := range s.Needed {
		switch {
		case n.Missing == 1:
			parts = append(parts, "1 approval of "+approvers[n.Function][0]+" is missing")
		case n.Missing > 1:
			parts = append(parts, strconv.Itoa(n.Missing)+" approvals of "+approvers[n.Function][1]+" are missing")
		}
	}
	asked := map[UserID]bool{}
	for _, r := range s.ChangesRequested {
		asked[r.UserID] = true
		parts = append(parts, name(r.UserID)+" requested changes")
	}
	for _, u := range s.WaitingFor {
		if !asked[u] {
			parts = append(parts, name(u)+" has to approve")
		}
	}
	return strings.Join(parts, "; ")
}
