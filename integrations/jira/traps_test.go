package jira_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
)

// both runs a test against either kind of Jira.
func both(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	for name, cloud := range map[string]bool{"Cloud": true, "Data Center": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, newWorld(t, fakejira.Options{Cloud: cloud}))
		})
	}
}

// walk follows a walk to its end.
func walk(t *testing.T, tracker integrations.Tracker, q integrations.Query) []integrations.Issue {
	t.Helper()
	var all []integrations.Issue
	for more := true; more; {
		page, err := tracker.Issues(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Issues...)
		q, more = page.Following(q)
	}
	return all
}

func ptr[T any](v T) *T { return &v }

func TestIssue_tellsEverything(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		epic := w.create(fakejira.NewIssue{Title: "Checkout", Type: "Epic"})
		ref := w.create(fakejira.NewIssue{
			Title: "Refunds are slow", Description: "They take weeks.\nNobody says why.", Type: "Bug",
			Labels: []string{"refunds", "needle"}, Points: ptr(5.0), Epic: epic.Key,
		})
		w.Tick()
		w.must(w.server.Set(ref.ID, map[string]any{"assignee": map[string]any{"accountId": "a1", "key": "mia", "displayName": "Mia"}}))
		w.Tick()
		w.must(w.server.Transition(ref.ID, "Done", "Won't Do"))
		got, err := w.Open().Issue(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		body := "They take weeks.\nNobody says why."
		if w.opts.Cloud {
			body = "They take weeks.\n\nNobody says why."
		}
		closed := w.clock()
		want := integrations.Issue{
			Ref: ref, SourceID: w.source.ID, SourceKey: "SHOP", URL: strings.TrimSuffix(w.base, "/") + "/browse/" + ref.Key,
			Title: "Refunds are slow", Body: body, State: integrations.StateDropped, RawState: "Done", RawReason: "Won't Do",
			Type: integrations.TypeBug, RawType: "Bug", Labels: []string{"refunds", "needle"},
			Assignees: []integrations.Account{{ID: "a1", Name: "Mia"}}, Estimate: ptr(5.0), Parent: &integrations.Ref{Key: epic.Key},
			CreatedAt: closed.Add(-2 * time.Second), UpdatedAt: closed, ClosedAt: &closed,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the issue is another (-want +got):\n%s", diff)
		}
	})
}

func TestIssue_keepsItsIDWhenItMoves(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		ref := w.Create("Wrong project")
		key, err := w.server.Move(ref.ID, w.server.AddProject("PAY"))
		w.must(err)
		for _, name := range []integrations.Ref{ref, {Key: ref.Key}, {Key: key}} {
			got, err := w.Open().Issue(t.Context(), name)
			if err != nil || got.Ref.ID != ref.ID || got.Ref.Key != key || got.SourceKey != "PAY" {
				t.Errorf("%+v: %+v, %v", name, got.Ref, err)
			}
		}
	})
}

func TestIssues_askForTimeInMilliseconds(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Kiritimati", 14*3600)
	w := newWorld(t, fakejira.Options{Cloud: true, Zone: zone})
	w.Create("Before")
	w.sleep(time.Millisecond)
	since := w.clock()
	ref := w.Create("After")
	got := walk(t, w.Open(), integrations.Query{Source: w.source, Since: since})
	if len(got) != 1 || got[0].Ref != ref || !got[0].UpdatedAt.Equal(since) {
		t.Errorf("got %+v, want only %s", got, ref.Key)
	}
}

func TestIssues_areFoundOnceTheIndexKnowsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakejira.Options{Cloud: true, Lag: time.Minute})
	ref := w.Create("Just made")
	tracker := w.Open()
	if got := walk(t, tracker, integrations.Query{Source: w.source}); len(got) != 0 {
		t.Fatalf("the index knew %+v at once", got)
	}
	if got, err := tracker.Issue(t.Context(), ref); err != nil || got.Title != "Just made" {
		t.Errorf("by itself it is %+v, %v", got, err)
	}
	w.sleep(time.Minute)
	if got := walk(t, tracker, integrations.Query{Source: w.source}); len(got) != 1 {
		t.Errorf("a minute later the index knew %+v", got)
	}
}

