package syncing

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// act is a use case in progress: who acts, and the transaction.
type act struct {
	store.Scope
	viewer needle.Viewer
}

// change is the road of every use case: may the viewer, is the input valid, then one transaction.
func (e *Engine) change(ctx context.Context, action needle.Action, validate func() error, do func(context.Context, act) error) error {
	viewer, err := needle.Authorize(ctx, action)
	if err != nil {
		return err
	}
	if err := validate(); err != nil {
		return err
	}
	return e.store.In(viewer.WorkspaceID).InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		return do(ctx, act{tx, viewer})
	})
}

// CreateConnection connects a tracker and asks for its first pass. The tracker is not contacted here: what it thinks of
// the credentials shows in the connection's state soon after. A setting that is wrong is named by its place in the
// input; one that is missing by the list.
func (e *Engine) CreateConnection(ctx context.Context, in needle.CreateConnectionInput) (*needle.Connection, error) {
	var conn *needle.Connection
	var given settings
	validate := func() error {
		if err := in.Validate(); err != nil {
			return err
		}
		driver, err := e.registry.Driver(in.Kind)
		if err != nil {
			return needle.Invalid("input.kind", needle.CodeInvalid, "there is no such kind of tracker")
		}
		if in.WriteBack != nil && *in.WriteBack {
			if err := canWriteBack(driver); err != nil {
				return err
			}
		}
		given, err = readSettings(driver, in.Settings, nil, nil)
		return err
	}
	err := e.change(ctx, needle.ActConnect, validate, func(ctx context.Context, a act) error {
		if err := a.checkTeam(ctx, in.DefaultTeamID); err != nil {
			return err
		}
		now := a.Now()
		conn = &needle.Connection{
			Stamp: a.Stamp(), ID: needle.NewConnectionID(), Kind: in.Kind, Name: strings.TrimSpace(needle.Clean(in.Name)),
			Settings: given.open, State: needle.ConnectionUnchecked, StateChangedAt: now, DefaultTeamID: in.DefaultTeamID,
			IncludePullRequests: in.IncludePullRequests != nil && *in.IncludePullRequests, SyncRequestedAt: &now, NextSyncAt: &now,
		}
		if in.WriteBack != nil && *in.WriteBack {
			conn.WriteBack, conn.WriteBackAt = true, &now
		}
		if err := a.InsertConnection(ctx, conn); err != nil {
			return err
		}
		if err := a.seal(ctx, conn.ID, given.secret); err != nil {
			return err
		}
		if err := a.addSources(ctx, conn.ID, "input.sources", in.Sources); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbCreated, conn.ID, nil, conn)
	})
	if err != nil {
		return nil, err
	}
	e.wake(ctx, conn.WorkspaceID, conn.ID)
	return conn, nil
}

// UpdateConnection changes a connection; absent fields stay, and settings replace those of the same name. A change of
// what is read stops a pass that runs, and asks for a new one unless the connection is paused.
func (e *Engine) UpdateConnection(ctx context.Context, in needle.UpdateConnectionInput) (*needle.Connection, error) {
	var conn *needle.Connection
	err := e.change(ctx, needle.ActConnect, in.Validate, func(ctx context.Context, a act) error {
		var err error
		if conn, err = a.Connection(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if in.ExpectedVersion != nil && *in.ExpectedVersion != conn.Version {
			return needle.Conflict("input.expectedVersion", "somebody else changed this in the meantime; read it again")
		}
		before := *conn
		if err := a.apply(ctx, conn, in); err != nil {
			return err
		}
		if err := e.turnWriteBack(conn, in.WriteBack); err != nil {
			return err
		}
		replaced, err := e.replaceSettings(ctx, a, conn, in.Settings)
		if err != nil {
			return err
		}
		anew := changesReading(in)
		if anew {
			a.restart(conn, in.Paused, len(in.Settings) > 0)
		}
		if err := a.UpdateConnection(ctx, conn); err != nil {
			return err
		}
		if err := a.addSources(ctx, conn.ID, "input.addSources", in.AddSources); err != nil {
			return err
		}
		if anew {
			if err := a.restartReading(ctx, conn, conn.IncludePullRequests && !before.IncludePullRequests); err != nil {
				return err
			}
		}
		if err := a.followWriteBack(ctx, before, conn, in); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, conn.ID, before, described{conn, replaced, in.AddSources})
	})
	if err != nil {
		return nil, err
	}
	if conn.SyncRequestedAt != nil {
		e.wake(ctx, conn.WorkspaceID, conn.ID)
	}
	return conn, nil
}

