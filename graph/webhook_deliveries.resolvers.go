package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *connectionResolver) Webhook(ctx context.Context, objs []*needle.Connection) ([]*needle.Webhook, error) {
	return r.Syncing.Webhooks(ctx, r.scope(ctx), keys(objs, func(c *needle.Connection) needle.ConnectionID { return c.ID }))
}

func (r *connectionResolver) WebhookDeliveries(ctx context.Context, objs []*needle.Connection, first *int, after *string, last *int, before *string, filter *needle.WebhookDeliveryFilter, orderBy []*needle.Order[needle.WebhookDeliveryOrderField]) ([]*needle.Page[*needle.WebhookDelivery], error) {
	return r.scope(ctx).WebhookDeliveriesByConnection(ctx, keys(objs, func(c *needle.Connection) needle.ConnectionID { return c.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) RotateWebhookSecret(ctx context.Context, input needle.RotateWebhookSecretInput) (*model.RotateWebhookSecretPayload, error) {
	secret, problems, err := settle(r.Syncing.RotateWebhookSecret(ctx, input))
	return &model.RotateWebhookSecretPayload{WebhookSecret: secret, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) RetryWebhookDeliveries(ctx context.Context, input needle.RetryWebhookDeliveriesInput) (*model.RetryWebhookDeliveriesPayload, error) {
	retried, problems, err := settle(r.Syncing.RetryWebhookDeliveries(ctx, input))
	return &model.RetryWebhookDeliveriesPayload{Retried: retried, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}
