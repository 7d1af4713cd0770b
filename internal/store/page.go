package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// A listing says how a noun is listed: what it can be ordered by and how its filter reads in SQL. Every list of the
// API, at the root or below a parent, is one of these read by page or pagesBy.
type listing[T any, F any, O ~string] struct {
	// orders are the keys of orders and the columns behind them; columns are NOT NULL.
	orders map[O]orderKey[T]
	// usual is the order when the caller names none.
	usual []*needle.Order[O]
	// filter adds a filter's conditions.
	filter func(*where, *F)
	// id returns the row's id, the last key of every order.
	id func(*T) uuid.UUID
	// computed are columns that no table has.
	computed map[string]string
}

// orderKey is a column, the type that a cursor's text is cast to, and the text of a row's value.
type orderKey[T any] struct {
	column, cast string
	text         func(*T) string
}

// relation says how rows hang below parents: the column that holds the parent's id, and a join when it is in a table
// between.
type relation struct {
	join, column string
	// public is true when the column holds the parent's public id.
	public bool
}

// ordering is an order as SQL terms, id included.
type ordering[T any] struct {
	keys []orderKey[T]
	desc []bool
	spec string
}

func (l *listing[T, F, O]) ordering(by []*needle.Order[O], backward bool) (ordering[T], error) {
	if len(by) == 0 {
		by = l.usual
	}
	var o ordering[T]
	var spec strings.Builder
	named := map[O]bool{}
	for _, k := range by {
		if named[k.Field] {
			return o, needle.Invalid("orderBy", needle.CodeInvalid, "an order names each field once")
		}
		named[k.Field] = true
		key, ok := l.orders[k.Field]
		if !ok {
			return o, needle.Invalid("orderBy", needle.CodeInvalid, "this cannot be ordered by "+string(k.Field))
		}
		o.keys = append(o.keys, key)
		o.desc = append(o.desc, (k.Direction == needle.Desc) != backward)
		spec.WriteString(string(k.Field) + " " + string(k.Direction) + ",")
	}
	id := l.id
	o.keys = append(o.keys, orderKey[T]{"id", "uuid", func(row *T) string { return id(row).String() }})
	o.desc = append(o.desc, o.desc[len(o.desc)-1])
	o.spec = spec.String()
	return o, nil
}

func (o ordering[T]) orderBy() string {
	terms := make([]string, len(o.keys))
	for i, k := range o.keys {
		terms[i] = "t." + k.column + direction(o.desc[i])
	}
	return strings.Join(terms, ", ")
}

func direction(desc bool) string {
	if desc {
		return " DESC"
	}
	return " ASC"
}

// beyond adds the condition that a row lies beyond the cursor's. Keys of one direction compare as a row, which an
// index answers directly; mixed ones are spelt out.
func (o ordering[T]) beyond(w *where, values []string) {
	if !slices.Contains(o.desc, !o.desc[0]) {
		columns, marks, args := make([]string, len(o.keys)), make([]string, len(o.keys)), make([]any, len(o.keys))
		for i, k := range o.keys {
			columns[i], marks[i], args[i] = "§"+k.column, "?::"+k.cast, values[i]
		}
		w.and("("+strings.Join(columns, ", ")+")"+operator(o.desc[0])+"("+strings.Join(marks, ", ")+")", args...)
		return
	}
	var alternatives []string
	var args []any
	for i := range o.keys {
		var terms []string
		for j := range i {
			terms = append(terms, "§"+o.keys[j].column+" = ?::"+o.keys[j].cast)
			args = append(args, values[j])
		}
		terms = append(terms, "§"+o.keys[i].column+operator(o.desc[i])+"?::"+o.keys[i].cast)
		args = append(args, values[i])
		alternatives = append(alternatives, "("+strings.Join(terms, " AND ")+")")
	}
	w.and("("+strings.Join(alternatives, " OR ")+")", args...)
}

func operator(desc bool) string {
	if desc {
		return " < "
	}
	return " > "
}

// cursorSum is the number of bytes of the signature kept; 12 leave no chance to guess one.
const cursorSum = 12

