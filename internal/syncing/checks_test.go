package syncing_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

// kindAndSettings names the fake by kind and settings, with a token.
func (w *world) kindAndSettings(token string) needle.TrackerInput {
	kind := "github"
	return needle.TrackerInput{Kind: &kind, Settings: []*needle.SettingInput{{Name: "token", Value: token}, {Name: "baseUrl", Value: w.url}}}
}

func TestCheckConnection_withSettingsStoresNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.count(`SELECT count(*) FROM activities`)
	got, err := w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: w.kindAndSettings(goodToken)})
	if check(t, err); !got.OK || got.AccountName != "robin" || got.Problem != "" || got.NextStep != "" {
		t.Errorf("a good token: %+v", got)
	}
	// The tracker repeats what it was given, as careless ones do.
	const secret = "github_pat_very_secret"
	w.spoilWith(always(fakegithub.Message(http.StatusUnauthorized, "Bad credentials: "+secret)))
	got, err = w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: w.kindAndSettings(secret)})
	if check(t, err); got.OK || got.Problem == "" || got.NextStep == "" || strings.Contains(got.Problem, secret) {
		t.Errorf("a bad token: %+v", got)
	}
	w.spoilWith(always(fakegithub.SecondaryLimit(http.StatusTooManyRequests, 90*time.Second)))
	got, err = w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: w.kindAndSettings(goodToken)})
	if check(t, err); got.OK || got.RetryAt == nil || !got.RetryAt.Equal(w.clock.now().Add(90*time.Second)) {
		t.Errorf("a limit: %+v", got)
	}
	if w.count(`SELECT count(*) FROM connections`) != 0 || w.count(`SELECT count(*) FROM activities`) != before {
		t.Error("something was stored")
	}
}

func TestCheckConnection_makesWhatItLearnsTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(1)
	conn := w.connect()
	w.sync(conn)
	ask := func() *needle.ConnectionCheck {
		t.Helper()
		got, err := w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: needle.TrackerInput{ConnectionID: &conn.ID}})
		check(t, err)
		return got
	}
	next := w.connection(conn.ID).NextSyncAt
	if got := ask(); !got.OK {
		t.Errorf("a good connection: %+v", got)
	}
	if now := w.connection(conn.ID); !now.NextSyncAt.Equal(*next) || now.State != needle.ConnectionOK {
		t.Errorf("a check moved the next pass: %+v", now)
	}
	w.spoilWith(always(fakegithub.Message(http.StatusUnauthorized, "Bad credentials")))
	if got := ask(); got.OK || w.connection(conn.ID).State != needle.ConnectionAuthFailed {
		t.Errorf("refused credentials: %+v, %+v", got, w.connection(conn.ID))
	}
	w.heal()
	woken := w.woken.Load()
	if got := ask(); !got.OK {
		t.Errorf("accepted again: %+v", got)
	}
	if now := w.connection(conn.ID); now.State != needle.ConnectionOK || now.NextSyncAt == nil || w.woken.Load() != woken+1 {
		t.Errorf("no pass is due after the credentials were accepted again: %+v", now)
	}
	w.spoilWith(always(fakegithub.SecondaryLimit(http.StatusTooManyRequests, time.Hour)))
	ask()
	asked := w.gh.RequestCount()
	if got := ask(); got.OK || got.RetryAt == nil || w.gh.RequestCount() != asked {
		t.Errorf("a tracker that wants to be left alone was asked: %+v", got)
	}
}

func TestCheckConnection_leavesAPauseAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn, pause := w.connect(), true
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Paused: &pause})
	check(t, err)
	before := w.connection(conn.ID)
	got, err := w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: needle.TrackerInput{ConnectionID: &conn.ID}})
	if check(t, err); !got.OK {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(before, w.connection(conn.ID)); diff != "" {
		t.Errorf("it was changed: %s", diff)
	}
}

