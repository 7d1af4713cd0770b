package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// allSteps is every step there is; a new one is added here, which is when its author runs these tests.
var allSteps = []string{
	"0001_people", "0002_pain", "0003_results", "0004_work", "0005_trackers", "0006_activity",
	"0007_pain_complete", "0008_together", "0009_votes_and_ideas",
	"0010_census", "0011_webhooks", "0012_links", "0013_mapping", "0014_backlinks", "0015_uploads", "0016_connections", "0017_bets",
	"0018_failed_webhooks", "0019_attribution_policy", "0020_computed_attributions",
}

func TestMigrate_bringsADatabaseUpToDate(t *testing.T) {
	t.Parallel()
	db := storetest.NewEmpty(t)
	if !behind(t, db) {
		t.Error("an empty database is not behind")
	}
	if diff := cmp.Diff(allSteps, pending(t, db)); diff != "" {
		t.Errorf("pending before (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(allSteps, mustMigrate(t, db)); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if behind(t, db) {
		t.Error("a migrated database is behind")
	}
	if left := pending(t, db); len(left) > 0 {
		t.Errorf("pending after: %v", left)
	}
	if again := mustMigrate(t, db); len(again) > 0 {
		t.Errorf("migrating again applied %v", again)
	}
}

func TestMigrate_agreesWithTheTestTemplate(t *testing.T) {
	t.Parallel()
	if behind(t, storetest.New(t)) {
		t.Error("the databases of tests are behind")
	}
}

func TestMigrate_lostItsLastStep_isBehind(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	mustExec(t, db, `DELETE FROM bun_migrations WHERE name = '0006'`)
	if !behind(t, db) {
		t.Error("a database without the last step is not behind")
	}
}

func TestMigrate_isSafeFromManyProcesses(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyURL(t)
	var processes sync.WaitGroup
	applied := make([][]string, 6)
	for i := range applied {
		db := storetest.Open(t, address)
		processes.Go(func() {
			var err error
			if applied[i], err = store.Migrate(t.Context(), db); err != nil {
				t.Error(err)
			}
		})
	}
	processes.Wait()
	got := slices.Concat(applied...)
	if diff := cmp.Diff(allSteps, got); diff != "" {
		t.Errorf("steps taken by all together (-want +got):\n%s", diff)
	}
}

func TestMigrate_refusesAPoolThatCannotHoldTheLockAside(t *testing.T) {
	t.Parallel()
	db := storetest.NewEmpty(t)
	db.SetMaxOpenConns(1)
	if _, err := store.Migrate(t.Context(), db); err == nil {
		t.Error("it did not say so")
	}
}

func TestMigrate_afterAnotherWasKilled(t *testing.T) {
	t.Parallel()
	address := storetest.EmptyURL(t)
	observer, first, second := storetest.Open(t, address), storetest.Open(t, address), storetest.Open(t, address)

	// A table of the same name that is not committed yet makes the third step wait.
	blocker, err := observer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blocker.ExecContext(t.Context(), `CREATE TABLE objectives ()`); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := store.Migrate(t.Context(), first)
		ended <- err
	}()
	waitUntil(t, observer, `SELECT EXISTS (SELECT 1 FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%CREATE TABLE objectives%')`)

	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := store.Migrate(short, second); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second migrator that runs out of time: got %v, want a passed deadline", err)
	}
	mustExec(t, observer, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()
		AND (query LIKE '%objectives%' OR query LIKE '%advisory_lock%') AND state <> 'idle in transaction'`)
	if err := <-ended; err == nil {
		t.Fatal("the killed migrator reports success")
	}
	if err := blocker.Rollback(); err != nil {
		t.Fatal(err)
	}

	next := storetest.Open(t, address)
	if diff := cmp.Diff(allSteps[2:], pending(t, next)); diff != "" {
		t.Errorf("pending after the kill (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(allSteps[2:], mustMigrate(t, next)); diff != "" {
		t.Errorf("the next migrator took (-want +got):\n%s", diff)
	}
}

func TestMigrate_goesOnAfterAFailedStep(t *testing.T) {
	t.Parallel()
	db := storetest.NewEmpty(t)
	mustExec(t, db, `CREATE TABLE evidence ()`)
	applied, err := store.Migrate(t.Context(), db)
	if err == nil {
		t.Fatal("a table in the way is no error")
	}
	if diff := cmp.Diff(allSteps[:1], applied); diff != "" {
		t.Errorf("applied before the failure (-want +got):\n%s", diff)
	}
	mustExec(t, db, `DROP TABLE evidence`)
	if diff := cmp.Diff(allSteps[1:], mustMigrate(t, db)); diff != "" {
		t.Errorf("applied after the repair (-want +got):\n%s", diff)
	}
}

func TestRollback_undoesEverything(t *testing.T) {
	t.Parallel()
	db := storetest.NewEmpty(t)
	mustMigrate(t, db)
	before := catalogue(t, db)
	if len(before) < 200 {
		t.Fatalf("the catalogue holds %d entries, which cannot be all", len(before))
	}

	undone, err := store.Rollback(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	reversed := slices.Clone(allSteps)
	slices.Reverse(reversed)
	if diff := cmp.Diff(reversed, undone); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
	if left := catalogue(t, db); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if again, err := store.Rollback(t.Context(), db); err != nil || len(again) > 0 {
		t.Errorf("rolling back nothing: got %v, %v", again, err)
	}

	if diff := cmp.Diff(allSteps, mustMigrate(t, db)); diff != "" {
		t.Errorf("applied again (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, catalogue(t, db)); diff != "" {
		t.Errorf("the schema differs after down and up (-before +after):\n%s", diff)
	}
}

// Words that earlier steps did not know must not keep a database from going back.
func TestRollback_isNotKeptBackByVotes(t *testing.T) {
	t.Parallel()
	db := storetest.NewEmpty(t)
	mustMigrate(t, db)
	f := storetest.Seed(t, db)
	f.Ballot(f.Vote(), f.Owner, 3)
	f.Activity(func(a *needle.Activity) { a.Verb = needle.VerbVoted })
	if _, err := store.Rollback(t.Context(), db); err != nil {
		t.Error(err)
	}
}

// catalogue lists everything the migrations made: columns, constraints, indexes, triggers and functions.
func catalogue(t *testing.T, db *bun.DB) []string {
	t.Helper()
	var entries []string
	err := db.NewRaw(`
		SELECT entry FROM (
			SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default), table_name
			FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL
			SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)), conrelid::regclass::text
			FROM pg_constraint WHERE connamespace = 'public'::regnamespace
			UNION ALL
			SELECT format('index %s', indexdef), tablename FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL
			SELECT format('trigger %s', pg_get_triggerdef(oid)), tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
			UNION ALL
			SELECT format('function %s', proname), '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		) AS found (entry, of_table)
		WHERE of_table NOT LIKE 'bun_%' ORDER BY entry`).Scan(t.Context(), &entries)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func mustMigrate(t *testing.T, db *bun.DB) []string {
	t.Helper()
	applied, err := store.Migrate(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func behind(t *testing.T, db *bun.DB) bool {
	t.Helper()
	is, err := store.SchemaBehind(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func pending(t *testing.T, db *bun.DB) []string {
	t.Helper()
	status, err := store.MigrationStatus(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, step := range status {
		if step.AppliedAt == nil {
			names = append(names, step.Name)
		}
	}
	return names
}

func mustExec(t *testing.T, db bun.IDB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// waitUntil asks until the query answers true or the test's time is up.
func waitUntil(t *testing.T, db bun.IDB, query string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		var yes bool
		if err := db.QueryRowContext(ctx, query).Scan(&yes); err != nil {
			t.Fatalf("waiting for %s: %v", query, err)
		}
		if yes {
			return
		}
	}
}