// RequestSync asks for a pass as soon as may be. Sources that wait for a person are tried again as well. A paused
// connection answers CONFLICT; a limited one waits until its limit ends.
func (e *Engine) RequestSync(ctx context.Context, in needle.RequestSyncInput) (*needle.Connection, error) {
	var conn *needle.Connection
	valid := func() error { return nil }
	err := e.change(ctx, needle.ActSync, valid, func(ctx context.Context, a act) error {
		var err error
		if conn, err = a.Connection(ctx, in.ConnectionID); err != nil {
			return at("input.connectionId", err)
		}
		if conn.State == needle.ConnectionPaused {
			return needle.Conflict("input.connectionId", "this connection is paused")
		}
		if in.Census != nil && *in.Census {
			if !e.can(conn.Kind, integrations.CanCensus) {
				return needle.Invalid("input.census", needle.CodeInvalid, "trackers of this kind cannot be counted")
			}
			if err := a.AskForCensus(ctx, conn.ID); err != nil {
				return err
			}
		}
		now := a.Now()
		before := map[string]any{"SyncRequestedAt": conn.SyncRequestedAt}
		conn.SyncRequestedAt = &now
		if err := a.AskForSync(ctx, conn.ID, now); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, conn.ID, before, map[string]any{"SyncRequestedAt": now})
	})
	if err != nil {
		return nil, err
	}
	e.wake(ctx, conn.WorkspaceID, conn.ID)
	return conn, nil
}

// described is a connection as an activity keeps it: which secrets were replaced, and nothing of what they are.
type described struct {
	*needle.Connection
	SecretsReplaced []string `json:",omitempty"`
	SourcesAdded    []string `json:",omitempty"`
}

// changesReading reports whether an update concerns what is read, and not the name alone.
func changesReading(in needle.UpdateConnectionInput) bool {
	return len(in.Settings) > 0 || len(in.AddSources) > 0 || in.DefaultTeamID.IsSet() || in.IncludePullRequests != nil || in.Paused != nil
}

// restartReading stops the pass that runs and lets sources that were refused be tried again; with whole all are read from
// the beginning.
func (a act) restartReading(ctx context.Context, conn *needle.Connection, whole bool) error {
	if err := a.RestartSources(ctx, conn.ID, whole); err != nil {
		return err
	}
	return a.InterruptSyncRuns(ctx, conn.ID)
}

// apply sets the plain fields.
func (a act) apply(ctx context.Context, conn *needle.Connection, in needle.UpdateConnectionInput) error {
	if in.Name != nil {
		conn.Name = strings.TrimSpace(needle.Clean(*in.Name))
	}
	if team, ok := in.DefaultTeamID.ValueOK(); ok {
		if err := a.checkTeam(ctx, team); err != nil {
			return err
		}
		conn.DefaultTeamID = team
	}
	if in.IncludePullRequests != nil {
		conn.IncludePullRequests = *in.IncludePullRequests
	}
	return nil
}

// restart makes a pass due, and sets the state that follows from pausing, going on, or new settings. A limit belongs to
// the credentials, so new ones lift it.
func (a act) restart(conn *needle.Connection, paused *bool, renewed bool) {
	now := a.Now()
	state := conn.State
	switch {
	case paused != nil && *paused:
		state = needle.ConnectionPaused
	case paused != nil && state == needle.ConnectionPaused, renewed && state != needle.ConnectionPaused:
		state = needle.ConnectionUnchecked
	}
	if renewed {
		conn.RateLimitedUntil, conn.Failures = nil, 0
	}
	if state != conn.State {
		conn.State, conn.StateChangedAt, conn.StateReason = state, now, ""
	}
	if state == needle.ConnectionPaused {
		conn.StateReason, conn.SyncRequestedAt, conn.NextSyncAt = "It was paused. Let it go on to read again.", nil, nil
		return
	}
	conn.SyncRequestedAt, conn.NextSyncAt = &now, &now
}

// checkTeam demands that the team exists; nil is none.
func (a act) checkTeam(ctx context.Context, id *needle.TeamID) error {
	if id == nil {
		return nil
	}
	_, err := a.Team(ctx, *id)
	return at("input.defaultTeamId", err)
}

