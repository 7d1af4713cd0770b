package jira

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/needle-okr/needle/integrations"
)

// recordings is the folder of what a real site answered. It names real people, so it lies outside the repository: without
// NEEDLE_TRACKER_DATA, the folder that holds jira/, the test is skipped.
func recordings(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("NEEDLE_TRACKER_DATA")
	if folder == "" {
		t.Skip("NEEDLE_TRACKER_DATA names no folder of recorded answers")
	}
	return filepath.Join(folder, "jira")
}

// recorded reads the lines of a file of recorded answers.
func recorded(t *testing.T, name string) []json.RawMessage {
	t.Helper()
	file, err := os.Open(filepath.Join(recordings(t), name))
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

func TestParseWebhook_readsRealBodies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(recordings(t), "webhooks", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recorded webhooks: %v", len(files), err)
	}
	told := 0
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var about struct {
			Issue *struct{ ID, Key string }
		}
		if err := json.Unmarshal(body, &about); err != nil {
			t.Fatal(err)
		}
		hints, err := parseWebhook(sign(string(body)), []byte("secret"))
		switch {
		case err != nil:
			t.Errorf("%s: %v", filepath.Base(name), err)
		case about.Issue == nil:
			if len(hints) != 0 {
				t.Errorf("%s tells of no issue and gave %+v", filepath.Base(name), hints)
			}
		case len(hints) != 1 || hints[0].Ref != (integrations.Ref{ID: about.Issue.ID, Key: about.Issue.Key}) ||
			!strings.HasPrefix(about.Issue.Key, hints[0].Source.Key+"-") || hints[0].Event == "" || hints[0].DeliveryID == "":
			t.Errorf("%s gave %+v", filepath.Base(name), hints)
		default:
			told++
		}
	}
	if told == 0 {
		t.Error("no recorded webhook told of an issue")
	}
}
