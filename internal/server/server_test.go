package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestGraphQL_refusesWhatIsNoOperation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	big := `{"query":"{ __typename }","variables":{"x":"` + strings.Repeat("x", maxBody) + `"}}`
	cases := map[string]struct {
		body   string
		change func(*http.Request)
		status int
		code   string
	}{
		"a body that is too large":              {big, nil, 413, "BAD_USER_INPUT"},
		"one that hides its size":               {big, func(r *http.Request) { r.ContentLength = -1 }, 413, "BAD_USER_INPUT"},
		"one that breaks off":                   {"", func(r *http.Request) { r.Body = io.NopCloser(brokenReader{}) }, 400, "BAD_USER_INPUT"},
		"a form":                                {"query=x", header("Content-Type", "application/x-www-form-urlencoded"), 415, "BAD_USER_INPUT"},
		"a body of no kind":                     {`{"query":"{ __typename }"}`, header("Content-Type", ""), 415, "BAD_USER_INPUT"},
		"half an object":                        {`{"query":`, nil, 400, "BAD_USER_INPUT"},
		"two objects":                           {`{"query":"{ __typename }"} {}`, nil, 400, "BAD_USER_INPUT"},
		"a list":                                {`[{"query":"{ __typename }"}]`, nil, 400, "BAD_USER_INPUT"},
		"null":                                  {`null`, nil, 400, "BAD_USER_INPUT"},
		"nothing":                               {``, nil, 400, "BAD_USER_INPUT"},
		"a query that is no text":               {`{"query":5}`, nil, 400, "BAD_USER_INPUT"},
		"variables that are a list":             {`{"query":"{ __typename }","variables":[]}`, nil, 400, "BAD_USER_INPUT"},
		"an object without a query":             {`{}`, nil, 422, "GRAPHQL_VALIDATION_FAILED"},
		"a query that cannot be parsed":         {`{"query":"{"}`, nil, 422, "GRAPHQL_PARSE_FAILED"},
		"a field that is not there":             {`{"query":"{ colour }"}`, nil, 422, "GRAPHQL_VALIDATION_FAILED"},
		"an operation that is not there":        {`{"query":"query A { __typename }","operationName":"B"}`, nil, 422, "GRAPHQL_VALIDATION_FAILED"},
		"a variable that is not there":          {`{"query":"query ($id: ID!) { node(id: $id) { id } }"}`, nil, 422, "GRAPHQL_VALIDATION_FAILED"},
		"more words than anybody needs to send": {`{"query":"{ ` + strings.Repeat("a:__typename ", maxTokens/3+1) + `}"}`, nil, 422, "GRAPHQL_PARSE_FAILED"},
		"a control character in the query":      {`{"query":"{ __type\u0000name }"}`, nil, 422, "GRAPHQL_PARSE_FAILED"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := []func(*http.Request){}
			if c.change != nil {
				changes = append(changes, c.change)
			}
			got := h.post(t, c.body, changes...)
			if got.status != c.status || got.code(t) != c.code {
				t.Errorf("%d %s, want %d %s", got.status, got.body, c.status, c.code)
			}
			if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
				t.Errorf("the answer is %s", kind)
			}
		})
	}
}

// brokenReader is a body that ends too early.
type brokenReader struct{}

// Read implements io.Reader.
func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestGraphQL_takesPostsOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.get(t, "/graphql?query={__typename}", header("Authorization", "Bearer "+h.token))
	if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != http.MethodPost {
		t.Errorf("%d, Allow: %s", got.status, got.header.Get("Allow"))
	}
	if got := h.get(t, "/elsewhere"); got.status != http.StatusNotFound {
		t.Errorf("%d elsewhere", got.status)
	}
}

