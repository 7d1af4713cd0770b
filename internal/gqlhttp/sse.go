package gqlhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// SSE is a transport that answers every operation as server-sent events: one event "next" for each response and "complete" at
// the end. It takes what is sent to it; which requests are streams is decided before.
type SSE struct {
	// KeepAlive is the time between two signs of life; proxies end connections that are silent for long.
	KeepAlive time.Duration
	// WriteTimeout bounds one write, so that a caller who reads nothing does not hold a stream for ever.
	WriteTimeout time.Duration
	// Still is asked before each event and at each sign of life whether the caller may go on; an error ends the stream and is
	// its last response. Nil means always.
	Still func(*http.Request) *gqlerror.Error
	// Ending ends all streams when it is closed, as at a stop.
	Ending <-chan struct{}
}

var _ graphql.Transport = SSE{}

// Supports implements graphql.Transport.
func (SSE) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport.
func (t SSE) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	params, err := readParams(r)
	if err != nil {
		refuse(w, exec.DispatchError(ctx, gqlerror.List{gqlerror.Errorf("the body cannot be read as an operation")}))
		return
	}
	oc, problems := exec.CreateOperationContext(ctx, params)
	if problems != nil {
		refuse(w, exec.DispatchError(graphql.WithOperationContext(ctx, oc), problems))
		return
	}
	s := &stream{SSE: t, w: w, r: r, control: http.NewResponseController(w)}
	if !s.open() {
		return
	}
	responses, ctx := exec.DispatchOperation(graphql.WithOperationContext(ctx, oc), oc)
	events := make(chan *graphql.Response)
	produced := make(chan struct{})
	go func() {
		defer close(produced)
		defer close(events)
		for {
			response := responses(ctx)
			if response == nil {
				return
			}
			select {
			case events <- response:
			case <-ctx.Done():
				return
			}
		}
	}()
	s.relay(ctx, events)
	cancel()
	<-produced
}

// readParams reads the operation from the body.
func readParams(r *http.Request) (*graphql.RawParams, error) {
	params := &graphql.RawParams{Headers: r.Header}
	params.ReadTime.Start = graphql.Now()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(params); err != nil {
		return nil, fmt.Errorf("reading the operation: %w", err)
	}
	params.ReadTime.End = graphql.Now()
	return params, nil
}

// refuse answers an operation that is not executed. The stream has not begun, so the answer is of one piece.
func refuse(w http.ResponseWriter, response *graphql.Response) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusUnprocessableEntity)
	text, err := json.Marshal(response)
	if err != nil {
		return // Errors are made of texts.
	}
	_, _ = w.Write(text) // The caller went away; nobody is left to tell.
}

// stream is one answer on its way.
type stream struct {
	SSE
	w       http.ResponseWriter
	r       *http.Request
	control *http.ResponseController
}

// open sends the head, so that the caller knows that it is heard, and lifts the deadlines of ordinary requests.
func (s *stream) open() bool {
	_ = s.control.SetReadDeadline(time.Time{}) // One that cannot be set is not there to be lifted.
	head := s.w.Header()
	head.Set("Content-Type", EventStream)
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no")
	s.w.WriteHeader(http.StatusOK)
	return s.write(":\n\n")
}

// relay writes events until there are no more, the caller is gone or may not go on, or all streams end.
func (s *stream) relay(ctx context.Context, events <-chan *graphql.Response) {
	alive := time.NewTicker(s.KeepAlive)
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.Ending:
			s.complete()
			return
		case <-alive.C:
			if !s.mayGoOn() || !s.write(": alive\n\n") {
				return
			}
		case response, more := <-events:
			if !more {
				s.complete()
				return
			}
			if !s.mayGoOn() || !s.next(response) {
				return
			}
			alive.Reset(s.KeepAlive)
		}
	}
}

// mayGoOn reports whether the caller may; else it says why not and ends the stream.
func (s *stream) mayGoOn() bool {
	if s.Still == nil {
		return true
	}
	problem := s.Still(s.r)
	if problem == nil {
		return true
	}
	if s.next(&graphql.Response{Errors: gqlerror.List{problem}}) {
		s.complete()
	}
	return false
}

// next writes a response.
func (s *stream) next(response *graphql.Response) bool {
	text, err := json.Marshal(response)
	if err != nil {
		return false // What the executor made always marshals.
	}
	return s.write("event: next\ndata: " + string(text) + "\n\n")
}

// complete says that nothing more comes. Browsers pass an event on only if it has data.
func (s *stream) complete() { s.write("event: complete\ndata:\n\n") }

// write sends text at once and reports whether the caller still takes it.
func (s *stream) write(text string) bool {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.WriteTimeout)) // Without deadlines a write waits for the caller's end.
	if _, err := io.WriteString(s.w, text); err != nil {
		return false
	}
	return s.control.Flush() == nil
}
