package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// place is a connection of the demo: which repository it reads, and for which team.
type place struct{ name, repo, team string }

func places() []place {
	return []place{
		{"GitHub: checkout", checkoutRepo, payTeam},
		{"GitHub: onboarding", onboardingRepo, onbTeam},
	}
}

// Pass is a sync pass that is about to begin.
type Pass struct {
	// Workspace and Connection are what SyncConnection takes.
	Workspace  needle.WorkspaceID
	Connection needle.ConnectionID
	// Name is what people call the connection.
	Name string
}

// Connect makes sure that the workspace has its connections and that they lead to the fake GitHub where it is now, and
// returns a pass for each.
func (d *Demo) Connect(ctx context.Context, db *store.Store, engine *syncing.Engine) ([]Pass, error) {
	workspace, err := db.WorkspaceBySlug(ctx, Slug)
	if err != nil {
		return nil, fmt.Errorf("looking for the demo's workspace: %w", err)
	}
	scope := db.In(workspace.ID)
	first := cast()[0]
	who, err := scope.UserByEmail(ctx, first.email())
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", first.name, err)
	}
	ctx = needle.WithViewer(ctx, needle.Viewer{WorkspaceID: workspace.ID, UserID: who.ID, Role: who.Role, Function: who.Function, Scopes: needle.AllScopes()})
	var passes []Pass
	for _, p := range places() {
		conn, err := d.connection(ctx, scope, engine, p)
		if err != nil {
			return nil, fmt.Errorf("connecting %s: %w", p.repo, err)
		}
		passes = append(passes, Pass{Workspace: workspace.ID, Connection: conn.ID, Name: p.name})
	}
	return passes, nil
}

// baseURL is the setting of a connection that names the tracker's address.
const baseURL = "baseUrl"

// connection finds or makes one connection.
func (d *Demo) connection(ctx context.Context, scope store.Scope, engine *syncing.Engine, p place) (*needle.Connection, error) {
	address := &needle.SettingInput{Name: baseURL, Value: d.tracker.url}
	page, err := scope.Connections(ctx, store.ConnectionList{Filter: &needle.ConnectionFilter{Name: &needle.StringComparator{Eq: &p.name}}})
	if err != nil {
		return nil, err
	}
	if len(page.Nodes) > 0 {
		conn := page.Nodes[0]
		if conn.Settings[baseURL] == d.tracker.url {
			return conn, nil
		}
		// A tracker that answers somewhere else asks for its secret again.
		return engine.UpdateConnection(ctx, needle.UpdateConnectionInput{
			ID: conn.ID, Settings: []*needle.SettingInput{{Name: "token", Value: trackerToken}, address},
		})
	}
	teams, err := scope.Teams(ctx, store.TeamList{Filter: &needle.TeamFilter{Key: &needle.StringComparator{Eq: &p.team}}})
	if err == nil && len(teams.Nodes) == 0 {
		err = errors.New("there is no team " + p.team)
	}
	if err != nil {
		return nil, err
	}
	return engine.CreateConnection(ctx, needle.CreateConnectionInput{
		Kind: "github", Name: p.name, Sources: []string{p.repo}, DefaultTeamID: &teams.Nodes[0].ID,
		Settings: []*needle.SettingInput{{Name: "token", Value: trackerToken}, address},
	})
}
