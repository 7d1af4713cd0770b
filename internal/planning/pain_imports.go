package planning

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// painImports names what imports queue on, so that two of them never capture the same pain point.
const painImports = "pain imports"

// importBatch is how many rows one statement of an import writes.
const importBatch = 500

// errRehearsed ends the transaction of a dry run: it went all the way, and nothing of it stays.
var errRehearsed = errors.New("this was a dry run")

// UpsertPainPoints captures and changes pain points by their keys from elsewhere, all of them or none. Its Errors are
// those of all pain points at once. What is new about a DISMISSED one answers CONFLICT; what was merged counts for what
// it was merged into.
func (p *Planner) UpsertPainPoints(ctx context.Context, in needle.UpsertPainPointsInput) (*needle.PainImport, error) {
	var out *needle.PainImport
	err := p.change(ctx, needle.ActImportPain, in, func(ctx context.Context, a act) error {
		u, err := a.compare(ctx, in.PainPoints)
		if err != nil {
			return err
		}
		var problems needle.Errors
		for _, p := range u.problems {
			problems = append(problems, needle.Errors{p.err}.Under("input", "painPoints", strconv.Itoa(p.index))...)
		}
		if len(problems) > 0 {
			return problems
		}
		out, err = u.write(ctx, or(in.DryRun, false))
		return err
	})
	return rehearsed(out, err)
}

// rehearsed is what a use case answers whose transaction may have been a dry run.
func rehearsed(out *needle.PainImport, err error) (*needle.PainImport, error) {
	if err == nil || errors.Is(err, errRehearsed) {
		return out, nil
	}
	return nil, err
}

// write stores what there is to write and says so. A dry run does the same and ends with errRehearsed.
func (u *upserts) write(ctx context.Context, dryRun bool) (*needle.PainImport, error) {
	out := &needle.PainImport{DryRun: dryRun}
	for i, c := range u.changes {
		out.Count(&needle.ImportedPainPoint{Index: i, ExternalKey: c.pain.ExternalKey, Action: c.action(), PainPointID: c.pain.ID})
	}
	if err := u.writePains(ctx); err != nil {
		return nil, err
	}
	if err := u.writePieces(ctx); err != nil {
		return nil, err
	}
	if err := u.recordAll(ctx); err != nil {
		return nil, err
	}
	if dryRun {
		return out, errRehearsed
	}
	return out, nil
}

func (u *upserts) writePains(ctx context.Context) error {
	fresh := pick(u.changes, func(c *painChange) *needle.PainPoint { return c.pain }, func(c *painChange) bool { return c.before == nil })
	if len(fresh) > 0 {
		number, err := u.NextNumbers(ctx, needle.PainPointKey, len(fresh))
		if err != nil {
			return err
		}
		for i, pain := range fresh {
			pain.Number = number + i
		}
	}
	if err := inBatches(ctx, u, fresh, u.InsertPainPoints); err != nil {
		return err
	}
	return inBatches(ctx, u, pick(u.changes, func(c *painChange) *needle.PainPoint { return c.pain }, (*painChange).rewritten), u.RewritePainPoints)
}

// writePieces stores evidence and reports, and weighs the pain anew where reports changed.
func (u *upserts) writePieces(ctx context.Context) error {
	var evidence changed[needle.Evidence]
	var reports changed[needle.PainReport]
	var dropped []needle.PainReportID
	for _, c := range u.changes {
		evidence.added, evidence.rewritten = append(evidence.added, c.evidence.added...), append(evidence.rewritten, c.evidence.rewritten...)
		reports.added = append(append(reports.added, c.heard.added...), c.reports.added...)
		reports.rewritten = append(append(reports.rewritten, c.heard.rewritten...), c.reports.rewritten...)
		dropped = append(dropped, c.dropped...)
	}
	if err := inBatches(ctx, u, evidence.added, u.InsertEvidence); err != nil {
		return err
	}
	if err := inBatches(ctx, u, evidence.rewritten, u.RewriteEvidence); err != nil {
		return err
	}
	if err := inBatches(ctx, u, reports.added, u.InsertPainReports); err != nil {
		return err
	}
	if err := inBatches(ctx, u, reports.rewritten, u.RewritePainReports); err != nil {
		return err
	}
	if err := inBatches(ctx, u, dropped, u.DeletePainReports); err != nil {
		return err
	}
	recounted := pick(u.changes, func(c *painChange) needle.PainPointID { return c.pain.ID }, (*painChange).recounts)
	if len(recounted) == 0 {
		return nil
	}
	return u.WeighPainPoints(ctx, recounted)
}

// imported is what an activity says about a pain point that was imported.
type imported struct {
	*needle.PainPoint
	Evidence []*needle.Evidence   `json:",omitempty"`
	Reports  []*needle.PainReport `json:",omitempty"`
}

// recordAll writes one activity for each pain point that changed.
func (u *upserts) recordAll(ctx context.Context) error {
	written := slices.DeleteFunc(slices.Clone(u.changes), func(c *painChange) bool { return c.action() == needle.ImportUnchanged })
	ids := make([]needle.PainPointID, len(written))
	for i, c := range written {
		ids[i] = c.pain.ID
	}
	if len(ids) == 0 {
		return nil
	}
	stored, err := u.PainPointsByID(ctx, ids)
	if err != nil {
		return err
	}
	activities := make([]*needle.Activity, len(written))
	for i, c := range written {
		verb, before := needle.VerbCreated, any(nil)
		if c.before != nil {
			verb, before = needle.VerbUpdated, imported{c.before, c.evidence.was, c.reports.was}
		}
		after := imported{stored[i], c.evidence.is(), c.reports.is()}
		activities[i], err = needle.NewActivity(u.WorkspaceID(), &u.viewer, verb, c.pain.ID, before, after, u.Now())
		if err != nil {
			return err
		}
	}
	return inBatches(ctx, u, activities, u.InsertActivities)
}

// pick collects something of each change that qualifies.
func pick[T any](changes []*painChange, of func(*painChange) T, when func(*painChange) bool) []T {
	var out []T
	for _, c := range changes {
		if when(c) {
			out = append(out, of(c))
		}
	}
	return out
}

// inBatches calls write with some rows after the other, and not at all when there are none. After the first of several
// batches the database looks at what it has got.
func inBatches[T any](ctx context.Context, u *upserts, rows []T, write func(context.Context, []T) error) error {
	for from := 0; from < len(rows); from += importBatch {
		if from == importBatch {
			if err := u.AnalyzePains(ctx); err != nil {
				return err
			}
		}
		if err := write(ctx, rows[from:min(from+importBatch, len(rows))]); err != nil {
			return err
		}
	}
	return nil
}
