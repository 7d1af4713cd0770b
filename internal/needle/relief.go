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

// RecordedAt is when Needle learnt of the check, which is when it was made.
func (c *ReliefCheck) RecordedAt() time.Time { return c.CheckedAt }

// ReliefVerdict is what two spans of reports say; it never says why.
type ReliefVerdict string

// The verdicts.
const (
	// ReliefFewer: the whole interval of the rate ratio lies below 1.
	ReliefFewer ReliefVerdict = "FEWER"
	// ReliefNoClearChange: the interval holds 1.
	ReliefNoClearChange ReliefVerdict = "NO_CLEAR_CHANGE"
	// ReliefMore: the whole interval lies above 1.
	ReliefMore ReliefVerdict = "MORE"
	// ReliefCountsOnly: without exposures there is no rate, and nothing to compare but the counts.
	ReliefCountsOnly ReliefVerdict = "COUNTS_ONLY"
)

// ReliefMethod is how an interval was worked out.
type ReliefMethod string

// The methods.
const (
	// MethodPoisson is the exact conditional interval of the ratio of two Poisson rates.
	MethodPoisson ReliefMethod = "EXACT_CONDITIONAL_POISSON"
	// MethodNone compares nothing.
	MethodNone ReliefMethod = "NONE"
)

// ReliefEstimate compares the rates of reports of two spans.
type ReliefEstimate struct {
	// Ratio is the rate after by the rate before; nil without exposures and when nobody reported it before.
	Ratio *float64
	// Low and High bound the true ratio; nil without exposures, and High when nothing bounds it from above.
	Low, High *float64
	// Confidence is how often, at least, such an interval covers the true ratio; nil when there is none.
	Confidence *float64
	// Verdict is what follows from the interval.
	Verdict ReliefVerdict
	// Method is how the interval was worked out.
	Method ReliefMethod
	// Note says what the numbers do not; may be empty.
	Note string
}

// Relief is what the reports of a pain point say about whether it is gone, at an instant.
type Relief struct {
	// AsOf is the instant; nothing recorded later is counted.
	AsOf time.Time
	// FirstDeliveredAt is when the first work that was meant for it was delivered; nil when none was.
	FirstDeliveredAt *time.Time
	// EffectEndsAt is when the last effect window of delivered work ends; nil when none was delivered.
	EffectEndsAt *time.Time
	// Before and After are the spans compared; nil when there are none to compare.
	Before, After *ReliefSpan
	// ExposureUnit says what the exposures count; empty when there are none.
	ExposureUnit string
	// Estimate compares the rates; nil without spans.
	Estimate *ReliefEstimate
	// Note says where the spans come from, or why there are none; never empty.
	Note string
}

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

// ReliefAnswers counts what reporters of a pain point said last when asked whether it is gone.
type ReliefAnswers struct {
	// Yes, Partly and No are how many said so last.
	Yes, Partly, No int
	// Asked is how many distinct reporters ever answered.
	Asked int
	// Reporters is how many distinct reporters there are to ask.
	Reporters int
}

// ReliefSpanInput is a span of time to count reports in.
type ReliefSpanInput struct {
	From     time.Time
	To       time.Time
	Exposure *float64
}

// Span returns the input as a span without reports, as precise as what is stored.
func (in ReliefSpanInput) Span() ReliefSpan {
	return ReliefSpan{
		From: in.From.UTC().Truncate(time.Microsecond), To: in.To.UTC().Truncate(time.Microsecond), Exposure: in.Exposure,
	}
}

// MaxExposure and its inverse bound what an exposure may be, so that no ratio of two is too large for a number.
const MaxExposure = 1e15

// ReliefInput says what a preview of a relief check compares; absent spans are worked out from what was delivered.
type ReliefInput struct {
	AsOf         *time.Time
	Before       *ReliefSpanInput
	After        *ReliefSpanInput
	ExposureUnit *string
}

