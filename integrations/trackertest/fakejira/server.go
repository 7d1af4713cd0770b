// Package fakejira is a stateful server over the documented REST shapes of Jira
// Cloud and Jira Data Center: projects and issues that change while they are
// searched, tokens and offsets, an index that lags, times that mean minutes in
// somebody's zone, documents for descriptions, limits, moves, deletions and
// signed webhooks. Tests drive the Jira driver against it and the demo may run
// on it, so it imports nothing of testing.
package fakejira

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakeserver"
)

// Fault spoils one answer.
type Fault = fakeserver.Fault

// Options shape a Server. The zero value is a Data Center without limits,
// faults, webhooks or authentication.
type Options struct {
	// Cloud makes it a Cloud site: search by tokens, version 3, documents.
	Cloud bool
	// Email and Token are the only accepted credentials: both by basic
	// authentication, a token alone as a bearer. No token: none is asked for.
	Email, Token string
	// Lag is how far the search index is behind (Cloud).
	Lag time.Duration
	// EmptyPages makes every search on Cloud begin with an empty page that
	// names a next one, as sites with many unreadable issues do.
	EmptyPages bool
	// Zone is the zone of the token's owner, in which quoted times are meant.
	// Nil: UTC.
	Zone *time.Location
	// HideFields refuses the list of fields, as to tokens that may not see it.
	HideFields bool
	// Latency is how long every request takes at least.
	Latency time.Duration
	// Intercept sees each request first and may mutate the server or answer a
	// fault. It is called concurrently. Nil: no faults.
	Intercept func(r *http.Request) *Fault
	// WebhookSecret signs webhooks.
	WebhookSecret []byte
	// OnDelivery receives the webhook of each mutation after it happened. Nil: none.
	OnDelivery func(Delivery)
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// Server is a fake Jira. It is an http.Handler; Start serves it on loopback.
type Server struct {
	fakeserver.Server

	opts Options
	mux  *http.ServeMux

	mu       sync.RWMutex
	projects map[string]*project // by id
	issues   map[string]*issue   // by id
	keys     map[string]string   // ids by key, former keys included
	nextID   int
	links    map[string][]json.RawMessage // remote links by issue id
	hooks    []Delivery                   // made under the lock, delivered after it
	hookSeq  int
}

// New makes a server.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	s := &Server{
		Server: fakeserver.Server{Now: opts.Now, Latency: opts.Latency, Intercept: opts.Intercept},
		opts:   opts, projects: map[string]*project{}, issues: map[string]*issue{}, keys: map[string]string{},
		links: map[string][]json.RawMessage{}, nextID: 10_000,
	}
	s.mux = s.routes()
	s.Answer = s.answer
	return s
}

// answer writes the real answer to whoever may have it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if !s.admits(r) {
		w.Header().Set("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
		fail(w, http.StatusUnauthorized, "Client must be authenticated to access this resource.")
		return
	}
	s.mux.ServeHTTP(w, r)
}

// admits says whether a request bears the credentials.
func (s *Server) admits(r *http.Request) bool {
	if s.opts.Token == "" {
		return true
	}
	given := r.Header.Get("Authorization")
	if s.opts.Email != "" {
		return given == "Basic "+base64.StdEncoding.EncodeToString([]byte(s.opts.Email+":"+s.opts.Token))
	}
	return given == "Bearer "+s.opts.Token
}

// routes are the addresses that this kind of Jira has.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rest/api/{version}/serverInfo", s.serverInfo)
	mux.HandleFunc("GET /rest/api/{version}/myself", s.myself)
	mux.HandleFunc("GET /rest/api/{version}/field", s.listFields)
	mux.HandleFunc("GET /rest/api/{version}/status", s.listStatuses)
	mux.HandleFunc("GET /rest/api/{version}/project/{id}", s.showProject)
	mux.HandleFunc("GET /rest/api/{version}/issue/{id}", s.showIssue)
	mux.HandleFunc("GET /rest/api/{version}/issue/{id}/remotelink", s.showLink)
	mux.HandleFunc("POST /rest/api/{version}/issue/{id}/remotelink", s.putLink)
	mux.HandleFunc("DELETE /rest/api/{version}/issue/{id}/remotelink", s.dropLink)
	if s.opts.Cloud {
		mux.HandleFunc("GET /rest/api/3/project/search", s.searchProjects)
		mux.HandleFunc("POST /rest/api/3/search/jql", s.searchByToken)
		mux.HandleFunc("POST /rest/api/3/search/approximate-count", s.count)
		mux.HandleFunc("GET /rest/api/3/issue/{id}/changelog", s.showChangelog)
		mux.HandleFunc("POST /rest/api/{version}/search", func(w http.ResponseWriter, _ *http.Request) {
			fail(w, http.StatusGone, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")
		})
	} else {
		mux.HandleFunc("GET /rest/api/2/project", s.listProjects)
		mux.HandleFunc("POST /rest/api/2/search", s.searchByOffset)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "null for uri")
	})
	return mux
}

