package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ConnectionFacts reads what the health of each connection follows from, in two statements whatever their number; the
// answer lies parallel to the connections.
func (s Scope) ConnectionFacts(ctx context.Context, of []*needle.Connection) ([]needle.ConnectionFacts, error) {
	facts := make([]needle.ConnectionFacts, len(of))
	ids, place := make([]uuid.UUID, len(of)), make(map[needle.ConnectionID][]int, len(of))
	for i, c := range of {
		facts[i].Connection, ids[i] = c, c.ID.Raw()
		place[c.ID] = append(place[c.ID], i)
	}
	err := s.each(ctx, `
		SELECT c.id, c.sealed_key_id, s.n, s.pending, s.oldest, q.n, q.since, h.n, h.since, r.alive
		FROM connections AS c
		CROSS JOIN LATERAL (
			SELECT count(*) AS n, count(*) FILTER (WHERE coalesce(t.read_at, t.backfilled_at) IS NULL AND t.state <> ?0) AS pending,
				min(t.read_at) AS oldest
			FROM sources AS t WHERE t.workspace_id = c.workspace_id AND t.connection_id = c.id AND t.removed_at IS NULL) AS s
		CROSS JOIN LATERAL (
			SELECT count(*) AS n, min(t.first_seen_at) AS since FROM quarantined_issues AS t
			JOIN sources AS o ON o.workspace_id = t.workspace_id AND o.id = t.source_id AND o.removed_at IS NULL
			WHERE t.workspace_id = c.workspace_id AND t.connection_id = c.id AND t.resolved_at IS NULL) AS q
		CROSS JOIN LATERAL (
			SELECT count(*) AS n, min(t.created_at) AS since FROM webhook_deliveries AS t
			WHERE t.workspace_id = c.workspace_id AND t.connection_id = c.id AND t.state = ?4) AS h
		CROSS JOIN LATERAL (
			SELECT max(t.updated_at) AS alive FROM sync_runs AS t
			WHERE t.workspace_id = c.workspace_id AND t.connection_id = c.id AND t.state = ?1) AS r
		WHERE c.workspace_id = ?2 AND c.id = ANY(?3::uuid[])`,
		[]any{needle.SourceError, needle.SyncRunning, s.workspace, uuids(ids), needle.WebhookFailed}, func(r *sql.Rows) error {
			var id needle.ConnectionID
			var one needle.ConnectionFacts
			var key string
			err := r.Scan(&id, &key, &one.Sources, &one.Pending, &one.OldestReadAt, &one.Quarantined, &one.QuarantinedSince,
				&one.FailedWebhooks, &one.FailedWebhooksSince, &one.RunningAt)
			if _, there := s.keys.Keys[key]; key != "" && !there {
				one.MissingKey = key
			}
			for _, i := range place[id] {
				one.Connection = of[i]
				facts[i] = one
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	troubled, err := s.troubledSources(ctx, ids)
	for _, source := range troubled {
		for _, i := range place[source.ConnectionID] {
			facts[i].Troubled = append(facts[i].Troubled, source)
		}
	}
	return facts, err
}

// troubledSources reads the sources of connections that are refused or raised an alert, the first of each by key.
func (s Scope) troubledSources(ctx context.Context, ids []uuid.UUID) ([]*needle.Source, error) {
	sh := shapeOf[needle.Source](nil)
	return readRows[needle.Source](ctx, s, sh, "SELECT t.* FROM unnest(?::uuid[]) AS k(id) CROSS JOIN LATERAL (SELECT "+sh.columns+`
		FROM sources AS t WHERE t.workspace_id = ? AND t.connection_id = k.id AND t.removed_at IS NULL AND (t.state = ? OR t.unobserved > 0)
		ORDER BY t.remote_key, t.id LIMIT ?) AS t`, uuids(ids), s.workspace, needle.SourceError, needle.MaxTroubled)
}
