package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// Experiment is a test with a control that was made of a contribution elsewhere. It is never changed: it is taken back,
// and another one attached.
type Experiment struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID  `bun:"workspace_id,pk"`
	ID          ExperimentID `bun:"id,pk"`
	// ContributionID is the link that was tested.
	ContributionID ContributionID
	// Source says where it is written down.
	Source string
	// Estimate is the effect it found, signed and in the key result's unit.
	Estimate float64
	// Low and High are the ends of its interval.
	Low  float64
	High float64
	// Confidence is how often such intervals hold the truth, 0 to 1; nil when the source does not say.
	Confidence *float64
	// AuthorID attached it.
	AuthorID UserID
	// RecordedAt is when it was attached.
	RecordedAt time.Time
	// RemovedAt is when it was taken back; nil while it stands.
	RemovedAt *time.Time
	// RemovedBy took it back.
	RemovedBy *UserID
}

// IsNode marks Experiment as a Node.
func (*Experiment) IsNode() {}

// AttachExperimentInput attaches an experiment to a link.
type AttachExperimentInput struct {
	ContributionID   ContributionID
	Source           string
	Estimate         float64
	Low              float64
	High             float64
	Confidence       *float64
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in AttachExperimentInput) Validate() error {
	c := check{prefix: "input"}
	c.text("source", in.Source, MaxURL)
	c.finite("estimate", &in.Estimate)
	c.finite("low", &in.Low)
	c.finite("high", &in.High)
	switch {
	case in.Low > in.High:
		c.add("high", CodeInvalid, "the high end is not below the low end")
	case in.Estimate < in.Low || in.Estimate > in.High:
		c.add("estimate", CodeInvalid, "an estimate lies in its interval")
	case !finite(in.High - in.Low):
		c.add("high", CodeOutOfRange, "the interval is too wide to measure")
	}
	if in.Confidence != nil && !(*in.Confidence > 0 && *in.Confidence < 1) {
		c.add("confidence", CodeOutOfRange, "this must lie between 0 and 1, as in 0.95, and be neither")
	}
	return c.err()
}

// RemoveExperimentInput takes an experiment back; that it was attached stays known.
type RemoveExperimentInput struct {
	ID               ExperimentID
	ClientMutationID *string
}

// ExperimentFilter narrows a list of experiments; all given parts must hold.
type ExperimentFilter struct {
	And        []*ExperimentFilter
	Or         []*ExperimentFilter
	Not        *ExperimentFilter
	Source     *StringComparator
	RecordedAt *DateComparator
	// Removed true keeps experiments that were taken back, null keeps all; absent or false keeps those that stand.
	Removed graphql.Omittable[*bool]
}

// ExperimentOrderField is what experiments can be ordered by.
type ExperimentOrderField string

// ExperimentByRecordedAt orders experiments by when they were attached.
const ExperimentByRecordedAt ExperimentOrderField = "RECORDED_AT"
