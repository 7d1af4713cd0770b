package planning

import (
	"context"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// What a person has seen is theirs alone and changes nothing of the plan: marking it leaves no activity, and whoever may
// read may do it.

// MarkInboxRead notes that the viewer has seen things that wait for them; doing so again changes nothing. What is settled
// or waits for somebody else answers NOT_FOUND, and nothing is marked.
func (p *Planner) MarkInboxRead(ctx context.Context, in needle.MarkInboxReadInput) (*needle.Viewer, error) {
	return p.mark(ctx, in, func(ctx context.Context, a act) error {
		if err := a.checkOwnItems(ctx, in.IDs); err != nil {
			return err
		}
		return a.MarkInboxRead(ctx, a.viewer.UserID, in.IDs)
	})
}

// MarkInboxUnread notes that the viewer wants to see things again; doing so again changes nothing. What is settled or
// waits for somebody else answers NOT_FOUND, and nothing is marked.
func (p *Planner) MarkInboxUnread(ctx context.Context, in needle.MarkInboxUnreadInput) (*needle.Viewer, error) {
	return p.mark(ctx, in, func(ctx context.Context, a act) error {
		if err := a.checkOwnItems(ctx, in.IDs); err != nil {
			return err
		}
		return a.MarkInboxUnread(ctx, a.viewer.UserID, in.IDs)
	})
}

// MarkAllInboxRead notes that the viewer has seen everything that waits for them, or everything of some kinds.
func (p *Planner) MarkAllInboxRead(ctx context.Context, in needle.MarkAllInboxReadInput) (*needle.Viewer, error) {
	return p.mark(ctx, in, func(ctx context.Context, a act) error {
		return a.MarkAllInboxRead(ctx, a.viewer.UserID, in.Kinds)
	})
}

// mark is the road that all marks take; it returns whose inbox changed.
func (p *Planner) mark(ctx context.Context, in valid, do func(context.Context, act) error) (*needle.Viewer, error) {
	var viewer *needle.Viewer
	err := p.change(ctx, needle.ActRead, in, func(ctx context.Context, a act) error {
		viewer = &a.viewer
		return do(ctx, a)
	})
	if err != nil {
		return nil, err
	}
	return viewer, nil
}

// checkOwnItems demands that things wait for the viewer; those that do not are named by their place in the input.
func (a act) checkOwnItems(ctx context.Context, ids []needle.InboxItemID) error {
	found, err := a.InboxItemsOf(ctx, a.viewer.UserID, ids, a.Now())
	if err != nil {
		return err
	}
	var errs needle.Errors
	for i, item := range found {
		if item == nil {
			errs = append(errs, needle.NotFound("input.ids."+strconv.Itoa(i), "inbox item"))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
