package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func processAttributes(acct account, onParentDeath syscall.Signal) *syscall.SysProcAttr {
	attributes := commonAttributes(acct)
	attributes.Pdeathsig = onParentDeath
	return attributes
}

// processes lists what runs, with arguments joined by spaces. A process that ends meanwhile is left out, and so is
// one that has ended but was not reaped: its command line is empty.
func processes(ctx context.Context) ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var all []process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p, ok, err := readProcess(pid)
		if err != nil {
			return nil, fmt.Errorf("looking at process %d: %w", pid, err)
		}
		if ok {
			all = append(all, p)
		}
	}
	return all, nil
}

func readProcess(pid int) (process, bool, error) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	info, err := os.Stat(folder)
	if err != nil {
		return process{}, false, unlessGone(err)
	}
	uid, _, ok := ownerOf(info)
	if !ok {
		return process{}, false, nil
	}
	command, err := os.ReadFile(filepath.Join(folder, "cmdline")) //nolint:gosec // a file of the kernel
	if err != nil {
		return process{}, false, unlessGone(err)
	}
	joined := strings.ReplaceAll(string(command), "\x00", " ")
	return process{pid: pid, uid: uid, command: joined}, joined != "", nil
}

// unlessGone ignores processes that ended while we looked, and those of others on systems that hide them.
func unlessGone(err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
