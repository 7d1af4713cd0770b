package localpg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// layout names what lies in a data folder.
type layout struct {
	home, cluster, lock, log, socket, socketRecord string
}

func layoutOf(home string) layout {
	return layout{
		home:         home,
		cluster:      filepath.Join(home, "pgdata"),
		lock:         filepath.Join(home, "lock"),
		log:          filepath.Join(home, "postgres.log"),
		socket:       filepath.Join(home, "socket"),
		socketRecord: filepath.Join(home, "socket.path"),
	}
}

// initPrefix starts the names of folders in which initdb works.
const initPrefix = "pgdata.init-"

// name marks every process of this cluster in the process list, so that a later start recognises what is left of it.
func (l layout) name() string {
	sum := sha256.Sum256([]byte(l.cluster))
	return "needle-" + hex.EncodeToString(sum[:6])
}

// major returns the major version that wrote the cluster, or zero when there is no cluster yet.
func (l layout) major() (int, error) {
	content, err := os.ReadFile(filepath.Join(l.cluster, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(l.cluster)
		if errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("looking at the cluster: %w", err)
		}
		if len(entries) > 0 {
			return 0, fmt.Errorf("%s is not a PostgreSQL cluster: move it away or choose another data folder", l.cluster)
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the version of the cluster: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil || major <= 0 {
		return 0, fmt.Errorf("%s does not say which PostgreSQL wrote it", l.cluster)
	}
	return major, nil
}

// prepareHome creates the data folder and returns its layout with symbolic links resolved, so that one folder has
// one name however it is reached.
func prepareHome(ctx context.Context, dir string, acct account, bins binaries) (layout, error) {
	if _, err := os.Lstat(filepath.Join(dir, "PG_VERSION")); err == nil {
		return layout{}, fmt.Errorf("%s is itself a PostgreSQL cluster: give a folder that may hold one", dir)
	}
	mode := fs.FileMode(0o700)
	if acct.drop {
		mode = 0o755 // the account has to pass through; the cluster inside is closed to everyone else
	}
	if err := acct.mustReach(ctx, dir, nearest(dir), bins); err != nil {
		return layout{}, err
	}
	if err := makeFolders(dir, mode); err != nil {
		return layout{}, err
	}
	if err := acct.mustReach(ctx, dir, dir, bins); err != nil {
		return layout{}, err
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return layout{}, fmt.Errorf("resolving the data folder: %w", err)
	}
	return layoutOf(resolved), nil
}

// nearest returns the deepest folder on the way to dir that exists.
func nearest(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); (err == nil && info.IsDir()) || at == filepath.Dir(at) {
			return at
		}
	}
}

// mustReach tries to enter the folder as the account, which is the only test that also knows access lists and
// security modules; mode bits then serve to name the closed folder.
func (a account) mustReach(ctx context.Context, dir, existing string, bins binaries) error {
	if !a.drop {
		return nil
	}
	cmd := exec.CommandContext(ctx, bins.postgres, "--version") //nolint:gosec // the path was found by the search
	cmd.Dir = existing
	cmd.Env = childEnv(os.Getenv)
	err := runChild(cmd, a)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("entering %s as %s: %w", existing, a.name, err)
	}
	blocker := a.blocker(existing)
	if blocker == "" {
		blocker = existing
	}
	return &UnreachableError{DataDir: dir, Blocker: blocker, Account: a.name}
}

// makeFolders is os.MkdirAll that sets the mode of what it creates whatever the umask.
func makeFolders(dir string, mode fs.FileMode) error {
	var missing []string
	for at := dir; at != nearest(dir); at = filepath.Dir(at) {
		missing = append(missing, at)
	}
	for _, folder := range slices.Backward(missing) {
		err := os.Mkdir(folder, mode)
		if errors.Is(err, fs.ErrExist) {
			if info, statErr := os.Stat(folder); statErr == nil && info.IsDir() {
				continue // someone else was faster
			}
		}
		if err != nil {
			return fmt.Errorf("creating the data folder: %w", err)
		}
		if err := os.Chmod(folder, mode); err != nil {
			return fmt.Errorf("opening the data folder: %w", err)
		}
	}
	return nil
}

// remove deletes what this package keeps in the folder, and the folder itself if nothing else is in it.
func (l layout) remove() error {
	problems := []error{
		l.forgetSocket(),
		os.RemoveAll(l.cluster),
		os.RemoveAll(l.socket),
		os.RemoveAll(l.log),
		os.RemoveAll(l.log + ".old"),
		l.sweepInit(),
		os.RemoveAll(l.lock), // last, for it guards the rest
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("removing the data: %w", err)
	}
	if entries, err := os.ReadDir(l.home); err == nil && len(entries) == 0 {
		if err := os.Remove(l.home); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the data folder: %w", err)
		}
	}
	return nil
}

// sweepInit removes what an interrupted initdb left.
func (l layout) sweepInit() error {
	entries, err := os.ReadDir(l.home)
	if err != nil {
		return fmt.Errorf("reading the data folder: %w", err)
	}
	var problems []error
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), initPrefix) {
			problems = append(problems, os.RemoveAll(filepath.Join(l.home, entry.Name())))
		}
	}
	return errors.Join(problems...)
}
