package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// where gathers the conditions of one statement. Each noun's file has one function that turns its filter into calls
// of the methods below; and, or, not and nested collections are handled here once.
type where struct {
	sql   strings.Builder
	args  []any
	alias string
	now   time.Time
	depth int
	tags  int
	err   error
}

func newWhere(alias string, now time.Time) *where { return &where{alias: alias, now: now} }

// and adds a condition; § stands for the row's alias and its dot.
func (w *where) and(condition string, args ...any) {
	if w.sql.Len() > 0 {
		w.sql.WriteString(" AND ")
	}
	w.sql.WriteString(strings.ReplaceAll(condition, "§", w.alias+"."))
	w.args = append(w.args, args...)
}

// String returns the conjunction, TRUE when there is nothing in it.
func (w *where) String() string {
	if w.sql.Len() == 0 {
		return "TRUE"
	}
	return w.sql.String()
}

// sub returns a where for a row of another alias that shares the clock and the depth.
func (w *where) sub(alias string) *where {
	return &where{alias: alias, now: w.now, depth: w.depth + 1, tags: w.tags, err: w.err}
}

// join takes over what a sub gathered; format has one %s for its condition.
func (w *where) join(format string, s *where) {
	w.tags = s.tags
	if w.err == nil {
		w.err = s.err
	}
	w.and(strings.Replace(format, "%s", s.String(), 1), s.args...)
}

func (w *where) fail(message string) {
	if w.err == nil {
		w.err = needle.Invalid("filter", needle.CodeOutOfRange, message)
	}
}

// nest adds the filters inside and, or and not; leaf is the noun's own function.
func nest[F any](w *where, and, or []*F, not *F, leaf func(*where, *F)) {
	if len(and)+len(or) == 0 && not == nil {
		return
	}
	if w.depth >= needle.MaxFilterDepth {
		w.fail("a filter may be nested at most " + strconv.Itoa(needle.MaxFilterDepth) + " deep")
		return
	}
	if len(and)+len(or) > needle.MaxFilterList {
		w.fail("a filter may join at most " + strconv.Itoa(needle.MaxFilterList) + " others")
		return
	}
	for _, f := range and {
		s := w.sub(w.alias)
		leaf(s, f)
		w.join("(%s)", s)
	}
	if len(or) > 0 {
		either := w.sub(w.alias)
		for _, f := range or {
			s := either.sub(w.alias)
			s.depth = either.depth
			leaf(s, f)
			either.or(s)
		}
		w.join("(%s)", either)
	}
	if not != nil {
		s := w.sub(w.alias)
		leaf(s, not)
		w.join("NOT (%s)", s)
	}
}

// or adds what a sub gathered as an alternative.
func (w *where) or(s *where) {
	if w.sql.Len() > 0 {
		w.sql.WriteString(" OR ")
	}
	w.sql.WriteString("(" + s.String() + ")")
	w.args, w.tags = append(w.args, s.args...), s.tags
	if w.err == nil {
		w.err = s.err
	}
}

// related adds EXISTS and NOT EXISTS over related rows; from names them with § for this row and %a for theirs.
func related[F any](w *where, from string, some, none *F, leaf func(*where, *F)) {
	for i, f := range []*F{some, none} {
		if f == nil {
			continue
		}
		if w.depth >= needle.MaxFilterDepth {
			w.fail("a filter may be nested at most " + strconv.Itoa(needle.MaxFilterDepth) + " deep")
			return
		}
		w.tags++
		s := w.sub("f" + strconv.Itoa(w.tags))
		leaf(s, f)
		quantifier := []string{"EXISTS", "NOT EXISTS"}[i]
		w.join(quantifier+" (SELECT 1 FROM "+strings.ReplaceAll(from, "%a", s.alias)+" AND (%s))", s)
	}
}

func (w *where) list(n int) bool {
	if n > needle.MaxFilterList {
		w.fail("a filter may list at most " + strconv.Itoa(needle.MaxFilterList) + " values")
		return false
	}
	return true
}

