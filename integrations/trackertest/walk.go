package trackertest

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// maxPages ends a walk that does not.
const maxPages = 500

// walk follows a walk to its end and returns its pages.
func walk(t *testing.T, tracker integrations.Tracker, q integrations.Query) []integrations.Page {
	t.Helper()
	var pages []integrations.Page
	for more := true; more; {
		page, err := tracker.Issues(t.Context(), q)
		if err != nil {
			t.Fatalf("page %d: %v", len(pages)+1, err)
		}
		if page.Requests < 1 {
			t.Errorf("page %d counts %d requests", len(pages)+1, page.Requests)
		}
		var last time.Time
		for _, issue := range page.Issues {
			if issue.UpdatedAt.Before(last) || issue.UpdatedAt.Before(q.Since) {
				t.Errorf("issue %s out of order: %v after %v, since %v", issue.Ref.Key, issue.UpdatedAt, last, q.Since)
			}
			last = issue.UpdatedAt
		}
		if page.Through.Before(last) {
			t.Errorf("page %d is through at %v, before its last issue at %v", len(pages)+1, page.Through, last)
		}
		if pages = append(pages, page); len(pages) > maxPages {
			t.Fatalf("no end after %d pages", maxPages)
		}
		q, more = page.Following(q)
	}
	return pages
}

// seen is the last sight of each issue, by id.
func seen(pages []integrations.Page) map[string]integrations.Issue {
	out := map[string]integrations.Issue{}
	for _, page := range pages {
		for _, issue := range page.Issues {
			out[issue.Ref.ID] = issue
		}
	}
	return out
}

// wantSeen compares the ids that were seen with those that should have been.
func wantSeen(t *testing.T, pages []integrations.Page, want []integrations.Ref) {
	t.Helper()
	got := seen(pages)
	for _, ref := range want {
		if _, ok := got[ref.ID]; !ok {
			t.Errorf("issue %s (%s) was not seen", ref.Key, ref.ID)
		}
		delete(got, ref.ID)
	}
	for id := range got {
		t.Errorf("issue %s was seen and should not be", id)
	}
}

func knowsAccount(t *testing.T, w World) {
	got, err := w.Open().Check(t.Context())
	if err != nil || got.Name == "" {
		t.Errorf("Check() = %+v, %v", got, err)
	}
}

func listsSource(t *testing.T, w World) {
	tracker, after, pages := w.Open(), integrations.Cursor(""), 0
	for {
		sources, next, err := tracker.Sources(t.Context(), after)
		if err != nil {
			t.Fatalf("Sources: %v", err)
		}
		for _, s := range sources {
			if s.ID == w.Source().ID && s.Key == w.Source().Key {
				return
			}
		}
		if pages++; next == "" || pages > maxPages {
			t.Fatalf("%s is not among the sources of %d pages", w.Source().Key, pages)
		}
		after = next
	}
}

func walksEverything(t *testing.T, w World) {
	refs := populate(w, 23)
	pages := walk(t, w.Open(), integrations.Query{Source: w.Source(), PageSize: 5})
	wantSeen(t, pages, refs)
	if len(pages) < 5 {
		t.Errorf("23 issues came in %d pages of 5", len(pages))
	}
	// By cursor alone no issue comes twice.
	tracker, count := w.Open(), 0
	for q := (integrations.Query{Source: w.Source(), PageSize: 5}); ; {
		page, err := tracker.Issues(t.Context(), q)
		if err != nil {
			t.Fatalf("Issues: %v", err)
		}
		if count += len(page.Issues); page.Next == "" || count > 23 {
			break
		}
		q.After = page.Next
	}
	if count != 23 {
		t.Errorf("following the cursors gave %d issues, want 23", count)
	}
}

func walksOneInstant(t *testing.T, w World) {
	var refs []integrations.Ref
	for range 17 {
		refs = append(refs, w.Create("One of many"))
	}
	w.Tick()
	refs = append(refs, w.Create("A later one"))
	wantSeen(t, walk(t, w.Open(), integrations.Query{Source: w.Source(), PageSize: 4}), refs)
}

func startsAtSince(t *testing.T, w World) {
	refs := populate(w, 6)
	third, err := w.Open().Issue(t.Context(), refs[2])
	if err != nil {
		t.Fatalf("Issue: %v", err)
	}
	q := integrations.Query{Source: w.Source(), Since: third.UpdatedAt}
	wantSeen(t, walk(t, w.Open(), q), refs[2:])
	q.Since = third.UpdatedAt.Add(time.Hour)
	wantSeen(t, walk(t, w.Open(), q), nil)
}

func walksNothing(t *testing.T, w World) {
	if pages := walk(t, w.Open(), integrations.Query{Source: w.Source()}); len(pages) != 1 {
		t.Errorf("an empty source has %d pages, want 1", len(pages))
	}
}

