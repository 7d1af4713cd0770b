package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// WebhookDeliveryList asks for a list of deliveries.
type WebhookDeliveryList = needle.ListArgs[needle.WebhookDeliveryFilter, needle.WebhookDeliveryOrderField]

var webhookDeliveries = listing[needle.WebhookDelivery, needle.WebhookDeliveryFilter, needle.WebhookDeliveryOrderField]{
	orders: map[needle.WebhookDeliveryOrderField]orderKey[needle.WebhookDelivery]{
		needle.WebhookDeliveryByCreatedAt: byTime("created_at", func(r *needle.WebhookDelivery) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.WebhookDeliveryByCreatedAt, needle.Desc),
	filter: webhookDeliveryFilter,
	id:     func(row *needle.WebhookDelivery) uuid.UUID { return row.ID.UUID },
}

func webhookDeliveryFilter(w *where, f *needle.WebhookDeliveryFilter) {
	compare(w, "state", f.State)
	w.text("event", f.Event)
	w.date("created_at", f.CreatedAt)
	nest(w, f.And, f.Or, f.Not, webhookDeliveryFilter)
}

// WebhookDeliveriesByConnection reads one page of deliveries of each connection.
func (s Scope) WebhookDeliveriesByConnection(ctx context.Context, parents []needle.ConnectionID, q WebhookDeliveryList) ([]*needle.Page[*needle.WebhookDelivery], error) {
	return below(ctx, s, &webhookDeliveries, relation{column: "t.connection_id"}, parents, q)
}

// InsertWebhookDelivery puts a delivery into the inbox and reports false when it lies there already. It is one statement
// that travels once, since a burst of webhooks waits for it.
func (s Scope) InsertWebhookDelivery(ctx context.Context, row *needle.WebhookDelivery) (bool, error) {
	hints, err := json.Marshal(row.Hints)
	if err != nil {
		return false, fmt.Errorf("encoding hints: %w", err)
	}
	res, err := s.idb.ExecContext(ctx, `
		INSERT INTO webhook_deliveries (workspace_id, id, connection_id, delivery_id, event, state, reason, attempts, not_before,
			hints, finished_at, created_at, updated_at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workspace_id, connection_id, delivery_id) DO NOTHING`,
		s.workspace, row.ID, row.ConnectionID, row.DeliveryID, row.Event, row.State, row.Reason, row.Attempts, row.NotBefore,
		string(hints), row.FinishedAt, row.CreatedAt, row.UpdatedAt, row.Version)
	if err != nil {
		return false, mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("counting inserted rows: %w", err)
	}
	return n == 1, nil
}

// inboxOpen is the condition that the inbox of a connection c is worked off: its tracker may be asked now. ?0 is the moment.
const inboxOpen = `c.state IN ('OK', 'UNCHECKED', 'RATE_LIMITED') AND coalesce(c.rate_limited_until <= ?0, true)`

// waitsInInbox is the condition that something in the inbox of a connection c may be tried. ?0 is the moment.
const waitsInInbox = `EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE d.workspace_id = c.workspace_id AND d.connection_id = c.id
	AND d.state = 'PENDING' AND d.not_before <= ?0)`

// DueInboxes lists up to limit connections of all workspaces whose inbox waits to be worked off.
func (s *Store) DueInboxes(ctx context.Context, now time.Time, limit int) ([]DueConnection, error) {
	return s.dueConnections(ctx, "SELECT c.workspace_id, c.id, ?0::timestamptz FROM connections AS c WHERE "+inboxOpen+" AND "+waitsInInbox+
		" ORDER BY c.id LIMIT ?1", now, limit)
}

// InboxWaits reports whether something in the inbox of a connection may be worked off at a time.
func (s Scope) InboxWaits(ctx context.Context, id needle.ConnectionID, now time.Time) (bool, error) {
	var waits bool
	err := s.idb.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM connections AS c WHERE c.workspace_id = ?1 AND c.id = ?2 AND "+
		inboxOpen+" AND "+waitsInInbox+")", now, s.workspace, id).Scan(&waits)
	return waits, mapError(err)
}

// PendingWebhooks reads up to limit deliveries of a connection that may be tried at a time, oldest first.
func (s Scope) PendingWebhooks(ctx context.Context, id needle.ConnectionID, now time.Time, limit int) ([]*needle.WebhookDelivery, error) {
	sh := shapeOf[needle.WebhookDelivery](nil)
	return readRows[needle.WebhookDelivery](ctx, s, sh, "SELECT "+sh.columns+` FROM webhook_deliveries AS t
		WHERE t.workspace_id = ? AND t.connection_id = ? AND t.state = 'PENDING' AND t.not_before <= ? ORDER BY t.id LIMIT ?`,
		s.workspace, id, now, limit)
}

