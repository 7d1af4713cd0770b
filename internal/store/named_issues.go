package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// unmirrored tells living issues i that no item mirrors, pull requests left out.
const unmirrored = `i.gone_at IS NULL AND i.type <> 'PULL_REQUEST'
	AND NOT EXISTS (SELECT 1 FROM backlog_items AS b WHERE b.workspace_id = i.workspace_id AND b.issue_id = i.id)`

// ruled tells issues i that a live rule by label, path or epic, or a link of what lies right above them, would link, had they
// an item. Its one gap is for the sources that path rules cover. What queries find, passes give an item as they ask.
const ruled = `(i.source_id = ANY(%s::uuid[]) OR EXISTS (
		SELECT 1 FROM jsonb_array_elements_text(i.labels) AS l(label)
		JOIN link_rules AS r ON r.workspace_id = i.workspace_id AND r.enabled AND r.kind = 'LABEL' AND lower(r.pattern) = lower(l.label)
			AND (r.connection_id IS NULL OR r.connection_id = i.connection_id)
	) OR EXISTS (
		SELECT 1 FROM link_rules AS r WHERE r.workspace_id = i.workspace_id AND r.enabled AND r.kind = 'EPIC'
			AND lower(r.pattern) IN (lower(nullif(i.parent_remote_id, '')), lower(nullif(i.parent_remote_key, '')))
			AND (r.connection_id IS NULL OR r.connection_id = i.connection_id)
	) OR EXISTS (
		SELECT 1 FROM issues AS p
		JOIN backlog_items AS pb ON pb.workspace_id = p.workspace_id AND pb.issue_id = p.id
		JOIN contributions AS c ON c.workspace_id = pb.workspace_id AND c.item_id = pb.id AND c.valid_to IS NULL
		WHERE p.workspace_id = i.workspace_id AND p.connection_id = i.connection_id AND (p.remote_id = nullif(i.parent_remote_id, '')
			OR i.parent_remote_id = '' AND p.remote_key = nullif(i.parent_remote_key, ''))
	))`

// coveredSources lists the sources that path rules cover.
func (s Scope) coveredSources(ctx context.Context) (any, error) {
	covered, err := s.pathsCovered(ctx)
	ids := make([]uuid.UUID, len(covered))
	for i, one := range covered {
		ids[i] = one.Source
	}
	return uuids(distinct(ids)), err
}

// declared lists what texts declare, from the rows of textLinkRows, where the key result exists.
const declared = `SELECT d.issue_id FROM jsonb_to_recordset(%s::jsonb) AS d(issue_id uuid, number integer)
	JOIN key_results AS k ON k.workspace_id = i.workspace_id AND k.number = d.number`

// NamedIssues returns those of the issues that a link would be made for, had they an item: by their text, of which links
// lists what it declares, by a live rule or by the link of their epic.
func (s Scope) NamedIssues(ctx context.Context, issues []needle.IssueID, links []TextLink) (map[needle.IssueID]bool, error) {
	wanted, err := textLinkRows(links)
	if err != nil {
		return nil, err
	}
	paths, err := s.coveredSources(ctx)
	if err != nil {
		return nil, err
	}
	named := map[needle.IssueID]bool{}
	err = s.each(ctx, `SELECT i.id FROM issues AS i WHERE i.workspace_id = ?0 AND i.id = ANY(?1::uuid[])
		AND (`+fmt.Sprintf(ruled, "?3")+` OR i.id IN (`+fmt.Sprintf(declared, "?2")+`))`,
		[]any{s.workspace, uuids(distinct(raw(issues))), wanted, paths}, func(r *sql.Rows) error {
			var id needle.IssueID
			err := r.Scan(&id)
			named[id] = true
			return err
		})
	return named, err
}

