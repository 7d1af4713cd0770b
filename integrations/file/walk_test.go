package file_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
)

func TestIDs_refuseToCountWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	ids := func(text string) ([]integrations.Ref, error) {
		refs, _, err := tracker(t, files(map[string]string{"x.csv": text}), nil).IDs(t.Context(), integrations.Query{Source: integrations.Source{Key: "x.csv"}})
		return refs, err
	}
	// The value that begins in line 3 swallows line 4.
	_, err := ids("id,title\n1,a\n2,\"b\n3,\"c\"\n4,d\n")
	if rejected := (*integrations.RejectedError)(nil); !errors.As(err, &rejected) || !strings.Contains(err.Error(), "line 3 cannot be read") {
		t.Errorf("error = %v", err)
	}
	refs, err := ids("id,title\n1,a\n2,b,c\n3,d\n3,e\n,nobody\n")
	if err != nil || len(refs) != 3 {
		t.Errorf("counted %v, %v", refs, err)
	}
}

func TestSources_listsTheFilesThatFit(t *testing.T) {
	t.Parallel()
	all := files(map[string]string{
		"a.csv": "", "old/b.jsonl": "", "old/deep/C.CSV": "", "notes.txt": "", ".hidden.csv": "", ".git/d.csv": "", "old/e.xlsx": "",
	})
	for _, c := range []struct {
		settings integrations.Settings
		want     []string
	}{
		{nil, []string{"a.csv", "old/b.jsonl", "old/deep/C.CSV"}},
		{integrations.Settings{"folder": "old"}, []string{"old/b.jsonl", "old/deep/C.CSV"}},
		{integrations.Settings{"pattern": "*.csv"}, []string{"a.csv"}},
		{integrations.Settings{"folder": "nowhere"}, nil},
	} {
		sources, next, err := tracker(t, all, c.settings).Sources(t.Context(), "")
		if err != nil || next != "" {
			t.Fatal(next, err)
		}
		var got []string
		for _, s := range sources {
			got = append(got, s.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.settings, diff)
		}
	}
}

func TestTracker_withoutFilesSaysSo(t *testing.T) {
	t.Parallel()
	nothing := tracker(t, nil, nil)
	_, checked := nothing.Check(t.Context())
	_, _, listed := nothing.Sources(t.Context(), "")
	_, walked := nothing.Issues(t.Context(), integrations.Query{Source: integrations.Source{Key: "x.csv"}})
	for _, err := range []error{checked, listed, walked} {
		if err == nil || !strings.Contains(err.Error(), "there are no files here to read") {
			t.Errorf("error = %v", err)
		}
	}
}

// closed is a file system whose files nobody may read.
type closed struct{}

// Open implements fs.FS.
func (closed) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestIssues_ofAClosedFileAreRefused(t *testing.T) {
	t.Parallel()
	_, err := tracker(t, closed{}, nil).Issues(t.Context(), integrations.Query{Source: integrations.Source{Key: "x.csv"}})
	if rejected := (*integrations.RejectedError)(nil); !errors.As(err, &rejected) {
		t.Errorf("error = %v", err)
	}
}

func TestReading_tellsColumnsAndUnknownStates(t *testing.T) {
	t.Parallel()
	got, err := tracker(t, files(map[string]string{"x.csv": "id,Summary,Status,Sprint\n1,a,Simmering,1\n2,b,open,1\n3,c\n"}), nil).
		Reading(t.Context(), integrations.Source{Key: "x.csv"})
	want := integrations.Reading{
		Rows:          3,
		Columns:       []integrations.Column{{Name: "id", Field: "id"}, {Name: "Summary", Field: "title"}, {Name: "Status", Field: "state"}, {Name: "Sprint"}},
		UnknownStates: []string{"Simmering"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestIssue_looksInTheFileThatWasReadLast(t *testing.T) {
	t.Parallel()
	both := tracker(t, files(map[string]string{
		"a.csv": "id,title,updated\n1,In a,2026-01-01\n", "b.csv": "id,title,updated\n1,In b,2026-02-01\n2,Only here,2026-01-01\n",
	}), nil)
	look := func(id string) string {
		t.Helper()
		got, err := both.Issue(t.Context(), integrations.Ref{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return got.Title
	}
	if got := look("1"); got != "In b" {
		t.Errorf("of two files the newer row counts, got %q", got)
	}
	if _, err := both.Issues(t.Context(), integrations.Query{Source: integrations.Source{Key: "a.csv"}}); err != nil {
		t.Fatal(err)
	}
	if got := []string{look("1"), look("2")}; !slices.Equal(got, []string{"In a", "Only here"}) {
		t.Errorf("got %q", got)
	}
}

// FuzzIssues demands that no text panics, that what is read can be read again by itself, and that errors are those of the
// contract.
func FuzzIssues(f *testing.F) {
	for _, seed := range []string{
		"id,title\n1,x\n", "id;title;state\n1;\"a\nb\";done\n", "\ufeffid,title\n1,x\n", "sep=|\nid|title\n1|x", "id,title\n1,\"x", "{\"id\":1,\"title\":\"x\"}\n[1]\n",
		`{"id":{"name":1},"title":["a",["b"]],"fields":{"status":{"name":"Done"}}}`, inUTF16("id,title\n1,x\n", binary.LittleEndian), "\xff\xfe", "\r\r", "id,title,updated\n1,x,9999-99-99\n",
	} {
		f.Add("x.csv", seed)
		f.Add("x.jsonl", seed)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if name != "x.csv" {
			name = "x.jsonl"
		}
		tr := tracker(t, files(map[string]string{name: text}), nil)
		q := integrations.Query{Source: integrations.Source{Key: name}, PageSize: 3}
		for pages := 0; ; pages++ {
			page, err := tr.Issues(t.Context(), q)
			if err != nil {
				demandKnown(t, err)
				return
			}
			if pages > len(text)+1 {
				t.Fatal("the walk does not end")
			}
			for _, i := range page.Issues {
				again, err := tr.Issue(t.Context(), i.Ref)
				if diff := cmp.Diff(i, again); diff != "" || err != nil {
					t.Fatalf("by itself %v %s", err, diff)
				}
			}
			if page.Next == "" {
				break
			}
			q.After = page.Next
		}
		if _, _, err := tr.IDs(t.Context(), q); err != nil && q.After == "" {
			demandKnown(t, err)
		}
	})
}

func demandKnown(t *testing.T, err error) {
	t.Helper()
	rejected, unavailable := (*integrations.RejectedError)(nil), (*integrations.UnavailableError)(nil)
	if !errors.As(err, &rejected) && !errors.As(err, &unavailable) || errors.Is(err, context.Canceled) {
		t.Fatalf("error = %v", err)
	}
}
