//go:build !unix

package localpg

import (
	"context"
	"io/fs"
	"os"
	"syscall"
)

// supported says that this system cannot run a private server: Start and Remove refuse before they reach what follows.
const supported = false

const (
	openNoFollow  = 0
	maxSocketPath = 0
)

func ownerOf(fs.FileInfo) (uid, gid uint32, ok bool) { return 0, 0, false }

func tryLock(*os.File) error { return errUnsupported }

func unlock(*os.File) error { return errUnsupported }

func sendSignal(int, syscall.Signal) error { return errUnsupported }

func processAttributes(account, syscall.Signal) *syscall.SysProcAttr { return nil }

func processes(context.Context) ([]process, error) { return nil, errUnsupported }
