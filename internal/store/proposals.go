package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ProposalList asks for a list of proposals.
type ProposalList = needle.ListArgs[needle.ProposalFilter, needle.ProposalOrderField]

var proposals = listing[needle.Proposal, needle.ProposalFilter, needle.ProposalOrderField]{
	orders: map[needle.ProposalOrderField]orderKey[needle.Proposal]{
		needle.ProposalByCreatedAt: byTime("created_at", func(r *needle.Proposal) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.ProposalByCreatedAt, needle.Asc),
	filter: proposalFilter,
	id:     func(row *needle.Proposal) uuid.UUID { return row.ID.UUID },
}

func proposalFilter(w *where, f *needle.ProposalFilter) {
	compare(w, "state", f.State)
	compare(w, "created_by", f.CreatedBy)
	w.date("created_at", f.CreatedAt)
	nest(w, f.And, f.Or, f.Not, proposalFilter)
}

// ProposalsByObjective reads one page of what is proposed for each objective.
func (s Scope) ProposalsByObjective(ctx context.Context, parents []needle.ObjectiveID, q ProposalList) ([]*needle.Page[*needle.Proposal], error) {
	return below(ctx, s, &proposals, relation{column: "t.objective_id"}, parents, q)
}

// ProposalsByKeyResult finds the proposals that key results were; there is none for one that was written at once.
func (s Scope) ProposalsByKeyResult(ctx context.Context, ids []needle.KeyResultID) (map[needle.KeyResultID]*needle.Proposal, error) {
	sh := shapeOf[needle.Proposal](nil)
	rows, err := readRows[needle.Proposal](ctx, s, sh, "SELECT "+sh.columns+
		" FROM proposals AS t WHERE t.workspace_id = ? AND t.key_result_id = ANY(?::uuid[])", s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.KeyResultID]*needle.Proposal, len(rows))
	for _, p := range rows {
		out[*p.KeyResultID] = p
	}
	return out, err
}

// ProposalsByID reads proposals; the answer lies parallel to ids, nil where there is none.
func (s Scope) ProposalsByID(ctx context.Context, ids []needle.ProposalID) ([]*needle.Proposal, error) {
	return proposals.byIDs(ctx, s, raw(ids))
}

// Proposal reads one proposal, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Proposal(ctx context.Context, id needle.ProposalID) (*needle.Proposal, error) {
	return proposals.one(ctx, s, id.UUID, "proposal")
}

// InsertProposal stores a new proposal.
func (s Scope) InsertProposal(ctx context.Context, row *needle.Proposal) error {
	return s.insert(ctx, row)
}

// UpdateProposal stores a changed proposal. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateProposal(ctx context.Context, row *needle.Proposal) error {
	return s.update(ctx, row)
}
