package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// copyFrom is how many issues that all are new are copied instead of inserted: a copy is much cheaper, but a single row
// that another transaction stored at the same moment spoils the whole.
const copyFrom = 50

// A row that is copied is one value to the driver, since each value costs it more than its text. What separates the columns
// and what stands for nothing are characters that the driver sends as they are; an issue whose text has one of them is
// inserted.
const (
	copySeparator = '\x1f'
	copyNothing   = '\x1e'
)

// copyColumns are the columns of a copied row, in the order in which copies.add writes them. The body is the last: the driver
// is fast up to the first line break.
var copyColumns = strings.Fields(`workspace_id connection_id created_at updated_at version id source_id remote_id remote_key url title
	type raw_type status raw_state raw_reason parent_remote_id parent_remote_key tracker_type tracker_status labels assignees estimate
	remote_created_at remote_updated_at remote_closed_at observed_at state_changed_at content_hash body`)

// copyStatement begins to copy.
var copyStatement = fmt.Sprintf(`COPY issues (%s) FROM STDIN WITH (DELIMITER E'\x%x', NULL E'\x%x')`,
	strings.Join(copyColumns, ", "), copySeparator, copyNothing)

// copies are issues as a copy wants them.
type copies struct {
	rows   []string
	stored map[string]storedIssue
	// same is what all rows begin with.
	same []byte
	row  []byte
}

// copiesOf makes copies of issues. It reports false when one of them cannot be copied.
func (s Scope) copiesOf(connection needle.ConnectionID, issues []hashed) (*copies, bool) {
	c := &copies{rows: make([]string, 0, len(issues)), stored: make(map[string]storedIssue, len(issues))}
	c.id(s.workspace.Raw())
	c.id(connection.Raw())
	now := s.Now()
	c.time(&now)
	c.time(&now)
	c.row = append(c.row, '1', copySeparator) // the version
	c.same = bytes.Clone(c.row)
	for _, issue := range issues {
		if !c.add(issue) {
			return nil, false
		}
	}
	return c, true
}

// add makes a copy of an issue.
func (c *copies) add(issue hashed) bool {
	id := needle.NewIssueID()
	c.row = append(c.row[:0], c.same...)
	c.id(id.Raw())
	c.id(issue.SourceID.Raw())
	for _, text := range [...]string{
		issue.RemoteID, issue.RemoteKey, issue.URL, issue.Title, string(issue.Type), issue.RawType, string(issue.Status), issue.RawState,
		issue.RawReason, issue.ParentRemoteID, issue.ParentRemoteKey, string(issue.TrackerType), string(issue.TrackerStatus),
	} {
		c.row = append(append(c.row, text...), copySeparator)
	}
	c.list(issue.Labels)
	c.list(issue.Assignees)
	nothing := c.number(issue.Estimate)
	c.time(&issue.RemoteCreatedAt)
	c.time(&issue.RemoteUpdatedAt)
	nothing += c.time(issue.RemoteClosedAt)
	c.time(&issue.ObservedAt)
	c.time(&issue.StateChangedAt)
	c.row = append(hex.AppendEncode(append(c.row, `\x`...), issue.hash), copySeparator)
	c.row = append(c.row, issue.Body...)
	if bytes.Count(c.row, []byte{copySeparator}) != len(copyColumns)-1 || bytes.Count(c.row, []byte{copyNothing}) != nothing {
		return false
	}
	c.rows = append(c.rows, string(c.row))
	c.stored[issue.RemoteID] = storedIssue{id, IssueInserted, issue.StateChangedAt}
	return true
}

func (c *copies) id(id uuid.UUID) {
	text, _ := id.MarshalText() // It never fails.
	c.row = append(append(c.row, text...), copySeparator)
}

func (c *copies) list(list []string) {
	if list == nil {
		list = []string{}
	}
	w := contentWriter{b: c.row}
	w.list("", list)
	w.b = append(w.b, copySeparator)
	c.row = w.b
}

// number writes a number and returns how often it wrote that there is nothing.
func (c *copies) number(number *float64) int {
	if number == nil {
		c.row = append(c.row, copyNothing, copySeparator)
		return 1
	}
	c.row = append(strconv.AppendFloat(c.row, *number, 'g', -1, 64), copySeparator)
	return 0
}

// time writes a time and returns how often it wrote that there is nothing.
func (c *copies) time(at *time.Time) int {
	if at == nil {
		c.row = append(c.row, copyNothing, copySeparator)
		return 1
	}
	c.row = append(at.UTC().AppendFormat(c.row, time.RFC3339Nano), copySeparator)
	return 0
}

// copyIssues writes issues that are all new. When another transaction stored one of them at the same moment it answers
// CONFLICT.
func (s Scope) copyIssues(ctx context.Context, rows []string) error {
	err := s.InTx(ctx, func(ctx context.Context, tx Scope) error {
		inner, ok := tx.idb.(bun.Tx)
		if !ok {
			return fmt.Errorf("copying issues: no plain transaction behind a %T", tx.idb)
		}
		err := copyInto(ctx, inner.Tx, rows)
		if taken := (*pq.Error)(nil); errors.As(err, &taken) && taken.Code == stateUnique {
			return needle.Conflict("", "somebody else stored this at the same moment; try again")
		}
		return err
	})
	return mapError(err)
}

// copyInto copies rows into the table of issues.
func copyInto(ctx context.Context, tx *sql.Tx, rows []string) (err error) {
	stmt, err := tx.PrepareContext(ctx, copyStatement)
	if err != nil {
		return fmt.Errorf("beginning to copy: %w", err)
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	for _, row := range rows {
		if _, err := stmt.ExecContext(ctx, row); err != nil {
			return fmt.Errorf("copying a row: %w", err)
		}
	}
	if _, err := stmt.ExecContext(ctx); err != nil { // Without a row it ends the copy.
		return fmt.Errorf("ending the copy: %w", err)
	}
	return nil
}
