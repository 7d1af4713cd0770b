package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// TeamList asks for a list of teams.
type TeamList = needle.ListArgs[needle.TeamFilter, needle.TeamOrderField]

var teams = listing[needle.Team, needle.TeamFilter, needle.TeamOrderField]{
	orders: map[needle.TeamOrderField]orderKey[needle.Team]{
		needle.TeamByName:      byText("name", func(r *needle.Team) string { return r.Name }),
		needle.TeamByKey:       byText("key", func(r *needle.Team) string { return r.Key }),
		needle.TeamByCreatedAt: byTime("created_at", func(r *needle.Team) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.TeamByName, needle.Asc),
	filter: teamFilter,
	id:     func(row *needle.Team) uuid.UUID { return row.ID.UUID },
}

func teamFilter(w *where, f *needle.TeamFilter) {
	compare(w, "id", f.ID)
	w.text("key", f.Key)
	w.text("name", f.Name)
	compare(w, "parent_id", f.ParentID)
	nest(w, f.And, f.Or, f.Not, teamFilter)
}

// Teams reads one page of teams. Malformed arguments answer coded Errors.
func (s Scope) Teams(ctx context.Context, q TeamList) (*needle.Page[*needle.Team], error) {
	return teams.page(ctx, s, q)
}

// TeamsByParent reads one page of teams below each team.
func (s Scope) TeamsByParent(ctx context.Context, parents []needle.TeamID, q TeamList) ([]*needle.Page[*needle.Team], error) {
	return below(ctx, s, &teams, relation{column: "t.parent_id"}, parents, q)
}

// TeamsByMember reads one page of teams that each person is a member of.
func (s Scope) TeamsByMember(ctx context.Context, parents []needle.UserID, q TeamList) ([]*needle.Page[*needle.Team], error) {
	return below(ctx, s, &teams, relation{join: "JOIN team_members AS m ON m.workspace_id = t.workspace_id AND m.team_id = t.id", column: "m.user_id"}, parents, q)
}

// TeamsByID reads teams; the answer lies parallel to ids, nil where there is none.
func (s Scope) TeamsByID(ctx context.Context, ids []needle.TeamID) ([]*needle.Team, error) {
	return teams.byIDs(ctx, s, raw(ids))
}

// Team reads one team, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Team(ctx context.Context, id needle.TeamID) (*needle.Team, error) {
	return teams.one(ctx, s, id.UUID, "team")
}

// InsertTeam stores a new team.
func (s Scope) InsertTeam(ctx context.Context, row *needle.Team) error { return s.insert(ctx, row) }

// UpdateTeam stores a changed team. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateTeam(ctx context.Context, row *needle.Team) error { return s.update(ctx, row) }

// TeamAncestors lists the teams above a team, nearest first.
func (s Scope) TeamAncestors(ctx context.Context, id needle.TeamID) ([]needle.TeamID, error) {
	up, err := s.ancestors(ctx, "teams", "parent_id", id.UUID)
	out := make([]needle.TeamID, len(up))
	for i, u := range up {
		out[i] = needle.TeamID{UUID: u}
	}
	return out, err
}

// SetTeamMembers replaces the members of a team.
func (s Scope) SetTeamMembers(ctx context.Context, team needle.TeamID, members []*needle.TeamMember) error {
	if _, err := s.idb.ExecContext(ctx, "DELETE FROM team_members WHERE workspace_id = ? AND team_id = ?", s.workspace, team); err != nil {
		return mapError(err)
	}
	for _, m := range members {
		_, err := s.idb.ExecContext(ctx, "INSERT INTO team_members (workspace_id, team_id, user_id, function) VALUES (?, ?, ?, ?)",
			s.workspace, team, m.UserID, m.Function)
		if err != nil {
			return mapError(err)
		}
	}
	return nil
}

// TeamMembers reads the members of many teams, by name.
func (s Scope) TeamMembers(ctx context.Context, ids []needle.TeamID) (map[needle.TeamID][]*needle.TeamMember, error) {
	out := make(map[needle.TeamID][]*needle.TeamMember, len(ids))
	err := s.each(ctx, `
		SELECT m.team_id, m.user_id, m.function FROM team_members AS m
		JOIN users AS u ON u.workspace_id = m.workspace_id AND u.id = m.user_id
		WHERE m.workspace_id = ? AND m.team_id = ANY(?::uuid[]) ORDER BY u.name, u.id`,
		[]any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
			var team needle.TeamID
			m := new(needle.TeamMember)
			err := rows.Scan(&team, &m.UserID, &m.Function)
			out[team] = append(out[team], m)
			return err
		})
	return out, err
}
