// Package limit answers four of the measured queries with statements and JSON written for exactly them: no GraphQL, no
// permissions, only the columns that are shown, rows encoded as they are read. It is what a reader that compiled each
// selection to SQL could reach, and so the limit that others are held against.
package limit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/needle"
)

// Handler answers the queries q1 to q4 of package queries.
type Handler struct {
	db        *sql.DB
	workspace uuid.UUID
	buffers   sync.Pool

	mu         sync.Mutex
	statements map[string]*sql.Stmt
}

// New returns a Handler that sees one workspace.
func New(db *sql.DB, workspace needle.WorkspaceID) *Handler {
	return &Handler{db: db, workspace: workspace.UUID, statements: map[string]*sql.Stmt{}}
}

// request is the part of a GraphQL request that is looked at.
type request struct {
	Query     string    `json:"query"`
	Variables variables `json:"variables"`
}

type variables struct {
	Cycle  needle.CycleID  `json:"cycle"`
	Team   needle.TeamID   `json:"team"`
	Since  time.Time       `json:"since"`
	AsOf   time.Time       `json:"asOf"`
	Status string          `json:"status"`
	Moscow string          `json:"moscow"`
	ID     json.RawMessage `json:"id"`
}

// answers are told apart by how the document begins.
var answers = map[string]func(*Handler, context.Context, []byte, variables) ([]byte, error){
	"query Q1(": (*Handler).objectives,
	"query Q2(": (*Handler).keyResults,
	"query Q3(": (*Handler).backlogItems,
	"query Q4(": (*Handler).node,
}

const head = len("query Q1(")

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var q request
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	if err != nil || len(q.Query) < head || answers[q.Query[:head]] == nil {
		http.Error(w, "this is not one of the measured queries", http.StatusBadRequest)
		return
	}
	buffer, ok := h.buffers.Get().(*[]byte)
	if !ok {
		buffer = new([]byte)
	}
	defer h.buffers.Put(buffer)
	out, err := answers[q.Query[:head]](h, r.Context(), append((*buffer)[:0], `{"data":{`...), q.Variables)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	out = append(out, "}}"...)
	*buffer = out
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	_, _ = w.Write(out) // The caller went away; nobody is left to tell.
}

// each runs a statement, prepared once, and calls row for every row.
func (h *Handler) each(ctx context.Context, query string, args []any, targets []any, row func() error) error {
	stmt, err := h.prepared(query) //nolint:sqlclosecheck // it stays for the next request
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	defer func() { _ = rows.Close() }() // Its error repeats what Err says.
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("reading a row: %w", err)
		}
		if err := row(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// prepared keeps a statement for as long as the pool lives, whoever asked for it first.
func (h *Handler) prepared(query string) (*sql.Stmt, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if stmt := h.statements[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := h.db.Prepare(query) //nolint:noctx,sqlclosecheck // it outlives the request that needs it first
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	h.statements[query] = stmt
	return stmt, nil
}

// segments are the encoded children of many parents, each parent's in one piece.
type segments struct {
	buf      []byte
	from, to []int
}

func newSegments(parents int) *segments {
	return &segments{from: make([]int, parents), to: make([]int, parents)}
}

// open begins a child of the parent with the ordinal, which counts from 1. Children come in the order of their parents.
func (s *segments) open(ordinal int64) {
	p := ordinal - 1
	if s.to[p] == 0 {
		s.from[p] = len(s.buf)
	} else {
		s.buf = append(s.buf, ',')
	}
}

func (s *segments) closed(ordinal int64) { s.to[ordinal-1] = len(s.buf) }

func (s *segments) of(parent int) []byte { return s.buf[s.from[parent]:s.to[parent]] }

// literal renders ids as an array.
func literal(ids []uuid.UUID) string {
	var b strings.Builder
	b.Grow(37*len(ids) + 2)
	b.WriteByte('{')
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(id.String())
	}
	b.WriteByte('}')
	return b.String()
}

// id reads a UUID's text without the detour of database/sql.
type id struct{ uuid.UUID }

// Scan implements sql.Scanner.
func (i *id) Scan(src any) error {
	text, ok := src.([]byte)
	if !ok {
		return errors.New("an id is not text")
	}
	u, err := uuid.ParseBytes(text)
	i.UUID = u
	return err
}

// key writes the people's key and begins the title, which always follows.
func key(b []byte, letters string, number int64) []byte {
	b = append(append(append(b, `"key":"`...), letters...), '-')
	b = strconv.AppendInt(b, number, 10)
	return append(b, `","title":`...)
}

func text(b []byte, field string, s string) []byte {
	return gqlread.AppendString(append(b, field...), s)
}

func number(b []byte, field string, v sql.NullFloat64) []byte {
	b = append(b, field...)
	if !v.Valid {
		return append(b, "null"...)
	}
	return gqlread.AppendFloat(b, v.Float64)
}

func instant(b []byte, field string, t time.Time) []byte {
	return gqlread.AppendTime(append(b, field...), t.UTC())
}