// compare adds the conditions of a comparator; T is an id, an enum or anything that bun can write.
func compare[T any](w *where, column string, f *needle.Comparator[T]) {
	if f == nil {
		return
	}
	equal(w, column, f.Eq, f.Neq, f.In, f.Nin)
}

func equal[T any](w *where, column string, eq, neq *T, in, nin []T) {
	if eq != nil {
		w.and(ofRow(column)+" = ?", *eq)
	}
	if neq != nil {
		w.and(ofRow(column)+" IS DISTINCT FROM ?", *neq)
	}
	if in != nil && w.list(len(in)) {
		w.member(column, "IN", in, len(in), "FALSE")
	}
	if nin != nil && w.list(len(nin)) {
		w.member(column, "NOT IN", nin, len(nin), "TRUE")
	}
}

func (w *where) member(column, operator string, values any, n int, empty string) {
	if n == 0 {
		w.and(empty)
		return
	}
	w.and(ofRow(column)+" "+operator+" (?)", bun.List(values))
}

// ofRow is a column of the row; an expression names its columns by § itself.
func ofRow(column string) string {
	if strings.Contains(column, "§") {
		return column
	}
	return "§" + column
}

var escapeLike = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (w *where) text(column string, f *needle.StringComparator) {
	if f == nil {
		return
	}
	equal(w, column, clean(f.Eq), clean(f.Neq), cleanAll(f.In), cleanAll(f.Nin))
	if f.Contains != nil {
		w.and("§"+column+" ILIKE ?", "%"+escapeLike.Replace(needle.Clean(*f.Contains))+"%")
	}
	if f.StartsWith != nil {
		w.and("§"+column+" ILIKE ?", escapeLike.Replace(needle.Clean(*f.StartsWith))+"%")
	}
}

func clean(s *string) *string {
	if s == nil {
		return nil
	}
	c := needle.Clean(*s)
	return &c
}

func cleanAll(in []string) []string {
	if in == nil {
		return nil
	}
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = needle.Clean(s)
	}
	return out
}

func (w *where) number(column string, f *needle.NumberComparator) {
	if f == nil {
		return
	}
	equal(w, column, f.Eq, f.Neq, nil, nil)
	bounds(w, column, f.Lt, f.Lte, f.Gt, f.Gte)
	w.null(column, f.Null)
}

func (w *where) date(column string, f *needle.DateComparator) {
	if f == nil {
		return
	}
	bounds(w, column, w.at(f.Lt), w.at(f.Lte), w.at(f.Gt), w.at(f.Gte))
	w.null(column, f.Null)
}

func (w *where) at(t *needle.When) *time.Time {
	if t == nil {
		return nil
	}
	at := t.Resolve(w.now)
	if at.Year() < 1 || at.Year() > 9999 {
		w.fail("this date lies outside the calendar")
	}
	return &at
}

func bounds[T any](w *where, column string, lt, lte, gt, gte *T) {
	for i, v := range []*T{lt, lte, gt, gte} {
		if v != nil {
			w.and("§"+column+[]string{" < ?", " <= ?", " > ?", " >= ?"}[i], *v)
		}
	}
}

func (w *where) null(column string, want *bool) {
	if want != nil {
		w.flag(column+" IS NULL", want)
	}
}

// flag keeps rows for which the condition on columns of the row is as wanted.
func (w *where) flag(condition string, want *bool) {
	switch {
	case want == nil:
	case *want:
		w.and("(§" + condition + ")")
	default:
		w.and("NOT (§" + condition + ")")
	}
}

// usually keeps rows for which the condition is as wanted: when nothing is said they are as if it were false, and a nil
// that was said keeps all.
func (w *where) usually(condition string, said bool, want *bool) {
	if !said {
		want = new(bool)
	}
	w.flag(condition, want)
}
