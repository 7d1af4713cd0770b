package limit

import (
	"database/sql"
	"time"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/needle"
)

// keyResult is the row that q1 and q2 show.
type keyResult struct {
	id               id
	n                int64
	title, unit      string
	baseline, target sql.NullFloat64
}

func (k *keyResult) targets() []any {
	return []any{&k.id, &k.n, &k.title, &k.unit, &k.baseline, &k.target}
}

// append writes the object without its closing brace.
func (k *keyResult) append(b []byte) []byte {
	b = needle.KeyResultID{UUID: k.id.UUID}.AppendGQL(append(b, `{"id":`...))
	b = key(append(b, ','), needle.KeyResultKey, k.n)
	b = text(gqlread.AppendString(b, k.title), `,"unit":`, k.unit)
	b = number(append(b, `,"goal":{`...), `"baseline":`, k.baseline)
	return append(number(b, `,"target":`, k.target), '}')
}

// item is the row that q2, q3 and q4 show.
type item struct {
	id            id
	n             int64
	title, status string
	moscow        sql.NullString
	updatedAt     time.Time
}

func (i *item) targets() []any {
	return []any{&i.id, &i.n, &i.title, &i.status, &i.moscow, &i.updatedAt}
}

// append writes the object without its closing brace.
func (i *item) append(b []byte) []byte {
	b = needle.BacklogItemID{UUID: i.id.UUID}.AppendGQL(append(b, `{"id":`...))
	b = key(append(b, ','), needle.BacklogItemKey, i.n)
	b = text(gqlread.AppendString(b, i.title), `,"status":`, i.status)
	b = append(b, `,"moscow":`...)
	if i.moscow.Valid {
		b = gqlread.AppendString(b, i.moscow.String)
	} else {
		b = append(b, "null"...)
	}
	return instant(b, `,"updatedAt":`, i.updatedAt)
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

func orNull(b, value []byte) []byte {
	if len(value) == 0 {
		return append(b, "null"...)
	}
	return append(b, value...)
}
