package fakegithub_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// appKey is the key of the App of these tests.
var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// claims are what a JSON Web Token of the App says.
type claims struct {
	Iss string `json:"iss"`
	Iat int64  `json:"iat"`
	Exp int64  `json:"exp"`
}

// signed is a JSON Web Token.
func signed(t *testing.T, algorithm string, c claims) string {
	t.Helper()
	payload, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"`+algorithm+`","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, appKey(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// app is a server that knows an App, and a token the App signed.
func app(t *testing.T, opts fakegithub.Options) (s *fakegithub.Server, token string) {
	t.Helper()
	opts.Token = "person"
	opts.App = &fakegithub.App{ID: 7, Installation: 77, Slug: "needle-acme", Key: &appKey().PublicKey}
	now := time.Now()
	return fakegithub.New(opts), signed(t, "RS256", claims{Iss: "7", Iat: now.Unix(), Exp: now.Add(time.Minute).Unix()})
}

// ask makes any request.
func ask(s *fakegithub.Server, method, path, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// descriptions are GitHub's own descriptions of its answers.
func descriptions(t *testing.T) func(operation string) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile("testdata/descriptions.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	const at = "https://descriptions.example/d.json"
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(at, doc); err != nil {
		t.Fatal(err)
	}
	return func(operation string) *jsonschema.Schema {
		s, err := c.Compile(at + "#/properties/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(operation)))
		if err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
		return s
	}
}

// TestAnswers_haveTheShapeGitHubDescribes asks for everything that drivers ask for.
func TestAnswers_haveTheShapeGitHubDescribes(t *testing.T) {
	t.Parallel()
	describe := descriptions(t)
	s, jwt := app(t, fakegithub.Options{WebhookSecret: []byte("s")})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Cleanup(receiver.Close)
	s.AddRepo(repo)
	s.SetAppHook(receiver.URL)
	hook, err := s.AddHook(repo, receiver.URL)
	must(t, err)
	stone, _, err := s.AddMilestone(repo, "Spring")
	must(t, err)
	parent, _, err := s.Create(repo, fakegithub.NewIssue{Title: "Whole"})
	must(t, err)
	number, _, err := s.Create(repo, fakegithub.NewIssue{
		Title: "Part", Body: "of it", Labels: []string{"p1"}, Assignees: []string{"kim"}, Type: "Bug", Parent: parent, Milestone: stone,
	})
	must(t, err)
	_, _, err = s.Create(repo, fakegithub.NewIssue{Title: "Change", Pull: true})
	must(t, err)
	must(t, s.CloseIssue(repo, number, "completed"))
	must(t, s.Reopen(repo, number))
	person, err := s.AddComment(repo, number, "kim", "Hello")
	must(t, err)

	fresh := ask(s, http.MethodPost, "/app/installations/77/access_tokens", jwt, "")
	var granted struct{ Token string }
	must(t, json.Unmarshal(fresh.Body.Bytes(), &granted))
	issue := fmt.Sprintf("/repos/acme/shop/issues/%d", number)
	deliveries := fmt.Sprintf("/repos/acme/shop/hooks/%d/deliveries", hook)
	var tries []struct{ ID int64 }
	must(t, json.Unmarshal(ask(s, http.MethodGet, deliveries, "person", "").Body.Bytes(), &tries))
	var appTries []struct{ ID int64 }
	must(t, json.Unmarshal(ask(s, http.MethodGet, "/app/hook/deliveries", jwt, "").Body.Bytes(), &appTries))
	if len(tries) < 6 || len(appTries) < 6 {
		t.Fatalf("%d and %d deliveries", len(tries), len(appTries))
	}

	const home, inst = "/repos/{owner}/{repo}", "inst"
	for _, c := range []struct{ operation, method, path, as, body string }{
		{"GET /user 200", http.MethodGet, "/user", "person", ""},
		{"GET /rate_limit 200", http.MethodGet, "/rate_limit", "person", ""},
		{"GET /user/repos 200", http.MethodGet, "/user/repos", "person", ""},
		{"GET /installation/repositories 200", http.MethodGet, "/installation/repositories", inst, ""},
		{"GET " + home + " 200", http.MethodGet, "/repos/acme/shop", "person", ""},
		{"GET " + home + "/issues 200", http.MethodGet, "/repos/acme/shop/issues?state=all", "person", ""},
		{"GET " + home + "/issues/{issue_number} 200", http.MethodGet, issue, "person", ""},
		{"GET " + home + "/issues/{issue_number}/timeline 200", http.MethodGet, issue + "/timeline", "person", ""},
		{"POST " + home + "/issues/{issue_number}/comments 201", http.MethodPost, issue + "/comments", inst, `{"body":"By the App"}`},
		{"GET " + home + "/issues/{issue_number}/comments 200", http.MethodGet, issue + "/comments", "person", ""},
		{"PATCH " + home + "/issues/comments/{comment_id} 200", http.MethodPatch, fmt.Sprintf("/repos/acme/shop/issues/comments/%d", person), "person", `{"body":"Edited"}`},
		{"DELETE " + home + "/issues/comments/{comment_id} 204", http.MethodDelete, fmt.Sprintf("/repos/acme/shop/issues/comments/%d", person), "person", ""},
		{"GET /search/issues 200", http.MethodGet, "/search/issues?q=" + url.QueryEscape("repo:acme/shop part label:p1 is:open"), "person", ""},
		{"GET " + home + "/hooks 200", http.MethodGet, "/repos/acme/shop/hooks", "person", ""},
		{"GET " + home + "/hooks/{hook_id}/deliveries 200", http.MethodGet, deliveries, "person", ""},
		{"POST " + home + "/hooks/{hook_id}/deliveries/{delivery_id}/attempts 202", http.MethodPost, fmt.Sprintf("%s/%d/attempts", deliveries, tries[0].ID), "person", ""},
		{"GET /app 200", http.MethodGet, "/app", jwt, ""},
		{"GET /app/hook/config 200", http.MethodGet, "/app/hook/config", jwt, ""},
		{"GET /app/hook/deliveries 200", http.MethodGet, "/app/hook/deliveries", jwt, ""},
		{"POST /app/hook/deliveries/{delivery_id}/attempts 202", http.MethodPost, fmt.Sprintf("/app/hook/deliveries/%d/attempts", appTries[0].ID), jwt, ""},
		{"POST /app/installations/{installation_id}/access_tokens 201", http.MethodPost, "/app/installations/77/access_tokens", jwt, ""},
	} {
		token := c.as
		if token == inst {
			token = granted.Token
		}
		got := ask(s, c.method, c.path, token, c.body)
		if status := c.operation[len(c.operation)-3:]; strconv.Itoa(got.Code) != status {
			t.Errorf("%s answered %d: %s", c.operation, got.Code, got.Body)
			continue
		}
		if got.Body.Len() == 0 {
			continue
		}
		value, err := jsonschema.UnmarshalJSON(got.Body)
		must(t, err)
		if list, ok := value.([]any); ok && len(list) == 0 {
			t.Errorf("%s answered an empty list, which proves nothing", c.operation)
		}
		if err := describe(c.operation).Validate(value); err != nil {
			t.Errorf("%s: %v", c.operation, err)
		}
	}
}

// must stops a test whose preparation failed.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
