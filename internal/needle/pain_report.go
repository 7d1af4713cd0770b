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
