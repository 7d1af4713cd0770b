package syncing

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// Secrets are believed for mailboxLife after they were read, so that a burst of webhooks costs no statement for each; a
// signature that does not fit has them read again, so that a new secret counts at once. maxMailboxes bounds how many are
// remembered.
const (
	mailboxLife  = 5 * time.Second
	maxMailboxes = 10_000
)

// Limits of what is kept of a delivery, in characters. Names that are longer are no tracker's.
const (
	maxDeliveryID = 200
	maxEvent      = 120
	maxHints      = 100
)

var (
	// ErrUnproven says that nothing proves that a webhook comes from the tracker of a connection here.
	ErrUnproven = errors.New("nothing proves where the webhook comes from")
	// ErrUnreadable says that a webhook is genuine and cannot be read; it was filed as failed.
	ErrUnreadable = errors.New("the webhook cannot be read")
	// ErrBody says that the body of a webhook did not arrive whole.
	ErrBody = errors.New("the webhook's body did not arrive whole")
)

// mailbox is where the webhooks of one connection come in.
type mailbox struct {
	store.WebhookSecrets
	parser integrations.WebhookParser
	readAt time.Time
}

// mailboxes remembers mailboxes for a moment.
type mailboxes struct {
	mu    sync.Mutex
	known map[needle.ConnectionID]*mailbox
}

func (m *mailboxes) get(id needle.ConnectionID, now time.Time) *mailbox {
	m.mu.Lock()
	defer m.mu.Unlock()
	if box := m.known[id]; box != nil && now.Sub(box.readAt) < mailboxLife {
		return box
	}
	return nil
}

func (m *mailboxes) put(box *mailbox) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxMailboxes || m.known == nil {
		m.known = map[needle.ConnectionID]*mailbox{}
	}
	m.known[box.ConnectionID] = box
}

