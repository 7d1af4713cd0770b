package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// superuser is the one role of a new cluster.
const superuser = "postgres"

// logLimit is the size in bytes above which a start puts the log aside.
const logLimit = 1 << 20

// Server is a running private PostgreSQL. Its methods may be called from any goroutine.
type Server struct {
	cfg       Config
	layout    layout
	socketDir string
	major     int
	lock      *folderLock
	child     *child

	stopping sync.Mutex // one Stop at a time
	stopped  bool
}

// Start brings up a server on cfg.DataDir, creating the cluster if there is none, and returns once it accepts
// connections. The context limits the start only; the server then runs until Stop.
//
// It returns a [NoBinariesError] when PostgreSQL is not installed, a [VersionError] when the installed version cannot
// read the data, an [InUseError] when another process has the folder, an [UnreachableError] when root chose a folder
// that is closed to the account PostgreSQL runs as, and a [StartError] with PostgreSQL's own words when it fails or
// the context ends first.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	return start(ctx, cfg, thisMachine(runtime.GOOS))
}

func start(ctx context.Context, cfg Config, m machine) (_ *Server, err error) {
	site, err := openSite(ctx, cfg, m)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, site.lock.release())
		}
	}()
	stale, err := site.layout.clearLeftovers(ctx, site.acct, site.cfg.Logger)
	if err != nil {
		return nil, err
	}
	if site.fresh {
		site.cfg.Logger.InfoContext(ctx, "creating a PostgreSQL cluster", slog.String("folder", site.layout.home))
		if err := site.layout.createCluster(ctx, site.bins, site.acct, site.cfg.Ephemeral); err != nil {
			return nil, err
		}
	}
	if err := site.acct.mend(site.layout.cluster); err != nil {
		return nil, err
	}
	socketDir, err := site.layout.prepareSocket(site.cfg.SocketDir, site.acct, site.shortPlaces())
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: site.cfg, layout: site.layout, socketDir: socketDir, major: site.bins.major, lock: site.lock}
	if err := s.launch(ctx, site, stale); err != nil {
		return nil, err
	}
	return s, nil
}

// site is a data folder this process holds the lock of, and what is needed to run a server on it.
type site struct {
	cfg    Config
	layout layout
	acct   account
	bins   binaries
	lock   *folderLock
	fresh  bool // there is no cluster yet
}

func openSite(ctx context.Context, cfg Config, m machine) (*site, error) {
	if !supported {
		return nil, errUnsupported
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	before := layoutOf(cfg.DataDir)
	acct, err := chooseAccount(m.euid, os.Getegid(), before.cluster)
	if err != nil {
		return nil, err
	}
	s := &site{cfg: cfg, acct: acct}
	if err := s.chooseBinaries(ctx, m, before); err != nil {
		return nil, err
	}
	if s.layout, err = prepareHome(ctx, cfg.DataDir, acct, s.bins); err != nil {
		return nil, err
	}
	if s.lock, err = acquireLock(s.layout, acct); err != nil {
		return nil, err
	}
	// Only now is it certain what the folder holds: another process may have made or removed a cluster a moment ago.
	if err := s.chooseBinaries(ctx, m, s.layout); err != nil {
		return nil, errors.Join(err, s.lock.release())
	}
	return s, nil
}

// chooseBinaries finds the programs for the cluster as it is now.
func (s *site) chooseBinaries(ctx context.Context, m machine, l layout) error {
	want, err := l.major()
	if err != nil {
		return err
	}
	s.fresh = want == 0
	if s.bins.major != 0 && (want == 0 || want == s.bins.major) {
		return nil
	}
	s.bins, err = m.find(ctx, s.cfg.BinDir, want, s.acct)
	if mismatch, ok := errors.AsType[*VersionError](err); ok {
		mismatch.DataDir = l.home
	}
	return err
}

// shortPlaces lists where a short socket folder may go. The session's folder of root is closed to the account.
func (s *site) shortPlaces() []string {
	return []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"}
}

// launch starts the server and waits until it is ready. When it fails, no process of it is left.
func (s *Server) launch(ctx context.Context, site *site, stale int) error {
	log, from, err := s.openLog(site.acct)
	if err != nil {
		return err
	}
	args := append([]string{"-D", s.layout.cluster}, s.cfg.settings(s.socketDir, s.layout.name())...)
	cmd := exec.Command(site.bins.postgres, args...) //nolint:gosec,noctx // found by the search; it outlives the context
	cmd.Dir = s.layout.home
	cmd.Env = childEnv(os.Getenv)
	if stale > 0 {
		// PostgreSQL takes a stale postmaster.pid for a running server when its number now belongs to some other process
		// of the same account. This is how pg_ctl names a process that is not a server; the check that nothing still uses
		// the old shared memory stays in force, which it would not if we removed the file.
		cmd.Env = append(cmd.Env, "PG_GRANDPARENT_PID="+strconv.Itoa(stale))
	}
	cmd.Stdout, cmd.Stderr = log, log
	onParentDeath := syscall.SIGINT // a clean end, so that the next start needs no recovery
	if s.cfg.Ephemeral {
		onParentDeath = syscall.SIGQUIT
	}
	s.child, err = startChild(cmd, site.acct, onParentDeath)
	if err := errors.Join(err, log.Close()); err != nil {
		return &StartError{Program: "postgres", Err: err}
	}
	if err := s.awaitReady(ctx); err != nil {
		return errors.Join(&StartError{Program: "postgres", Log: s.logSince(from), Err: err}, s.child.abort())
	}
	s.cfg.Logger.InfoContext(ctx, "PostgreSQL is ready",
		slog.Int("version", s.major), slog.Int("pid", s.PID()), slog.String("socket", s.socketDir), slog.String("account", site.acct.name))
	return nil
}

// awaitReady returns when the server says so and its socket accepts a connection.
func (s *Server) awaitReady(ctx context.Context) error {
	return poll(ctx, func() (bool, error) {
		if s.child.exited() {
			if s.child.err == nil {
				return false, errors.New("it ended by itself")
			}
			return false, s.child.err
		}
		file, err := s.layout.readPIDFile()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("reading postmaster.pid: %w", err)
		}
		return file.ready && file.pid == s.PID() && answers(ctx, filepath.Join(s.socketDir, socketName)), nil
	})
}

