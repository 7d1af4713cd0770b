package syncing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

const (
	// redeliverEvery is the time between two questions for failed deliveries.
	redeliverEvery = time.Hour
	// redeliverOverlap is how far a question reaches back behind the last one, for clocks that differ and deliveries that
	// were under way.
	redeliverOverlap = 10 * time.Minute
	// redeliverLimit bounds how many connections are asked about at once; the next time takes the rest.
	redeliverLimit = 1000
)

// RedeliverWebhooks has trackers send webhooks again that failed to come in, as while this server was down. Only some
// trackers keep them, and they must be told the address: without a public address nothing is asked for. It returns how many
// deliveries are sent again. What a tracker does wrong is kept on the connection, and the others are asked all the same.
func (e *Engine) RedeliverWebhooks(ctx context.Context) (int, error) {
	var kinds []string
	for _, d := range e.registry.Drivers() {
		if _, able := d.Prototype.(integrations.Redeliverer); able {
			kinds = append(kinds, d.Kind)
		}
	}
	due, err := e.store.DueRedeliveries(ctx, kinds, e.clock().Add(-redeliverEvery), redeliverLimit)
	if err != nil {
		return 0, fmt.Errorf("looking for connections to redeliver to: %w", err)
	}
	again := 0
	for _, d := range due {
		n, err := e.redeliver(ctx, d)
		if again += n; err != nil {
			return again, fmt.Errorf("asking for the failed webhooks of %s: %w", d.ConnectionID, err)
		}
	}
	return again, nil
}

// noHome is why failed deliveries are not asked for.
const noHome = "This server does not know its public address, so it cannot ask for failed deliveries. Whoever runs it sets NEEDLE_PUBLIC_URL."

// redeliver asks for the failed deliveries of one connection.
func (e *Engine) redeliver(ctx context.Context, d store.DueRedelivery) (int, error) {
	scope := e.store.In(d.WorkspaceID)
	if e.publicURL == "" {
		e.homeless.Do(func() { e.log.WarnContext(ctx, "failed webhooks are not asked for again", "reason", noHome) })
		return 0, scope.SaveRedelivery(ctx, d.ConnectionID, time.Time{}, noHome)
	}
	conn, err := scope.Connection(ctx, d.ConnectionID)
	if err != nil || limited(conn, e.clock()) {
		return 0, err
	}
	begun := e.clock()
	p := &pass{Engine: e, scope: scope, conn: conn, meter: e.meter()}
	n, err := p.redeliverAll(ctx, d.Since.Add(-redeliverOverlap))
	failed := (*trackerError)(nil)
	switch {
	case err == nil:
		return n, scope.SaveRedelivery(ctx, d.ConnectionID, begun, "")
	case !errors.As(err, &failed) || ctx.Err() != nil:
		return n, err
	}
	return n, p.noteRedelivery(ctx, failed.err)
}

// redeliverAll asks for the failed deliveries of each source that can be read.
func (p *pass) redeliverAll(ctx context.Context, since time.Time) (int, error) {
	if err := p.open(ctx); err != nil {
		return 0, err
	}
	redeliverer, able := p.tracker.(integrations.Redeliverer)
	if !able {
		return 0, nil
	}
	sources, err := p.scope.SyncSources(ctx, p.conn.ID)
	if err != nil {
		return 0, err
	}
	total := 0
	var refused error
	for _, s := range sources {
		if s.State == needle.SourceError {
			continue
		}
		n, err := redeliverer.Redeliver(ctx, integrations.Source{ID: s.RemoteID, Key: s.RemoteKey}, p.webhookAddress(p.conn.ID), since)
		total += n
		aside := &trackerError{err: err, source: s.Source}
		switch {
		case err == nil:
		case errors.Is(err, integrations.ErrForbidden), aside.sourceOnly():
			refused = aside // The other sources may have a webhook that may be seen.
		default:
			return total, aside
		}
	}
	return total, refused
}

// noteRedelivery keeps why failed deliveries could not be asked for. A limit, and credentials that are not accepted,
// concern the connection as a whole; rights that are missing for this alone do not.
func (p *pass) noteRedelivery(ctx context.Context, cause error) error {
	limit := (*integrations.RateLimitError)(nil)
	if errors.As(cause, &limit) || errors.Is(cause, integrations.ErrUnauthorized) {
		_, err := p.settle(ctx, p.judge(cause, p.clock()))
		return err
	}
	reason := fmt.Sprintf("%s cannot be asked for failed deliveries (%s). They are found by the regular passes all the same.", p.driver, p.words(cause.Error()))
	if errors.Is(cause, integrations.ErrForbidden) {
		reason = p.driver + " does not let these credentials see webhooks, so failed deliveries are not asked for again; the regular passes" +
			" find what they told of. Give them the right to read and write webhooks to mend this."
	}
	return p.scope.SaveRedelivery(ctx, p.conn.ID, time.Time{}, reason)
}
