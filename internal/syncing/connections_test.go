package syncing_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

// as returns a context of a person with a role.
func (w *world) as(role needle.Role) context.Context {
	return needle.WithViewer(w.t.Context(), w.f.Viewer(w.f.User(func(u *needle.User) { u.Role = role })))
}

// userError is the part of a needle.Error that programs read.
type userError struct {
	Code  needle.Code
	Field string
}

func userErrors(err error) []userError {
	var out []userError
	for _, e := range needle.UserErrors(err) {
		out = append(out, userError{e.Code, strings.Join(e.Field, ".")})
	}
	return out
}

func (w *world) demandErrors(err error, want ...userError) {
	w.t.Helper()
	if diff := cmp.Diff(want, userErrors(err)); diff != "" {
		w.t.Errorf("%v: %s", err, diff)
	}
}

func TestDrivers_describeWhatCanBeConnected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	drivers := w.engine.Drivers()
	if len(drivers) != 3 || drivers[0].Kind != "github" || len(drivers[0].Fields) != 5 || !drivers[0].Fields[0].Secret || len(drivers[0].Capabilities) == 0 {
		t.Errorf("drivers: %+v", drivers)
	}
}

func TestCreateConnection_storesItAndAsksForAPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	stored := w.connection(conn.ID)
	if diff := cmp.Diff(conn, stored); diff != "" || w.woken.Load() != 1 {
		t.Errorf("woken %d times; %s", w.woken.Load(), diff)
	}
	if diff := cmp.Diff(map[string]string{"baseUrl": w.url}, stored.Settings); diff != "" || stored.State != needle.ConnectionUnchecked {
		t.Errorf("state %s; open settings: %s", stored.State, diff)
	}
	secrets, err := w.scope.ConnectionSecrets(t.Context(), conn.ID)
	if diff := cmp.Diff(map[string]string{"token": goodToken}, secrets); diff != "" || err != nil {
		t.Errorf("secrets: %v %s", err, diff)
	}
	if source := w.source(conn.ID); source.RemoteKey != shop || source.State != needle.SourcePending {
		t.Errorf("source: %+v", source.Source)
	}
	if n := w.count(`SELECT count(*) FROM activities AS a WHERE subject_id = ? AND verb = 'CREATED' AND actor_id = ? AND a::text NOT LIKE '%github_pat%'`,
		conn.ID.String(), w.f.Owner.ID); n != 1 {
		t.Errorf("%d activities tell of it", n)
	}
}

