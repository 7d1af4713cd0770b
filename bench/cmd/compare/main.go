// Command compare measures ways of answering the same queries side by side on one machine.
//
//	go run ./bench/cmd/compare -rounds 4 -seconds 3 -conns 16 -queries q2,q3 -contestants gqlgen,reader,limit
//
// It starts a private PostgreSQL with the standard data, every contestant as a process of its own, checks that all
// answers are equal, and then lets the contestants run in turns, forwards in one round and backwards in the next. Only
// the ratios within one run mean anything.
//
// A contestant may carry a setting of its process, reader:GOGC=400, and one written in Go may come from another build of
// this command, reader@/tmp/before, to see what a change is worth.
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
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/needle-okr/needle/bench/contest"
	"github.com/needle-okr/needle/bench/database"
	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/bench/queries"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

type options struct {
	rounds, conns, scale, pool int
	each                       time.Duration
	queries, contestants       []string
	against, results, server   string
	serve, database, profile   string
	hold                       bool
}

func main() {
	o := parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	run := compare
	if o.serve != "" {
		run = serve
	}
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.IntVar(&o.rounds, "rounds", 4, "how often every contestant runs")
	seconds := flag.Float64("seconds", 3, "how long one run lasts")
	flag.IntVar(&o.conns, "conns", 16, "connections that ask at once")
	flag.IntVar(&o.scale, "scale", 1, "times the standard amount of data")
	flag.IntVar(&o.pool, "pool", store.DefaultPool, "database connections of each contestant")
	names := flag.String("queries", strings.Join(queries.Names()[:4], ","), "what is asked: "+strings.Join(queries.Names(), ", "))
	contestants := flag.String("contestants", strings.Join([]string{contest.GQLGen, contest.Reader, contest.Limit}, ","),
		"who answers: "+strings.Join([]string{contest.GQLGen, contest.Reader, contest.Limit, postgraphile}, ", "))
	flag.StringVar(&o.against, "against", contest.Limit, "the contestant that ratios refer to")
	flag.StringVar(&o.results, "results", "bench/results", "folder for the figures of every run; empty writes none")
	flag.StringVar(&o.server, "postgraphile", "bench/postgraphile", "folder that make bench-postgraphile installed into")
	flag.StringVar(&o.profile, "profile", "", "folder for a CPU profile of each contestant written in Go; empty takes none")
	flag.BoolVar(&o.hold, "hold", false, "measure nothing: print where everything listens and wait")
	flag.StringVar(&o.serve, "serve", "", "used by compare itself: serve as this contestant")
	flag.StringVar(&o.database, "database", "", "used by compare itself: the address of the data")
	flag.Parse()
	o.each = time.Duration(*seconds * float64(time.Second))
	o.queries, o.contestants = strings.Split(*names, ","), strings.Split(*contestants, ",")
	return o
}

// compare is the whole of a comparison.
func compare(ctx context.Context, o options) (err error) {
	if !slices.Contains(o.contestants, o.against) {
		o.against = o.contestants[0]
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	pg, err := database.Start(ctx, dataset.Standard(o.scale), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Stop(context.WithoutCancel(ctx))) }()
	asked, err := prepare(ctx, o, pg.URL)
	if err != nil {
		return err
	}
	if slices.Contains(o.contestants, postgraphile) {
		if err := pg.Run(ctx, filepath.Join(o.server, "functions.sql")); err != nil {
			return err
		}
	}
	statements, err := pg.Statements(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, statements.Close()) }()
	var all []*contestant
	defer func() {
		for _, c := range all {
			err = errors.Join(err, c.stop())
		}
	}()
	for _, name := range o.contestants {
		c, err := launch(ctx, o, name, pg.URL)
		if err != nil {
			return fmt.Errorf("starting %s: %w", name, err)
		}
		c.target.Token = asked.token
		all = append(all, c)
	}
	if o.hold {
		hold(ctx, pg.URL, asked.token, all)
		return nil
	}
	m := &measurement{options: o, contestants: all, postgres: pg.PID(), workspace: asked.workspace, statements: statements}
	fmt.Println(conditions(o, pg))
	for _, q := range asked.queries {
		if err := m.query(ctx, q); err != nil {
			return fmt.Errorf("measuring %s: %w", q.Name, err)
		}
		report(os.Stdout, m, q.Name)
	}
	return m.save()
}

// hold keeps everything running until it is interrupted.
func hold(ctx context.Context, database, token string, all []*contestant) {
	fmt.Println("database", database)
	fmt.Println("token", token)
	for _, c := range all {
		fmt.Println(c.name, "http://"+c.target.Address+c.target.Path, "pid", c.pid())
	}
	<-ctx.Done()
}

type asked struct {
	queries   []queries.Query
	workspace needle.WorkspaceID
	token     string
}

// prepare makes the requests, and a token that lets them in.
func prepare(ctx context.Context, o options, address string) (asked, error) {
	var a asked
	s, err := store.Open(store.Config{URL: address, CursorKey: cursorKey})
	if err != nil {
		return a, err
	}
	defer func() { _ = s.Close() }()
	facts, err := dataset.Read(ctx, s.DB().DB)
	if err != nil {
		return a, err
	}
	a.workspace = facts.Workspace
	if a.token, err = contest.Token(ctx, s, facts); err != nil {
		return a, err
	}
	for _, name := range o.queries {
		q, err := queries.Load(name, facts)
		if err != nil {
			return a, err
		}
		a.queries = append(a.queries, q)
	}
	return a, nil
}

// cursorKey is the same in all contestants, so that their cursors are.
var cursorKey = []byte("a key for comparisons, not a secret")
