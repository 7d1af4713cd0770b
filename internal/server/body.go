package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/needle-okr/needle/internal/needle"
)

// operation is what a request has to look like. What its parts mean is for the executor to say.
type operation struct {
	Query         string                     `json:"query"`
	OperationName *string                    `json:"operationName"`
	Variables     map[string]json.RawMessage `json:"variables"`
	Extensions    map[string]json.RawMessage `json:"extensions"`
}

// name is the operation's name; empty when it has none.
func (o operation) name() string {
	if o.OperationName == nil {
		return ""
	}
	return *o.OperationName
}

// body lets requests pass that carry one operation as JSON, of maxBody bytes at most; next says who answers it.
func body(next func(*http.Request, operation) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, string(needle.CodeBadUserInput), "send an operation as application/json")
			return
		}
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			refuse(w, http.StatusRequestEntityTooLarge, string(needle.CodeBadUserInput), "a request may have at most 1 MiB")
			return
		case err != nil:
			refuse(w, http.StatusBadRequest, string(needle.CodeBadUserInput), "the request's body did not arrive whole")
			return
		}
		var op operation
		if err := json.Unmarshal(text, &op); err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
			refuse(w, http.StatusBadRequest, string(needle.CodeBadUserInput), "the body is one JSON object with query, operationName and variables")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		next(r, op).ServeHTTP(w, r)
	})
}
