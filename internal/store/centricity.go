package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// CentricityFacts reads everything that customer centricity of the whole workspace is computed from, in a constant number
// of statements: for asOf alone with cycles 0, and for asOf and the ends of the last so many cycles otherwise.
func (s Scope) CentricityFacts(ctx context.Context, cycles int, asOf time.Time) (needle.CentricityFacts, error) {
	return s.centricityFacts(ctx, nil, cycles, asOf)
}

// LadderFacts reads the facts about some pain points only: what is known of them and their duplicates, the objectives
// that address them and the work on these. It takes as many statements for one as for many.
func (s Scope) LadderFacts(ctx context.Context, pains []needle.PainPointID, asOf time.Time) (needle.CentricityFacts, error) {
	if pains == nil {
		pains = []needle.PainPointID{}
	}
	return s.centricityFacts(ctx, pains, 0, asOf)
}

// centricityFacts reads the facts about the pain points, or about all when pains is nil.
func (s Scope) centricityFacts(ctx context.Context, pains []needle.PainPointID, cycles int, asOf time.Time) (f needle.CentricityFacts, err error) {
	if f.Policy, err = s.Policy(ctx); err != nil {
		return f, err
	}
	var only any // NULL keeps every row.
	if pains != nil {
		if only, err = s.duplicatesOf(ctx, pains); err != nil {
			return f, err
		}
	}
	for _, read := range []func(context.Context, *needle.CentricityFacts, any, time.Time) error{
		s.painVersions, s.evidenceTimes, s.reportTimes, s.segmentVersions, s.cycleVersions, s.addressedPains, s.objectiveVersions,
		s.keyResultsToTrace,
	} {
		if err := read(ctx, &f, only, asOf); err != nil {
			return f, err
		}
	}
	since := asOf
	if begun := needle.BegunCycles(f.Cycles, cycles, asOf); len(begun) > 0 {
		since = begun[0].Start()
	}
	return f, s.workToTrace(ctx, &f, pains == nil, since)
}

// duplicatesOf returns the pain points and all that were ever merged into them, straight or through others.
func (s Scope) duplicatesOf(ctx context.Context, pains []needle.PainPointID) (string, error) {
	var text string
	err := s.idb.QueryRowContext(ctx, `
		WITH RECURSIVE tree(id) AS (
			SELECT unnest(?1::uuid[])
			UNION
			SELECT m.from_id FROM tree JOIN pain_merges AS m ON m.workspace_id = ?0 AND m.into_id = tree.id
		) SELECT coalesce(array_agg(id), '{}')::text FROM tree`, s.workspace, uuids(distinct(raw(pains)))).Scan(&text)
	return text, mapError(err)
}

func (s Scope) painVersions(ctx context.Context, f *needle.CentricityFacts, only any, asOf time.Time) error {
	return s.each(ctx, `
		SELECT t.pain_point_id, p.number, t.version, t.severity, t.status, t.merged_into_id, t.recorded_at
		FROM pain_point_states AS t JOIN pain_points AS p ON p.workspace_id = t.workspace_id AND p.id = t.pain_point_id
		WHERE t.workspace_id = ?0 AND t.recorded_at <= ?2 AND (?1::uuid[] IS NULL OR t.pain_point_id = ANY(?1::uuid[]))`,
		[]any{s.workspace, only, asOf}, func(rows *sql.Rows) error {
			v := new(needle.PainPointVersion)
			f.Pains = append(f.Pains, v)
			return rows.Scan(&v.PainPointID, &v.Number, &v.Version, &v.Severity, &v.Status, &v.MergedIntoID, &v.RecordedAt)
		})
}

