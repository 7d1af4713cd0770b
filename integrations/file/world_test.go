package file_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/file"
	"github.com/needle-okr/needle/integrations/trackertest"
)

// record is a row of the world's one file.
type record struct {
	id, title, state, labels, estimate string
	created, updated                   time.Time
	closed                             time.Time
}

// world is a folder in memory with one file, written anew whenever something
// changes.
type world struct {
	t    *testing.T
	name string

	mu        sync.Mutex
	now       time.Time
	writes    time.Duration // apart, so that no two writes happen at one time
	records   []record
	nextID    int
	onRequest func()
	garbage   []byte
	fails     bool
}

var _ trackertest.World = (*world)(nil)

func newWorld(t *testing.T, name string) *world {
	t.Helper()
	return &world{t: t, name: name, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
}

// Open implements fs.FS: every opening of a file is a request.
func (w *world) open(name string) (fs.File, error) {
	w.mu.Lock()
	on := w.onRequest
	w.mu.Unlock()
	if on != nil {
		on()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fails {
		return nil, errors.New("input/output error")
	}
	text := w.text()
	if w.garbage != nil {
		text = w.garbage
	}
	files := fstest.MapFS{w.name: {Data: text, Mode: 0o600, ModTime: w.now.Add(w.writes)}}
	if w.garbage != nil && name == "." {
		return nil, errors.New("bad superblock")
	}
	return files.Open(name)
}

// folder is the world as a file system.
type folder struct{ *world }

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) { return f.open(name) }

var header = []string{"ID", "Title", "Status", "Labels", "Estimate", "Created", "Updated", "Closed"}

// cells are a record's cells, in the order of the header.
func (r record) cells() []string {
	instant := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.Format(time.RFC3339)
	}
	return []string{r.id, r.title, r.state, r.labels, r.estimate, instant(r.created), instant(r.updated), instant(r.closed)}
}

// text writes the file.
func (w *world) text() []byte {
	var out bytes.Buffer
	if w.name == "issues.jsonl" {
		out.WriteByte('\n') // A file without a byte was not written to its end.
		for _, r := range w.records {
			object := map[string]string{}
			for i, cell := range r.cells() {
				object[header[i]] = cell
			}
			line, err := json.Marshal(object)
			w.must(err)
			out.Write(append(line, '\n'))
		}
		return out.Bytes()
	}
	c := csv.NewWriter(&out)
	w.must(c.Write(header))
	for _, r := range w.records {
		w.must(c.Write(r.cells()))
	}
	c.Flush()
	return out.Bytes()
}

// tracker opens the driver on files with settings.
func tracker(t *testing.T, files fs.FS, settings integrations.Settings) *file.Tracker {
	t.Helper()
	registry, err := integrations.NewRegistry(file.Driver())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := registry.Open(t.Context(), "file", settings, integrations.Env{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	out, ok := opened.(*file.Tracker)
	if !ok {
		t.Fatalf("opened a %T", opened)
	}
	return out
}

func (w *world) Open() integrations.Tracker             { return tracker(w.t, folder{w}, nil) }
func (w *world) OpenUnauthorized() integrations.Tracker { return nil }

func (w *world) Source() integrations.Source {
	return integrations.Source{ID: w.name, Key: w.name, Name: w.name}
}

func (w *world) Tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Second)
}

func (w *world) Create(title string) integrations.Ref {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nextID++
	id := strconv.Itoa(1000 + w.nextID)
	w.records = append(w.records, record{id: id, title: title, state: "To do", created: w.now, updated: w.now})
	w.writes++
	return integrations.Ref{ID: id, Key: id}
}

// change rewrites a record.
func (w *world) change(ref integrations.Ref, f func(*record)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	i := slices.IndexFunc(w.records, func(r record) bool { return r.id == ref.ID })
	if i < 0 {
		w.t.Errorf("there is no %s", ref.ID)
		return
	}
	w.records[i].updated = w.now
	f(&w.records[i])
}

func (w *world) Touch(ref integrations.Ref) {
	w.change(ref, func(r *record) { r.labels += "touched," })
}

func (w *world) Finish(ref integrations.Ref) {
	w.change(ref, func(r *record) { r.state, r.closed = "Done", w.now })
}

func (w *world) Reopen(ref integrations.Ref) {
	w.change(ref, func(r *record) { r.state, r.closed = "To do", time.Time{} })
}

func (w *world) Poison(ref integrations.Ref) {
	w.change(ref, func(r *record) { r.estimate = "a lot" })
}

func (w *world) Delete(ref integrations.Ref) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	w.records = slices.DeleteFunc(w.records, func(r record) bool { return r.id == ref.ID })
}

// Move implements trackertest.World: rows have no other place to go.
func (w *world) Move(integrations.Ref) (integrations.Ref, bool) { return integrations.Ref{}, false }

func (w *world) OnRequest(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onRequest = f
}

// Garble puts this into every file, and makes the folder unreadable.
func (w *world) Garble(body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	w.garbage = append([]byte{}, body...)
}

func (w *world) Fail() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails = true
}

func (w *world) Limit() time.Time { return time.Time{} }

// Stall does nothing: a file system cannot be hurried, and its answer comes when
// nobody waits for it any more.
func (w *world) Stall() {}

func (w *world) Heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails, w.garbage = false, nil
	w.writes++
}

func (w *world) Webhooks() ([]integrations.Delivery, []byte) { return nil, nil }

func (w *world) must(err error) {
	if err != nil {
		w.t.Error(err)
	}
}

func TestTracker_conforms(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"issues.csv", "issues.jsonl"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trackertest.Run(t, func(t *testing.T) trackertest.World {
				t.Helper()
				return newWorld(t, name)
			})
		})
	}
}
