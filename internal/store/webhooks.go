package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// WebhookSecrets is what proves that a webhook comes from the tracker of a connection. It prints as the connection.
type WebhookSecrets struct {
	WorkspaceID  needle.WorkspaceID
	ConnectionID needle.ConnectionID
	// Kind names the connection's driver.
	Kind string
	// Current is the secret.
	Current []byte
	// Old is the one before, which is good until OldUntil; nil when there is none.
	Old      []byte
	OldUntil time.Time
}

// String names the connection and keeps the secrets.
func (w WebhookSecrets) String() string { return "webhook secrets of " + w.ConnectionID.String() }

// GoString is String.
func (w WebhookSecrets) GoString() string { return w.String() }

// boundToWebhook names the one place a webhook's secret belongs to: it does not open as a connection's credentials.
func (s Scope) boundToWebhook(id needle.ConnectionID) string { return s.boundTo(id) + "/webhook" }

// WebhookSecrets finds the workspace of a connection by its id alone, and opens its webhook secrets. It answers NOT_FOUND
// when there is no such connection or it has no secret, a *MissingKeyError or an error that matches ErrSealBroken.
func (s *Store) WebhookSecrets(ctx context.Context, id needle.ConnectionID) (WebhookSecrets, error) {
	out := WebhookSecrets{ConnectionID: id}
	var current, old []byte
	var currentKey, oldKey string
	var until sql.NullTime
	err := s.db.QueryRowContext(ctx, `
		SELECT w.workspace_id, c.kind, w.sealed_secret, w.sealed_key_id, w.sealed_old_secret, w.sealed_old_key_id, w.old_secret_until
		FROM webhooks AS w JOIN connections AS c ON c.workspace_id = w.workspace_id AND c.id = w.connection_id
		WHERE w.connection_id = ?`, id).
		Scan(&out.WorkspaceID, &out.Kind, &current, &currentKey, &old, &oldKey, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return out, needle.NotFound("", "connection")
	}
	if err != nil {
		return out, mapError(err)
	}
	bound := s.In(out.WorkspaceID).boundToWebhook(id)
	if out.Current, err = s.keys.open(current, currentKey, bound); err != nil {
		return out, fmt.Errorf("opening the secret of a webhook: %w", err)
	}
	if until.Valid && s.now().Before(until.Time) {
		if out.Old, err = s.keys.open(old, oldKey, bound); err != nil {
			return out, fmt.Errorf("opening the old secret of a webhook: %w", err)
		}
		out.OldUntil = until.Time
	}
	return out, nil
}

// SetWebhookSecret seals the secret that webhooks of a connection are signed with. The one before stays good until a
// time, unless that has passed. The error matches ErrNoKey when there is no key to seal with.
func (s Scope) SetWebhookSecret(ctx context.Context, id needle.ConnectionID, secret string, oldUntil time.Time) error {
	sealed, keyID, err := s.keys.seal([]byte(secret), s.boundToWebhook(id))
	if err != nil {
		return fmt.Errorf("sealing the secret of a webhook: %w", err)
	}
	_, err = s.idb.ExecContext(ctx, `
		INSERT INTO webhooks AS w (workspace_id, connection_id, sealed_secret, sealed_key_id, secret_set_at)
		VALUES (?0, ?1, ?2, ?3, ?4)
		ON CONFLICT (workspace_id, connection_id) DO UPDATE SET
			sealed_old_secret = CASE WHEN ?5::timestamptz > ?4 THEN w.sealed_secret ELSE '' END,
			sealed_old_key_id = CASE WHEN ?5::timestamptz > ?4 THEN w.sealed_key_id ELSE '' END,
			old_secret_until = CASE WHEN ?5::timestamptz > ?4 THEN ?5::timestamptz END,
			sealed_secret = EXCLUDED.sealed_secret, sealed_key_id = EXCLUDED.sealed_key_id, secret_set_at = EXCLUDED.secret_set_at`,
		s.workspace, id, sealed, keyID, s.Now(), oldUntil)
	return mapError(err)
}

