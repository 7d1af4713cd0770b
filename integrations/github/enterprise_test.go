package github_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// enterprise serves a world's GitHub below /api/v3, as GitHub Enterprise Server
// does, and notes every address that is asked for.
func enterprise(t *testing.T, w *world) (asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var paths []string
	below := strings.TrimSuffix(w.base, "/")
	front := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths = append(paths, r.URL.Path)
		mu.Unlock()
		path, ok := strings.CutPrefix(r.URL.RequestURI(), "/api/v3")
		if !ok {
			http.NotFound(out, r)
			return
		}
		behind, err := http.NewRequestWithContext(r.Context(), r.Method, below+path, r.Body) //nolint:gosec // it leads to the fake
		if err != nil {
			t.Error(err)
			return
		}
		behind.Header = r.Header.Clone()
		answer, err := http.DefaultTransport.RoundTrip(behind)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		for name, values := range answer.Header {
			for _, v := range values {
				out.Header().Add(name, strings.ReplaceAll(v, below, "http://"+r.Host+"/api/v3"))
			}
		}
		out.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(out, answer.Body) // the driver finds out
	}))
	t.Cleanup(front.Close)
	w.base = front.URL + "/api/v3" // without the slash that people forget
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), paths...)
	}
}

func TestEnterprise_staysBelowItsAddress(t *testing.T) {
	t.Parallel()
	for name, asApp := range map[string]bool{"by token": false, "as an App": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{App: theApp(), Links: fakegithub.LinkPage})
			asked := enterprise(t, w)
			w.asApp = asApp
			for range 5 {
				w.Create("Here")
			}
			tracker := w.Open()
			q, seen := integrations.Query{Source: w.source, PageSize: 2}, 0
			for {
				got, err := tracker.Issues(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				seen += len(got.Issues)
				if q.After = got.Next; q.After == "" {
					break
				}
			}
			ref := integrations.Ref{Key: "acme/shop#1"}
			w.must(w.server.RenameRepo(shop, "acme/store"))
			issue, err := tracker.Issue(t.Context(), ref)
			if seen != 5 || err != nil || issue.Ref.Key != "acme/store#1" {
				t.Errorf("saw %d issues; %+v, %v", seen, issue.Ref, err)
			}
			_, checking := tracker.Check(t.Context())
			linker, ok := tracker.(integrations.Linker)
			if !ok {
				t.Fatal("no Linker")
			}
			if err := errors.Join(checking, linker.PutBacklink(t.Context(), ref, theLink())); err != nil {
				t.Error(err)
			}
			for _, path := range asked() {
				if !strings.HasPrefix(path, "/api/v3/") {
					t.Errorf("asked for %s", path)
				}
			}
		})
	}
}

func TestTrap_neverWritesToAnotherHost(t *testing.T) {
	t.Parallel()
	var leaked sync.Map
	away := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked.Store(r.URL.Path, true) }))
	t.Cleanup(away.Close)
	w := newWorld(t, fakegithub.Options{App: theApp()})
	ref := w.Create("Linked")
	h := http.Header{}
	h.Set("Location", away.URL+"/x")
	w.answer(func(r *http.Request) *fakegithub.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/comments") || strings.HasSuffix(r.URL.Path, "/deliveries") || strings.HasPrefix(r.URL.Path, "/search/") {
			return &fakegithub.Fault{Status: http.StatusTemporaryRedirect, Header: h}
		}
		return nil
	})
	w.server.SetAppHook("http://127.0.0.1:1/")
	w.asApp = true
	tracker := w.openWith(appSettings(goodKey()))
	_, redelivering := tracker.Redeliver(t.Context(), w.source, "http://127.0.0.1:1/", time.Time{})
	_, _, searching := tracker.Search(t.Context(), integrations.Query{Source: w.source}, "x")
	for _, err := range []error{tracker.PutBacklink(t.Context(), ref, theLink()), redelivering, searching} {
		wantRejected(t, err, 0)
	}
	leaked.Range(func(path, _ any) bool {
		t.Errorf("the other host was asked for %v", path)
		return true
	})
}

func TestTracker_saysWhatBecameOfThings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Here today")
	gone := w.Create("Deleted")
	w.Delete(gone)
	tracker := w.open(token)
	if _, err := tracker.Issue(t.Context(), gone); !errors.Is(err, integrations.ErrGone) {
		t.Errorf("a deleted issue: %v", err)
	}
	w.must(w.server.RemoveRepo(shop))
	_, reading := tracker.Issue(t.Context(), ref)
	_, listing := tracker.Issues(t.Context(), integrations.Query{Source: w.source})
	_, _, counting := tracker.IDs(t.Context(), integrations.Query{Source: w.source})
	_, remembering := tracker.Transitions(t.Context(), ref)
	for _, err := range []error{reading, listing, counting, remembering} {
		if !errors.Is(err, integrations.ErrNotFound) {
			t.Errorf("in a repository that is no more: %v", err)
		}
	}
	// Somebody else took the name.
	w.server.AddRepo(shop)
	w.Create("A stranger")
	if _, err := tracker.Issue(t.Context(), ref); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("an issue of a repository that took the name: %v", err)
	}
}

func TestTracker_isToldOfRepositoriesAndSubIssues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	parent := w.Create("Whole")
	part := w.create(fakegithub.NewIssue{Title: "Part", Parent: 1})
	w.must(w.server.RenameRepo(shop, "acme/store"))
	w.must(w.server.RemoveRepo("acme/store"))
	deliveries, key := w.Webhooks()
	var got []string
	for _, d := range deliveries[2:] { // behind the two that were opened
		hints, err := w.open(token).ParseWebhook(d, key)
		w.must(err)
		for _, h := range hints {
			got = append(got, h.Event+" "+h.Source.Key+" "+h.Ref.ID)
		}
	}
	want := []string{
		"sub_issues.sub_issue_added acme/shop " + part.ID, "sub_issues.sub_issue_added acme/shop " + parent.ID,
		"repository.renamed acme/store ", "repository.deleted acme/store ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
