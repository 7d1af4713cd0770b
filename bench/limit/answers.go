package limit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/needle"
)

// objectives answers q1.
func (h *Handler) objectives(ctx context.Context, b []byte, v variables) ([]byte, error) {
	var objective id
	var n int64
	var title, state string
	var ids []uuid.UUID
	level := newSegments(100)
	err := h.each(ctx, `SELECT id, number, title, state FROM objectives WHERE workspace_id = $1 AND cycle_id = $2 ORDER BY number, id LIMIT 100`,
		[]any{h.workspace, v.Cycle.UUID}, []any{&objective, &n, &title, &state}, func() error {
			ids = append(ids, objective.UUID)
			level.open(int64(len(ids)))
			level.buf = needle.ObjectiveID{UUID: objective.UUID}.AppendGQL(append(level.buf, `{"id":`...))
			level.buf = key(append(level.buf, ','), needle.ObjectiveKey, n)
			level.buf = text(gqlread.AppendString(level.buf, title), `,"state":`, state)
			level.closed(int64(len(ids)))
			return nil
		})
	if err != nil {
		return nil, err
	}
	children, err := h.keyResultsBelow(ctx, ids)
	if err != nil {
		return nil, err
	}
	b = append(b, `"objectives":{"nodes":[`...)
	for i := range ids {
		b = append(comma(b, i), level.of(i)...)
		b = append(append(b, `,"keyResults":{"nodes":[`...), children.of(i)...)
		b = append(b, "]}}"...)
	}
	return append(b, "]}"...), nil
}