// WebhooksByConnection reads the webhooks of connections, without their secrets and addresses; the answer lies parallel
// to ids. A connection that has none gets an empty one.
func (s Scope) WebhooksByConnection(ctx context.Context, ids []needle.ConnectionID) ([]*needle.Webhook, error) {
	found := map[uuid.UUID]*needle.Webhook{}
	now := s.Now()
	err := s.each(ctx, `
		SELECT c.id, w.secret_set_at, CASE WHEN w.old_secret_until > ? THEN w.old_secret_until END, coalesce(w.redelivery_reason, ''),
			(SELECT max(d.created_at) FROM webhook_deliveries AS d WHERE d.workspace_id = c.workspace_id AND d.connection_id = c.id)
		FROM connections AS c LEFT JOIN webhooks AS w ON w.workspace_id = c.workspace_id AND w.connection_id = c.id
		WHERE c.workspace_id = ? AND c.id = ANY(?::uuid[])`,
		[]any{now, s.workspace, uuids(distinct(raw(ids)))}, func(r *sql.Rows) error {
			one := new(needle.Webhook)
			err := r.Scan(&one.ConnectionID, &one.SecretSetAt, &one.OldSecretUntil, &one.RedeliveryReason, &one.LastAt)
			found[one.ConnectionID.UUID] = one
			return err
		})
	out := make([]*needle.Webhook, len(ids))
	for i, id := range ids {
		if out[i] = found[id.UUID]; out[i] == nil {
			out[i] = &needle.Webhook{ConnectionID: id}
		}
	}
	return out, err
}

// DueRedelivery is a connection whose failed deliveries are to be asked for again.
type DueRedelivery struct {
	WorkspaceID  needle.WorkspaceID
	ConnectionID needle.ConnectionID
	// Since is when they were asked for last, or when the secret was set.
	Since time.Time
}

// DueRedeliveries lists the readable connections of some kinds, of all workspaces, that have a webhook secret and were
// not asked for failed deliveries since a time, longest ago first.
func (s *Store) DueRedeliveries(ctx context.Context, kinds []string, before time.Time, limit int) ([]DueRedelivery, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	var due []DueRedelivery
	all := Scope{idb: s.db} // The schedule looks across workspaces; nothing but ids and times leaves it.
	err := all.each(ctx, `
		SELECT w.workspace_id, w.connection_id, coalesce(w.redelivered_at, w.secret_set_at) AS since
		FROM webhooks AS w JOIN connections AS c ON c.workspace_id = w.workspace_id AND c.id = w.connection_id
		WHERE c.state = ? AND c.kind IN ? AND coalesce(w.redelivered_at <= ?, true)
		ORDER BY since, w.connection_id LIMIT ?`,
		[]any{needle.ConnectionOK, bun.Tuple(kinds), before, limit}, func(r *sql.Rows) error {
			var d DueRedelivery
			err := r.Scan(&d.WorkspaceID, &d.ConnectionID, &d.Since)
			due = append(due, d)
			return err
		})
	return due, err
}

// SaveRedelivery notes when failed deliveries were asked for, or why they could not be: then at is zero and the next try
// looks as far back as this one.
func (s Scope) SaveRedelivery(ctx context.Context, id needle.ConnectionID, at time.Time, reason string) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE webhooks SET redelivered_at = CASE WHEN ? THEN redelivered_at ELSE ?::timestamptz END, redelivery_reason = ?
		WHERE workspace_id = ? AND connection_id = ?`, at.IsZero(), at, reason, s.workspace, id)
	return mapError(err)
}

// DropOldWebhookSecrets forgets the secrets of all workspaces whose overlap is over.
func (s *Store) DropOldWebhookSecrets(ctx context.Context, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE webhooks SET sealed_old_secret = '', sealed_old_key_id = '', old_secret_until = NULL WHERE old_secret_until <= ?`, now)
	return mapError(err)
}
