package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// commentSubjects says where what can be commented on lies: by the prefix of its public id, how that is read and the statement
// that finds the objective, the team and the idea that it concerns.
var commentSubjects = map[string]struct {
	parse func(string) (uuid.UUID, error)
	query string
}{
	needle.ObjectivePrefix: {untyped(needle.ParseObjectiveID), "SELECT id, team_id, NULL FROM objectives"},
	needle.KeyResultPrefix: {untyped(needle.ParseKeyResultID), "SELECT objective_id, team_id, NULL FROM key_results"},
	needle.ProposalPrefix:  {untyped(needle.ParseProposalID), "SELECT objective_id, " + teamOfObjective + ", NULL FROM proposals AS t"},
	needle.SuggestionPrefix: {
		untyped(needle.ParseSuggestionID), "SELECT objective_id, " + teamOfObjective + ", NULL FROM suggestions AS t",
	},
	needle.PainPointPrefix: {untyped(needle.ParsePainPointID), "SELECT NULL, NULL, NULL FROM pain_points"},
	needle.IdeaPrefix:      {untyped(needle.ParseIdeaID), "SELECT NULL, NULL, NULL FROM ideas"},
	needle.BacklogItemPrefix: {
		untyped(needle.ParseBacklogItemID),
		"SELECT NULL, team_id, (SELECT i.id FROM ideas AS i WHERE i.workspace_id = t.workspace_id AND i.item_id = t.id) FROM backlog_items AS t",
	},
}

const teamOfObjective = "(SELECT o.team_id FROM objectives AS o WHERE o.workspace_id = t.workspace_id AND o.id = t.objective_id)"

// untyped reads a public id as what tables hold.
func untyped[ID typedID](parse func(string) (ID, error)) func(string) (uuid.UUID, error) {
	return func(s string) (uuid.UUID, error) {
		id, err := parse(s)
		if err != nil {
			return uuid.Nil, err
		}
		return id.Raw(), nil
	}
}

// CommentSubject finds what a comment is about by its public id, in one statement. It answers NOT_FOUND, and INVALID_ID
// for the id of something that cannot be commented on.
func (s Scope) CommentSubject(ctx context.Context, id string) (*needle.CommentSubject, error) {
	kind, ok := commentSubjects[needle.IDPrefix(id)]
	if !ok {
		return nil, needle.Invalid("", needle.CodeInvalidID, "this is not the id of something that can be commented on")
	}
	key, err := kind.parse(id)
	if err != nil {
		return nil, err // INVALID_ID: the prefix is right, the rest is not.
	}
	var found *needle.CommentSubject
	err = s.each(ctx, kind.query+" WHERE workspace_id = ? AND id = ?", []any{s.workspace, key}, func(rows *sql.Rows) error {
		found = &needle.CommentSubject{ID: id}
		return rows.Scan(&found.ObjectiveID, &found.TeamID, &found.IdeaID)
	})
	if err == nil && found == nil {
		err = needle.NotFound("", "object")
	}
	return found, err
}
