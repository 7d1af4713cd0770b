package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// Imports read and write many pain points, their evidence and their reports in a constant number of statements. What is
// read is held until the transaction ends.

// AnalyzePains makes the database look at the pain points, evidence and reports it has, those of this transaction too. In
// the middle of thousands of new rows it otherwise takes the tables for as small as they were and looks through all of a
// workspace's rows for each new one. Another import waits here until this transaction ends.
func (s Scope) AnalyzePains(ctx context.Context) error {
	_, err := s.idb.ExecContext(ctx, "ANALYZE pain_points, evidence, pain_reports")
	return mapError(err)
}

// PainPointsByExternalKey reads pain points by their keys from elsewhere; unknown keys are missing from the answer.
func (s Scope) PainPointsByExternalKey(ctx context.Context, keys []string) (map[string]*needle.PainPoint, error) {
	rows, err := s.holdPainPoints(ctx, "t.external_key = ANY(?::text[]) AND t.external_key <> ''", pq.Array(keys))
	found := make(map[string]*needle.PainPoint, len(rows))
	for _, p := range rows {
		found[p.ExternalKey] = p
	}
	return found, err
}

// HoldPainPoints reads pain points like PainPointsByID, and holds them inside a transaction.
func (s Scope) HoldPainPoints(ctx context.Context, ids []needle.PainPointID) ([]*needle.PainPoint, error) {
	rows, err := s.holdPainPoints(ctx, "t.id = ANY(?::uuid[])", uuids(distinct(raw(ids))))
	found := make(map[needle.PainPointID]*needle.PainPoint, len(rows))
	for _, p := range rows {
		found[p.ID] = p
	}
	out := make([]*needle.PainPoint, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, err
}

// holdPainPoints locks in the order of ids, as everybody does who locks several.
func (s Scope) holdPainPoints(ctx context.Context, condition string, arg any) ([]*needle.PainPoint, error) {
	sh := shapeOf[needle.PainPoint](painPoints.computed)
	return readRows[needle.PainPoint](ctx, s, sh, "SELECT "+sh.columns+
		" FROM pain_points AS t WHERE t.workspace_id = ? AND "+condition+" ORDER BY t.id"+s.lockClause(), s.workspace, arg)
}

// CategoryNames reads the names of all categories by their names in small letters.
func (s Scope) CategoryNames(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	err := s.each(ctx, "SELECT name FROM categories WHERE workspace_id = ?", []any{s.workspace}, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names[strings.ToLower(name)] = name
		return err
	})
	return names, err
}

// Pieces names evidence or reports by what they are known by: keys from elsewhere, each below the pain point at the same
// place.
type Pieces struct {
	Pains []needle.PainPointID
	Keys  []string
}

// Add names one more.
func (p *Pieces) Add(pain needle.PainPointID, key string) {
	p.Pains, p.Keys = append(p.Pains, pain), append(p.Keys, key)
}

// EvidenceByExternalKey reads the evidence that is named. Pairs are joined: two lists would be tried in every combination.
func (s Scope) EvidenceByExternalKey(ctx context.Context, named Pieces) ([]*needle.Evidence, error) {
	sh := shapeOf[needle.Evidence](nil)
	return readRows[needle.Evidence](ctx, s, sh, "SELECT "+sh.columns+` FROM evidence AS t WHERE t.workspace_id = ?0 AND t.id IN (
			SELECT e.id FROM unnest(?1::uuid[], ?2::text[]) AS n(pain_point_id, external_key)
			JOIN evidence AS e ON e.workspace_id = ?0 AND e.pain_point_id = n.pain_point_id AND e.external_key = n.external_key
			WHERE e.external_key <> ''
		) ORDER BY t.id`+s.lockClause(), s.workspace, uuids(raw(named.Pains)), pq.Array(named.Keys))
}

