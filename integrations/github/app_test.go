package github_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// goodKey is the App's key and badKey somebody else's. Making one takes long.
var goodKey, badKey = sync.OnceValue(newKey), sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// pemOf is a key as GitHub gives it.
func pemOf(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// theApp is the App of these tests.
func theApp() *fakegithub.App {
	return &fakegithub.App{ID: 7, Installation: 77, Slug: "needle-acme", Key: &goodKey().PublicKey}
}

func appSettings(key *rsa.PrivateKey) integrations.Settings {
	return integrations.Settings{"appId": "7", "installationId": "77", "privateKey": pemOf(key)}
}

// tokensAsked counts the requests for an installation's token.
func (w *world) tokensAsked() int {
	n := 0
	for _, r := range w.server.Requests() {
		if strings.HasSuffix(r.Path, "/access_tokens") {
			n++
		}
	}
	return n
}

func TestApp_isAskedForOneKindOfCredential(t *testing.T) {
	t.Parallel()
	key := pemOf(goodKey())
	pkcs8, err := x509.MarshalPKCS8PrivateKey(goodKey())
	if err != nil {
		t.Fatal(err)
	}
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	elliptic8, err := x509.MarshalPKCS8PrivateKey(elliptical)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	for _, c := range []struct {
		name     string
		settings integrations.Settings
		fields   []string // none: the settings are good
	}{
		{"an App", integrations.Settings{"appId": "7", "installationId": "77", "privateKey": key}, nil},
		{"a key of PKCS #8", integrations.Settings{"appId": "7", "installationId": "77", "privateKey": block("PRIVATE KEY", pkcs8)}, nil},
		{"a key on one line", integrations.Settings{"appId": "7", "installationId": "77", "privateKey": strings.ReplaceAll(key, "\n", `\n`)}, nil},
		{"nothing", integrations.Settings{}, []string{"token"}},
		{"both", integrations.Settings{"token": "x", "appId": "7", "installationId": "77", "privateKey": key}, []string{"token"}},
		{"a token and part of an App", integrations.Settings{"token": "x", "appId": "7"}, []string{"token"}},
		{"an App without its key", integrations.Settings{"appId": "7", "installationId": "77"}, []string{"privateKey"}},
		{"a key alone", integrations.Settings{"privateKey": key}, []string{"appId", "installationId"}},
		{"the client id", integrations.Settings{"appId": "Iv1.8a61f9b3a7aba766", "installationId": "-1", "privateKey": key}, []string{"appId", "installationId"}},
		{"no PEM", integrations.Settings{"appId": "7", "installationId": "77", "privateKey": "hush"}, []string{"privateKey"}},
		{"a key of another kind", integrations.Settings{"appId": "7", "installationId": "77", "privateKey": block("PRIVATE KEY", elliptic8)}, []string{"privateKey"}},
		{"a block of nonsense", integrations.Settings{"appId": "7", "installationId": "77", "privateKey": block("RSA PRIVATE KEY", []byte("hush"))}, []string{"privateKey"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := github.Driver().Complete(c.settings)
			var got []string
			if wrong := (*integrations.SettingsError)(nil); errors.As(err, &wrong) {
				for _, f := range wrong.Fields {
					got = append(got, f.Field)
				}
			}
			if diff := cmp.Diff(c.fields, got); diff != "" {
				t.Error(err, diff)
			}
			if err != nil && (strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "Iv1")) {
				t.Errorf("the message repeats a value: %v", err)
			}
		})
	}
}

func TestApp_usesOneTokenUntilItIsAboutToEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{App: theApp()})
	tracker := w.openWith(appSettings(goodKey()))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { page(t, tracker, integrations.Query{Source: w.source}) })
	}
	group.Wait()
	if n := w.tokensAsked(); n != 1 {
		t.Errorf("8 requests at once took %d tokens", n)
	}
	w.sleep(59 * time.Minute) // a minute of life is too little to begin a request with
	page(t, tracker, integrations.Query{Source: w.source})
	if n := w.tokensAsked(); n != 2 {
		t.Errorf("%d tokens after an hour, want 2", n)
	}
	w.server.RevokeTokens()
	page(t, tracker, integrations.Query{Source: w.source})
	if n := w.tokensAsked(); n != 3 {
		t.Errorf("%d tokens after they were revoked, want 3", n)
	}
	who, err := tracker.Check(t.Context())
	if want := (integrations.Account{Name: "needle-acme[bot]", URL: "https://github.example/apps/needle-acme"}); err != nil || who != want {
		t.Errorf("Check() = %+v, %v", who, err)
	}
}

