// Package load sends requests over kept-alive connections as fast as they are answered, and reads what processes cost.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Target is where requests go.
type Target struct {
	// Address is host and port.
	Address string
	// Path is the URL's path.
	Path string
	// Token is presented as a bearer token; empty sends none.
	Token string
}

// request renders a body as the bytes of an HTTP/1.1 request.
func (t Target) request(body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: %d\r\n", t.Path, t.Address, len(body))
	if t.Token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", t.Token)
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// Result is what one run measured.
type Result struct {
	// Requests is the number answered with status 200.
	Requests int
	// Failures is the number answered otherwise.
	Failures int
	// Bytes is the size of all bodies together.
	Bytes int64
	// Elapsed is how long the run took.
	Elapsed time.Duration
	// P50 and P99 are latencies.
	P50, P99 time.Duration
}

// PerSecond is the throughput.
func (r Result) PerSecond() float64 { return float64(r.Requests) / r.Elapsed.Seconds() }

// Run sends the bodies round robin over so many connections for so long. Every connection answers its last request. An
// error means that a connection broke.
func Run(ctx context.Context, t Target, bodies [][]byte, connections int, lasting time.Duration) (Result, error) {
	requests := make([][]byte, len(bodies))
	for i, body := range bodies {
		requests[i] = t.request(body)
	}
	start := time.Now()
	deadline := start.Add(lasting)
	workers := make([]worker, connections)
	var running sync.WaitGroup
	for i := range workers {
		w := &workers[i]
		running.Go(func() { w.err = w.run(ctx, t.Address, requests, i, deadline) })
	}
	running.Wait()
	all := Result{Elapsed: time.Since(start)}
	var latencies []time.Duration
	var errs []error
	for i := range workers {
		w := &workers[i]
		errs = append(errs, w.err)
		all.Requests += w.requests
		all.Failures += w.failures
		all.Bytes += w.bytes
		latencies = append(latencies, w.latencies...)
	}
	slices.Sort(latencies)
	if n := len(latencies); n > 0 {
		all.P50, all.P99 = latencies[n/2], latencies[min(n-1, n*99/100)]
	}
	return all, errors.Join(errs...)
}

type worker struct {
	requests, failures int
	bytes              int64
	latencies          []time.Duration
	err                error
}

func (w *worker) run(ctx context.Context, address string, requests [][]byte, first int, deadline time.Time) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close() }() // Everything was read.
	if err := conn.SetDeadline(deadline.Add(patience)); err != nil {
		return fmt.Errorf("setting a deadline: %w", err)
	}
	r := bufio.NewReaderSize(conn, 64<<10)
	for i := first; ; i++ {
		sent := time.Now()
		if sent.After(deadline) || ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := conn.Write(requests[i%len(requests)]); err != nil {
			return fmt.Errorf("asking: %w", err)
		}
		ok, n, err := skipAnswer(r)
		if err != nil {
			return fmt.Errorf("reading an answer: %w", err)
		}
		w.latencies = append(w.latencies, time.Since(sent))
		w.bytes += n
		if ok {
			w.requests++
		} else {
			w.failures++
		}
	}
}

// patience is how long the last answer may take.
const patience = 30 * time.Second

// skipAnswer reads one response and reports whether its status was 200, and the length of its body.
func skipAnswer(r *bufio.Reader) (ok bool, n int64, err error) { return readAnswer(r, io.Discard) }

// readAnswer reads one response, its body into w.
func readAnswer(r *bufio.Reader, w io.Writer) (ok bool, n int64, err error) {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return false, 0, err
	}
	ok = bytes.HasPrefix(status, []byte("HTTP/1.1 200"))
	length := int64(-1)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return ok, 0, err
		}
		name, value, found := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if !found {
			break
		}
		if len(name) == len("Content-Length") && textproto.CanonicalMIMEHeaderKey(string(name)) == "Content-Length" {
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err != nil {
				return ok, 0, fmt.Errorf("reading a length: %w", err)
			}
		}
	}
	if length >= 0 {
		n, err = io.CopyN(w, r, length)
		return ok, n, err
	}
	return readChunks(r, w, ok)
}

func readChunks(r *bufio.Reader, w io.Writer, ok bool) (bool, int64, error) {
	var n int64
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return ok, n, err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return ok, n, fmt.Errorf("reading the length of a chunk: %w", err)
		}
		if _, err := io.CopyN(w, r, size); err != nil {
			return ok, n, err
		}
		n += size
		if _, err := r.Discard(len("\r\n")); err != nil {
			return ok, n, err
		}
		if size == 0 {
			return ok, n, nil
		}
	}
}

// Ask sends one request and returns the body of its answer.
func Ask(ctx context.Context, t Target, body []byte) ([]byte, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", t.Address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close() }() // Everything was read.
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, fmt.Errorf("setting a deadline: %w", err)
	}
	if _, err := conn.Write(t.request(body)); err != nil {
		return nil, fmt.Errorf("asking: %w", err)
	}
	var answer bytes.Buffer
	ok, _, err := readAnswer(bufio.NewReader(conn), &answer)
	if err == nil && !ok {
		err = fmt.Errorf("refused: %.500s", answer.Bytes())
	}
	return answer.Bytes(), err
}
