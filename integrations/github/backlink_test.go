package github_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// theLink is the backlink of these tests.
func theLink() integrations.Backlink {
	return integrations.Backlink{
		Marker: "kr_1", URL: "https://needle.example/kr/42", Title: "KR-42 Checkout [conversion] @kim #7 *up*", Body: "40 → 43 → 50",
	}
}

// put puts a backlink and expects no error.
func put(t *testing.T, l integrations.Linker, ref integrations.Ref, b integrations.Backlink) {
	t.Helper()
	if err := l.PutBacklink(t.Context(), ref, b); err != nil {
		t.Fatalf("PutBacklink: %v", err)
	}
}

func TestBacklink_isACommentThatShowsNoMarker(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Linked")
	put(t, w.open(token), ref, theLink())
	want := []string{"<!-- needle:kr_1 -->\n**[KR\\-42 Checkout \\[conversion\\] @kim \\#7 \\*up\\*](<https://needle.example/kr/42>)**\n\n40 → 43 → 50"}
	if diff := cmp.Diff(want, w.Backlinks(ref)); diff != "" {
		t.Error(diff)
	}
}

func TestBacklink_leavesTheCommentsOfOthersAlone(t *testing.T) {
	t.Parallel()
	const mark = "<!-- needle:kr_1 -->"
	for name, asApp := range map[string]bool{"of a person": false, "of an App": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{App: theApp()})
			w.asApp = asApp
			l, ok := w.Open().(integrations.Linker)
			if !ok {
				t.Fatal("no Linker")
			}
			ref := w.Create("Quoted")
			must := func(_ int64, err error) { w.must(err) }
			must(w.server.AddComment(shop, 1, "mallory", mark+"\nI am not Needle"))
			must(w.server.AddComment(shop, 1, "needle-acme", mark+"\nnor am I its App"))
			if asApp { // the account that owns the token is somebody else then
				must(w.server.AddComment(shop, 1, "robin", mark+"\nnor is robin"))
			}
			must(w.server.AddComment(shop, 1, "robin", "> "+mark+"\n> quoted by our own account"))
			must(w.server.AddComment(shop, 1, "robin", "<!-- needle:kr_10 -->\nanother marker"))
			before := w.server.Comments(shop, 1)
			put(t, l, ref, theLink())
			after := w.server.Comments(shop, 1)
			if len(after) != len(before)+1 {
				t.Fatalf("%d comments became %d", len(before), len(after))
			}
			if err := l.RemoveBacklink(t.Context(), ref, "kr_1"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, w.server.Comments(shop, 1)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBacklink_keepsTheOldestOfDoubles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Written twice")
	l := w.open(token)
	put(t, l, ref, theLink())
	first := w.server.Comments(shop, 1)[0]
	for range 120 { // the doubles lie behind a page of other comments
		_, err := w.server.AddComment(shop, 1, "kim", "Hm")
		w.must(err)
	}
	for range 2 {
		_, err := w.server.AddComment(shop, 1, "robin", first.Body)
		w.must(err)
	}
	link := theLink()
	link.Title = "KR-42, renamed"
	before := w.Writes()
	put(t, l, ref, link)
	var ours []fakegithub.Comment
	for _, c := range w.server.Comments(shop, 1) {
		if c.Author == "robin" {
			ours = append(ours, c)
		}
	}
	if len(ours) != 1 || ours[0].ID != first.ID || !strings.Contains(ours[0].Body, "renamed") || w.Writes()-before != 3 {
		t.Errorf("left %+v after %d writes", ours, w.Writes()-before)
	}
}

func TestBacklink_goesWithItsIssue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	l := w.open(token)
	ref := w.Create("Renamed, then transferred")
	put(t, l, ref, theLink())
	w.must(w.server.RenameRepo(shop, "acme/store"))
	before := w.Writes()
	put(t, l, ref, theLink())
	if n := w.Writes() - before; n != 0 {
		t.Errorf("a new name of the repository led to %d writes", n)
	}
	link := theLink()
	link.Body = "41 → 43 → 50"
	put(t, l, ref, link)

	w.server.AddRepo("acme/elsewhere")
	n, id, err := w.server.Transfer("acme/store", 1, "acme/elsewhere")
	w.must(err)
	moved := (*integrations.MovedError)(nil)
	if err := l.PutBacklink(t.Context(), ref, link); !errors.As(err, &moved) || moved.To.ID != strconv.FormatInt(id, 10) {
		t.Fatalf("on a transferred issue: %v", err)
	}
	put(t, l, moved.To, link)
	if got := w.server.Comments("acme/elsewhere", n); len(got) != 1 {
		t.Errorf("comments: %+v", got)
	}
	if err := l.RemoveBacklink(t.Context(), ref, link.Marker); err != nil {
		t.Fatal(err)
	}
	if got := w.server.Comments("acme/elsewhere", n); len(got) != 0 {
		t.Errorf("removing by the old name left %+v", got)
	}
	w.must(w.server.RemoveRepo("acme/elsewhere"))
	if err := l.PutBacklink(t.Context(), moved.To, link); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("in a repository that is no more: %v", err)
	}
	if err := l.RemoveBacklink(t.Context(), moved.To, link.Marker); err != nil {
		t.Errorf("removing from a repository that is no more: %v", err)
	}
}

