package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/config"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// syncCmd runs a pass over one connection in this process.
type syncCmd struct {
	Connection string `arg:"" help:"Name or id of the connection."`
	Workspace  string `help:"Short name of the workspace; may be left out when there is one only." placeholder:"SLUG"`
}

// closePatience bounds giving back connections at the end of a command.
const closePatience = 5 * time.Second

// Run runs the pass and says what it did. A tracker that cannot be read is an error.
func (c *syncCmd) Run(ctx context.Context, env *environment) (err error) {
	cfg, err := env.config()
	if err != nil {
		return err
	}
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
	conn, err := findConnection(ctx, scope, c.Connection)
	if err != nil {
		return err
	}
	bar := &progress{out: env.stdout}
	report, err := a.engine.SyncConnection(ctx, scope.WorkspaceID(), conn.ID, bar.tell)
	if err != nil {
		return err
	}
	switch {
	case report.State != needle.ConnectionOK && report.Idle:
		return fmt.Errorf("nothing was read, the connection is %s%s", report.State, because(report.Reason))
	case report.State != needle.ConnectionOK:
		return fmt.Errorf("the connection is %s%s", report.State, because(report.Reason))
	}
	fmt.Fprintln(env.stdout, summary(report))
	for _, s := range report.Sources {
		if s.Run.State == needle.SyncFailed {
			err = errors.Join(err, fmt.Errorf("%s%s", s.Source.RemoteKey, because(s.Run.Reason)))
		}
	}
	return err
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// findConnection finds a connection by id or by name.
func findConnection(ctx context.Context, scope store.Scope, which string) (*needle.Connection, error) {
	if id, err := needle.ParseConnectionID(which); err == nil {
		return scope.Connection(ctx, id)
	}
	found, err := scope.Connections(ctx, store.ConnectionList{
		Filter: &needle.ConnectionFilter{Name: &needle.StringComparator{Eq: &which}},
	})
	if err == nil && len(found.Nodes) == 0 {
		err = fmt.Errorf("there is no connection %q", which)
	}
	if err != nil {
		return nil, err
	}
	return found.Nodes[0], nil
}

// withStore calls do with the database.
func withStore(c config.Config, do func(*store.Store) error) error {
	db, err := openStore(c)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}