func TestProbes_refuseWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	foreign := storetest.Seed(t, w.store.DB())
	abroad := needle.WithViewer(t.Context(), foreign.Viewer(foreign.Owner))
	kind := "abacus"
	theirs := needle.TrackerInput{ConnectionID: &conn.ID}
	for name, c := range map[string]struct {
		err  error
		want []userError
	}{
		"neither":            {second(w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{})), []userError{{needle.CodeRequired, "input.connectionId"}}},
		"both":               {second(w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: needle.TrackerInput{ConnectionID: &conn.ID, Kind: &kind}})), []userError{{needle.CodeInvalid, "input.connectionId"}}},
		"an unknown kind":    {second(w.engine.AvailableSources(w.ctx, needle.AvailableSourcesInput{TrackerInput: needle.TrackerInput{Kind: &kind}})), []userError{{needle.CodeInvalid, "input.kind"}}},
		"a missing setting":  {second(w.engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: w.kindAndSettings("")})), []userError{{needle.CodeInvalid, "input.settings.0.value"}}},
		"a member":           {second(w.engine.CheckConnection(w.as(needle.RoleMember), needle.CheckConnectionInput{TrackerInput: theirs})), []userError{{needle.CodeForbidden, ""}}},
		"another workspace":  {second(w.engine.CheckConnection(abroad, needle.CheckConnectionInput{TrackerInput: theirs})), []userError{{needle.CodeNotFound, "input.connectionId"}}},
		"a made-up cursor":   {second(w.engine.AvailableSources(w.ctx, needle.AvailableSourcesInput{TrackerInput: theirs, After: text("user/keys")})), []userError{{needle.CodeInvalidCursor, "input.after"}}},
		"a long text sought": {second(w.engine.AvailableSources(w.ctx, needle.AvailableSourcesInput{TrackerInput: theirs, Query: text(strings.Repeat("x", 301))})), []userError{{needle.CodeTooLong, "input.query"}}},
	} {
		if diff := cmp.Diff(c.want, userErrors(c.err)); diff != "" {
			t.Errorf("%s: %v: %s", name, c.err, diff)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func text(s string) *string { return &s }

func TestAvailableSources_pagesAndSeeks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 250 {
		w.gh.AddRepo("octo/r" + strconv.Itoa(1000+i))
	}
	conn := w.connect()
	in := needle.AvailableSourcesInput{TrackerInput: needle.TrackerInput{ConnectionID: &conn.ID}}
	seen, added := map[string]bool{}, 0
	for pages := 1; ; pages++ {
		got, err := w.engine.AvailableSources(w.ctx, in)
		if check(t, err); got.Problem != "" || pages > 5 {
			t.Fatalf("page %d: %+v", pages, got)
		}
		for _, s := range got.Nodes {
			seen[s.Key] = true
			if s.Added {
				added++
			}
		}
		if in.After = got.EndCursor; in.After == nil {
			break
		}
	}
	if len(seen) != 251 || added != 1 {
		t.Errorf("%d sources, %d added", len(seen), added)
	}
	in.Query = text(" R1249 ")
	got, err := w.engine.AvailableSources(w.ctx, in)
	if check(t, err); len(got.Nodes) != 1 || got.Nodes[0].Key != "octo/r1249" || got.Nodes[0].Added {
		t.Errorf("sought: %+v", got.Nodes)
	}
	w.spoilWith(always(fakegithub.SecondaryLimit(http.StatusTooManyRequests, time.Minute)))
	got, err = w.engine.AvailableSources(w.ctx, needle.AvailableSourcesInput{TrackerInput: w.kindAndSettings(goodToken)})
	if check(t, err); len(got.Nodes) != 0 || got.Problem == "" || got.RetryAt == nil {
		t.Errorf("a limit: %+v", got)
	}
}

func TestRemoveSource_keepsWhatWasSeenAndGoesOnWhenAddedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(2)
	conn := w.both()
	w.sync(conn)
	source := w.sourceOf(conn, shop)
	stale := source.Version - 1
	_, err := w.engine.RemoveSource(w.ctx, needle.RemoveSourceInput{SourceID: source.ID, ExpectedVersion: &stale})
	w.demandErrors(err, userError{needle.CodeConflict, "input.expectedVersion"})
	_, err = w.engine.RemoveSource(w.as(needle.RoleMember), needle.RemoveSourceInput{SourceID: source.ID})
	w.demandErrors(err, userError{needle.CodeForbidden, ""})
	removed, err := w.engine.RemoveSource(w.ctx, needle.RemoveSourceInput{SourceID: source.ID})
	if check(t, err); removed.RemovedAt == nil || removed.UnobservedSince() == nil {
		t.Errorf("removed: %+v", removed)
	}
	_, err = w.engine.RemoveSource(w.ctx, needle.RemoveSourceInput{SourceID: source.ID})
	w.demandErrors(err, userError{needle.CodeConflict, "input.sourceId"})

	issue := w.only(n[0])
	check(t, w.gh.Delete(shop, n[0]))
	check(t, w.gh.CloseIssue(shop, n[1], "completed"))
	w.clock.pass(48 * time.Hour)
	if report := w.sync(conn); len(report.Sources) == 0 || report.Sources[0].Source.RemoteKey != depot {
		t.Errorf("read: %+v", report.Sources)
	}
	got, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	if check(t, err); got.GoneAt != nil || got.Version != issue.Version {
		t.Errorf("an issue that is not looked at any more became %+v", got)
	}

	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, AddSources: []string{"Octo/Shop"}})
	check(t, err)
	again := w.sourceOf(conn, shop)
	if again.ID != source.ID || again.RemovedAt != nil || again.Watermark == nil {
		t.Errorf("added again: %+v", again)
	}
	report := w.sync(conn)
	w.inStep()
	if report.Counts().Tombstoned != 1 {
		t.Errorf("counts: %+v", report.Counts())
	}
}

