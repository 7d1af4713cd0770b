package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/bench/database"
)

// machine says what the figures were taken on.
func machine(pg *database.Server) string {
	processor := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, found := strings.Cut(string(text), "model name"); found {
			name, _, _ := strings.Cut(rest, "\n")
			processor = strings.Trim(name, "\t :")
		}
	}
	return fmt.Sprintf("%d × %s, %s, PostgreSQL %d on a socket without durability", runtime.NumCPU(), processor, runtime.Version(), pg.Version())
}

// conditions says how the figures were taken.
func conditions(o options, pg *database.Server) string {
	return fmt.Sprintf("%s; %d rounds of %v in turns, %d connections, pool of %d, scale %d", machine(pg), o.rounds, o.each, o.conns, o.pool, o.scale)
}

// report prints the table of one query: medians, and the range of the throughput.
func report(w io.Writer, m *measurement, q string) {
	against := m.options.against
	base := m.of(q, against)
	fmt.Fprintf(w, "\n| %s | requests/s [range] | × %s | p50 ms | p99 ms | server CPU ms | database CPU ms | peak MiB | statements | allocations | kB |\n", q, against)
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|")
	for _, c := range m.contestants {
		runs := m.of(q, c.name)
		if len(runs) == 0 {
			continue
		}
		persecond := func(r run) float64 { return r.PerSecond }
		ratio := "–"
		if len(base) > 0 {
			ratio = fmt.Sprintf("%.2f", median(runs, persecond)/median(base, persecond))
		}
		rates := sorted(runs, persecond)
		fmt.Fprintf(w, "| %s | %.0f [%.0f–%.0f] | %s | %.1f | %.1f | %.2f | %.2f | %.0f | %.1f | %.0f | %.1f |%s\n", c.name,
			median(runs, persecond), rates[0], rates[len(rates)-1], ratio,
			median(runs, func(r run) float64 { return milliseconds(r.P50) }), median(runs, func(r run) float64 { return milliseconds(r.P99) }),
			median(runs, func(r run) float64 { return milliseconds(r.ServerCPU) }), median(runs, func(r run) float64 { return milliseconds(r.PostgresCPU) }),
			median(runs, func(r run) float64 { return float64(r.Peak) / (1 << 20) }), m.PerRequest[q][c.name],
			median(runs, func(r run) float64 { return r.Allocations }), median(runs, func(r run) float64 { return r.BytesEach / 1000 }), failed(runs))
	}
}

func failed(runs []run) string {
	n := 0
	for _, r := range runs {
		n += r.Failures
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" %d requests failed", n)
}

func (m *measurement) of(query, contestant string) []run {
	var found []run
	for _, r := range m.Runs {
		if r.Query == query && r.Contestant == contestant {
			found = append(found, r)
		}
	}
	return found
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func sorted(runs []run, figure func(run) float64) []float64 {
	all := make([]float64, len(runs))
	for i, r := range runs {
		all[i] = figure(r)
	}
	slices.Sort(all)
	return all
}

// median of an even number of runs is the mean of the middle two.
func median(runs []run, figure func(run) float64) float64 {
	all := sorted(runs, figure)
	if len(all) == 0 {
		return 0
	}
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}
