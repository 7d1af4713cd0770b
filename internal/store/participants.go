package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ParticipantList asks for a list of participants.
type ParticipantList = needle.ListArgs[needle.ParticipantFilter, needle.ParticipantOrderField]

// A person takes part in an objective once, so below one the person tells its rows apart.
var participants = listing[needle.Participant, needle.ParticipantFilter, needle.ParticipantOrderField]{
	orders: map[needle.ParticipantOrderField]orderKey[needle.Participant]{
		needle.ParticipantByInvitedAt: byTime("invited_at", func(r *needle.Participant) time.Time { return r.InvitedAt }),
	},
	usual:  order(needle.ParticipantByInvitedAt, needle.Asc),
	filter: participantFilter,
	id:     func(row *needle.Participant) uuid.UUID { return row.UserID.UUID },
	key:    "user_id",
}

func participantFilter(w *where, f *needle.ParticipantFilter) {
	compare(w, "user_id", f.UserID)
	compare(w, "function", f.Function)
	w.flag("must_sign", f.MustSign)
	w.date("invited_at", f.InvitedAt)
	left := f.Left != nil && *f.Left
	w.flag("left_at IS NOT NULL", &left)
	nest(w, f.And, f.Or, f.Not, participantFilter)
}

// ParticipantsByObjective reads one page of participants of each objective.
func (s Scope) ParticipantsByObjective(ctx context.Context, parents []needle.ObjectiveID, q ParticipantList) ([]*needle.Page[*needle.Participant], error) {
	return below(ctx, s, &participants, relation{column: "t.objective_id"}, parents, q)
}

// ParticipantsOfAll reads every participant of many objectives, those who left too, in the order of their invitations.
func (s Scope) ParticipantsOfAll(ctx context.Context, ids []needle.ObjectiveID) (map[needle.ObjectiveID][]*needle.Participant, error) {
	sh := shapeOf[needle.Participant](nil)
	rows, err := readRows[needle.Participant](ctx, s, sh, "SELECT "+sh.columns+
		" FROM participants AS t WHERE t.workspace_id = ? AND t.objective_id = ANY(?::uuid[]) ORDER BY t.objective_id, t.invited_at, t.user_id",
		s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.ObjectiveID][]*needle.Participant, len(ids))
	for _, p := range rows {
		out[p.ObjectiveID] = append(out[p.ObjectiveID], p)
	}
	return out, err
}

// InsertParticipants lets people take part. Who does already stays as they are; who left is back as what they were.
func (s Scope) InsertParticipants(ctx context.Context, rows []*needle.Participant) error {
	return s.writeParticipants(ctx, rows, `left_at = NULL, invited_by = EXCLUDED.invited_by, invited_at = EXCLUDED.invited_at
		WHERE participant.left_at IS NOT NULL`)
}

// PutParticipants stores people's places in an objective, new ones and changed ones.
func (s Scope) PutParticipants(ctx context.Context, rows []*needle.Participant) error {
	return s.writeParticipants(ctx, rows, `function = EXCLUDED.function, must_sign = EXCLUDED.must_sign,
		invited_by = EXCLUDED.invited_by, invited_at = EXCLUDED.invited_at, left_at = EXCLUDED.left_at`)
}

// writeParticipants inserts rows; what they say of those who are there already is an SQL clause.
func (s Scope) writeParticipants(ctx context.Context, rows []*needle.Participant, otherwise string) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := s.idb.NewInsert().Model(&rows).On("CONFLICT (workspace_id, objective_id, user_id) DO UPDATE SET " + otherwise).Exec(ctx)
	return mapError(err)
}

// TeamFunctions reads for which side each member of a team speaks in it: LEADER for its lead.
func (s Scope) TeamFunctions(ctx context.Context, team needle.TeamID) (map[needle.UserID]needle.Function, error) {
	out := map[needle.UserID]needle.Function{}
	err := s.each(ctx, `
		SELECT user_id, function FROM (
			SELECT user_id, function, false FROM team_members WHERE workspace_id = ?0 AND team_id = ?1
			UNION ALL
			SELECT lead_id, 'LEADER', true FROM teams WHERE workspace_id = ?0 AND id = ?1 AND lead_id IS NOT NULL
		) AS f(user_id, function, leads) ORDER BY leads`, []any{s.workspace, team}, func(rows *sql.Rows) error {
		var user needle.UserID
		var function needle.Function
		err := rows.Scan(&user, &function)
		out[user] = function
		return err
	})
	return out, err
}
