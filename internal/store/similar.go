package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// similarEnough is the least similarity that is worth telling, of titles and of words.
const similarEnough = 0.3

// SimilarPainPoints finds what may be the same as what somebody is writing, the most similar first. Duplicates that were
// merged are left out. A number of answers out of bounds answers a coded Error; no text does.
func (s Scope) SimilarPainPoints(ctx context.Context, in needle.SimilarArgs) ([]*needle.SimilarPainPoint, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	found := []*needle.SimilarPainPoint{}
	query, args := s.similarQuery(in)
	if query == "" {
		return found, nil
	}
	sh := shapeOf[needle.PainPoint](painPoints.computed)
	err := s.InTx(ctx, func(ctx context.Context, tx Scope) error {
		// The operator % takes its limit from the session; another transaction's must not be changed.
		if _, err := tx.idb.ExecContext(ctx, "SELECT set_config('pg_trgm.similarity_threshold', ?::text, true)", similarEnough); err != nil {
			return mapError(err)
		}
		var similarity float64
		var reason string
		scanner := newScanner[needle.PainPoint](sh, &similarity, &reason)
		return tx.each(ctx, query, args, func(rows *sql.Rows) error {
			pain, err := scanner.next(rows)
			if err != nil {
				return fmt.Errorf("scanning a similar pain point: %w", err)
			}
			found = append(found, &needle.SimilarPainPoint{PainPoint: pain, Similarity: similarity, Reason: needle.SimilarReason(reason)})
			return nil
		})
	})
	return found, err
}

// similarQuery returns the statement that finds what is similar; empty when there is nothing to look for.
func (s Scope) similarQuery(in needle.SimilarArgs) (query string, args []any) {
	const candidates = " FROM pain_points AS t WHERE t.workspace_id = ? AND t.merged_into_id IS NULL AND t.id IS DISTINCT FROM ? AND "
	var ways []string
	if title := in.CleanTitle(); title != "" {
		ways = append(ways, "SELECT t.id, t.weight, similarity(t.title, ?)::numeric::double precision AS similarity, ? AS reason"+candidates+"t.title % ?")
		args = append(args, title, needle.SimilarTitle, s.workspace, in.Excluding, title)
	}
	if words := in.Words(); len(words) > 0 {
		// Words are letters and digits only, so none can be an operator. Each one found counts alike, however often it occurs.
		hits := make([]string, len(words))
		for i, w := range words {
			hits[i] = "(t.words @@ to_tsquery('simple', ?))::integer"
			args = append(args, w)
		}
		ways = append(ways, "SELECT t.id, t.weight, ("+strings.Join(hits, " + ")+")::double precision / ?, ?"+candidates+"t.words @@ to_tsquery('simple', ?)")
		args = append(args, len(words), needle.SimilarWords, s.workspace, in.Excluding, strings.Join(words, " | "))
	}
	if len(ways) == 0 {
		return "", nil
	}
	const order = "similarity DESC, weight DESC, id"
	return "WITH found AS (" + strings.Join(ways, " UNION ALL ") + `), best AS (
			SELECT DISTINCT ON (id) * FROM found WHERE similarity >= ? ORDER BY id, similarity DESC, reason
		), top AS (SELECT * FROM best ORDER BY ` + order + ` LIMIT ?)
		SELECT top.similarity, top.reason, ` + shapeOf[needle.PainPoint](painPoints.computed).columns + `
		FROM top JOIN pain_points AS t ON t.workspace_id = ? AND t.id = top.id
		ORDER BY top.similarity DESC, top.weight DESC, top.id`, append(args, similarEnough, in.First, s.workspace)
}