// UnmirroredIssues reads up to limit living issues of a connection behind a remote id that no item mirrors, pull requests
// left out; with onlyRuled those alone that a rule or the link of their epic would link.
func (s Scope) UnmirroredIssues(ctx context.Context, connection needle.ConnectionID, after string, limit int, onlyRuled bool) ([]*needle.Issue, error) {
	paths, err := s.coveredSources(ctx)
	if err != nil {
		return nil, err
	}
	sh := shapeOf[needle.Issue](nil)
	return readRows[needle.Issue](ctx, s, sh, "SELECT "+sh.columns+` FROM issues AS i
		JOIN issues AS t ON t.workspace_id = i.workspace_id AND t.id = i.id
		WHERE i.workspace_id = ? AND i.connection_id = ? AND i.remote_id > ? AND `+unmirrored+` AND (NOT ? OR `+fmt.Sprintf(ruled, "?")+`)
		ORDER BY i.remote_id LIMIT ?`, s.workspace, connection, after, onlyRuled, paths, limit)
}

// UnmirroredAmong reads those of a source's issues, by remote id, that are living and that no item mirrors.
func (s Scope) UnmirroredAmong(ctx context.Context, source needle.SourceID, remoteIDs []string) ([]*needle.Issue, error) {
	sh := shapeOf[needle.Issue](nil)
	return readRows[needle.Issue](ctx, s, sh, "SELECT "+sh.columns+` FROM issues AS i
		JOIN issues AS t ON t.workspace_id = i.workspace_id AND t.id = i.id
		WHERE i.workspace_id = ? AND i.source_id = ? AND i.remote_id = ANY(?::text[]) AND `+unmirrored+` ORDER BY i.remote_id`,
		s.workspace, source, pq.Array(remoteIDs))
}

// UnmirroredTexts calls each for the texts of the issues that UnmirroredIssues means and that may declare a link, one by
// one, so that many of them take no room.
func (s Scope) UnmirroredTexts(ctx context.Context, connection needle.ConnectionID, each func(id needle.IssueID, title, body string) error) error {
	return s.each(ctx, `SELECT i.id, i.title, i.body FROM issues AS i WHERE i.workspace_id = ? AND i.connection_id = ? AND `+unmirrored+`
		AND (i.title ~* '(needle:|kr-[0-9])' OR i.body ~* '(needle:|kr-[0-9])')`,
		[]any{s.workspace, connection}, func(r *sql.Rows) error {
			var id needle.IssueID
			var title, body string
			if err := r.Scan(&id, &title, &body); err != nil {
				return err
			}
			return each(id, title, body)
		})
}

// UnmirroredCounts is how many issues have no item.
type UnmirroredCounts struct {
	// All issues, those with one of some labels, and those that a link would be made for.
	All, Labelled, Named int
}

// CountUnmirrored counts the issues of a connection that have no item, by what would give them one; links lists what
// their texts declare. Labels are compared without case.
func (s Scope) CountUnmirrored(ctx context.Context, connection needle.ConnectionID, labels []string, links []TextLink) (UnmirroredCounts, error) {
	var n UnmirroredCounts
	wanted, err := textLinkRows(links)
	if err != nil {
		return n, err
	}
	list, err := jsonList(labels)
	if err != nil {
		return n, err
	}
	paths, err := s.coveredSources(ctx)
	if err != nil {
		return n, err
	}
	err = s.plain(ctx, `
		SELECT count(*), count(*) FILTER (WHERE EXISTS (
				SELECT 1 FROM jsonb_array_elements_text(i.labels) AS l(label) WHERE lower(l.label) IN (
					SELECT lower(w.label) FROM jsonb_array_elements_text($3::jsonb) AS w(label)))),
			count(*) FILTER (WHERE `+fmt.Sprintf(ruled, "$5")+` OR i.id IN (`+fmt.Sprintf(declared, "$4")+`))
		FROM issues AS i WHERE i.workspace_id = $1 AND i.connection_id = $2 AND `+unmirrored,
		[]any{s.workspace, connection, list, wanted, paths}, func(r *sql.Rows) error { return r.Scan(&n.All, &n.Labelled, &n.Named) })
	return n, err
}
