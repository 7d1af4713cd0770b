//go:build unix

package localpg

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

// helperEnv turns the test binary into a program that runs one server until its input ends.
const helperEnv = "LOCALPG_TEST_HELPER"

// order is what the helper is told, answer what it says once the server runs or has failed to start.
type order struct {
	DataDir   string
	Ephemeral bool
}

type answer struct {
	PID     int
	URL     string
	Failure string
	Holder  int // process id in an InUseError
}

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(helperEnv); ok {
		os.Exit(runHelper(text))
	}
	os.Exit(m.Run())
}

func runHelper(text string) int {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return 2
	}
	srv, err := Start(context.Background(), Config{DataDir: o.DataDir, Ephemeral: o.Ephemeral})
	if err != nil {
		a := answer{Failure: err.Error()}
		if inUse, ok := errors.AsType[*InUseError](err); ok {
			a.Holder = inUse.PID
		}
		if json.NewEncoder(os.Stdout).Encode(a) != nil {
			return 2
		}
		return 1
	}
	if json.NewEncoder(os.Stdout).Encode(answer{PID: srv.PID(), URL: srv.URL("")}) != nil {
		return 2
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return 2
	}
	if srv.Stop(context.Background()) != nil {
		return 3
	}
	return 0
}

// helper is a running helper process.
type helper struct {
	cmd   *exec.Cmd
	input io.Closer
	answer
}

// startHelper runs the test binary as another process, as the given account if it is one to drop to.
func startHelper(t *testing.T, o order, acct account) *helper {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if acct.drop { // the folder "go test" builds in is closed to others
		program = copyProgram(t, program)
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program)
	cmd.Env = append(os.Environ(), helperEnv+"="+string(text))
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = commonAttributes(acct)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &helper{cmd: cmd, input: input}
	t.Cleanup(func() { h.end(t) })
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the helper said nothing: %v", err)
	}
	if err := json.Unmarshal(line, &h.answer); err != nil {
		t.Fatal(err)
	}
	return h
}

// end lets the helper stop its server and finish. It returns the exit code; a second call returns the same.
func (h *helper) end(t *testing.T) int {
	t.Helper()
	if h.cmd.ProcessState == nil {
		if err := h.input.Close(); err != nil {
			t.Error(err)
		}
		if err := h.cmd.Wait(); err != nil {
			if _, ok := errors.AsType[*exec.ExitError](err); !ok {
				t.Error(err)
			}
		}
	}
	return h.cmd.ProcessState.ExitCode()
}

// kill ends the helper as a crash would.
func (h *helper) kill(t *testing.T) {
	t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	h.end(t)
}

func copyProgram(t *testing.T, program string) string {
	t.Helper()
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(openDir(t), "helper")
	writeProgram(t, path, content)
	return path
}

// writeProgram writes a file that is about to be run. While it is open for writing nothing may fork: a child would
// inherit it until its exec, and the kernel refuses to run a file that anybody may still write ("text file busy").
func writeProgram(t *testing.T, path string, content []byte) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
}

// openDir returns a temporary folder every account can enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// durable is the configuration of tests that lose a server and then look for their data.
func durable(t *testing.T) Config {
	t.Helper()
	return Config{DataDir: filepath.Join(openDir(t), "needle")}
}

// ephemeral is the configuration of all others.
func ephemeral(t *testing.T) Config {
	t.Helper()
	cfg := durable(t)
	cfg.Ephemeral = true
	return cfg
}

// mustStart starts a server that is stopped when the test ends.
func mustStart(t *testing.T, cfg Config) *Server {
	t.Helper()
	srv, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return srv
}

func mustStop(t *testing.T, srv *Server) {
	t.Helper()
	if err := srv.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, driver, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // it complains when the server went first, which is what many tests are about
	return db
}

func run(t *testing.T, url, statement string) {
	t.Helper()
	if _, err := open(t, "postgres", url).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, url, query string) string {
	t.Helper()
	var result string
	if err := open(t, "postgres", url).QueryRowContext(t.Context(), query).Scan(&result); err != nil {
		t.Fatal(err)
	}
	return result
}

// crash kills the server process and waits until it is gone.
func crash(t *testing.T, srv *Server) {
	t.Helper()
	if err := sendSignal(srv.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-srv.Done()
}

// abandon lets go of the folder of a server that has crashed, and nothing more, as if its owner had died with it.
func abandon(t *testing.T, srv *Server) {
	t.Helper()
	srv.stopping.Lock()
	defer srv.stopping.Unlock()
	srv.stopped = true
	if err := srv.lock.release(); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition that other processes bring about.
func eventually(t *testing.T, what string, check func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := poll(ctx, check); err != nil {
		t.Fatalf("waiting until %s: %v", what, err)
	}
}

// accountOf returns who owns the cluster, as a credential for other processes.
func accountOf(t *testing.T, l layout) account {
	t.Helper()
	info, err := os.Stat(l.cluster)
	if err != nil {
		t.Fatal(err)
	}
	uid, gid, ok := ownerOf(info)
	if !ok {
		t.Fatal("no owner")
	}
	return account{name: nameOf(uid), uid: uid, gid: gid, drop: os.Geteuid() == 0}
}

// nobody is an ordinary user other than the one root's clusters run as; who is not root is an ordinary user already.
func nobody(t *testing.T) account {
	t.Helper()
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	}
	return account{name: "nobody", uid: 65534, gid: 65534, drop: true}
}

// script writes an executable shell script.
func script(t *testing.T, folder, name, body string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	writeProgram(t, filepath.Join(folder, name), []byte("#!/bin/sh\n"+body+"\n"))
}

// pretend makes programs that tell the given version and do nothing else.
func pretend(t *testing.T, folder, version string) {
	t.Helper()
	script(t, folder, "postgres", `echo "postgres (PostgreSQL) `+version+`"`)
	script(t, folder, "initdb", "exit 1")
}
