package needle

import (
	"strings"
	"time"
)

// Limits of a line of sight: how much of it is shown at most.
const (
	// MaxLine is how many of each kind of thing are shown.
	MaxLine = 200
	// MaxLineSteps is how many steps between them are.
	MaxLineSteps = 1000
)

// LineOfSightFrom is where a line of sight starts; exactly one of its fields is set.
type LineOfSightFrom struct {
	// PainPointID leads from a pain point to the work that may end it.
	PainPointID *PainPointID
	// ItemID leads from a piece of work back to the pain points it may end.
	ItemID *BacklogItemID
	// IssueID leads back from the work that mirrors an issue.
	IssueID *IssueID
}

// Validate returns an Error unless exactly one start is given.
func (f LineOfSightFrom) Validate(field string) error {
	if len(f.given()) != 1 {
		return Invalid(field, CodeInvalid, "exactly one of painPointId, itemId and issueId is given")
	}
	return nil
}

// Field returns the name of the start that is given, after the name of the argument.
func (f LineOfSightFrom) Field(argument string) string {
	return strings.Join(append([]string{argument}, f.given()...), ".")
}

func (f LineOfSightFrom) given() (fields []string) {
	if f.PainPointID != nil {
		fields = append(fields, "painPointId")
	}
	if f.ItemID != nil {
		fields = append(fields, "itemId")
	}
	if f.IssueID != nil {
		fields = append(fields, "issueId")
	}
	return fields
}

// LineOfSight is the one line between a customer's pain and the issues of a tracker, as it stood at an instant.
type LineOfSight struct {
	// AsOf is the instant; nothing recorded later is in the answer.
	AsOf time.Time
	// Connected is true when a way leads from a pain point over an objective and a key result to work.
	Connected bool
	// PainPoints, Objectives, KeyResultIDs, Work and IssueIDs are what the line leads over, MaxLine of each at most.
	PainPoints   []*LinePainPoint
	Objectives   []*LineObjective
	KeyResultIDs []KeyResultID
	Work         []*LineWork
	IssueIDs     []IssueID
	// Steps are what joins two things that are shown, MaxLineSteps at most.
	Steps []*LineStep
	// Breaks are where it ends although it should go on, MaxLine at most; those of what is not shown are among them.
	Breaks []*LineBreak
	// Truncated is true when something is not shown.
	Truncated bool
	// Counts is how much there is, shown or not.
	Counts LineCounts
}

// LinePainPoint is a pain point on a line of sight, as it stood then.
type LinePainPoint struct {
	// PainPointID is the pain point.
	PainPointID PainPointID
	// Status and Severity are what it was held to be.
	Status   PainPointStatus
	Severity int
	// Evidence counts all pieces that spoke for it, FreshEvidence those that were fresh; what had been merged into it
	// counts too.
	Evidence, FreshEvidence int
	// NewestEvidenceAt is when the newest piece was observed; nil without any.
	NewestEvidenceAt *time.Time
}

// LineObjective is an objective on a line of sight, as it stood then.
type LineObjective struct {
	// ObjectiveID is the objective.
	ObjectiveID ObjectiveID
	// State is how far it had come.
	State ObjectiveState
}

// LineWork is a piece of work on a line of sight, as it stood then.
type LineWork struct {
	// ItemID is the work.
	ItemID BacklogItemID
	// Depth is how many items of the line lie above it; 0 for those that none does.
	Depth int
	// Status is where it stood.
	Status StatusCategory
	// DeliveredAt is when it was last delivered; nil when it was not.
	DeliveredAt *time.Time
}

// LineStepKind is how one thing on a line of sight leads to the next, towards the customer.
type LineStepKind string

// The kinds of steps.
const (
	StepMergedInto LineStepKind = "MERGED_INTO"
	StepAddresses  LineStepKind = "ADDRESSES"
	StepMeasures   LineStepKind = "MEASURES"
	StepServes     LineStepKind = "SERVES"
	StepPartOf     LineStepKind = "PART_OF"
	StepMirroredBy LineStepKind = "MIRRORED_BY"
)

// LineStep joins two things on a line of sight.
type LineStep struct {
	// Kind is how they are joined.
	Kind LineStepKind
	// FromID is the public id of the one farther from the customer, ToID that of the one nearer.
	FromID, ToID string
	// Since is when the step began to hold; nil where that has no history.
	Since *time.Time
	// Contribution is the link as it stood then; nil unless Kind is SERVES.
	Contribution *Contribution
	// Sentence says the same in words, without a full stop.
	Sentence string
}

// LineBreakKind is what a line of sight lacks.
type LineBreakKind string

