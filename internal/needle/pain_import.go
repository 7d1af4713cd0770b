package needle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limits of imports.
const (
	// MaxUpsert is how many pain points one call of the API takes.
	MaxUpsert = 100
	// MaxExternalKey is how long a key from elsewhere may be, in characters.
	MaxExternalKey = 200
	// MaxImported is how many pain points an import tells of one by one; its counts tell of all.
	MaxImported = 1000
)

// ImportAction is what an import does to a pain point.
type ImportAction string

// The actions. A pain point is updated when anything about it is, its evidence and reports included.
const (
	ImportCreated   ImportAction = "CREATED"
	ImportUpdated   ImportAction = "UPDATED"
	ImportUnchanged ImportAction = "UNCHANGED"
)

// PainImport is what an import did; a dry run tells what it would have done.
type PainImport struct {
	// DryRun is true when nothing was written.
	DryRun bool
	// Created, Updated and Unchanged count pain points.
	Created, Updated, Unchanged int
	// PainPoints tells of each in the order of the input, MaxImported at most.
	PainPoints []*ImportedPainPoint
}

// Count adds a pain point, in the order of the input.
func (i *PainImport) Count(p *ImportedPainPoint) {
	switch p.Action {
	case ImportCreated:
		i.Created++
	case ImportUpdated:
		i.Updated++
	case ImportUnchanged:
		i.Unchanged++
	}
	if len(i.PainPoints) < MaxImported {
		i.PainPoints = append(i.PainPoints, p)
	}
}

// ImportedPainPoint is what an import did to one pain point.
type ImportedPainPoint struct {
	// Index is its place among the pain points of the input, from 0.
	Index int
	// Line is the first line of the file that is about it, from 1; nil when it did not come from a file.
	Line *int
	// ExternalKey is what it was imported by.
	ExternalKey string
	// Action is what was done.
	Action ImportAction
	// PainPointID is the pain point. A dry run makes up one for those it would create.
	PainPointID PainPointID
}

// UpsertPainPointsInput creates and updates pain points by their keys from elsewhere, all of them or none.
type UpsertPainPointsInput struct {
	PainPoints       []*UpsertPainPointInput
	DryRun           *bool
	ClientMutationID *string
}

// Validate returns an Error when there are none or too many; each pain point is validated by itself.
func (in UpsertPainPointsInput) Validate() error {
	c := check{prefix: "input"}
	switch n := len(in.PainPoints); {
	case n == 0:
		c.add("painPoints", CodeRequired, "name at least one pain point")
	case n > MaxUpsert:
		c.add("painPoints", CodeOutOfRange, "one call takes at most "+strconv.Itoa(MaxUpsert)+" pain points")
	}
	for i, p := range in.PainPoints[:min(len(in.PainPoints), MaxUpsert)] {
		if len(p.Evidence) > MaxFilterList {
			c.add(indexed("painPoints", i, "evidence"), CodeOutOfRange, "one pain point takes at most 100 pieces of evidence in one call")
		}
		if len(p.Reports) > MaxFilterList {
			c.add(indexed("painPoints", i, "reports"), CodeOutOfRange, "one pain point takes at most 100 reports in one call")
		}
	}
	return c.err()
}

// UpsertPainPointInput is a pain point as it is known elsewhere. Fields that are absent stay as they are, or get what a
// new pain point has.
type UpsertPainPointInput struct {
	// ExternalKey is what it is known by.
	ExternalKey string
	Title       string
	Description *string
	Category    *string
	Severity    *int
	Evidence    []*UpsertEvidenceInput
	Reports     []*UpsertPainReportInput
}

// Key returns what the pain point is known by, without what surrounds it.
func (in *UpsertPainPointInput) Key() string { return strings.TrimSpace(Clean(in.ExternalKey)) }

// Validate returns Errors with the fields that break a rule, their paths relative to the pain point. Nothing can have
// been observed or reported after now.
func (in *UpsertPainPointInput) Validate(now time.Time) error {
	c := check{}
	c.text("externalKey", in.ExternalKey, MaxExternalKey)
	c.text("title", in.Title, MaxTitle)
	c.upTo("description", deref(in.Description), MaxText)
	c.category("category", in.Category)
	c.severity("severity", in.Severity)
	seen := map[string]bool{}
	for i, e := range in.Evidence {
		e.validate(&c, now, func(field string) string { return indexed("evidence", i, field) })
		c.again(seen, indexed("evidence", i, "externalKey"), e.ExternalKey)
	}
	seen = map[string]bool{}
	for i, r := range in.Reports {
		at := func(field string) string { return indexed("reports", i, field) }
		c.text(at("reporter"), r.Reporter, MaxName)
		c.upTo(at("segment"), deref(r.Segment), MaxName)
		c.past(at("reportedAt"), r.ReportedAt, now, "nobody can have reported this in the future")
		c.again(seen, at("externalKey"), r.ExternalKey)
	}
	return c.err()
}

// again refuses a key that is too long or was given before.
func (c *check) again(seen map[string]bool, field string, key *string) {
	if key == nil {
		return
	}
	c.text(field, *key, MaxExternalKey)
	k := strings.TrimSpace(Clean(*key))
	if k != "" && seen[k] {
		c.add(field, CodeDuplicate, "this key stands further up already")
	}
	seen[k] = true
}

// UpsertEvidenceInput is a piece of evidence as it is known elsewhere.
type UpsertEvidenceInput struct {
	EvidenceInput
	// ExternalKey is what it is known by; absent, it is known by what it says.
	ExternalKey *string
}

// Key returns what the evidence is known by below its pain point.
func (in *UpsertEvidenceInput) Key() string {
	return keyOf(in.ExternalKey, string(in.Source), in.Body, deref(in.Customer), deref(in.Segment), deref(in.URL), instantOf(in.ObservedAt))
}

// UpsertPainReportInput is somebody's report as it is known elsewhere.
type UpsertPainReportInput struct {
	// Reporter names who has the problem.
	Reporter string
	// Segment is the group the reporter belongs to.
	Segment *string
	// ReportedAt is when they said so; now when absent.
	ReportedAt *time.Time
	// ExternalKey is what it is known by; absent, it is known by what it says.
	ExternalKey *string
}

// Key returns what the report is known by below its pain point.
func (in *UpsertPainReportInput) Key() string {
	return keyOf(in.ExternalKey, in.Reporter, deref(in.Segment), instantOf(in.ReportedAt))
}

// keyOf returns the key, or one made of the content, so that what is said twice in the same words is one.
func keyOf(key *string, content ...string) string {
	if key != nil {
		return strings.TrimSpace(Clean(*key))
	}
	sum := sha256.New()
	for _, part := range content {
		part = strings.TrimSpace(Clean(part))
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return "content:" + hex.EncodeToString(sum.Sum(nil)[:16])
}

func instantOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
}
