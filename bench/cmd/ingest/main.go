// Command ingest measures how fast issues come in through the real driver and the real engine, against the ceiling of the
// same rows copied into the same table in the same run.
//
//	go run ./bench/cmd/ingest -issues 100000 -rounds 2
//
// Three processes share the machine: a fake GitHub that serves invented issues, a reader that runs a backfill and then a
// pass over the unchanged source, and a private PostgreSQL with durability on. The reader's memory is its own, so the peak
// says what a process that syncs needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/needle-okr/needle/internal/localpg"
)

type options struct {
	issues, rounds int
	items, replay  bool
	serve          string
	database, url  string
	recorded       string
	profile        string
}

func main() {
	var o options
	flag.IntVar(&o.issues, "issues", 100_000, "how many issues the fake GitHub holds")
	flag.IntVar(&o.rounds, "rounds", 2, "how often everything is measured")
	flag.BoolVar(&o.items, "items", false, "give every issue a backlog item as well")
	flag.StringVar(&o.recorded, "recorded", "", "a JSONL file of recorded issues to serve instead, gzipped or not")
	flag.StringVar(&o.profile, "profile", "", "file for a CPU profile of the reader; empty takes none")
	flag.BoolVar(&o.replay, "replay", false, "used by ingest itself: read the source from memory")
	flag.StringVar(&o.serve, "serve", "", "used by ingest itself: be the github or the reader")
	flag.StringVar(&o.database, "database", "", "used by ingest itself: the address of the database")
	flag.StringVar(&o.url, "url", "", "used by ingest itself: the address of the fake GitHub")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	run := map[string]func(context.Context, options) error{"": measure, "github": serveGitHub, "reader": read}[o.serve]
	err := errors.New("there is no such part")
	if run != nil {
		err = run(ctx, o)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
		os.Exit(1)
	}
}

// measure runs the rounds and prints a line for each.
func measure(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "needle-ingest-*")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	data, err := localpg.DefaultDir("bench-ingest")
	if err != nil {
		return err
	}
	pg, err := localpg.Start(ctx, localpg.Config{DataDir: data, Settings: settings(), Logger: slog.Default()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Stop(context.WithoutCancel(ctx))) }()
	github, err := startGitHub(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, github.stop()) }()
	fmt.Printf("%d issues, %d rounds; rows a second\n\n", o.issues, o.rounds)
	fmt.Println("| round | COPY | over the network | × COPY | from memory | × COPY | peak MiB | requests | unchanged: requests, rows written |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	rows := filepath.Join(folder, "rows")
	for round := range o.rounds {
		if err := once(ctx, o, round+1, github.url, &database{pg: pg, name: "ingest", file: rows}, &database{pg: pg, name: "ceiling", file: rows}); err != nil {
			return err
		}
	}
	return nil
}

// once measures all three on databases of their own.
func once(ctx context.Context, o options, round int, url string, driven, copied *database) error {
	o.url, o.database = url, driven.pg.URL(driven.name)
	var got [2]reading // over the network, and from memory
	for i := range got {
		if err := driven.make(ctx); err != nil {
			return err
		}
		o.replay = i == 1
		var err error
		if got[i], err = startReader(ctx, o); err != nil {
			return err
		}
	}
	if err := copied.make(ctx); err != nil {
		return err
	}
	took, rows, err := copied.ceiling(ctx, driven)
	if err != nil {
		return err
	}
	report(round, got[0], got[1], float64(rows)/took.Seconds())
	return errors.Join(driven.drop(ctx), copied.drop(ctx))
}

// settings keep what would come and go by itself out of the figures.
func settings() map[string]string {
	return map[string]string{
		"jit": "off", "shared_buffers": "512MB", "maintenance_work_mem": "256MB", "max_wal_size": "8GB", "checkpoint_timeout": "1h",
	}
}

// report prints the line of a round. The peak is that of the process that read over the network: the other holds the
// whole source.
func report(round int, network, memory reading, ceiling float64) {
	fmt.Printf("| %d | %.0f | %.0f | %.2f | %.0f | %.2f | %.0f | %d | %d, %d |\n", round, ceiling, network.rate(), network.rate()/ceiling,
		memory.rate(), memory.rate()/ceiling, float64(network.Peak)/(1<<20), network.Requests, network.UnchangedRequests, network.UnchangedWrites)
}
