package fakegithub_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

func TestApp_isBelievedByItsSignatureAlone(t *testing.T) {
	t.Parallel()
	s, good := app(t, fakegithub.Options{})
	now := time.Now()
	body := strings.Split(good, ".")
	for name, token := range map[string]string{
		"no token":                 "",
		"a person's token":         "person",
		"a signature of another":   body[0] + "." + body[1] + ".AAAA",
		"an unsigned one":          signed(t, "none", claims{Iss: "7", Iat: now.Unix(), Exp: now.Add(time.Minute).Unix()}),
		"another app":              signed(t, "RS256", claims{Iss: "8", Iat: now.Unix(), Exp: now.Add(time.Minute).Unix()}),
		"one that has ended":       signed(t, "RS256", claims{Iss: "7", Iat: now.Unix() - 700, Exp: now.Unix() - 1}),
		"one that lives too long":  signed(t, "RS256", claims{Iss: "7", Iat: now.Unix(), Exp: now.Add(time.Hour).Unix()}),
		"one of the future":        signed(t, "RS256", claims{Iss: "7", Iat: now.Add(5 * time.Minute).Unix(), Exp: now.Add(6 * time.Minute).Unix()}),
		"claims that are no JSON":  body[0] + ".AAAA." + body[2],
		"a token in four parts":    good + ".x",
		"a head that is no base64": "?." + body[1] + "." + body[2],
	} {
		for _, path := range []string{"/app", "/app/hook/config"} {
			if got := ask(s, http.MethodGet, path, token, ""); got.Code != http.StatusUnauthorized {
				t.Errorf("%s: %s answered %d", name, path, got.Code)
			}
		}
	}
	if got := ask(s, http.MethodGet, "/app", good, ""); got.Code != http.StatusOK {
		t.Errorf("the App itself: %d: %s", got.Code, got.Body)
	}
	if got := ask(s, http.MethodGet, "/user", good, ""); got.Code != http.StatusUnauthorized {
		t.Errorf("the App's signature on a person's question: %d", got.Code)
	}
	if got := ask(fakegithub.New(fakegithub.Options{}), http.MethodGet, "/app", good, ""); got.Code != http.StatusNotFound {
		t.Errorf("a server without an App: %d", got.Code)
	}
}

func TestApp_tokensEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s, jwt := app(t, fakegithub.Options{Now: func() time.Time { return now }})
	s.AddRepo(repo)
	if got := ask(s, http.MethodPost, "/app/installations/78/access_tokens", jwt, "").Code; got != http.StatusNotFound {
		t.Errorf("another installation: %d", got)
	}
	var granted struct {
		Token     string
		ExpiresAt time.Time `json:"expires_at"`
	}
	must(t, json.Unmarshal(ask(s, http.MethodPost, "/app/installations/77/access_tokens", jwt, "").Body.Bytes(), &granted))
	status := func() int { return ask(s, http.MethodGet, "/installation/repositories", granted.Token, "").Code }
	if got := status(); got != http.StatusOK || !granted.ExpiresAt.Equal(now.Add(time.Hour)) {
		t.Errorf("a fresh token: %d, until %v", got, granted.ExpiresAt)
	}
	if got := ask(s, http.MethodGet, "/user", granted.Token, "").Code; got != http.StatusForbidden {
		t.Errorf("an App is no user: %d", got)
	}
	s.SuspendApp(true)
	if got := status(); got != http.StatusForbidden {
		t.Errorf("suspended: %d", got)
	}
	if got := ask(s, http.MethodPost, "/app/installations/77/access_tokens", jwt, "").Code; got != http.StatusForbidden {
		t.Errorf("a token while suspended: %d", got)
	}
	s.SuspendApp(false)
	now = now.Add(time.Hour)
	if got := status(); got != http.StatusUnauthorized {
		t.Errorf("an hour later: %d", got)
	}
}

