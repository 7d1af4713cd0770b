package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// keys are the keys of a page's issues.
func keys(page integrations.Page) []string {
	var out []string
	for _, i := range page.Issues {
		out = append(out, i.Ref.Key)
	}
	return out
}

// page asks for one page and expects no error.
func page(t *testing.T, tracker *github.Tracker, q integrations.Query) integrations.Page {
	t.Helper()
	got, err := tracker.Issues(t.Context(), q)
	if err != nil {
		t.Fatalf("Issues: %v", err)
	}
	return got
}

// linkTo answers listings with an empty page that links to an address.
func linkTo(w *world, next func(r *http.Request) string) {
	w.answer(func(r *http.Request) *fakegithub.Fault {
		h := http.Header{}
		h.Set("Link", "<"+next(r)+`>; rel="next"`)
		return &fakegithub.Fault{Status: http.StatusOK, Header: h, Body: "[]"}
	})
}

func wantRejected(t *testing.T, err error, status int) {
	t.Helper()
	rejected := (*integrations.RejectedError)(nil)
	if !errors.As(err, &rejected) || rejected.Status != status {
		t.Errorf("error = %v, want a RejectedError of status %d", err, status)
	}
}

func TestTrap_pullRequestsAreListedAmongIssues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	w.Create("An issue")
	w.create(fakegithub.NewIssue{Title: "A change", Pull: true})
	w.Tick()
	dropped := w.create(fakegithub.NewIssue{Title: "An abandoned change", Pull: true})
	w.Finish(dropped)

	got := page(t, w.open(token), integrations.Query{Source: w.source})
	if diff := cmp.Diff([]string{"acme/shop#1"}, keys(got)); diff != "" || got.Skipped != 2 {
		t.Errorf("without pull requests: skipped %d, keys %s", got.Skipped, diff)
	}
	if !got.Through.Equal(w.clock()) {
		t.Errorf("through %v, but the skipped pull requests reach to %v", got.Through, w.clock())
	}
	got = page(t, w.open(token), integrations.Query{Source: w.source, IncludePullRequests: true})
	if len(got.Issues) != 3 || got.Skipped != 0 || got.Issues[0].PullRequest || !got.Issues[1].PullRequest {
		t.Fatalf("with pull requests: %+v", got)
	}
	if state := got.Issues[2].State; state != integrations.StateDropped {
		t.Errorf("a pull request closed without a merge is %s", state)
	}
	refs, _, err := w.open(token).IDs(t.Context(), integrations.Query{Source: w.source})
	if err != nil || len(refs) != 1 {
		t.Errorf("the census counts %v, %v, want the issue alone", refs, err)
	}
}

func TestTrap_listsClosedIssuesToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	w.Finish(w.Create("Done"))
	if got := page(t, w.open(token), integrations.Query{Source: w.source}); len(got.Issues) != 1 {
		t.Errorf("got %v", keys(got))
	}
	if query := w.server.Requests()[0].Query; query != "direction=asc&per_page=100&sort=updated&state=all" {
		t.Errorf("asked for %s", query)
	}
}

func TestTrap_followsTheNextLinkItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	for range 5 {
		w.Create("One")
	}
	tracker, q := w.open(token), integrations.Query{Source: w.source, PageSize: 2}
	var all []string
	for {
		got := page(t, tracker, q)
		all = append(all, keys(got)...)
		if q.After = got.Next; q.After == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"acme/shop#1", "acme/shop#2", "acme/shop#3", "acme/shop#4", "acme/shop#5"}, all); diff != "" {
		t.Error(diff)
	}
	for _, r := range w.server.Requests()[1:] {
		if !strings.Contains(r.Query, "after=") || strings.Contains(r.Query, "&page=") {
			t.Errorf("followed %s, not the link it was given", r.Query)
		}
	}
}

