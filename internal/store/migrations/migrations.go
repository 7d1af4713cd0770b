// Package migrations holds the schema of Needle's database as numbered steps.
//
// A step is a pair of files, NNNN_topic.tx.up.sql and NNNN_topic.tx.down.sql; each runs in one transaction, and the
// down file undoes exactly what the up file did. A step that was released is never edited: a later change is a new step.
//
// Rules that hold for every table, and that a test of package store checks:
//
//   - Every key and every reference starts with workspace_id, so a row cannot point into another workspace and the
//     schema can be distributed by workspace_id.
//   - Every constraint has a name made of its table, its columns and its kind: teams_workspace_id_key_key,
//     teams_workspace_id_lead_id_fkey. Checks leave workspace_id out: teams_key_check. Primary keys are teams_pkey.
//     Package store maps these names to errors about input fields.
//   - Texts and enum values are NOT NULL; the empty text means "none". Enum values are the constants of package needle.
//   - Ids, stamps and versions come from Go. Only columns that no noun knows have defaults.
//   - A table that holds history is append-only: a trigger refuses UPDATE, DELETE and TRUNCATE with the constraint
//     name <table>_append_only.
package migrations

import (
	"embed"
	"fmt"

	"github.com/uptrace/bun/migrate"
)

// Files are the steps.
//
//go:embed *.sql
var Files embed.FS

// Load returns the steps in the form bun's migrator takes. The error is about a file's name.
func Load() (*migrate.Migrations, error) {
	steps := migrate.NewMigrations()
	if err := steps.Discover(Files); err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return steps, nil
}
