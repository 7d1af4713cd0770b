package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	// uploadTime is how long a file may take to arrive and to be stored.
	uploadTime = 5 * time.Minute
	// maxUploads is how many files one process takes at a time: each costs a file on disk, and its index in memory.
	maxUploads = 4
)

// uploads takes files that are larger than an operation may be.
type uploads struct {
	engine *syncing.Engine
	log    *slog.Logger
	places chan struct{}
}

func newUploads(c Config) *uploads {
	return &uploads{engine: c.Syncing, log: c.Log, places: make(chan struct{}, maxUploads)}
}

// ServeHTTP puts the body into a connection as the file of that name. The query may hold expectedVersion and dryRun, as in
// the mutation uploadFile.
func (u *uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, err := uploadInput(r)
	if err == nil {
		_, err = needle.Authorize(r.Context(), needle.ActUpload) // Before a byte is taken.
	}
	if err != nil {
		u.refuse(w, r, err)
		return
	}
	select {
	case u.places <- struct{}{}:
		defer func() { <-u.places }()
	default:
		w.Header().Set("Retry-After", "10")
		refuse(w, http.StatusServiceUnavailable, string(needle.CodeUnavailable), "the server takes as many files as it can at a time; try again in a moment")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), uploadTime)
	defer cancel()
	done, err := u.take(ctx, w, r, in)
	if err != nil {
		u.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answerOf(done)) // The caller went away; nobody is left to tell.
}

// uploadInput reads the path and the query.
func uploadInput(r *http.Request) (needle.UploadFileInput, error) {
	in := needle.UploadFileInput{Name: r.PathValue("name")}
	var err error
	if in.ConnectionID, err = needle.ParseConnectionID(r.PathValue("connection")); err != nil {
		return in, needle.NotFound("connection", "connection")
	}
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "expectedVersion":
			version, err := strconv.Atoi(value)
			if err != nil {
				return in, needle.Invalid(name, needle.CodeInvalid, "this must be a whole number")
			}
			in.ExpectedVersion = &version
		case "dryRun":
			dry, err := strconv.ParseBool(value)
			if err != nil {
				return in, needle.Invalid(name, needle.CodeInvalid, "this must be true or false")
			}
			in.DryRun = &dry
		default:
			return in, needle.Invalid("query", needle.CodeInvalid, "there are expectedVersion and dryRun, and nothing else")
		}
	}
	return in, nil
}

// take lets the body flow into a file of its own, so that its size costs no memory, and uploads that.
func (u *uploads) take(ctx context.Context, w http.ResponseWriter, r *http.Request, in needle.UploadFileInput) (*needle.UploadResult, error) {
	// The server's deadlines are those of an operation. This one has its own: what still comes after it is cut off.
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{})); err != nil {
		return nil, fmt.Errorf("lifting deadlines: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = control.SetReadDeadline(time.Unix(1, 0)) })()
	if r.ContentLength > needle.MaxUpload {
		return nil, &http.MaxBytesError{Limit: needle.MaxUpload}
	}
	held, err := os.CreateTemp("", "needle-upload-")
	if err != nil {
		return nil, fmt.Errorf("making room for a file: %w", err)
	}
	defer func() {
		_ = held.Close() // It goes away.
		_ = os.Remove(held.Name())
	}()
	size, err := io.Copy(held, http.MaxBytesReader(w, r.Body, needle.MaxUpload))
	if err != nil {
		return nil, &arrivalError{err}
	}
	return u.engine.UploadContent(ctx, in, io.NewSectionReader(held, 0, size))
}

// arrivalError says that a body did not arrive whole.
type arrivalError struct{ cause error }

// Error says so.
func (e *arrivalError) Error() string { return "the file did not arrive whole: " + e.cause.Error() }

// Unwrap returns the cause.
func (e *arrivalError) Unwrap() error { return e.cause }

// statuses are the HTTP statuses of codes; others are 422.
var statuses = map[needle.Code]int{
	needle.CodeNotFound: http.StatusNotFound, needle.CodeConflict: http.StatusConflict, needle.CodeDuplicate: http.StatusConflict,
	needle.CodeForbidden: http.StatusForbidden, needle.CodeUnauthenticated: http.StatusUnauthorized,
	needle.CodeUnavailable: http.StatusServiceUnavailable,
}

// refuse says why a file was not taken.
func (u *uploads) refuse(w http.ResponseWriter, r *http.Request, err error) {
	tooLarge, arrival := (*http.MaxBytesError)(nil), (*arrivalError)(nil)
	problems := needle.UserErrors(err)
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, string(needle.CodeTooLong), fmt.Sprintf("a file may have at most %d MiB", needle.MaxUpload>>20))
	case errors.As(err, &arrival):
		refuse(w, http.StatusBadRequest, string(needle.CodeBadUserInput), "the file did not arrive whole")
	case len(problems) > 0:
		status, known := statuses[problems[0].Code]
		if !known {
			status = http.StatusUnprocessableEntity
		}
		refuse(w, status, string(problems[0].Code), problems.Error())
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable, string(needle.CodeTimeout), store.Reason(err))
	default:
		u.log.ErrorContext(r.Context(), "taking a file", "error", err, "requestId", requestID(r.Context()))
		refuse(w, http.StatusInternalServerError, string(needle.CodeInternal), "something went wrong on the server")
	}
}

// uploadAnswer is what a caller learns about an upload, in the words of the mutation uploadFile.
type uploadAnswer struct {
	Name    string        `json:"name,omitempty"`
	Version int           `json:"version"`
	Size    int           `json:"size"`
	SHA256  string        `json:"sha256,omitempty"`
	Changed bool          `json:"changed"`
	Report  *reportAnswer `json:"report,omitempty"`
}

// reportAnswer is a report without the issues: those are for people to look at.
type reportAnswer struct {
	Rows          int             `json:"rows"`
	Inserted      int             `json:"inserted"`
	Updated       int             `json:"updated"`
	Unchanged     int             `json:"unchanged"`
	Broken        int             `json:"broken"`
	Vanished      int             `json:"vanished"`
	TooMany       bool            `json:"tooMany"`
	UnknownStates []string        `json:"unknownStates"`
	Problems      []problemAnswer `json:"problems"`
}

type problemAnswer struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

func answerOf(done *needle.UploadResult) uploadAnswer {
	out := uploadAnswer{Changed: done.Changed}
	if u := done.Upload; u != nil {
		out.Name, out.Version, out.Size, out.SHA256 = u.Name, u.Version, u.Size, u.SHA256
	}
	if r := done.Report; r != nil {
		out.Report = &reportAnswer{
			Rows: r.Rows, Inserted: r.Inserted, Updated: r.Updated, Unchanged: r.Unchanged, Broken: r.Broken, Vanished: r.Vanished,
			TooMany: r.TooMany, UnknownStates: r.UnknownStates, Problems: make([]problemAnswer, len(r.Problems)),
		}
		for i, p := range r.Problems {
			out.Report.Problems[i] = problemAnswer{p.Line, p.Message}
		}
	}
	return out
}