// keyResultsBelow reads the key results of objectives with the latest check-in of each.
func (h *Handler) keyResultsBelow(ctx context.Context, objectives []uuid.UUID) (*segments, error) {
	var ordinal int64
	var kr keyResult
	var ids []uuid.UUID
	var parents []int64
	heads := newSegments(len(objectives) * 20)
	err := h.each(ctx, `SELECT k.ord, t.* FROM unnest($2::uuid[]) WITH ORDINALITY AS k(id, ord) CROSS JOIN LATERAL (
			SELECT id, number, title, unit, baseline, target FROM key_results WHERE workspace_id = $1 AND objective_id = k.id
			ORDER BY number, id LIMIT 20) AS t ORDER BY k.ord, t.number, t.id`,
		[]any{h.workspace, literal(objectives)}, append([]any{&ordinal}, kr.targets()...), func() error {
			ids, parents = append(ids, kr.id.UUID), append(parents, ordinal)
			heads.open(int64(len(ids)))
			heads.buf = kr.append(heads.buf)
			heads.closed(int64(len(ids)))
			return nil
		})
	if err != nil {
		return nil, err
	}
	latest, err := h.latest(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := newSegments(len(objectives))
	for i, parent := range parents {
		out.open(parent)
		out.buf = append(append(out.buf, heads.of(i)...), `,"latestCheckIn":`...)
		out.buf = append(orNull(out.buf, latest.of(i)), '}')
		out.closed(parent)
	}
	return out, nil
}

func (h *Handler) latest(ctx context.Context, keyResults []uuid.UUID) (*segments, error) {
	var ordinal int64
	var checkIn id
	var value, confidence sql.NullFloat64
	var at time.Time
	out := newSegments(len(keyResults))
	err := h.each(ctx, `SELECT k.ord, c.* FROM unnest($2::uuid[]) WITH ORDINALITY AS k(id, ord) CROSS JOIN LATERAL (
			SELECT id, value, confidence, measured_at FROM check_ins AS t WHERE workspace_id = $1 AND key_result_id = k.id
			AND NOT EXISTS (SELECT 1 FROM check_ins AS n WHERE n.workspace_id = $1 AND n.supersedes_id = t.id)
			ORDER BY measured_at DESC, recorded_at DESC, id DESC LIMIT 1) AS c`,
		[]any{h.workspace, literal(keyResults)}, []any{&ordinal, &checkIn, &value, &confidence, &at}, func() error {
			out.open(ordinal)
			out.buf = needle.CheckInID{UUID: checkIn.UUID}.AppendGQL(append(out.buf, `{"id":`...))
			out.buf = number(number(out.buf, `,"value":`, value), `,"confidence":`, confidence)
			out.buf = append(instant(out.buf, `,"measuredAt":`, at), '}')
			out.closed(ordinal)
			return nil
		})
	return out, err
}

// keyResults answers q2.
func (h *Handler) keyResults(ctx context.Context, b []byte, v variables) ([]byte, error) {
	var kr keyResult
	var ids []uuid.UUID
	heads := newSegments(100)
	err := h.each(ctx, `SELECT id, number, title, unit, baseline, target FROM key_results
			WHERE workspace_id = $1 AND team_id = $2 AND cycle_id = $3 ORDER BY number, id LIMIT 100`,
		[]any{h.workspace, v.Team.UUID, v.Cycle.UUID}, kr.targets(), func() error {
			ids = append(ids, kr.id.UUID)
			heads.open(int64(len(ids)))
			heads.buf = kr.append(heads.buf)
			heads.closed(int64(len(ids)))
			return nil
		})
	if err != nil {
		return nil, err
	}
	then, err := h.valueAt(ctx, ids, v.Since)
	if err != nil {
		return nil, err
	}
	now, err := h.valueAt(ctx, ids, v.AsOf)
	if err != nil {
		return nil, err
	}
	work, err := h.work(ctx, ids)
	if err != nil {
		return nil, err
	}
	b = append(b, `"keyResults":{"nodes":[`...)
	for i := range ids {
		b = append(comma(b, i), heads.of(i)...)
		b = append(append(append(b, `,"then":{"nodes":[`...), then.of(i)...), "]}"...)
		b = append(append(append(b, `,"now":{"nodes":[`...), now.of(i)...), "]}"...)
		b = append(append(append(b, `,"contributions":{"nodes":[`...), work.of(i)...), "]}}"...)
	}
	return append(b, "]}"...), nil
}

func (h *Handler) valueAt(ctx context.Context, keyResults []uuid.UUID, instantOf time.Time) (*segments, error) {
	var ordinal int64
	var value sql.NullFloat64
	var at time.Time
	out := newSegments(len(keyResults))
	err := h.each(ctx, `SELECT k.ord, c.* FROM unnest($2::uuid[]) WITH ORDINALITY AS k(id, ord) CROSS JOIN LATERAL (
			SELECT value, measured_at FROM check_ins AS t WHERE workspace_id = $1 AND key_result_id = k.id AND measured_at <= $3
			AND NOT EXISTS (SELECT 1 FROM check_ins AS n WHERE n.workspace_id = $1 AND n.supersedes_id = t.id)
			ORDER BY measured_at DESC, id DESC LIMIT 1) AS c`,
		[]any{h.workspace, literal(keyResults), instantOf}, []any{&ordinal, &value, &at}, func() error {
			out.open(ordinal)
			out.buf = number(append(out.buf, '{'), `"value":`, value)
			out.buf = append(instant(out.buf, `,"measuredAt":`, at), '}')
			out.closed(ordinal)
			return nil
		})
	return out, err
}

// work reads the first 20 contributions of key results with their items.
func (h *Handler) work(ctx context.Context, keyResults []uuid.UUID) (*segments, error) {
	var ordinal int64
	var link id
	var role string
	var work item
	out := newSegments(len(keyResults))
	err := h.each(ctx, `SELECT k.ord, t.id, t.role, i.id, i.number, i.title, i.status, i.moscow, i.updated_at
			FROM unnest($2::uuid[]) WITH ORDINALITY AS k(id, ord) CROSS JOIN LATERAL (
			SELECT id, role, item_id, valid_from FROM contributions WHERE workspace_id = $1 AND key_result_id = k.id AND valid_to IS NULL
			ORDER BY valid_from, id LIMIT 20) AS t JOIN backlog_items AS i ON i.workspace_id = $1 AND i.id = t.item_id
			ORDER BY k.ord, t.valid_from, t.id`,
		[]any{h.workspace, literal(keyResults)}, append([]any{&ordinal, &link, &role}, work.targets()...), func() error {
			out.open(ordinal)
			out.buf = needle.ContributionID{UUID: link.UUID}.AppendGQL(append(out.buf, `{"id":`...))
			out.buf = append(text(out.buf, `,"bet":{"role":`, role), `},"item":`...)
			out.buf = append(work.append(out.buf), "}}"...)
			out.closed(ordinal)
			return nil
		})
	return out, err
}

// backlogItems answers q3.
func (h *Handler) backlogItems(ctx context.Context, b []byte, v variables) ([]byte, error) {
	var total int64
	err := h.each(ctx, `SELECT count(*) FROM backlog_items WHERE workspace_id = $1 AND status = $2 AND moscow = $3`,
		[]any{h.workspace, v.Status, v.Moscow}, []any{&total}, func() error { return nil })
	if err != nil {
		return nil, err
	}
	var row item
	var ids []uuid.UUID
	const page = 50
	more := false
	heads := newSegments(page)
	err = h.each(ctx, `SELECT id, number, title, status, moscow, updated_at FROM backlog_items
			WHERE workspace_id = $1 AND status = $2 AND moscow = $3 ORDER BY updated_at DESC, id DESC LIMIT 51`,
		[]any{h.workspace, v.Status, v.Moscow}, row.targets(), func() error {
			if more = len(ids) == page; more {
				return nil
			}
			ids = append(ids, row.id.UUID)
			heads.open(int64(len(ids)))
			heads.buf = row.append(heads.buf)
			heads.closed(int64(len(ids)))
			return nil
		})
	if err != nil {
		return nil, err
	}
	served, err := h.served(ctx, ids)
	if err != nil {
		return nil, err
	}
	b = append(strconv.AppendInt(append(b, `"backlogItems":{"totalCount":`...), total, 10), `,"nodes":[`...)
	for i := range ids {
		b = append(comma(b, i), heads.of(i)...)
		b = append(append(append(b, `,"contributions":{"nodes":[`...), served.of(i)...), "]}}"...)
	}
	b = strconv.AppendBool(append(b, `],"pageInfo":{"hasNextPage":`...), more)
	return append(b, "}}"...), nil
}

// served reads what items contribute to.
func (h *Handler) served(ctx context.Context, items []uuid.UUID) (*segments, error) {
	var ordinal, n int64
	var kr, objective id
	var role, title, objectiveTitle string
	out := newSegments(len(items))
	err := h.each(ctx, `SELECT k.ord, t.role, r.id, r.number, r.title, o.id, o.title
			FROM unnest($2::uuid[]) WITH ORDINALITY AS k(id, ord) CROSS JOIN LATERAL (
			SELECT id, role, key_result_id, valid_from FROM contributions WHERE workspace_id = $1 AND item_id = k.id AND valid_to IS NULL
			ORDER BY valid_from, id LIMIT 10) AS t JOIN key_results AS r ON r.workspace_id = $1 AND r.id = t.key_result_id
			JOIN objectives AS o ON o.workspace_id = $1 AND o.id = r.objective_id ORDER BY k.ord, t.valid_from, t.id`,
		[]any{h.workspace, literal(items)}, []any{&ordinal, &role, &kr, &n, &title, &objective, &objectiveTitle}, func() error {
			out.open(ordinal)
			out.buf = append(text(out.buf, `{"bet":{"role":`, role), `},"keyResult":{"id":`...)
			out.buf = needle.KeyResultID{UUID: kr.UUID}.AppendGQL(out.buf)
			out.buf = key(append(out.buf, ','), needle.KeyResultKey, n)
			out.buf = append(gqlread.AppendString(out.buf, title), `,"objective":{"id":`...)
			out.buf = needle.ObjectiveID{UUID: objective.UUID}.AppendGQL(out.buf)
			out.buf = append(text(out.buf, `,"title":`, objectiveTitle), "}}}"...)
			out.closed(ordinal)
			return nil
		})
	return out, err
}

// node answers q4, for items alone.
func (h *Handler) node(ctx context.Context, b []byte, v variables) ([]byte, error) {
	var public string
	if err := json.Unmarshal(v.ID, &public); err != nil {
		return nil, errors.New("the id is not text")
	}
	wanted, err := needle.ParseBacklogItemID(public)
	if err != nil {
		return nil, err
	}
	var row item
	b = append(b, `"node":`...)
	found := false
	err = h.each(ctx, `SELECT id, number, title, status, moscow, updated_at FROM backlog_items WHERE workspace_id = $1 AND id = $2`,
		[]any{h.workspace, wanted.UUID}, row.targets(), func() error {
			b, found = append(row.append(b), '}'), true
			return nil
		})
	if !found {
		b = append(b, "null"...)
	}
	return b, err
}
