package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// previewed lists the items that a preview is about: those that the rule would cover, and those that the stored rule it
// replaces links now. The parts are the arguments ?0 to ?6: workspace, rule, kind, lower-case pattern, connection, sources
// that a path covers, and remote ids that a query found.
const previewed = `
	WITH RECURSIVE above AS (
		SELECT b.id FROM backlog_items AS b LEFT JOIN issues AS i ON i.workspace_id = ?0 AND i.id = b.issue_id
		WHERE b.workspace_id = ?0 AND ?2 = 'EPIC' AND ?3 IN ('b-' || b.number, lower(i.remote_id), lower(i.remote_key))
	), below(id) AS (
		SELECT b.id FROM above JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.parent_id = above.id
		UNION
		SELECT b.id FROM issues AS i JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.issue_id = i.id
		WHERE i.workspace_id = ?0 AND ?2 = 'EPIC' AND ?3 IN (lower(i.parent_remote_id), lower(i.parent_remote_key))
		UNION
		SELECT b.id FROM below JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.parent_id = below.id
	)
	SELECT id, false FROM below
	UNION
	SELECT c.item_id, false FROM contributions AS c WHERE c.workspace_id = ?0 AND c.rule_id = ?1 AND c.valid_to IS NULL
	UNION
	SELECT b.id, ?2 = 'QUERY' FROM issues AS i JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.issue_id = i.id
	WHERE i.workspace_id = ?0 AND (?4::uuid IS NULL OR i.connection_id = ?4::uuid) AND CASE ?2
		WHEN 'LABEL' THEN EXISTS (SELECT 1 FROM jsonb_array_elements_text(i.labels) AS l(label) WHERE lower(l.label) = ?3)
		WHEN 'PATH' THEN i.source_id = ANY(?5::uuid[])
		WHEN 'QUERY' THEN i.remote_id IN (SELECT jsonb_array_elements_text(?6::jsonb))
		ELSE false END`

// showPreview tells what compareLinks would come to for the key results that the rule is about: ?8 is the rule, ?9 what it
// would serve and ?10 what it serves now, ?11 and ?12 the place a page begins behind and ?13 its size.
const showPreview = `, effects AS (
		SELECT c.of_item, c.of_key_result, CASE
			WHEN v.item_id IS NOT NULL AND (c.item_id IS NULL OR c.rule_id IS DISTINCT FROM ?8::uuid) THEN 'LEAVES'
			WHEN c.held AND c.item_id IS NULL THEN 'ENDS'
			WHEN c.item_id IS NOT NULL AND c.free THEN 'LINKS'
			WHEN c.item_id IS NOT NULL AND c.held AND c.differs THEN 'CHANGES'
			WHEN v.item_id IS NOT NULL AND (c.kept_by_person OR c.ended_by_person) THEN 'LEAVES'
			WHEN v.item_id IS NOT NULL THEN 'STAYS' END AS effect,
			CASE WHEN NOT coalesce(c.kept_by_person OR c.ended_by_person, false) THEN c.origin END AS origin,
			CASE WHEN c.kept_by_person THEN 'PERSON_LINKED' WHEN c.ended_by_person THEN 'PERSON_UNLINKED'
				WHEN c.origin = 'TEXT' THEN 'TEXT' ELSE 'RULE' END AS obstacle,
			c.rule_id, v.item_id IS NOT NULL AS covered, w.number
		FROM compared AS c JOIN work AS w ON w.id = c.of_item
		LEFT JOIN (SELECT DISTINCT item_id FROM covers WHERE rule_id = ?8::uuid) AS v ON v.item_id = c.of_item AND c.of_key_result = ?9::uuid
		WHERE c.of_key_result IN (?9::uuid, ?10::uuid)
	), sums AS (
		SELECT count(*) FILTER (WHERE covered) AS covered, count(*) FILTER (WHERE effect = 'LINKS') AS links,
			count(*) FILTER (WHERE effect = 'CHANGES') AS changes, count(*) FILTER (WHERE effect = 'ENDS') AS ends,
			count(*) FILTER (WHERE effect = 'STAYS') AS stays, count(*) FILTER (WHERE effect = 'LEAVES') AS leaves
		FROM effects
	), page AS (
		SELECT * FROM effects WHERE effect <> 'STAYS' AND (number, of_key_result) > (?11::integer, ?12::uuid)
		ORDER BY number, of_key_result LIMIT ?13
	)
	SELECT s.*, p.of_item, p.of_key_result, p.number, p.effect, p.origin, p.obstacle, p.rule_id
	FROM sums AS s LEFT JOIN page AS p ON true ORDER BY p.number, p.of_key_result`

