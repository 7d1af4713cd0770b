package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/needle-okr/needle/bench/database"
	"github.com/needle-okr/needle/bench/load"
	"github.com/needle-okr/needle/bench/queries"
	"github.com/needle-okr/needle/internal/needle"
)

// measurement gathers runs.
type measurement struct {
	options     options
	contestants []*contestant
	postgres    int
	workspace   needle.WorkspaceID
	statements  *database.Statements
	// Runs are all, in the order they were made.
	Runs []run
	// PerRequest is the number of statements by query and contestant.
	PerRequest map[string]map[string]float64
}

// run is one contestant answering one query for a while.
type run struct {
	Query, Contestant string
	Round             int
	PerSecond         float64
	P50, P99          time.Duration
	Failures          int
	// BytesEach is the mean size of an answer.
	BytesEach float64
	// ServerCPU and PostgresCPU are processor time for one request.
	ServerCPU, PostgresCPU time.Duration
	// Peak is the most memory held, in bytes.
	Peak int64
	// Allocations for one request; zero where they cannot be told.
	Allocations float64
}

// compared is how many different requests of a query are checked for equal answers.
const compared = 12

// counted is how many requests the statements are counted over.
const counted = 20

// query measures one query.
func (m *measurement) query(ctx context.Context, q queries.Query) error {
	bodies := map[string][][]byte{}
	var able []*contestant
	for _, c := range m.contestants {
		own, err := bodiesFor(m.options, c.name, m.workspace, q)
		if err != nil {
			return err
		}
		if own != nil {
			bodies[c.name], able = own, append(able, c)
		}
	}
	if err := sameAnswers(ctx, able, bodies); err != nil {
		return err
	}
	for _, c := range able {
		if err := m.count(ctx, q.Name, c, bodies[c.name]); err != nil {
			return fmt.Errorf("counting statements of %s: %w", c.name, err)
		}
		if _, err := load.Run(ctx, c.target, bodies[c.name], m.options.conns, time.Second); err != nil {
			return fmt.Errorf("warming up %s: %w", c.name, err)
		}
	}
	for round := range m.options.rounds {
		for _, c := range able {
			r, err := m.once(ctx, c, bodies[c.name])
			if err != nil {
				return fmt.Errorf("running %s: %w", c.name, err)
			}
			r.Query, r.Round = q.Name, round
			m.Runs = append(m.Runs, r)
		}
		slices.Reverse(able)
	}
	return m.profile(ctx, q, bodies)
}

// count finds the statements for one request.
func (m *measurement) count(ctx context.Context, query string, c *contestant, bodies [][]byte) error {
	if m.PerRequest == nil {
		m.PerRequest = map[string]map[string]float64{}
	}
	if m.PerRequest[query] == nil {
		m.PerRequest[query] = map[string]float64{}
	}
	n, err := m.statements.Count(ctx, func() error {
		for i := range counted {
			if _, err := load.Ask(ctx, c.target, bodies[i%len(bodies)]); err != nil {
				return err
			}
		}
		return nil
	})
	m.PerRequest[query][c.name] = float64(n) / counted
	return err
}

func (m *measurement) once(ctx context.Context, c *contestant, bodies [][]byte) (run, error) {
	r := run{Contestant: c.name}
	if err := load.ResetPeak(c.pid()); err != nil {
		return r, err
	}
	before, err := m.snapshot(ctx, c)
	if err != nil {
		return r, err
	}
	result, err := load.Run(ctx, c.target, bodies, m.options.conns, m.options.each)
	if err != nil {
		return r, err
	}
	after, err := m.snapshot(ctx, c)
	if err != nil {
		return r, err
	}
	if r.Peak, err = load.Peak(c.pid()); err != nil {
		return r, err
	}
	n := max(1, result.Requests)
	r.PerSecond, r.P50, r.P99, r.Failures = result.PerSecond(), result.P50, result.P99, result.Failures
	r.BytesEach = float64(result.Bytes) / float64(n)
	r.ServerCPU, r.PostgresCPU = (after.server-before.server)/time.Duration(n), (after.postgres-before.postgres)/time.Duration(n)
	r.Allocations = (after.allocations - before.allocations) / float64(n)
	return r, nil
}

type snapshot struct {
	server, postgres time.Duration
	allocations      float64
}

func (m *measurement) snapshot(ctx context.Context, c *contestant) (s snapshot, err error) {
	if s.server, err = load.CPU(c.pid()); err != nil {
		return s, err
	}
	if s.postgres, err = load.CPU(m.postgres); err != nil {
		return s, err
	}
	s.allocations, err = c.allocated(ctx)
	return s, err
}

// profile takes a CPU profile of each contestant under the load of a query.
func (m *measurement) profile(ctx context.Context, q queries.Query, bodies map[string][][]byte) error {
	if m.options.profile == "" {
		return nil
	}
	for _, c := range m.contestants {
		if c.name == postgraphile || bodies[c.name] == nil {
			continue
		}
		const seconds = 5
		under := make(chan error, 1)
		go func() {
			_, err := load.Run(ctx, c.target, bodies[c.name], m.options.conns, (seconds+1)*time.Second)
			under <- err
		}()
		profile, err := c.tell(ctx, fmt.Sprintf("%s?seconds=%d", profilePath, seconds))
		if ran := <-under; err == nil {
			err = ran
		}
		if err != nil {
			return fmt.Errorf("profiling %s: %w", c.name, err)
		}
		if err := os.WriteFile(filepath.Join(m.options.profile, q.Name+"."+c.name+".pprof"), profile, 0o600); err != nil {
			return fmt.Errorf("keeping a profile: %w", err)
		}
	}
	return nil
}

// save keeps the figures of every run.
func (m *measurement) save() error {
	if m.options.results == "" {
		return nil
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("writing results: %w", err)
	}
	if err := os.MkdirAll(m.options.results, 0o750); err != nil {
		return fmt.Errorf("making the folder of results: %w", err)
	}
	file := filepath.Join(m.options.results, time.Now().UTC().Format("20060102-150405")+".json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("keeping results: %w", err)
	}
	return nil
}
