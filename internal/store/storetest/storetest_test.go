package storetest_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestNew_givesEachTestADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	one, other := storetest.New(t), storetest.New(t)
	storetest.Seed(t, one)
	if got := count(t, one, "workspaces"); got != 1 {
		t.Errorf("the seeded database has %d workspaces, want 1", got)
	}
	if got := count(t, other, "workspaces"); got != 0 {
		t.Errorf("the other database has %d workspaces, want none", got)
	}
}

func TestNew_dropsTheDatabaseWithTheTest(t *testing.T) {
	t.Parallel()
	observer := storetest.New(t)
	var database string
	t.Run("a test", func(t *testing.T) {
		if err := storetest.New(t).QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&database); err != nil {
			t.Fatal(err)
		}
	})
	var left int
	if err := observer.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_database WHERE datname = ?`, database).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if database == "" || left != 0 {
		t.Errorf("the database %q is still there", database)
	}
}

func TestURL_opensTheSameDatabaseTwice(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	storetest.Seed(t, storetest.Open(t, address))
	if got := count(t, storetest.Open(t, address), "workspaces"); got != 1 {
		t.Errorf("the second pool sees %d workspaces, want 1", got)
	}
}

func TestNewEmpty_hasNoTables(t *testing.T) {
	t.Parallel()
	var n int
	err := storetest.NewEmpty(t).QueryRowContext(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("got %d tables, %v", n, err)
	}
}

func TestCountStatements_seesEveryWayToTheServer(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct {
		send func(context.Context, *bun.DB) error
		want []string
	}{
		"nothing": {send: func(context.Context, *bun.DB) error { return nil }},
		"bun": {
			send: func(ctx context.Context, db *bun.DB) error { _, err := db.ExecContext(ctx, `SELECT 1`); return err },
			want: []string{`SELECT 1`},
		},
		"database/sql with arguments": {
			send: func(ctx context.Context, db *bun.DB) error {
				var n int
				return db.DB.QueryRowContext(ctx, `SELECT $1::int`, 2).Scan(&n)
			},
			want: []string{`SELECT $1::int`},
		},
		"a prepared statement, once for each execution": {send: prepared, want: []string{`SELECT $1::int + 1`, `SELECT $1::int + 1`}},
		"a transaction, without its ends": {
			send: func(ctx context.Context, db *bun.DB) error {
				return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
					_, err := tx.ExecContext(ctx, `SELECT 3`)
					return err
				})
			},
			want: []string{`SELECT 3`},
		},
		"a bulk copy, once": {
			send: copyIn,
			want: []string{`CREATE TEMPORARY TABLE copied (n int) ON COMMIT DROP`, `COPY copied (n) FROM STDIN`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			c := storetest.CountStatements(t, db)
			var err error
			got := c.Statements(func() { err = way.send(t.Context(), db) })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(way.want, got); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
			if n := c.Since(func() { err = way.send(t.Context(), db) }); n != len(way.want) || err != nil {
				t.Errorf("counted %d, %v, want %d", n, err, len(way.want))
			}
		})
	}
}

func prepared(ctx context.Context, db *bun.DB) error {
	stmt, err := db.DB.PrepareContext(ctx, `SELECT $1::int + 1`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for range 2 {
		var n int
		if err := stmt.QueryRowContext(ctx, 1).Scan(&n); err != nil {
			return err
		}
	}
	return nil
}

func copyIn(ctx context.Context, db *bun.DB) error {
	tx, err := db.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `CREATE TEMPORARY TABLE copied (n int) ON COMMIT DROP`); err != nil {
		return err
	}
	stmt, err := tx.PrepareContext(ctx, `COPY copied (n) FROM STDIN`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for n := range 3 {
		if _, err := stmt.ExecContext(ctx, n); err != nil {
			return err
		}
	}
	_, err = stmt.ExecContext(ctx) // the end of the rows
	return err
}

func TestServer_aKilledRunBlocksNothingAndIsSweptUp(t *testing.T) {
	t.Parallel()
	// The child takes the next free folder; so does the grandchild after the kill.
	killed := startChild(t)
	if err := killed.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.command.Wait() // It was killed, which is an error.
	next := startChild(t)
	if slices.Contains(next.databases, killed.own) {
		t.Errorf("the next run on %s still has the database %s of the killed one: %v", next.server, killed.own, next.databases)
	}
	if next.server != killed.server {
		t.Logf("another process took %s first; the next run got %s", killed.server, next.server)
	}
}

type child struct {
	command     *exec.Cmd
	own, server string
	databases   []string
}

// startChild runs TestChild in a process of its own and returns what it says once it has a database.
func startChild(t *testing.T) child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, self, "-test.run=^TestChild$")
	command.Env = append(os.Environ(), childVariable+"=1")
	command.Stderr = os.Stderr
	if _, err := command.StdinPipe(); err != nil { // The child lives until this closes.
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	c := child{command: command}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) > 2 && words[0] == "ready" {
			c.own, c.server, c.databases = words[1], words[2], words[3:]
			return c
		}
	}
	t.Fatal("the child ended before it was ready")
	return c
}

// childVariable turns TestChild on.
const childVariable = "NEEDLE_STORETEST_CHILD"

func TestChild(t *testing.T) {
	t.Parallel()
	if os.Getenv(childVariable) == "" {
		return // only startChild wants it
	}
	db := storetest.New(t)
	var own, server string
	if err := db.QueryRowContext(t.Context(), `SELECT current_database(), current_setting('data_directory')`).Scan(&own, &server); err != nil {
		t.Fatal(err)
	}
	var databases []string
	if err := db.NewRaw(`SELECT datname FROM pg_database WHERE starts_with(datname, 'needle_test_')`).Scan(t.Context(), &databases); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(os.Stdout, "ready", own, server, strings.Join(databases, " ")); err != nil {
		t.Fatal(err)
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the parent is done
}

func TestFactory_writesHistoriesAlong(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	must := needle.MoscowMust
	item := f.Item(func(b *needle.BacklogItem) { b.Moscow = &must })
	f.MoveItem(item, needle.StatusDone, storetest.Now())
	f.MoveItem(item, needle.StatusDone, storetest.Now()) // Nothing moves.
	f.EndContribution(f.Contribution(), storetest.Now())
	want := map[string]int{"item_transitions": 2, "item_priorities": 1, "contribution_versions": 2, "key_result_goals": 1, "backlog_items": 1}
	got := map[string]int{}
	for table := range want {
		got[table] = count(t, db, table)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestFactory_sharesWhatWasNotGiven(t *testing.T) {
	t.Parallel()
	f := storetest.Seed(t, storetest.New(t))
	one, two := f.KeyResult(), f.KeyResult()
	if one.ObjectiveID != two.ObjectiveID {
		t.Error("two key results have two objectives")
	}
	if one.Key() != "KR-1" || two.Key() != "KR-2" {
		t.Errorf("keys: %s, %s", one.Key(), two.Key())
	}
	elsewhere := f.Objective(func(o *needle.Objective) { o.TeamID = f.Team().ID })
	three := f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = elsewhere.ID })
	if three.TeamID != elsewhere.TeamID {
		t.Error("a key result's team is not its objective's")
	}
}

func TestFactory_returnsWhatIsStored(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	want := f.KeyResult()
	got := &needle.KeyResult{Stamp: needle.Stamp{WorkspaceID: want.WorkspaceID}, ID: want.ID}
	if err := db.NewSelect().Model(got).WherePK().Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("key result (-made +stored):\n%s", diff)
	}
	cycle := f.Cycle()
	stored := &needle.Cycle{Stamp: needle.Stamp{WorkspaceID: cycle.WorkspaceID}, ID: cycle.ID}
	if err := db.NewSelect().Model(stored).WherePK().Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cycle, stored); diff != "" {
		t.Errorf("cycle (-made +stored):\n%s", diff)
	}
}

func TestFactory_keepsTheLatestCheckInOnItsKeyResult(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	k := f.KeyResult()
	f.CheckIn(func(c *needle.CheckIn) { c.Value = 40 })
	f.CheckIn(func(c *needle.CheckIn) { c.Value, c.MeasuredAt = 10, storetest.Now().AddDate(0, 0, -7) })
	var current float64
	err := db.QueryRowContext(t.Context(), `SELECT current_value FROM key_results WHERE id = ?`, k.ID).Scan(&current)
	if err != nil || current != 40 {
		t.Errorf("got %v, %v, want 40", current, err)
	}
}

func TestSeed_twice_makesTwoWorkspaces(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	one, two := storetest.Seed(t, db), storetest.Seed(t, db)
	a, _ := one.Token()
	b, text := two.Token()
	if a.WorkspaceID == b.WorkspaceID {
		t.Error("both are the same")
	}
	id, secret, ok := needle.ParseToken(text)
	if !ok || id != b.ID || !slices.Equal(secret.Hash(), b.Hash) {
		t.Error("the token's text does not prove the stored token")
	}
}

func count(t *testing.T, db *bun.DB, table string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM ?`, bun.Ident(table)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
