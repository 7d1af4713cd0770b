package github

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
)

// example is an invented issue with every field that is read, and some that are not.
const example = `{
	"url": "https://api.github.example/repos/acme/shop/issues/42",
	"repository_url": "https://api.github.example/repos/acme/shop",
	"html_url": "https://github.example/acme/shop/issues/42",
	"id": 9007199254740993, "node_id": "I_1", "number": 42,
	"title": "Checkout loses the cart", "body": "Needle: drives KR-42 +3..6% in 14-30d",
	"user": {"login": "kim", "id": 7},
	"labels": [{"id": 1, "name": "checkout"}, {"id": 2, "name": "p1"}],
	"assignees": [{"login": "sasha", "id": 8, "html_url": "https://github.example/sasha"}, null],
	"state": "closed", "state_reason": "completed", "locked": false,
	"type": {"id": 3, "name": "Bug"},
	"parent_issue_url": "https://api.github.example/repos/acme/plans/issues/7",
	"sub_issues_summary": {"total": 0, "completed": 0, "percent_completed": 0},
	"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-02-02T03:04:05+01:00", "closed_at": "2026-02-02T02:04:05Z",
	"unknown_field": {"deep": [1, 2, 3]}
}`

var shopHome = home{id: "5", key: "acme/shop"}

// with is the example with some fields replaced by raw JSON. Empty: removed.
func with(t *testing.T, fields map[string]string) json.RawMessage {
	t.Helper()
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(example), &all); err != nil {
		t.Fatal(err)
	}
	for name, raw := range fields {
		if raw == "" {
			delete(all, name)
			continue
		}
		all[name] = json.RawMessage(raw)
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestConvert_readsEveryField(t *testing.T) {
	t.Parallel()
	got, err := convert(json.RawMessage(example), shopHome)
	if err != nil {
		t.Fatal(err)
	}
	closed := time.Date(2026, 2, 2, 2, 4, 5, 0, time.UTC)
	want := integrations.Issue{
		Ref:      integrations.Ref{ID: "9007199254740993", Key: "acme/shop#42"},
		SourceID: "5", SourceKey: "acme/shop",
		URL:   "https://github.example/acme/shop/issues/42",
		Title: "Checkout loses the cart", Body: "Needle: drives KR-42 +3..6% in 14-30d",
		State: integrations.StateDone, RawState: "closed", RawReason: "completed",
		Type: integrations.TypeBug, RawType: "Bug",
		Labels:    []string{"checkout", "p1"},
		Assignees: []integrations.Account{{ID: "8", Name: "sasha", URL: "https://github.example/sasha"}},
		Parent:    &integrations.Ref{Key: "acme/plans#7"},
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		UpdatedAt: closed, ClosedAt: &closed,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestConvert_readsStates(t *testing.T) {
	t.Parallel()
	const pull, merged = `{"merged_at":null}`, `{"merged_at":"2026-02-02T02:04:05Z"}`
	for _, c := range []struct {
		name   string
		fields map[string]string
		want   integrations.StateCategory
	}{
		{"open", map[string]string{"state": `"open"`, "state_reason": `null`}, integrations.StateTodo},
		{"reopened", map[string]string{"state": `"open"`, "state_reason": `"reopened"`}, integrations.StateTodo},
		{"open and labelled in progress", map[string]string{"state": `"open"`, "labels": `[{"name":"in progress"}]`}, integrations.StateTodo},
		{"closed as completed", nil, integrations.StateDone},
		{"closed before there were reasons", map[string]string{"state_reason": `null`}, integrations.StateDone},
		{"closed for a reason yet to be invented", map[string]string{"state_reason": `"tired"`}, integrations.StateDone},
		{"closed as not planned", map[string]string{"state_reason": `"not_planned"`}, integrations.StateDropped},
		{"closed as duplicate", map[string]string{"state_reason": `"duplicate"`}, integrations.StateDropped},
		{"pull request, open", map[string]string{"pull_request": pull, "state": `"open"`}, integrations.StateTodo},
		{"pull request, closed", map[string]string{"pull_request": pull}, integrations.StateDropped},
		{"pull request, merged", map[string]string{"pull_request": merged}, integrations.StateDone},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := convert(with(t, c.fields), shopHome)
			if err != nil || got.State != c.want {
				t.Errorf("state = %s, %v, want %s", got.State, err, c.want)
			}
			if open := got.RawState == "open"; open != (got.ClosedAt == nil) {
				t.Errorf("%s, but closed at %v", got.RawState, got.ClosedAt)
			}
		})
	}
}

func TestConvert_readsTypes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]integrations.IssueType{
		`{"name":"Bug"}`: integrations.TypeBug, `{"name":"feature"}`: integrations.TypeFeature,
		`{"name":"Task"}`: integrations.TypeTask, `{"name":"Epic"}`: integrations.TypeEpic,
		`{"name":"Incident"}`: integrations.TypeUnknown, `null`: integrations.TypeUnknown, ``: integrations.TypeUnknown,
	} {
		got, err := convert(with(t, map[string]string{"type": raw}), shopHome)
		if err != nil || got.Type != want || strings.Contains(raw, "name") != (got.RawType != "") {
			t.Errorf("type %s: %q (%q), %v, want %q", raw, got.Type, got.RawType, err, want)
		}
	}
}

