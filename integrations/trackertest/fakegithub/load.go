package fakegithub

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// loaded is what the server must know of a recorded issue.
type loaded struct {
	ID          int64      `json:"id"`
	Number      int        `json:"number"`
	State       string     `json:"state"`
	StateReason *string    `json:"state_reason"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	ClosedAt    *time.Time `json:"closed_at"`
	ClosedBy    *struct {
		Login string `json:"login"`
		ID    int64  `json:"id"`
	} `json:"closed_by"`
}

// LoadFile reads recorded issues from a JSONL file, gzipped or not. See Load.
func (s *Server) LoadFile(key, path string) (int, error) {
	f, err := os.Open(path) //nolint:gosec // the caller names the file to read
	if err != nil {
		return 0, fmt.Errorf("opening recorded issues: %w", err)
	}
	n, err := s.Load(key, f)
	return n, errors.Join(err, f.Close())
}

// Load reads recorded REST issue objects, one a line, gzipped or not, into a
// repository, which it registers if need be. Each object is served exactly as
// it was recorded until something changes it. It returns how many were read.
func (s *Server) Load(key string, from io.Reader) (int, error) {
	in := bufio.NewReaderSize(from, 1<<20)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		zipped, err := gzip.NewReader(in)
		if err != nil {
			return 0, fmt.Errorf("unzipping recorded issues: %w", err)
		}
		in = bufio.NewReaderSize(zipped, 1<<20)
	}
	s.AddRepo(key)
	for n := 0; ; {
		line, err := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := s.loadOne(key, line); err != nil {
				return n, fmt.Errorf("recorded issue %d: %w", n+1, err)
			}
			n++
		}
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, fmt.Errorf("reading recorded issues: %w", err)
		}
	}
}

// loadOne adds one recorded issue.
func (s *Server) loadOne(key string, line []byte) error {
	var head loaded
	if err := json.Unmarshal(line, &head); err != nil {
		return fmt.Errorf("not an issue object: %w", err)
	}
	if head.ID == 0 || head.Number == 0 || head.UpdatedAt.IsZero() {
		return errors.New("no id, number or updated_at")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(key)
	if err != nil {
		return err
	}
	if r.issues[head.Number] != nil {
		return fmt.Errorf("number %d is taken", head.Number)
	}
	s.nextID = max(s.nextID, head.ID)
	i := &issue{
		id: head.ID, number: head.Number, open: head.State == "open", rev: s.nextRev(),
		created: head.CreatedAt.Unix(), updated: head.UpdatedAt.Unix(), raw: slices.Clone(line),
	}
	if head.ClosedAt != nil {
		var by user
		if head.ClosedBy != nil {
			by = account(head.ClosedBy.Login, head.ClosedBy.ID, "User")
		}
		i.events = []event{newEvent(key, head.ID, "closed", head.ClosedAt.Unix(), by, head.StateReason)}
	}
	r.insert(i)
	return nil
}