// addSources lets the connection read more sources. Trackers do not tell case apart in their names, so neither does this.
func (a act) addSources(ctx context.Context, conn needle.ConnectionID, field string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	there, err := a.SyncSources(ctx, conn)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, s := range there {
		taken[strings.ToLower(s.RemoteKey)] = true
	}
	for i, key := range keys {
		key = strings.TrimSpace(needle.Clean(key))
		if taken[strings.ToLower(key)] {
			return needle.Invalid(field+"."+strconv.Itoa(i), needle.CodeDuplicate, "the connection reads this source already")
		}
		taken[strings.ToLower(key)] = true
		if restored, err := a.RestoreSource(ctx, conn, key); err != nil || restored {
			if err != nil {
				return err
			}
			continue
		}
		err := a.InsertSource(ctx, &needle.Source{
			Stamp: a.Stamp(), ID: needle.NewSourceID(), ConnectionID: conn, RemoteKey: key, State: needle.SourcePending,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// seal stores the secrets.
func (a act) seal(ctx context.Context, id needle.ConnectionID, secrets map[string]string) error {
	err := a.SetConnectionSecrets(ctx, id, secrets)
	if errors.Is(err, store.ErrNoKey) {
		return noKey("settings")
	}
	return err
}

// noKey says that a secret in a field of the input cannot be sealed.
func noKey(field string) error {
	return &needle.Error{
		Code: needle.CodeUnavailable, Field: []string{"input", field},
		Message: "this server has no key to seal credentials with; whoever runs it has to set one",
	}
}

// settings are a connection's, told apart by whether they may be shown.
type settings struct{ open, secret map[string]string }

// replaceSettings overlays the connection's settings and returns the names of the secrets among the new ones.
func (e *Engine) replaceSettings(ctx context.Context, a act, conn *needle.Connection, list []*needle.SettingInput) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	driver, err := e.registry.Driver(conn.Kind)
	if err != nil {
		return nil, needle.Conflict("input.settings", "this server knows no trackers of this connection's kind any more")
	}
	sealed, err := knownSecrets(ctx, a.Scope, conn.ID)
	if err != nil {
		return nil, err
	}
	given, err := readSettings(driver, list, conn.Settings, sealed)
	if err != nil {
		return nil, err
	}
	if err := keepSecretsHome(driver, list, conn.Settings, given.open, sealed); err != nil {
		return nil, err
	}
	conn.Settings = given.open
	var replaced []string
	for _, one := range list {
		if _, secret := given.secret[one.Name]; secret {
			replaced = append(replaced, one.Name)
		}
	}
	return replaced, a.seal(ctx, conn.ID, given.secret)
}

// readSettings overlays what is there with a list and asks the driver. Its complaints become errors at the places of the
// list they are about.
func readSettings(driver integrations.Driver, list []*needle.SettingInput, open, sealed map[string]string) (settings, error) {
	all, place := integrations.Settings{}, map[string]int{}
	maps.Copy(all, open)
	maps.Copy(all, sealed)
	var errs needle.Errors
	for i, one := range list {
		if _, twice := place[one.Name]; twice {
			errs = append(errs, needle.Invalid(settingField(i, "name"), needle.CodeDuplicate, "this setting is given twice"))
		}
		place[one.Name] = i
		all[one.Name] = needle.Clean(one.Value)
	}
	full, err := driver.Complete(all)
	if wrong := (*integrations.SettingsError)(nil); errors.As(err, &wrong) {
		for _, f := range wrong.Fields {
			errs = append(errs, complaint(driver, f, place))
		}
	} else if err != nil {
		return settings{}, err
	}
	if len(errs) > 0 {
		return settings{}, errs
	}
	out := settings{open: map[string]string{}, secret: map[string]string{}}
	for _, field := range driver.Fields {
		switch value := full[field.Name]; {
		case value == "":
		case field.Secret:
			out.secret[field.Name] = value
		default:
			out.open[field.Name] = value
		}
	}
	return out, nil
}

// complaint places what a driver says about a setting.
func complaint(driver integrations.Driver, f integrations.FieldError, place map[string]int) *needle.Error {
	i, given := place[f.Field]
	if !given {
		return needle.Invalid("input.settings", needle.CodeRequired, f.Field+" "+f.Message)
	}
	if !slices.ContainsFunc(driver.Fields, func(field integrations.Field) bool { return field.Name == f.Field }) {
		return needle.Invalid(settingField(i, "name"), needle.CodeInvalid, "this "+f.Message)
	}
	return needle.Invalid(settingField(i, "value"), needle.CodeInvalid, "this "+f.Message)
}

func settingField(i int, field string) string {
	return "input.settings." + strconv.Itoa(i) + "." + field
}

// at puts a field path on a NOT_FOUND that has none.
func at(field string, err error) error {
	for _, e := range needle.UserErrors(err) {
		if len(e.Field) == 0 && e.Code == needle.CodeNotFound {
			return needle.Invalid(field, e.Code, e.Message)
		}
	}
	return err
}
