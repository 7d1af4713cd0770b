package needle

import "time"

// PainReport is somebody's saying, at one time, that they have a problem. Evidence that names a customer is that
// customer's report.
type PainReport struct {
	Stamp
	ID PainReportID `bun:"id,pk"`
	// PainPointID is the problem as it was reported; after a merge the report counts for what it was merged into.
	PainPointID PainPointID
	// EvidenceID is the evidence that the report was read from; nil when it was entered by itself.
	EvidenceID *EvidenceID
	// Reporter names who has the problem, compared without case; each is counted once however often they report.
	Reporter string
	// Segment is the group the reporter belongs to; empty when unknown.
	Segment string
	// Note says more; may be empty.
	Note string
	// ExternalKey is the report's id where it was imported from, unique per pain point; empty when it was not.
	ExternalKey string
	// ReportedAt is when they said so.
	ReportedAt time.Time
	// CreatedBy entered it.
	CreatedBy UserID
}

// IsNode marks PainReport as a Node.
func (*PainReport) IsNode() {}

// ReportPainPointInput says that somebody has a problem.
type ReportPainPointInput struct {
	PainPointID PainPointID
	Reporter    string
	Segment     *string
	Note        *string
	ReportedAt  *time.Time
	// ExternalKey makes the call repeatable: the same key again returns the first report as it is.
	ExternalKey      *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; nobody reported it after now.
func (in ReportPainPointInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	c.text("reporter", in.Reporter, MaxName)
	c.upTo("segment", deref(in.Segment), MaxName)
	c.upTo("note", deref(in.Note), MaxText)
	c.past("reportedAt", in.ReportedAt, now, "nobody can have reported this in the future")
	c.upTo("externalKey", deref(in.ExternalKey), MaxName)
	return c.err()
}

// PainReportFilter narrows a list of reports; all given parts must hold.
type PainReportFilter struct {
	And         []*PainReportFilter
	Or          []*PainReportFilter
	Not         *PainReportFilter
	Reporter    *StringComparator
	Segment     *StringComparator
	ExternalKey *StringComparator
	ReportedAt  *DateComparator
	CreatedAt   *DateComparator
}

// PainReportOrderField is what reports can be ordered by.
type PainReportOrderField string

// The order fields of reports.
const (
	PainReportByReportedAt PainReportOrderField = "REPORTED_AT"
	PainReportByCreatedAt  PainReportOrderField = "CREATED_AT"
)
