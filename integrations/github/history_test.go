package github

import (
	"encoding/json"
	"testing"

	"github.com/needle-okr/needle/integrations"
)

func TestTransitions_foldsEntries(t *testing.T) {
	t.Parallel()
	const at = `"created_at":"2026-01-0`
	todo, done, dropped := integrations.StateTodo, integrations.StateDone, integrations.StateDropped
	for _, c := range []struct {
		name, entries string
		pull          bool
		want          [][2]integrations.StateCategory
	}{
		{"nothing", `[]`, false, nil},
		{
			"out of order",
			`[{"event":"reopened",` + at + `2T00:00:00Z"},{"event":"closed",` + at + `1T00:00:00Z","state_reason":"not_planned"},{"event":"closed",` + at + `3T00:00:00Z"}]`,
			false,
			[][2]integrations.StateCategory{{todo, dropped}, {dropped, todo}, {todo, done}},
		},
		{
			"closed again for another reason",
			`[{"event":"closed",` + at + `1T00:00:00Z","state_reason":"completed"},{"event":"closed",` + at + `2T00:00:00Z","state_reason":"duplicate"}]`,
			false,
			[][2]integrations.StateCategory{{todo, done}, {done, dropped}},
		},
		{
			"a merged pull request",
			`[{"event":"merged",` + at + `1T00:00:00Z"},{"event":"closed",` + at + `1T00:00:00Z","actor":null}]`,
			true,
			[][2]integrations.StateCategory{{todo, done}},
		},
		{"an abandoned pull request", `[{"event":"closed",` + at + `1T00:00:00Z"}]`, true, [][2]integrations.StateCategory{{todo, dropped}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var entries []timelineJSON
			if err := json.Unmarshal([]byte(c.entries), &entries); err != nil {
				t.Fatal(err)
			}
			got := transitions(entries, c.pull)
			if len(got) != len(c.want) {
				t.Fatalf("got %+v, want %v", got, c.want)
			}
			for i, step := range got {
				if step.From != c.want[i][0] || step.To != c.want[i][1] {
					t.Errorf("step %d is %s to %s, want %v", i, step.From, step.To, c.want[i])
				}
			}
		})
	}
}

func FuzzTimeline(f *testing.F) {
	f.Add(`[{"event":"closed","created_at":"2026-01-01T00:00:00Z","state_reason":"not_planned","actor":{"login":"kim","id":7}}]`, false)
	f.Add(`[{"event":"reopened","created_at":"2026-01-01T00:00:00Z","actor":null},{"event":"merged","created_at":0},null,[],"x"]`, true)
	f.Fuzz(func(t *testing.T, body string, pull bool) {
		var raws []json.RawMessage
		if json.Unmarshal([]byte(body), &raws) != nil {
			return
		}
		got := transitions(stateChanges(raws), pull)
		if len(got) > len(raws) {
			t.Errorf("%d entries became %d transitions", len(raws), len(got))
		}
		before := integrations.StateTodo
		for i, step := range got {
			if step.From != before || step.To == "" || step.RawTo == "" || i > 0 && step.At.Before(got[i-1].At) {
				t.Errorf("step %d is %+v after %s", i, step, before)
			}
			before = step.To
		}
	})
}
