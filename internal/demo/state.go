package demo

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// state is what a demo must remember from start to start besides its database. It holds secrets of the demo.
type state struct {
	// Seed and SeededAt make the story and the content of the fake GitHub again.
	Seed     uint64    `json:"seed"`
	SeededAt time.Time `json:"seededAt"`
	// SecretKeys is the value of NEEDLE_SECRET_KEYS.
	SecretKeys string `json:"secretKeys"`
	// Token is the owner's.
	Token string `json:"token"`
	// TrackerPort is where the fake GitHub was last.
	TrackerPort int `json:"trackerPort"`
}

// The files of a demo beside the cluster in its data folder.
const (
	stateFile  = "demo.json"
	changeFile = "github.jsonl"
)

// errNoState says that the database is there and the file that belongs to it is not.
var errNoState = errors.New("the file " + stateFile + " of the demo's data folder is missing or damaged: start over with --fresh")

func newState(seed uint64, now time.Time) (state, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return state{}, fmt.Errorf("making a secret key: %w", err)
	}
	return state{Seed: seed, SeededAt: now.UTC().Truncate(time.Second), SecretKeys: "demo:" + base64.StdEncoding.EncodeToString(key[:])}, nil
}

func readState(dir string) (state, error) {
	var s state
	raw, err := os.ReadFile(filepath.Join(dir, stateFile)) //nolint:gosec // The demo's own folder.
	if errors.Is(err, fs.ErrNotExist) {
		return s, errNoState
	}
	if err != nil {
		return s, fmt.Errorf("reading the demo's state: %w", err)
	}
	if json.Unmarshal(raw, &s) != nil || s.Token == "" || s.SecretKeys == "" || s.SeededAt.IsZero() {
		return s, errNoState
	}
	return s, nil
}

// write replaces the file as a whole, readable by its owner alone.
func (s state) write(dir string) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the demo's state: %w", err)
	}
	file, err := os.CreateTemp(dir, stateFile+".*") // Mode 0600.
	if err != nil {
		return fmt.Errorf("writing the demo's state: %w", err)
	}
	_, err = file.Write(append(raw, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(dir, stateFile))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the demo's state: %w", err), os.Remove(file.Name()))
	}
	return nil
}