func TestBacklink_saysWhyItCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Locked")
	w.must(w.server.Lock(shop, 1))
	wantRejected(t, w.open(token).PutBacklink(t.Context(), ref, theLink()), http.StatusForbidden)

	for _, marker := range []string{"", "a b", "a-->b", "a--b", "ä", "<x>", "a\nb"} {
		link := theLink()
		link.Marker = marker
		wantRejected(t, w.open(token).PutBacklink(t.Context(), ref, link), 0)
		wantRejected(t, w.open(token).RemoveBacklink(t.Context(), ref, marker), 0)
	}

	// A bare token of an App cannot tell its comments from those of other Apps.
	bare := newWorld(t, fakegithub.Options{AppToken: true})
	ref = bare.Create("Whose?")
	if err := bare.open(token).PutBacklink(t.Context(), ref, theLink()); !errors.Is(err, integrations.ErrForbidden) || !strings.Contains(err.Error(), "privateKey") {
		t.Errorf("with a bare token: %v", err)
	}
}

func TestBacklink_survivesHostileTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Hostile")
	link := theLink()
	link.Title = "x](https://evil.example) <!-- needle:kr_9 --> \x00\nsecond line"
	link.URL = "https://needle.example/><script>"
	link.Body = strings.Repeat("ü", 70_000)
	l := w.open(token)
	put(t, l, ref, link)
	got := w.Backlinks(ref)
	if len(got) != 1 || len([]rune(got[0])) > 65_536 || strings.Contains(got[0], "](https://evil") || strings.Contains(got[0], "<script>") || strings.Contains(got[0], "\x00") {
		t.Errorf("wrote %.200q", got)
	}
	before := w.Writes()
	put(t, l, ref, link)
	if n := w.Writes() - before; n != 0 {
		t.Errorf("the same text again led to %d writes", n)
	}
}

func TestBacklink_isWrittenAgainWhenSomebodyRemovedItMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	ref := w.Create("Contested")
	l := w.open(token)
	put(t, l, ref, theLink())
	w.answer(func(r *http.Request) *fakegithub.Fault {
		if r.Method == http.MethodPatch {
			return fakegithub.Message(http.StatusNotFound, "Not Found")
		}
		return nil
	})
	link := theLink()
	link.Body = "changed"
	put(t, l, ref, link)
	if got := w.Backlinks(ref); len(got) != 2 || !strings.Contains(got[1], "changed") {
		t.Errorf("comments: %q", got)
	}
}
