package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// AttributionFacts reads everything that attribution, gaps and line-ups of some teams in one cycle are computed from, in
// eight statements however many teams there are; AttributionFacts.Of cuts out one team's. It answers NOT_FOUND for an
// unknown cycle.
func (s Scope) AttributionFacts(ctx context.Context, teams []needle.TeamID, cycle needle.CycleID, window needle.ReviewWindow, now time.Time) (needle.AttributionFacts, error) {
	var f needle.AttributionFacts
	var err error
	if f.Cycle, f.Policy, err = s.cycleAndPolicy(ctx, cycle); err != nil {
		return f, err
	}
	f.Since, f.AsOf = window.Ends(f.Cycle, now)
	if f.KeyResults, err = s.keyResultsToReview(ctx, teams, cycle); err != nil {
		return f, err
	}
	return f, s.attributionFacts(ctx, &f, teams)
}

// KeyResultFacts reads what is told of the links of some key results as of an instant, of any teams and cycles, in eight
// statements however many there are. Key results that do not exist are missing from the answer.
func (s Scope) KeyResultFacts(ctx context.Context, ids []needle.KeyResultID, asOf time.Time) (needle.AttributionFacts, error) {
	var f needle.AttributionFacts
	policy, err := s.Policy(ctx)
	if err != nil {
		return f, err
	}
	f.Policy, f.Since, f.AsOf = policy.AttributionPolicy, asOf, asOf
	sh := shapeOf[needle.KeyResult](nil)
	f.KeyResults, err = readRows[needle.KeyResult](ctx, s, sh, "SELECT "+sh.columns+
		" FROM key_results AS t WHERE t.workspace_id = ? AND t.id = ANY(?::uuid[]) ORDER BY t.number", s.workspace, uuids(distinct(raw(ids))))
	if err != nil {
		return f, err
	}
	return f, s.attributionFacts(ctx, &f, nil)
}

// attributionFacts reads the facts of key results, and those of the teams' own work.
func (s Scope) attributionFacts(ctx context.Context, f *needle.AttributionFacts, teams []needle.TeamID) error {
	ids := make([]needle.KeyResultID, len(f.KeyResults))
	for i, k := range f.KeyResults {
		ids[i] = k.ID
	}
	if err := s.valueFacts(ctx, &f.ReviewFacts, ids); err != nil {
		return err
	}
	since := f.AsOf.Add(-needle.CycleTimeSpan)
	if f.Since.Before(since) {
		since = f.Since
	}
	if err := s.mirroredFacts(ctx, f, teams, ids, since); err != nil {
		return err
	}
	if err := s.workFacts(ctx, &f.ReviewFacts, ids, len(teams) > 0); err != nil {
		return err
	}
	return s.toldFacts(ctx, f, ids)
}

// mirroredFacts reads items, and of mirrored ones when their tracker was last read in full.
func (s Scope) mirroredFacts(ctx context.Context, f *needle.AttributionFacts, teams []needle.TeamID, keyResults []needle.KeyResultID, since time.Time) error {
	f.TrackerReadAt = map[needle.BacklogItemID]time.Time{}
	sh := shapeOf[needle.BacklogItem](nil)
	var mirrored bool
	var readAt *time.Time
	scanner := newScanner[needle.BacklogItem](sh, &mirrored, &readAt)
	return s.each(ctx, wantedItems+`, mirrors AS (
			SELECT b.id, i.source_id FROM wanted JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = wanted.id
			JOIN issues AS i ON i.workspace_id = ?0 AND i.id = b.issue_id
		), reads AS (
			SELECT d.source_id, (`+lastWhole("?0", "d.source_id", "?4")+`) AS read_at
			FROM (SELECT DISTINCT source_id FROM mirrors) AS d
		)
		SELECT m.id IS NOT NULL, r.read_at, `+sh.columns+`
		FROM wanted JOIN backlog_items AS t ON t.workspace_id = ?0 AND t.id = wanted.id
		LEFT JOIN mirrors AS m ON m.id = t.id LEFT JOIN reads AS r ON r.source_id = m.source_id ORDER BY t.number`,
		[]any{s.workspace, uuids(raw(keyResults)), uuids(raw(teams)), since, f.AsOf}, func(rows *sql.Rows) error {
			readAt = nil
			item, err := scanner.next(rows)
			if err != nil {
				return err
			}
			f.Items = append(f.Items, item)
			switch {
			case readAt != nil:
				f.TrackerReadAt[item.ID] = *readAt
			case mirrored:
				f.TrackerReadAt[item.ID] = time.Time{}
			}
			return nil
		})
}

