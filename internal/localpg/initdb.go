package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// characterTypes are the locales that know upper and lower case beyond ASCII, best first. The last one always works.
var characterTypes = []string{"C.UTF-8", "en_US.UTF-8", "C"}

// createCluster runs initdb in a folder of its own and renames it into place, so that a crash leaves either no
// cluster or a whole one.
func (l layout) createCluster(ctx context.Context, bins binaries, acct account, ephemeral bool) (err error) {
	work, err := os.MkdirTemp(l.home, initPrefix+"*")
	if err != nil {
		return fmt.Errorf("making a folder for initdb: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(work))
		}
	}()
	if err := acct.takes(work); err != nil {
		return err
	}
	if err := l.initdb(ctx, bins, acct, work, ephemeral); err != nil {
		return err
	}
	// An empty folder may stand in the way; one with anything in it was refused earlier.
	if err := os.Remove(l.cluster); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("making room for the cluster: %w", err)
	}
	if err := os.Rename(work, l.cluster); err != nil {
		return fmt.Errorf("putting the cluster in place: %w", err)
	}
	if ephemeral {
		return nil
	}
	return syncFolder(l.home)
}

func (l layout) initdb(ctx context.Context, bins binaries, acct account, work string, ephemeral bool) error {
	var failure error
	for _, ctype := range characterTypes {
		args := []string{
			"-D", work, "--username=" + superuser, "--encoding=UTF8",
			// Byte order sorts fast and the same everywhere; the character type makes lower() and ILIKE work for all letters.
			"--locale=C", "--lc-ctype=" + ctype,
			"--auth-local=trust", "--auth-host=reject", "--no-instructions",
		}
		if ephemeral {
			args = append(args, "--no-sync")
		}
		var output bytes.Buffer
		cmd := exec.CommandContext(ctx, bins.initdb, args...) //nolint:gosec // the path was found by the search
		cmd.Dir = l.home
		cmd.Env = childEnv(os.Getenv)
		cmd.Stdout, cmd.Stderr = &output, &output
		err := runChild(cmd, acct)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		failure = &StartError{Program: "initdb", Log: lastLines(output.Bytes()), Err: err}
		if ctx.Err() != nil || !strings.Contains(output.String(), "locale") {
			return failure
		}
	}
	return failure
}

// syncFolder makes a rename in the folder survive a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // a folder of ours
	if err != nil {
		return fmt.Errorf("opening the data folder: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("writing the data folder to disk: %w", err)
	}
	return nil
}

// quoted is how many lines of a program's output an error repeats.
const quoted = 20

func lastLines(output []byte) []string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(output), "\uFFFD"))
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	return lines[max(0, len(lines)-quoted):]
}
