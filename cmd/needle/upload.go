package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// uploadCmd puts a file into a connection.
type uploadCmd struct {
	File       string   `arg:"" help:"The file, at most 64 MiB: .csv, .tsv, .jsonl or .ndjson."`
	Connection string   `required:"" help:"Name or id of the connection." placeholder:"NAME"`
	As         string   `required:"" help:"E-mail address of the person who uploads." placeholder:"ADDRESS"`
	Create     bool     `help:"Make the connection if there is none of that name."`
	Team       string   `help:"With --create: key of the team whose backlog the issues join." placeholder:"KEY"`
	Set        []string `sep:"none" help:"With --create: a setting, as in idColumn='Ticket no'. May be repeated." placeholder:"NAME=VALUE"`
	Name       string   `help:"What the file is called there; its own name by default." placeholder:"NAME"`
	DryRun     bool     `help:"Say what it would do and write nothing."`
	Workspace  string   `help:"Short name of the workspace; may be left out when there is one only." placeholder:"SLUG"`
}

// Run uploads the file, or says what that would do. What is wrong with it goes to standard error, a line for each problem.
func (c *uploadCmd) Run(ctx context.Context, env *environment) (err error) {
	settings, err := c.settings()
	if err != nil {
		return err
	}
	cfg, err := env.config()
	if err != nil {
		return err
	}
	file, content, err := openContent(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // It was only read.
	cfg.Workers = 0
	a, err := newApp(cfg, quiet(env.logger(cfg)), 0) //nolint:contextcheck // It contacts nothing.
	if err != nil {
		return err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closePatience)
		defer cancel()
		err = errors.Join(err, a.close(ending))
	}()
	scope, err := workspaceScope(ctx, a.store, c.Workspace)
	if err != nil {
		return err
	}
	who, err := scope.UserByEmail(ctx, c.As)
	if err != nil {
		return fmt.Errorf("looking for %s: %w", c.As, err)
	}
	return c.run(actingAs(ctx, scope, who), env, a.engine, scope, settings, content)
}

// openContent opens a file whose size is known.
func openContent(path string) (*os.File, *io.SectionReader, error) {
	file, err := os.Open(path) //nolint:gosec // The operator names it.
	if err != nil {
		return nil, nil, fmt.Errorf("opening the file: %w", err)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil, errors.Join(fmt.Errorf("%s is no plain file", path), err, file.Close())
	}
	return file, io.NewSectionReader(file, 0, info.Size()), nil
}

// settings reads the flags --set.
func (c *uploadCmd) settings() ([]*needle.SettingInput, error) {
	if !c.Create && (len(c.Set) > 0 || c.Team != "") {
		return nil, &usageError{"--set and --team go with --create; a connection that is there is changed by updateConnection"}
	}
	out := make([]*needle.SettingInput, 0, len(c.Set))
	for _, text := range c.Set {
		name, value, found := strings.Cut(text, "=")
		if !found {
			return nil, &usageError{fmt.Sprintf("--set %s is not NAME=VALUE", text)}
		}
		out = append(out, &needle.SettingInput{Name: name, Value: value})
	}
	return out, nil
}

func (c *uploadCmd) run(ctx context.Context, env *environment, engine *syncing.Engine, scope store.Scope, settings []*needle.SettingInput, content *io.SectionReader) error {
	if c.Name == "" {
		c.Name = filepath.Base(c.File)
	}
	id, err := c.connection(ctx, env, engine, scope, settings)
	if err != nil {
		return c.explain(env, err)
	}
	if id == nil { // A dry run, before the connection is made.
		report, err := preview(ctx, engine, c.Name, settings, content)
		if err != nil {
			return c.explain(env, err)
		}
		c.tell(env, report)
		return nil
	}
	done, err := engine.UploadContent(ctx, needle.UploadFileInput{ConnectionID: *id, Name: c.Name, DryRun: &c.DryRun}, content)
	switch {
	case err != nil:
		return c.explain(env, err)
	case done.Report != nil:
		c.tell(env, done.Report)
	case !done.Changed:
		fmt.Fprintf(env.stdout, "%s: nothing was written, version %d is this file already\n", c.File, done.Upload.Version)
	default:
		fmt.Fprintf(env.stdout, "%s: stored as version %d of %s; the next pass reads it, needle sync %q does now\n",
			c.File, done.Upload.Version, done.Upload.Name, c.Connection)
	}
	return nil
}