func TestRemoveSource_stopsThePassThatReadsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect()
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && w.count(`SELECT coalesce(sum(pages), 0) FROM sync_runs`) == 1 {
			_, err := w.engine.RemoveSource(w.ctx, needle.RemoveSourceInput{SourceID: w.sourcesOf(conn)[0].ID})
			if len(userErrors(err)) == 0 {
				check(t, err)
			}
		}
		return nil
	})
	_, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	if err == nil || err.Error() != syncing.ErrStopped.Error() {
		t.Errorf("the pass ended with %v", err)
	}
	if n := w.count(`SELECT count(*) FROM issues`); n != 10 {
		t.Errorf("%d issues are stored", n)
	}
}

func TestUpdateConnection_doesNotSendSecretsElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Settings: []*needle.SettingInput{{Name: "baseUrl", Value: "https://evil.example/api"}}})
	w.demandErrors(err, userError{needle.CodeRequired, "input.settings.0.value"})
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Settings: []*needle.SettingInput{{Name: "baseUrl", Value: w.url + "/"}}})
	check(t, err)
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Settings: []*needle.SettingInput{
		{Name: "token", Value: "another"}, {Name: "baseUrl", Value: "https://github.example/api/v3"},
	}})
	check(t, err)
}

func TestNewCredentials_stopThePassAndLiftTheRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.Settings[0].Value = "github_pat_wrong" })
	if report := w.sync(conn); report.State != needle.ConnectionAuthFailed {
		t.Fatalf("state %s", report.State)
	}
	rotate := func(token string) {
		t.Helper()
		_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Settings: []*needle.SettingInput{{Name: "token", Value: token}}})
		check(t, err)
	}
	rotate(goodToken)
	if now := w.connection(conn.ID); now.State != needle.ConnectionUnchecked || now.NextSyncAt == nil {
		t.Errorf("after new credentials: %+v", now)
	}
	done := false
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && !done && w.count(`SELECT coalesce(sum(pages), 0) FROM sync_runs`) == 1 {
			done = true
			rotate(goodToken)
		}
		return nil
	})
	_, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	if err == nil || err.Error() != syncing.ErrStopped.Error() {
		t.Errorf("the pass ended with %v", err)
	}
	w.heal()
	w.sync(conn)
	w.inStep()
}

