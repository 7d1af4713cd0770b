package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// served returns everything a tracker serves.
func served(t *testing.T, tr *tracker) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, r := range repositories() {
		for _, n := range tr.fake.Numbers(r.key) {
			out[r.key] = append(out[r.key], string(tr.fake.Raw(r.key, n)))
		}
	}
	return out
}

func newTracker(t *testing.T, log string, port int) *tracker {
	t.Helper()
	tr, err := startTracker(t.Context(), 1, newCalendar(today), port, log, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.stop(); err != nil {
			t.Error(err)
		}
	})
	return tr
}

func TestTracker_comesBackAsItWas(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "changes")
	first := newTracker(t, log, 0)
	before := served(t, first)
	for i := range 20 {
		if err := first.change(1, today.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	after := served(t, first)
	if cmp.Equal(before, after) {
		t.Error("changes change nothing")
	}
	// A crash cut the last line off.
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, append(raw, `{"repo":"brightc`...), 0o600); err != nil {
		t.Fatal(err)
	}
	second := newTracker(t, log, first.port)
	if diff := cmp.Diff(after, served(t, second)); diff != "" {
		t.Errorf("the second tracker serves other things:\n%s", diff)
	}
	if second.port == first.port {
		t.Error("two trackers share a port")
	}
	if second.n != 20 {
		t.Errorf("%d changes were made again", second.n)
	}
	if err := second.change(1, today.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if third := newTracker(t, log, 0); third.n != 21 {
		t.Errorf("after a line that was cut off, %d changes were made again", third.n)
	}
}

func TestRepositories_holdWhatTheRulesLookFor(t *testing.T) {
	t.Parallel()
	c := newCalendar(today)
	issues, pulls, open, labels := 0, 0, 0, map[string]int{}
	for _, r := range repositories() {
		titles := map[string]int{}
		for _, i := range r.write(1, c) {
			titles[i.Title]++
			if i.Pull {
				pulls++
				continue
			}
			issues++
			if i.reason == "" {
				open++
			} else if !i.closedAt.After(i.CreatedAt) || !i.closedAt.Before(today) {
				t.Errorf("%s was opened on %s and closed on %s", i.Title, i.CreatedAt, i.closedAt)
			}
			for _, l := range i.Labels {
				labels[l]++
			}
		}
		for title, n := range titles {
			if n > 1 {
				t.Errorf("%d times %q in %s", n, title, r.key)
			}
		}
	}
	if issues < 160 || pulls < 70 || open < 15 || open > issues/2 {
		t.Errorf("%d issues, %d of them open, and %d pull requests", issues, open, pulls)
	}
	for _, label := range []string{labelCompletion, labelTimeToPay, labelMobile, labelRefunds, labelImport, labelFirstSale} {
		if labels[label] < 8 {
			t.Errorf("%d issues carry %s", labels[label], label)
		}
	}
}

func TestState_isKeptForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := readState(dir); err != errNoState { //nolint:errorlint // The very error.
		t.Errorf("without a file: %v", err)
	}
	want, err := newState(3, today)
	if err != nil {
		t.Fatal(err)
	}
	want.Token, want.TrackerPort = "ndl_x", 1234
	if err := want.write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := readState(dir)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	info, err := os.Stat(filepath.Join(dir, stateFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
	for name, broken := range map[string][]byte{"half of it": []byte(`{"seed": 3, "tok`), "nothing": nil, "zeros": bytes.Repeat([]byte{0}, 100)} {
		if err := os.WriteFile(filepath.Join(dir, stateFile), broken, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readState(dir); err != errNoState { //nolint:errorlint // The very error.
			t.Errorf("%s: %v", name, err)
		}
	}
}