func TestGraphQL_survivesTextsThatAreNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	team := h.Team(func(n *needle.Team) { n.Name = "a" })
	find := func(name string) string {
		return `{"query":"query ($name: String) { teams(filter: { name: { eq: $name } }) { nodes { name } } }","variables":{"name":"` + name + `"}}`
	}
	const found, none = `{"data":{"teams":{"nodes":[{"name":"a"}]}}}`, `{"data":{"teams":{"nodes":[]}}}`
	cases := map[string]struct{ body, want string }{
		"NUL in a variable is dropped":                          {find(`a\u0000`), found},
		"NUL in a literal is dropped":                           {`{"query":"{ teams(filter: { name: { in: [\"\\u0000a\"] } }) { nodes { name } } }"}`, found},
		"NUL in what a text contains":                           {`{"query":"{ teams(filter: { name: { contains: \"a\\u0000\" } }) { nodes { name } } }"}`, found},
		"broken UTF-8 finds nothing":                            {find("a\xff"), none},
		"half a surrogate":                                      {find(`a\ud800`), none},
		"a line separator":                                      {find(`\u2028`), none},
		"quotes, question marks, percent signs and backslashes": {find(`'\"?%\\ $1 ?0`), none},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := h.post(t, c.body); got.status != http.StatusOK || got.body != c.want {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	for _, query := range []string{
		`{"query":"query ($x: ID!) { node(id: $x) { id } }","variables":{"x":"` + team.ID.String() + `\u0000"}}`,
		`{"query":"query ($x: ID!) { team(id: $x) { id } }","variables":{"x":"\u0000"}}`,
		`{"query":"query ($x: String!) { byKey(key: $x) { id } }","variables":{"x":"KR-\u00001"}}`,
		`{"query":"query ($x: Cursor) { teams(after: $x) { totalCount } }","variables":{"x":"\u0000"}}`,
	} {
		if got := h.post(t, query); got.code(t) != "BAD_USER_INPUT" {
			t.Errorf("%s: %s", query, got.body)
		}
	}
}

func TestHealth_followsTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	want := func(path string, status int, body string) {
		t.Helper()
		got := h.get(t, path)
		if got.status != status || got.body != body+"\n" {
			t.Errorf("%s: %d %q, want %d %q", path, got.status, got.body, status, body)
		}
		if got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", path)
		}
	}
	want("/livez", 200, "alive")
	want("/readyz", 200, "ready")
	h.gate.shut()
	want("/livez", 200, "alive")
	want("/readyz", 503, "not ready: the database does not answer; try again in a moment")
	h.gate.open()
	want("/readyz", 200, "ready")
}

func TestHealth_knowsASchemaThatIsBehind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	behind := store.New(storetest.NewEmpty(t), store.Config{})
	c := h.config()
	c.Store = behind
	h.Server = New(c)
	got := h.get(t, "/readyz")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "needle migrate up") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestDatabaseGone_isSaidAndRecoveredFrom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if got := h.ask(t, whoAmI, nil); len(got.errors(t)) > 0 {
		t.Fatal(got.body)
	}
	h.gate.shut()
	got := h.ask(t, `{ teams { totalCount } }`, nil)
	if got.status != http.StatusOK || got.code(t) != "UNAVAILABLE" {
		t.Errorf("with a token that is remembered: %d %s", got.status, got.body)
	}
	_, other := h.Token()
	got = h.ask(t, whoAmI, nil, header("Authorization", "Bearer "+other))
	if got.status != http.StatusServiceUnavailable || got.code(t) != "UNAVAILABLE" {
		t.Errorf("with a token that has to be read: %d %s", got.status, got.body)
	}
	h.gate.open()
	if got := h.ask(t, whoAmI, nil, header("Authorization", "Bearer "+other)); got.status != http.StatusOK || len(got.errors(t)) > 0 {
		t.Errorf("after it came back: %d %s", got.status, got.body)
	}
	if said := h.log.entries(t, "internal error"); len(said) > 0 {
		t.Errorf("a database that is away is logged as a fault of the server: %v", said)
	}
}

func TestRequestID_tiesAnswerAndLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fresh := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	for _, path := range []string{"/livez", "/elsewhere"} {
		if id := h.get(t, path).header.Get("X-Request-Id"); !fresh.MatchString(id) {
			t.Errorf("%s: the request is called %q", path, id)
		}
	}
	if id := h.get(t, "/livez", header("X-Request-Id", "build-7.a_B")).header.Get("X-Request-Id"); id != "build-7.a_B" {
		t.Errorf("the caller's name for it became %q", id)
	}
	for _, name := range []string{"two words", "line\nbreak", "<script>", strings.Repeat("x", 65), "\x00"} {
		if id := h.get(t, "/livez", header("X-Request-Id", name)).header.Get("X-Request-Id"); !fresh.MatchString(id) {
			t.Errorf("the name %q is taken for %q", name, id)
		}
	}
	var logged []any
	for _, entry := range h.log.entries(t, "request") {
		logged = append(logged, fmt.Sprint(entry["requestId"], entry["path"], entry["status"]))
	}
	if !strings.Contains(fmt.Sprint(logged), "build-7.a_B/livez200") {
		t.Errorf("it is not in the log: %v", logged)
	}
}

