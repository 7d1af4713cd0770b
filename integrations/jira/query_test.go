package jira_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/jira"
	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
)

// found searches page by page and returns the keys, sorted.
func found(ctx context.Context, t *testing.T, tracker *jira.Tracker, source integrations.Source, text string) ([]string, error) {
	t.Helper()
	keys := []string{}
	for q := (integrations.Query{Source: source, PageSize: 2}); ; {
		refs, next, err := tracker.Search(ctx, q, text)
		if err != nil {
			return nil, err
		}
		for _, ref := range refs {
			keys = append(keys, ref.Key)
		}
		if next == "" {
			slices.Sort(keys)
			return keys, nil
		}
		q.After = next
	}
}

// searchable fills a world: three issues of the shop, an epic, and one elsewhere that has all labels.
func searchable(t *testing.T, opts fakejira.Options) *world {
	t.Helper()
	w := newWorld(t, opts)
	create := func(project string, n fakejira.NewIssue) string {
		t.Helper()
		_, key, err := w.server.Create(project, n)
		if err != nil {
			t.Fatal(err)
		}
		w.sleep(time.Minute)
		return key
	}
	epic := create(w.source.ID, fakejira.NewIssue{Title: "Refunds without people", Type: "Epic"})
	create(w.source.ID, fakejira.NewIssue{Title: "A refund button", Labels: []string{"refunds"}, Parent: epic})
	create(w.source.ID, fakejira.NewIssue{Title: "Say \"sorry (again)\"", Labels: []string{"Refunds", "words"}, Epic: epic})
	create(w.source.ID, fakejira.NewIssue{Title: "Another green"})
	create(w.server.AddProject("SECRET"), fakejira.NewIssue{Title: "Secret refund", Labels: []string{"refunds", "words"}})
	w.sleep(opts.Lag)
	return w
}

func TestSearch_findsWhatTheQueryMeansAndNothingOutsideTheProject(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]fakejira.Options{
		"Cloud": {Cloud: true, Lag: 3 * time.Minute, EmptyPages: true}, "Data Center": {},
	} {
		w := searchable(t, opts)
		tracker := w.open(nil)
		for text, want := range map[string][]string{
			`labels = refunds`: {"SHOP-2", "SHOP-3"},
			`labels in (refunds, "words") AND labels != x`: {"SHOP-2", "SHOP-3"},
			`labels = words OR summary ~ "green"`:          {"SHOP-3", "SHOP-4"},
			`NOT (labels = refunds) AND issuetype != Epic`: {"SHOP-4"},
			`parent = SHOP-1`:                                {"SHOP-2"},
			`"Epic Link" = SHOP-1`:                           {"SHOP-3"},
			`statusCategory = new AND labels is EMPTY`:       {"SHOP-1", "SHOP-4"},
			"labels = refunds ORDER BY rank DESC, created":   {"SHOP-2", "SHOP-3"},
			"labels = refunds\norder\tby updated":            {"SHOP-2", "SHOP-3"},
			`summary ~ "sorry (again)"`:                      {"SHOP-3"},
			`summary ~ ") OR project = SECRET OR summary ~"`: {},
			`labels = refunds OR project = SECRET`:           {"SHOP-2", "SHOP-3"},
			`labels = nothing`:                               {},
		} {
			t.Run(name+"/"+text, func(t *testing.T) {
				t.Parallel()
				got, err := found(t.Context(), t, tracker, w.source, text)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestSearch_refusesWhatIsNoConditionWithTheWordsOfJira(t *testing.T) {
	t.Parallel()
	w := searchable(t, fakejira.Options{Cloud: true})
	tracker := w.open(nil)
	for text, reason := range map[string]string{
		``:                                    "says nothing",
		"  \x00\n ":                           "says nothing",
		`ORDER BY created`:                    "says nothing",
		`labels = x) OR (project = SECRET`:    ") without its (",
		`labels = x) OR project = SECRET`:     ") without its (",
		`(labels = x`:                         "( without its )",
		`labels = "x`:                         "quote that does not end",
		`labels = "x\"`:                       "quote that does not end",
		`labels = \" ) OR (labels = \"`:       `must not have a \`,
		`flavour = sweet`:                     "Field 'flavour' does not exist",
		`labels = refunds AND`:                "Expecting",
		`labels`:                              "Expecting operator",
		`summary = exactly`:                   "not supported by the 'summary' field",
		strings.Repeat("(", 40) + "x":         "( without its )",
		`labels = refunds (ORDER BY created)`: "Error in the JQL Query",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := found(t.Context(), t, tracker, w.source, text)
			rejected := (*integrations.RejectedError)(nil)
			if !errors.As(err, &rejected) || !strings.Contains(rejected.Reason, reason) {
				t.Errorf("error = %v, want a refusal with %q", err, reason)
			}
		})
	}
}

func TestSearch_saysThatTheProjectIsGone(t *testing.T) {
	t.Parallel()
	w := searchable(t, fakejira.Options{})
	gone := integrations.Source{ID: "99999", Key: "GONE"}
	if _, err := found(t.Context(), t, w.open(nil), gone, "labels = refunds"); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("error = %v, want ErrNotFound", err)
	}
}

func TestSearch_isBehindTheIssuesByTheLag(t *testing.T) {
	t.Parallel()
	w := searchable(t, fakejira.Options{Cloud: true, Lag: 3 * time.Minute})
	if _, _, err := w.server.Create(w.source.ID, fakejira.NewIssue{Title: "New", Labels: []string{"fresh"}}); err != nil {
		t.Fatal(err)
	}
	tracker := w.open(nil)
	before, err := found(t.Context(), t, tracker, w.source, "labels = fresh")
	if err != nil {
		t.Fatal(err)
	}
	w.sleep(3 * time.Minute)
	after, err := found(t.Context(), t, tracker, w.source, "labels = fresh")
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != 0 || len(after) != 1 {
		t.Errorf("found %v and then %v", before, after)
	}
}

func FuzzSearch_neverLeavesTheProject(f *testing.F) {
	for _, seed := range []string{`labels = x`, `x) OR (y`, `"\" OR project = SECRET OR summary ~ "`, `a ORDER BY b`, `'`, `\`, `((`, "\xff(", `labels = "a" OR labels = 'b'`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		condition, err := jira.Bracketed(text)
		if err != nil {
			return
		}
		depth, quote := 0, byte(0)
		for i := 0; i < len(condition); i++ {
			switch c := condition[i]; {
			case quote != 0 && c == '\\':
				i++
			case quote != 0 && c == quote:
				quote = 0
			case quote != 0:
			case c == '"' || c == '\'':
				quote = c
			case c == '(':
				depth++
			case c == ')':
				if depth--; depth == 0 && i != len(condition)-1 {
					t.Fatalf("%q leaves its brackets: %q", text, condition)
				}
			}
		}
		if depth != 0 || quote != 0 {
			t.Fatalf("%q does not end its brackets or quotes: %q", text, condition)
		}
	})
}
