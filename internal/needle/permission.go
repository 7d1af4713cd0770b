package needle

import "context"

// Action is something a person may be allowed to do. Every use case is one action, and Permissions says who may take it.
type Action string

// The actions, by topic.
const (
	// ActRead reads everything but the audit trail.
	ActRead Action = "READ"
	// ActReadAudit reads who did what with which credential.
	ActReadAudit Action = "READ_AUDIT"

	// ActCapturePain captures pain points, reports and evidence.
	ActCapturePain Action = "CAPTURE_PAIN"
	// ActEditPain changes pain points, dismisses and reopens them.
	ActEditPain Action = "EDIT_PAIN"
	// ActMergePain merges duplicates and undoes merges.
	ActMergePain Action = "MERGE_PAIN"
	// ActImportPain imports pain points in bulk.
	ActImportPain Action = "IMPORT_PAIN"
	// ActCheckRelief records relief checks and what reporters answer.
	ActCheckRelief Action = "CHECK_RELIEF"

	// ActWriteObjective drafts and changes objectives.
	ActWriteObjective Action = "WRITE_OBJECTIVE"
	// ActMoveObjective proposes, agrees, closes and reopens objectives, and carries them over.
	ActMoveObjective Action = "MOVE_OBJECTIVE"
	// ActWriteKeyResult writes and changes key results and their numbers.
	ActWriteKeyResult Action = "WRITE_KEY_RESULT"
	// ActCheckIn records measured values.
	ActCheckIn Action = "CHECK_IN"
	// ActRecordEvent records, corrects and removes outside events.
	ActRecordEvent Action = "RECORD_EVENT"
	// ActDisputeVerdict disputes verdicts and withdraws disputes.
	ActDisputeVerdict Action = "DISPUTE_VERDICT"
	// ActInvite invites participants and lets them go.
	ActInvite Action = "INVITE"
	// ActLeave stops taking part in an objective.
	ActLeave Action = "LEAVE"
	// ActComment comments, replies and resolves threads.
	ActComment Action = "COMMENT"
	// ActPropose offers key results for an objective.
	ActPropose Action = "PROPOSE"
	// ActSuggest suggests changes of an objective or a key result.
	ActSuggest Action = "SUGGEST"
	// ActDecide accepts and declines proposals and suggestions.
	ActDecide Action = "DECIDE"
	// ActHoldVote opens and closes votes.
	ActHoldVote Action = "HOLD_VOTE"
	// ActVote casts ballots.
	ActVote Action = "VOTE"
	// ActSignOff signs objectives off, or requests changes.
	ActSignOff Action = "SIGN_OFF"
	// ActRaiseIdea raises ideas.
	ActRaiseIdea Action = "RAISE_IDEA"

	// ActDecideIdea explores, promotes and parks ideas.
	ActDecideIdea Action = "DECIDE_IDEA"
	// ActWriteItem writes backlog items.
	ActWriteItem Action = "WRITE_ITEM"
	// ActLinkWork links work to key results and writes link rules.
	ActLinkWork Action = "LINK_WORK"
	// ActAttachExperiment attaches experiments to links and removes them.
	ActAttachExperiment Action = "ATTACH_EXPERIMENT"
	// ActSync asks for a sync.
	ActSync Action = "SYNC"
	// ActConnect connects trackers and changes connections.
	ActConnect Action = "CONNECT"
	// ActUpload uploads files to connections that read files.
	ActUpload Action = "UPLOAD"
	// ActManagePeople adds and changes people and teams.
	ActManagePeople Action = "MANAGE_PEOPLE"
	// ActPlanCycles plans, starts and closes cycles.
	ActPlanCycles Action = "PLAN_CYCLES"
	// ActSetUp changes the workspace: its name, policy, categories and segments.
	ActSetUp Action = "SET_UP"
)

// Permission says who may take an action.
type Permission struct {
	// Action is what is done.
	Action Action
	// Scope is what the token must be good for.
	Scope TokenScope
	// From is the weakest role that may, whatever the person's function.
	From Role
	// With are the functions with which even a VIEWER may.
	With []Function
	// Deed completes "you may not ...".
	Deed string
}

var (
	listeners = []Function{FunctionStakeholder, FunctionCustomerFacing}
	invited   = []Function{FunctionLeader, FunctionStakeholder, FunctionCustomerFacing}
)

