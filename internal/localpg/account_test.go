//go:build unix

package localpg

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

func TestStart_asAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	acct := nobody(t)
	home := openDir(t)
	if err := acct.takes(home); err != nil {
		t.Fatal(err)
	}
	dataDir := filepath.Join(home, "mine")
	h := startHelper(t, order{DataDir: dataDir, Ephemeral: true}, acct)
	if h.Failure != "" {
		t.Fatal(h.Failure)
	}
	if got := ask(t, h.URL, "SELECT 'up'"); got != "up" {
		t.Errorf("got %q", got)
	}
	if code := h.end(t); code != 0 {
		t.Errorf("the helper ended with %d", code)
	}
	// Whoever starts it next, be it root, the cluster stays with the user.
	mustStop(t, mustStart(t, Config{DataDir: dataDir, Ephemeral: true}))
	if owner := accountOf(t, layoutOf(dataDir)); owner.uid != acct.uid {
		t.Errorf("the cluster now belongs to %d", owner.uid)
	}
	again := startHelper(t, order{DataDir: dataDir, Ephemeral: true}, acct)
	if again.Failure != "" {
		t.Errorf("the user is locked out: %s", again.Failure)
	}
}

func TestStart_saysWhichFolderIsClosed(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(openDir(t), "closed")
	mode := fs.FileMode(0o700) // for root: closed to the account of the server
	if os.Geteuid() != 0 {
		mode = 0o500
	}
	if err := os.Mkdir(closed, mode); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: filepath.Join(closed, "needle", "demo"), Ephemeral: true})
	if err == nil || !strings.Contains(err.Error(), closed) {
		t.Fatalf("got %v", err)
	}
	if os.Geteuid() == 0 {
		unreachable, ok := errors.AsType[*UnreachableError](err)
		if !ok || unreachable.Blocker != closed || !strings.Contains(err.Error(), rootDataDir) {
			t.Errorf("got %v", err)
		}
	}
	if entries, err := os.ReadDir(closed); err != nil || len(entries) > 0 {
		t.Errorf("left %v (%v)", entries, err)
	}
}

func TestStart_mendsOwnershipAndMode(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	first := mustStart(t, cfg)
	mustStop(t, first)
	before := accountOf(t, first.layout)
	err := filepath.WalkDir(first.layout.cluster, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, os.Geteuid(), os.Getegid()) // a copy made by root belongs to root
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(first.layout.cluster, 0o755); err != nil {
		t.Fatal(err)
	}
	mustStart(t, cfg)
	if after := accountOf(t, first.layout); after != before {
		t.Errorf("the cluster belongs to %+v, before to %+v", after, before)
	}
}

func TestChooseAccount(t *testing.T) {
	t.Parallel()
	t.Run("an ordinary user is who they are", func(t *testing.T) {
		t.Parallel()
		got, err := chooseAccount(1234, 99, "/nowhere")
		if err != nil {
			t.Fatal(err)
		}
		if want := (account{name: "1234", uid: 1234, gid: 99}); got != want {
			t.Errorf("got %+v", got)
		}
	})
	known := func(users ...user.User) func(string) (*user.User, error) {
		return func(name string) (*user.User, error) {
			for _, u := range users {
				if u.Username == name {
					return &u, nil
				}
			}
			return nil, user.UnknownUserError(name)
		}
	}
	t.Run("root prefers postgres", func(t *testing.T) {
		t.Parallel()
		got, err := serviceAccount(known(user.User{Username: "nobody", Uid: "65534", Gid: "65534"}, user.User{Username: "postgres", Uid: "101", Gid: "104"}))
		if want := (account{name: "postgres", uid: 101, gid: 104, drop: true}); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("root makes do with nobody, and never with another root", func(t *testing.T) {
		t.Parallel()
		got, err := serviceAccount(known(user.User{Username: "postgres", Uid: "0", Gid: "0"}, user.User{Username: "nobody", Uid: "4294967294", Gid: "4294967294"}))
		if want := (account{name: "nobody", uid: 4294967294, gid: 4294967294, drop: true}); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("root alone is told so", func(t *testing.T) {
		t.Parallel()
		if got, err := serviceAccount(known()); err == nil {
			t.Errorf("got %+v", got)
		}
	})
}