func (s *Server) serverInfo(w http.ResponseWriter, r *http.Request) {
	kind, version := "Server", "9.12.4"
	if s.opts.Cloud {
		kind, version = "Cloud", "1001.0.0-SNAPSHOT"
	}
	writeJSON(w, map[string]any{
		"baseUrl": "http://" + r.Host, "version": version, "deploymentType": kind, "serverTitle": "Jira",
	})
}

func (s *Server) myself(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.robin()) }

// robin is the account that owns the token and does all mutations.
func (s *Server) robin() map[string]any {
	if s.opts.Cloud {
		return map[string]any{"accountId": "5b10a2844c20165700ede21g", "accountType": "atlassian", "displayName": "Robin", "active": true}
	}
	return map[string]any{"key": "JIRAUSER10100", "name": "robin", "displayName": "Robin", "active": true}
}

// The custom fields, whose ids are as arbitrary as on any site.
const (
	pointsField = "customfield_10016"
	epicField   = "customfield_10014"
)

func (s *Server) listFields(w http.ResponseWriter, _ *http.Request) {
	if s.opts.HideFields {
		fail(w, http.StatusForbidden, "You do not have permission to see the fields.")
		return
	}
	writeJSON(w, []map[string]any{
		{"id": "summary", "name": "Summary", "custom": false, "schema": map[string]any{"type": "string", "system": "summary"}},
		{"id": "customfield_10020", "name": "Sprint", "custom": true, "schema": map[string]any{"type": "array", "custom": "com.pyxis.greenhopper.jira:gh-sprint"}},
		{"id": pointsField, "name": "Story Points", "custom": true, "schema": map[string]any{"type": "number", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"}},
		{"id": epicField, "name": "Epic Link", "custom": true, "schema": map[string]any{"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link"}},
		{"id": "customfield_10030", "name": "Effort (days)", "custom": true, "schema": map[string]any{"type": "number", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"}},
	})
}

// status is a status and its category.
type status struct {
	ID, Name, Category string
	categoryID         int
}

// statuses are those of every project. One site is known whose word for completed
// lies in the category new, and whose words are Chinese.
var statuses = []status{
	{"1", "To Do", "new", 2},
	{"3", "In Progress", "indeterminate", 4},
	{"10001", "Done", "done", 3},
	{"10068", "Completed", "new", 2},
	{"10069", "收工", "new", 2},
	{"10070", "打磨中", "indeterminate", 4},
}

func (st status) json() map[string]any {
	return map[string]any{
		"id": st.ID, "name": st.Name,
		"statusCategory": map[string]any{"id": st.categoryID, "key": st.Category, "name": st.Category},
	}
}

func statusNamed(name string) (status, bool) {
	for _, st := range statuses {
		if strings.EqualFold(st.Name, name) {
			return st, true
		}
	}
	return status{}, false
}

func (s *Server) listStatuses(w http.ResponseWriter, _ *http.Request) {
	all := make([]map[string]any, len(statuses))
	for i, st := range statuses {
		all[i] = st.json()
	}
	writeJSON(w, all)
}

// fail answers an error in Jira's shape.
func fail(w http.ResponseWriter, code int, message string) {
	w.WriteHeader(code)
	writeJSON(w, map[string]any{"errorMessages": []string{message}, "errors": map[string]any{}})
}

// writeJSON writes to the collected answer, which never fails.
func writeJSON(w http.ResponseWriter, v any) {
	_ = json.NewEncoder(w).Encode(v)
}

// Limited is the answer of a limit. Zero retryAfter: no header tells how long.
func Limited(retryAfter time.Duration) *Fault {
	h := http.Header{}
	h.Set("X-Ratelimit-Reason", "jira-burst-based")
	if retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	return &Fault{Status: http.StatusTooManyRequests, Header: h, Body: `{"errorMessages":["Rate limit exceeded."]}`}
}

// BadGateway is the HTML page a load balancer answers.
func BadGateway() *Fault { return fakeserver.BadGateway() }
