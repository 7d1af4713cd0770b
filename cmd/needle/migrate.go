package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/needle-okr/needle/internal/config"
	"github.com/needle-okr/needle/internal/jobs"
	"github.com/needle-okr/needle/internal/store"
)

// migrateCmd changes or shows the schema: Needle's own tables and River's.
type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Bring the schema up to date."`
	Down   migrateDownCmd   `cmd:"" help:"Undo what the last 'up' did to Needle's tables. Data in them is lost."`
	Status migrateStatusCmd `cmd:"" help:"List the steps and when they were taken."`
}

type migrateUpCmd struct{}

// Run brings the schema up to date.
func (*migrateUpCmd) Run(ctx context.Context, env *environment) error {
	c, err := env.config()
	if err != nil {
		return err
	}
	waiting, err := pending(ctx, string(c.DatabaseURL))
	if err != nil {
		return err
	}
	if err := migrateUp(ctx, string(c.DatabaseURL)); err != nil {
		return err
	}
	for _, step := range waiting {
		fmt.Fprintln(env.stdout, "applied", step)
	}
	if len(waiting) == 0 {
		fmt.Fprintln(env.stdout, "the schema is up to date")
	}
	return nil
}

type migrateDownCmd struct {
	Yes bool `help:"Yes, lose the data."`
}

// Run undoes the last group of steps. River's tables go once none of Needle's are left.
func (c *migrateDownCmd) Run(ctx context.Context, env *environment) error {
	if !c.Yes {
		return &usageError{"this loses data: add --yes"}
	}
	cfg, err := env.config()
	if err != nil {
		return err
	}
	undone, left, err := rollBack(ctx, string(cfg.DatabaseURL))
	for _, step := range undone {
		fmt.Fprintln(env.stdout, "undone", step)
	}
	if err != nil || left > 0 {
		return err
	}
	gone, err := riverDown(ctx, string(cfg.DatabaseURL))
	for _, step := range gone {
		fmt.Fprintln(env.stdout, "undone", step)
	}
	if err == nil && len(undone)+len(gone) == 0 {
		fmt.Fprintln(env.stdout, "there is nothing to undo")
	}
	return err
}

type migrateStatusCmd struct{}

// Run lists all steps.
func (*migrateStatusCmd) Run(ctx context.Context, env *environment) error {
	c, err := env.config()
	if err != nil {
		return err
	}
	steps, err := schemaSteps(ctx, string(c.DatabaseURL))
	if err != nil {
		return err
	}
	for _, s := range steps {
		fmt.Fprintf(env.stdout, "%-24s %s\n", s.name, s.state)
	}
	return nil
}

// step is one step of the schema.
type step struct {
	name  string
	state string // "waits", or since when it is applied
	waits bool
}

// migrateUp brings Needle's and River's tables up to date. Any number of processes may do so at once.
func migrateUp(ctx context.Context, url string) error {
	db, err := openStore(config.Config{DatabaseURL: config.DSN(url)})
	if err != nil {
		return err
	}
	_, err = store.Migrate(ctx, db.DB())
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return jobs.MigrateRiver(ctx, url)
}

// pending names the steps the database lacks.
func pending(ctx context.Context, url string) ([]string, error) {
	steps, err := schemaSteps(ctx, url)
	var names []string
	for _, s := range steps {
		if s.waits {
			names = append(names, s.name)
		}
	}
	return names, err
}

// schemaSteps lists Needle's steps and then River's. It changes nothing.
func schemaSteps(ctx context.Context, url string) ([]step, error) {
	db, err := openStore(config.Config{DatabaseURL: config.DSN(url)})
	if err != nil {
		return nil, err
	}
	ours, err := store.MigrationStatus(ctx, db.DB())
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, fmt.Errorf("reading the state of the schema: %w", err)
	}
	var steps []step
	for _, m := range ours {
		s := step{name: m.Name, state: "waits", waits: m.AppliedAt == nil}
		if !s.waits {
			s.state = "applied " + m.AppliedAt.Format(time.RFC3339)
		}
		steps = append(steps, s)
	}
	err = withRiver(ctx, url, func(m *rivermigrate.Migrator[pgx.Tx]) error {
		taken, err := m.ExistingVersions(ctx)
		if err != nil {
			return fmt.Errorf("reading the state of the tables of jobs: %w", err)
		}
		applied := map[int]bool{}
		for _, v := range taken {
			applied[v.Version] = true
		}
		for _, v := range m.AllVersions() {
			s := step{name: riverStep(v.Version), state: "waits", waits: !applied[v.Version]}
			if !s.waits {
				s.state = "applied"
			}
			steps = append(steps, s)
		}
		return nil
	})
	return steps, err
}

// riverStep names a step of River's.
func riverStep(v int) string { return fmt.Sprintf("jobs_%04d", v) }

// rollBack undoes the last group of Needle's steps and tells how many are left.
func rollBack(ctx context.Context, url string) (undone []string, left int, err error) {
	db, err := openStore(config.Config{DatabaseURL: config.DSN(url)})
	if err != nil {
		return nil, 0, err
	}
	defer db.Close() //nolint:errcheck // What was done is committed.
	if undone, err = store.Rollback(ctx, db.DB()); err != nil {
		return undone, 0, err
	}
	steps, err := store.MigrationStatus(ctx, db.DB())
	for _, s := range steps {
		if s.AppliedAt != nil {
			left++
		}
	}
	return undone, left, err
}

// riverDown removes River's tables.
func riverDown(ctx context.Context, url string) ([]string, error) {
	var names []string
	err := withRiver(ctx, url, func(m *rivermigrate.Migrator[pgx.Tx]) error {
		result, err := m.Migrate(ctx, rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: -1})
		if err != nil {
			return fmt.Errorf("removing the tables of jobs: %w", err)
		}
		for _, v := range result.Versions {
			names = append(names, riverStep(v.Version))
		}
		return nil
	})
	return names, err
}

// withRiver calls do with River's migrations on a pool of their own.
func withRiver(ctx context.Context, url string, do func(*rivermigrate.Migrator[pgx.Tx]) error) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		// pgx's message may quote the URL and with it the password.
		return errors.New("reading the database URL: it is not a valid PostgreSQL connection string")
	}
	defer pool.Close()
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("preparing the tables of jobs: %w", err)
	}
	return do(m)
}
