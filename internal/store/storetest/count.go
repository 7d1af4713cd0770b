package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/uptrace/bun"
)

// Counter counts the SQL statements that reach the server through one database of New or Open, however they were sent:
// by bun, on *sql.DB, or prepared. Preparing a statement and the ends of a transaction do not count.
type Counter struct {
	log *statementLog
}

// CountStatements returns the counter of db, which must come from New, NewEmpty or Open.
func CountStatements(t testing.TB, db *bun.DB) *Counter {
	t.Helper()
	d, ok := db.Driver().(*countingDriver)
	if !ok {
		t.Fatal("only a database of storetest counts its statements")
	}
	return &Counter{log: d.log}
}

// Since calls f and returns the number of statements sent meanwhile.
func (c *Counter) Since(f func()) int { return len(c.Statements(f)) }

// Statements calls f and returns the statements sent meanwhile, in order.
func (c *Counter) Statements(f func()) []string {
	before := c.log.len()
	f()
	return c.log.since(before)
}

// statementLog holds every statement of a pool.
type statementLog struct {
	mu         sync.Mutex
	statements []string
}

func (l *statementLog) add(query string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statements = append(l.statements, query)
}

func (l *statementLog) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.statements)
}

func (l *statementLog) since(n int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.statements[n:])
}

// countingConnector wraps every connection of a connector.
type countingConnector struct {
	driver.Connector
	log *statementLog
}

func newCounting(inner driver.Connector) driver.Connector {
	return &countingConnector{Connector: inner, log: &statementLog{}}
}

// Connect implements driver.Connector.
func (c *countingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := conn.(fullConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's connection %T lacks a method that is counted", conn), conn.Close())
	}
	return &countingConn{fullConn: whole, log: c.log}, nil
}

// Driver implements driver.Connector; it is how CountStatements finds the log.
func (c *countingConnector) Driver() driver.Driver {
	return &countingDriver{Driver: c.Connector.Driver(), log: c.log}
}

type countingDriver struct {
	driver.Driver
	log *statementLog
}

// fullConn is every optional interface that lib/pq's connections have; wrapping must not hide one.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type countingConn struct {
	fullConn
	log *statementLog
}

// ExecContext implements driver.ExecerContext.
func (c *countingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.log.add(query)
	return c.fullConn.ExecContext(ctx, query, args)
}

// QueryContext implements driver.QueryerContext.
func (c *countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.log.add(query)
	return c.fullConn.QueryContext(ctx, query, args)
}

// PrepareContext implements driver.ConnPrepareContext. The statement of a COPY takes rows, not executions: it has no
// context methods, is counted once here, and is handed on as it is.
func (c *countingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	whole, ok := stmt.(fullStmt)
	if !ok {
		c.log.add(query)
		return stmt, nil
	}
	return &countingStmt{fullStmt: whole, query: query, log: c.log}, nil
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type countingStmt struct {
	fullStmt
	query string
	log   *statementLog
}

// ExecContext implements driver.StmtExecContext.
func (s *countingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.log.add(s.query)
	return s.fullStmt.ExecContext(ctx, args)
}

// QueryContext implements driver.StmtQueryContext.
func (s *countingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.log.add(s.query)
	return s.fullStmt.QueryContext(ctx, args)
}
