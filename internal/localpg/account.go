package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// account is who runs PostgreSQL.
type account struct {
	name     string
	uid, gid uint32
	// drop says that this process is root and hands its privileges away to become the account.
	drop bool
}

// chooseAccount decides who runs the server on the given cluster folder, which need not exist. As root, an existing
// cluster stays with its owner, so that an ordinary user who once ran "sudo" is not locked out of the data.
func chooseAccount(euid, egid int, cluster string) (account, error) {
	if euid != 0 {
		return account{name: strconv.Itoa(euid), uid: uint32(euid), gid: uint32(egid)}, nil //nolint:gosec // ids fit by definition
	}
	info, err := os.Stat(cluster)
	switch {
	case err == nil:
		if uid, gid, ok := ownerOf(info); ok && uid != 0 {
			return account{name: nameOf(uid), uid: uid, gid: gid, drop: true}, nil
		}
	case !errors.Is(err, fs.ErrNotExist):
		return account{}, fmt.Errorf("looking at the cluster: %w", err)
	}
	return serviceAccount(user.Lookup)
}

// serviceAccount finds the account for a cluster that root creates.
func serviceAccount(lookup func(string) (*user.User, error)) (account, error) {
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil && uid != 0 {
			return account{name: name, uid: uint32(uid), gid: uint32(gid), drop: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and this machine has neither an account \"postgres\" nor \"nobody\" to run it as")
}

func nameOf(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// takes makes the account the owner of a folder this process made. For an ordinary user it already is.
func (a account) takes(path string) error {
	if !a.drop {
		return nil
	}
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("giving %s to %s: %w", path, a.name, err)
	}
	return nil
}

// blocker returns the outermost folder on the way to dir, dir included, that the mode bits close to the account.
// It is empty when none is.
func (a account) blocker(dir string) string {
	if !a.drop {
		return ""
	}
	var way []string
	for at := dir; ; at = filepath.Dir(at) {
		way = append(way, at)
		if at == filepath.Dir(at) {
			break
		}
	}
	for i := len(way) - 1; i >= 0; i-- {
		info, err := os.Stat(way[i])
		if err == nil && !a.mayEnter(info) {
			return way[i]
		}
	}
	return ""
}

func (a account) mayEnter(info fs.FileInfo) bool {
	uid, gid, ok := ownerOf(info)
	switch mode := info.Mode().Perm(); {
	case ok && uid == a.uid:
		return mode&0o100 != 0
	case ok && gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// mend gives every file of the cluster to the account and closes the folder to others, as PostgreSQL demands. It
// repairs a cluster that was copied or touched by root. The walk cannot leave the folder through a symbolic link.
func (a account) mend(cluster string) error {
	root, err := os.OpenRoot(cluster)
	if err != nil {
		return fmt.Errorf("opening the cluster: %w", err)
	}
	defer root.Close() //nolint:errcheck // opened for reading
	if a.drop {
		err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if uid, _, ok := ownerOf(info); ok && uid == a.uid {
				return nil
			}
			return root.Lchown(path, int(a.uid), int(a.gid))
		})
		if err != nil {
			return fmt.Errorf("giving the cluster to %s: %w", a.name, err)
		}
	}
	info, err := root.Stat(".")
	if err != nil {
		return fmt.Errorf("looking at the cluster: %w", err)
	}
	if uid, _, ok := ownerOf(info); ok && uid != a.uid {
		return fmt.Errorf("the cluster %s belongs to %s: start it as that user or as root", cluster, nameOf(uid))
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := root.Chmod(".", 0o700); err != nil {
			return fmt.Errorf("closing the cluster to others: %w", err)
		}
	}
	return nil
}