func TestCreateConnection_refusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := storetest.Seed(t, w.store.DB()).Team()
	w.connect(func(in *needle.CreateConnectionInput) { in.Name = "Taken" })
	before := w.count(`SELECT count(*) FROM activities`)
	for _, c := range []struct {
		name   string
		change func(*needle.CreateConnectionInput)
		want   []userError
	}{
		{"no name", func(in *needle.CreateConnectionInput) { in.Name = " " }, []userError{{needle.CodeRequired, "input.name"}}},
		{"a name that is taken", func(in *needle.CreateConnectionInput) { in.Name = "Taken" }, []userError{{needle.CodeDuplicate, "input.name"}}},
		{"an unknown kind", func(in *needle.CreateConnectionInput) { in.Kind = "abacus" }, []userError{{needle.CodeInvalid, "input.kind"}}},
		{"no token", func(in *needle.CreateConnectionInput) { in.Settings = in.Settings[1:] }, []userError{{needle.CodeRequired, "input.settings"}}},
		{"an empty token and a wrong address", func(in *needle.CreateConnectionInput) {
			in.Settings = []*needle.SettingInput{{Name: "baseUrl", Value: "ftp://x"}, {Name: "token"}}
		}, []userError{{needle.CodeInvalid, "input.settings.1.value"}, {needle.CodeInvalid, "input.settings.0.value"}}},
		{"a setting of another tracker", func(in *needle.CreateConnectionInput) {
			in.Settings = append(in.Settings, &needle.SettingInput{Name: "project", Value: "x"})
		}, []userError{{needle.CodeInvalid, "input.settings.2.name"}}},
		{"a setting given twice", func(in *needle.CreateConnectionInput) {
			in.Settings = append(in.Settings, in.Settings[0])
		}, []userError{{needle.CodeDuplicate, "input.settings.2.name"}}},
		{"a source given twice", func(in *needle.CreateConnectionInput) { in.Sources = []string{shop, "OCTO/Shop"} }, []userError{{needle.CodeDuplicate, "input.sources.1"}}},
		{"another workspace's team", func(in *needle.CreateConnectionInput) { in.DefaultTeamID = &foreign.ID }, []userError{{needle.CodeNotFound, "input.defaultTeamId"}}},
	} {
		in := needle.CreateConnectionInput{
			Kind: "github", Name: "Another", Sources: []string{shop},
			Settings: []*needle.SettingInput{{Name: "token", Value: goodToken}, {Name: "baseUrl", Value: w.url}},
		}
		c.change(&in)
		_, err := w.engine.CreateConnection(w.ctx, in)
		if diff := cmp.Diff(c.want, userErrors(err)); diff != "" {
			t.Errorf("%s: %v: %s", c.name, err, diff)
		}
	}
	if n := w.count(`SELECT count(*) FROM connections`) + w.count(`SELECT count(*) FROM sources`); n != 2 || w.count(`SELECT count(*) FROM activities`) != before {
		t.Error("something was written all the same")
	}
}

func TestCreateConnection_saysThatTheServerHasNoKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.newEngine(w.newStore(store.KeyRing{}), 10).CreateConnection(w.ctx, needle.CreateConnectionInput{
		Kind: "github", Name: "Shop", Settings: []*needle.SettingInput{{Name: "token", Value: goodToken}},
	})
	w.demandErrors(err, userError{needle.CodeUnavailable, "input.settings"})
	if n := w.count(`SELECT count(*) FROM connections`); n != 0 {
		t.Error("it was stored all the same")
	}
}

func TestConnections_askForPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	create := func(ctx context.Context) error {
		_, err := w.engine.CreateConnection(ctx, needle.CreateConnectionInput{Kind: "github", Name: "Mine", Settings: []*needle.SettingInput{{Name: "token", Value: "x"}}})
		return err
	}
	update := func(ctx context.Context) error {
		_, err := w.engine.UpdateConnection(ctx, needle.UpdateConnectionInput{ID: conn.ID})
		return err
	}
	request := func(ctx context.Context) error {
		_, err := w.engine.RequestSync(ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
		return err
	}
	foreign := storetest.Seed(t, w.store.DB())
	abroad := needle.WithViewer(t.Context(), foreign.Viewer(foreign.Owner))
	for _, c := range []struct {
		name string
		err  error
		want []userError
	}{
		{"a member creates", create(w.as(needle.RoleMember)), []userError{{needle.CodeForbidden, ""}}},
		{"a member updates", update(w.as(needle.RoleMember)), []userError{{needle.CodeForbidden, ""}}},
		{"a member asks for a sync", request(w.as(needle.RoleMember)), nil},
		{"a viewer asks for a sync", request(w.as(needle.RoleViewer)), []userError{{needle.CodeForbidden, ""}}},
		{"an admin updates", update(w.as(needle.RoleAdmin)), nil},
		{"nobody creates", create(t.Context()), []userError{{needle.CodeUnauthenticated, ""}}},
		{"nobody asks for a sync", request(t.Context()), []userError{{needle.CodeUnauthenticated, ""}}},
		{"another workspace's owner updates", update(abroad), []userError{{needle.CodeNotFound, "input.id"}}},
		{"another workspace's owner asks for a sync", request(abroad), []userError{{needle.CodeNotFound, "input.connectionId"}}},
	} {
		if diff := cmp.Diff(c.want, userErrors(c.err)); diff != "" {
			t.Errorf("%s: %v: %s", c.name, c.err, diff)
		}
	}
}

