package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/metrics"

	"github.com/needle-okr/needle/bench/contest"
	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/internal/store"
)

// ready begins the line that a contestant prints when it listens; its address follows.
const ready = "listening on "

// Paths beside the API that tell about the process.
const (
	allocationsPath = "/allocations"
	profilePath     = "/profile"
)

// serve is one contestant. It ends when the process that started it closes its input, as it does by ending.
func serve(ctx context.Context, o options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := store.Open(store.Config{URL: o.database, Pool: o.pool, CursorKey: cursorKey})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	facts, err := dataset.Read(ctx, s.DB().DB)
	if err != nil {
		return err
	}
	api, err := contest.Handler(o.serve, s, facts)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("GET "+allocationsPath, allocations)
	mux.HandleFunc("GET "+profilePath, pprof.Profile)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: patience}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(listener) }()
	fmt.Println(ready + listener.Addr().String())
	go func() { // It ends with the process.
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	<-ctx.Done()
	err = srv.Close()
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// allocations tells how many objects the process has allocated.
func allocations(w http.ResponseWriter, _ *http.Request) {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(sample)
	fmt.Fprint(w, sample[0].Value.Uint64())
}
