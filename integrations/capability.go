package integrations

import (
	"context"
	"time"
)

// WebhookParser is implemented by trackers that announce changes by webhook. Its
// methods need neither network nor connection: they are called on the driver's
// Prototype.
type WebhookParser interface {
	// ParseWebhook verifies a delivery against the shared secret and says what
	// may have changed. A delivery that is genuine but of no interest gives no
	// hints and no error. ErrSignature says that the signature is missing, weak
	// or wrong or that secret is empty; ErrMalformed that the delivery is
	// genuine but cannot be read.
	ParseWebhook(d Delivery, secret []byte) ([]Hint, error)
	// NameDelivery says how the tracker names a delivery, as in
	// Hint.DeliveryID, and what happened. It believes what it is told, so only
	// what ParseWebhook found genuine is worth naming. The id is never empty.
	NameDelivery(d Delivery) (id, event string)
}

// Census is implemented by trackers that can list every issue a source holds.
type Census interface {
	// IDs answers one page of names of all issues of q.Source, whatever their
	// state. Since and Validator are ignored. An empty answered cursor ends
	// the census. The source may lose issues meanwhile, so one that is absent
	// is a suspicion that Tracker.Issue settles.
	IDs(ctx context.Context, q Query) ([]Ref, Cursor, error)
}

// History is implemented by trackers that remember an issue's earlier states.
type History interface {
	// Transitions answers every change of the issue's state category or raw
	// state, oldest first. It returns the errors of Tracker.Issue.
	Transitions(ctx context.Context, ref Ref) ([]Transition, error)
}

// Sizer is implemented by trackers that can tell cheaply how much a source holds.
// It serves progress and estimated ends only, so it is no Capability.
type Sizer interface {
	// Size estimates how many items a walk of the whole source sees, those
	// that are left out included. It may be too high, where items were deleted
	// or moved away, and never costs more than one request.
	Size(ctx context.Context, s Source) (int, error)
}

// Lagger is implemented by trackers whose listing by change time runs behind their
// issues. It serves the walk alone, so it is no Capability.
type Lagger interface {
	// Lag is how long a change may take to be listed. It needs no network.
	Lag() time.Duration
}

// Linker is implemented by trackers that can show Needle's view beside an issue.
type Linker interface {
	// PutBacklink creates or replaces the backlink that bears b.Marker. It is
	// idempotent, and writes nothing when nothing would change.
	PutBacklink(ctx context.Context, ref Ref, b Backlink) error
	// RemoveBacklink removes the backlink that bears a marker. One that is not
	// there, or whose issue is gone, is removed already and no error.
	RemoveBacklink(ctx context.Context, ref Ref, marker string) error
}

// Searcher is implemented by trackers that can be searched in their own language.
type Searcher interface {
	// Search answers one page of names of the issues of q.Source that match a
	// text in the tracker's own query language; it sees nothing outside the
	// source, whatever the text says. Since and Validator are ignored. An empty
	// answered cursor ends the search. A text that the tracker does not
	// understand is a *RejectedError that says why.
	Search(ctx context.Context, q Query, text string) ([]Ref, Cursor, error)
}

// Redeliverer is implemented by trackers that keep webhook deliveries which
// failed, and send them again only when asked.
type Redeliverer interface {
	// Redeliver finds the deliveries to an address that failed at or after a
	// time and did not succeed since, asks for each again, and says for how
	// many. A source without a webhook to that address has none. ErrForbidden
	// says that the credential may not look.
	Redeliver(ctx context.Context, s Source, address string, since time.Time) (int, error)
}

// FileReader is implemented by trackers whose sources are files of Env.Files, by
// their paths. Files can be uploaded to their connections.
type FileReader interface {
	// Reading says how a file is understood. ErrNotFound says that there is
	// none, a *RejectedError that it cannot be read as a whole, and why.
	Reading(ctx context.Context, s Source) (Reading, error)
}

// Reading is how a file is understood.
type Reading struct {
	// Rows counts the rows, those that cannot be read included.
	Rows int
	// Columns are the file's columns, in its order.
	Columns []Column
	// UnknownStates are words for states that nobody gave a meaning, each
	// once, a hundred at most.
	UnknownStates []string
}

// Column is a column of a file.
type Column struct {
	// Name is what the file calls it.
	Name string
	// Field is what it is read as, in the driver's own word. Empty: it is
	// passed over.
	Field string
}

// Creator is implemented by trackers in which Needle can open issues.
type Creator interface {
	// Create opens an issue and answers it as the tracker stored it.
	Create(ctx context.Context, s Source, d Draft) (Issue, error)
}

// Capability names something a tracker can do beyond the core.
type Capability string

// The capabilities, one for each optional interface.
const (
	CanWebhooks Capability = "WEBHOOKS"
	CanCensus   Capability = "CENSUS"
	CanHistory  Capability = "HISTORY"
	CanBacklink Capability = "BACKLINK"
	CanCreate   Capability = "CREATE"
	CanSearch   Capability = "SEARCH"
	CanUpload   Capability = "UPLOAD"
)

// Capabilities lists what t can do, always in the same order. They are read off
// its methods, so a driver cannot claim what it does not do.
func Capabilities(t Tracker) []Capability {
	var out []Capability
	if _, ok := t.(WebhookParser); ok {
		out = append(out, CanWebhooks)
	}
	if _, ok := t.(Census); ok {
		out = append(out, CanCensus)
	}
	if _, ok := t.(History); ok {
		out = append(out, CanHistory)
	}
	if _, ok := t.(Linker); ok {
		out = append(out, CanBacklink)
	}
	if _, ok := t.(Creator); ok {
		out = append(out, CanCreate)
	}
	if _, ok := t.(Searcher); ok {
		out = append(out, CanSearch)
	}
	if _, ok := t.(FileReader); ok {
		out = append(out, CanUpload)
	}
	return out
}
