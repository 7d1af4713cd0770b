package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// LinkVersionsOf reads all versions of many links, in the order in which they were recorded.
func (s Scope) LinkVersionsOf(ctx context.Context, ids []needle.ContributionID) (map[needle.ContributionID][]*needle.ContributionVersion, error) {
	all, err := s.linkVersions(ctx, "t.contribution_id = ANY(?::uuid[])", uuids(distinct(raw(ids))))
	out := make(map[needle.ContributionID][]*needle.ContributionVersion, len(ids))
	for _, v := range all {
		out[v.ID] = append(out[v.ID], v)
	}
	return out, err
}

// Stages reads how far items are at an instant: what is stored until they are delivered, and what follows from their
// links from then on.
func (s Scope) Stages(ctx context.Context, ids []needle.BacklogItemID, now time.Time) (map[needle.BacklogItemID]needle.Stage, error) {
	out := make(map[needle.BacklogItemID]needle.Stage, len(ids))
	err := s.each(ctx, "SELECT t.id, "+strings.ReplaceAll(stageAt(now), "§", "t.")+` FROM backlog_items AS t
		WHERE t.workspace_id = ? AND t.id = ANY(?::uuid[])`, []any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
		var id needle.BacklogItemID
		var stage needle.Stage
		err := rows.Scan(&id, &stage)
		out[id] = stage
		return err
	})
	return out, err
}

// stageAt is an item's stage at an instant. Delivered work that serves a key result is MEASURING until the longest effect
// window of its links ends, and then at VERDICT until a person closes it. This is package impact's LockBet and
// EffectWindow, said of many items at once, so that lists can be filtered by it.
func stageAt(now time.Time) string {
	at := "'" + now.UTC().Format(time.RFC3339Nano) + "'::timestamptz"
	return `CASE WHEN §stage <> 'DELIVERED' THEN §stage ELSE (
		SELECT CASE WHEN count(*) = 0 OR §delivered_at IS NULL THEN 'DELIVERED'
			WHEN §delivered_at + interval '24 hours' * max(coalesce(bet.lag_max_days, greatest(aim.lag_max_days, bet.lag_min_days))) > ` + at + ` THEN 'MEASURING'
			ELSE 'VERDICT' END
		FROM contributions AS serving
		JOIN key_results AS aim ON aim.workspace_id = serving.workspace_id AND aim.id = serving.key_result_id
		LEFT JOIN LATERAL (SELECT min(m.occurred_at) AS started_at FROM item_transitions AS m
			WHERE m.workspace_id = serving.workspace_id AND m.item_id = serving.item_id AND m.to_status IN ('IN_PROGRESS', 'DONE') AND ` + holds + `) AS work ON true
		CROSS JOIN LATERAL (SELECT v.lag_min_days, v.lag_max_days FROM contribution_versions AS v
			CROSS JOIN LATERAL (SELECT work.started_at IS NULL OR greatest(v.valid_from, v.recorded_at) <= work.started_at AS in_time) AS told
			WHERE v.workspace_id = serving.workspace_id AND v.contribution_id = serving.id AND NOT v.ended
			ORDER BY told.in_time DESC, CASE WHEN told.in_time THEN v.valid_from END DESC, CASE WHEN told.in_time THEN v.recorded_at END DESC,
				CASE WHEN told.in_time THEN v.id END DESC, v.valid_from, v.recorded_at, v.id
			LIMIT 1) AS bet
		WHERE serving.workspace_id = §workspace_id AND serving.item_id = §id AND serving.valid_to IS NULL) END`
}
