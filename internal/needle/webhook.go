package needle

import (
	"strings"
	"time"
	"unicode"
)

// Webhook is how the tracker of a connection announces changes.
type Webhook struct {
	// ConnectionID is the connection.
	ConnectionID ConnectionID
	// Address is where the tracker sends to; nil when this server does not know its public address.
	Address *string
	// SecretSetAt is when the secret was last set; nil while there is none, and every webhook is refused.
	SecretSetAt *time.Time
	// OldSecretUntil is until when the secret before is accepted as well; nil when it is not.
	OldSecretUntil *time.Time
	// LastAt is when a genuine webhook last came in; nil when none did.
	LastAt *time.Time
	// RedeliveryReason says why failed deliveries cannot be asked for again; empty when they can, or need not be.
	RedeliveryReason string
}

// WebhookPath is the path, below the server's public address, that webhooks of a connection are sent to.
func WebhookPath(id ConnectionID) string { return "/webhooks/" + id.String() }

// Path is where the tracker sends to, below the server's public address.
func (w *Webhook) Path() string { return WebhookPath(w.ConnectionID) }

// WebhookDeliveryState is where a delivery stands.
type WebhookDeliveryState string

// The states of a delivery.
const (
	// WebhookPending: it waits to be worked off.
	WebhookPending WebhookDeliveryState = "PENDING"
	// WebhookDone: what it told of was read.
	WebhookDone WebhookDeliveryState = "DONE"
	// WebhookIgnored: it told of nothing that is kept here.
	WebhookIgnored WebhookDeliveryState = "IGNORED"
	// WebhookFailed: it could not be read, or what it told of could not, again and again; it waits for a person.
	WebhookFailed WebhookDeliveryState = "FAILED"
)

// WebhookDelivery is one webhook that came in and was genuine. Its body is not kept.
type WebhookDelivery struct {
	Stamp
	ID WebhookDeliveryID `bun:"id,pk"`
	// ConnectionID is the connection it was sent to.
	ConnectionID ConnectionID
	// DeliveryID is the tracker's name of it; the same when it is sent again.
	DeliveryID string
	// Event is the tracker's own word for what happened; may be empty.
	Event string
	// State is where it stands.
	State WebhookDeliveryState
	// Reason says what went wrong last, in words a person can act on; empty when nothing did.
	Reason string
	// Attempts counts the tries that failed.
	Attempts int
	// NotBefore is when it may be tried.
	NotBefore time.Time
	// Hints are the issues to look at. None: the sources are looked through instead.
	Hints []WebhookHint `bun:"type:jsonb"`
	// FinishedAt is when it reached its end; nil while it is PENDING.
	FinishedAt *time.Time
}

// WebhookHint is an issue, or only a source, that may have changed.
type WebhookHint struct {
	// SourceID is the tracker's id of the source; empty when the webhook did not tell.
	SourceID string `json:"sourceId,omitempty"`
	// SourceKey is what people call the source; empty when the webhook did not tell.
	SourceKey string `json:"sourceKey,omitempty"`
	// IssueID is the tracker's id of the issue; empty when the source as a whole is meant.
	IssueID string `json:"issueId,omitempty"`
	// IssueKey is what people call the issue; may be empty.
	IssueKey string `json:"issueKey,omitempty"`
}

// Limits of webhook secrets and of how long an old one stays good.
const (
	minWebhookSecret  = 16
	maxWebhookSecret  = 200
	maxOverlapMinutes = 7 * 24 * 60
	// DefaultOverlapMinutes is how long the old secret stays good unless a person says otherwise.
	DefaultOverlapMinutes = 24 * 60
)

// RotateWebhookSecretInput sets the secret that webhooks are signed with.
type RotateWebhookSecretInput struct {
	ConnectionID ConnectionID
	// Secret is the new one; nil makes a strong one.
	Secret *string
	// OverlapMinutes is how long the one before stays good; nil means DefaultOverlapMinutes.
	OverlapMinutes   *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in RotateWebhookSecretInput) Validate() error {
	c := check{prefix: "input"}
	if in.Secret != nil {
		c.webhookSecret(*in.Secret)
	}
	if in.OverlapMinutes != nil {
		c.between("overlapMinutes", *in.OverlapMinutes, 0, maxOverlapMinutes)
	}
	return c.err()
}

// webhookSecret demands what cannot be guessed and what a form at the tracker takes unchanged.
func (c *check) webhookSecret(value string) {
	odd := func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }
	switch n := len([]rune(value)); {
	case n < minWebhookSecret || n > maxWebhookSecret:
		c.add("secret", CodeOutOfRange, "a secret has 16 to 200 characters")
	case strings.TrimSpace(value) != value || strings.ContainsFunc(value, odd) || Clean(value) != value:
		c.add("secret", CodeInvalid, "a secret has no space around it and no control characters")
	}
}

// Overlap is how long the secret before stays good.
func (in RotateWebhookSecretInput) Overlap() time.Duration {
	if in.OverlapMinutes == nil {
		return DefaultOverlapMinutes * time.Minute
	}
	return time.Duration(*in.OverlapMinutes) * time.Minute
}

// NewWebhookSecret is what came of setting a secret.
type NewWebhookSecret struct {
	// Connection is whose webhooks it signs.
	Connection *Connection
	// Value is the secret, shown this once; nil when the caller gave it.
	Value *string
}

// String keeps the secret out of whatever prints it.
func (*NewWebhookSecret) String() string { return "a webhook secret" }

// RetryWebhookDeliveriesInput asks for the failed deliveries of a connection to be tried again.
type RetryWebhookDeliveriesInput struct {
	ConnectionID     ConnectionID
	ClientMutationID *string
}

// RetriedWebhooks is what came of asking.
type RetriedWebhooks struct {
	// Connection is whose deliveries are tried again.
	Connection *Connection
	// Count is how many wait again.
	Count int
}

// WebhookDeliveryFilter narrows a list of deliveries; all given parts must hold.
type WebhookDeliveryFilter struct {
	And       []*WebhookDeliveryFilter
	Or        []*WebhookDeliveryFilter
	Not       *WebhookDeliveryFilter
	State     *Comparator[WebhookDeliveryState]
	Event     *StringComparator
	CreatedAt *DateComparator
}

// WebhookDeliveryOrderField is what deliveries can be ordered by.
type WebhookDeliveryOrderField string

// WebhookDeliveryByCreatedAt orders deliveries by when they came in.
const WebhookDeliveryByCreatedAt WebhookDeliveryOrderField = "CREATED_AT"

// The schema binds to these names; GraphQL has no generic types.
type (
	// WebhookDeliveryConnection is one page of deliveries.
	WebhookDeliveryConnection = Page[*WebhookDelivery]
	// WebhookDeliveryEdge is a delivery and its place in a list.
	WebhookDeliveryEdge = Edge[*WebhookDelivery]
	// WebhookDeliveryOrder is one key of an order of deliveries.
	WebhookDeliveryOrder = Order[WebhookDeliveryOrderField]
	// WebhookDeliveryStateComparator compares the states of deliveries.
	WebhookDeliveryStateComparator = Comparator[WebhookDeliveryState]
)