// ReceiveWebhook takes a webhook in that was sent to the connection with a public id: it verifies the exact bytes of body,
// puts what they tell of into the inbox, once however often the delivery comes, and returns. What to make of it is for
// WorkInbox. The error matches ErrUnproven, also when there is no such connection or it has no secret; ErrUnreadable; ErrBody
// and body's own error; or is a fault of ours, after which the tracker may send again.
func (e *Engine) ReceiveWebhook(ctx context.Context, id string, header http.Header, body io.Reader) error {
	box, remembered, err := e.mailbox(ctx, id)
	if err != nil {
		return fmt.Errorf("finding a mailbox: %w", err)
	}
	if box == nil {
		return refuseAnyway(body)
	}
	d := integrations.Delivery{Header: header}
	if d.Body, err = io.ReadAll(body); err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	hints, err := box.read(d, e.clock())
	if errors.Is(err, integrations.ErrSignature) && remembered {
		if box, err = e.openMailbox(ctx, box.ConnectionID); err != nil {
			return fmt.Errorf("finding a mailbox: %w", err)
		}
		if box == nil {
			return ErrUnproven
		}
		hints, err = box.read(d, e.clock())
	}
	if err != nil && !errors.Is(err, integrations.ErrMalformed) {
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	if storing := e.file(ctx, box, d, hints, err); storing != nil {
		return fmt.Errorf("filing a webhook: %w", storing)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return nil
}

// refuseAnyway takes about as long as a wrong signature does, so that nobody learns which connections there are.
func refuseAnyway(body io.Reader) error {
	mac := hmac.New(sha256.New, []byte("no secret"))
	if _, err := io.Copy(mac, body); err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	mac.Sum(nil)
	return ErrUnproven
}

// mailbox finds where webhooks to a connection go, nil when nowhere; remembered says that the secrets may have changed
// since they were read.
func (e *Engine) mailbox(ctx context.Context, id string) (box *mailbox, remembered bool, err error) {
	key, err := needle.ParseConnectionID(id)
	if err != nil {
		return nil, false, nil //nolint:nilerr // What is no id belongs to nobody.
	}
	if box := e.mailboxes.get(key, e.clock()); box != nil {
		return box, true, nil
	}
	box, err = e.openMailbox(ctx, key)
	return box, false, err
}

// openMailbox reads the secrets of a connection; nil when it has none, or when its driver takes no webhooks.
func (e *Engine) openMailbox(ctx context.Context, id needle.ConnectionID) (*mailbox, error) {
	secrets, err := e.store.WebhookSecrets(ctx, id)
	if errors.Is(err, needle.ErrNotFound) {
		return nil, nil //nolint:nilnil // Nobody's mailbox is an answer.
	}
	if err != nil {
		return nil, err
	}
	parser, able := e.webhookParser(secrets.Kind)
	if !able {
		return nil, nil //nolint:nilnil // As above.
	}
	box := &mailbox{WebhookSecrets: secrets, parser: parser, readAt: e.clock()}
	e.mailboxes.put(box)
	return box, nil
}

// webhookParser finds what reads the webhooks of a kind of tracker.
func (e *Engine) webhookParser(kind string) (integrations.WebhookParser, bool) {
	driver, err := e.registry.Driver(kind)
	if err != nil {
		return nil, false
	}
	parser, able := driver.Prototype.(integrations.WebhookParser)
	return parser, able
}

// read verifies a delivery against the secret, and against the one before while that is good.
func (m *mailbox) read(d integrations.Delivery, now time.Time) ([]integrations.Hint, error) {
	hints, err := m.parser.ParseWebhook(d, m.Current)
	if errors.Is(err, integrations.ErrSignature) && len(m.Old) > 0 && now.Before(m.OldUntil) {
		hints, err = m.parser.ParseWebhook(d, m.Old)
	}
	return hints, err
}

// file puts a genuine delivery into the inbox. One that tells of nothing is kept as well: that it came says that the
// webhook works. unreadable is nil when the delivery could be read.
func (e *Engine) file(ctx context.Context, box *mailbox, d integrations.Delivery, hints []integrations.Hint, unreadable error) error {
	scope := e.store.In(box.WorkspaceID)
	row := &needle.WebhookDelivery{
		Stamp: scope.Stamp(), ID: needle.NewWebhookDeliveryID(), ConnectionID: box.ConnectionID, State: needle.WebhookPending,
		Hints: keepHints(hints),
	}
	row.NotBefore = row.CreatedAt
	id, event := box.parser.NameDelivery(d)
	if len(hints) > 0 {
		event = cmp.Or(hints[0].Event, event)
	}
	row.DeliveryID, row.Event = deliveryName(id), needle.Clean(shorten(event, maxEvent))
	switch {
	case unreadable != nil:
		row.State, row.Reason, row.FinishedAt = needle.WebhookFailed, "It cannot be read ("+needle.Clean(shorten(unreadable.Error(), maxReason))+
			"). Report this; trying it again looks through the sources instead.", &row.CreatedAt
	case len(hints) == 0:
		row.State, row.FinishedAt = needle.WebhookIgnored, &row.CreatedAt
	}
	fresh, err := scope.InsertWebhookDelivery(ctx, row)
	if err == nil && fresh && row.State == needle.WebhookPending {
		e.wakeInbox(box.WorkspaceID, box.ConnectionID)
	}
	return err
}

// keepHints is what the inbox keeps of hints.
func keepHints(hints []integrations.Hint) []needle.WebhookHint {
	out := make([]needle.WebhookHint, 0, len(hints))
	for _, h := range hints[:min(len(hints), maxHints)] {
		out = append(out, needle.WebhookHint{
			SourceID: needle.Clean(h.Source.ID), SourceKey: needle.Clean(h.Source.Key),
			IssueID: needle.Clean(h.Ref.ID), IssueKey: needle.Clean(h.Ref.Key),
		})
	}
	return out
}

// deliveryName makes any name a tracker may give fit to be kept; a long one is known by its fingerprint.
func deliveryName(id string) string {
	if clean := needle.Clean(id); clean == id && id != "" && len(id) <= maxDeliveryID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// shorten cuts a text to a number of characters.
func shorten(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

// Webhooks reads how the trackers of connections announce changes; the answer lies parallel to ids.
func (e *Engine) Webhooks(ctx context.Context, scope store.Scope, ids []needle.ConnectionID) ([]*needle.Webhook, error) {
	webhooks, err := scope.WebhooksByConnection(ctx, ids)
	if err != nil || e.publicURL == "" {
		return webhooks, err
	}
	for _, w := range webhooks {
		address := e.webhookAddress(w.ConnectionID)
		w.Address = &address
	}
	return webhooks, nil
}

// webhookAddress is where webhooks of a connection are sent to.
func (e *Engine) webhookAddress(id needle.ConnectionID) string {
	return e.publicURL + needle.WebhookPath(id)
}