// losesNothing changes, deletes and creates issues before each request of a
// walk. When the walk ends it must have seen the present state of all that live.
func losesNothing(t *testing.T, w World) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a fixed seed is the point
		refs := populate(w, 40)
		before, left := len(refs), 30
		alive := map[string]integrations.Ref{}
		for _, r := range refs {
			alive[r.ID] = r
		}
		w.OnRequest(func() {
			if left--; left < 0 {
				return
			}
			w.Tick()
			switch pick := refs[random.IntN(before)]; random.IntN(5) {
			case 0:
				ref := w.Create("Came in between")
				refs, alive[ref.ID] = append(refs, ref), ref
			case 1:
				if _, ok := alive[pick.ID]; ok {
					w.Delete(pick)
					delete(alive, pick.ID)
				}
			default:
				if _, ok := alive[pick.ID]; ok {
					w.Touch(pick)
				}
			}
		})
		tracker := w.Open()
		got := seen(walk(t, tracker, integrations.Query{Source: w.Source(), PageSize: 5}))
		w.OnRequest(nil)
		for _, ref := range alive {
			now, err := tracker.Issue(t.Context(), ref)
			if err != nil {
				t.Fatalf("seed %d: reading %s: %v", seed, ref.Key, err)
			}
			if sight, ok := got[ref.ID]; !ok {
				t.Errorf("seed %d: %s was never seen", seed, ref.Key)
			} else if !sight.UpdatedAt.Equal(now.UpdatedAt) {
				t.Errorf("seed %d: %s was seen as of %v and is of %v", seed, ref.Key, sight.UpdatedAt, now.UpdatedAt)
			}
			w.Delete(ref)
		}
	}
}

func showsAlike(t *testing.T, w World) {
	refs := populate(w, 3)
	w.Touch(refs[0])
	w.Finish(refs[1])
	tracker := w.Open()
	listed := seen(walk(t, tracker, integrations.Query{Source: w.Source()}))
	for _, ref := range refs {
		single, err := tracker.Issue(t.Context(), ref)
		if err != nil {
			t.Fatalf("Issue(%s): %v", ref.Key, err)
		}
		if !reflect.DeepEqual(single, listed[ref.ID]) {
			t.Errorf("issue %s\nby itself %+v\nlisted    %+v", ref.Key, single, listed[ref.ID])
		}
		if single.Ref != ref || single.SourceID != w.Source().ID || single.SourceKey != w.Source().Key || single.Title == "" {
			t.Errorf("issue %s lacks its name, source or title: %+v", ref.Key, single)
		}
	}
}

func keepsIDs(t *testing.T, w World) {
	refs := populate(w, 4)
	w.Touch(refs[0])
	w.Finish(refs[1])
	w.Finish(refs[2])
	w.Tick()
	w.Reopen(refs[2])
	wantSeen(t, walk(t, w.Open(), integrations.Query{Source: w.Source()}), refs)
}

func tellsDone(t *testing.T, w World) {
	ref, tracker := w.Create("To be finished"), w.Open()
	for _, step := range []struct {
		do   func()
		want integrations.StateCategory
	}{
		{func() {}, integrations.StateTodo},
		{func() { w.Finish(ref) }, integrations.StateDone},
		{func() { w.Reopen(ref) }, integrations.StateTodo},
	} {
		w.Tick()
		step.do()
		got, err := tracker.Issue(t.Context(), ref)
		if err != nil {
			t.Fatalf("Issue: %v", err)
		}
		if got.State != step.want || got.RawState == "" || (got.ClosedAt != nil) != (step.want == integrations.StateDone) {
			t.Errorf("want %s, got %s (%q), closed %v", step.want, got.State, got.RawState, got.ClosedAt)
		}
	}
}

func putsAside(t *testing.T, w World) {
	refs := populate(w, 7)
	w.Poison(refs[3])
	pages := walk(t, w.Open(), integrations.Query{Source: w.Source(), PageSize: 4})
	wantSeen(t, pages, append(refs[:3:3], refs[4:]...))
	broken := map[string]integrations.Broken{}
	for _, page := range pages {
		for _, b := range page.Broken {
			broken[b.Ref.ID] = b
		}
	}
	got, ok := broken[refs[3].ID]
	if len(broken) != 1 || !ok || len(got.Raw) == 0 || got.Reason == "" || got.UpdatedAt.IsZero() {
		t.Errorf("broken = %+v, want only %s, with its time, raw body and reason", broken, refs[3].ID)
	}
}

func recognisesUnchanged(t *testing.T, w World) {
	refs := populate(w, 3)
	tracker, q := w.Open(), integrations.Query{Source: w.Source()}
	first := walk(t, tracker, q)
	q.Validator = first[len(first)-1].Validator
	again := walk(t, tracker, q)
	if q.Validator != "" && (len(again) != 1 || !again[0].NotModified || again[0].Validator != q.Validator) {
		t.Errorf("an unchanged source gave %+v", again)
	}
	w.Touch(refs[0])
	wantSeen(t, walk(t, tracker, q), refs)
	q.Validator = "someone else's"
	wantSeen(t, walk(t, tracker, q), refs)
}