func TestIssues_ofAPlaceThatNamesItselfNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakejira.Options{Cloud: true})
	tracker := w.Open()
	if _, err := tracker.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.answer(func(r *http.Request) *fakejira.Fault {
		if strings.HasSuffix(r.URL.Path, "/search/jql") {
			return &fakejira.Fault{Status: http.StatusOK, Body: `{"issues":[],"nextPageToken":"again"}`}
		}
		return nil
	})
	first, err := tracker.Issues(t.Context(), integrations.Query{Source: w.source})
	if err != nil || first.Next == "" || len(first.Issues) != 0 {
		t.Fatalf("an empty page with a next one is legal: %+v, %v", first, err)
	}
	_, err = tracker.Issues(t.Context(), integrations.Query{Source: w.source, After: first.Next})
	if unavailable := (*integrations.UnavailableError)(nil); !errors.As(err, &unavailable) {
		t.Errorf("the same token again: %v, want an UnavailableError", err)
	}
}

func TestEstimates_areFoundByTheNameInTheSettings(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		ref := w.create(fakejira.NewIssue{Title: "Sized", Points: ptr(3.0)})
		w.must(w.server.Set(ref.ID, map[string]any{"customfield_10030": 1.5}))
		for setting, want := range map[string]float64{"": 3, "effort (DAYS)": 1.5, "customfield_10030": 1.5} {
			got, err := w.open(integrations.Settings{"estimateField": setting}).Issue(t.Context(), ref)
			if err != nil || got.Estimate == nil || *got.Estimate != want {
				t.Errorf("with %q: %+v, %v, want %v", setting, got.Estimate, err, want)
			}
		}
	})
}

func TestWalks_doWithoutFieldsThatMayNotBeSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakejira.Options{Cloud: true, HideFields: true})
	w.create(fakejira.NewIssue{Title: "Sized", Points: ptr(3.0)})
	if got := walk(t, w.Open(), integrations.Query{Source: w.source}); len(got) != 1 || got[0].Estimate != nil {
		t.Errorf("got %+v", got)
	}
}

func TestStatuses_followTheirCategory(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		ref := w.Create("Through all states")
		tracker := w.Open()
		for _, step := range []struct {
			status, resolution string
			want               integrations.StateCategory
		}{
			{"In Progress", "", integrations.StateInProgress},
			{"Done", "Duplicate", integrations.StateDropped},
			{"Done", "Fixed", integrations.StateDone},
			// A word is not believed against its category.
			{"Completed", "Done", integrations.StateTodo},
		} {
			w.Tick()
			w.must(w.server.Transition(ref.ID, step.status, step.resolution))
			got, err := tracker.Issue(t.Context(), ref)
			if err != nil || got.State != step.want || got.RawState != step.status || (got.ClosedAt != nil) != (step.want == integrations.StateDone || step.want == integrations.StateDropped) {
				t.Errorf("%s (%s): %s, closed %v, %v", step.status, step.resolution, got.State, got.ClosedAt, err)
			}
		}
	})
}

func TestTransitions_readLogsOfAnyLength(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		ref := w.Create("Much discussed")
		for range 130 {
			w.Tick()
			w.Touch(ref)
		}
		w.Tick()
		w.must(w.server.Transition(ref.ID, "In Progress", ""))
		w.Tick()
		w.must(w.server.Transition(ref.ID, "Done", "Won't Fix"))
		at := w.clock()
		got, err := w.open(nil).Transitions(t.Context(), ref)
		if err != nil || len(got) != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		robin := got[1].Actor
		want := []integrations.Transition{
			{At: at.Add(-time.Second), From: integrations.StateTodo, To: integrations.StateInProgress, RawTo: "In Progress", Actor: robin},
			{At: at, From: integrations.StateInProgress, To: integrations.StateDropped, RawTo: "Done", RawReason: "Won't Fix", Actor: robin},
		}
		if diff := cmp.Diff(want, got); diff != "" || robin.Name != "Robin" || robin.ID == "" {
			t.Errorf("the steps of %+v are others (-want +got):\n%s", robin, diff)
		}
	})
}

