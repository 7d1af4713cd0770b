package syncing

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// RotateWebhookSecret sets the secret that webhooks of a connection are signed with; without one in the input it makes one,
// which the answer shows this once. The secret before stays good for the overlap. Before the first all webhooks are
// refused. A connection whose kind of tracker sends no webhooks answers CONFLICT.
func (e *Engine) RotateWebhookSecret(ctx context.Context, in needle.RotateWebhookSecretInput) (*needle.NewWebhookSecret, error) {
	out := &needle.NewWebhookSecret{}
	secret := ""
	if in.Secret != nil {
		secret = *in.Secret
	} else {
		secret = rand.Text() + rand.Text()
		out.Value = &secret
	}
	err := e.change(ctx, needle.ActConnect, in.Validate, func(ctx context.Context, a act) error {
		var err error
		if out.Connection, err = a.Connection(ctx, in.ConnectionID); err != nil {
			return at("input.connectionId", err)
		}
		if _, able := e.webhookParser(out.Connection.Kind); !able {
			return needle.Conflict("input.connectionId", "this kind of tracker sends no webhooks")
		}
		before, err := a.WebhooksByConnection(ctx, []needle.ConnectionID{in.ConnectionID})
		if err != nil {
			return err
		}
		now := a.Now()
		err = a.SetWebhookSecret(ctx, in.ConnectionID, secret, now.Add(in.Overlap()))
		if errors.Is(err, store.ErrNoKey) {
			return noKey("secret")
		}
		if err != nil {
			return err
		}
		after := map[string]any{"WebhookSecretSetAt": now}
		if before[0].SecretSetAt != nil && in.Overlap() > 0 {
			after["WebhookOldSecretUntil"] = now.Add(in.Overlap())
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, in.ConnectionID,
			map[string]any{"WebhookSecretSetAt": before[0].SecretSetAt}, after)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RetryWebhookDeliveries lets the failed deliveries of a connection wait again.
func (e *Engine) RetryWebhookDeliveries(ctx context.Context, in needle.RetryWebhookDeliveriesInput) (*needle.RetriedWebhooks, error) {
	out := &needle.RetriedWebhooks{}
	valid := func() error { return nil }
	err := e.change(ctx, needle.ActConnect, valid, func(ctx context.Context, a act) error {
		var err error
		if out.Connection, err = a.Connection(ctx, in.ConnectionID); err != nil {
			return at("input.connectionId", err)
		}
		if out.Count, err = a.RetryWebhooks(ctx, in.ConnectionID); err != nil || out.Count == 0 {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, in.ConnectionID, nil, map[string]any{"WebhooksRetried": out.Count})
	})
	if err != nil {
		return nil, err
	}
	e.wakeInbox(out.Connection.WorkspaceID, in.ConnectionID)
	return out, nil
}