// openLog opens the log for appending and tells its size, which is where this run's lines begin.
func (s *Server) openLog(acct account) (*os.File, int64, error) {
	if info, err := os.Lstat(s.layout.log); err == nil && info.Size() > logLimit {
		if err := os.Rename(s.layout.log, s.layout.log+".old"); err != nil {
			return nil, 0, fmt.Errorf("putting the old log aside: %w", err)
		}
	}
	log, err := os.OpenFile(s.layout.log, os.O_WRONLY|os.O_APPEND|os.O_CREATE|openNoFollow, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("opening the log: %w", err)
	}
	if acct.drop {
		if err := log.Chown(int(acct.uid), int(acct.gid)); err != nil {
			return nil, 0, errors.Join(fmt.Errorf("giving the log to %s: %w", acct.name, err), log.Close())
		}
	}
	info, err := log.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("looking at the log: %w", err), log.Close())
	}
	return log, info.Size(), nil
}

// logSince returns the last lines written after the given position.
func (s *Server) logSince(from int64) []string {
	log, err := os.Open(s.layout.log)
	if err != nil {
		return []string{"(the log could not be read: " + err.Error() + ")"}
	}
	defer log.Close() //nolint:errcheck // opened for reading
	content, err := io.ReadAll(io.NewSectionReader(log, from, logLimit))
	if err != nil {
		return []string{"(the log could not be read: " + err.Error() + ")"}
	}
	return lastLines(content)
}

// URL returns the address of a database on this server in the form that lib/pq and pgx accept. The empty name means
// "postgres", the database every cluster has, from which others are created.
func (s *Server) URL(database string) string {
	if database == "" {
		database = "postgres"
	}
	query := url.Values{"host": {s.socketDir}, "port": {socketPort}, "sslmode": {"disable"}}
	address := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: query.Encode()}
	return address.String()
}

// DataDir returns the folder that holds the cluster, with symbolic links resolved.
func (s *Server) DataDir() string { return s.layout.home }

// SocketDir returns the folder that holds the socket.
func (s *Server) SocketDir() string { return s.socketDir }

// LogFile returns the path of the file PostgreSQL logs to.
func (s *Server) LogFile() string { return s.layout.log }

// Version returns the major version of the server.
func (s *Server) Version() int { return s.major }

// PID returns the process id of the server, also after its end.
func (s *Server) PID() int { return s.child.cmd.Process.Pid }

// Done returns a channel that is closed when the server has ended, asked to or not. Stop is still needed to let go
// of the data folder.
func (s *Server) Done() <-chan struct{} { return s.child.done }

// Stop ends the server and lets go of the data folder. Clients are cut off and their transactions rolled back. It
// waits for a clean end until the context ends, at most ten seconds, and then stops the server by force: it returns
// an error in that case, and the next start recovers the data. The server is gone whatever Stop returns. Stopping
// again does nothing.
func (s *Server) Stop(ctx context.Context) error {
	return s.finish(ctx, func() error { return nil })
}

// Destroy stops the server and removes all its data. Files in the data folder that are not the server's stay.
func (s *Server) Destroy(ctx context.Context) error {
	return s.finish(ctx, s.layout.remove)
}

// finish stops the server and does the last thing while it still holds the lock.
func (s *Server) finish(ctx context.Context, last func() error) error {
	s.stopping.Lock()
	defer s.stopping.Unlock()
	if s.stopped {
		return nil
	}
	err := s.child.stop(ctx, fastGrace)
	if err != nil {
		err = fmt.Errorf("PostgreSQL did not end in time and was stopped by force: %w", err)
	}
	if !s.child.exited() {
		return err // it could not even be signalled: the folder is still in use
	}
	s.stopped = true
	s.cfg.Logger.InfoContext(ctx, "PostgreSQL has stopped", slog.Int("pid", s.PID()), slog.Bool("clean", err == nil))
	return errors.Join(err, s.layout.forgetSocket(), last(), s.lock.release())
}

// Remove deletes the cluster in dataDir without starting it, so that a damaged one can be replaced. It stops a server
// that a crashed process left behind. A folder that does not exist is no error; one in use gives an [InUseError].
func Remove(ctx context.Context, dataDir string, logger *slog.Logger) error {
	if !supported {
		return errUnsupported
	}
	cfg, err := Config{DataDir: dataDir, Logger: logger}.withDefaults()
	if err != nil {
		return err
	}
	home, err := filepath.EvalSymlinks(cfg.DataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("resolving the data folder: %w", err)
	}
	l := layoutOf(home)
	acct, err := chooseAccount(os.Geteuid(), os.Getegid(), l.cluster)
	if err != nil {
		return err
	}
	lock, err := acquireLock(l, acct)
	if err != nil {
		return err
	}
	if _, err := l.clearLeftovers(ctx, acct, cfg.Logger); err != nil {
		return errors.Join(err, lock.release())
	}
	return errors.Join(l.remove(), lock.release())
}