func TestConvert_survivesText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 14_250) // 228 kB
	for name, c := range map[string]struct{ raw, want string }{
		"a null body":   {`null`, ""},
		"no body":       {``, ""},
		"a long body":   {`"` + long + `"`, long},
		"a NUL":         {`"a\u0000b"`, "a\x00b"},
		"a lone half":   {`"a\ud800b"`, "a\uFFFDb"},
		"invalid UTF-8": {"\"a\xffb\"", "a\uFFFDb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := convert(with(t, map[string]string{"body": c.raw}), shopHome)
			if err != nil || got.Body != c.want {
				t.Errorf("body of %d bytes, %v, want %d bytes", len(got.Body), err, len(c.want))
			}
		})
	}
}

func TestConvert_refusesWhatIsNoIssue(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]map[string]string{
		"no id": {"id": ""}, "id zero": {"id": `0`}, "id in words": {"id": `"one"`}, "id too large": {"id": `1e30`},
		"no number": {"number": `null`}, "no created_at": {"created_at": `null`}, "no updated_at": {"updated_at": ""},
		"a time that is none": {"updated_at": `"yesterday"`}, "no state": {"state": `null`}, "a new state": {"state": `"merged"`},
		"a title that is a number": {"title": `42`}, "labels that are an object": {"labels": `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := convert(with(t, fields), shopHome); err == nil {
				t.Errorf("read as %+v", got)
			}
		})
	}
}

func TestBrokenItem_savesWhatCanBeRead(t *testing.T) {
	t.Parallel()
	raw := with(t, map[string]string{"title": `42`})
	_, err := convert(raw, shopHome)
	if err == nil {
		t.Fatal("the item is not broken")
	}
	got := brokenItem(raw, "acme/shop", err)
	want := integrations.Broken{
		Ref:       integrations.Ref{ID: "9007199254740993", Key: "acme/shop#42"},
		UpdatedAt: time.Date(2026, 2, 2, 2, 4, 5, 0, time.UTC), Raw: raw, Reason: err.Error(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzConvert(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"id":1,"number":1,"state":"open","created_at":0,"updated_at":1,"assignees":[null],"labels":[null],"user":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := convert(raw, shopHome)
		if err != nil {
			broken := brokenItem(raw, "acme/shop", err)
			if broken.Reason == "" || string(broken.Raw) != string(raw) {
				t.Errorf("broken item lost its reason or body: %+v", broken)
			}
			return
		}
		if got.Ref.ID == "" || got.Ref.Key == "" || got.State == "" || got.UpdatedAt.IsZero() || got.UpdatedAt.Location() != time.UTC {
			t.Errorf("converted without a vital field: %+v", got)
		}
		if !utf8.ValidString(got.Title) || !utf8.ValidString(got.Body) {
			t.Error("invalid UTF-8 came through")
		}
		again, err := convert(raw, shopHome)
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Errorf("converting twice differs: %v %s", err, diff)
		}
	})
}

func TestFill_readsTheSameBesideABrokenItem(t *testing.T) {
	t.Parallel()
	first, second := with(t, nil), with(t, map[string]string{"id": "7", "number": "8", "pull_request": `{"merged_at": null}`})
	q := integrations.Query{Source: integrations.Source{ID: shopHome.id, Key: shopHome.key}, IncludePullRequests: true}
	read := func(items ...json.RawMessage) integrations.Page {
		body, err := json.Marshal(items)
		if err != nil {
			t.Fatal(err)
		}
		var page integrations.Page
		if err := fill(&page, reply{status: 200, body: body}, q); err != nil {
			t.Fatal(err)
		}
		return page
	}
	whole := read(first, second)
	beside := read(first, with(t, map[string]string{"title": `42`}), json.RawMessage("null"), second)
	if len(whole.Issues) != 2 || len(beside.Broken) != 2 {
		t.Fatalf("%d issues were read, and %d set aside", len(whole.Issues), len(beside.Broken))
	}
	if diff := cmp.Diff(whole.Issues, beside.Issues); diff != "" || !beside.Through.Equal(whole.Through) {
		t.Errorf("beside a broken item (-whole +beside): %s", diff)
	}
}