func TestPutBacklink_writesOnlyWhatChanges(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		ref, tracker := w.Create("Linked"), w.open(nil)
		link := integrations.Backlink{Marker: "needle/item_1", URL: "https://needle.example/B-1", Title: "B-1 serves KR-4", Body: strings.Repeat("long ", 100)}
		writes := func() int {
			n := 0
			for _, r := range w.server.Requests() {
				if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/remotelink") {
					n++
				}
			}
			return n
		}
		for i, step := range []struct {
			title  string
			writes int
		}{{"B-1 serves KR-4", 1}, {"B-1 serves KR-4", 1}, {"B-1 serves KR-4 and KR-5", 2}} {
			link.Title = step.title
			if err := tracker.PutBacklink(t.Context(), ref, link); err != nil {
				t.Fatal(err)
			}
			if n := writes(); n != step.writes {
				t.Errorf("after step %d there were %d writes, want %d", i, n, step.writes)
			}
		}
		if links := w.server.Links(ref.ID); len(links) != 1 || !strings.Contains(string(links[0]), "KR-5") {
			t.Errorf("the issue has the links %s", links)
		}
		for range 2 { // What is not there is removed already.
			if err := tracker.RemoveBacklink(t.Context(), ref, link.Marker); err != nil {
				t.Error(err)
			}
		}
		if links := w.server.Links(ref.ID); len(links) != 0 {
			t.Errorf("the removed link is still there: %s", links)
		}
		w.Delete(ref)
		if err := tracker.PutBacklink(t.Context(), ref, link); !errors.Is(err, integrations.ErrNotFound) {
			t.Errorf("linking a deleted issue: %v", err)
		}
	})
}

func TestSize_countsTheProject(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		t.Helper()
		for range 7 {
			w.Create("One of many")
		}
		if n, err := w.open(nil).Size(t.Context(), w.source); err != nil || n != 7 {
			t.Errorf("Size() = %d, %v", n, err)
		}
	})
}

func TestLogins_thatJiraHidesAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakejira.Options{})
	h := http.Header{}
	h.Set("X-Seraph-LoginReason", "AUTHENTICATION_DENIED")
	w.always(&fakejira.Fault{Status: http.StatusOK, Header: h, Body: `{"version":"9","issues":[]}`})
	if _, err := w.Open().Issues(t.Context(), integrations.Query{Source: w.source}); !errors.Is(err, integrations.ErrUnauthorized) {
		t.Errorf("error = %v, want ErrUnauthorized", err)
	}
}

func TestQueries_areNotInjected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakejira.Options{})
	tracker := w.Open()
	before := w.server.RequestCount()
	for _, s := range []integrations.Source{
		{Key: `SHOP" OR project != "X`}, {ID: "1 OR 1=1", Key: "SHOP"}, {}, {Key: "SHOP-1"},
	} {
		_, err := tracker.Issues(t.Context(), integrations.Query{Source: s})
		if rejected := (*integrations.RejectedError)(nil); !errors.As(err, &rejected) {
			t.Errorf("%+v: %v, want a RejectedError", s, err)
		}
	}
	for _, ref := range []integrations.Ref{{ID: "../../secure"}, {Key: "SHOP-1/../x"}, {ID: "-1"}, {}} {
		_, err := tracker.Issue(t.Context(), ref)
		if rejected := (*integrations.RejectedError)(nil); !errors.As(err, &rejected) {
			t.Errorf("%+v: %v, want a RejectedError", ref, err)
		}
	}
	for _, r := range w.server.Requests()[before:] {
		if strings.Contains(r.Path, "search") || strings.Contains(r.Path, "/issue") {
			t.Errorf("asked for %s", r.Path)
		}
	}
}
