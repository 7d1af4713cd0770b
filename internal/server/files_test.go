package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/file"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

// postRoom is a house that takes files, on a real listener: deadlines need one.
type postRoom struct {
	*house
	address string
	conn    *needle.Connection
}

func newPostRoom(t *testing.T) *postRoom {
	t.Helper()
	h := newHouse(t)
	registry, err := integrations.NewRegistry(file.Driver())
	if err != nil {
		t.Fatal(err)
	}
	engine, err := syncing.New(syncing.Config{Store: h.store, Registry: registry, Now: h.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	config := h.config()
	config.Syncing = engine
	h.Server = New(config)
	listening := httptest.NewServer(h)
	t.Cleanup(listening.Close)
	return &postRoom{h, listening.URL, h.Connection()}
}

// put sends a file.
func (p *postRoom) put(t *testing.T, path, token string, body io.Reader) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, p.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

func TestFiles_takesWhatIsLargerThanAnOperation(t *testing.T) {
	t.Parallel()
	p := newPostRoom(t)
	large := "id,title\n" + strings.Repeat("1,"+strings.Repeat("x", 60)+"\n", 40_000)
	path := "/files/" + p.conn.ID.String() + "/large%20one.csv"
	got := p.put(t, path+"?expectedVersion=0", p.token, strings.NewReader(large))
	if got.status != http.StatusOK || !strings.Contains(got.body, `"name":"large one.csv","version":1,"size":2520009,"sha256":"`) || !strings.Contains(got.body, `"changed":true`) {
		t.Fatalf("%d %s", got.status, got.body)
	}
	uploads, err := p.store.In(p.Workspace.ID).Uploads(t.Context(), p.conn.ID)
	if err != nil {
		t.Fatal(err)
	}
	content, err := p.store.In(p.Workspace.ID).UploadContent(t.Context(), uploads["large one.csv"])
	if err != nil || string(content) != large {
		t.Errorf("%d of %d bytes were stored: %v", len(content), len(large), err)
	}
	dry := p.put(t, "/files/"+p.conn.ID.String()+"/next.csv?dryRun=true", p.token, strings.NewReader("id,title\n1,a\n2,b,c\n"))
	want := `{"version":0,"size":0,"changed":false,"report":{"rows":2,"inserted":1,"updated":0,"unchanged":0,"broken":1,"vanished":0,"tooMany":false,"unknownStates":[],` +
		`"problems":[{"line":3,"message":"it has 3 values, and there are 2 columns; a value with ',' or a line break in it must be quoted"}]}}` + "\n"
	if diff := cmp.Diff(want, dry.body); diff != "" {
		t.Error(diff)
	}
}

func TestFiles_refusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := newPostRoom(t)
	reader := p.tokenOf(func(k *needle.APIToken) { k.Scopes = []needle.TokenScope{needle.ScopeRead} })
	foreign := storetest.Seed(t, p.store.DB()).Connection()
	at := "/files/" + p.conn.ID.String() + "/"
	const text = "id,title\n1,x\n"
	for name, c := range map[string]struct {
		path, token, body string
		status            int
		code              needle.Code
	}{
		"no token":                      {at + "a.csv", "", text, 401, needle.CodeUnauthenticated},
		"a token that only reads":       {at + "a.csv", reader, text, 403, needle.CodeForbidden},
		"no connection":                 {"/files/x/a.csv", p.token, text, 404, needle.CodeNotFound},
		"another workspace's":           {"/files/" + foreign.ID.String() + "/a.csv", p.token, text, 404, needle.CodeNotFound},
		"a way out":                     {at + "..%2f..%2fetc%2fpasswd", p.token, text, 422, needle.CodeInvalid},
		"NUL":                           {at + "a%00.csv", p.token, text, 422, needle.CodeInvalid},
		"a long name":                   {at + strings.Repeat("a", 300) + ".csv", p.token, text, 422, needle.CodeTooLong},
		"an empty file":                 {at + "a.csv", p.token, "", 422, needle.CodeRequired},
		"a file that cannot be read":    {at + "a.csv", p.token, "title\nx\n", 422, needle.CodeInvalid},
		"a version that is not there":   {at + "a.csv?expectedVersion=3", p.token, text, 409, needle.CodeConflict},
		"a version that is no number":   {at + "a.csv?expectedVersion=x", p.token, text, 422, needle.CodeInvalid},
		"a question nobody understands": {at + "a.csv?dry=true", p.token, text, 422, needle.CodeInvalid},
		"too much":                      {at + "a.csv", p.token, strings.Repeat("x", needle.MaxUpload+1), 413, needle.CodeTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := p.put(t, c.path, c.token, strings.NewReader(c.body))
			if got.status != c.status || got.code(t) != string(c.code) {
				t.Errorf("%d %s, want %d %s", got.status, got.body, c.status, c.code)
			}
		})
	}
}

func TestFiles_takesOnlySoManyAtATime(t *testing.T) {
	t.Parallel()
	p := newPostRoom(t)
	room := newUploads(p.config())
	for range maxUploads {
		room.places <- struct{}{}
	}
	r := httptest.NewRequestWithContext(needle.WithViewer(t.Context(), p.Viewer(p.Owner)), http.MethodPut, "/", strings.NewReader("id,title\n"))
	r.SetPathValue("connection", p.conn.ID.String())
	w := httptest.NewRecorder()
	room.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
