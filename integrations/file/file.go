// Package file is the file driver: CSV and JSONL files behind
// integrations.Tracker, for teams whose tracker has no API, or is gone.
//
// A source is a file of integrations.Env.Files, known by its path. A file is read
// once to index it (index.go): where each row lies, when it changed and the hash
// of its id. Pages are then read row by row, so that memory does not grow with
// what the rows hold. See columns.go, words.go, dates.go and convert.go (what rows
// mean), csv.go and jsonl.go (how they are written), open.go (what a file is) and
// read.go (reading rows).
//
// A file says nothing of what it said before. A row without a change time is
// therefore integrations.Issue.Undated, and any row may change at any time: each
// new content is walked whole, and one that is known is not walked at all.
package file

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/needle-okr/needle/integrations"
)

const (
	// maxSources ends a listing of files.
	maxSources = 10_000
	// maxFolders is how deep folders are looked into.
	maxFolders = 16
)

// endings are how the names of files end that can be read.
var endings = []string{".csv", ".tsv", ".jsonl", ".ndjson"}

// Tracker is one opened connection to files. It implements integrations.Tracker,
// FileReader, Census, Sizer and Lagger.
type Tracker struct {
	files           fs.FS
	mapping         mapping
	folder, pattern string
	// settings is the hash of what else decides how a file is read.
	settings [sha256.Size]byte

	mu      sync.Mutex
	indexes map[string]*index
	// begun is the content whose walk began at its first row, by file.
	begun map[string]string
	// recent is the file that was walked or counted last.
	recent string
}

var (
	_ integrations.Tracker    = (*Tracker)(nil)
	_ integrations.FileReader = (*Tracker)(nil)
	_ integrations.Census     = (*Tracker)(nil)
	_ integrations.Sizer      = (*Tracker)(nil)
	_ integrations.Lagger     = (*Tracker)(nil)
)

// Driver describes files to the registry.
func Driver() integrations.Driver {
	return integrations.Driver{Kind: "file", Name: "File", Prototype: (*Tracker)(nil), Fields: form(), Open: open}
}

// form is the settings form.
func form() []integrations.Field {
	var out []integrations.Field
	for f := range numFields {
		out = append(out, integrations.Field{
			Name: f.setting(), Label: fields[f].label + " column",
			Help: fields[f].help + " Left empty, it is found by its usual names.",
		})
	}
	words := func(name, label, means string) integrations.Field {
		return integrations.Field{
			Name: name, Label: label, Help: "Words for states that mean " + means + ", with commas between them, beside the usual ones.",
		}
	}
	return append(
		out,
		integrations.Field{Name: "separator", Label: "Separator", Default: ",", Help: "What parts labels and assignees in one value."},
		words("todoWords", "Words for to do", "that nobody began"),
		words("progressWords", "Words for in progress", "that somebody works on it"),
		words("doneWords", "Words for done", "that it was delivered"),
		words("droppedWords", "Words for dropped", "that it ended without being done"),
		integrations.Field{
			Name: "dateFormat", Label: "Date format", Help: "How times are written where that could be read in two ways, as in DD/MM/YYYY HH:mm.",
			Check: func(value string) error {
				_, err := parseLayout(value)
				return err
			},
		},
		integrations.Field{
			Name: "timeZone", Label: "Time zone", Default: "UTC", Help: "Of times that name none, as in Europe/Berlin.",
			Check: func(value string) error {
				_, err := parseZone(value)
				return err
			},
		},
		integrations.Field{
			Name: "folder", Label: "Folder", Default: ".", Help: "Where to look for files to choose from, where the server lends a folder.",
			Check: func(value string) error {
				if !fs.ValidPath(value) {
					return errors.New("must be a path with slashes, and without .. or a slash at its ends")
				}
				return nil
			},
		},
		integrations.Field{
			Name: "pattern", Label: "File names", Default: "*", Help: "Which files to choose from, as in backlog-*.csv.",
			Check: func(value string) error {
				if _, err := path.Match(value, ""); err != nil {
					return errors.New("must be a pattern such as backlog-*.csv")
				}
				return nil
			},
		},
	)
}

// open makes a tracker of checked settings.
func open(_ context.Context, s integrations.Settings, env integrations.Env) (integrations.Tracker, error) {
	m, err := newMapping(s)
	if err != nil {
		return nil, &integrations.SettingsError{Fields: []integrations.FieldError{{Field: "dateFormat", Message: err.Error()}}}
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(h, "%q=%q\n", name, s[name])
	}
	t := &Tracker{
		files: env.Files, mapping: m, folder: s["folder"], pattern: s["pattern"], indexes: map[string]*index{}, begun: map[string]string{},
	}
	copy(t.settings[:], h.Sum(nil))
	return t, nil
}

// Lag is the age of the world: any row of a file may change at any time, without
// saying so.
func (t *Tracker) Lag() time.Duration { return math.MaxInt64 }

// Check looks whether there are files at all. They belong to nobody.
func (t *Tracker) Check(ctx context.Context) (integrations.Account, error) {
	if _, err := t.list(ctx); err != nil {
		return integrations.Account{}, fmt.Errorf("looking for files: %w", err)
	}
	return integrations.Account{Name: "Files"}, nil
}

// Sources lists the files to choose from, all at once.
func (t *Tracker) Sources(ctx context.Context, after integrations.Cursor) ([]integrations.Source, integrations.Cursor, error) {
	if after != "" {
		return nil, "", refused("there is one page of files")
	}
	names, err := t.list(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("listing files: %w", err)
	}
	out := make([]integrations.Source, len(names))
	for i, name := range names {
		out[i] = integrations.Source{ID: name, Key: name, Name: path.Base(name), Private: true}
	}
	return out, "", nil
}

// list finds the files to choose from, in the order of their names.
func (t *Tracker) list(ctx context.Context) ([]string, error) {
	if t.files == nil {
		return nil, errNoFiles
	}
	var out []string
	var look func(folder string, depth int) error
	look = func(folder string, depth int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		found, err := fs.ReadDir(t.files, folder)
		if err != nil {
			return err
		}
		for _, one := range found {
			name := path.Join(folder, one.Name())
			hidden := strings.HasPrefix(one.Name(), ".")
			fits, _ := path.Match(t.pattern, one.Name()) // Its form was checked.
			switch {
			case len(out) == maxSources:
				return nil
			case one.IsDir() && !hidden && depth < maxFolders:
				if err := look(name, depth+1); err != nil {
					return err
				}
			case one.Type().IsRegular() && !hidden && fits && slices.Contains(endings, strings.ToLower(path.Ext(name))):
				out = append(out, name)
			}
		}
		return nil
	}
	err := look(t.folder, 1)
	if cause := ctx.Err(); cause != nil {
		return nil, cause
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, failed(ctx, err)
	}
	slices.Sort(out)
	return out, nil
}
