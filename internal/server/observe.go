package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"
)

type requestIDKey struct{}

// requestID returns what ties a request to the log.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// callerID is what a caller may name its request; anything else gets a fresh name.
var callerID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// observe names every request, logs it, and turns a panic into a 500.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := r.Header.Get("X-Request-Id")
		if !callerID.MatchString(id) {
			id = rand.Text()
		}
		ctx := context.WithValue(r.Context(), requestIDKey{}, id)
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		answer := &answerWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if cause := recover(); cause != nil {
				s.config.Log.ErrorContext(ctx, "panic", "cause", cause, "requestId", id, "stack", string(debug.Stack()))
				if !answer.started {
					refuse(answer, http.StatusInternalServerError, "INTERNAL", "something went wrong on the server")
				}
			}
			s.config.Log.DebugContext(ctx, "request", "method", r.Method, "path", r.URL.Path, "status", answer.status,
				"milliseconds", time.Since(start).Milliseconds(), "requestId", id)
		}()
		next.ServeHTTP(answer, r.WithContext(ctx))
	})
}

// answerWriter remembers what was answered.
type answerWriter struct {
	http.ResponseWriter
	status  int
	started bool
}

// WriteHeader implements http.ResponseWriter.
func (w *answerWriter) WriteHeader(status int) {
	w.status, w.started = status, true
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *answerWriter) Write(b []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// refuse answers a GraphQL error without data, for requests that never reach the executor.
func refuse(w http.ResponseWriter, status int, code, message string) {
	body, _ := json.Marshal(map[string]any{ // Strings and maps of them always marshal.
		"errors": []any{map[string]any{"message": message, "extensions": map[string]any{"code": code}}},
	})
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // The caller went away; nobody is left to tell.
}
