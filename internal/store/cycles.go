package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// CycleList asks for a list of cycles.
type CycleList = needle.ListArgs[needle.CycleFilter, needle.CycleOrderField]

var cycles = listing[needle.Cycle, needle.CycleFilter, needle.CycleOrderField]{
	orders: map[needle.CycleOrderField]orderKey[needle.Cycle]{
		needle.CycleByStartsOn:  {"starts_on", "date", func(r *needle.Cycle) string { return r.StartsOn.Format(time.DateOnly) }},
		needle.CycleByName:      byText("name", func(r *needle.Cycle) string { return r.Name }),
		needle.CycleByCreatedAt: byTime("created_at", func(r *needle.Cycle) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.CycleByStartsOn, needle.Desc),
	filter: cycleFilter,
	id:     func(row *needle.Cycle) uuid.UUID { return row.ID.UUID },
}

func cycleFilter(w *where, f *needle.CycleFilter) {
	compare(w, "id", f.ID)
	w.text("name", f.Name)
	compare(w, "state", f.State)
	nest(w, f.And, f.Or, f.Not, cycleFilter)
}

// Cycles reads one page of cycles. Malformed arguments answer coded Errors.
func (s Scope) Cycles(ctx context.Context, q CycleList) (*needle.Page[*needle.Cycle], error) {
	return cycles.page(ctx, s, q)
}

// CyclesByID reads cycles; the answer lies parallel to ids, nil where there is none.
func (s Scope) CyclesByID(ctx context.Context, ids []needle.CycleID) ([]*needle.Cycle, error) {
	return cycles.byIDs(ctx, s, raw(ids))
}

// Cycle reads one cycle, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Cycle(ctx context.Context, id needle.CycleID) (*needle.Cycle, error) {
	return cycles.one(ctx, s, id.UUID, "cycle")
}

// InsertCycle stores a new cycle.
func (s Scope) InsertCycle(ctx context.Context, row *needle.Cycle) error { return s.insert(ctx, row) }

// UpdateCycle stores a changed cycle. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateCycle(ctx context.Context, row *needle.Cycle) error { return s.update(ctx, row) }