// sign binds a row's place to the workspace, the list, its order and its filter, so that a cursor of one list is
// refused by every other.
func (s Scope) sign(list, payload string) []byte {
	mac := hmac.New(sha256.New, s.cursorKey)
	for _, part := range []string{s.workspace.String(), list, payload} {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return mac.Sum(nil)[:cursorSum]
}

func (s Scope) cursor(list string, values []string) string {
	payload, _ := json.Marshal(values) // Strings always marshal.
	return base64.RawURLEncoding.EncodeToString(append(s.sign(list, string(payload)), payload...))
}

func (s Scope) parseCursor(field, list, cursor string, want int) ([]string, error) {
	bad := needle.Invalid(field, needle.CodeInvalidCursor, "this cursor does not belong to this list, order and filter")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < cursorSum || !hmac.Equal(raw[:cursorSum], s.sign(list, string(raw[cursorSum:]))) {
		return nil, bad
	}
	var values []string
	if err := json.Unmarshal(raw[cursorSum:], &values); err != nil || len(values) != want {
		return nil, bad
	}
	return values, nil
}

// prepared is a list request worked out: conditions without the cursor's, conditions with it, and the order.
type prepared[T any] struct {
	all, page *where
	order     ordering[T]
	list      string
	limit     int
	args      needle.PageArgs
}

func (l *listing[T, F, O]) prepare(s Scope, table string, q needle.ListArgs[F, O]) (prepared[T], error) {
	p := prepared[T]{args: q.PageArgs, limit: q.Limit()}
	if err := q.Validate(); err != nil {
		return p, err
	}
	order, err := l.ordering(q.OrderBy, q.Backward())
	if err != nil {
		return p, err
	}
	if q.Filter == nil {
		q.Filter = new(F) // Some filters keep out rows by default.
	}
	filter, err := json.Marshal(q.Filter)
	if err != nil {
		return p, fmt.Errorf("naming a filter: %w", err)
	}
	sum := sha256.Sum256(filter)
	p.order, p.list = order, table+"|"+order.spec+"|"+string(sum[:8])
	build := func() *where {
		w := newWhere("t", q.Now)
		w.and("§workspace_id = ?", s.workspace)
		l.filter(w, q.Filter)
		return w
	}
	p.all = build()
	if p.all.err != nil {
		return p, p.all.err
	}
	p.page = p.all
	field, cursor := "after", q.After
	if q.Backward() {
		field, cursor = "before", q.Before
	}
	if cursor != nil {
		values, err := s.parseCursor(field, p.list, *cursor, len(order.keys))
		if err != nil {
			return p, err
		}
		p.page = build()
		order.beyond(p.page, values)
	}
	return p, nil
}

// finish cuts the extra row that tells whether more follow, restores the order and attaches cursors and count.
func (p prepared[T]) finish(s Scope, rows []*T, count func(context.Context) (int, error)) *needle.Page[*T] {
	more := len(rows) > p.limit
	if more {
		rows = rows[:p.limit]
	}
	before, after := p.args.After != nil, more
	if p.args.Backward() {
		slices.Reverse(rows)
		before, after = more, p.args.Before != nil
	}
	cursor := func(row *T) string {
		values := make([]string, len(p.order.keys))
		for i, k := range p.order.keys {
			values[i] = k.text(row)
		}
		return s.cursor(p.list, values)
	}
	return needle.NewPage(rows, before, after, cursor, count)
}

// page reads one page of the workspace's rows in one statement; counting takes another, only when asked.
func (l *listing[T, F, O]) page(ctx context.Context, s Scope, q needle.ListArgs[F, O]) (*needle.Page[*T], error) {
	sh := shapeOf[T](l.computed)
	p, err := l.prepare(s, sh.table, q)
	if err != nil {
		return nil, err
	}
	rows, err := readRows[T](ctx, s, sh, "SELECT "+sh.columns+" FROM "+sh.table+" AS t WHERE "+p.page.String()+
		" ORDER BY "+p.order.orderBy()+" LIMIT ?", append(slices.Clip(p.page.args), p.limit+1)...)
	if err != nil {
		return nil, err
	}
	count := sync.OnceValues(func() (int, error) {
		var n int
		err := s.idb.QueryRowContext(ctx, "SELECT count(*) FROM "+sh.table+" AS t WHERE "+p.all.String(), p.all.args...).Scan(&n)
		return n, mapError(err)
	})
	return p.finish(s, rows, func(context.Context) (int, error) { return count() }), nil
}

// pagesBy reads one page below each parent, all in one statement; counting takes one more for all of them, only when
// asked. Parents that have no rows get empty pages.
func (l *listing[T, F, O]) pagesBy(ctx context.Context, s Scope, r relation, parents []typedID, q needle.ListArgs[F, O]) ([]*needle.Page[*T], error) {
	sh := shapeOf[T](l.computed)
	p, err := l.prepare(s, sh.table, q)
	if err != nil {
		return nil, err
	}
	from := sh.table + " AS t " + r.join + " WHERE " + r.column + " = k.id AND "
	groups := make([][]*T, len(parents))
	ids, of := r.keys(parents)
	args := append([]any{ids}, p.page.args...)
	var ord int
	scanner := newScanner[T](sh, (*intTarget)(&ord))
	err = s.each(ctx, "SELECT k.ord, t.* FROM "+of+" CROSS JOIN LATERAL (SELECT "+
		sh.columns+" FROM "+from+p.page.String()+" ORDER BY "+p.order.orderBy()+" LIMIT ?) AS t ORDER BY k.ord, "+p.order.orderBy(),
		append(args, p.limit+1), func(rows *sql.Rows) error {
			row, err := scanner.next(rows)
			if err != nil {
				return fmt.Errorf("scanning %s: %w", sh.table, err)
			}
			groups[ord-1] = append(groups[ord-1], row)
			return nil
		})
	if err != nil {
		return nil, err
	}
	counts := sync.OnceValues(func() ([]int, error) {
		out := make([]int, len(parents))
		args := append([]any{}, p.all.args...)
		err := s.each(ctx, "SELECT k.ord, (SELECT count(*) FROM "+from+p.all.String()+
			") FROM "+of, append(args, ids), func(rows *sql.Rows) error {
			var ord, n int
			err := rows.Scan(&ord, &n)
			if err == nil {
				out[ord-1] = n
			}
			return err
		})
		return out, err
	})
	pages := make([]*needle.Page[*T], len(parents))
	for i := range parents {
		pages[i] = p.finish(s, groups[i], func(context.Context) (int, error) {
			all, err := counts()
			return all[i], err
		})
	}
	return pages, nil
}

// byIDs reads rows by id in one statement. The answer lies parallel to ids, nil where there is none.
func (l *listing[T, F, O]) byIDs(ctx context.Context, s Scope, ids []uuid.UUID) ([]*T, error) {
	sh := shapeOf[T](l.computed)
	rows, err := readRows[T](ctx, s, sh, "SELECT "+sh.columns+" FROM "+sh.table+
		" AS t WHERE t.workspace_id = ? AND t.id = ANY(?::uuid[])", s.workspace, uuids(distinct(ids)))
	if err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]*T, len(rows))
	for _, row := range rows {
		found[l.id(row)] = row
	}
	out := make([]*T, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, nil
}

// one reads a row by id, or answers NOT_FOUND; inside a transaction lock holds it until the end.
func (l *listing[T, F, O]) one(ctx context.Context, s Scope, id uuid.UUID, noun string) (*T, error) {
	sh := shapeOf[T](l.computed)
	rows, err := readRows[T](ctx, s, sh, "SELECT "+sh.columns+" FROM "+sh.table+
		" AS t WHERE t.workspace_id = ? AND t.id = ?"+s.lockClause(), s.workspace, id)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, needle.NotFound("", noun)
	}
	return rows[0], nil
}

func readRows[T any](ctx context.Context, s Scope, sh *shape, query string, args ...any) ([]*T, error) {
	var out []*T
	scanner := newScanner[T](sh)
	err := s.each(ctx, query, args, func(rows *sql.Rows) error {
		row, err := scanner.next(rows)
		if err != nil {
			return fmt.Errorf("scanning %s: %w", sh.table, err)
		}
		out = append(out, row)
		return nil
	})
	return out, err
}

func distinct(ids []uuid.UUID) []uuid.UUID {
	sorted := slices.Clone(ids)
	slices.SortFunc(sorted, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}
