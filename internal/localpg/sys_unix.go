//go:build unix

package localpg

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// supported says that this system can run a private server.
const supported = true

// openNoFollow keeps root from being led elsewhere by a symbolic link in place of a file it writes.
const openNoFollow = syscall.O_NOFOLLOW

// maxSocketPath is the kernel's limit for the path of a socket, without the zero byte at its end.
const maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

func ownerOf(info fs.FileInfo) (uid, gid uint32, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return stat.Uid, stat.Gid, true
}

// tryLock returns errLocked at once when the file is locked through another open file.
func tryLock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return err
		}
	}
}

func unlock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// sendSignal treats a process that is already gone as a success.
func sendSignal(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// commonAttributes puts the child in a process group of its own, so that Ctrl-C in a terminal reaches us and not it:
// we stop it after the last client is done.
func commonAttributes(acct account) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if acct.drop {
		attributes.Credential = &syscall.Credential{Uid: acct.uid, Gid: acct.gid, Groups: []uint32{acct.gid}}
	}
	return attributes
}
