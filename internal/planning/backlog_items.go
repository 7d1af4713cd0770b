package planning

import (
	"context"
	"slices"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// itemTree names what transactions that move items below others queue on, so that two of them never close a loop.
const itemTree = "item tree"

// CreateBacklogItem writes a native item of a team. It begins as TODO, and PROPOSED until somebody starts it.
func (p *Planner) CreateBacklogItem(ctx context.Context, in needle.CreateBacklogItemInput) (*needle.BacklogItem, error) {
	var b *needle.BacklogItem
	err := p.change(ctx, needle.ActWriteItem, in, func(ctx context.Context, a act) error {
		var err error
		if b, err = a.addItem(ctx, in); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbCreated, b.ID, nil, b, about{team: &b.TeamID}); err != nil {
			return err
		}
		return a.inherit(ctx, nil, b)
	})
	return b, err
}

// addItem stores a new native item with the beginning of its history. The caller records it.
func (a act) addItem(ctx context.Context, in needle.CreateBacklogItemInput) (*needle.BacklogItem, error) {
	if _, err := a.Team(ctx, in.TeamID); err != nil {
		return nil, at("input.teamId", err)
	}
	b := &needle.BacklogItem{
		Stamp: a.Stamp(), ID: needle.NewBacklogItemID(), TeamID: in.TeamID,
		Title: needle.Clean(in.Title), Description: needle.Clean(or(in.Description, "")),
		Status: needle.StatusTodo, Stage: needle.StageProposed, Moscow: in.Moscow, Effort: in.Effort, ParentID: in.ParentID,
		CreatedBy: &a.viewer.UserID,
	}
	if err := a.checkEpic(ctx, b); err != nil {
		return nil, err
	}
	var err error
	if b.Number, err = a.NextNumber(ctx, needle.BacklogItemKey); err != nil {
		return nil, err
	}
	if err := a.InsertBacklogItem(ctx, b); err != nil {
		return nil, err
	}
	return b, a.followItem(ctx, nil, b)
}

// UpdateBacklogItem changes an item. What a mirrored one has from its tracker answers CONFLICT.
func (p *Planner) UpdateBacklogItem(ctx context.Context, in needle.UpdateBacklogItemInput) (*needle.BacklogItem, error) {
	var b *needle.BacklogItem
	err := p.change(ctx, needle.ActWriteItem, in, func(ctx context.Context, a act) error {
		if in.ParentID.IsSet() {
			if err := a.Serialize(ctx, itemTree); err != nil {
				return err
			}
		}
		var err error
		if b, err = a.BacklogItem(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(b.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if err := a.ownWords(ctx, b, in); err != nil {
			return err
		}
		before, verb := *b, needle.VerbUpdated
		if err := a.changeItem(b, in); err != nil {
			return err
		}
		if b.Stage != before.Stage {
			verb = needle.VerbMoved
		}
		if in.ParentID.IsSet() {
			if err := a.checkEpic(ctx, b); err != nil {
				return err
			}
		}
		if err := a.UpdateBacklogItem(ctx, b); err != nil {
			return err
		}
		if err := a.followItem(ctx, &before, b); err != nil {
			return err
		}
		if err := a.record(ctx, verb, b.ID, before, b, about{team: &b.TeamID}); err != nil {
			return err
		}
		return a.inherit(ctx, &before, b)
	})
	return b, err
}

// inherit links an item that came to lie below another one, or below none, as it is to be there; before is nil for a new
// item.
func (a act) inherit(ctx context.Context, before, b *needle.BacklogItem) error {
	var from needle.BacklogItemID
	if before != nil {
		from = or(before.ParentID, from)
	}
	if from == or(b.ParentID, needle.BacklogItemID{}) {
		return nil
	}
	return a.hand(ctx, b.ID)
}

// ownWords refuses to change what a mirrored item has from its tracker.
func (a act) ownWords(ctx context.Context, b *needle.BacklogItem, in needle.UpdateBacklogItemInput) error {
	if b.IssueID == nil {
		return nil
	}
	parent := false
	if in.ParentID.IsSet() && or(in.ParentID.Value(), needle.BacklogItemID{}) != or(b.ParentID, needle.BacklogItemID{}) {
		var err error
		if parent, err = a.ParentMirrored(ctx, b.ID); err != nil {
			return err
		}
	}
	var errs needle.Errors
	for _, part := range []struct {
		field string
		given bool
	}{{"title", in.Title != nil}, {"description", in.Description != nil}, {"status", in.Status != nil}, {"parentId", parent}} {
		if part.given {
			what := strings.TrimSuffix(part.field, "Id")
			errs = append(errs, needle.Conflict("input."+part.field, "this item mirrors an issue; change its "+what+" in the tracker"))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// changeItem sets what the input names. Work is closed in the status that it moves to.
func (a act) changeItem(b *needle.BacklogItem, in needle.UpdateBacklogItemInput) error {
	setText(&b.Title, in.Title)
	setText(&b.Description, in.Description)
	if in.Status != nil {
		b.MoveTo(*in.Status, a.Now())
	}
	if v, ok := in.Effort.ValueOK(); ok {
		b.Effort = v
	}
	if v, ok := in.ParentID.ValueOK(); ok {
		b.ParentID = v
	}
	if v, ok := in.Moscow.ValueOK(); ok {
		b.Moscow = v
	}
	if in.Closed != nil {
		return b.Close(*in.Closed)
	}
	return nil
}

// checkEpic demands that an item's epic exists, belongs to the same team and is not below the item.
func (a act) checkEpic(ctx context.Context, b *needle.BacklogItem) error {
	const field = "input.parentId"
	if b.ParentID == nil {
		return nil
	}
	epic, err := a.BacklogItem(ctx, *b.ParentID)
	if err != nil {
		return at(field, err)
	}
	if epic.TeamID != b.TeamID {
		return needle.Invalid(field, needle.CodeInvalid, "an epic belongs to the same team")
	}
	above, err := a.ItemAncestors(ctx, epic.ID)
	if err != nil {
		return err
	}
	if slices.Contains(above, b.ID) {
		return needle.Invalid(field, needle.CodeInvalid, "this item would lie below an item that lies below it")
	}
	return nil
}

// followItem adds to the histories of an item's status and class what a change brought; before is nil for a new item.
func (a act) followItem(ctx context.Context, before, b *needle.BacklogItem) error {
	var from *needle.StatusCategory
	var class *needle.Moscow
	if before != nil {
		from, class = &before.Status, before.Moscow
	}
	if from == nil || *from != b.Status {
		err := a.AppendTransition(ctx, needle.ItemTransition{
			ItemID: b.ID, From: from, To: b.Status, OccurredAt: b.UpdatedAt, RecordedAt: b.UpdatedAt,
		})
		if err != nil {
			return err
		}
	}
	if or(class, "") == or(b.Moscow, "") {
		return nil
	}
	return a.AppendPriority(ctx, b.ID, b.Moscow, a.viewer.UserID, b.UpdatedAt)
}
