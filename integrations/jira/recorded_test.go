package jira

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/needle-okr/needle/integrations"
)

// recorded reads the lines of a file of recorded answers of a real site. They name real people, so they lie outside the
// repository: without NEEDLE_TRACKER_DATA, the folder that holds jira/, the test is skipped.
func recorded(t *testing.T, name string) []json.RawMessage {
	t.Helper()
	folder := os.Getenv("NEEDLE_TRACKER_DATA")
	if folder == "" {
		t.Skip("NEEDLE_TRACKER_DATA names no folder of recorded answers")
	}
	file, err := os.Open(filepath.Join(folder, "jira", name))
	if err != nil {
		t.Skipf("there are no recorded answers: %v", err)
	}
	defer func() { _ = file.Close() }()
	var out []json.RawMessage
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		out = append(out, append(json.RawMessage(nil), lines.Bytes()...))
	}
	if err := lines.Err(); err != nil || len(out) == 0 {
		t.Fatalf("%s holds %d lines: %v", name, len(out), err)
	}
	return out
}

func TestConvert_readsARealSite(t *testing.T) {
	t.Parallel()
	misled := 0
	for i, line := range recorded(t, "issues.jsonl") {
		var in rawIssue
		if err := json.Unmarshal(line, &in); err != nil {
			t.Fatal(err)
		}
		got, err := convert(in, about{home: "https://jira.example"}, fields{})
		if err != nil {
			t.Errorf("issue %d: %v", i, err)
			continue
		}
		if got.RawState == "" || got.SourceID == "" || got.UpdatedAt.IsZero() {
			t.Errorf("issue %d lacks its state, project or time", i)
		}
		var resolution *struct{ Name string }
		if err := in.field("resolution", &resolution); err != nil {
			t.Error(err)
		}
		if got.State == integrations.StateTodo && resolution != nil {
			misled++ // Resolved, by a status whose category says that nobody began.
		}
	}
	if misled == 0 {
		t.Error("the site whose words mislead is not among the recorded ones")
	}
}

func TestFold_readsARealLog(t *testing.T) {
	t.Parallel()
	statuses := map[string]integrations.StateCategory{}
	for _, line := range recorded(t, "statuses.jsonl") {
		var status statusJSON
		if err := json.Unmarshal(line, &status); err != nil {
			t.Fatal(err)
		}
		if c, ok := categories[status.Category.Key]; ok {
			statuses[status.ID] = c
		}
	}
	var log []entryJSON
	for _, line := range recorded(t, "changelogs.jsonl") {
		var entry entryJSON
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatal(err)
		}
		log = append(log, entry)
	}
	steps, err := fold(log, statuses)
	if err != nil || len(steps) == 0 {
		t.Fatalf("%d entries gave %d steps: %v", len(log), len(steps), err)
	}
	for i, step := range steps {
		if step.RawTo == "" || step.To == "" || i > 0 && step.At.Before(steps[i-1].At) {
			t.Errorf("step %d is out of order or without a word", i)
		}
	}
}
