package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
)

// importCmd brings in what other programs wrote.
type importCmd struct {
	PainPoints importPainPointsCmd `cmd:"" help:"Import pain points from a CSV or JSONL file; a dry run unless --commit is given."`
}

type importPainPointsCmd struct {
	File      string   `arg:"" help:"The file, at most 10 MiB."`
	Format    string   `enum:"csv,jsonl,name" default:"name" help:"How it is written: csv, jsonl, or what its name says."`
	Map       []string `sep:"none" help:"What a column means, as 'Ticket id=external_key'; nothing after = passes it over. May be repeated." placeholder:"COLUMN=FIELD"`
	Commit    bool     `help:"Write; without it the command says what it would do."`
	Workspace string   `help:"Short name of the workspace; may be left out when there is one only." placeholder:"SLUG"`
	As        string   `required:"" help:"E-mail address of the person who imports." placeholder:"ADDRESS"`
}

// Run imports the file, all of it or nothing, and says what that does. What is wrong with the file goes to standard
// error, a line for each problem.
func (c *importPainPointsCmd) Run(ctx context.Context, env *environment) error {
	how, err := c.how()
	if err != nil {
		return err
	}
	cfg, err := env.config()
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	return withStore(cfg, func(db *store.Store) error {
		scope, err := workspaceScope(ctx, db, c.Workspace)
		if err != nil {
			return err
		}
		who, err := scope.UserByEmail(ctx, c.As)
		if err != nil {
			return fmt.Errorf("looking for %s: %w", c.As, err)
		}
		return c.run(actingAs(ctx, scope, who), env, planning.New(db), file, how)
	})
}

// actingAs returns a context in which a person of the workspace acts, with all that they may.
func actingAs(ctx context.Context, scope store.Scope, who *needle.User) context.Context {
	return needle.WithViewer(ctx, needle.Viewer{
		WorkspaceID: scope.WorkspaceID(), UserID: who.ID, Role: who.Role, Function: who.Function, Scopes: needle.AllScopes(),
	})
}

func (c *importPainPointsCmd) run(ctx context.Context, env *environment, planner *planning.Planner, file io.Reader, how needle.PainFile) error {
	done, err := planner.ImportPainFile(ctx, file, how)
	if problems := needle.UserErrors(err); problems != nil {
		for _, p := range problems {
			fmt.Fprintf(env.stderr, "%s: %s\n", c.culprit(p), p.Message)
		}
		return errors.New("nothing was imported")
	}
	if err != nil {
		return err
	}
	counts := fmt.Sprintf("%d new, %d changed, %d as they were", done.Created, done.Updated, done.Unchanged)
	if done.DryRun {
		fmt.Fprintf(env.stdout, "%s: would import %s; nothing was written, --commit writes it\n", c.File, counts)
	} else {
		fmt.Fprintf(env.stdout, "%s: imported %s\n", c.File, counts)
	}
	return nil
}

// culprit names what a problem is about: the file, or what a flag says of one of its columns.
func (c *importPainPointsCmd) culprit(p *needle.Error) string {
	if len(p.Field) > 2 && p.Field[1] == "mapping" {
		if i, err := strconv.Atoi(p.Field[2]); err == nil && i < len(c.Map) {
			return "--map " + c.Map[i]
		}
	}
	return c.File
}

// how reads the flags that say how the file is to be read.
func (c *importPainPointsCmd) how() (needle.PainFile, error) {
	how := needle.PainFile{DryRun: !c.Commit}
	format := c.Format
	if format == "name" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(c.File)), ".")
	}
	switch format {
	case "csv", "tsv":
		how.Format = needle.PainFileCSV
	case "jsonl", "ndjson":
		how.Format = needle.PainFileJSONL
	default:
		return how, &usageError{"the file's name does not say how it is written; say --format csv or --format jsonl"}
	}
	for _, text := range c.Map {
		column, err := parseColumn(text)
		if err != nil {
			return how, err
		}
		how.Mapping = append(how.Mapping, column)
	}
	return how, nil
}

// parseColumn reads COLUMN=FIELD. A column's name may have = in it, a field's has none.
func parseColumn(text string) (*needle.PainFileColumnInput, error) {
	i := strings.LastIndexByte(text, '=')
	if i < 0 {
		return nil, &usageError{fmt.Sprintf("--map %s is not COLUMN=FIELD", text)}
	}
	column := &needle.PainFileColumnInput{Column: text[:i]}
	name := strings.TrimSpace(text[i+1:])
	if name == "" {
		return column, nil
	}
	field := needle.PainFileField(strings.ToUpper(name))
	all := needle.PainFileFields()
	if !slices.Contains(all, field) {
		names := make([]string, len(all))
		for i, f := range all {
			names[i] = strings.ToLower(string(f))
		}
		return nil, &usageError{fmt.Sprintf("there is no field %q; there are %s", name, strings.Join(names, ", "))}
	}
	column.Field = &field
	return column, nil
}
