package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// The schema binds to these names; GraphQL has no generic types.
type (
	// UserError is an Error in a payload.
	UserError = Error
	// ErrorCode is a Code.
	ErrorCode = Code
	// TeamMemberInput is a TeamMember as a caller writes it.
	TeamMemberInput = TeamMember
)

// Given returns an optional input field that was given; nil is null.
func Given[T any](v *T) graphql.Omittable[*T] { return graphql.OmittableOf(v) }

// DisplayableError is an error that users may see.
type DisplayableError interface{ IsDisplayableError() }

// IsDisplayableError marks Error as a DisplayableError.
func (*Error) IsDisplayableError() {}

// Pages.
type (
	// UserConnection is one page of people.
	UserConnection = Page[*User]
	// TeamConnection is one page of teams.
	TeamConnection = Page[*Team]
	// CycleConnection is one page of cycles.
	CycleConnection = Page[*Cycle]
	// PainPointConnection is one page of pain points.
	PainPointConnection = Page[*PainPoint]
	// EvidenceConnection is one page of pieces of evidence.
	EvidenceConnection = Page[*Evidence]
	// ObjectiveConnection is one page of objectives.
	ObjectiveConnection = Page[*Objective]
	// KeyResultConnection is one page of key results.
	KeyResultConnection = Page[*KeyResult]
	// CheckInConnection is one page of check-ins.
	CheckInConnection = Page[*CheckIn]
	// BacklogItemConnection is one page of backlog items.
	BacklogItemConnection = Page[*BacklogItem]
	// IssueConnection is one page of issues.
	IssueConnection = Page[*Issue]
	// ContributionConnection is one page of contributions.
	ContributionConnection = Page[*Contribution]
	// LinkRuleConnection is one page of link rules.
	LinkRuleConnection = Page[*LinkRule]
	// ConnectionConnection is one page of connections.
	ConnectionConnection = Page[*Connection]
	// SourceConnection is one page of sources.
	SourceConnection = Page[*Source]
	// SyncRunConnection is one page of sync runs.
	SyncRunConnection = Page[*SyncRun]
	// ActivityConnection is one page of activities.
	ActivityConnection = Page[*Activity]
)

// Edges.
type (
	// UserEdge is a person and its place in a list.
	UserEdge = Edge[*User]
	// TeamEdge is a team and its place in a list.
	TeamEdge = Edge[*Team]
	// CycleEdge is a cycle and its place in a list.
	CycleEdge = Edge[*Cycle]
	// PainPointEdge is a pain point and its place in a list.
	PainPointEdge = Edge[*PainPoint]
	// EvidenceEdge is a piece of evidence and its place in a list.
	EvidenceEdge = Edge[*Evidence]
	// ObjectiveEdge is an objective and its place in a list.
	ObjectiveEdge = Edge[*Objective]
	// KeyResultEdge is a key result and its place in a list.
	KeyResultEdge = Edge[*KeyResult]
	// CheckInEdge is a check-in and its place in a list.
	CheckInEdge = Edge[*CheckIn]
	// BacklogItemEdge is a backlog item and its place in a list.
	BacklogItemEdge = Edge[*BacklogItem]
	// IssueEdge is an issue and its place in a list.
	IssueEdge = Edge[*Issue]
	// ContributionEdge is a contribution and its place in a list.
	ContributionEdge = Edge[*Contribution]
	// LinkRuleEdge is a link rule and its place in a list.
	LinkRuleEdge = Edge[*LinkRule]
	// ConnectionEdge is a connection and its place in a list.
	ConnectionEdge = Edge[*Connection]
	// SourceEdge is a source and its place in a list.
	SourceEdge = Edge[*Source]
	// SyncRunEdge is a sync run and its place in a list.
	SyncRunEdge = Edge[*SyncRun]
	// ActivityEdge is an activity and its place in a list.
	ActivityEdge = Edge[*Activity]
)

