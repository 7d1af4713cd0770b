package planning

import (
	"context"
	"slices"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// RecordOutsideEvent records an event on each of the key results that it may have moved, closed ones too: effects show
// after a cycle's end. An objective without key results, and a team without any of agreed objectives, answer CONFLICT.
func (p *Planner) RecordOutsideEvent(ctx context.Context, in needle.RecordOutsideEventInput) ([]*needle.OutsideEvent, error) {
	var events []*needle.OutsideEvent
	err := p.change(ctx, needle.ActRecordEvent, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		on, err := a.movedBy(ctx, in)
		if err != nil {
			return err
		}
		now := a.Now()
		activities := make([]*needle.Activity, len(on))
		for i, k := range on {
			e := in.Event(k.ID)
			events = append(events, e)
			e.WorkspaceID, e.OccurrenceID, e.AuthorID, e.RecordedAt = a.WorkspaceID(), events[0].ID, a.viewer.UserID, now
			if activities[i], err = a.activity(needle.VerbCreated, e.ID, nil, e, about{&k.TeamID, &k.ObjectiveID}); err != nil {
				return err
			}
		}
		if err := a.InsertOutsideEvents(ctx, events); err != nil {
			return err
		}
		return a.InsertActivities(ctx, activities)
	})
	return events, err
}

// movedBy reads the key results that an event is recorded on, each once.
func (a act) movedBy(ctx context.Context, in needle.RecordOutsideEventInput) ([]*needle.KeyResult, error) {
	switch {
	case in.ObjectiveID != nil:
		if _, err := a.Objective(ctx, *in.ObjectiveID); err != nil {
			return nil, at("input.objectiveId", err)
		}
		all, err := a.KeyResultsOfAll(ctx, []needle.ObjectiveID{*in.ObjectiveID})
		if err == nil && len(all) == 0 {
			err = needle.Conflict("input.objectiveId", "this objective has no key result")
		}
		return all[*in.ObjectiveID], err
	case in.TeamID != nil:
		if _, err := a.Team(ctx, *in.TeamID); err != nil {
			return nil, at("input.teamId", err)
		}
		all, err := a.AgreedKeyResults(ctx, *in.TeamID)
		if err == nil && len(all) == 0 {
			err = needle.Conflict("input.teamId", "no agreed objective of this team has a key result")
		}
		return all, err
	}
	found, err := a.KeyResultsByID(ctx, in.KeyResultIDs)
	if err != nil {
		return nil, err
	}
	var on []*needle.KeyResult
	for i, k := range found {
		if k == nil {
			return nil, needle.NotFound("input.keyResultIds."+strconv.Itoa(i), "key result")
		}
		if !slices.ContainsFunc(on, func(other *needle.KeyResult) bool { return other.ID == k.ID }) {
			on = append(on, k)
		}
	}
	return on, nil
}

// CorrectOutsideEvent takes an event back and records what it was like in truth, both at one instant. One that was taken
// back or corrected already answers CONFLICT. It returns the corrections, that of the event named first.
func (p *Planner) CorrectOutsideEvent(ctx context.Context, in needle.CorrectOutsideEventInput) ([]*needle.OutsideEvent, error) {
	var corrections []*needle.OutsideEvent
	err := p.change(ctx, needle.ActRecordEvent, in, func(ctx context.Context, a act) error {
		events, concerns, err := a.takeBack(ctx, in.ID, in.Everywhere)
		if err != nil {
			return err
		}
		activities := make([]*needle.Activity, len(events))
		for i, e := range events {
			n, err := in.Correct(e, a.Now())
			if err != nil {
				return err
			}
			n.AuthorID, n.RecordedAt = a.viewer.UserID, *e.RemovedAt
			was := *n
			was.Kind, was.Title, was.From, was.To = e.Kind, e.Title, e.From, e.To
			if activities[i], err = a.activity(needle.VerbUpdated, n.ID, was, n, concerns[i]); err != nil {
				return err
			}
			corrections = append(corrections, n)
		}
		if err := a.InsertOutsideEvents(ctx, corrections); err != nil {
			return err
		}
		return a.InsertActivities(ctx, activities)
	})
	return corrections, err
}

// RemoveOutsideEvent takes an event back. One that was taken back or corrected already answers CONFLICT. It returns what
// was taken back, the event named first.
func (p *Planner) RemoveOutsideEvent(ctx context.Context, in needle.RemoveOutsideEventInput) ([]*needle.OutsideEvent, error) {
	var events []*needle.OutsideEvent
	err := p.change(ctx, needle.ActRecordEvent, nil, func(ctx context.Context, a act) error {
		var concerns []about
		var err error
		if events, concerns, err = a.takeBack(ctx, in.ID, in.Everywhere); err != nil {
			return err
		}
		activities := make([]*needle.Activity, len(events))
		for i, e := range events {
			was := *e
			was.RemovedAt, was.RemovedBy = nil, nil
			if activities[i], err = a.activity(needle.VerbDeleted, e.ID, was, nil, concerns[i]); err != nil {
				return err
			}
		}
		return a.InsertActivities(ctx, activities)
	})
	return events, err
}

// takeBack takes an event back, everywhere or only where it is named, and returns what was taken back, the one named
// first, and what the activities of each concern.
func (a act) takeBack(ctx context.Context, id needle.OutsideEventID, everywhere bool) ([]*needle.OutsideEvent, []about, error) {
	const field = "input.id"
	found, err := a.OutsideEventsByID(ctx, []needle.OutsideEventID{id})
	if err != nil {
		return nil, nil, err
	}
	if found[0] == nil {
		return nil, nil, needle.NotFound(field, "outside event")
	}
	events, err := a.StandingEvents(ctx, found[0].OccurrenceID)
	if err != nil {
		return nil, nil, err
	}
	named := slices.IndexFunc(events, func(e *needle.OutsideEvent) bool { return e.ID == id })
	if named < 0 {
		return nil, nil, needle.Conflict(field, "this event was taken back or corrected already")
	}
	events[0], events[named] = events[named], events[0]
	if !everywhere {
		events = events[:1]
	}
	ids := make([]needle.OutsideEventID, len(events))
	keyResults := make([]needle.KeyResultID, len(events))
	at := a.Now()
	for i, e := range events {
		ids[i], keyResults[i], at = e.ID, e.KeyResultID, latest(at, e.RecordedAt)
	}
	for _, e := range events {
		e.RemovedAt, e.RemovedBy = &at, &a.viewer.UserID
	}
	if err := a.RemoveOutsideEvents(ctx, ids, at, a.viewer.UserID); err != nil {
		return nil, nil, err
	}
	on, err := a.KeyResultsByID(ctx, keyResults)
	concerns := make([]about, len(on))
	for i, k := range on {
		concerns[i] = about{&k.TeamID, &k.ObjectiveID}
	}
	return events, concerns, err
}
