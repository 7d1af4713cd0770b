package github_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// found searches the first page.
func found(t *testing.T, w *world, text string) ([]string, error) {
	t.Helper()
	refs, _, err := w.open(token).Search(t.Context(), integrations.Query{Source: w.source, PageSize: 2}, text)
	var keys []string
	for _, r := range refs {
		keys = append(keys, r.Key)
	}
	return keys, err
}

func TestSearch_asksWithinTheRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	w.create(fakegithub.NewIssue{Title: "Cart", Labels: []string{"p1"}})
	w.create(fakegithub.NewIssue{Title: "A change of the cart", Pull: true, Labels: []string{"p1"}})
	for text, want := range map[string]string{
		"label:p1": "repo:acme/shop is:issue label:p1", "": "repo:acme/shop is:issue",
		"cart  OR\ncheckout": "repo:acme/shop is:issue (cart OR checkout)",
	} {
		keys, err := found(t, w, text)
		if diff := cmp.Diff([]string{"acme/shop#1"}, keys); diff != "" || err != nil {
			t.Errorf("%q: %v %s", text, err, diff)
		}
		log := w.server.Requests()
		if got := log[len(log)-1].Query; !strings.Contains(got, "q="+strings.NewReplacer(" ", "+", ":", "%3A", "/", "%2F", "(", "%28", ")", "%29").Replace(want)+"&") {
			t.Errorf("%q was asked as %s", text, got)
		}
	}
}

func TestSearch_dropsWhatIsElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	w.Garble([]byte(`{"total_count":3,"incomplete_results":false,"items":[
		{"id":1,"number":1,"repository_url":"https://api.github.example/repos/acme/shop"},
		{"id":2,"number":2,"repository_url":"https://api.github.example/repos/acme/other"},
		{"id":3,"number":3,"repository_url":"https://api.github.example/repos/acme/shop","pull_request":{}},
		{"id":4,"number":4}]}`))
	keys, err := found(t, w, "x")
	if diff := cmp.Diff([]string{"acme/shop#1"}, keys); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestSearch_refusesToAnswerAPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	w.Garble([]byte(`{"total_count":1001,"incomplete_results":false,"items":[]}`))
	_, err := found(t, w, "x")
	wantRejected(t, err, 0)
	if err == nil || !strings.Contains(err.Error(), "1001") {
		t.Errorf("the reason does not tell how many: %v", err)
	}
	for _, body := range []string{`{"total_count":1,"incomplete_results":true,"items":[]}`, `{}`, `{"total_count":1,"items":[{"id":1}]}`} {
		w.Garble([]byte(body))
		unavailable := (*integrations.UnavailableError)(nil)
		if _, err := found(t, w, "x"); !errors.As(err, &unavailable) {
			t.Errorf("%s gave %v", body, err)
		}
	}
}

func TestSearch_saysWhatGitHubHasAgainstIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	for text, reason := range map[string]string{
		"is:nonsense": "nonsense", strings.Repeat("x", 300): "256 characters", "(x": "bracket",
	} {
		_, err := found(t, w, text)
		wantRejected(t, err, http.StatusUnprocessableEntity)
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%.20q gave %v, without %q", text, err, reason)
		}
	}
}

func TestSearch_followsARenamedRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	for range 5 {
		w.Create("Cart")
		w.Tick()
	}
	w.must(w.server.RenameRepo(shop, "acme/store"))
	var all []string
	q := integrations.Query{Source: w.source, PageSize: 2}
	tracker := w.open(token)
	for {
		refs, next, err := tracker.Search(t.Context(), q, "cart")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range refs {
			all = append(all, r.Key)
		}
		if q.After = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"acme/store#1", "acme/store#2", "acme/store#3", "acme/store#4", "acme/store#5"}, all); diff != "" {
		t.Error(diff)
	}
	w.must(w.server.RemoveRepo("acme/store"))
	if _, err := found(t, w, "cart"); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("a repository that is no more: %v", err)
	}
}

func TestSearch_hasALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{SearchQuota: 2})
	tracker := w.open(token)
	q := integrations.Query{Source: w.source}
	for range 2 {
		if _, _, err := tracker.Search(t.Context(), q, "x"); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := tracker.Search(t.Context(), q, "x")
	limited := (*integrations.RateLimitError)(nil)
	if !errors.As(err, &limited) || limited.RetryAt.Sub(w.clock()) != time.Minute {
		t.Errorf("the third search in a minute: %v", err)
	}
	if got := page(t, tracker, q); got.Quota.Limit != 5000 {
		t.Errorf("the quota of searches was taken for that of all else: %+v", got.Quota)
	}
	// A limit that is not about the quota of searches is about everything.
	w.sleep(time.Minute)
	w.always(fakegithub.SecondaryLimit(http.StatusForbidden, 30*time.Second))
	if _, _, err := tracker.Search(t.Context(), q, "x"); !errors.As(err, &limited) {
		t.Errorf("a secondary limit: %v", err)
	}
	w.Heal()
	if _, err := tracker.Issues(t.Context(), q); !errors.As(err, &limited) {
		t.Errorf("listing after a secondary limit on searching: %v", err)
	}
}
