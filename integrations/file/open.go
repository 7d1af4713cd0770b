package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"time"
	"unicode/utf16"

	"github.com/needle-okr/needle/integrations"
)

const (
	// maxFile bounds a file in bytes.
	maxFile = 1 << 30
	// maxHeld bounds a file that has to be held in memory: one in UTF-16, or in
	// a file system that cannot read from the middle.
	maxHeld = 64 << 20
	// headRoom is how much of a file is looked at to find out how it is written.
	headRoom = 64 << 10
)

// opened is a file as it is while it is open.
type opened struct {
	io.ReaderAt
	io.Closer
	size int64
	// written is when the file was, to the microsecond.
	written time.Time
	// fingerprint tells contents apart. Empty: the file system cannot.
	fingerprint string
	// version tells contents apart for as long as a connection is open.
	version string
}

// open opens a file.
func (t *Tracker) open(ctx context.Context, name string) (*opened, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("reading %q: %w", name, err)
	}
	if t.files == nil {
		return nil, errNoFiles
	}
	if !fs.ValidPath(name) || name == "." {
		return nil, integrations.ErrNotFound
	}
	f, err := t.files.Open(name)
	if err != nil {
		return nil, failed(ctx, err)
	}
	o, err := stat(ctx, f)
	if err != nil {
		_ = f.Close() // It was only read.
		return nil, err
	}
	return o, nil
}

// stat finds out what is to be known of an open file without reading it.
func stat(ctx context.Context, f fs.File) (*opened, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, failed(ctx, err)
	}
	if err := ctx.Err(); err != nil { // It took its time.
		return nil, fmt.Errorf("opening a file: %w", err)
	}
	o := &opened{Closer: f, size: info.Size(), written: info.ModTime().UTC().Truncate(time.Microsecond)}
	switch {
	case info.IsDir():
		return nil, integrations.ErrNotFound
	case !info.Mode().IsRegular():
		return nil, refused("it is no plain file")
	case o.size > maxFile:
		return nil, refused("it is larger than 1 GiB")
	}
	o.version = strconv.FormatInt(info.ModTime().UnixNano(), 10) + "/" + strconv.FormatInt(o.size, 10)
	if able, ok := info.(integrations.Fingerprinter); ok {
		o.fingerprint = able.Fingerprint()
		o.version += "/" + o.fingerprint
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		if at, err = hold(ctx, f); err != nil {
			return nil, err
		}
	}
	o.ReaderAt = at
	return o, nil
}

// hold reads a file into memory.
func hold(ctx context.Context, r io.Reader) (*bytes.Reader, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxHeld+1))
	if err != nil {
		return nil, failed(ctx, err)
	}
	if len(text) > maxHeld {
		return nil, refused("it is larger than 64 MiB, which is all that can be read from where it is")
	}
	return bytes.NewReader(text), nil
}

// sum is what recognises the content of an open file, read with these settings.
func (t *Tracker) sum(ctx context.Context, o *opened) (string, error) {
	h := sha256.New()
	h.Write(t.settings[:])
	if o.fingerprint != "" {
		h.Write([]byte(o.fingerprint))
	} else if _, err := io.Copy(h, &patient{ctx, io.NewSectionReader(o, 0, o.size)}); err != nil {
		return "", failed(ctx, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// patient is a reader that gives up with its context.
type patient struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// failed says in the contract's words why a file system failed.
func failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("reading files: %w", ctx.Err())
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		return integrations.ErrNotFound
	case errors.Is(err, fs.ErrPermission):
		return refused("the server may not read it")
	default:
		return &integrations.UnavailableError{Err: err}
	}
}

// errNoFiles says that the house lent no files.
var errNoFiles = refused("there are no files here to read")

// refused is a refusal to read a file.
func refused(reason string) *integrations.RejectedError {
	return &integrations.RejectedError{Reason: reason}
}

var (
	utf8Mark      = []byte{0xEF, 0xBB, 0xBF}
	utf16Mark     = []byte{0xFE, 0xFF}
	utf16BackMark = []byte{0xFF, 0xFE}
)

// text is the text of a file in UTF-8.
type text struct {
	io.ReaderAt
	// start is where it begins, behind marks, and size where it ends.
	start, size int64
	// decoded is the text where the file itself is written otherwise; nil
	// where it is not.
	decoded []byte
	head    []byte
}

// decode finds out how a file is written, and brings it into UTF-8 if it must.
func decode(ctx context.Context, o *opened) (*text, error) {
	out := &text{ReaderAt: o, size: o.size}
	if err := out.look(ctx); err != nil {
		return nil, err
	}
	switch {
	case o.size == 0:
		return nil, refused("it is empty; an export that worked has at least a line")
	case bytes.HasPrefix(out.head, utf8Mark):
		out.start, out.head = int64(len(utf8Mark)), out.head[len(utf8Mark):]
	case bytes.HasPrefix(out.head, utf16Mark), bytes.HasPrefix(out.head, utf16BackMark):
		held, err := hold(ctx, io.NewSectionReader(o, 0, o.size))
		if err != nil {
			return nil, err
		}
		if out.decoded, err = fromUTF16(held); err != nil {
			return nil, err
		}
		out.ReaderAt, out.size = bytes.NewReader(out.decoded), int64(len(out.decoded))
		return out, out.look(ctx)
	case bytes.Count(out.head, []byte{0})*4 > len(out.head):
		return nil, refused("it is no text in UTF-8; it may be a spreadsheet or UTF-16 without a mark: save it as CSV in UTF-8")
	}
	return out, nil
}

// look reads the head of the text.
func (t *text) look(ctx context.Context) error {
	t.head = make([]byte, min(headRoom, t.size))
	if _, err := t.ReadAt(t.head, 0); err != nil && !errors.Is(err, io.EOF) {
		return failed(ctx, err)
	}
	return nil
}

// fromUTF16 decodes UTF-16 with its mark.
func fromUTF16(r *bytes.Reader) ([]byte, error) {
	raw := make([]byte, r.Len())
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("reading from memory: %w", err)
	}
	if len(raw)%2 != 0 {
		return nil, refused("it is written in UTF-16 and ends in the middle of a character")
	}
	high, low := 0, 1
	if bytes.HasPrefix(raw, utf16BackMark) {
		high, low = 1, 0
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 2; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i+high])<<8|uint16(raw[i+low]))
	}
	return []byte(string(utf16.Decode(units))), nil
}
