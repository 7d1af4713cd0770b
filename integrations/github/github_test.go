package github_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

func TestDriver_describesItself(t *testing.T) {
	t.Parallel()
	d := github.Driver()
	want := []integrations.Capability{integrations.CanWebhooks, integrations.CanCensus, integrations.CanHistory, integrations.CanBacklink, integrations.CanSearch}
	if diff := cmp.Diff(want, d.Capabilities()); diff != "" {
		t.Errorf("capabilities: %s", diff)
	}
	for _, f := range d.Fields {
		if f.Label == "" || f.Help == "" {
			t.Errorf("field %s lacks its label or help", f.Name)
		}
		if f.Secret != (f.Name == "token" || f.Name == "privateKey") {
			t.Errorf("field %s: secret = %t", f.Name, f.Secret)
		}
	}
}

func TestDriver_checksItsSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		settings integrations.Settings
		field    string // empty: the settings are good
	}{
		{"a token is enough", integrations.Settings{"token": "x"}, ""},
		{"a GitHub Enterprise Server", integrations.Settings{"token": "x", "baseUrl": "https://github.acme.example/api/v3"}, ""},
		{"http on loopback", integrations.Settings{"token": "x", "baseUrl": "http://127.0.0.1:8080"}, ""},
		{"http on loopback, version 6", integrations.Settings{"token": "x", "baseUrl": "http://[::1]:8080/"}, ""},
		{"http on localhost", integrations.Settings{"token": "x", "baseUrl": "http://localhost:8080/"}, ""},
		{"no token", integrations.Settings{}, "token"},
		{"http anywhere else", integrations.Settings{"token": "x", "baseUrl": "http://api.github.com/"}, "baseUrl"},
		{"http on a host that looks local", integrations.Settings{"token": "x", "baseUrl": "http://localhost.example/"}, "baseUrl"},
		{"another scheme", integrations.Settings{"token": "x", "baseUrl": "ftp://127.0.0.1/"}, "baseUrl"},
		{"an address with a password", integrations.Settings{"token": "x", "baseUrl": "https://me:pw@github.acme.example/"}, "baseUrl"},
		{"an address with a query", integrations.Settings{"token": "x", "baseUrl": "https://github.acme.example/?a=b"}, "baseUrl"},
		{"no address", integrations.Settings{"token": "x", "baseUrl": "github"}, "baseUrl"},
		{"an unreadable address", integrations.Settings{"token": "x", "baseUrl": "https://[::1"}, "baseUrl"},
		{"a setting it does not have", integrations.Settings{"token": "x", "repositories": "a/b"}, "repositories"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			registry, err := integrations.NewRegistry(github.Driver())
			if err != nil {
				t.Fatal(err)
			}
			_, err = registry.Open(t.Context(), "github", c.settings, integrations.Env{})
			var got string
			if wrong := (*integrations.SettingsError)(nil); errors.As(err, &wrong) {
				got = wrong.Fields[0].Field
			} else if err != nil {
				t.Fatal(err)
			}
			if got != c.field {
				t.Errorf("field in error = %q, want %q (%v)", got, c.field, err)
			}
		})
	}
}

func TestTracker_worksWithAnAppsToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{AppToken: true})
	for i := range 120 {
		w.server.AddRepo("acme/repo-" + strconv.Itoa(i))
	}
	tracker := w.open(token)
	if got, err := tracker.Check(t.Context()); err != nil || got.Name == "" || got.ID != "" {
		t.Errorf("Check() = %+v, %v", got, err)
	}
	first, next, err := tracker.Sources(t.Context(), "")
	if err != nil || len(first) != 100 || next == "" {
		t.Fatalf("first page: %d sources, next %q, %v", len(first), next, err)
	}
	second, next, err := tracker.Sources(t.Context(), next)
	if err != nil || len(second) != 21 || next != "" {
		t.Errorf("second page: %d sources, next %q, %v", len(second), next, err)
	}
	if _, err := w.open("bad").Check(t.Context()); !errors.Is(err, integrations.ErrUnauthorized) {
		t.Errorf("a bad token: %v", err)
	}
}

