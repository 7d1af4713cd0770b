package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/config"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// doctorCmd checks an installation.
type doctorCmd struct{}

// doctorPatience bounds the whole examination.
const doctorPatience = 30 * time.Second

// examination is what doctor has found so far.
type examination struct {
	out      io.Writer
	problems int
}

// well tells what is in order.
func (x *examination) well(what, more string) { fmt.Fprintf(x.out, "ok    %-14s %s\n", what, more) }

// ill tells what is not, and what to do about it.
func (x *examination) ill(what string, err error) {
	x.problems++
	fmt.Fprintf(x.out, "FAIL  %-14s %s\n", what, oneLine(err))
}

// check tells either.
func (x *examination) check(what, more string, err error) bool {
	if err != nil {
		x.ill(what, err)
		return false
	}
	x.well(what, more)
	return true
}

// Run examines everything and fails when anything is not in order.
func (*doctorCmd) Run(ctx context.Context, env *environment) error {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	x := &examination{out: env.stdout}
	cfg, err := env.config()
	if unknown := config.Unknown(env.environ()); len(unknown) > 0 {
		err = errors.Join(err, fmt.Errorf("no such settings: %s", strings.Join(unknown, ", ")))
	}
	if x.check("configuration", "all settings can be used", err) {
		if err := withStore(cfg, func(db *store.Store) error { return x.database(ctx, cfg, db) }); err != nil {
			x.ill("database", err)
		}
	}
	if x.problems > 0 {
		return fmt.Errorf("%d of the things looked at are not in order", x.problems)
	}
	return nil
}

// database examines the database and what is in it.
func (x *examination) database(ctx context.Context, cfg config.Config, db *store.Store) error {
	var server string
	err := db.DB().QueryRowContext(ctx, "SELECT current_setting('server_version')").Scan(&server)
	if err != nil {
		err = fmt.Errorf("%s cannot be used: %w", cfg.DatabaseURL, err)
	}
	if !x.check("database", "PostgreSQL "+server, err) {
		return nil
	}
	waiting, err := pending(ctx, string(cfg.DatabaseURL))
	if err == nil && len(waiting) > 0 {
		err = fmt.Errorf("these steps are missing: %s; run needle migrate up", strings.Join(waiting, ", "))
	}
	if !x.check("schema", "up to date, the tables of jobs too", err) {
		return nil
	}
	ids, err := db.Workspaces(ctx)
	if err != nil {
		return err
	}
	x.well("workspaces", strconv.Itoa(len(ids)))
	connections := 0
	for _, id := range ids {
		n, err := x.connections(ctx, db.In(id))
		if err != nil {
			return err
		}
		connections += n
	}
	if connections == 0 {
		x.keys(cfg)
	}
	return nil
}

// keys tells about keys that nothing needs yet.
func (x *examination) keys(cfg config.Config) {
	if err := cfg.RequireSecretKeys(); err != nil {
		x.well("secret keys", "none, and no connection needs them; "+oneLine(err))
		return
	}
	x.well("secret keys", cfg.SecretKeys.String())
}

// connections examines the connections of one workspace and returns how many there are.
func (x *examination) connections(ctx context.Context, scope store.Scope) (int, error) {
	first, n := needle.MaxPage, 0
	list := store.ConnectionList{PageArgs: needle.PageArgs{First: &first}}
	for {
		page, err := scope.Connections(ctx, list)
		if err != nil {
			return n, err
		}
		for _, c := range page.Nodes {
			n++
			if err := x.connection(ctx, scope, c); err != nil {
				return n, err
			}
		}
		if !page.PageInfo.HasNextPage {
			return n, nil
		}
		list.After = page.PageInfo.EndCursor()
	}
}

func (x *examination) connection(ctx context.Context, scope store.Scope, c *needle.Connection) error {
	name := fmt.Sprintf("%s (%s)", c.Name, c.ID)
	if _, err := scope.ConnectionSecrets(ctx, c.ID); err != nil {
		x.ill("connection", fmt.Errorf("%s: its credentials cannot be opened: %w", name, err))
		return nil
	}
	switch c.State {
	case needle.ConnectionOK, needle.ConnectionUnchecked, needle.ConnectionPaused, needle.ConnectionLimited:
		x.well("connection", name+": "+string(c.State)+because(c.StateReason))
	default:
		x.ill("connection", fmt.Errorf("%s: %s%s", name, c.State, because(c.StateReason)))
	}
	pages, err := scope.SourcesByConnection(ctx, []needle.ConnectionID{c.ID}, store.SourceList{})
	if err != nil {
		return err
	}
	for _, s := range pages[0].Nodes {
		if s.State == needle.SourceError {
			x.ill("source", fmt.Errorf("%s of %s: %s", s.RemoteKey, name, s.StateReason))
		}
	}
	return nil
}
