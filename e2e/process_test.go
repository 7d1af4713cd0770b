package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// process is a running needle.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *output
	stderr *output
	ended  chan struct{}
}

// output collects what a process writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// account is who runs a process; nil means whoever runs the test.
type account = syscall.Credential

// start runs needle with some more environment than none at all. It is killed at the end of the test.
func start(t *testing.T, who *account, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, stdout: &output{}, stderr: &output{}, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), binary, args...)
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	p.cmd.Dir = "/"
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // Its exit code is looked at by those who care.
	}()
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.ended
		if t.Failed() {
			t.Logf("needle %s said:\n%s%s", strings.Join(args, " "), p.stdout, p.stderr)
		}
	})
	return p
}

// run runs needle to its end.
func run(t *testing.T, env []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	p := start(t, nil, env, args...)
	status = p.wait()
	return p.stdout.String(), p.stderr.String(), status
}

func (p *process) signal(s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("signalling: %v", err)
	}
}

// wait waits for the end and returns the exit code, -1 after a signal.
func (p *process) wait() int {
	p.t.Helper()
	eventually(p.t, "the process ends", p.hasEnded)
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// stop asks for the end and demands a clean one.
func (p *process) stop(s syscall.Signal) {
	p.t.Helper()
	p.signal(s)
	if status := p.wait(); status != 0 {
		p.t.Errorf("the exit code after %s is %d", s, status)
	}
}

// says waits until the process has written the text to standard error.
func (p *process) says(text string) {
	p.t.Helper()
	eventually(p.t, "it says "+text, func() bool {
		if p.hasEnded() && !strings.Contains(p.stderr.String(), text) {
			p.t.Fatalf("it ended without saying %q", text)
		}
		return strings.Contains(p.stderr.String(), text)
	})
}

// ready is the line that needle demo --json prints.
type ready struct {
	URL         string `json:"url"`
	Token       string `json:"token"`
	DatabaseURL string `json:"databaseUrl"`
	GitHubURL   string `json:"githubUrl"`
}

// ready waits for the line.
func (p *process) ready() ready {
	p.t.Helper()
	eventually(p.t, "the demo is ready", func() bool {
		if p.hasEnded() {
			p.t.Fatal("the demo ended instead of getting ready")
		}
		return strings.HasSuffix(p.stdout.String(), "\n")
	})
	var r ready
	line := json.NewDecoder(strings.NewReader(p.stdout.String()))
	line.DisallowUnknownFields()
	if err := line.Decode(&r); err != nil {
		p.t.Fatal(err)
	}
	if _, err := line.Token(); !errors.Is(err, io.EOF) {
		p.t.Errorf("standard output holds more than one line of JSON: %s", p.stdout)
	}
	return r
}
