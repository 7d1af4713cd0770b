package syncing_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
)

// appWorld is a GitHub that knows an App, and the settings to connect as it.
func appWorld(t *testing.T, w *world) (*fakegithub.Server, []*needle.SettingInput) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	gh := fakegithub.New(fakegithub.Options{
		Token: goodToken, Now: w.clock.now, App: &fakegithub.App{ID: 7, Installation: 77, Slug: "needle-acme", Key: &key.PublicKey},
	})
	gh.AddRepo(shop)
	_, _, err = gh.Create(shop, fakegithub.NewIssue{Title: "Something to do"})
	check(t, err)
	base, err := gh.Start(t.Context())
	check(t, err)
	t.Cleanup(func() { check(t, gh.Close()) })
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return gh, []*needle.SettingInput{
		{Name: "baseUrl", Value: base}, {Name: "appId", Value: "7"}, {Name: "installationId", Value: "77"}, {Name: "privateKey", Value: string(text)},
	}
}

func TestSyncConnection_readsAsAGitHubApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gh, settings := appWorld(t, w)
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.Settings = settings })
	if _, told := conn.Settings["privateKey"]; told || conn.Settings["appId"] != "7" || conn.Settings["installationId"] != "77" {
		t.Errorf("open settings: %v", conn.Settings)
	}
	report := w.sync(conn)
	w.demand(conn, report, needle.ConnectionOK)
	if got := report.Counts().Inserted; got != 1 {
		t.Errorf("read %d issues, want 1", got)
	}
	if got := w.connection(conn.ID).AccountName; got != "needle-acme[bot]" {
		t.Errorf("the account is %q", got)
	}
	gh.SuspendApp(true)
	w.demand(conn, w.sync(conn), needle.ConnectionAuthFailed, "suspended")
	gh.SuspendApp(false)
	_, err := w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
	check(t, err)
	w.demand(conn, w.sync(conn), needle.ConnectionOK)
	if n := w.count(`SELECT count(*) FROM activities AS a WHERE a::text LIKE '%PRIVATE KEY%' OR a::text LIKE '%ghs\_%'`); n != 0 {
		t.Errorf("%d activities hold a credential", n)
	}
}

func TestUpdateConnection_goesFromATokenToAnApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, settings := appWorld(t, w)
	conn := w.connect(func(in *needle.CreateConnectionInput) {
		in.Settings = []*needle.SettingInput{{Name: "token", Value: goodToken}, settings[0]}
	})
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Settings: settings[1:]})
	if got := userErrors(err); len(got) != 1 || got[0].Field != "input.settings" || !strings.Contains(err.Error(), "token must be empty") {
		t.Errorf("beside the token: %v", err)
	}
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Settings: append(settings[1:], &needle.SettingInput{Name: "token"})})
	check(t, err)
	secrets, err := w.scope.ConnectionSecrets(t.Context(), conn.ID)
	check(t, err)
	if diff := cmp.Diff(map[string]string{"privateKey": strings.TrimSpace(settings[3].Value)}, secrets); diff != "" {
		t.Errorf("secrets: %s", diff)
	}
	w.demand(conn, w.sync(conn), needle.ConnectionOK)
}