// LinkPreview is a dry run of a rule.
type LinkPreview struct {
	// Rule is the rule, not stored as it is here; with the id of a stored one it replaces that.
	Rule *needle.LinkRule
	// Instead is what the stored rule serves now; the zero id for a new rule.
	Instead needle.KeyResultID
	// Found are the tracker's ids of the issues that a query found.
	Found []string
	// PageArgs ask for a page of the items, forwards.
	needle.PageArgs
}

// PreviewLinkRule tells what a rule would do to the work that is here, and writes nothing. It takes a constant number of
// statements.
func (s Scope) PreviewLinkRule(ctx context.Context, p LinkPreview) (*needle.LinkRulePreview, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	list := "link_rule_preview|" + string(p.Rule.Kind) + "|" + p.Rule.Pattern + "|" + p.Rule.KeyResultID.String()
	after := []string{"0", uuid.Nil.String()}
	if p.After != nil {
		var err error
		if after, err = s.parseCursor("after", list, *p.After, len(after)); err != nil {
			return nil, err
		}
	}
	args, err := s.previewArgs(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &needle.LinkRulePreview{}
	limit := p.Limit()
	err = s.each(ctx, compareLinks+showPreview, append(args, p.Rule.ID, p.Rule.KeyResultID, p.Instead, after[0], after[1], limit+1), func(rows *sql.Rows) error {
		one, err := scanPreviewed(rows, out)
		if one != nil {
			out.Items = append(out.Items, one)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	more := len(out.Items) > limit
	if more {
		out.Items = out.Items[:limit]
	}
	cursor := func(l *needle.PreviewedLink) string {
		return s.cursor(list, []string{strconv.Itoa(l.Number), l.KeyResultID.Raw().String()})
	}
	out.PageInfo = needle.NewPage(out.Items, p.After != nil, more, cursor, nil).PageInfo
	return out, nil
}

// previewArgs are the arguments of compareLinks for a preview.
func (s Scope) previewArgs(ctx context.Context, p LinkPreview) ([]any, error) {
	var sources []ruledSource
	var covered []uuid.UUID
	if p.Rule.Kind == needle.LinkByPath {
		err := s.each(ctx, `SELECT id, remote_key FROM sources WHERE workspace_id = ?0 AND (?1::uuid IS NULL OR connection_id = ?1::uuid)`,
			[]any{s.workspace, p.Rule.ConnectionID}, func(rows *sql.Rows) error {
				var id uuid.UUID
				var key string
				err := rows.Scan(&id, &key)
				if needle.MatchGlob(p.Rule.Pattern, key) {
					covered = append(covered, id)
					sources = append(sources, ruledSource{p.Rule.ID.UUID, id})
				}
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	stored, err := s.pathsCovered(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range stored {
		if one.Rule != p.Rule.ID.UUID {
			sources = append(sources, one)
		}
	}
	remote, err := jsonList(p.Found)
	if err != nil {
		return nil, err
	}
	var items, found []needle.BacklogItemID
	err = s.each(ctx, previewed, []any{
		s.workspace, p.Rule.ID, p.Rule.Kind, strings.ToLower(p.Rule.Pattern), p.Rule.ConnectionID, uuids(covered), remote,
	}, func(rows *sql.Rows) error {
		var id needle.BacklogItemID
		var asked bool
		err := rows.Scan(&id, &asked)
		items = append(items, id)
		if asked {
			found = append(found, id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return linkArgs{items: items, sources: sources, preview: p.Rule, found: found}.list(s)
}

// scanPreviewed reads the counts and, where the row has one, an item.
func scanPreviewed(rows *sql.Rows, into *needle.LinkRulePreview) (*needle.PreviewedLink, error) {
	var item, keyResult *uuid.UUID
	var number *int
	var effect, origin, obstacle *string
	one := new(needle.PreviewedLink)
	err := rows.Scan(&into.Covered, &into.Links, &into.Changes, &into.Ends, &into.Stays, &into.Leaves,
		&item, &keyResult, &number, &effect, &origin, &obstacle, &one.RuleID)
	if err != nil || item == nil {
		return nil, err
	}
	one.ItemID.UUID, one.KeyResultID.UUID, one.Number, one.Effect = *item, *keyResult, *number, needle.LinkEffect(*effect)
	switch one.Effect {
	case needle.EffectLeaves:
		reason := needle.LinkObstacle(*obstacle)
		one.Obstacle = &reason
		if reason != needle.ObstacleRule {
			one.RuleID = nil
		}
	case needle.EffectEnds:
		one.RuleID = nil
	default:
		from := needle.Origin(*origin)
		one.Origin, one.RuleID = &from, nil
	}
	return one, nil
}