func (s Scope) evidenceTimes(ctx context.Context, f *needle.CentricityFacts, only any, asOf time.Time) error {
	return s.each(ctx, `
		SELECT t.pain_point_id, t.observed_at, t.created_at FROM evidence AS t
		WHERE t.workspace_id = ?0 AND t.created_at <= ?2 AND (?1::uuid[] IS NULL OR t.pain_point_id = ANY(?1::uuid[]))`,
		[]any{s.workspace, only, asOf}, func(rows *sql.Rows) error {
			e := new(needle.EvidenceTimes)
			f.Evidence = append(f.Evidence, e)
			return rows.Scan(&e.PainPointID, &e.ObservedAt, &e.RecordedAt)
		})
}

func (s Scope) reportTimes(ctx context.Context, f *needle.CentricityFacts, only any, asOf time.Time) error {
	return s.each(ctx, `
		SELECT t.id, t.pain_point_id, t.reporter, t.segment, t.reported_at, t.created_at FROM pain_reports AS t
		WHERE t.workspace_id = ?0 AND t.created_at <= ?2 AND (?1::uuid[] IS NULL OR t.pain_point_id = ANY(?1::uuid[]))`,
		[]any{s.workspace, only, asOf}, func(rows *sql.Rows) error {
			r := new(needle.ReportTimes)
			f.Reports = append(f.Reports, r)
			return rows.Scan(&r.ID, &r.PainPointID, &r.Reporter, &r.Segment, &r.ReportedAt, &r.RecordedAt)
		})
}

func (s Scope) segmentVersions(ctx context.Context, f *needle.CentricityFacts, _ any, asOf time.Time) error {
	return s.each(ctx, `SELECT segment_id, version, name, weight, recorded_at FROM segment_states WHERE workspace_id = ? AND recorded_at <= ?`,
		[]any{s.workspace, asOf}, func(rows *sql.Rows) error {
			v := new(needle.SegmentVersion)
			f.Segments = append(f.Segments, v)
			return rows.Scan(&v.SegmentID, &v.Version, &v.Name, &v.Weight, &v.RecordedAt)
		})
}

// cycleVersions reads all cycles and the states they were in.
func (s Scope) cycleVersions(ctx context.Context, f *needle.CentricityFacts, _ any, asOf time.Time) error {
	sh := shapeOf[needle.Cycle](nil)
	var err error
	if f.Cycles, err = readRows[needle.Cycle](ctx, s, sh, "SELECT "+sh.columns+" FROM cycles AS t WHERE t.workspace_id = ?", s.workspace); err != nil {
		return err
	}
	return s.each(ctx, `SELECT cycle_id, version, state, recorded_at FROM cycle_states WHERE workspace_id = ? AND recorded_at <= ?`,
		[]any{s.workspace, asOf}, func(rows *sql.Rows) error {
			v := new(needle.CycleVersion)
			f.CycleStates = append(f.CycleStates, v)
			return rows.Scan(&v.CycleID, &v.Version, &v.State, &v.RecordedAt)
		})
}

func (s Scope) addressedPains(ctx context.Context, f *needle.CentricityFacts, only any, asOf time.Time) error {
	return s.each(ctx, `
		SELECT t.objective_id, t.pain_point_id, t.created_at, t.removed_at FROM objective_pain_points AS t
		WHERE t.workspace_id = ?0 AND t.created_at <= ?2 AND (?1::uuid[] IS NULL OR t.pain_point_id = ANY(?1::uuid[]))`,
		[]any{s.workspace, only, asOf}, func(rows *sql.Rows) error {
			a := new(needle.AddressedPain)
			f.Addressed = append(f.Addressed, a)
			return rows.Scan(&a.ObjectiveID, &a.PainPointID, &a.From, &a.To)
		})
}