// told is a row of what people told about key results and links: an outside event or an experiment.
type told struct {
	id, about  uuid.UUID
	text       string
	author     needle.UserID
	recordedAt time.Time
	removedAt  *time.Time
	removedBy  *needle.UserID
	// Of events.
	occurrence, supersedes *needle.OutsideEventID
	kind                   *needle.OutsideEventKind
	from, to               *time.Time
	// Of experiments.
	estimate, low, high, confidence *float64
}

// toldFacts reads the outside events and experiments that were known at AsOf, with when they were taken back since.
func (s Scope) toldFacts(ctx context.Context, f *needle.AttributionFacts, keyResults []needle.KeyResultID) error {
	return s.each(ctx, `
		SELECT t.id, t.key_result_id AS about, t.title AS text, t.author_id, t.recorded_at, t.removed_at, t.removed_by,
			t.occurrence_id, t.supersedes_id, t.kind, t.from_at, t.to_at,
			NULL::float8 AS estimate, NULL::float8 AS low, NULL::float8 AS high, NULL::float8 AS confidence
		FROM outside_events AS t WHERE t.workspace_id = ?0 AND t.key_result_id = ANY(?1::uuid[]) AND t.recorded_at <= ?2
		UNION ALL
		SELECT x.id, x.contribution_id, x.source, x.author_id, x.recorded_at, x.removed_at, x.removed_by,
			NULL, NULL, NULL, NULL, NULL, x.estimate, x.low, x.high, x.confidence
		FROM experiments AS x JOIN contributions AS c ON c.workspace_id = x.workspace_id AND c.id = x.contribution_id
		WHERE x.workspace_id = ?0 AND c.key_result_id = ANY(?1::uuid[]) AND x.recorded_at <= ?2
		ORDER BY recorded_at, id`, []any{s.workspace, uuids(raw(keyResults)), f.AsOf}, func(rows *sql.Rows) error {
		var t told
		err := rows.Scan(&t.id, &t.about, &t.text, &t.author, &t.recordedAt, &t.removedAt, &t.removedBy,
			&t.occurrence, &t.supersedes, &t.kind, &t.from, &t.to, &t.estimate, &t.low, &t.high, &t.confidence)
		switch {
		case err != nil:
			return err
		case t.kind != nil:
			f.OutsideEvents = append(f.OutsideEvents, &needle.OutsideEvent{
				WorkspaceID: s.workspace, ID: needle.OutsideEventID{UUID: t.id}, KeyResultID: needle.KeyResultID{UUID: t.about},
				OccurrenceID: *t.occurrence, Kind: *t.kind, Title: t.text, From: *t.from, To: *t.to, AuthorID: t.author,
				RecordedAt: t.recordedAt, SupersedesID: t.supersedes, RemovedAt: t.removedAt, RemovedBy: t.removedBy,
			})
		default:
			f.Experiments = append(f.Experiments, &needle.Experiment{
				WorkspaceID: s.workspace, ID: needle.ExperimentID{UUID: t.id}, ContributionID: needle.ContributionID{UUID: t.about},
				Source: t.text, Estimate: *t.estimate, Low: *t.low, High: *t.high, Confidence: t.confidence, AuthorID: t.author,
				RecordedAt: t.recordedAt, RemovedAt: t.removedAt, RemovedBy: t.removedBy,
			})
		}
		return nil
	})
}

// cycleAndPolicy reads a cycle and the thresholds of its workspace at once. It answers NOT_FOUND for an unknown cycle.
func (s Scope) cycleAndPolicy(ctx context.Context, id needle.CycleID) (*needle.Cycle, needle.AttributionPolicy, error) {
	var cycle *needle.Cycle
	var p needle.AttributionPolicy
	sh := shapeOf[needle.Cycle](nil)
	err := s.each(ctx, `SELECT w.stale_tracker_days, w.keep_running_share, w.recent_days, w.most_key_results, w.dead_bet_share,
			w.fewest_cycle_times, `+sh.columns+`
		FROM cycles AS t JOIN workspaces AS w ON w.id = t.workspace_id WHERE t.workspace_id = ? AND t.id = ?`,
		[]any{s.workspace, id}, func(rows *sql.Rows) error {
			cycle = new(needle.Cycle)
			return sh.scan(rows, cycle, &p.StaleTrackerDays, &p.KeepRunningShare, &p.RecentDays, &p.MostKeyResults, &p.DeadBetShare, &p.FewestCycleTimes)
		})
	if err == nil && cycle == nil {
		err = needle.NotFound("", "cycle")
	}
	return cycle, p, err
}