// Validate returns Errors with the fields that break a rule; spans end at or before now.
func (in ReliefInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	c.past("asOf", in.AsOf, now, "nobody knows the future")
	c.upTo("exposureUnit", deref(in.ExposureUnit), MaxName)
	switch {
	case in.Before != nil && in.After != nil:
		c.spans(in.Before, in.After, *or(in.AsOf, &now))
	case in.Before != nil:
		c.add("after", CodeRequired, "both spans are given, or neither")
	case in.After != nil:
		c.add("before", CodeRequired, "both spans are given, or neither")
	}
	return c.err()
}

// CheckReliefInput records what was found when somebody looked whether a pain is gone.
type CheckReliefInput struct {
	PainPointID      PainPointID
	Before           ReliefSpanInput
	After            ReliefSpanInput
	ExposureUnit     *string
	Relieved         bool
	Note             *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; spans end at or before now.
func (in CheckReliefInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	c.upTo("exposureUnit", deref(in.ExposureUnit), MaxName)
	c.upTo("note", deref(in.Note), MaxText)
	c.spans(&in.Before, &in.After, now)
	return c.err()
}

// spans demands two spans in order, neither empty nor in the future, with an exposure each or none.
func (c *check) spans(before, after *ReliefSpanInput, now time.Time) {
	c.reliefSpan("before", before, now)
	c.reliefSpan("after", after, now)
	if before.To.After(after.From) {
		c.add("after.from", CodeInvalid, "the span after begins when the span before has ended")
	}
	switch {
	case before.Exposure != nil && after.Exposure == nil:
		c.add("after.exposure", CodeRequired, "a rate ratio needs both exposures")
	case before.Exposure == nil && after.Exposure != nil:
		c.add("before.exposure", CodeRequired, "a rate ratio needs both exposures")
	}
}

func (c *check) reliefSpan(field string, s *ReliefSpanInput, now time.Time) {
	c.instant(field+".from", s.From)
	c.past(field+".to", &s.To, now, "nobody can have counted the future")
	if !s.From.Truncate(time.Microsecond).Before(s.To.Truncate(time.Microsecond)) {
		c.add(field+".to", CodeInvalid, "a span ends after it begins")
	}
	if e := s.Exposure; e != nil && !(*e >= 1/MaxExposure && *e <= MaxExposure) {
		c.add(field+".exposure", CodeOutOfRange, "an exposure is a number above 0, at most 1000000000000000")
	}
}

// AnswerReliefInput records what a reporter said when asked whether the pain is gone.
type AnswerReliefInput struct {
	PainPointID      PainPointID
	Reporter         string
	Answer           ReliefReply
	Note             *string
	AnsweredAt       *time.Time
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; nobody answers after now.
func (in AnswerReliefInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	c.text("reporter", in.Reporter, MaxName)
	c.upTo("note", deref(in.Note), MaxText)
	c.past("answeredAt", in.AnsweredAt, now, "nobody can have answered in the future")
	return c.err()
}

// ReliefCheckFilter narrows a list of relief checks; all given parts must hold.
type ReliefCheckFilter struct {
	And       []*ReliefCheckFilter
	Or        []*ReliefCheckFilter
	Not       *ReliefCheckFilter
	CheckedAt *DateComparator
	// Relieved true keeps those that found the pain gone, false the others.
	Relieved *bool
}

// ReliefCheckOrderField is what relief checks can be ordered by.
type ReliefCheckOrderField string

// ReliefCheckByCheckedAt orders relief checks by when somebody looked.
const ReliefCheckByCheckedAt ReliefCheckOrderField = "CHECKED_AT"

// ReliefAnswerFilter narrows a list of answers of reporters; all given parts must hold.
type ReliefAnswerFilter struct {
	And        []*ReliefAnswerFilter
	Or         []*ReliefAnswerFilter
	Not        *ReliefAnswerFilter
	Reporter   *StringComparator
	Answer     *Comparator[ReliefReply]
	AnsweredAt *DateComparator
}

// ReliefAnswerOrderField is what answers of reporters can be ordered by.
type ReliefAnswerOrderField string

// ReliefAnswerByAnsweredAt orders answers by when the reporter said so.
const ReliefAnswerByAnsweredAt ReliefAnswerOrderField = "ANSWERED_AT"
