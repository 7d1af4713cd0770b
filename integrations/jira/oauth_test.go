package jira_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
)

// TestOAuth_goesThroughTheGateway reads a Cloud site the way an OAuth token may: under a path of a host that serves many
// sites, with the token as a bearer.
func TestOAuth_goesThroughTheGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakejira.Options{Cloud: true})
	ref := w.create(fakejira.NewIssue{Title: "Behind the gateway"})
	site, err := url.Parse(w.base)
	w.must(err)
	const prefix = "/ex/jira/1324a887-45db-1bf4-1e99-ef0ff456d421"
	proxy := httputil.NewSingleHostReverseProxy(site)
	var mu sync.Mutex
	var stray []string
	gateway := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		path, below := strings.CutPrefix(r.URL.Path, prefix)
		if !below || r.Header.Get("Authorization") != "Bearer "+token {
			mu.Lock()
			stray = append(stray, r.Method+" "+r.URL.Path+" "+strings.Fields(r.Header.Get("Authorization") + " none")[0])
			mu.Unlock()
		}
		// The gateway knows whose token it is; the site behind it knows its owner.
		r.URL.Path = path
		r.SetBasicAuth(email, token)
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(gateway.Close)
	tracker := w.open(integrations.Settings{"baseUrl": gateway.URL + prefix, "email": ""})
	if me, err := tracker.Check(t.Context()); err != nil || me.Name != "Robin" {
		t.Fatalf("Check() = %+v, %v", me, err)
	}
	got := walk(t, tracker, integrations.Query{Source: w.source})
	if len(got) != 1 || got[0].Ref != ref {
		t.Fatalf("the walk found %+v", got)
	}
	w.must(w.server.Transition(ref.ID, "Done", "Done"))
	if steps, err := tracker.Transitions(t.Context(), ref); err != nil || len(steps) != 1 {
		t.Errorf("the history is %+v, %v", steps, err)
	}
	link := integrations.Backlink{Marker: "needle/1", URL: "https://needle.example/B-1", Title: "B-1"}
	if err := tracker.PutBacklink(t.Context(), ref, link); err != nil {
		t.Error(err)
	}
	if sources, _, err := tracker.Sources(t.Context(), ""); err != nil || len(sources) != 1 {
		t.Errorf("the projects are %+v, %v", sources, err)
	}
	// People open issues at the site, not at the gateway.
	if strings.Contains(got[0].URL, prefix) {
		t.Errorf("the issue's page is %s", got[0].URL)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(stray) > 0 {
		t.Errorf("requests went astray or without the bearer: %v", stray)
	}
}

func TestStatuses_ofASiteWhoseWordsMislead(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		ref := w.Create("Mislabelled")
		w.Tick()
		w.must(w.server.Transition(ref.ID, "收工", ""))
		tracker := w.open(nil)
		got, err := tracker.Issue(t.Context(), ref)
		if err != nil || got.State != integrations.StateTodo || got.RawState != "收工" || got.ClosedAt != nil {
			t.Errorf("%+v, %v", got, err)
		}
		steps, err := tracker.Transitions(t.Context(), ref)
		if err != nil || len(steps) != 1 || steps[0].RawTo != "收工" || steps[0].To != integrations.StateTodo || !steps[0].At.Equal(w.clock()) {
			t.Errorf("the history is %+v, %v", steps, err)
		}
	})
}

// TestIssue_withoutADateOfItsEnd: Data Center tells a date only with a resolution, and the last change is no date of it.
func TestIssue_withoutADateOfItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakejira.Options{})
	ref := w.Create("Finished without a word")
	w.must(w.server.Transition(ref.ID, "Done", ""))
	if got, err := w.Open().Issue(t.Context(), ref); err != nil || got.State != integrations.StateDone || got.ClosedAt != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