func TestTrap_neverSendsTheTokenToAnotherHost(t *testing.T) {
	t.Parallel()
	var leaked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Add(1) }))
	t.Cleanup(other.Close)
	for _, c := range []struct {
		name  string
		spoil func(w *world)
	}{
		{"by a link", func(w *world) { linkTo(w, func(*http.Request) string { return other.URL + "/x" }) }},
		{"by a link without a scheme", func(w *world) {
			linkTo(w, func(*http.Request) string { return strings.TrimPrefix(other.URL, "http:") + "/x" })
		}},
		{"by a link to https", func(w *world) {
			linkTo(w, func(r *http.Request) string { return "https://" + r.Host + "/x" })
		}},
		{"by a redirect", func(w *world) {
			h := http.Header{}
			h.Set("Location", other.URL+"/x")
			w.always(&fakegithub.Fault{Status: http.StatusMovedPermanently, Header: h})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{})
			c.spoil(w)
			_, err := w.open(token).Issues(t.Context(), integrations.Query{Source: w.source})
			wantRejected(t, err, 0)
			if leaked.Load() != 0 {
				t.Error("the other host was asked")
			}
		})
	}
}

func TestTrap_refusesToWalkInCircles(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 2, 3, 7, 40} {
		t.Run(fmt.Sprintf("of %d pages", length), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{})
			var count atomic.Int32
			linkTo(w, func(r *http.Request) string {
				return "http://" + r.Host + fmt.Sprintf("/circle?at=%d", int(count.Add(1))%length)
			})
			tracker, q := w.open(token), integrations.Query{Source: w.source}
			for range 10 * (length + 1) {
				got, err := tracker.Issues(t.Context(), q)
				if err != nil {
					wantRejected(t, err, 0)
					return
				}
				q.After = got.Next
			}
			t.Error("walked on")
		})
	}
}

func TestTrap_endsAWalkThatNeverRepeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	linkTo(w, func(r *http.Request) string { return "http://" + r.Host + "/on?" + r.URL.RawQuery + "x" })
	q := integrations.Query{Source: w.source, After: "10000.1./on?x"}
	_, err := w.open(token).Issues(t.Context(), q)
	wantRejected(t, err, 0)
}

func TestTrap_pageNumbersStopWorking(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{Links: fakegithub.LinkPage, PageLimit: 2})
	for range 30 {
		w.Create("One of many")
		w.Tick()
	}
	tracker := w.open(token)
	third := integrations.Cursor("2.0./repos/acme/shop/issues?state=all&page=3")
	_, err := tracker.Issues(t.Context(), integrations.Query{Source: w.source, After: third})
	wantRejected(t, err, http.StatusUnprocessableEntity)

	seen := map[string]bool{}
	for q, more := (integrations.Query{Source: w.source, PageSize: 4}), true; more; {
		got := page(t, tracker, q)
		for _, key := range keys(got) {
			seen[key] = true
		}
		q, more = got.Following(q)
	}
	if len(seen) != 30 {
		t.Errorf("the keyset walk saw %d of 30 issues", len(seen))
	}
}

func TestTrap_anUnchangedSourceCostsOneFreeRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{Quota: 100})
	w.Create("First")
	w.Tick()
	tracker := w.open(token)
	q := integrations.Query{Source: w.source, Since: w.clock().Add(-2 * time.Minute)}
	first := page(t, tracker, q)
	if first.Validator == "" || first.NotModified {
		t.Fatalf("first page: %+v", first)
	}
	q.Validator = first.Validator
	again := page(t, tracker, q)
	if !again.NotModified || again.Requests != 1 || again.Validator != first.Validator || len(again.Issues) != 0 {
		t.Errorf("unchanged: %+v", again)
	}
	log := w.server.Requests()
	if got := log[len(log)-1]; len(log) != 2 || got.Status != http.StatusNotModified || got.IfNoneMatch == "" {
		t.Errorf("requests: %+v", log)
	}
	if after := page(t, tracker, integrations.Query{Source: w.source}); first.Quota.Remaining-after.Quota.Remaining != 1 {
		t.Errorf("the 304 was not free: %d, then %d left", first.Quota.Remaining, after.Quota.Remaining)
	}
	w.Create("Second")
	if changed := page(t, tracker, q); changed.NotModified || len(changed.Issues) != 2 {
		t.Errorf("changed: %+v", changed)
	}
}

func TestTrap_aFullPageIsNoProofThatNothingChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	for range 3 {
		w.Create("One")
	}
	// A page with more behind it must give no validator: what is behind may
	// change while the page itself stays the same.
	q := integrations.Query{Source: w.source, PageSize: 2}
	first := page(t, w.open(token), q)
	if first.Validator != "" || first.Next == "" {
		t.Errorf("first page: %+v", first)
	}
	// Neither does a validator of another question count.
	q.PageSize = 100
	whole := page(t, w.open(token), q)
	q.Since = w.clock()
	q.Validator = whole.Validator
	if got := page(t, w.open(token), q); got.NotModified || len(got.Issues) != 3 {
		t.Errorf("a validator of another question was used: %+v", got)
	}
}

