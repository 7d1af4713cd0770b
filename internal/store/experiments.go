package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ExperimentList asks for a list of experiments.
type ExperimentList = needle.ListArgs[needle.ExperimentFilter, needle.ExperimentOrderField]

var experiments = listing[needle.Experiment, needle.ExperimentFilter, needle.ExperimentOrderField]{
	orders: map[needle.ExperimentOrderField]orderKey[needle.Experiment]{
		needle.ExperimentByRecordedAt: byTime("recorded_at", func(r *needle.Experiment) time.Time { return r.RecordedAt }),
	},
	usual:  order(needle.ExperimentByRecordedAt, needle.Desc),
	filter: experimentFilter,
	id:     func(row *needle.Experiment) uuid.UUID { return row.ID.UUID },
}

func experimentFilter(w *where, f *needle.ExperimentFilter) {
	w.text("source", f.Source)
	w.date("recorded_at", f.RecordedAt)
	w.usually("removed_at IS NOT NULL", f.Removed.IsSet(), f.Removed.Value())
	nest(w, f.And, f.Or, f.Not, experimentFilter)
}

// ExperimentsByContribution reads one page of experiments of each link.
func (s Scope) ExperimentsByContribution(ctx context.Context, parents []needle.ContributionID, q ExperimentList) ([]*needle.Page[*needle.Experiment], error) {
	return below(ctx, s, &experiments, relation{column: "t.contribution_id"}, parents, q)
}

// ExperimentsByID reads experiments; the answer lies parallel to ids, nil where there is none.
func (s Scope) ExperimentsByID(ctx context.Context, ids []needle.ExperimentID) ([]*needle.Experiment, error) {
	return experiments.byIDs(ctx, s, raw(ids))
}

// Experiment reads one experiment, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Experiment(ctx context.Context, id needle.ExperimentID) (*needle.Experiment, error) {
	return experiments.one(ctx, s, id.UUID, "experiment")
}

// InsertExperiment stores a new experiment.
func (s Scope) InsertExperiment(ctx context.Context, row *needle.Experiment) error {
	return s.insert(ctx, row)
}

// RemoveExperiment stores that an experiment was taken back: when, and by whom.
func (s Scope) RemoveExperiment(ctx context.Context, x *needle.Experiment) error {
	_, err := s.idb.ExecContext(ctx, "UPDATE experiments SET removed_at = ?, removed_by = ? WHERE workspace_id = ? AND id = ?",
		x.RemovedAt, x.RemovedBy, s.workspace, x.ID)
	return mapError(err)
}

// ExperimentsAsOf reads the experiments of many links that stood at an instant, as known then, oldest first.
func (s Scope) ExperimentsAsOf(ctx context.Context, ids []needle.ContributionID, asOf time.Time) (map[needle.ContributionID][]*needle.Experiment, error) {
	sh := shapeOf[needle.Experiment](nil)
	rows, err := readRows[needle.Experiment](ctx, s, sh, "SELECT "+sh.columns+` FROM experiments AS t
		WHERE t.workspace_id = ? AND t.contribution_id = ANY(?::uuid[]) AND `+stood("removed_at")+` ORDER BY t.contribution_id, t.recorded_at, t.id`,
		s.workspace, uuids(distinct(raw(ids))), asOf, asOf)
	out := make(map[needle.ContributionID][]*needle.Experiment, len(ids))
	for _, x := range rows {
		x.RemovedAt, x.RemovedBy = nil, nil // Nobody knew of it then.
		out[x.ContributionID] = append(out[x.ContributionID], x)
	}
	return out, err
}