// The kinds of breaks.
const (
	// BreakUnknownThen: the start was not known yet.
	BreakUnknownThen LineBreakKind = "UNKNOWN_THEN"
	// BreakPainPointDismissed: nobody means to relieve the pain point.
	BreakPainPointDismissed LineBreakKind = "PAIN_POINT_DISMISSED"
	// BreakNoFreshEvidence: nothing recent speaks for a pain point that customers are said to have.
	BreakNoFreshEvidence LineBreakKind = "NO_FRESH_EVIDENCE"
	// BreakPainPointWithoutObjective: no objective addresses it.
	BreakPainPointWithoutObjective LineBreakKind = "PAIN_POINT_WITHOUT_OBJECTIVE"
	// BreakObjectiveNotAgreed: it is still a draft or a proposal.
	BreakObjectiveNotAgreed LineBreakKind = "OBJECTIVE_NOT_AGREED"
	// BreakObjectiveWithoutPainPoint: it addresses nothing that a customer has.
	BreakObjectiveWithoutPainPoint LineBreakKind = "OBJECTIVE_WITHOUT_PAIN_POINT"
	// BreakObjectiveWithoutKeyResult: nothing measures it.
	BreakObjectiveWithoutKeyResult LineBreakKind = "OBJECTIVE_WITHOUT_KEY_RESULT"
	// BreakKeyResultWithoutWork: no work is linked to it.
	BreakKeyResultWithoutWork LineBreakKind = "KEY_RESULT_WITHOUT_WORK"
	// BreakOnlyDroppedWork: all work for a key result was dropped.
	BreakOnlyDroppedWork LineBreakKind = "ONLY_DROPPED_WORK"
	// BreakWorkWithoutKeyResult: it serves none, and neither does what lies above or below it.
	BreakWorkWithoutKeyResult LineBreakKind = "WORK_WITHOUT_KEY_RESULT"
	// BreakIssueWithoutWork: no backlog item mirrors the issue.
	BreakIssueWithoutWork LineBreakKind = "ISSUE_WITHOUT_WORK"
	// BreakIssueGone: the tracker does not have the issue any more.
	BreakIssueGone LineBreakKind = "ISSUE_GONE"
)

// LineBreak is where a line of sight ends although it should go on.
type LineBreak struct {
	// Kind is what is missing.
	Kind LineBreakKind
	// SubjectID is the public id of the last thing before the gap.
	SubjectID string
	// Sentence says the same in words, without a full stop.
	Sentence string
}

// LineCounts is how much a line of sight leads over.
type LineCounts struct {
	PainPoints, Objectives, KeyResults, Work, Issues, Steps, Breaks int
}

// LineKeyResult is what of a key result a line of sight needs.
type LineKeyResult struct {
	ID          KeyResultID
	Number      int
	ObjectiveID ObjectiveID
	// CreatedAt is when Needle learnt of it.
	CreatedAt time.Time
}

// LineItem is what of a backlog item a line of sight needs; its parent and its issue are as they are now.
type LineItem struct {
	ID       BacklogItemID
	Number   int
	ParentID *BacklogItemID
	IssueID  *IssueID
	// CreatedAt is when Needle learnt of it.
	CreatedAt time.Time
}

// LineIssue is what of an issue a line of sight needs; its key is as it is now.
type LineIssue struct {
	ID        IssueID
	RemoteKey string
	// CreatedAt is when Needle learnt of it.
	CreatedAt time.Time
	// GoneAt is when the tracker did not have it any more; nil while it does.
	GoneAt *time.Time
}

// LineOfSightFacts is everything that a line of sight is computed from. Slices may be in any order and may hold facts from
// after AsOf or from beside the line, which change nothing.
type LineOfSightFacts struct {
	// From is where the line starts and StartKey what people call that.
	From     LineOfSightFrom
	StartKey string
	// AsOf is the instant.
	AsOf time.Time
	// FreshDays is how long evidence speaks for the present, by the workspace's present policy.
	FreshDays int
	// Pains are all versions of the pain points on the line and of all that were ever merged with one of them.
	Pains []*PainPointVersion
	// Evidence is that of Pains.
	Evidence []*EvidenceTimes
	// Addressed is what the Objectives address.
	Addressed []*AddressedPain
	// Objectives are all versions of those on the line.
	Objectives []*ObjectiveVersion
	KeyResults []*LineKeyResult
	// Links are all versions of the contributions of Items to KeyResults.
	Links []*ContributionVersion
	// Items are the items of Links or the one the line starts from, and all that lie above or below these.
	Items []*LineItem
	// Transitions are all transitions of Items.
	Transitions []*ItemTransition
	// Issues are those of Items, and the one the line starts from.
	Issues []*LineIssue
}