// preview reads a file by settings alone.
func preview(ctx context.Context, engine *syncing.Engine, name string, settings []*needle.SettingInput, content *io.SectionReader) (*needle.UploadReport, error) {
	text, err := io.ReadAll(io.LimitReader(content, needle.MaxUpload+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	return engine.PreviewUpload(ctx, needle.PreviewUploadInput{Name: name, Settings: settings, Text: string(text)})
}

// connection finds the connection, or makes it; nil when it would be made but for a dry run.
func (c *uploadCmd) connection(ctx context.Context, env *environment, engine *syncing.Engine, scope store.Scope, settings []*needle.SettingInput) (*needle.ConnectionID, error) {
	conn, err := findConnection(ctx, scope, c.Connection)
	if err == nil {
		if len(settings) > 0 || c.Team != "" {
			return nil, &usageError{fmt.Sprintf("there is a connection %q already; updateConnection changes its settings", c.Connection)}
		}
		return &conn.ID, nil
	}
	if !c.Create {
		return nil, fmt.Errorf("%w; --create makes one", err)
	}
	team, err := c.team(ctx, scope)
	if err != nil || c.DryRun {
		return nil, err
	}
	conn, err = engine.CreateConnection(ctx, needle.CreateConnectionInput{
		Kind: "file", Name: c.Connection, Settings: settings, DefaultTeamID: team,
	})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(env.stdout, "made the connection %q\n", c.Connection)
	return &conn.ID, nil
}

// team finds the team of the flag; nil when there is none.
func (c *uploadCmd) team(ctx context.Context, scope store.Scope) (*needle.TeamID, error) {
	if c.Team == "" {
		return nil, nil //nolint:nilnil // No team is an answer.
	}
	found, err := scope.Teams(ctx, store.TeamList{Filter: &needle.TeamFilter{Key: &needle.StringComparator{Eq: &c.Team}}})
	if err != nil {
		return nil, err
	}
	if len(found.Nodes) == 0 {
		return nil, fmt.Errorf("there is no team with the key %s", c.Team)
	}
	return &found.Nodes[0].ID, nil
}

// explain prints what a person can mend, a line each.
func (c *uploadCmd) explain(env *environment, err error) error {
	problems := needle.UserErrors(err)
	if problems == nil || slices.ContainsFunc(problems, func(p *needle.Error) bool { return p.Code == needle.CodeUnavailable }) {
		return err
	}
	for _, p := range problems {
		fmt.Fprintf(env.stderr, "%s: %s\n", c.File, p.Message)
	}
	return errors.New("nothing was uploaded")
}

// tell prints what an upload would do.
func (c *uploadCmd) tell(env *environment, r *needle.UploadReport) {
	for _, p := range r.Problems {
		if p.Line == 0 {
			fmt.Fprintf(env.stderr, "%s: %s\n", c.File, p.Message)
		} else {
			fmt.Fprintf(env.stderr, "%s: line %d: %s\n", c.File, p.Line, p.Message)
		}
	}
	var columns, passed []string
	for _, column := range r.Columns {
		if column.Field == "" {
			passed = append(passed, column.Name)
		} else {
			columns = append(columns, column.Name+" as "+column.Field)
		}
	}
	fmt.Fprintf(env.stdout, "%s: read %s\n", c.File, strings.Join(columns, ", "))
	for _, list := range []struct {
		words []string
		text  string
	}{{passed, "passed over"}, {r.UnknownStates, "states without a meaning, taken for work to do:"}} {
		if len(list.words) > 0 {
			fmt.Fprintf(env.stdout, "%s: %s %s\n", c.File, list.text, strings.Join(list.words, ", "))
		}
	}
	for _, issue := range r.Issues {
		fmt.Fprintf(env.stdout, "  %-6s %-12s %-11s %s\n", strings.ToLower(string(issue.Action)), issue.RemoteKey, issue.Status, issue.Title)
	}
	fmt.Fprintf(env.stdout, "%s: %d rows: would store %d new, %d changed, %d as they were; %d put aside, %d vanished",
		c.File, r.Rows, r.Inserted, r.Updated, r.Unchanged, r.Broken, r.Vanished)
	if r.TooMany {
		fmt.Fprint(env.stdout, ", too many to remove without being asked")
	}
	fmt.Fprintln(env.stdout, "; nothing was written")
}