func TestHooks_keepWhatFailedAndSendItAgain(t *testing.T) {
	t.Parallel()
	var fails atomic.Bool
	var guids []string
	fails.Store(true)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guids = append(guids, r.Header.Get("X-Github-Delivery"))
		if fails.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(receiver.Close)
	s := fakegithub.New(fakegithub.Options{WebhookSecret: []byte("s")})
	s.AddRepo(repo)
	_, err := s.AddHook(repo, receiver.URL)
	must(t, err)
	if _, err := s.AddHook("acme/none", receiver.URL); err == nil {
		t.Error("a repository that is not there got a webhook")
	}
	_, _, err = s.Create(repo, fakegithub.NewIssue{Title: "x"})
	must(t, err)
	var hooks []struct{ ID json.Number }
	must(t, json.Unmarshal(get(s, "/repos/acme/shop/hooks").Body.Bytes(), &hooks))
	at := "/repos/acme/shop/hooks/" + hooks[0].ID.String() + "/deliveries"
	type try struct {
		ID         json.Number
		GUID       string
		StatusCode int  `json:"status_code"`
		Redelivery bool `json:"redelivery"`
	}
	var tries []try
	must(t, json.Unmarshal(get(s, at).Body.Bytes(), &tries))
	fails.Store(false)
	if got := ask(s, http.MethodPost, at+"/"+tries[0].ID.String()+"/attempts", "", "").Code; got != http.StatusAccepted {
		t.Errorf("asking again: %d", got)
	}
	must(t, json.Unmarshal(get(s, at+"?per_page=1").Body.Bytes(), &tries))
	if len(guids) != 2 || guids[0] != guids[1] || !tries[0].Redelivery || tries[0].StatusCode != http.StatusOK || tries[0].GUID != guids[0] {
		t.Errorf("received %v, kept %+v", guids, tries)
	}
	if link := get(s, at+"?per_page=1").Header().Get("Link"); !strings.Contains(link, "cursor="+tries[0].ID.String()) {
		t.Errorf("links to %s", link)
	}
	for _, path := range []string{at + "/7/attempts", "/repos/acme/shop/hooks/7/deliveries/7/attempts", "/repos/acme/none/hooks/7/deliveries/7/attempts"} {
		if got := ask(s, http.MethodPost, path, "", "").Code; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := get(s, at+"?cursor=x").Code; got != http.StatusUnprocessableEntity {
		t.Errorf("a strange cursor: %d", got)
	}
}

func TestComments_changeTheirIssue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var events []string
	s := fakegithub.New(fakegithub.Options{
		Now: func() time.Time { return now }, OnDelivery: func(d fakegithub.Delivery) { events = append(events, d.Event) },
	})
	s.AddRepo(repo)
	_, _, err := s.Create(repo, fakegithub.NewIssue{Title: "x"})
	must(t, err)
	now = now.Add(time.Hour)
	id, err := s.AddComment(repo, 1, "kim", "Hello")
	must(t, err)
	raw := string(s.Raw(repo, 1))
	if !strings.Contains(raw, `"comments":1`) || !strings.Contains(raw, `"updated_at":"2026-01-01T01:00:00Z"`) {
		t.Errorf("the issue does not show it: %s", raw)
	}
	if diff := cmp.Diff([]fakegithub.Comment{{ID: id, Author: "kim", Body: "Hello"}}, s.Comments(repo, 1)); diff != "" {
		t.Error(diff)
	}
	must(t, s.Lock(repo, 1))
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodPost, "/repos/acme/shop/issues/1/comments", `{"body":"x"}`, http.StatusForbidden},
		{http.MethodPost, "/repos/acme/shop/issues/1/comments", `{"body":""}`, http.StatusUnprocessableEntity},
		{http.MethodPost, "/repos/acme/shop/issues/1/comments", `{"body":"` + strings.Repeat("x", 65_537) + `"}`, http.StatusUnprocessableEntity},
		{http.MethodPost, "/repos/acme/shop/issues/1/comments", `{`, http.StatusBadRequest},
		{http.MethodPost, "/repos/acme/shop/issues/9/comments", `{"body":"x"}`, http.StatusNotFound},
		{http.MethodGet, "/repos/acme/shop/issues/9/comments", ``, http.StatusNotFound},
		{http.MethodPatch, "/repos/acme/shop/issues/comments/9", `{"body":"x"}`, http.StatusNotFound},
		{http.MethodDelete, "/repos/acme/none/issues/comments/9", ``, http.StatusNotFound},
	} {
		if got := ask(s, c.method, c.path, "", c.body).Code; got != c.want {
			t.Errorf("%s %s with %.20q: %d, want %d", c.method, c.path, c.body, got, c.want)
		}
	}
	if diff := cmp.Diff([]string{"issues", "issue_comment", "issues"}, events); diff != "" {
		t.Error(diff)
	}
	if _, err := s.AddComment(repo, 9, "kim", "x"); err == nil || s.Comments(repo, 9) != nil {
		t.Error("something came of nothing")
	}
}