// permissions is the one table of who may do what; docs/permissions.md is written from it.
var permissions = []Permission{
	{ActRead, ScopeRead, RoleViewer, nil, "read this"},
	{ActReadAudit, ScopeAuditRead, RoleAdmin, nil, "read the audit trail"},

	{ActCapturePain, ScopeWritePain, RoleViewer, nil, "capture pain points"},
	{ActEditPain, ScopeWritePain, RoleMember, listeners, "change pain points"},
	{ActMergePain, ScopeWritePain, RoleMember, listeners, "merge pain points"},
	{ActImportPain, ScopeWritePain, RoleMember, listeners, "import pain points"},
	{ActCheckRelief, ScopeWritePain, RoleMember, listeners, "check relief"},
	{ActRaiseIdea, ScopeWritePain, RoleViewer, nil, "raise ideas"},

	{ActWriteObjective, ScopeWriteOKR, RoleMember, nil, "write objectives"},
	{ActMoveObjective, ScopeWriteOKR, RoleMember, nil, "move objectives"},
	{ActWriteKeyResult, ScopeWriteOKR, RoleMember, nil, "write key results"},
	{ActCheckIn, ScopeWriteOKR, RoleMember, nil, "check in"},
	{ActRecordEvent, ScopeWriteOKR, RoleMember, nil, "record outside events"},
	{ActInvite, ScopeWriteOKR, RoleMember, nil, "invite participants"},
	{ActLeave, ScopeWriteOKR, RoleViewer, nil, "leave objectives"},
	{ActDecide, ScopeWriteOKR, RoleMember, nil, "decide on proposals and suggestions"},
	{ActHoldVote, ScopeWriteOKR, RoleMember, nil, "open and close votes"},
	{ActComment, ScopeWriteOKR, RoleMember, invited, "comment"},
	{ActPropose, ScopeWriteOKR, RoleMember, invited, "propose key results"},
	{ActSuggest, ScopeWriteOKR, RoleMember, invited, "suggest changes"},
	{ActVote, ScopeWriteOKR, RoleMember, invited, "vote"},
	{ActSignOff, ScopeWriteOKR, RoleMember, invited, "sign objectives off"},
	{ActDisputeVerdict, ScopeWriteOKR, RoleMember, invited, "dispute verdicts"},

	{ActDecideIdea, ScopeWriteBacklog, RoleMember, nil, "decide on ideas"},
	{ActWriteItem, ScopeWriteBacklog, RoleMember, nil, "write backlog items"},
	{ActLinkWork, ScopeLink, RoleMember, nil, "link work"},
	{ActAttachExperiment, ScopeLink, RoleMember, nil, "attach experiments"},
	{ActSync, ScopeSync, RoleMember, nil, "ask for a sync"},
	{ActConnect, ScopeAdmin, RoleAdmin, nil, "connect trackers"},
	{ActUpload, ScopeAdmin, RoleAdmin, nil, "upload files"},
	{ActManagePeople, ScopeAdmin, RoleAdmin, nil, "change people and teams"},
	{ActPlanCycles, ScopeAdmin, RoleAdmin, nil, "plan cycles"},
	{ActSetUp, ScopeAdmin, RoleAdmin, nil, "set the workspace up"},
}

// Permissions returns the table of who may do what, by topic.
func Permissions() []Permission { return append([]Permission(nil), permissions...) }

// allows reports whether the role and function may take the action, whatever the token.
func (p Permission) allows(role Role, function Function) bool {
	if roleRank[role] == 0 {
		return false
	}
	return !p.From.Outranks(role) || holds(p.With, function)
}

// May reports whether role, function and token all allow the action.
func (v Viewer) May(action Action) bool {
	for _, p := range permissions {
		if p.Action == action {
			return holds(v.Scopes, p.Scope) && p.allows(v.Role, v.Function)
		}
	}
	return false
}

// Deeds lists the actions that the viewer May take, by topic.
func (v Viewer) Deeds() []Action {
	var out []Action
	for _, p := range permissions {
		if v.May(p.Action) {
			out = append(out, p.Action)
		}
	}
	return out
}

// May reports whether the person may take the action with a token that allows it.
func (u *User) May(action Action) bool {
	return Viewer{Role: u.Role, Function: u.Function, Scopes: AllScopes()}.May(action)
}

// Can reports whether the token has the scope and the viewer may take any action that needs it.
func (v Viewer) Can(scope TokenScope) bool {
	for _, p := range permissions {
		if p.Scope == scope && v.May(p.Action) {
			return true
		}
	}
	return false
}

// Authorize returns who is asking when they May take the action; else an UNAUTHENTICATED or FORBIDDEN Error.
func Authorize(ctx context.Context, action Action) (Viewer, error) {
	viewer, err := authenticated(ctx)
	if err == nil && !viewer.May(action) {
		err = Forbidden(deed(action))
	}
	return viewer, err
}

// Admit returns who is asking when they Can use the scope at all; else an UNAUTHENTICATED or FORBIDDEN Error.
func Admit(ctx context.Context, scope TokenScope) (Viewer, error) {
	viewer, err := authenticated(ctx)
	if err == nil && !viewer.Can(scope) {
		err = Forbidden("do this: it needs the scope " + string(scope))
	}
	return viewer, err
}

func authenticated(ctx context.Context) (Viewer, error) {
	viewer, ok := ViewerFrom(ctx)
	if !ok {
		return viewer, &Error{Code: CodeUnauthenticated, Message: "this needs a token"}
	}
	return viewer, nil
}

func deed(action Action) string {
	for _, p := range permissions {
		if p.Action == action {
			return p.Deed
		}
	}
	return "do this"
}
