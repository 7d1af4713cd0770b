package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/gqlhttp"
	"github.com/needle-okr/needle/internal/needle"
)

// Limits of streams.
const (
	// streamsOfToken is how many streams one token may hold open at a process, and streamsOfProcess all tokens together.
	streamsOfToken   = 10
	streamsOfProcess = 500
	// retryStreams is after how many seconds a caller turned away may try again.
	retryStreams = "5"
	// keepAlive is the time between two signs of life of a stream; it is below what proxies wait.
	keepAlive = 15 * time.Second
)

// route says who answers an operation: in one piece, or as a stream of events. A caller who takes both gets one piece,
// except for a subscription, which cannot be answered so.
func (s *Server) route() func(*http.Request, operation) http.Handler {
	whole := deadline(s.graphql(transport.POST{}))
	open := &streamGate{byToken: map[needle.APITokenID]int{}}
	streams := open.wrap(s.graphql(gqlhttp.SSE{
		KeepAlive: keepAlive, WriteTimeout: writeDeadline, Ending: s.ending, Still: s.still,
	}))
	return func(r *http.Request, op operation) http.Handler {
		accept := gqlhttp.ParseAccept(r.Header.Values("Accept"))
		switch subscribes := gqlhttp.Subscribes(op.Query, op.name(), maxTokens); {
		case subscribes && !accept.Events:
			return refusal(http.StatusNotAcceptable, "a subscription is answered as a stream: ask for it with Accept: text/event-stream")
		case subscribes, accept.OnlyEvents:
			return streams
		default:
			return whole
		}
	}
}

// refusal answers a request that cannot be understood.
func refusal(status int, message string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, status, string(needle.CodeBadUserInput), message)
	})
}

// wrapStreams is wrap for requests by GET, which are for streams alone.
func (a *authenticator) wrapStreams(next http.Handler) http.Handler {
	known := a.wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("Accept") == "" || !gqlhttp.ParseAccept(r.Header.Values("Accept")).OnlyEvents {
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, http.StatusMethodNotAllowed, string(needle.CodeBadUserInput),
				"send operations by POST; GET is for streams, with Accept: text/event-stream")
			return
		}
		known.ServeHTTP(w, r)
	})
}

// asPost turns the parameters of an address into the body that they stand for. A mutation is refused: an address may be
// followed by anybody, and more than once.
func asPost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.URL.Query()
		body := map[string]any{"query": given.Get("query")}
		if name := given.Get("operationName"); name != "" {
			body["operationName"] = name
		}
		for _, part := range []string{"variables", "extensions"} {
			if text := given.Get(part); text != "" {
				if !json.Valid([]byte(text)) {
					refuse(w, http.StatusBadRequest, string(needle.CodeBadUserInput), part+" must be a JSON object")
					return
				}
				body[part] = json.RawMessage(text)
			}
		}
		if gqlhttp.Kind(given.Get("query"), given.Get("operationName"), maxTokens) == ast.Mutation {
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, http.StatusMethodNotAllowed, string(needle.CodeBadUserInput), "send mutations by POST")
			return
		}
		text, err := json.Marshal(body)
		if err != nil {
			refuse(w, http.StatusBadRequest, string(needle.CodeBadUserInput), "the address cannot be read as an operation")
			return
		}
		r = r.Clone(r.Context())
		r.Header.Set("Content-Type", "application/json")
		r.Body = io.NopCloser(bytes.NewReader(text))
		next.ServeHTTP(w, r)
	})
}

// still asks whether whoever holds a stream may go on: the token is good, and its rights are what they were.
func (s *Server) still(r *http.Request) *gqlerror.Error {
	now, err := s.auth.viewer(r.Context(), r.Header.Get("Authorization"))
	was, _ := needle.ViewerFrom(r.Context())
	var message string
	switch {
	case errors.Is(err, &needle.Error{Code: needle.CodeUnauthenticated}):
		message = "this token is not valid any more"
	case err != nil:
		return nil //nolint:nilerr // The database does not answer; nothing is read from it either.
	case now.UserID != was.UserID || now.Role != was.Role || now.Function != was.Function || !slices.Equal(now.Scopes, was.Scopes):
		message = "what this token may do has changed; subscribe again"
	default:
		return nil
	}
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": needle.CodeUnauthenticated}}
}

// streamGate bounds how many streams are open.
type streamGate struct {
	mu      sync.Mutex
	all     int
	byToken map[needle.APITokenID]int
}

// wrap lets a stream in while there is room.
func (g *streamGate) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viewer, _ := needle.ViewerFrom(r.Context())
		if !g.enter(viewer.TokenID) {
			w.Header().Set("Retry-After", retryStreams)
			refuse(w, http.StatusTooManyRequests, "RATE_LIMITED", "too many streams are open; close some first")
			return
		}
		defer g.leave(viewer.TokenID)
		next.ServeHTTP(w, r)
	})
}

func (g *streamGate) enter(token needle.APITokenID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= streamsOfProcess || g.byToken[token] >= streamsOfToken {
		return false
	}
	g.all++
	g.byToken[token]++
	return true
}

func (g *streamGate) leave(token needle.APITokenID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.byToken[token]--; g.byToken[token] == 0 {
		delete(g.byToken, token)
	}
}
