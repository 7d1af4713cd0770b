package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// OutsideEventKind is what sort of event moved, or may have moved, a value from outside.
type OutsideEventKind string

// The kinds of outside events.
const (
	EventPriceChange OutsideEventKind = "PRICE_CHANGE"
	EventCampaign    OutsideEventKind = "CAMPAIGN"
	EventOutage      OutsideEventKind = "OUTAGE"
	EventSeason      OutsideEventKind = "SEASON"
	EventOther       OutsideEventKind = "OTHER"
)

// OutsideEvent is something that is no work of the team and may have moved a key result. It is never changed: it is taken
// back, and a correction takes it back and stands in its place.
type OutsideEvent struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID    `bun:"workspace_id,pk"`
	ID          OutsideEventID `bun:"id,pk"`
	// KeyResultID is what it may have moved.
	KeyResultID KeyResultID
	// OccurrenceID is the first of the events that one call recorded on several key results; their corrections keep it.
	OccurrenceID OutsideEventID
	// Kind is what sort of event it was.
	Kind OutsideEventKind
	// Title says what happened.
	Title string
	// From and To are when it happened; the same instant for a moment.
	From time.Time `bun:"from_at"`
	To   time.Time `bun:"to_at"`
	// AuthorID recorded it.
	AuthorID UserID
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
	// SupersedesID is the event this one corrects.
	SupersedesID *OutsideEventID
	// RemovedAt is when it was taken back; nil while it stands.
	RemovedAt *time.Time
	// RemovedBy took it back.
	RemovedBy *UserID
	// SupersededByID is the correction of this one; nil when there is none.
	SupersededByID *OutsideEventID `bun:",scanonly"`
}

// IsNode marks OutsideEvent as a Node.
func (*OutsideEvent) IsNode() {}

// How far ahead an event may be planned, and on how many key results one call may record it.
const (
	maxEventAhead      = 2 * 366 * day
	maxEventKeyResults = 100
)

// RecordOutsideEventInput records an event on the key results named, on all of an objective, or on all of a team's agreed
// objectives.
type RecordOutsideEventInput struct {
	KeyResultIDs     []KeyResultID
	ObjectiveID      *ObjectiveID
	TeamID           *TeamID
	Kind             OutsideEventKind
	Title            string
	From             time.Time
	To               *time.Time
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule. An event may be planned, but not for longer than anybody
// plans.
func (in RecordOutsideEventInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	ways := 0
	for _, given := range []bool{in.KeyResultIDs != nil, in.ObjectiveID != nil, in.TeamID != nil} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		c.add("", CodeInvalid, "name one of keyResultIds, objectiveId and teamId")
	}
	if in.KeyResultIDs != nil {
		c.between("keyResultIds", len(in.KeyResultIDs), 1, maxEventKeyResults)
	}
	c.text("title", in.Title, MaxTitle)
	c.happens(in.From, *or(in.To, &in.From), now)
	return c.err()
}

// happens demands that an event ends after it begins, at times that people mean.
func (c *check) happens(from, to, now time.Time) {
	c.instant("from", from)
	c.instant("to", to)
	if to.Before(from) {
		c.add("to", CodeInvalid, "an event ends after it begins")
	}
	if to.After(now.Add(maxEventAhead)) {
		c.add("to", CodeOutOfRange, "an event lies at most two years ahead")
	}
}

// Event returns the event as it is recorded on one key result, which it is not yet.
func (in RecordOutsideEventInput) Event(on KeyResultID) *OutsideEvent {
	return &OutsideEvent{
		ID: NewOutsideEventID(), KeyResultID: on, Kind: in.Kind, Title: Clean(in.Title),
		From: stored(in.From), To: stored(*or(in.To, &in.From)),
	}
}

// stored is an instant as precise as it is kept.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// CorrectOutsideEventInput says what an event was like in truth; absent fields stay.
type CorrectOutsideEventInput struct {
	ID    OutsideEventID
	Kind  *OutsideEventKind
	Title *string
	From  *time.Time
	To    *time.Time
	// Everywhere corrects it on every key result that the same call recorded it on, where it stands.
	Everywhere       bool
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CorrectOutsideEventInput) Validate() error {
	c := check{prefix: "input"}
	if in.Kind == nil && in.Title == nil && in.From == nil && in.To == nil {
		c.add("", CodeRequired, "say what is to be corrected: kind, title, from or to")
	}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	return c.err()
}

// Correct returns the correction of an event, which is not recorded yet. Errors name fields that break a rule.
func (in CorrectOutsideEventInput) Correct(e *OutsideEvent, now time.Time) (*OutsideEvent, error) {
	n := *e
	n.ID, n.SupersedesID, n.RemovedAt, n.RemovedBy = NewOutsideEventID(), &e.ID, nil, nil
	n.Kind, n.From, n.To = *or(in.Kind, &e.Kind), stored(*or(in.From, &e.From)), stored(*or(in.To, &e.To))
	if in.Title != nil {
		n.Title = Clean(*in.Title)
	}
	c := check{prefix: "input"}
	c.happens(n.From, n.To, now)
	return &n, c.err()
}

// RemoveOutsideEventInput takes an event back; that it was recorded stays known.
type RemoveOutsideEventInput struct {
	ID OutsideEventID
	// Everywhere removes it from every key result that the same call recorded it on, where it stands.
	Everywhere       bool
	ClientMutationID *string
}

// OutsideEventFilter narrows a list of outside events; all given parts must hold.
type OutsideEventFilter struct {
	And        []*OutsideEventFilter
	Or         []*OutsideEventFilter
	Not        *OutsideEventFilter
	Kind       *Comparator[OutsideEventKind]
	Title      *StringComparator
	From       *DateComparator
	To         *DateComparator
	RecordedAt *DateComparator
	// Removed true keeps events that were taken back or corrected, null keeps all; absent or false keeps those that stand.
	Removed graphql.Omittable[*bool]
}

// OutsideEventOrderField is what outside events can be ordered by.
type OutsideEventOrderField string

// The order fields of outside events.
const (
	OutsideEventByFrom       OutsideEventOrderField = "FROM"
	OutsideEventByRecordedAt OutsideEventOrderField = "RECORDED_AT"
)
