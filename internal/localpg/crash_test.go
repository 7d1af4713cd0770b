//go:build unix

package localpg

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestStart_recoversAfterTheServerWasKilled(t *testing.T) {
	t.Parallel()
	cfg := durable(t)
	first := mustStart(t, cfg)
	run(t, first.URL(""), "CREATE TABLE kept AS SELECT 'still here' AS what")
	crash(t, first)
	abandon(t, first)
	second := mustStart(t, cfg)
	if got := ask(t, second.URL(""), "SELECT what FROM kept"); got != "still here" {
		t.Errorf("got %q", got)
	}
}

func TestStart_ignoresAProcessThatInheritedTheNumberOfTheServer(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	first := mustStart(t, cfg)
	crash(t, first)
	abandon(t, first)
	bystander := exec.CommandContext(t.Context(), "tail", "-f", "/dev/null")
	other, err := startChild(bystander, accountOf(t, first.layout), syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.abort(); err != nil {
			t.Error(err)
		}
	})
	rewritePIDFile(t, first.layout, func(content string) string {
		return strings.Replace(content, strconv.Itoa(first.PID()), strconv.Itoa(bystander.Process.Pid), 1)
	})
	second := mustStart(t, cfg)
	if got := ask(t, second.URL(""), "SELECT 'up'"); got != "up" {
		t.Errorf("got %q", got)
	}
	if other.exited() {
		t.Error("the bystander was ended")
	}
}

func TestStart_survivesAPIDFileThatWasCutShort(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	for _, content := range []string{"", "\n\n", "not a number\n", "99999999999999999999\n"} {
		srv := mustStart(t, cfg)
		crash(t, srv)
		abandon(t, srv)
		rewritePIDFile(t, srv.layout, func(string) string { return content })
	}
	mustStart(t, cfg)
}

func TestStart_endsBackendsThatOutliveTheirServer(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	first := mustStart(t, cfg)
	acct := accountOf(t, first.layout)
	t.Cleanup(func() { // a failed test must not leave an endless loop behind
		if err := first.layout.stopLeftovers(context.WithoutCancel(t.Context()), acct, first.cfg.Logger); err != nil {
			t.Error(err)
		}
	})
	busy := open(t, "postgres", first.URL(""))
	conn, err := busy.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if err := conn.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { // a loop that never looks whether the server is still there
		_, err := conn.ExecContext(t.Context(), "DO $$ BEGIN LOOP END LOOP; END $$")
		ended <- err
	}()
	watcher := first.URL("")
	eventually(t, "the loop runs", func() (bool, error) {
		var active bool
		err := open(t, "postgres", watcher).QueryRowContext(t.Context(), "SELECT state = 'active' AND query LIKE 'DO %' FROM pg_stat_activity WHERE pid = $1", pid).Scan(&active)
		return active, err
	})
	crash(t, first)
	abandon(t, first)
	select {
	case err := <-ended:
		t.Fatalf("the backend went with its server (%v): this test shows nothing", err)
	default:
	}
	mustStart(t, cfg)
	if err := <-ended; err == nil {
		t.Error("the endless loop ended well")
	}
}

func TestStart_stopsAServerWhoseOwnerIsGone(t *testing.T) {
	t.Parallel()
	cfg := durable(t)
	first := mustStart(t, cfg)
	run(t, first.URL(""), "CREATE TABLE kept AS SELECT 'still here' AS what")
	// The owner dies, and for some reason its server does not: the lock is free and the server runs.
	abandon(t, first)
	second := mustStart(t, cfg)
	<-first.Done()
	if got := ask(t, second.URL(""), "SELECT what FROM kept"); got != "still here" {
		t.Errorf("got %q", got)
	}
}

func TestStart_leavesAServerAloneThatSomeoneStartedByHand(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	first := mustStart(t, cfg)
	mustStop(t, first)
	acct := accountOf(t, first.layout)
	if err := makeSocketFolder(first.SocketDir(), acct); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), first.child.cmd.Path, "-D", first.layout.cluster+"/.", "-k", first.SocketDir(), "-h", "")
	cmd.Dir = "/"
	manual, err := startChild(cmd, acct, syscall.SIGQUIT)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := manual.stop(context.WithoutCancel(t.Context()), fastGrace); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the server is ready", func() (bool, error) {
		file, err := first.layout.readPIDFile()
		return file.ready, ignoreMissing(err)
	})
	_, err = Start(t.Context(), cfg)
	inUse, ok := errors.AsType[*InUseError](err)
	if !ok || inUse.PID != cmd.Process.Pid {
		t.Errorf("got %v", err)
	}
	if manual.exited() {
		t.Error("the server was ended")
	}
}

func TestStart_sweepsAnUnfinishedCluster(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	for _, folder := range []string{"pgdata.init-123/base", "pgdata"} {
		if err := os.MkdirAll(filepath.Join(cfg.DataDir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	srv := mustStart(t, cfg)
	left, err := filepath.Glob(filepath.Join(srv.DataDir(), initPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestStart_refusesASecondOwner(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	h := startHelper(t, order{DataDir: cfg.DataDir, Ephemeral: true}, account{})
	if h.Failure != "" {
		t.Fatal(h.Failure)
	}
	for _, attempt := range []func() error{
		func() error { _, err := Start(t.Context(), cfg); return err },
		func() error { return Remove(t.Context(), cfg.DataDir, nil) },
	} {
		err := attempt()
		inUse, ok := errors.AsType[*InUseError](err)
		if !ok || inUse.PID != h.cmd.Process.Pid {
			t.Errorf("got %v, want the number %d in it", err, h.cmd.Process.Pid)
		}
	}
	if got := ask(t, h.URL, "SELECT 'unharmed'"); got != "unharmed" {
		t.Errorf("got %q", got)
	}
	if code := h.end(t); code != 0 {
		t.Errorf("the owner ended with %d", code)
	}
	srv := mustStart(t, cfg)
	second := startHelper(t, order{DataDir: cfg.DataDir, Ephemeral: true}, account{})
	if second.Holder != os.Getpid() || srv.PID() == second.PID {
		t.Errorf("the other process got %+v", second.answer)
	}
}

func TestStart_afterItsOwnerWasKilled(t *testing.T) {
	t.Parallel()
	cfg := durable(t)
	h := startHelper(t, order{DataDir: cfg.DataDir}, account{})
	if h.Failure != "" {
		t.Fatal(h.Failure)
	}
	run(t, h.URL, "CREATE TABLE kept AS SELECT 'still here' AS what")
	l := layoutOf(cfg.DataDir)
	acct := accountOf(t, l)
	h.kill(t)
	if runtime.GOOS == "linux" { // elsewhere the next start does it
		eventually(t, "the server is gone too", func() (bool, error) {
			all, err := processes(t.Context())
			servers, backends := l.ours(all, acct)
			return len(servers)+len(backends) == 0, err
		})
	}
	srv := mustStart(t, cfg)
	if got := ask(t, srv.URL(""), "SELECT what FROM kept"); got != "still here" {
		t.Errorf("got %q", got)
	}
}

func rewritePIDFile(t *testing.T, l layout, change func(string) string) {
	t.Helper()
	content, err := os.ReadFile(l.pidPath())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.pidPath(), []byte(change(string(content))), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
