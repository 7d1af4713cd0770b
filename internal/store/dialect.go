package store

import (
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// Dialect is how statements are written: bun's PostgreSQL, but JSON is quoted as any text is. bun rewrites it on the way,
// and a person who writes the six characters \u0000 would find the statement broken by that.
func Dialect() schema.Dialect { return dialect{pgdialect.New()} }

type dialect struct{ *pgdialect.Dialect }

// AppendJSON implements schema.Dialect.
func (d dialect) AppendJSON(b, json []byte) []byte { return d.AppendString(b, string(json)) }