// objectiveVersions reads all objectives, or those that address one of the pain points, and the states they were in.
func (s Scope) objectiveVersions(ctx context.Context, f *needle.CentricityFacts, only any, asOf time.Time) error {
	return s.each(ctx, `
		SELECT t.objective_id, o.number, o.team_id, o.cycle_id, t.version, t.state, t.recorded_at
		FROM objective_states AS t JOIN objectives AS o ON o.workspace_id = t.workspace_id AND o.id = t.objective_id
		WHERE t.workspace_id = ?0 AND t.recorded_at <= ?2 AND (?1::uuid[] IS NULL OR t.objective_id IN (
			SELECT j.objective_id FROM objective_pain_points AS j WHERE j.workspace_id = ?0 AND j.pain_point_id = ANY(?1::uuid[])))`,
		[]any{s.workspace, only, asOf}, func(rows *sql.Rows) error {
			v := new(needle.ObjectiveVersion)
			f.Objectives = append(f.Objectives, v)
			return rows.Scan(&v.ObjectiveID, &v.Number, &v.TeamID, &v.CycleID, &v.Version, &v.State, &v.RecordedAt)
		})
}

// keyResultsToTrace reads the key results of the objectives and every version of their numbers.
func (s Scope) keyResultsToTrace(ctx context.Context, f *needle.CentricityFacts, _ any, asOf time.Time) error {
	objectives := make([]needle.ObjectiveID, len(f.Objectives))
	for i, o := range f.Objectives {
		objectives[i] = o.ObjectiveID
	}
	sh := shapeOf[needle.KeyResult](nil)
	var err error
	f.KeyResults, err = readRows[needle.KeyResult](ctx, s, sh, "SELECT "+sh.columns+
		" FROM key_results AS t WHERE t.workspace_id = ? AND t.objective_id = ANY(?::uuid[]) AND t.created_at <= ?",
		s.workspace, uuids(distinct(raw(objectives))), asOf)
	if err != nil {
		return err
	}
	goals, err := s.GoalHistories(ctx, keyResultIDs(f.KeyResults))
	for _, versions := range goals {
		f.Goals = append(f.Goals, versions...)
	}
	return err
}

func keyResultIDs(rows []*needle.KeyResult) []needle.KeyResultID {
	ids := make([]needle.KeyResultID, len(rows))
	for i, k := range rows {
		ids[i] = k.ID
	}
	return ids
}

// workToTrace reads the links to the key results, their items with all below, and how these moved; with open also the
// items that were open at any instant from since on. What is closed and did not move since then was closed all along.
func (s Scope) workToTrace(ctx context.Context, f *needle.CentricityFacts, open bool, since time.Time) error {
	keyResults := keyResultIDs(f.KeyResults)
	var err error
	if f.Links, err = s.linksToReview(ctx, keyResults, nil); err != nil {
		return err
	}
	linked := make([]needle.BacklogItemID, len(f.Links))
	for i, link := range f.Links {
		linked[i] = link.ItemID
	}
	var items []needle.BacklogItemID
	err = s.each(ctx, `
		WITH RECURSIVE wanted(id) AS (
			(SELECT unnest(?1::uuid[])
			UNION
			SELECT b.id FROM backlog_items AS b WHERE b.workspace_id = ?0 AND ?2 AND (b.status IN ('TODO', 'IN_PROGRESS') OR b.id IN (
				SELECT m.item_id FROM item_transitions AS m WHERE m.workspace_id = ?0 AND (m.occurred_at > ?3 OR m.recorded_at > ?3))))
			UNION
			SELECT b.id FROM wanted JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.parent_id = wanted.id
		)
		SELECT b.id, b.team_id, b.parent_id, b.effort, b.created_at,
			(SELECT min(c.created_at) FROM backlog_items AS c WHERE c.workspace_id = ?0 AND c.parent_id = b.id)
		FROM wanted JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = wanted.id`,
		[]any{s.workspace, uuids(distinct(raw(linked))), open, since}, func(rows *sql.Rows) error {
			i := new(needle.WorkItem)
			f.Items = append(f.Items, i)
			err := rows.Scan(&i.ID, &i.TeamID, &i.ParentID, &i.Effort, &i.CreatedAt, &i.FirstChildAt)
			items = append(items, i.ID)
			return err
		})
	if err != nil {
		return err
	}
	transitions, err := s.TransitionHistories(ctx, items)
	for _, moves := range transitions {
		f.Transitions = append(f.Transitions, moves...)
	}
	return err
}
