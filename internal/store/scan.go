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
	json  bool
}

var (
	tables = schema.NewTables(pgdialect.New())
	// irregular names the tables whose plural is not what bun makes of the noun.
	irregular = map[reflect.Type]string{reflect.TypeFor[needle.Evidence](): evidenceTable}
	shapes    sync.Map // of reflect.Type to *shape: filled once per type, never changed.
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
		s.fields = append(s.fields, shapeField{index: f.Index, json: strings.EqualFold(kind, "jsonb")})
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

// scan reads one row into row; lead receives columns that precede the noun's own.
func (s *shape) scan(rows *sql.Rows, row any, lead ...any) error {
	into := reflect.ValueOf(row).Elem()
	targets := make([]any, 0, len(lead)+len(s.fields))
	targets = append(targets, lead...)
	for _, f := range s.fields {
		field := into.FieldByIndex(f.index).Addr().Interface()
		if f.json {
			field = &jsonTarget{field}
		}
		targets = append(targets, field)
	}
	return rows.Scan(targets...)
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
