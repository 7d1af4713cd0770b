package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// togetherPeople counts who did what for objectives (?1) of a workspace (?0) up to an instant (?2). That somebody has a
// ballot is told, never what it says.
const togetherPeople = `
	WITH acts(objective_id, user_id, act) AS (
		SELECT id, created_by, '' FROM objectives WHERE workspace_id = ?0 AND id = ANY(?1::uuid[]) AND created_at <= ?2
		UNION ALL
		SELECT objective_id, user_id, '' FROM participants WHERE workspace_id = ?0 AND objective_id = ANY(?1::uuid[]) AND invited_at <= ?2
		UNION ALL
		SELECT objective_id, created_by, 'proposed' FROM proposals WHERE workspace_id = ?0 AND objective_id = ANY(?1::uuid[]) AND created_at <= ?2
		UNION ALL
		SELECT objective_id, created_by, 'suggested' FROM suggestions WHERE workspace_id = ?0 AND objective_id = ANY(?1::uuid[]) AND created_at <= ?2
		UNION ALL
		SELECT v.objective_id, b.user_id, 'voted' FROM votes AS v
		JOIN ballots AS b ON b.workspace_id = v.workspace_id AND b.vote_id = v.id AND b.created_at <= ?2
		WHERE v.workspace_id = ?0 AND v.objective_id = ANY(?1::uuid[])
		UNION ALL
		SELECT objective_id, created_by, 'commented' FROM comments
		WHERE workspace_id = ?0 AND objective_id = ANY(?1::uuid[]) AND created_at <= ?2 AND (deleted_at IS NULL OR deleted_at > ?2)
		UNION ALL
		SELECT objective_id, user_id, 'signed' FROM sign_offs WHERE workspace_id = ?0 AND objective_id = ANY(?1::uuid[]) AND recorded_at <= ?2
		UNION ALL
		SELECT objective_id, actor_id, 'wrote' FROM activities
		WHERE workspace_id = ?0 AND objective_id = ANY(?1::uuid[]) AND recorded_at <= ?2 AND actor_id IS NOT NULL
			AND verb IN ('CREATED', 'UPDATED') AND split_part(subject_id, '_', 1) IN ('obj', 'kr')
	)
	SELECT a.objective_id, a.user_id, coalesce(p.function, u.function),
		coalesce(p.invited_by <> p.user_id AND p.invited_at <= ?2, false),
		count(*) FILTER (WHERE a.act = 'proposed'), count(*) FILTER (WHERE a.act = 'suggested'), count(*) FILTER (WHERE a.act = 'voted'),
		count(*) FILTER (WHERE a.act = 'commented'), count(*) FILTER (WHERE a.act = 'signed'), count(*) FILTER (WHERE a.act = 'wrote')
	FROM acts AS a
	JOIN users AS u ON u.workspace_id = ?0 AND u.id = a.user_id
	LEFT JOIN participants AS p ON p.workspace_id = ?0 AND p.objective_id = a.objective_id AND p.user_id = a.user_id
	GROUP BY a.objective_id, a.user_id, u.name, 3, 4
	ORDER BY a.objective_id, u.name, a.user_id`

// togetherDates tells when objectives (?1) of a workspace (?0) were first proposed and agreed, as known at an instant (?2).
const togetherDates = `
	SELECT k.id,
		least((SELECT min(p.created_at) FROM proposals AS p WHERE p.workspace_id = ?0 AND p.objective_id = k.id AND p.created_at <= ?2),
			min(s.recorded_at) FILTER (WHERE s.state = 'PROPOSED')),
		min(s.recorded_at) FILTER (WHERE s.state = 'AGREED')
	FROM unnest(?1::uuid[]) AS k(id)
	LEFT JOIN objective_states AS s ON s.workspace_id = ?0 AND s.objective_id = k.id AND s.recorded_at <= ?2
	GROUP BY k.id`

// TogetherFacts reads what was known at an instant of how each objective was written, in two statements.
func (s Scope) TogetherFacts(ctx context.Context, ids []needle.ObjectiveID, asOf time.Time) (map[needle.ObjectiveID]needle.TogetherFacts, error) {
	out := make(map[needle.ObjectiveID]needle.TogetherFacts, len(ids))
	args := []any{s.workspace, uuids(distinct(raw(ids))), asOf}
	err := s.each(ctx, togetherPeople, args, func(rows *sql.Rows) error {
		var id needle.ObjectiveID
		p := new(needle.TogetherPerson)
		err := rows.Scan(&id, &p.UserID, &p.Function, &p.Invited, &p.Proposed, &p.Suggested, &p.Voted, &p.Commented, &p.Signed, &p.Wrote)
		facts := out[id]
		facts.People = append(facts.People, p)
		out[id] = facts
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, togetherDates, args, func(rows *sql.Rows) error {
		var id needle.ObjectiveID
		var proposed, agreed *time.Time
		err := rows.Scan(&id, &proposed, &agreed)
		facts := out[id]
		facts.FirstProposedAt, facts.AgreedAt = proposed, agreed
		out[id] = facts
		return err
	})
	return out, err
}

// ObjectiveParts counts what belongs to each objective.
func (s Scope) ObjectiveParts(ctx context.Context, ids []needle.ObjectiveID) (map[needle.ObjectiveID]needle.ObjectiveParts, error) {
	out := make(map[needle.ObjectiveID]needle.ObjectiveParts, len(ids))
	err := s.each(ctx, `
		SELECT k.id,
			(SELECT count(*) FROM objective_pain_points AS j WHERE j.workspace_id = ?0 AND j.objective_id = k.id AND j.removed_at IS NULL),
			(SELECT count(*) FROM key_results AS r WHERE r.workspace_id = ?0 AND r.objective_id = k.id)
		FROM unnest(?1::uuid[]) AS k(id)`, []any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
		var id needle.ObjectiveID
		var parts needle.ObjectiveParts
		err := rows.Scan(&id, &parts.PainPoints, &parts.KeyResults)
		out[id] = parts
		return err
	})
	return out, err
}