// Orders.
type (
	// UserOrder is one key of an order of people.
	UserOrder = Order[UserOrderField]
	// TeamOrder is one key of an order of teams.
	TeamOrder = Order[TeamOrderField]
	// CycleOrder is one key of an order of cycles.
	CycleOrder = Order[CycleOrderField]
	// PainPointOrder is one key of an order of pain points.
	PainPointOrder = Order[PainPointOrderField]
	// EvidenceOrder is one key of an order of pieces of evidence.
	EvidenceOrder = Order[EvidenceOrderField]
	// ObjectiveOrder is one key of an order of objectives.
	ObjectiveOrder = Order[ObjectiveOrderField]
	// KeyResultOrder is one key of an order of key results.
	KeyResultOrder = Order[KeyResultOrderField]
	// CheckInOrder is one key of an order of check-ins.
	CheckInOrder = Order[CheckInOrderField]
	// BacklogItemOrder is one key of an order of backlog items.
	BacklogItemOrder = Order[BacklogItemOrderField]
	// IssueOrder is one key of an order of issues.
	IssueOrder = Order[IssueOrderField]
	// ContributionOrder is one key of an order of contributions.
	ContributionOrder = Order[ContributionOrderField]
	// LinkRuleOrder is one key of an order of link rules.
	LinkRuleOrder = Order[LinkRuleOrderField]
	// ConnectionOrder is one key of an order of connections.
	ConnectionOrder = Order[ConnectionOrderField]
	// SourceOrder is one key of an order of sources.
	SourceOrder = Order[SourceOrderField]
	// SyncRunOrder is one key of an order of sync runs.
	SyncRunOrder = Order[SyncRunOrderField]
	// ActivityOrder is one key of an order of activities.
	ActivityOrder = Order[ActivityOrderField]
)

// Comparators.
type (
	// UserIDComparator compares the ids of people.
	UserIDComparator = Comparator[UserID]
	// TeamIDComparator compares the ids of teams.
	TeamIDComparator = Comparator[TeamID]
	// CycleIDComparator compares the ids of cycles.
	CycleIDComparator = Comparator[CycleID]
	// PainPointIDComparator compares the ids of pain points.
	PainPointIDComparator = Comparator[PainPointID]
	// ObjectiveIDComparator compares the ids of objectives.
	ObjectiveIDComparator = Comparator[ObjectiveID]
	// KeyResultIDComparator compares the ids of key results.
	KeyResultIDComparator = Comparator[KeyResultID]
	// BacklogItemIDComparator compares the ids of backlog items.
	BacklogItemIDComparator = Comparator[BacklogItemID]
	// IssueIDComparator compares the ids of issues.
	IssueIDComparator = Comparator[IssueID]
	// SourceIDComparator compares the ids of sources.
	SourceIDComparator = Comparator[SourceID]
	// RoleComparator compares roles.
	RoleComparator = Comparator[Role]
	// FunctionComparator compares functions.
	FunctionComparator = Comparator[Function]
	// CycleStateComparator compares the states of cycles.
	CycleStateComparator = Comparator[CycleState]
	// PainPointStatusComparator compares where pain points stand.
	PainPointStatusComparator = Comparator[PainPointStatus]
	// EvidenceSourceComparator compares kinds of evidence.
	EvidenceSourceComparator = Comparator[EvidenceSource]
	// ObjectiveStateComparator compares the states of objectives.
	ObjectiveStateComparator = Comparator[ObjectiveState]
	// KeyResultKindComparator compares kinds of key results.
	KeyResultKindComparator = Comparator[KeyResultKind]
	// DirectionComparator compares directions.
	DirectionComparator = Comparator[Direction]
	// StatusCategoryComparator compares statuses of work.
	StatusCategoryComparator = Comparator[StatusCategory]
	// StageComparator compares stages of work.
	StageComparator = Comparator[Stage]
	// MoscowComparator compares priority classes.
	MoscowComparator = Comparator[Moscow]
	// IssueTypeComparator compares types of issues.
	IssueTypeComparator = Comparator[IssueType]
	// ContributionRoleComparator compares roles of work.
	ContributionRoleComparator = Comparator[ContributionRole]
	// OriginComparator compares origins of links.
	OriginComparator = Comparator[Origin]
	// ConnectionStateComparator compares the states of connections.
	ConnectionStateComparator = Comparator[ConnectionState]
	// SourceStateComparator compares the states of sources.
	SourceStateComparator = Comparator[SourceState]
	// SyncKindComparator compares kinds of passes.
	SyncKindComparator = Comparator[SyncKind]
	// SyncStateComparator compares the states of passes.
	SyncStateComparator = Comparator[SyncState]
	// VerbComparator compares verbs.
	VerbComparator = Comparator[Verb]
)

// EffectWindow is the span of time in which a contribution's effect may show.
type EffectWindow struct{ From, To time.Time }
