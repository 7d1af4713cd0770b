package trackertest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/needle-okr/needle/integrations"
)

// LinkWorld is a World whose tracker is an integrations.Linker.
type LinkWorld interface {
	World
	// Backlinks is what people see of the backlinks beside an issue, one text
	// each.
	Backlinks(ref integrations.Ref) []string
	// Writes counts the requests so far that could change something.
	Writes() int
}

// SearchWorld is a World whose tracker is an integrations.Searcher.
type SearchWorld interface {
	World
	// CreateElsewhere opens an issue in another source that the credential sees.
	CreateElsewhere(title string) integrations.Ref
	// SearchText is a text in the tracker's language for issues whose title
	// holds a word.
	SearchText(word string) string
	// Escapes are texts that try to find such issues outside the source too.
	Escapes(word string) []string
	// Nonsense is a text that the tracker does not understand.
	Nonsense() string
}

// linker opens a connection and demands what the checks below need.
func linker(t *testing.T, w World) (integrations.Linker, LinkWorld) {
	t.Helper()
	l, ok := w.Open().(integrations.Linker)
	lw, ok2 := w.(LinkWorld)
	if !ok || !ok2 {
		t.Fatalf("the tracker puts backlinks, so %T has to be a LinkWorld", w)
	}
	return l, lw
}

func putsBacklinks(t *testing.T, w World) {
	l, lw := linker(t, w)
	ref := w.Create("Linked")
	link := integrations.Backlink{Marker: "kr_1", URL: "https://needle.example/kr/42", Title: "Checkout [conversion] *up*", Body: "40 → 43 → 50"}
	other := integrations.Backlink{Marker: "kr_10", URL: "https://needle.example/kr/7", Title: "Fewer tickets"}
	put := func(step string, b integrations.Backlink, writes int, want ...string) {
		t.Helper()
		before := lw.Writes()
		if err := l.PutBacklink(t.Context(), ref, b); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		if n := lw.Writes() - before; n != writes {
			t.Errorf("%s: %d writes, want %d", step, n, writes)
		}
		got := lw.Backlinks(ref)
		fits := slices.EqualFunc(got, want, strings.Contains)
		if !fits {
			t.Errorf("%s: people see %q, want one each with %q", step, got, want)
		}
	}
	put("the first", link, 1, "kr/42")
	put("the same again", link, 0, "kr/42")
	put("another", other, 1, "kr/42", "kr/7")
	link.URL = "https://needle.example/kr/43"
	put("a change", link, 1, "kr/43", "kr/7")
	put("the change again", link, 0, "kr/43", "kr/7")
	// Another process knows nothing of this one.
	l, _ = linker(t, w)
	put("by another connection", link, 0, "kr/43", "kr/7")
	for _, step := range []string{"removing", "removing again"} {
		if err := l.RemoveBacklink(t.Context(), ref, link.Marker); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		if got := lw.Backlinks(ref); len(got) != 1 || !strings.Contains(got[0], "kr/7") {
			t.Errorf("%s left %q", step, got)
		}
	}
	put("after all was removed", link, 1, "kr/7", "kr/43")
}

func linksOnlyWhatIsThere(t *testing.T, w World) {
	l, _ := linker(t, w)
	ref := w.Create("Soon gone")
	link := integrations.Backlink{Marker: "kr_1", URL: "https://needle.example/kr/42", Title: "Checkout"}
	if err := l.PutBacklink(t.Context(), ref, link); err != nil {
		t.Fatalf("PutBacklink: %v", err)
	}
	w.Delete(ref)
	if err := l.PutBacklink(t.Context(), ref, link); !saysAbsent(err) {
		t.Errorf("PutBacklink on a deleted issue: error = %v, want ErrGone or ErrNotFound", err)
	}
	if err := l.RemoveBacklink(t.Context(), ref, link.Marker); err != nil {
		t.Errorf("RemoveBacklink on a deleted issue: %v", err)
	}
	bad, ok := w.OpenUnauthorized().(integrations.Linker)
	if !ok {
		t.Fatal("Open returns trackers of different types")
	}
	ref = w.Create("Private")
	for name, err := range map[string]error{
		"PutBacklink": bad.PutBacklink(t.Context(), ref, link), "RemoveBacklink": bad.RemoveBacklink(t.Context(), ref, link.Marker),
	} {
		if !errors.Is(err, integrations.ErrUnauthorized) {
			t.Errorf("%s with a bad credential: error = %v, want ErrUnauthorized", name, err)
		}
	}
}

// search follows a search to its end and returns the ids it found.
func search(t *testing.T, w World, text string) ([]string, error) {
	t.Helper()
	searcher, ok := w.Open().(integrations.Searcher)
	if !ok {
		t.Fatal("Open returns trackers of different types")
	}
	var ids []string
	for q, pages := (integrations.Query{Source: w.Source(), PageSize: 5}), 0; ; pages++ {
		if pages > maxPages {
			t.Fatalf("the search %q does not end", text)
		}
		refs, next, err := searcher.Search(t.Context(), q, text)
		if err != nil {
			return nil, err
		}
		for _, ref := range refs {
			if ref.Key == "" {
				t.Errorf("a match without a key: %+v", ref)
			}
			ids = append(ids, ref.ID)
		}
		if next == "" {
			slices.Sort(ids)
			return ids, nil
		}
		q.After = next
	}
}

// searchable demands what the checks of a search need.
func searchable(t *testing.T, w World) SearchWorld {
	t.Helper()
	sw, ok := w.(SearchWorld)
	if !ok {
		t.Fatalf("the tracker can be searched, so %T has to be a SearchWorld", w)
	}
	return sw
}

func findsMatches(t *testing.T, w World) {
	sw := searchable(t, w)
	var want []string
	for i := range 12 {
		title := "Something else"
		if i%3 != 0 {
			title = "Mend the pancake"
		}
		ref := w.Create(title)
		w.Tick()
		if i%3 != 0 {
			want = append(want, ref.ID)
		}
	}
	w.Finish(integrations.Ref{ID: want[0], Key: keyOf(t, w, want[0])})
	slices.Sort(want)
	got, err := search(t, w, sw.SearchText("pancake"))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("found %v, %v\nwant %v", got, err, want)
	}
	got, err = search(t, w, sw.SearchText("marmalade"))
	if err != nil || len(got) != 0 {
		t.Errorf("found %v, %v of nothing", got, err)
	}
	rejected := (*integrations.RejectedError)(nil)
	if got, err = search(t, w, sw.Nonsense()); !errors.As(err, &rejected) || rejected.Reason == "" {
		t.Errorf("%q gave %v, %v, want a RejectedError with its reason", sw.Nonsense(), got, err)
	}
}

// keyOf finds the key of an issue by its id.
func keyOf(t *testing.T, w World, id string) string {
	t.Helper()
	return seen(walk(t, w.Open(), integrations.Query{Source: w.Source()}))[id].Ref.Key
}

func searchesOnlyTheSource(t *testing.T, w World) {
	sw := searchable(t, w)
	inside := w.Create("Mend the pancake")
	outside := sw.CreateElsewhere("Mend the pancake")
	for _, text := range append(sw.Escapes("pancake"), sw.SearchText("pancake")) {
		got, err := search(t, w, text)
		rejected := (*integrations.RejectedError)(nil)
		if err != nil && !errors.As(err, &rejected) {
			t.Errorf("%q: %v", text, err)
		}
		if slices.Contains(got, outside.ID) || slices.ContainsFunc(got, func(id string) bool { return id != inside.ID }) {
			t.Errorf("%q found %v, and only %s is in the source", text, got, inside.ID)
		}
	}
}
