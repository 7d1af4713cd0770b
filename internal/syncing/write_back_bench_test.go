package syncing_test

import (
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

// BenchmarkWriteBack_sweep sweeps 10,000 linked issues of which nothing changed.
func BenchmarkWriteBack_sweep(b *testing.B) {
	const issues = 10_000
	now := &clock{}
	now.at.Store(storetest.Now().UnixMicro())
	tracker := &board{now: now.now}
	s := store.New(storetest.New(b), store.Config{Keys: keys(), Now: now.now})
	f := storetest.Seed(b, s.DB())
	registry, err := integrations.NewRegistry(tracker.driver())
	if err != nil {
		b.Fatal(err)
	}
	engine, err := syncing.New(syncing.Config{Store: s, Registry: registry, Now: now.now})
	if err != nil {
		b.Fatal(err)
	}
	at := now.now()
	conn := f.Connection(func(c *needle.Connection) { c.Kind, c.WriteBack, c.WriteBackAt = "board", true, &at })
	source, team, kr := f.Source(), f.Team(), f.KeyResult()
	for _, statement := range []string{
		`INSERT INTO issues (workspace_id, id, connection_id, source_id, remote_id, remote_key, type, status, remote_created_at,
			remote_updated_at, observed_at, created_at, updated_at, version)
			SELECT ?0, gen_random_uuid(), ?1, ?2, n, n, 'ISSUE', 'TODO', ?5, ?5, ?5, ?5, ?5, 1 FROM generate_series(1, ?6) AS n`,
		`INSERT INTO backlog_items (workspace_id, id, number, team_id, issue_id, title, status, stage, created_at, updated_at, version)
			SELECT ?0, gen_random_uuid(), remote_id::int, ?3, id, 'x', 'TODO', 'PROPOSED', ?5, ?5, 1 FROM issues`,
		`INSERT INTO contributions (workspace_id, id, item_id, key_result_id, role, origin, valid_from, created_at, updated_at, version)
			SELECT ?0, gen_random_uuid(), id, ?4, 'DRIVES', 'TEXT', ?5, ?5, ?5, 1 FROM backlog_items`,
		`ANALYZE`,
	} {
		if _, err := s.DB().ExecContext(b.Context(), statement, f.Workspace.ID, conn.ID, source.ID, team.ID, kr.ID, at, issues); err != nil {
			b.Fatal(err)
		}
	}
	run := func() {
		if _, err := engine.WriteBack(b.Context(), f.Workspace.ID, conn.ID); err != nil {
			b.Fatal(err)
		}
		now.pass(time.Hour)
	}
	// The tracker takes nothing, so all wait; then the sweep finds that nothing changed.
	tracker.spoil(func(string, bool) error { return &integrations.RateLimitError{RetryAt: now.now()} })
	run()
	for b.Loop() {
		run()
	}
	b.ReportMetric(issues*float64(b.N)/b.Elapsed().Seconds(), "issues/s")
}
