package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"

	"github.com/needle-okr/needle/internal/store/migrations"
)

// Names of databases: a prefix and eight hexadecimal digits, which are also the key of the mark that keeps it.
const (
	templatePrefix = "needle_template_"
	clonePrefix    = "needle_test_"
)

// Classes of advisory locks, so that their keys do not meet.
const (
	// lockRun is held by a living process; its key is in the names of the process's databases.
	lockRun = 0x6e646c01
	// lockTemplate is held, shared, by every process that copies the template of that key.
	lockTemplate = 0x6e646c02
	// lockBuild is held while the template of that key is made.
	lockBuild = 0x6e646c03
)

func name(key uint32) string { return fmt.Sprintf("%08x", key) }

// int32Of keeps the bits: advisory locks take signed numbers.
func int32Of(key uint32) int32 { return int32(key) } //nolint:gosec // the sign does not matter, only the identity

// migrationsHash changes with every change of a migration.
func migrationsHash() (uint32, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.Files, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reading the migrations: %w", err)
	}
	return binary.BigEndian.Uint32(sum.Sum(nil)), nil
}

func (s *server) mark(ctx context.Context, class int, key uint32) error {
	if _, err := s.presence.ExecContext(ctx, `SELECT pg_advisory_lock($1, $2)`, class, int32Of(key)); err != nil {
		return fmt.Errorf("marking what this process uses: %w", err)
	}
	return nil
}

func (s *server) markShared(ctx context.Context, class int, key uint32) error {
	if _, err := s.presence.ExecContext(ctx, `SELECT pg_advisory_lock_shared($1, $2)`, class, int32Of(key)); err != nil {
		return fmt.Errorf("marking what this process uses: %w", err)
	}
	return nil
}

func (s *server) unmark(ctx context.Context, class int, key uint32) error {
	if _, err := s.presence.ExecContext(ctx, `SELECT pg_advisory_unlock($1, $2)`, class, int32Of(key)); err != nil {
		return fmt.Errorf("taking a mark back: %w", err)
	}
	return nil
}

// sweep drops the databases with the prefix whose mark nobody holds.
func (s *server) sweep(ctx context.Context, prefix string, class int) error {
	found, err := s.databases(ctx, prefix)
	if err != nil {
		return fmt.Errorf("looking for leftovers: %w", err)
	}
	for _, database := range found {
		digits, _, _ := strings.Cut(strings.TrimPrefix(database, prefix), "_")
		key, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || s.uses(class, uint32(key)) {
			continue // not one of ours, or our own
		}
		if err := s.dropUnmarked(ctx, database, class, uint32(key)); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) databases(ctx context.Context, prefix string) ([]string, error) {
	rows, err := s.presence.QueryContext(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, prefix)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Its error repeats what Err says.
	var found []string
	for rows.Next() {
		var database string
		if err := rows.Scan(&database); err != nil {
			return nil, err
		}
		found = append(found, database)
	}
	return found, rows.Err()
}

// uses reports whether this process itself holds the mark. It could take it a second time, which would prove nothing.
func (s *server) uses(class int, key uint32) bool {
	if class == lockRun {
		return key == s.run
	}
	return templatePrefix+name(key) == s.template
}

func (s *server) dropUnmarked(ctx context.Context, database string, class int, key uint32) error {
	var free bool
	err := s.presence.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1, $2)`, class, int32Of(key)).Scan(&free)
	if err != nil {
		return fmt.Errorf("looking for the owner of %s: %w", database, err)
	}
	if !free {
		return nil
	}
	return errors.Join(s.drop(ctx, database), s.unmark(ctx, class, key))
}

func (s *server) drop(ctx context.Context, database string) error {
	_, err := s.admin.ExecContext(ctx, `DROP DATABASE IF EXISTS `+pq.QuoteIdentifier(database)+` WITH (FORCE)`)
	if err != nil {
		return fmt.Errorf("dropping %s: %w", database, err)
	}
	return nil
}

// ensureTemplate makes the template unless it is there. It appears by a rename, so it is whole or absent.
func (s *server) ensureTemplate(ctx context.Context, hash uint32) error {
	if err := s.mark(ctx, lockBuild, hash); err != nil {
		return err
	}
	var there bool
	err := s.presence.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, s.template).Scan(&there)
	if err != nil {
		return fmt.Errorf("looking for the template: %w", err)
	}
	if !there {
		if err := s.buildTemplate(ctx); err != nil {
			return errors.Join(err, s.unmark(ctx, lockBuild, hash))
		}
	}
	return s.unmark(ctx, lockBuild, hash)
}

func (s *server) buildTemplate(ctx context.Context) error {
	draft := s.template + "_draft"
	if err := s.drop(ctx, draft); err != nil {
		return err
	}
	if err := s.create(ctx, draft, ` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
		return err
	}
	if err := migrateUp(ctx, s.address(draft)); err != nil {
		return err
	}
	for _, statement := range []string{
		`ALTER DATABASE ` + pq.QuoteIdentifier(draft) + ` ALLOW_CONNECTIONS false`, // a connection would hold up its copies
		`ALTER DATABASE ` + pq.QuoteIdentifier(draft) + ` RENAME TO ` + pq.QuoteIdentifier(s.template),
	} {
		if _, err := s.admin.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("finishing the template: %w", err)
		}
	}
	return nil
}

// migrateUp runs every migration on a database that nobody else knows, so no guard is needed.
func migrateUp(ctx context.Context, address string) error {
	connector, err := pq.NewConnector(address)
	if err != nil {
		return fmt.Errorf("reading the address of the template: %w", err)
	}
	db := bun.NewDB(sql.OpenDB(connector), pgdialect.New())
	steps, err := migrations.Load()
	if err != nil {
		return errors.Join(err, db.Close())
	}
	migrator := migrate.NewMigrator(db, steps, migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true))
	if err := migrator.Init(ctx); err != nil {
		return errors.Join(fmt.Errorf("preparing the template: %w", err), db.Close())
	}
	if _, err := migrator.Migrate(ctx); err != nil {
		return errors.Join(fmt.Errorf("migrating the template: %w", err), db.Close())
	}
	return db.Close()
}

// create makes a database; tail is the rest of the statement.
func (s *server) create(ctx context.Context, database, tail string) error {
	if _, err := s.admin.ExecContext(ctx, `CREATE DATABASE `+pq.QuoteIdentifier(database)+tail); err != nil {
		return fmt.Errorf("making the database %s: %w", database, err)
	}
	return nil
}
