package localpg

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// How long a server is given at each step of a shutdown before the next, harsher one.
const (
	fastGrace      = 10 * time.Second
	immediateGrace = 5 * time.Second
	pollInterval   = 20 * time.Millisecond
)

// child is a process we started, and the goroutine that waits for it.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process is gone
	err  error         // how it ended; read it only after done
}

// startChild starts the command as the account. The process receives the signal onParentDeath when this process dies,
// where the system can do that. Linux ties that promise to the thread that started the child, not to the process,
// so one goroutine keeps its thread from before the start until the child is gone.
func startChild(cmd *exec.Cmd, acct account, onParentDeath syscall.Signal) (*child, error) {
	cmd.SysProcAttr = processAttributes(acct, onParentDeath)
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// runChild runs a command that ends by itself, or with the context it was made with.
func runChild(cmd *exec.Cmd, acct account) error {
	cmd.WaitDelay = immediateGrace // a grandchild may hold our pipe after the command was killed
	c, err := startChild(cmd, acct, syscall.SIGKILL)
	if err != nil {
		return err
	}
	<-c.done
	return c.err
}

func (c *child) exited() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// stop ends a PostgreSQL server and waits until it is gone: the fast way until the context or the patience ends,
// then the immediate way, then by force. The error says why the fast way was not enough; the server is gone all the same,
// unless it could not even be signalled.
func (c *child) stop(ctx context.Context, patience time.Duration) error {
	fast, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := c.signal(syscall.SIGINT); err != nil {
		return err
	}
	select {
	case <-c.done:
		return nil
	case <-fast.Done():
	}
	return errors.Join(fast.Err(), c.abort())
}

// abort ends the server without waiting for anything it does.
func (c *child) abort() error {
	if err := c.signal(syscall.SIGQUIT); err != nil {
		return err
	}
	patience := time.NewTimer(immediateGrace)
	defer patience.Stop()
	select {
	case <-c.done:
		return nil
	case <-patience.C:
	}
	if err := c.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-c.done
	return nil
}

func (c *child) signal(sig syscall.Signal) error {
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// poll calls check at once and then again and again until it says true, fails, or the context ends.
func poll(ctx context.Context, check func() (bool, error)) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		ok, err := check()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