func TestTrap_answersThatAreNoAnswers(t *testing.T) {
	t.Parallel()
	unavailable := func(t *testing.T, err error, status int) {
		t.Helper()
		got := (*integrations.UnavailableError)(nil)
		if !errors.As(err, &got) || got.Status != status {
			t.Errorf("error = %v, want an UnavailableError of status %d", err, status)
		}
	}
	is := func(want error) func(*testing.T, error, int) {
		return func(t *testing.T, err error, _ int) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("error = %v, want %v", err, want)
			}
		}
	}
	for _, c := range []struct {
		name   string
		fault  *fakegithub.Fault
		check  func(*testing.T, error, int)
		status int
	}{
		{"HTML of a 502", fakegithub.BadGateway(), unavailable, 502},
		{"HTML of a 200", &fakegithub.Fault{Status: 200, Body: "<html>"}, unavailable, 200},
		{"JSON cut off", &fakegithub.Fault{Truncate: true}, unavailable, 200},
		{"connection cut off", &fakegithub.Fault{HangUp: true}, unavailable, 200},
		{"304 that nobody asked for", &fakegithub.Fault{Status: 304}, unavailable, 304},
		{"redirect to nowhere", &fakegithub.Fault{Status: 301}, unavailable, 301},
		{"202", &fakegithub.Fault{Status: 202}, unavailable, 202},
		{"408", &fakegithub.Fault{Status: 408}, unavailable, 408},
		{"400", fakegithub.Message(400, "Problems parsing JSON"), wantRejected, 400},
		{"422", fakegithub.Message(422, "Validation Failed"), wantRejected, 422},
		{"451", fakegithub.Message(451, "Repository access blocked"), wantRejected, 451},
		{"410, issues are disabled", fakegithub.Message(410, "Issues are disabled for this repo"), is(integrations.ErrGone), 0},
		{"404", fakegithub.Message(404, "Not Found"), is(integrations.ErrNotFound), 0},
		{"401", fakegithub.Message(401, "Bad credentials"), is(integrations.ErrUnauthorized), 0},
		{"403 that forbids", fakegithub.Message(403, "Resource not accessible by personal access token"), is(integrations.ErrForbidden), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{})
			w.Create("Out of reach")
			w.always(c.fault)
			got, err := w.open(token).Issues(t.Context(), integrations.Query{Source: w.source})
			c.check(t, err, c.status)
			if diff := cmp.Diff(integrations.Page{}, got); diff != "" {
				t.Errorf("a page came with the error: %s", diff)
			}
		})
	}
}

func TestTrap_redirectsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	var count atomic.Int32
	w.answer(func(r *http.Request) *fakegithub.Fault {
		h := http.Header{}
		h.Set("Location", fmt.Sprintf("http://%s/hop/%d", r.Host, count.Add(1)))
		return &fakegithub.Fault{Status: http.StatusMovedPermanently, Header: h}
	})
	_, err := w.open(token).Issue(t.Context(), integrations.Ref{ID: "1", Key: "acme/shop#1"})
	wantRejected(t, err, http.StatusMovedPermanently)
	if count.Load() > 5 {
		t.Errorf("followed %d redirects", count.Load())
	}
}

func TestTrap_aRenamedRepositoryRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Stays itself")
	if err := w.server.RenameRepo(shop, "acme/store"); err != nil {
		t.Fatal(err)
	}
	tracker := w.open(token)
	got := page(t, tracker, integrations.Query{Source: w.source})
	if len(got.Issues) != 1 || got.Issues[0].Ref.ID != ref.ID || got.Issues[0].Ref.Key != "acme/store#1" || got.Requests != 2 {
		t.Errorf("listing under the old name: %+v", got)
	}
	issue, err := tracker.Issue(t.Context(), ref)
	if err != nil || issue.Ref.ID != ref.ID || issue.Ref.Key != "acme/store#1" || issue.SourceID != w.source.ID {
		t.Errorf("reading by the old name: %+v, %v", issue, err)
	}
}
