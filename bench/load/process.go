package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// tick is the unit of processor time in /proc: Linux shows user space hundredths of a second.
const tick = 10 * time.Millisecond

// CPU returns the processor time that a process and all its descendants, living or waited for, have used. It reads
// /proc, so it works on Linux alone.
func CPU(pid int) (time.Duration, error) {
	family, err := family(pid)
	if err != nil {
		return 0, err
	}
	var ticks int64
	for _, p := range family {
		ticks += p.ticks
	}
	return time.Duration(ticks) * tick, nil
}

// ResetPeak forgets how much memory a process and its descendants have held.
func ResetPeak(pid int) error {
	family, err := family(pid)
	if err != nil {
		return err
	}
	for _, p := range family {
		if err := os.WriteFile(p.file("clear_refs"), []byte("5"), 0); err != nil {
			return fmt.Errorf("resetting the peak of memory: %w", err)
		}
	}
	return nil
}

// Peak returns the most resident memory, in bytes, that a process and its descendants have held since ResetPeak.
func Peak(pid int) (int64, error) {
	family, err := family(pid)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, p := range family {
		status, err := os.ReadFile(p.file("status"))
		if err != nil {
			return 0, fmt.Errorf("reading the memory of a process: %w", err)
		}
		_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
		if fields := bytes.Fields(rest); len(fields) > 0 {
			kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("reading the memory of a process: %w", err)
			}
			sum += kib << 10
		}
	}
	return sum, nil
}

type process struct {
	pid, parent int
	ticks       int64
}

func (p process) file(name string) string { return "/proc/" + strconv.Itoa(p.pid) + "/" + name }

// family lists a process and its descendants.
func family(root int) ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	children := map[int][]process{}
	var found []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		p, err := readProcess(pid)
		if err != nil {
			continue // it has just ended
		}
		if pid == root {
			found = append(found, p)
		}
		children[p.parent] = append(children[p.parent], p)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("process %d does not run", root)
	}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].pid]...)
	}
	return found, nil
}

// readProcess reads the fields of /proc/pid/stat, which follow the name in parentheses.
func readProcess(pid int) (process, error) {
	p := process{pid: pid}
	text, err := os.ReadFile(p.file("stat"))
	if err != nil {
		return p, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	const parent, first, last = 1, 11, 14 // ppid; utime, stime, cutime, cstime
	if len(fields) <= last {
		return p, fmt.Errorf("process %d has no figures", pid)
	}
	if p.parent, err = strconv.Atoi(string(fields[parent])); err != nil {
		return p, fmt.Errorf("reading the parent of process %d: %w", pid, err)
	}
	for _, field := range fields[first : last+1] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return p, fmt.Errorf("reading the time of process %d: %w", pid, err)
		}
		p.ticks += n
	}
	return p, nil
}