func TestApp_saysWhyItGetsNoToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(w *world, s integrations.Settings)
		want  error
		words string
	}{
		{"another key", func(_ *world, s integrations.Settings) { s["privateKey"] = pemOf(badKey()) }, integrations.ErrUnauthorized, "JSON web token"},
		{"another app", func(_ *world, s integrations.Settings) { s["appId"] = "8" }, integrations.ErrUnauthorized, "Integration not found"},
		{"no such installation", func(_ *world, s integrations.Settings) { s["installationId"] = "78" }, integrations.ErrUnauthorized, "no installation 78"},
		{"a suspended installation", func(w *world, _ integrations.Settings) { w.server.SuspendApp(true) }, integrations.ErrForbidden, "suspended"},
		{
			"a question that GitHub does not take",
			func(w *world, _ integrations.Settings) { w.always(fakegithub.Message(422, "There is no such thing")) }, integrations.ErrUnauthorized, "no such thing",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{App: theApp()})
			settings := appSettings(goodKey())
			c.spoil(w, settings)
			tracker := w.openWith(settings)
			_, listing := tracker.Issues(t.Context(), integrations.Query{Source: w.source})
			_, checking := tracker.Check(t.Context())
			for _, err := range []error{listing, checking} {
				if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.words) {
					t.Errorf("error = %v, want %v with %q", err, c.want, c.words)
				}
				if strings.Contains(fmt.Sprint(err), "PRIVATE") {
					t.Errorf("the error shows the key: %v", err)
				}
			}
		})
	}
}

func TestApp_isStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{App: theApp()})
	tracker := w.openWith(appSettings(goodKey()))
	page(t, tracker, integrations.Query{Source: w.source})
	w.server.SuspendApp(true)
	if _, err := tracker.Issues(t.Context(), integrations.Query{Source: w.source}); !errors.Is(err, integrations.ErrForbidden) {
		t.Errorf("suspended in the middle: %v", err)
	}
	w.server.SuspendApp(false)
	page(t, tracker, integrations.Query{Source: w.source})
}

func TestApp_fetchesItsTokenFromTheServerItIsGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{App: theApp()})
	h := http.Header{}
	h.Set("Location", "https://api.github.com/app/installations/77/access_tokens")
	w.answer(func(r *http.Request) *fakegithub.Fault {
		if r.Method == http.MethodPost {
			return &fakegithub.Fault{Status: http.StatusTemporaryRedirect, Header: h}
		}
		return nil
	})
	_, err := w.openWith(appSettings(goodKey())).Issues(t.Context(), integrations.Query{Source: w.source})
	if !errors.Is(err, integrations.ErrUnauthorized) || !strings.Contains(err.Error(), "leads away") {
		t.Errorf("a redirect to another host: %v", err)
	}
	if first := w.server.Requests()[0]; first.Method != http.MethodPost || first.Path != "/app/installations/77/access_tokens" || len(w.server.Requests()) != 1 {
		t.Errorf("requests: %+v", w.server.Requests())
	}
}

func TestApp_waitsForALimitOnItsToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{App: theApp()})
	tracker := w.openWith(appSettings(goodKey()))
	w.answer(func(r *http.Request) *fakegithub.Fault {
		if r.Method == http.MethodPost {
			return fakegithub.SecondaryLimit(http.StatusForbidden, 90*time.Second)
		}
		return nil
	})
	if wait := retryAt(t, tracker).Sub(w.clock()); wait != 90*time.Second {
		t.Errorf("wait = %v", wait)
	}
	before := w.server.RequestCount()
	if wait := retryAt(t, tracker).Sub(w.clock()); wait != 90*time.Second || w.server.RequestCount() != before {
		t.Errorf("wait = %v; %d requests left while limited", wait, w.server.RequestCount()-before)
	}
}
