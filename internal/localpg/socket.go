package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The socket's name holds the port even though there is no port.
const (
	socketPort = "5432"
	socketName = ".s.PGSQL." + socketPort
)

// socketFits says why a folder cannot hold a socket, or nothing. Drivers and PostgreSQL split lists of hosts and of
// folders at commas, and the kernel limits the length of the whole path.
func socketFits(folder string) error {
	if length := len(filepath.Join(folder, socketName)); length > maxSocketPath {
		return fmt.Errorf("the path of a socket in %s would have %d bytes, and %d is the limit", folder, length, maxSocketPath)
	}
	for _, r := range folder {
		if r <= ' ' || r > '~' || strings.ContainsRune(`,"'\%?*@`, r) {
			return fmt.Errorf("the folder %q has a character that the address of a socket cannot have", folder)
		}
	}
	return nil
}

// prepareSocket returns the folder for the socket, made ready for the account. The caller holds the lock, so a socket
// found in a folder of ours is a leftover.
func (l layout) prepareSocket(explicit string, acct account, shortPlaces []string) (string, error) {
	if explicit != "" {
		return explicit, l.openExplicit(explicit, acct)
	}
	if socketFits(l.socket) == nil {
		if err := l.forgetSocket(); err != nil { // of a time when the folder had a longer name
			return "", err
		}
		return l.socket, makeSocketFolder(l.socket, acct)
	}
	if folder, ok := l.recordedSocket(acct); ok {
		return folder, removeSocket(folder)
	}
	for _, place := range shortPlaces {
		if place == "" || !filepath.IsAbs(place) || acct.blocker(place) != "" {
			continue
		}
		folder, err := os.MkdirTemp(place, "needle-pg-*")
		if err != nil {
			continue
		}
		if socketFits(folder) != nil || acct.takes(folder) != nil {
			if err := os.Remove(folder); err != nil {
				return "", fmt.Errorf("removing a socket folder that does not serve: %w", err)
			}
			continue
		}
		if err := os.WriteFile(l.socketRecord, []byte(folder+"\n"), 0o600); err != nil {
			return "", fmt.Errorf("noting where the socket is: %w", errors.Join(err, os.Remove(folder)))
		}
		return folder, acct.takes(l.socketRecord)
	}
	return "", fmt.Errorf("no folder for the socket: %w; and no short folder for temporary files could be used", socketFits(l.socket))
}

// openExplicit makes the folder the caller named if it is missing. What else is in it is not ours to remove.
func (l layout) openExplicit(folder string, acct account) error {
	if err := socketFits(folder); err != nil {
		return err
	}
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	if err := makeFolders(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	return makeSocketFolder(folder, acct)
}

func makeSocketFolder(folder string, acct account) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the folder of the socket: %w", err)
	}
	if err := acct.takes(folder); err != nil {
		return err
	}
	return removeSocket(folder)
}

// recordedSocket returns the short folder of an earlier run if it is still there and still ours alone. Anyone may
// write to the temporary folder, so a folder of that name proves nothing by itself.
func (l layout) recordedSocket(acct account) (string, bool) {
	content, err := os.ReadFile(l.socketRecord)
	if err != nil {
		return "", false
	}
	folder := strings.TrimSpace(string(content))
	info, err := os.Lstat(folder)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 || socketFits(folder) != nil {
		return "", false
	}
	uid, _, ok := ownerOf(info)
	return folder, ok && uid == acct.uid
}

// forgetSocket removes the short folder of this cluster, if there is one.
func (l layout) forgetSocket() error {
	content, err := os.ReadFile(l.socketRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading where the socket is: %w", err)
	}
	folder := strings.TrimSpace(string(content))
	if strings.HasPrefix(filepath.Base(folder), "needle-pg-") {
		if err := removeSocket(folder); err != nil {
			return err
		}
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the folder of the socket: %w", err)
		}
	}
	if err := os.Remove(l.socketRecord); err != nil {
		return fmt.Errorf("forgetting where the socket was: %w", err)
	}
	return nil
}

// removeSocket removes a stale socket and its lock file.
func removeSocket(folder string) error {
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a stale socket: %w", err)
		}
	}
	return nil
}
