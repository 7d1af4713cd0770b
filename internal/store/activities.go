package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ActivityList asks for a list of activity.
type ActivityList = needle.ListArgs[needle.ActivityFilter, needle.ActivityOrderField]

var activities = listing[needle.Activity, needle.ActivityFilter, needle.ActivityOrderField]{
	orders: map[needle.ActivityOrderField]orderKey[needle.Activity]{
		needle.ActivityByRecordedAt: byTime("recorded_at", func(r *needle.Activity) time.Time { return r.RecordedAt }),
	},
	usual:  order(needle.ActivityByRecordedAt, needle.Desc),
	filter: activityFilter,
	id:     func(row *needle.Activity) uuid.UUID { return row.ID.UUID },
}

func activityFilter(w *where, f *needle.ActivityFilter) {
	compare(w, "verb", f.Verb)
	w.text("subject_id", f.SubjectID)
	compare(w, "split_part(§subject_id, '_', 1)", prefixes(f.SubjectType))
	compare(w, "actor_id", f.ActorID)
	compare(w, "team_id", f.TeamID)
	compare(w, "objective_id", f.ObjectiveID)
	w.date("recorded_at", f.RecordedAt)
	nest(w, f.And, f.Or, f.Not, activityFilter)
}

// prefixes compares what ids start with instead of the nouns that have them.
func prefixes(c *needle.Comparator[needle.SubjectType]) *needle.Comparator[string] {
	if c == nil {
		return nil
	}
	out := new(needle.Comparator[string])
	for _, one := range []struct {
		from *needle.SubjectType
		to   **string
	}{{c.Eq, &out.Eq}, {c.Neq, &out.Neq}} {
		if one.from != nil {
			prefix := one.from.Prefix()
			*one.to = &prefix
		}
	}
	for _, many := range []struct {
		from []needle.SubjectType
		to   *[]string
	}{{c.In, &out.In}, {c.Nin, &out.Nin}} {
		if many.from == nil {
			continue
		}
		*many.to = make([]string, len(many.from))
		for i, t := range many.from {
			(*many.to)[i] = t.Prefix()
		}
	}
	return out
}

// Activities reads one page of activity. Malformed arguments answer coded Errors.
func (s Scope) Activities(ctx context.Context, q ActivityList) (*needle.Page[*needle.Activity], error) {
	return activities.page(ctx, s, q)
}

// ActivitiesByObjective reads one page of activity about each objective.
func (s Scope) ActivitiesByObjective(ctx context.Context, parents []needle.ObjectiveID, q ActivityList) ([]*needle.Page[*needle.Activity], error) {
	return below(ctx, s, &activities, relation{column: "t.objective_id"}, parents, q)
}

// ActivitiesByTeam reads one page of activity that concerns each team.
func (s Scope) ActivitiesByTeam(ctx context.Context, parents []needle.TeamID, q ActivityList) ([]*needle.Page[*needle.Activity], error) {
	return below(ctx, s, &activities, relation{column: "t.team_id"}, parents, q)
}

// ActivitiesByActor reads one page of what each person did.
func (s Scope) ActivitiesByActor(ctx context.Context, parents []needle.UserID, q ActivityList) ([]*needle.Page[*needle.Activity], error) {
	return below(ctx, s, &activities, relation{column: "t.actor_id"}, parents, q)
}

// ActivitiesBySubject reads one page of what was done to each object.
func ActivitiesBySubject[P typedID](ctx context.Context, s Scope, parents []P, q ActivityList) ([]*needle.Page[*needle.Activity], error) {
	return activities.pagesBy(ctx, s, relation{column: "t.subject_id"}, subjectKeys(public(parents)), q)
}

// ActivitiesByID reads activity; the answer lies parallel to ids, nil where there is none.
func (s Scope) ActivitiesByID(ctx context.Context, ids []needle.ActivityID) ([]*needle.Activity, error) {
	return activities.byIDs(ctx, s, raw(ids))
}

// InsertActivity stores one change; it is called in the change's own transaction.
func (s Scope) InsertActivity(ctx context.Context, row *needle.Activity) error {
	return s.insert(ctx, row)
}