func TestRetryQuarantined_readsAgainWhatWasSetAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(3)
	good := w.gh.Raw(shop, n[1])
	check(t, w.gh.Poison(shop, n[1], []byte(`{"id":`+strconv.FormatInt(idOf(t, good), 10)+`,"number":2,"title":7,"updated_at":"2026-03-02T09:01:00Z"}`)))
	w.clock.pass(time.Hour)
	w.open(1) // So that the next walk begins behind what was set aside.
	conn := w.connect()
	w.sync(conn)
	source := w.sourcesOf(conn)[0]
	if health := w.health(conn); health.Quarantined != 1 || health.State != needle.ConnectionDegraded || health.Problems[0].Kind != needle.ProblemQuarantined {
		t.Fatalf("health: %+v", health)
	}
	_, err := w.engine.RetryQuarantined(w.as(needle.RoleViewer), needle.RetryQuarantinedInput{SourceID: source.ID})
	w.demandErrors(err, userError{needle.CodeForbidden, ""})
	got, err := w.engine.RetryQuarantined(w.as(needle.RoleMember), needle.RetryQuarantinedInput{SourceID: source.ID})
	if check(t, err); !got.RetryQuarantined {
		t.Errorf("asked for: %+v", got)
	}
	w.clock.pass(time.Hour)
	w.sync(conn) // Still not to be understood.
	if n := w.count(`SELECT count(*) FROM quarantined_issues WHERE resolved_at IS NULL`); n != 1 {
		t.Errorf("%d are set aside", n)
	}
	check(t, w.gh.Poison(shop, n[1], good))
	_, err = w.engine.RetryQuarantined(w.ctx, needle.RetryQuarantinedInput{SourceID: source.ID})
	check(t, err)
	w.clock.pass(time.Hour)
	report := w.sync(conn)
	last := report.Sources[len(report.Sources)-1].Run
	if last.Kind != needle.SyncRefresh || last.State != needle.SyncSucceeded || last.Inserted != 1 {
		t.Errorf("the run: %+v", last)
	}
	if n := w.count(`SELECT count(*) FROM quarantined_issues WHERE resolved_at IS NULL`); n != 0 {
		t.Errorf("%d are set aside in the end", n)
	}
	w.inStep()
	_, err = w.engine.RetryQuarantined(w.ctx, needle.RetryQuarantinedInput{SourceID: source.ID})
	w.demandErrors(err, userError{needle.CodeConflict, "input.sourceId"})
}

func TestRetryQuarantined_readsTheWholeSourceForTheNameless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(3)
	good := w.gh.Raw(shop, n[1])
	check(t, w.gh.Poison(shop, n[1], []byte(`"nonsense"`)))
	conn := w.connect()
	w.sync(conn)
	source := w.sourcesOf(conn)[0]
	check(t, w.gh.Poison(shop, n[1], good))
	_, err := w.engine.RetryQuarantined(w.ctx, needle.RetryQuarantinedInput{SourceID: source.ID})
	check(t, err)
	w.clock.pass(time.Hour)
	w.sync(conn)
	w.inStep()
	if n := w.count(`SELECT count(*) FROM quarantined_issues WHERE resolved_at IS NULL`); n != 0 {
		t.Errorf("%d are set aside in the end", n)
	}
}

func TestForbiddenAddresses_areSaidInTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	registry := w.registry()
	transport := integrations.NewTransport(integrations.ReachPublic)
	transport.Proxy = nil
	engine, err := syncing.New(syncing.Config{Store: w.store, Registry: registry, Now: w.clock.now, Transport: transport})
	check(t, err)
	got, err := engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: w.kindAndSettings(goodToken)})
	if check(t, err); got.OK || !strings.Contains(got.Problem, "127.0.0.1 is not an address that this server may ask") || w.gh.RequestCount() != 0 {
		t.Errorf("%+v, %d requests", got, w.gh.RequestCount())
	}
}

// idOf reads the id of an issue object.
func idOf(t *testing.T, raw []byte) int64 {
	t.Helper()
	var in struct{ ID int64 }
	check(t, json.Unmarshal(raw, &in))
	return in.ID
}
