package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// id returns a fresh id for a row of history.
func (f *Factory) id() uuid.UUID {
	f.t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		f.t.Fatalf("making an id: %v", err)
	}
	return id
}

type transitionRow struct {
	bun.BaseModel `bun:"table:item_transitions"`
	WorkspaceID   needle.WorkspaceID
	ID            uuid.UUID
	ItemID        needle.BacklogItemID
	FromStatus    *needle.StatusCategory
	ToStatus      needle.StatusCategory
	OccurredAt    time.Time
	RecordedAt    time.Time
}

// Item makes accepted native work of the team that has not begun. An item made DONE was delivered just now unless
// DeliveredAt says otherwise.
func (f *Factory) Item(change ...func(*needle.BacklogItem)) *needle.BacklogItem {
	f.t.Helper()
	b := &needle.BacklogItem{
		Stamp: f.stamp(), ID: needle.NewBacklogItemID(), Number: f.number(needle.BacklogItemKey), Title: "Item " + f.next(),
		Status: needle.StatusTodo, Stage: needle.StageAccepted, CreatedBy: &f.Owner.ID,
	}
	apply(b, change)
	if b.TeamID.IsZero() {
		b.TeamID = or(f.team, f.Team).ID
	}
	occurred := b.CreatedAt
	if b.Status == needle.StatusDone && b.DeliveredAt == nil {
		b.DeliveredAt = &occurred
	}
	if b.Status != needle.StatusTodo && b.Stage == needle.StageAccepted {
		b.Stage = needle.StageFor(b.Status, b.Stage)
	}
	if b.DeliveredAt != nil {
		occurred = *b.DeliveredAt
	}
	f.insert(b)
	f.insert(&transitionRow{
		WorkspaceID: f.Workspace.ID, ID: f.id(), ItemID: b.ID, ToStatus: b.Status, OccurredAt: occurred, RecordedAt: occurred,
	})
	if b.Moscow != nil {
		f.Prioritise(b, b.Moscow, b.CreatedAt)
	}
	return first(&f.item, b)
}

// MoveItem moves the item at that moment, in the struct, its row and its history.
func (f *Factory) MoveItem(b *needle.BacklogItem, to needle.StatusCategory, at time.Time) {
	f.t.Helper()
	from := b.Status
	if !b.MoveTo(to, at) {
		return
	}
	f.exec(`UPDATE backlog_items SET status = ?, stage = ?, started_at = ?, delivered_at = ? WHERE workspace_id = ? AND id = ?`,
		b.Status, b.Stage, b.StartedAt, b.DeliveredAt, f.Workspace.ID, b.ID)
	f.insert(&transitionRow{
		WorkspaceID: f.Workspace.ID, ID: f.id(), ItemID: b.ID, FromStatus: &from, ToStatus: to, OccurredAt: at, RecordedAt: at,
	})
}

// Prioritise gives the item a class, or none, at that moment, in the struct, its row and its history.
func (f *Factory) Prioritise(b *needle.BacklogItem, class *needle.Moscow, at time.Time) {
	f.t.Helper()
	b.Moscow = class
	f.exec(`UPDATE backlog_items SET moscow = ? WHERE workspace_id = ? AND id = ?`, class, f.Workspace.ID, b.ID)
	f.exec(`INSERT INTO item_priorities (workspace_id, id, item_id, moscow, author_id, valid_from, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		f.Workspace.ID, f.id(), b.ID, class, f.Owner.ID, at, at)
}

// LinkRule makes a rule of the owner that links every issue with the label "needle" to the key result.
func (f *Factory) LinkRule(change ...func(*needle.LinkRule)) *needle.LinkRule {
	f.t.Helper()
	r := &needle.LinkRule{
		Stamp: f.stamp(), ID: needle.NewLinkRuleID(), Kind: needle.LinkByLabel, Pattern: "needle", Bet: needle.Bet{Role: needle.RoleDrives}, Enabled: true, CreatedBy: f.Owner.ID,
	}
	apply(r, change)
	if r.KeyResultID.IsZero() {
		r.KeyResultID = or(f.keyResult, f.KeyResult).ID
	}
	f.insert(r)
	return r
}

type versionRow struct {
	bun.BaseModel  `bun:"table:contribution_versions"`
	WorkspaceID    needle.WorkspaceID
	ID             uuid.UUID
	ContributionID needle.ContributionID
	ItemID         needle.BacklogItemID
	KeyResultID    needle.KeyResultID
	needle.Bet
	Origin     needle.Origin
	AuthorID   *needle.UserID
	RuleID     *needle.LinkRuleID
	EpicID     *needle.BacklogItemID
	ValidFrom  time.Time
	Ended      bool
	RecordedAt time.Time
}

// Contribution links the item to the key result, by the owner's hand and without an expected range.
func (f *Factory) Contribution(change ...func(*needle.Contribution)) *needle.Contribution {
	f.t.Helper()
	c := &needle.Contribution{
		Stamp: f.stamp(), ID: needle.NewContributionID(), Bet: needle.Bet{Role: needle.RoleDrives},
		Origin: needle.OriginPerson, AuthorID: &f.Owner.ID, ValidFrom: Now(),
	}
	apply(c, change)
	if c.ItemID.IsZero() {
		c.ItemID = or(f.item, f.Item).ID
	}
	if c.KeyResultID.IsZero() {
		c.KeyResultID = or(f.keyResult, f.KeyResult).ID
	}
	f.insert(c)
	f.version(c, c.ValidFrom, false)
	if c.ValidTo != nil {
		f.version(c, *c.ValidTo, true)
	}
	return c
}

// RepeatContribution adds a version to the link's history that says what the one before did.
func (f *Factory) RepeatContribution(c *needle.Contribution, at time.Time) {
	f.t.Helper()
	f.version(c, at, false)
}

// EndContribution ends the link at that moment, in the struct, its row and its history.
func (f *Factory) EndContribution(c *needle.Contribution, at time.Time) {
	f.t.Helper()
	c.ValidTo = &at
	f.exec(`UPDATE contributions SET valid_to = ? WHERE workspace_id = ? AND id = ?`, at, f.Workspace.ID, c.ID)
	f.version(c, at, true)
}

func (f *Factory) version(c *needle.Contribution, at time.Time, ended bool) {
	f.t.Helper()
	f.insert(&versionRow{
		WorkspaceID: f.Workspace.ID, ID: f.id(), ContributionID: c.ID, ItemID: c.ItemID, KeyResultID: c.KeyResultID, Bet: c.Bet,
		Origin: c.Origin, AuthorID: c.AuthorID, RuleID: c.RuleID, EpicID: c.EpicID, ValidFrom: at, Ended: ended, RecordedAt: at,
	})
}
