package syncing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// files are what a connection may read: what was uploaded to it and, where the operator lends a folder, what lies in the
// workspace's part of it. An upload goes before a file of its name.
type files struct {
	// ctx is that of the pass; a file system knows none.
	ctx        context.Context
	scope      store.Scope
	connection needle.ConnectionID
	// lent is the workspace's folder on the server; empty when none is lent.
	lent string

	mu sync.Mutex
	// held is the content that was read last, kept because a pass reads a file page by page.
	held *heldContent
}

// heldContent is the content of an upload.
type heldContent struct {
	sha256, name string
	text         []byte
}

// files returns what the pass may read.
func (p *pass) files(ctx context.Context) *files {
	f := &files{ctx: ctx, scope: p.scope, connection: p.conn.ID}
	if p.filesDir != "" {
		f.lent = filepath.Join(p.filesDir, p.scope.WorkspaceID().String())
	}
	return f
}

// Open implements fs.FS.
func (f *files) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	uploads, err := f.scope.Uploads(f.ctx, f.connection)
	if err != nil {
		return nil, err
	}
	if u := uploads[name]; u != nil {
		return &plainFile{content: func() (io.ReaderAt, error) { return f.content(u) }, info: fileInfo{
			name: u.Name, size: int64(u.Size), written: u.UpdatedAt, sha256: u.SHA256,
		}}, nil
	}
	if f.lent == "" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return openLent(f.lent, name)
}

// content reads an upload, unless it was the last one to be read.
func (f *files) content(u *needle.Upload) (io.ReaderAt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held == nil || f.held.sha256 != u.SHA256 || f.held.name != u.Name {
		f.held = nil // Two at once would be too much.
		text, err := f.scope.UploadContent(f.ctx, u)
		if err != nil {
			return nil, err
		}
		f.held = &heldContent{sha256: u.SHA256, name: u.Name, text: text}
	}
	return bytes.NewReader(f.held.text), nil
}

// ReadDir implements fs.ReadDirFS.
func (f *files) ReadDir(name string) ([]fs.DirEntry, error) {
	var out []fs.DirEntry
	known := map[string]bool{}
	if name == "." {
		uploads, err := f.scope.Uploads(f.ctx, f.connection)
		if err != nil {
			return nil, err
		}
		for _, u := range uploads {
			known[u.Name] = true
			out = append(out, fs.FileInfoToDirEntry(fileInfo{name: u.Name, size: int64(u.Size), written: u.UpdatedAt}))
		}
	}
	if f.lent != "" {
		lent, err := listLent(f.lent, name)
		if err != nil && (name != "." || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
		for _, one := range lent {
			if !known[one.Name()] {
				out = append(out, one)
			}
		}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// openLent opens a plain file of a folder on the server. Nothing outside the folder is reached, by no name and no link.
func openLent(folder, name string) (fs.File, error) {
	root, err := lentRoot(folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // The file stays open.
	info, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, inside(name, err)
	}
	if !info.Mode().IsRegular() { // A pipe would wait for somebody to write.
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	file, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, inside(name, err)
	}
	return file, nil
}

// listLent lists a folder below a folder on the server.
func listLent(folder, name string) ([]fs.DirEntry, error) {
	root, err := lentRoot(folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // It was only read.
	found, err := fs.ReadDir(root.FS(), name)
	if err != nil {
		return nil, inside(name, err)
	}
	return found, nil
}

// lentRoot opens a folder on the server. Its errors do not tell where that is.
func lentRoot(folder string) (*os.Root, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.New("the server's folder for files cannot be opened")
	}
	return root, nil
}

// inside names what went wrong below the folder. A path that leads out of it may not be read.
func inside(name string, err error) error {
	var cause error
	switch {
	case errors.Is(err, fs.ErrNotExist):
		cause = fs.ErrNotExist
	case errors.Is(err, fs.ErrPermission), strings.Contains(err.Error(), "escapes"):
		cause = fs.ErrPermission
	default:
		return fmt.Errorf("reading the server's folder for files: %w", err)
	}
	return &fs.PathError{Op: "open", Path: name, Err: cause}
}

// oneFile is a file system of one file that is not stored yet.
type oneFile struct {
	content io.ReaderAt
	info    fileInfo
}

// Open implements fs.FS.
func (f oneFile) Open(name string) (fs.File, error) {
	if name != f.info.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &plainFile{content: func() (io.ReaderAt, error) { return f.content, nil }, info: f.info}, nil
}

// ReadDir implements fs.ReadDirFS.
func (f oneFile) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(f.info)}, nil
}

// plainFile is an open file whose content is asked for when it is read first.
type plainFile struct {
	content func() (io.ReaderAt, error)
	info    fileInfo
	at      int64
}

// Stat implements fs.File.
func (f *plainFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (f *plainFile) Close() error { return nil }

// Read implements fs.File.
func (f *plainFile) Read(b []byte) (int, error) {
	n, err := f.ReadAt(b, f.at)
	f.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// ReadAt implements io.ReaderAt.
func (f *plainFile) ReadAt(b []byte, off int64) (int, error) {
	content, err := f.content()
	if err != nil {
		return 0, err
	}
	return content.ReadAt(b, off)
}

// fileInfo describes a file that is no file of the server's.
type fileInfo struct {
	name    string
	size    int64
	written time.Time
	sha256  string
}

// Name implements fs.FileInfo.
func (i fileInfo) Name() string { return i.name }

// Size implements fs.FileInfo.
func (i fileInfo) Size() int64 { return i.size }

// Mode implements fs.FileInfo.
func (i fileInfo) Mode() fs.FileMode { return 0o400 }

// ModTime implements fs.FileInfo.
func (i fileInfo) ModTime() time.Time { return i.written }

// IsDir implements fs.FileInfo.
func (i fileInfo) IsDir() bool { return false }

// Sys implements fs.FileInfo.
func (i fileInfo) Sys() any { return nil }

// Fingerprint implements integrations.Fingerprinter.
func (i fileInfo) Fingerprint() string { return i.sha256 }