// broken is a schema whose every part fails in a way of its own.
type broken struct {
	graphql.ExecutableSchema
	exec func(context.Context) graphql.ResponseHandler
}

// Exec implements graphql.ExecutableSchema.
func (b broken) Exec(ctx context.Context) graphql.ResponseHandler { return b.exec(ctx) }

func TestPanic_isMaskedAndLoggedOnce(t *testing.T) {
	t.Parallel()
	const secret = "the cause of it all"
	cases := map[string]struct {
		change func(h *house, c *Config)
		query  string
		status int
		logged string
	}{
		"in a resolver": {func(*house, *Config) {}, `mutation { updateWorkspace(input: { name: "x" }) { clientMutationId } }`, 200, "internal error"},
		"in the executor": {func(_ *house, c *Config) {
			c.Schema = broken{c.Schema, func(context.Context) graphql.ResponseHandler { panic(secret) }}
		}, whoAmI, 500, "internal error"},
		"before the executor": {func(_ *house, c *Config) { c.Now = func() time.Time { panic(secret) } }, whoAmI, 500, "panic"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			config := h.config()
			c.change(h, &config)
			h.Server = New(config)
			got := h.ask(t, c.query, nil, header("X-Request-Id", "mine"))
			problems := got.errors(t)
			if got.status != c.status || len(problems) != 1 || problems[0].Extensions.Code != "INTERNAL" {
				t.Fatalf("%d %s", got.status, got.body)
			}
			if strings.Contains(got.body, secret) || strings.Contains(got.body, ".go:") {
				t.Errorf("the answer tells too much: %s", got.body)
			}
			said := h.log.entries(t, c.logged)
			if len(said) != 1 || said[0]["requestId"] != "mine" || !strings.Contains(fmt.Sprint(said[0]), ".go:") {
				t.Errorf("the log has %v", said)
			}
		})
	}
}

func TestLog_keepsSecrets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const variable, word = "what nobody else may know", "not-a-token-but-secret"
	h.ask(t, `query ($x: String!) { byKey(key: $x) { id } }`, map[string]any{"x": variable})
	h.ask(t, whoAmI, nil, header("Authorization", "Bearer "+word))
	h.ask(t, `mutation { updateWorkspace(input: { name: "`+variable+`" }) { clientMutationId } }`, nil)
	h.gate.shut()
	h.ask(t, `{ teams { totalCount } }`, nil)
	h.ask(t, whoAmI, nil, header("Authorization", "Bearer "+h.tokenOf(func(*needle.APIToken) {})))
	h.get(t, "/readyz")
	text := h.log.String()
	for name, secret := range map[string]string{
		"a token": h.token, "half a token": h.token[10:40], "what somebody sent as a token": word, "a variable": variable, "the database's password": password,
	} {
		if strings.Contains(text, secret) {
			t.Errorf("the log tells %s", name)
		}
	}
	if len(h.log.entries(t, "not ready")) != 1 || len(h.log.entries(t, "checking a token")) != 1 {
		t.Errorf("the log misses something:\n%s", text)
	}
}

func TestDeadline_answersEvenWhenTheTimeWasOverBefore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(t, whoAmI, nil) // The token is remembered from here on.
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the caller has no time"))
	got := h.ask(t, whoAmI, nil, func(r *http.Request) { *r = *r.WithContext(ctx) })
	if got.status != http.StatusOK || got.code(t) != "TIMEOUT" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestSchema_isServedWithATag(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.get(t, "/schema.graphql")
	if got.status != http.StatusOK || !strings.Contains(got.body, "type KeyResult implements Node {") {
		t.Fatalf("%d %.100s", got.status, got.body)
	}
	again := h.get(t, "/schema.graphql", header("If-None-Match", got.header.Get("ETag")))
	if again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("%d %.100s", again.status, again.body)
	}
	other := h.get(t, "/schema.graphql", header("If-None-Match", `"another"`))
	if diff := cmp.Diff(got.body, other.body); diff != "" {
		t.Error(diff)
	}
}

func TestIntrospection_isASetting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.config()
	c.Introspection = false
	h.Server = New(c)
	got := h.ask(t, `{ __schema { queryType { name } } }`, nil)
	var body struct{ Data map[string]any }
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatal(err)
	}
	if body.Data["__schema"] != nil || len(got.errors(t)) == 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