func TestUpdateConnection_changesWhatIsGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(1)
	conn := w.connect()
	w.sync(conn)
	name := "Shop, renamed"
	got, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Name: &name})
	check(t, err)
	if got.Name != name || got.SyncRequestedAt != nil || got.State != needle.ConnectionOK {
		t.Errorf("a new name gave %+v", got)
	}
	woken := w.woken.Load()
	got, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{
		ID: conn.ID, AddSources: []string{"octo/more"}, Settings: []*needle.SettingInput{{Name: "token", Value: "github_pat_new"}},
		ExpectedVersion: &got.Version,
	})
	check(t, err)
	if got.SyncRequestedAt == nil || got.State != needle.ConnectionUnchecked || got.Settings["baseUrl"] != w.url || w.woken.Load() != woken+1 {
		t.Errorf("a new token gave %+v", got)
	}
	secrets, err := w.scope.ConnectionSecrets(t.Context(), conn.ID)
	if check(t, err); secrets["token"] != "github_pat_new" {
		t.Error("the token was not replaced")
	}
	if n := w.count(`SELECT count(*) FROM activities AS a WHERE verb = 'UPDATED' AND a.after->'SecretsReplaced' = '["token"]' AND a::text NOT LIKE '%github_pat%'`); n != 1 {
		t.Errorf("%d activities tell of it", n)
	}
	if n := w.count(`SELECT count(*) FROM sources`); n != 2 {
		t.Errorf("%d sources", n)
	}
}

func TestUpdateConnection_refusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	stale := conn.Version - 1
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, ExpectedVersion: &stale})
	w.demandErrors(err, userError{needle.CodeConflict, "input.expectedVersion"})
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, AddSources: []string{"octo/more", strings.ToUpper(shop)}})
	w.demandErrors(err, userError{needle.CodeDuplicate, "input.addSources.1"})
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Settings: []*needle.SettingInput{{Name: "baseUrl", Value: "nonsense"}}})
	w.demandErrors(err, userError{needle.CodeInvalid, "input.settings.0.value"})
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: needle.NewConnectionID()})
	w.demandErrors(err, userError{needle.CodeNotFound, "input.id"})
	if diff := cmp.Diff(conn, w.connection(conn.ID)); diff != "" || w.count(`SELECT count(*) FROM sources`) != 1 {
		t.Errorf("something was written all the same: %s", diff)
	}
}

func TestRequestSync_isNotForPausedConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn, pause := w.connect(), true
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Paused: &pause})
	check(t, err)
	_, err = w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
	w.demandErrors(err, userError{needle.CodeConflict, "input.connectionId"})
}

func TestSyncDue_waitsForItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(1)
	conn := w.connect()
	run := func() syncing.Report {
		t.Helper()
		report, err := w.engine.SyncDue(t.Context(), w.f.Workspace.ID, conn.ID)
		check(t, err)
		return report
	}
	if report := run(); report.Idle {
		t.Errorf("a pass that was asked for did not run: %+v", report)
	}
	if report := run(); !report.Idle {
		t.Errorf("a pass ran before its time: %+v", report)
	}
	w.clock.pass(syncing.DefaultInterval)
	if report := run(); report.Idle {
		t.Errorf("a pass did not run at its time: %+v", report)
	}
	if _, err := w.engine.SyncDue(t.Context(), w.f.Workspace.ID, needle.NewConnectionID()); !errors.Is(err, needle.ErrNotFound) {
		t.Errorf("an unknown connection: %v", err)
	}
	due, err := w.engine.Due(t.Context(), 10)
	if check(t, err); len(due) != 0 {
		t.Errorf("due are %+v", due)
	}
}
