package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one line of the process list.
type process struct {
	pid     int
	uid     uint32
	command string
}

// pidFile is what a running server writes into its data folder.
type pidFile struct {
	pid    int
	socket string // path of the socket; empty when none is named
	ready  bool
}

// readPIDFile reads postmaster.pid. A file that is cut short or makes no sense gives a zero pid.
func (l layout) readPIDFile() (pidFile, error) {
	content, err := os.ReadFile(l.pidPath())
	if err != nil {
		return pidFile{}, err
	}
	return parsePIDFile(string(content)), nil
}

func (l layout) pidPath() string { return filepath.Join(l.cluster, "postmaster.pid") }

// parsePIDFile knows the lines: pid, data folder, start time, port, socket folder, TCP address, shared memory, status.
func parsePIDFile(content string) pidFile {
	lines := strings.Split(content, "\n")
	line := func(i int) string {
		if i < len(lines) {
			return strings.TrimSpace(lines[i])
		}
		return ""
	}
	var parsed pidFile
	if pid, err := strconv.ParseInt(line(0), 10, 32); err == nil {
		parsed.pid = max(int(pid), -int(pid)) // a single-user backend writes a negative one
	}
	if folder, port := line(4), line(3); folder != "" && port != "" {
		parsed.socket = filepath.Join(folder, ".s.PGSQL."+port)
	}
	parsed.ready = line(7) == "ready"
	return parsed
}

// ours picks the processes of this cluster from the list: servers by their command line, and what a dead server left
// behind by the name it bears in the process list. The uid keeps a stranger from posing as one of them.
func (l layout) ours(all []process, acct account) (servers, backends []process) {
	for _, p := range all {
		switch {
		case p.uid != acct.uid:
		case strings.HasPrefix(p.command, "postgres: "+l.name()+": "):
			backends = append(backends, p)
		case strings.Contains(p.command, "postgres -D "+l.cluster+" "):
			servers = append(servers, p)
		}
	}
	return servers, backends
}

// clearLeftovers stops whatever a crashed owner left running on the cluster. It returns the process id that a stale
// postmaster.pid names, zero if there is none: by now that number is nobody or an unrelated process.
// The caller holds the lock of the folder.
func (l layout) clearLeftovers(ctx context.Context, acct account, log *slog.Logger) (stale int, err error) {
	if err := l.sweepInit(); err != nil {
		// A dying initdb may still write there. The next start tries again, and this one does not need it.
		log.WarnContext(ctx, "an unfinished initdb could not be removed", slog.Any("error", err))
	}
	if err := l.stopLeftovers(ctx, acct, log); err != nil {
		return 0, fmt.Errorf("stopping what still runs on %s: %w", l.home, err)
	}
	file, err := l.readPIDFile()
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading postmaster.pid: %w", err)
	}
	if file.pid == 0 {
		// Written half before a power cut. PostgreSQL would refuse to touch it, and we know that nothing runs.
		log.WarnContext(ctx, "removing an unreadable postmaster.pid")
		if err := os.Remove(l.pidPath()); err != nil {
			return 0, fmt.Errorf("removing an unreadable postmaster.pid: %w", err)
		}
		return 0, nil
	}
	if file.socket != "" && answers(ctx, file.socket) {
		return 0, &InUseError{DataDir: l.home, PID: file.pid} // someone started a server on the cluster by hand
	}
	log.InfoContext(ctx, "the last server was not stopped cleanly: it will recover", slog.Int("pid", file.pid))
	return file.pid, nil
}

// stopLeftovers asks a running server to stop, more harshly as time goes by. Backends without a server are not asked:
// they would hold the shared memory and keep a new server from starting.
func (l layout) stopLeftovers(ctx context.Context, acct account, log *slog.Logger) error {
	all, err := processes(ctx)
	if err != nil {
		return err
	}
	servers, backends := l.ours(all, acct)
	if len(servers)+len(backends) == 0 {
		return nil
	}
	log.WarnContext(ctx, "a server of an earlier run still works here: stopping it",
		slog.Int("servers", len(servers)), slog.Int("backends", len(backends)))
	type step struct {
		signal syscall.Signal
		wait   time.Duration
	}
	steps := []step{{syscall.SIGINT, fastGrace}, {syscall.SIGQUIT, immediateGrace}, {syscall.SIGKILL, immediateGrace}}
	if len(servers) == 0 {
		steps = steps[1:]
	}
	for _, s := range steps {
		targets := servers
		if s.signal != syscall.SIGINT {
			targets = append(targets, backends...)
		}
		for _, p := range targets {
			if err := sendSignal(p.pid, s.signal); err != nil {
				return fmt.Errorf("stopping process %d: %w", p.pid, err)
			}
		}
		patience, cancel := context.WithTimeout(ctx, s.wait)
		err := poll(patience, func() (bool, error) {
			all, err := processes(patience)
			if err != nil {
				return false, err
			}
			servers, backends = l.ours(all, acct)
			return len(servers)+len(backends) == 0, nil
		})
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return fmt.Errorf("%d processes did not stop", len(servers)+len(backends))
}

// answers reports whether something accepts connections on the socket.
func answers(ctx context.Context, socket string) bool {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
