package needle

import "time"

// ReliefSpan is what was reported in one span of time.
type ReliefSpan struct {
	// From and To bound the span: From is in it, To is not.
	From, To time.Time
	// Reports is how often the pain was reported.
	Reports int
	// Exposure is how many could have reported it, such as customers or sessions; nil when unknown.
	Exposure *float64
}

// ReliefCheck is what was found when somebody looked whether a pain is gone. It is never changed.
type ReliefCheck struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID   `bun:"workspace_id,pk"`
	ID          ReliefCheckID `bun:"id,pk"`
	// PainPointID is the pain.
	PainPointID PainPointID
	// Before is the span before the work took effect.
	Before ReliefSpan `bun:"embed:before_"`
	// After is the span after it.
	After ReliefSpan `bun:"embed:after_"`
	// ExposureUnit says what the exposures count, as in "sessions"; empty when there are none.
	ExposureUnit string
	// Relieved is what the person who looked concluded.
	Relieved bool
	// Note says why; may be empty.
	Note string
	// CheckedBy looked.
	CheckedBy UserID
	// CheckedAt is when.
	CheckedAt time.Time
}

// IsNode marks ReliefCheck as a Node.
func (*ReliefCheck) IsNode() {}

// ReliefReply is what a reporter says when asked whether the pain is gone.
type ReliefReply string

// The replies.
const (
	ReliefYes    ReliefReply = "YES"
	ReliefPartly ReliefReply = "PARTLY"
	ReliefNo     ReliefReply = "NO"
)

// ReliefAnswer is a reporter's reply at one time. It is never changed: the latest of a reporter counts.
type ReliefAnswer struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID    `bun:"workspace_id,pk"`
	ID          ReliefAnswerID `bun:"id,pk"`
	// PainPointID is the pain.
	PainPointID PainPointID
	// Reporter names who was asked, as in their report.
	Reporter string
	// Answer is what they said.
	Answer ReliefReply
	// Note says more; may be empty.
	Note string
	// AnsweredAt is when they said so.
	AnsweredAt time.Time
	// RecordedBy entered it.
	RecordedBy UserID
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
}

// IsNode marks ReliefAnswer as a Node.
func (*ReliefAnswer) IsNode() {}