// PainReportsByExternalKey reads the reports that are named, and those that were read from the evidence.
func (s Scope) PainReportsByExternalKey(ctx context.Context, named Pieces, evidence []needle.EvidenceID) ([]*needle.PainReport, error) {
	sh := shapeOf[needle.PainReport](nil)
	return readRows[needle.PainReport](ctx, s, sh, "SELECT "+sh.columns+` FROM pain_reports AS t WHERE t.workspace_id = ?0 AND t.id IN (
			SELECT r.id FROM unnest(?1::uuid[], ?2::text[]) AS n(pain_point_id, external_key)
			JOIN pain_reports AS r ON r.workspace_id = ?0 AND r.pain_point_id = n.pain_point_id AND r.external_key = n.external_key
			WHERE r.external_key <> ''
			UNION ALL
			SELECT r.id FROM pain_reports AS r WHERE r.workspace_id = ?0 AND r.evidence_id = ANY(?3::uuid[])
		) ORDER BY t.id`+s.lockClause(), s.workspace, uuids(raw(named.Pains)), pq.Array(named.Keys), uuids(raw(evidence)))
}

// InsertPainPoints stores new pain points.
func (s Scope) InsertPainPoints(ctx context.Context, rows []*needle.PainPoint) error {
	return s.insert(ctx, &rows)
}

// RewritePainPoints stores the texts, category and severity of pain points that the caller holds.
func (s Scope) RewritePainPoints(ctx context.Context, rows []*needle.PainPoint) error {
	texts := make([][]string, 4)
	severities := make([]int64, len(rows))
	for i, p := range rows {
		severities[i] = int64(p.Severity)
		for c, text := range []string{p.ID.UUID.String(), p.Title, p.Description, p.Category} {
			texts[c] = append(texts[c], text)
		}
	}
	return s.plain(ctx, `
		UPDATE pain_points AS p SET title = n.title, description = n.description, category = n.category, severity = n.severity,
			updated_at = $2, version = p.version + 1
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[]) AS n(id, title, description, category, severity)
		WHERE p.workspace_id = $1 AND p.id = n.id`,
		[]any{s.workspace, s.Now(), pq.Array(texts[0]), pq.Array(texts[1]), pq.Array(texts[2]), pq.Array(texts[3]), pq.Array(severities)}, none)
}

// RewriteEvidence stores what pieces of evidence say that the caller holds.
func (s Scope) RewriteEvidence(ctx context.Context, rows []*needle.Evidence) error {
	texts := make([][]string, 7)
	for _, e := range rows {
		for c, text := range []string{
			e.ID.UUID.String(), string(e.Source), e.Body, e.Customer, e.Segment, e.URL, instantText(e.ObservedAt),
		} {
			texts[c] = append(texts[c], text)
		}
	}
	args := []any{s.workspace, s.Now()}
	for _, column := range texts {
		args = append(args, pq.Array(column))
	}
	return s.plain(ctx, `
		UPDATE evidence AS e SET source = n.source, body = n.body, customer = n.customer, segment = n.segment, url = n.url,
			observed_at = n.observed_at, updated_at = $2, version = e.version + 1
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
			AS n(id, source, body, customer, segment, url, observed_at)
		WHERE e.workspace_id = $1 AND e.id = n.id`, args, none)
}

// RewritePainReports stores what reports say that the caller holds.
func (s Scope) RewritePainReports(ctx context.Context, rows []*needle.PainReport) error {
	texts := make([][]string, 4)
	for _, r := range rows {
		for c, text := range []string{r.ID.UUID.String(), r.Reporter, r.Segment, instantText(r.ReportedAt)} {
			texts[c] = append(texts[c], text)
		}
	}
	return s.plain(ctx, `
		UPDATE pain_reports AS r SET reporter = n.reporter, segment = n.segment, reported_at = n.reported_at,
			updated_at = $2, version = r.version + 1
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[]) AS n(id, reporter, segment, reported_at)
		WHERE r.workspace_id = $1 AND r.id = n.id`,
		[]any{s.workspace, s.Now(), pq.Array(texts[0]), pq.Array(texts[1]), pq.Array(texts[2]), pq.Array(texts[3])}, none)
}

// DeletePainReports removes reports: those of evidence that names no customer any more.
func (s Scope) DeletePainReports(ctx context.Context, ids []needle.PainReportID) error {
	_, err := s.idb.ExecContext(ctx, "DELETE FROM pain_reports WHERE workspace_id = ? AND id = ANY(?::uuid[])", s.workspace, uuids(raw(ids)))
	return mapError(err)
}

// none is what a statement that answers no rows does with them.
func none(*sql.Rows) error { return nil }
