package fakegithub_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

const repo = "acme/shop"

// recorded is a JSONL of two issues and a pull request, with fields the server
// does not know and spacing it would not choose.
const recorded = `{"id": 11, "number": 1, "state": "closed", "state_reason": "not_planned", "title": "Old", "extra": {"kept": [1, 2]}, "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-05T00:00:00Z", "closed_at": "2024-01-04T00:00:00Z", "closed_by": {"login": "kim", "id": 7}}

{"id": 12, "number": 2, "state": "open", "title": "Change", "pull_request": {"merged_at": null}, "created_at": "2024-01-02T00:00:00Z", "updated_at": "2024-01-03T00:00:00Z", "closed_at": null}
{"id": 13, "number": 5, "state": "open", "title": "New", "body": null, "created_at": "2024-01-03T00:00:00Z", "updated_at": "2024-01-04T00:00:00Z", "closed_at": null}`

// get asks the server without a socket.
func get(s *fakegithub.Server, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// numbers are the numbers of the issues in a listing.
func numbers(t *testing.T, w *httptest.ResponseRecorder) []int {
	t.Helper()
	var items []struct {
		Number int `json:"number"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &items); err != nil {
		t.Fatalf("status %d: %v: %s", w.Code, err, w.Body)
	}
	out := []int{}
	for _, i := range items {
		out = append(out, i.Number)
	}
	return out
}

// load makes a server of the recorded issues.
func load(t *testing.T, opts fakegithub.Options) *fakegithub.Server {
	t.Helper()
	s := fakegithub.New(opts)
	if n, err := s.Load(repo, strings.NewReader(recorded)); n != 3 || err != nil {
		t.Fatalf("loaded %d, %v", n, err)
	}
	return s
}

func TestLoad_servesObjectsAsRecorded(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(z, recorded); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := fakegithub.New(fakegithub.Options{})
	if n, err := s.Load(repo, &zipped); n != 3 || err != nil {
		t.Fatalf("loaded %d, %v", n, err)
	}
	line, _, _ := strings.Cut(recorded, "\n")
	if diff := cmp.Diff(line, get(s, "/repos/acme/shop/issues/1").Body.String()); diff != "" {
		t.Error(diff)
	}
	var entries []struct {
		Event, CreatedAt, StateReason string
		Actor                         struct{ Login string }
	}
	timeline := strings.NewReplacer("created_at", "createdAt", "state_reason", "stateReason").Replace(get(s, "/repos/acme/shop/issues/1/timeline").Body.String())
	if err := json.Unmarshal([]byte(timeline), &entries); err != nil || len(entries) != 1 {
		t.Fatalf("%v: %s", err, timeline)
	}
	if e := entries[0]; e.Event != "closed" || e.CreatedAt != "2024-01-04T00:00:00Z" || e.StateReason != "not_planned" || e.Actor.Login != "kim" {
		t.Errorf("timeline: %+v", e)
	}
	// New numbers and ids go on behind the recorded ones.
	if n, id, err := s.Create(repo, fakegithub.NewIssue{Title: "x"}); n != 6 || id <= 13 || err != nil {
		t.Errorf("created #%d with id %d, %v", n, id, err)
	}
}

func TestLoad_refusesWhatIsNoIssue(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON": "{", "no id": `{"number":1,"updated_at":"2024-01-01T00:00:00Z"}`,
		"a number taken twice": recorded + "\n" + recorded, "a broken archive": "\x1f\x8bnonsense",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n, err := fakegithub.New(fakegithub.Options{}).Load(repo, strings.NewReader(text)); err == nil {
				t.Errorf("loaded %d without an error", n)
			}
		})
	}
	if _, err := fakegithub.New(fakegithub.Options{}).LoadFile(repo, t.TempDir()+"/none"); err == nil {
		t.Error("loaded a file that is not there")
	}
}

func TestListing_knowsGitHubsParameters(t *testing.T) {
	t.Parallel()
	s := load(t, fakegithub.Options{})
	for _, c := range []struct {
		query string
		want  []int
	}{
		{"", []int{5, 2}},
		{"state=all", []int{5, 2, 1}},
		{"state=closed", []int{1}},
		{"state=all&direction=asc", []int{1, 2, 5}},
		{"state=all&sort=updated", []int{1, 5, 2}},
		{"state=all&sort=updated&direction=asc", []int{2, 5, 1}},
		{"state=all&sort=updated&direction=asc&since=2024-01-04T00:00:00Z", []int{5, 1}},
		{"state=all&since=2024-01-04T00:00:00Z", []int{5, 1}},
		{"state=all&page=2&per_page=2", []int{1}},
		{"state=all&page=9", []int{}},
	} {
		if diff := cmp.Diff(c.want, numbers(t, get(s, "/repos/ACME/Shop/issues?"+c.query))); diff != "" {
			t.Errorf("%s: %s", c.query, diff)
		}
	}
	for _, query := range []string{"state=odd", "sort=comments", "since=yesterday", "after=x", "page=0", "per_page=many"} {
		if got := get(s, "/repos/acme/shop/issues?"+query); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, want 422", query, got.Code)
		}
	}
}

func TestListing_linksThroughEveryOrderInEitherStyle(t *testing.T) {
	t.Parallel()
	for _, style := range []fakegithub.LinkStyle{fakegithub.LinkAfter, fakegithub.LinkPage} {
		s := load(t, fakegithub.Options{Links: style})
		for query, want := range map[string][]int{
			"sort=updated&direction=asc":  {2, 5, 1},
			"sort=updated&direction=desc": {1, 5, 2},
			"sort=created&direction=asc":  {1, 2, 5},
			"sort=created&direction=desc": {5, 2, 1},
		} {
			var got []int
			for path := "/repos/acme/shop/issues?state=all&per_page=1&" + query; path != ""; {
				w := get(s, path)
				got = append(got, numbers(t, w)...)
				link := w.Header().Get("Link")
				if strings.Contains(link, "after=") == (style == fakegithub.LinkPage) && link != "" {
					t.Errorf("style %d links to %s", style, link)
				}
				_, link, _ = strings.Cut(link, "<http://example.com")
				path, _, _ = strings.Cut(link, ">")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("style %d, %s: %s", style, query, diff)
			}
		}
	}
}

func TestListing_refusesHighPages(t *testing.T) {
	t.Parallel()
	s := load(t, fakegithub.Options{PageLimit: 2})
	if got := get(s, "/repos/acme/shop/issues?page=2").Code; got != http.StatusOK {
		t.Errorf("page 2: %d", got)
	}
	if got := get(s, "/repos/acme/shop/issues?page=3").Code; got != http.StatusUnprocessableEntity {
		t.Errorf("page 3: %d", got)
	}
}

func TestListing_answers304ForFree(t *testing.T) {
	t.Parallel()
	s := load(t, fakegithub.Options{Quota: 2})
	first := get(s, "/repos/acme/shop/issues")
	for range 5 {
		if got := get(s, "/repos/acme/shop/issues", "If-None-Match", first.Header().Get("Etag")); got.Code != http.StatusNotModified || got.Body.Len() > 0 {
			t.Fatalf("unchanged: status %d, %d bytes", got.Code, got.Body.Len())
		}
	}
	if err := s.Update(repo, 5, fakegithub.Change{}); err != nil {
		t.Fatal(err)
	}
	if got := get(s, "/repos/acme/shop/issues", "If-None-Match", first.Header().Get("Etag")); got.Code != http.StatusOK {
		t.Errorf("changed: status %d", got.Code)
	}
	got := get(s, "/repos/acme/shop/issues")
	if got.Code != http.StatusForbidden || got.Header().Get("X-Ratelimit-Remaining") != "0" {
		t.Errorf("beyond the quota: status %d, remaining %s", got.Code, got.Header().Get("X-Ratelimit-Remaining"))
	}
}

func TestServer_remembersWhatHappened(t *testing.T) {
	t.Parallel()
	var hooks []fakegithub.Delivery
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := fakegithub.New(fakegithub.Options{
		Now: func() time.Time { return now }, WebhookSecret: []byte("s"),
		OnDelivery: func(d fakegithub.Delivery) { hooks = append(hooks, d) },
	})
	shopID := s.AddRepo(repo)
	if again := s.AddRepo(repo); again != shopID {
		t.Errorf("adding it again gave id %d, want %d", again, shopID)
	}
	plansID := s.AddRepo("acme/plans")
	title, body, kind := "Cart", "Lost", "Bug"
	number, _, err := s.Create(repo, fakegithub.NewIssue{Title: "x", Labels: []string{"p1"}, Type: "Task", Parent: 9})
	change := fakegithub.Change{Title: &title, Body: &body, Type: &kind, Labels: []string{"p2"}, Assignees: []string{"kim"}}
	late := now.Add(time.Hour)
	_, pull, err2 := s.Create("acme/plans", fakegithub.NewIssue{Title: "y", Pull: true})
	if err := errors.Join(err, err2, s.Update(repo, number, change), s.CloseIssueAt(repo, number, "completed", late), s.Reopen(repo, number)); err != nil {
		t.Fatal(err)
	}
	raw := string(s.Raw(repo, number))
	for _, part := range []string{`"title":"Cart"`, `"body":"Lost"`, `"name":"Bug"`, `"name":"p2"`, `"login":"kim"`, `"state_reason":"reopened"`, `issues/9"`} {
		if !strings.Contains(raw, part) {
			t.Errorf("the issue lacks %s: %s", part, raw)
		}
	}
	newNumber, _, err := s.Transfer(repo, number, "acme/plans")
	if err != nil || newNumber != 2 || pull == 0 {
		t.Fatalf("transferred to #%d, %v", newNumber, err)
	}
	to := fmt.Sprintf("http://example.com/repositories/%d/issues/2", plansID)
	if got := get(s, "/repos/acme/shop/issues/1"); got.Code != http.StatusMovedPermanently || got.Header().Get("Location") != to {
		t.Errorf("the old address: %d to %s", got.Code, got.Header().Get("Location"))
	}
	if got := get(s, "/repos/acme/plans/issues/2/events"); strings.Count(got.Body.String(), `"event"`) != 2 {
		t.Errorf("its history was lost: %s", got.Body)
	}
	if err := s.Delete("acme/plans", 2); err != nil {
		t.Fatal(err)
	}
	if got := get(s, "/repos/acme/plans/issues/2").Code; got != http.StatusGone {
		t.Errorf("deleted: %d", got)
	}
	var events []string
	for _, d := range hooks {
		var p struct{ Action string }
		if err := json.Unmarshal(d.Body, &p); err != nil {
			t.Fatal(err)
		}
		events = append(events, d.Event+"."+p.Action)
	}
	want := []string{
		"issues.opened", "pull_request.opened", "issues.edited", "issues.closed", "issues.reopened", "issues.transferred", "issues.deleted",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
}

func TestServer_refusesToChangeWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := load(t, fakegithub.Options{})
	_, _, transfer := s.Transfer(repo, 1, "acme/none")
	_, _, transferNone := s.Transfer(repo, 99, repo)
	_, _, create := s.Create("acme/none", fakegithub.NewIssue{})
	for name, err := range map[string]error{
		"update": s.Update(repo, 99, fakegithub.Change{}), "close": s.CloseIssue("acme/none", 1, ""), "delete": s.Delete(repo, 99),
		"poison": s.Poison(repo, 99, nil), "rename": s.RenameRepo("acme/none", "x/y"), "create": create,
		"transfer to nowhere": transfer, "transfer of nothing": transferNone,
	} {
		if err == nil {
			t.Errorf("%s gave no error", name)
		}
	}
	if s.Raw(repo, 99) != nil || s.Numbers("acme/none") != nil {
		t.Error("something came of nothing")
	}
	if diff := cmp.Diff([]int{1, 2, 5}, s.Numbers(repo)); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{
		"/nothing", "/repos/acme/none", "/repos/acme/shop/issues/x", "/repos/acme/shop/issues/99", "/repositories/7", "/repositories/x/issues",
	} {
		if got := get(s, path).Code; got != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, got)
		}
	}
}

func TestDelivery_isSignedAndCanBeSent(t *testing.T) {
	t.Parallel()
	s := fakegithub.New(fakegithub.Options{WebhookSecret: []byte("s")})
	r, err := s.Sign("guid", "ping", []byte("{}")).Request(t.Context(), "http://127.0.0.1/hooks")
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte("s"))
	mac.Write([]byte("{}"))
	if got, want := r.Header.Get("X-Hub-Signature-256"), "sha256="+hex.EncodeToString(mac.Sum(nil)); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if r.Header.Get("X-Github-Event") != "ping" || r.Header.Get("X-Github-Delivery") != "guid" {
		t.Errorf("headers: %v", r.Header)
	}
}

func TestServer_delaysUntilTheCallerGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := fakegithub.New(fakegithub.Options{Latency: time.Hour, Intercept: func(*http.Request) *fakegithub.Fault {
		cancel()
		return nil
	}})
	base, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"user", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err == nil {
		err = resp.Body.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}
