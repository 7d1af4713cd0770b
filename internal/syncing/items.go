package syncing

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// maxEffort is the largest estimate an item takes.
const maxEffort = 1e6

// again is how much later an issue must say it was closed to have been delivered again: its own time and that of its
// history differ a little.
const again = 10 * time.Second

// mirror brings the backlog in step with issues that were stored: the items that mirror them follow, and with a team
// those of the others that want one get an item in its backlog. Pull requests never become items. It returns how many of
// the issues have an item now, and those whose items began or ceased to be done. The number of statements is the same for
// one issue and for a thousand.
func mirror(ctx context.Context, tx store.Scope, team *needle.TeamID, issues []*needle.Issue, wants func(*needle.Issue) bool) (items int, delivered []needle.IssueID, err error) {
	ids := make([]needle.IssueID, len(issues))
	for i, issue := range issues {
		ids[i] = issue.ID
	}
	there, err := tx.MirrorsOf(ctx, ids)
	if err != nil {
		return 0, nil, err
	}
	work := mirroring{now: tx.Now()}
	for _, issue := range issues {
		switch item := there[issue.ID]; {
		case item != nil:
			if err := work.follow(item, issue); err != nil {
				return 0, nil, err
			}
		case team != nil && issue.Type != needle.IssueTypePullRequest && wants(issue):
			work.create(*team, issue)
		}
	}
	return len(there) + len(work.fresh), work.delivered, work.store(ctx, tx)
}

// mirroring gathers what is to be written.
type mirroring struct {
	now            time.Time
	fresh, changed []*needle.BacklogItem
	moves          []needle.ItemTransition
	superseded     []store.MoveID
	activities     []*needle.Activity
	// delivered are the issues whose items began or ceased to be done, or were done again.
	delivered []needle.IssueID
}

// create makes the item of an issue. Its history begins when the issue was opened, so that questions about the past
// are answered rightly.
func (m *mirroring) create(team needle.TeamID, issue *needle.Issue) {
	id := issue.ID
	b := &needle.BacklogItem{
		ID: needle.NewBacklogItemID(), TeamID: team, IssueID: &id, Title: itemTitle(issue), Description: issue.Body,
		Status: needle.StatusTodo, Stage: needle.StageProposed,
	}
	if e := issue.Estimate; e != nil && *e >= 0 && *e <= maxEffort {
		b.Effort = e
	}
	m.move(b, nil, issue.RemoteCreatedAt)
	if from := b.Status; b.MoveTo(issue.Status, movedAt(issue)) {
		m.move(b, &from, movedAt(issue))
	}
	m.fresh = append(m.fresh, b)
}

// follow brings an item in step with its issue. An issue that was reopened and closed again between two looks was
// delivered again, which its later closing time tells.
func (m *mirroring) follow(b *needle.BacklogItem, issue *needle.Issue) error {
	before := *b
	b.Title, b.Description = itemTitle(issue), issue.Body
	at := movedAt(issue)
	redone := issue.Status == needle.StatusDone && closed(issue) && b.DeliveredAt != nil && at.Sub(*b.DeliveredAt) > again
	moved := b.MoveTo(issue.Status, at)
	if !moved && redone {
		b.DeliveredAt = &at
	}
	if moved || redone {
		m.move(b, &before.Status, at)
	}
	m.noteDelivery(&before, b)
	if moved {
		if err := m.tell(&before, b); err != nil {
			return err
		}
	}
	if moved || redone || b.Title != before.Title || b.Description != before.Description {
		m.changed = append(m.changed, b)
	}
	return nil
}

func (m *mirroring) move(b *needle.BacklogItem, from *needle.StatusCategory, at time.Time) {
	m.moves = append(m.moves, needle.ItemTransition{ItemID: b.ID, From: from, To: b.Status, OccurredAt: at, RecordedAt: m.now})
}

// noteDelivery notes that an item began or ceased to be done, or was done again.
func (m *mirroring) noteDelivery(before, after *needle.BacklogItem) {
	was, is := before.DeliveredAt, after.DeliveredAt
	if (was == nil) != (is == nil) || was != nil && !was.Equal(*is) {
		m.delivered = append(m.delivered, *after.IssueID)
	}
}

// tell records that an item moved, or that it moved at another time than was thought. What a first read brings is no
// news, so creations are not told.
func (m *mirroring) tell(before, after *needle.BacklogItem) error {
	verb, was, is := needle.VerbMoved, map[string]any{}, map[string]any{}
	if before.Status != after.Status {
		was["Status"], was["Stage"] = before.Status, before.Stage
		is["Status"], is["Stage"] = after.Status, after.Stage
	} else {
		verb = needle.VerbUpdated
		was["DeliveredAt"], is["DeliveredAt"] = before.DeliveredAt, after.DeliveredAt
	}
	old, err := json.Marshal(was)
	if err != nil {
		return fmt.Errorf("describing a move: %w", err)
	}
	fresh, err := json.Marshal(is)
	if err != nil {
		return fmt.Errorf("describing a move: %w", err)
	}
	team := after.TeamID
	m.activities = append(m.activities, &needle.Activity{
		WorkspaceID: after.WorkspaceID, ID: needle.NewActivityID(), Verb: verb, SubjectID: after.ID.String(),
		TeamID: &team, Before: old, After: fresh, RecordedAt: m.now,
	})
	return nil
}

func (m *mirroring) store(ctx context.Context, tx store.Scope) error {
	if err := tx.UpdateMirrors(ctx, m.changed); err != nil {
		return err
	}
	if len(m.fresh) > 0 {
		number, err := tx.NextNumbers(ctx, needle.BacklogItemKey, len(m.fresh))
		if err != nil {
			return err
		}
		for i, b := range m.fresh {
			b.Number = number + i
		}
		stored, err := tx.InsertMirrors(ctx, m.fresh)
		if err != nil {
			return err
		}
		m.forget(stored)
	}
	if err := tx.SupersedeMoves(ctx, m.superseded, m.now); err != nil {
		return err
	}
	if err := tx.AppendTransitions(ctx, m.moves); err != nil {
		return err
	}
	return tx.InsertActivities(ctx, m.activities)
}

// forget drops the history of fresh items that were not stored because somebody else mirrored the issue first.
func (m *mirroring) forget(stored map[needle.BacklogItemID]bool) {
	lost := map[needle.BacklogItemID]bool{}
	for _, b := range m.fresh {
		lost[b.ID] = !stored[b.ID]
	}
	kept := m.moves[:0]
	for _, move := range m.moves {
		if !lost[move.ItemID] {
			kept = append(kept, move)
		}
	}
	m.moves = kept
}

// movedAt is when an issue reached its state, as far as the issue itself tells.
func movedAt(issue *needle.Issue) time.Time {
	if closed(issue) {
		return *issue.RemoteClosedAt
	}
	return issue.StateChangedAt
}

// itemTitle is the title of the item of an issue: one line of at most needle.MaxTitle characters, never empty.
func itemTitle(issue *needle.Issue) string {
	title := strings.Join(strings.Fields(issue.Title), " ")
	if runes := []rune(title); len(runes) > needle.MaxTitle {
		title = string(runes[:needle.MaxTitle-1]) + "…"
	}
	if title == "" {
		title = issue.RemoteKey
	}
	if title == "" {
		return issue.RemoteID
	}
	return title
}
