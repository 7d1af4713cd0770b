package localpg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// errLocked says that another open file holds the lock.
var errLocked = errors.New("locked")

// folderLock is the right to run a server on a data folder. The kernel takes it back when the process dies.
type folderLock struct{ file *os.File }

// acquireLock takes the lock of the folder or returns an InUseError at once.
func acquireLock(l layout, acct account) (*folderLock, error) {
	for {
		file, err := os.OpenFile(l.lock, os.O_RDWR|os.O_CREATE|openNoFollow, 0o600)
		if err != nil {
			return nil, fmt.Errorf("opening the lock of the data folder: %w", err)
		}
		err = tryLock(file)
		if errors.Is(err, errLocked) {
			holder := readHolder(file)
			return nil, errors.Join(&InUseError{DataDir: l.home, PID: holder}, file.Close())
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("locking the data folder: %w", err), file.Close())
		}
		current, err := isCurrent(file, l.lock)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("checking the lock: %w", err), file.Close())
		}
		if !current { // whoever held it removed the file in the meantime: the lock we got guards nothing
			if err := file.Close(); err != nil {
				return nil, fmt.Errorf("closing a lock that was removed: %w", err)
			}
			continue
		}
		lock := &folderLock{file: file}
		if err := lock.sign(acct); err != nil {
			return nil, errors.Join(err, lock.release())
		}
		return lock, nil
	}
}

// sign writes our process id for the message the second starter gets.
func (f *folderLock) sign(acct account) error {
	if err := f.file.Truncate(0); err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	if _, err := f.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	if acct.drop {
		if err := f.file.Chown(int(acct.uid), int(acct.gid)); err != nil {
			return fmt.Errorf("giving the lock to %s: %w", acct.name, err)
		}
	}
	return nil
}

// release unlocks before it closes: a process that is just being forked holds a copy of the file until it runs its program,
// and with it a lock that was only closed.
func (f *folderLock) release() error {
	if err := errors.Join(unlock(f.file), f.file.Close()); err != nil {
		return fmt.Errorf("releasing the data folder: %w", err)
	}
	return nil
}

func isCurrent(file *os.File, path string) (bool, error) {
	held, err := file.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return os.SameFile(held, named), nil
}

// readHolder returns zero when the holder has not signed yet.
func readHolder(file *os.File) int {
	content, err := io.ReadAll(io.NewSectionReader(file, 0, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
