package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"github.com/needle-okr/needle/internal/needle"
)

// A shape is how the columns of a noun's table lie in its struct. bun knows it from the struct's tags; rows are then
// scanned straight into the fields, because bun's own scanning costs a quarter of a large answer.
type shape struct {
	// table is the table's name.
	table string
	// columns is the select list for a row called t.
	columns string
	fields  []shapeField
}

type shapeField struct {
	index []int
	how   how
}

// how a field is read.
type how int

const (
	asIs how = iota
	asJSON
	asID
	asText
	asInt
	asPointer
)

// howToRead tells which fields go past database/sql, where they would take a detour over text or a copy for every value.
func howToRead(typ reflect.Type, isJSON bool) how {
	switch {
	case isJSON:
		return asJSON
	case isID(typ):
		return asID
	case typ.Kind() == reflect.String:
		return asText
	case typ == reflect.TypeFor[int]():
		return asInt
	case typ.Kind() == reflect.Pointer && (isID(typ.Elem()) || typ.Elem().Kind() == reflect.String):
		return asPointer
	default:
		return asIs
	}
}

// isID tells typed ids, which are a UUID and nothing else.
func isID(typ reflect.Type) bool {
	return typ.Kind() == reflect.Struct && typ.Implements(reflect.TypeFor[typedID]()) && typ.NumField() == 1 &&
		typ.Field(0).Type == reflect.TypeFor[uuid.UUID]()
}

var (
	tables = schema.NewTables(pgdialect.New())
	// irregular names the tables whose plural is not what bun makes of the noun.
	irregular = map[reflect.Type]string{
		reflect.TypeFor[needle.Evidence]():    evidenceTable,
		reflect.TypeFor[needle.LinkVersion](): "contribution_versions",
	}
	shapes sync.Map // of reflect.Type to *shape: filled once per type, never changed.
)

// shapeOf returns the shape of T. computed maps columns that no table has to the SQL that yields them.
func shapeOf[T any](computed map[string]string) *shape {
	typ := reflect.TypeFor[T]()
	known, _ := shapes.Load(typ)
	if s, ok := known.(*shape); ok {
		return s
	}
	table := tables.Get(typ)
	s := &shape{table: table.Name}
	if name, ok := irregular[typ]; ok {
		s.table = name
	}
	var columns []string
	add := func(f *schema.Field, column string) {
		// The tag, not what bun makes of the Go type: to bun every struct is JSON, ids among them.
		kind, _ := f.Tag.Option("type")
		columns = append(columns, column)
		how := howToRead(typ.FieldByIndex(f.Index).Type, strings.EqualFold(kind, "jsonb"))
		s.fields = append(s.fields, shapeField{index: f.Index, how: how})
	}
	for _, f := range table.Fields {
		add(f, "t."+string(f.SQLName))
	}
	for _, name := range slices.Sorted(maps.Keys(computed)) {
		add(table.FieldMap[name], computed[name])
	}
	s.columns = strings.Join(columns, ", ")
	shapes.Store(typ, s)
	return s
}

// targets returns what a row is scanned into; lead receives columns that precede the noun's own.
func (s *shape) targets(row any, lead ...any) []any {
	into := reflect.ValueOf(row).Elem()
	targets := make([]any, 0, len(lead)+len(s.fields))
	targets = append(targets, lead...)
	for _, f := range s.fields {
		targets = append(targets, target(into.FieldByIndex(f.index), f.how))
	}
	return targets
}

// scan reads one row into row.
func (s *shape) scan(rows *sql.Rows, row any, lead ...any) error {
	return rows.Scan(s.targets(row, lead...)...)
}

// A scanner reads many rows of a noun. All go through one row whose targets are found once, and are copied to where
// they stay, many in one piece of memory.
type scanner[T any] struct {
	row     T
	targets []any
	free    []T
}

// A piece of memory is growth times as large as the one before, starting from one row, and holds at most mostRows.
const growth, mostRows = 4, 512

func newScanner[T any](s *shape, lead ...any) *scanner[T] {
	sc := new(scanner[T])
	sc.targets = s.targets(&sc.row, lead...)
	return sc
}

// next reads the current row.
func (s *scanner[T]) next(rows *sql.Rows) (*T, error) {
	var blank T
	s.row = blank
	if err := rows.Scan(s.targets...); err != nil {
		return nil, err
	}
	if len(s.free) == cap(s.free) {
		s.free = make([]T, 0, min(max(1, growth*cap(s.free)), mostRows))
	}
	s.free = append(s.free, s.row)
	return &s.free[len(s.free)-1], nil
}

// target is what database/sql is given for a field.
func target(field reflect.Value, how how) any {
	address := field.Addr()
	switch how {
	case asJSON:
		return &jsonTarget{address.Interface()}
	case asID:
		return uuidOf(field)
	case asText:
		return address.Convert(reflect.TypeFor[*string]()).Interface()
	case asInt:
		return address.Convert(reflect.TypeFor[*intTarget]()).Interface()
	case asPointer:
		return &pointerTarget{field}
	default:
		return address.Interface()
	}
}

// uuidOf finds the UUID inside a typed id.
func uuidOf(id reflect.Value) any {
	return id.Field(0).Addr().Convert(reflect.TypeFor[*idTarget]()).Interface()
}

// idTarget reads an id.
type idTarget uuid.UUID

// Scan implements sql.Scanner.
func (t *idTarget) Scan(src any) (err error) {
	if text, ok := src.([]byte); ok && len(text) != len(t) {
		*(*uuid.UUID)(t), err = uuid.ParseBytes(text)
		return err
	}
	return (*uuid.UUID)(t).Scan(src)
}

// intTarget reads a whole number.
type intTarget int

// Scan implements sql.Scanner.
func (t *intTarget) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("scanning %T as a whole number", src)
	}
	*t = intTarget(n)
	return nil
}

// pointerTarget reads an id or a text that may be NULL.
type pointerTarget struct{ into reflect.Value }

// Scan implements sql.Scanner.
func (t *pointerTarget) Scan(src any) error {
	if src == nil {
		t.into.SetZero()
		return nil
	}
	fresh := reflect.New(t.into.Type().Elem())
	t.into.Set(fresh)
	switch src := src.(type) {
	case string:
		if fresh.Elem().Kind() == reflect.String {
			fresh.Elem().SetString(src)
			return nil
		}
	case []byte:
		if id, ok := uuidOf(fresh.Elem()).(*idTarget); ok {
			return id.Scan(src)
		}
	}
	return fmt.Errorf("scanning %T into %s", src, t.into.Type())
}

// jsonTarget decodes a jsonb column.
type jsonTarget struct{ into any }

// Scan implements sql.Scanner.
func (j *jsonTarget) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case []byte:
		return json.Unmarshal(v, j.into)
	case string:
		return json.Unmarshal([]byte(v), j.into)
	default:
		return fmt.Errorf("scanning %T as JSON", src)
	}
}