func TestTracker_leavesOutRepositoriesWithoutIssues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	w.Garble([]byte(`[{"id":1,"full_name":"acme/a","has_issues":true,"private":true,"archived":true,"html_url":"https://x.example/a"},
		{"id":2,"full_name":"acme/b","has_issues":false},null,{"id":3,"full_name":"acme/c"}]`))
	got, _, err := w.open(token).Sources(t.Context(), "")
	want := []integrations.Source{
		{ID: "1", Key: "acme/a", Name: "acme/a", URL: "https://x.example/a", Private: true, Archived: true},
		{ID: "3", Key: "acme/c", Name: "acme/c"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestTracker_refusesNamesThatAreNoNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	tracker := w.open(token)
	for _, key := range []string{"", "shop", "/", "acme/", "acme/..", "../shop", "acme/shop/x", "acme/shop?x", "acme#1/shop"} {
		_, err := tracker.Issues(t.Context(), integrations.Query{Source: integrations.Source{Key: key}})
		wantRejected(t, err, 0)
		_, err = tracker.Issue(t.Context(), integrations.Ref{Key: key + "#1"})
		wantRejected(t, err, 0)
	}
	for _, key := range []string{"acme/shop", "acme/shop#", "acme/shop#x", "acme/shop#0", "acme/shop#-1"} {
		_, err := tracker.Issue(t.Context(), integrations.Ref{Key: key})
		wantRejected(t, err, 0)
	}
	if n := w.server.RequestCount(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

func TestTracker_readsAPageWithoutAnyReadableItem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	for range 3 {
		ref := w.Create("Lost")
		if err := w.server.Poison(shop, number(ref), []byte(`null`)); err != nil {
			t.Fatal(err)
		}
	}
	w.Tick()
	w.Create("Found")
	tracker, q := w.open(token), integrations.Query{Source: w.source, PageSize: 2}
	first := page(t, tracker, q)
	if len(first.Broken) != 2 || !first.Through.IsZero() || string(first.Broken[0].Raw) != "null" {
		t.Errorf("first page: %+v", first)
	}
	q, more := first.Following(q)
	second := page(t, tracker, q)
	if !more || len(second.Broken) != 1 || len(second.Issues) != 1 {
		t.Errorf("second page: %+v", second)
	}
}

func TestTracker_quarantinesASingleIssueWithItsBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Unreadable")
	w.Poison(ref)
	_, err := w.open(token).Issue(t.Context(), ref)
	broken := (*integrations.BrokenError)(nil)
	if !errors.As(err, &broken) || broken.Broken.Ref != ref || len(broken.Broken.Raw) == 0 {
		t.Errorf("error = %v", err)
	}
	if _, _, err := w.open(token).IDs(t.Context(), integrations.Query{Source: w.source}); err != nil {
		t.Errorf("the census needs ids alone: %v", err)
	}
	if err := w.server.Poison(shop, 1, []byte(`{"number":1}`)); err != nil {
		t.Fatal(err)
	}
	unavailable := (*integrations.UnavailableError)(nil)
	if _, _, err := w.open(token).IDs(t.Context(), integrations.Query{Source: w.source}); !errors.As(err, &unavailable) {
		t.Errorf("a census with a hole: error = %v", err)
	}
}

func TestTransitions_readsAllPagesAndReasons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Undecided")
	for range 60 {
		w.Tick()
		w.Finish(ref)
		w.Tick()
		w.Reopen(ref)
	}
	if err := w.server.CloseIssue(shop, 1, "duplicate"); err != nil {
		t.Fatal(err)
	}
	got, err := w.open(token).Transitions(t.Context(), ref)
	if err != nil || len(got) != 121 {
		t.Fatalf("%d transitions, %v, want 121", len(got), err)
	}
	last := got[120]
	if last.To != integrations.StateDropped || last.RawReason != "duplicate" || last.RawTo != "closed" || last.Actor.Name != "robin" {
		t.Errorf("last = %+v", last)
	}
	to, _ := w.Move(ref)
	moved := (*integrations.MovedError)(nil)
	if _, err := w.open(token).Transitions(t.Context(), ref); !errors.As(err, &moved) || moved.To != to {
		t.Errorf("history of a moved issue: error = %v, want a move to %+v", err, to)
	}
}
