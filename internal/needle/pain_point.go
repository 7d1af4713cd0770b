package needle

import (
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// PainPointStatus is where a customer's problem stands.
type PainPointStatus string

// The states of a pain point.
const (
	PainOpen      PainPointStatus = "OPEN"
	PainTargeted  PainPointStatus = "TARGETED"
	PainRelieved  PainPointStatus = "RELIEVED"
	PainDismissed PainPointStatus = "DISMISSED"
)

// PainPoint is a customer's problem stated without a solution. People call it by its key, P-12.
type PainPoint struct {
	Stamp
	ID PainPointID `bun:"id,pk"`
	// Number is the counter in the key.
	Number int
	// Title states the problem in one line.
	Title string
	// Description says more; may be empty.
	Description string
	// Category is one of the workspace's.
	Category string
	// Severity runs from 1, a nuisance, to 5, they leave.
	Severity int
	// Status is moved by people, and by what is done about it.
	Status PainPointStatus
	// DismissedReason says why nothing will be done; empty unless DISMISSED.
	DismissedReason string
	// RelievedAt is when it was found gone; nil unless RELIEVED.
	RelievedAt *time.Time
	// ExternalKey is its id where it was imported from, unique in the workspace; empty when it was not imported.
	ExternalKey string
	// MergedIntoID is the pain point it is a duplicate of; nil when it is none.
	MergedIntoID *PainPointID
	// RootID is the one that remains after all merges: its own id unless it was merged.
	RootID PainPointID
	// Reporters is how many distinct people or customers reported it, duplicates merged into it included.
	Reporters int
	// SegmentWeight is the mean weight of its reporters' segments; 1 without reporters.
	SegmentWeight float64
	// Weight is Severity × log2(1 + Reporters) × SegmentWeight, worked out by the database. That of a duplicate stays as
	// it was when it was merged.
	Weight float64 `bun:",scanonly"`
	// CreatedBy captured it.
	CreatedBy UserID
}

// IsNode marks PainPoint as a Node.
func (*PainPoint) IsNode() {}

// Key returns what people call it.
func (p *PainPoint) Key() string { return formatKey("P", p.Number) }

// Merged reports whether it is a duplicate, so that another one remains.
func (p *PainPoint) Merged() bool { return p.MergedIntoID != nil }

// PainWeight is how heavy a pain point is, with everything it is worked out from.
type PainWeight struct {
	// Value is the product of the factors; 0 while nobody reported it.
	Value float64
	// Severity is the first factor, 1 to 5.
	Severity int
	// Reporters is how many distinct people or customers reported it; the second factor is log2(1 + Reporters).
	Reporters int
	// ReporterFactor is that second factor.
	ReporterFactor float64
	// SegmentWeight is the third factor: the mean weight of the reporters' segments, 1 where nothing is known.
	SegmentWeight float64
	// Formula is the calculation with its numbers, as in "5 × log2(1 + 3) × 1.5 = 15".
	Formula string
}

// WeightFactors returns the weight with everything it is worked out from.
func (p *PainPoint) WeightFactors() *PainWeight {
	short := func(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
	return &PainWeight{
		Value: p.Weight, Severity: p.Severity, Reporters: p.Reporters, ReporterFactor: math.Log2(1 + float64(p.Reporters)),
		SegmentWeight: p.SegmentWeight,
		Formula:       strconv.Itoa(p.Severity) + " × log2(1 + " + strconv.Itoa(p.Reporters) + ") × " + short(p.SegmentWeight) + " = " + short(p.Weight),
	}
}

// EvidenceSource is where a piece of evidence comes from.
type EvidenceSource string

// The sources of evidence.
const (
	EvidenceQuote     EvidenceSource = "QUOTE"
	EvidenceTicket    EvidenceSource = "TICKET"
	EvidenceInterview EvidenceSource = "INTERVIEW"
	EvidenceSurvey    EvidenceSource = "SURVEY"
	EvidenceMetric    EvidenceSource = "METRIC"
)

// Evidence is one quote, ticket, interview, survey answer or number that shows a pain point is real.
type Evidence struct {
	Stamp
	ID EvidenceID `bun:"id,pk"`
	// PainPointID is what it shows.
	PainPointID PainPointID
	// Source is its kind.
	Source EvidenceSource
	// Body is the customer's words or the number, as given.
	Body string
	// Customer names who has the problem; empty when unknown.
	Customer string
	// Segment is the group the customer belongs to; empty when unknown.
	Segment string
	// URL leads to the original; empty when there is none.
	URL string
	// ExternalKey is its id where it was imported from, unique per pain point; empty when it was not imported.
	ExternalKey string
	// ObservedAt is when the customer said or did it.
	ObservedAt time.Time
	// CreatedBy added it.
	CreatedBy UserID
}

// IsNode marks Evidence as a Node.
func (*Evidence) IsNode() {}

// FreshSince returns the moment from which on evidence speaks for the present at now.
func (p Policy) FreshSince(now time.Time) time.Time {
	return now.Add(-time.Duration(p.FreshDays) * 24 * time.Hour)
}

// Fresh reports whether the evidence still speaks for the present at now under the workspace's policy.
func (e *Evidence) Fresh(policy Policy, now time.Time) bool {
	return !e.ObservedAt.Before(policy.FreshSince(now))
}

// EvidenceFreshness says how much of a pain point's evidence still speaks for the present.
type EvidenceFreshness struct {
	// Fresh is how many pieces do.
	Fresh int
	// Stale is how many are too old.
	Stale int
	// NewestAt is when the newest was observed; nil when there is none.
	NewestAt *time.Time
}

// CreatePainPointInput captures a customer's problem.
type CreatePainPointInput struct {
	Title            string
	Description      *string
	Category         *string
	Severity         *int
	Evidence         []*EvidenceInput
	ClientMutationID *string
}

// EvidenceInput is one piece of evidence.
type EvidenceInput struct {
	Source     EvidenceSource
	Body       string
	Customer   *string
	Segment    *string
	URL        *string
	ObservedAt *time.Time
}

func (in *EvidenceInput) validate(c *check, now time.Time, at func(string) string) {
	c.text(at("body"), in.Body, MaxText)
	c.upTo(at("customer"), deref(in.Customer), MaxName)
	c.upTo(at("segment"), deref(in.Segment), MaxName)
	c.link(at("url"), deref(in.URL))
	c.past(at("observedAt"), in.ObservedAt, now, "a customer cannot have said this in the future")
}

// Validate returns Errors with the fields that break a rule; evidence cannot have been observed after now.
func (in CreatePainPointInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	c.text("title", in.Title, MaxTitle)
	c.upTo("description", deref(in.Description), MaxText)
	c.category("category", in.Category)
	c.severity("severity", in.Severity)
	if len(in.Evidence) > MaxFilterList {
		c.add("evidence", CodeOutOfRange, "one call takes at most 100 pieces of evidence")
	}
	for i, e := range in.Evidence {
		e.validate(&c, now, func(field string) string { return indexed("evidence", i, field) })
	}
	return c.err()
}

// UpdatePainPointInput changes a pain point; absent fields stay.
type UpdatePainPointInput struct {
	ID               PainPointID
	Title            *string
	Description      *string
	Category         *string
	Severity         *int
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdatePainPointInput) Validate() error {
	c := check{prefix: "input"}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	c.upTo("description", deref(in.Description), MaxText)
	c.category("category", in.Category)
	c.severity("severity", in.Severity)
	return c.err()
}

// DismissPainPointInput says that nothing will be done, and why.
type DismissPainPointInput struct {
	ID               PainPointID
	Reason           string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in DismissPainPointInput) Validate() error {
	c := check{prefix: "input"}
	c.text("reason", in.Reason, MaxText)
	return c.err()
}

// AddEvidenceInput adds a piece of evidence to a pain point.
type AddEvidenceInput struct {
	PainPointID      PainPointID
	Evidence         EvidenceInput
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; evidence cannot have been observed after now.
func (in AddEvidenceInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	in.Evidence.validate(&c, now, func(field string) string { return "evidence." + field })
	return c.err()
}

// ReopenPainPointInput says that a pain that was dismissed or relieved is there after all.
type ReopenPainPointInput struct {
	ID               PainPointID
	ExpectedVersion  *int
	ClientMutationID *string
}

func (c *check) category(field string, v *string) {
	if v != nil {
		c.text(field, *v, MaxCategory)
	}
}

func (c *check) severity(field string, v *int) {
	if v != nil {
		c.between(field, *v, 1, 5)
	}
}

// PainPointFilter narrows a list of pain points; all given parts must hold.
type PainPointFilter struct {
	And       []*PainPointFilter
	Or        []*PainPointFilter
	Not       *PainPointFilter
	ID        *Comparator[PainPointID]
	Title     *StringComparator
	Category  *StringComparator
	Severity  *NumberComparator
	Weight    *NumberComparator
	Reporters *NumberComparator
	Status    *Comparator[PainPointStatus]
	// Merged true keeps duplicates that were merged, false what remains, nil both; absent keeps what remains.
	Merged      graphql.Omittable[*bool] `json:",omitzero"`
	ExternalKey *StringComparator
	RelievedAt  *DateComparator
	CreatedAt   *DateComparator
	// Search keeps pain points that have these words in title or description; "quotes", or and -word are understood.
	Search *string
	// Objectives keeps pain points that some or no objective addresses.
	Objectives *ObjectiveCollectionFilter
	// Evidence keeps pain points that some or no evidence shows.
	Evidence *EvidenceCollectionFilter
}

// EvidenceCollectionFilter asks whether related evidence exists.
type EvidenceCollectionFilter struct{ Some, None *EvidenceFilter }

// PainPointOrderField is what pain points can be ordered by.
type PainPointOrderField string

// The order fields of pain points.
const (
	PainPointBySeverity  PainPointOrderField = "SEVERITY"
	PainPointByWeight    PainPointOrderField = "WEIGHT"
	PainPointByNumber    PainPointOrderField = "NUMBER"
	PainPointByCreatedAt PainPointOrderField = "CREATED_AT"
	PainPointByUpdatedAt PainPointOrderField = "UPDATED_AT"
)

// EvidenceFilter narrows a list of evidence; all given parts must hold.
type EvidenceFilter struct {
	And        []*EvidenceFilter
	Or         []*EvidenceFilter
	Not        *EvidenceFilter
	Source     *Comparator[EvidenceSource]
	Customer   *StringComparator
	Segment    *StringComparator
	ObservedAt *DateComparator
}

// EvidenceOrderField is what evidence can be ordered by.
type EvidenceOrderField string

// The order fields of evidence.
const (
	EvidenceByObservedAt EvidenceOrderField = "OBSERVED_AT"
	EvidenceByCreatedAt  EvidenceOrderField = "CREATED_AT"
)
