package github

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// exampleJSON are GitHub's example deliveries of one event: see
// scripts/github-descriptions.sh.
type exampleJSON struct {
	Name     string            `json:"name"`
	Examples []json.RawMessage `json:"examples"`
}

// examples are example deliveries of every event there is.
func examples(t testing.TB) []exampleJSON {
	t.Helper()
	f, err := os.Open("testdata/webhooks-examples.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // it was only read
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []exampleJSON
	if err := json.NewDecoder(unzipped).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestParseWebhook_readsEveryExampleOfGitHub(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for _, event := range examples(t) {
		for i, raw := range event.Examples {
			hints, err := parseWebhook(signedDelivery(event.Name, string(raw)), []byte(hookSecret))
			if err != nil {
				t.Errorf("%s, example %d: %v", event.Name, i, err)
			}
			counts[event.Name]++
			var p struct {
				Action string
				Issue  struct {
					ID     json.Number
					Number json.Number
				}
				Repository struct {
					ID       json.Number
					FullName string `json:"full_name"`
				}
			}
			if err := json.Unmarshal(raw, &p); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%s.%s, example %d", event.Name, p.Action, i)
			switch event.Name {
			case "issues":
				if len(hints) == 0 {
					t.Fatalf("%s gives no hint", name)
				}
				h := hints[0]
				if h.Ref.ID != p.Issue.ID.String() || h.Ref.Key != p.Repository.FullName+"#"+p.Issue.Number.String() || h.Source.ID != p.Repository.ID.String() {
					t.Errorf("%s gives %+v", name, h)
				}
				if moved := p.Action == "transferred" && strings.Contains(string(raw), `"new_issue"`); moved != (len(hints) == 2) {
					t.Errorf("%s gives %d hints", name, len(hints))
				}
			case "repository":
				if len(hints) != 1 || hints[0].Ref.ID != "" || hints[0].Source.ID != p.Repository.ID.String() {
					t.Errorf("%s gives %+v", name, hints)
				}
			case "installation", "installation_repositories":
				for _, h := range hints {
					if h.Ref.ID != "" || h.Source.ID == "" || h.Source.Key == "" {
						t.Errorf("%s gives %+v", name, h)
					}
				}
				if event.Name == "installation_repositories" && len(hints) == 0 {
					t.Errorf("%s gives no hint", name)
				}
			default:
				if len(hints) != 0 {
					t.Errorf("%s gives %+v", name, hints)
				}
			}
		}
	}
	// An empty file would prove nothing.
	if len(counts) < 50 || counts["issues"] < 25 || counts["ping"] == 0 || counts["issue_comment"] == 0 || counts["repository"] < 10 {
		t.Errorf("examples: %v", counts)
	}
}

// TestConvert_readsTheIssuesOfEveryExample reads real issue objects of every age.
func TestConvert_readsTheIssuesOfEveryExample(t *testing.T) {
	t.Parallel()
	read := 0
	for _, event := range examples(t) {
		if event.Name != "issues" && event.Name != "issue_comment" {
			continue
		}
		for i, raw := range event.Examples {
			var p struct{ Issue json.RawMessage }
			if err := json.Unmarshal(raw, &p); err != nil {
				t.Fatal(err)
			}
			issue, err := convert(p.Issue, home{id: "1", key: "Codertocat/Hello-World"})
			if !strings.Contains(string(p.Issue), `"state":`) {
				if err == nil { // some deliveries tell less than the API does
					t.Errorf("%s, example %d has no state and is read as %+v", event.Name, i, issue)
				}
				continue
			}
			if err != nil || issue.Title == "" || issue.URL == "" {
				t.Errorf("%s, example %d: %+v, %v", event.Name, i, issue, err)
			}
			read++
		}
	}
	if read < 30 {
		t.Errorf("%d issues", read)
	}
}
