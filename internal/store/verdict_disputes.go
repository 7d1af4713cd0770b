package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// VerdictDisputeList asks for a list of disputes.
type VerdictDisputeList = needle.ListArgs[needle.VerdictDisputeFilter, needle.VerdictDisputeOrderField]

var verdictDisputes = listing[needle.VerdictDispute, needle.VerdictDisputeFilter, needle.VerdictDisputeOrderField]{
	orders: map[needle.VerdictDisputeOrderField]orderKey[needle.VerdictDispute]{
		needle.VerdictDisputeByRecordedAt: byTime("recorded_at", func(r *needle.VerdictDispute) time.Time { return r.RecordedAt }),
	},
	usual:  order(needle.VerdictDisputeByRecordedAt, needle.Desc),
	filter: verdictDisputeFilter,
	id:     func(row *needle.VerdictDispute) uuid.UUID { return row.ID.UUID },
}

func verdictDisputeFilter(w *where, f *needle.VerdictDisputeFilter) {
	compare(w, "verdict", f.Verdict)
	compare(w, "author_id", f.AuthorID)
	w.date("recorded_at", f.RecordedAt)
	w.usually("withdrawn_at IS NOT NULL", f.Withdrawn.IsSet(), f.Withdrawn.Value())
	nest(w, f.And, f.Or, f.Not, verdictDisputeFilter)
}

// VerdictDisputesByContribution reads one page of disputes of each link.
func (s Scope) VerdictDisputesByContribution(ctx context.Context, parents []needle.ContributionID, q VerdictDisputeList) ([]*needle.Page[*needle.VerdictDispute], error) {
	return below(ctx, s, &verdictDisputes, relation{column: "t.contribution_id"}, parents, q)
}

// VerdictDisputesByID reads disputes; the answer lies parallel to ids, nil where there is none.
func (s Scope) VerdictDisputesByID(ctx context.Context, ids []needle.VerdictDisputeID) ([]*needle.VerdictDispute, error) {
	return verdictDisputes.byIDs(ctx, s, raw(ids))
}

// VerdictDispute reads one dispute, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) VerdictDispute(ctx context.Context, id needle.VerdictDisputeID) (*needle.VerdictDispute, error) {
	return verdictDisputes.one(ctx, s, id.UUID, "dispute")
}

// InsertVerdictDispute stores a new dispute. It answers CONFLICT when its author disputes the same link already.
func (s Scope) InsertVerdictDispute(ctx context.Context, row *needle.VerdictDispute) error {
	return s.insert(ctx, row)
}

// WithdrawVerdictDispute stores when a dispute was withdrawn.
func (s Scope) WithdrawVerdictDispute(ctx context.Context, d *needle.VerdictDispute) error {
	_, err := s.idb.ExecContext(ctx, "UPDATE verdict_disputes SET withdrawn_at = ? WHERE workspace_id = ? AND id = ?", d.WithdrawnAt, s.workspace, d.ID)
	return mapError(err)
}

// DisputesAsOf reads the disputes of many links that were open at an instant, as known then, oldest first.
func (s Scope) DisputesAsOf(ctx context.Context, ids []needle.ContributionID, asOf time.Time) (map[needle.ContributionID][]*needle.VerdictDispute, error) {
	sh := shapeOf[needle.VerdictDispute](nil)
	rows, err := readRows[needle.VerdictDispute](ctx, s, sh, "SELECT "+sh.columns+` FROM verdict_disputes AS t
		WHERE t.workspace_id = ? AND t.contribution_id = ANY(?::uuid[]) AND `+stood("withdrawn_at")+` ORDER BY t.contribution_id, t.recorded_at, t.id`,
		s.workspace, uuids(distinct(raw(ids))), asOf, asOf)
	out := make(map[needle.ContributionID][]*needle.VerdictDispute, len(ids))
	for _, d := range rows {
		d.WithdrawnAt = nil // Nobody knew of it then.
		out[d.ContributionID] = append(out[d.ContributionID], d)
	}
	return out, err
}
