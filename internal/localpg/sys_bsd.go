//go:build unix && !linux

package localpg

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// processAttributes cannot tie the child's life to ours here; the next start stops what is left.
func processAttributes(acct account, _ syscall.Signal) *syscall.SysProcAttr {
	return commonAttributes(acct)
}

// processes lists what runs, with arguments joined by spaces.
func processes(ctx context.Context) ([]process, error) {
	output, err := exec.CommandContext(ctx, "ps", "-axww", "-o", "pid=,uid=,command=").Output()
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var all []process
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		pid, errPID := strconv.Atoi(fields[0])
		uid, errUID := strconv.ParseInt(fields[1], 10, 64) // "nobody" is -2 on some systems
		if errPID != nil || errUID != nil {
			continue
		}
		_, command, _ := strings.Cut(strings.TrimLeft(line, " "), fields[1]+" ")
		all = append(all, process{pid: pid, uid: uint32(uid), command: strings.TrimSpace(command) + " "}) //nolint:gosec // wraps as the kernel does
	}
	return all, nil
}
