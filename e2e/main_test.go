package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// binary is the program under test. TestMain sets it before any test runs.
var binary string

func TestMain(m *testing.M) {
	status, err := withBinary(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(status)
}

// withBinary builds the program where every account may run it.
func withBinary(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "needle-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // A temporary folder that stays does no harm.
	if err := os.Chmod(dir, 0o755); err != nil {
		return 1, err
	}
	binary = filepath.Join(dir, "needle")
	args := append([]string{"build", "-buildvcs=false", "-ldflags", "-X main.version=e2e"}, buildFlags...)
	build := exec.CommandContext(context.Background(), "go", append(args, "-o", binary, "../cmd/needle")...)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return 1, fmt.Errorf("building the binary: %w", err)
	}
	return run(), nil
}

// patience bounds every wait; it is much longer than any of them takes.
const patience = 90 * time.Second

// folder returns a folder of the test's own that the account PostgreSQL runs as can reach.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("this did not come true: %s", what)
		case <-ticker.C:
		}
	}
}