// SettleWebhooks stores how tries of pending deliveries ended: their state, reason, attempts and when they may be tried
// again. One that is not pending any more stays as it is.
func (s Scope) SettleWebhooks(ctx context.Context, rows []*needle.WebhookDelivery) error {
	if len(rows) == 0 {
		return nil
	}
	var ids, states, reasons, before []string
	var attempts []int64
	var finished []sql.NullString
	for _, row := range rows {
		ids, states, reasons = append(ids, row.ID.Raw().String()), append(states, string(row.State)), append(reasons, row.Reason)
		attempts, before = append(attempts, int64(row.Attempts)), append(before, instantText(row.NotBefore))
		finished = append(finished, nullInstant(row.FinishedAt))
	}
	return s.plain(ctx, `
		UPDATE webhook_deliveries AS d SET state = n.state, reason = n.reason, attempts = n.attempts, not_before = n.not_before,
			finished_at = n.finished_at, updated_at = $2, version = d.version + 1
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::timestamptz[], $8::timestamptz[])
			AS n(id, state, reason, attempts, not_before, finished_at)
		WHERE d.workspace_id = $1 AND d.id = n.id AND d.state = 'PENDING'`,
		[]any{s.workspace, s.Now(), pq.Array(ids), pq.Array(states), pq.Array(reasons), pq.Array(attempts), pq.Array(before), pq.Array(finished)},
		func(*sql.Rows) error { return nil })
}

// RetryWebhooks lets the failed deliveries of a connection wait again and returns how many did.
func (s Scope) RetryWebhooks(ctx context.Context, id needle.ConnectionID) (int, error) {
	now := s.Now()
	res, err := s.idb.ExecContext(ctx, `
		UPDATE webhook_deliveries SET state = ?, reason = '', attempts = 0, not_before = ?1, finished_at = NULL, updated_at = ?1, version = version + 1
		WHERE workspace_id = ?2 AND connection_id = ?3 AND state = ?4`, needle.WebhookPending, now, s.workspace, id, needle.WebhookFailed)
	if err != nil {
		return 0, mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("counting updated rows: %w", err)
	}
	return int(n), nil
}

// HeldIssuesOf reads the names of issues of a connection, as HeldIssues does, by the tracker's ids.
func (s Scope) HeldIssuesOf(ctx context.Context, connection needle.ConnectionID, remoteIDs []string) (map[string]*needle.Issue, error) {
	known := make(map[string]*needle.Issue, len(remoteIDs))
	err := s.plain(ctx, "SELECT "+heldColumns+` FROM issues
		WHERE workspace_id = $1 AND connection_id = $2 AND remote_id = ANY($3::text[])`,
		[]any{s.workspace, connection, pq.Array(remoteIDs)}, func(r *sql.Rows) error {
			one, err := heldIssue(r)
			known[one.RemoteID] = one
			return err
		})
	return known, err
}

// purgeBatch bounds what one statement of PurgeWebhooks deletes of each connection.
const purgeBatch = 10_000

// PurgeWebhooks deletes what was done or ignored before a time, in all workspaces, but for the last delivery of each
// connection, which tells when one last came in. It returns how many are gone; failed ones stay for people to see.
func (s *Store) PurgeWebhooks(ctx context.Context, before time.Time) (int, error) {
	for gone := 0; ; {
		res, err := s.db.ExecContext(ctx, `
			DELETE FROM webhook_deliveries AS d USING connections AS c CROSS JOIN LATERAL (
				SELECT o.id FROM webhook_deliveries AS o
				WHERE o.workspace_id = c.workspace_id AND o.connection_id = c.id AND o.state IN ('DONE', 'IGNORED') AND o.created_at < ?0
					AND o.created_at < (SELECT max(l.created_at) FROM webhook_deliveries AS l
						WHERE l.workspace_id = c.workspace_id AND l.connection_id = c.id)
				ORDER BY o.created_at LIMIT ?1
			) AS old WHERE d.workspace_id = c.workspace_id AND d.id = old.id`, before, purgeBatch)
		if err != nil {
			return gone, mapError(err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return gone, fmt.Errorf("counting deleted rows: %w", err)
		}
		if gone += int(n); n < purgeBatch {
			return gone, nil
		}
	}
}
