package file_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
)

var written = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// files is a folder with files of these texts.
func files(texts map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range texts {
		out[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o600, ModTime: written}
	}
	return out
}

// read reads a file whole.
func read(t *testing.T, name, text string, s integrations.Settings) (integrations.Page, error) {
	t.Helper()
	return tracker(t, files(map[string]string{name: text}), s).Issues(t.Context(), integrations.Query{Source: integrations.Source{Key: name}})
}

// issue reads a file of one row.
func issue(t *testing.T, name, text string, s integrations.Settings) integrations.Issue {
	t.Helper()
	page, err := read(t, name, text, s)
	if err != nil || len(page.Issues) != 1 || len(page.Broken) != 0 {
		t.Fatalf("reading gave %v, %+v", err, page)
	}
	return page.Issues[0]
}

func at(text string) time.Time {
	out, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return out
}

// told is what exports of well-known tools tell, whatever their columns are called.
type told struct {
	ID, Key, Title, Body, RawState, RawType string
	State                                   integrations.StateCategory
	Type                                    integrations.IssueType
	Labels                                  []string
	Assignees                               []string
	Estimate                                float64
	Parent                                  string
	Created, Updated, Closed                time.Time
	Undated                                 bool
}

func toldBy(i integrations.Issue) told {
	out := told{
		ID: i.Ref.ID, Key: i.Ref.Key, Title: i.Title, Body: i.Body, RawState: i.RawState, RawType: i.RawType, State: i.State, Type: i.Type,
		Labels: i.Labels, Created: i.CreatedAt, Updated: i.UpdatedAt, Undated: i.Undated,
	}
	for _, a := range i.Assignees {
		out.Assignees = append(out.Assignees, a.Name)
	}
	if i.Estimate != nil {
		out.Estimate = *i.Estimate
	}
	if i.Parent != nil {
		out.Parent = i.Parent.ID
	}
	if i.ClosedAt != nil {
		out.Closed = *i.ClosedAt
	}
	return out
}

func TestIssues_knowsTheExportsOfWellKnownTools(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string
		want       told
	}{
		"Jira": {
			"jira.csv", "Summary,Issue key,Issue id,Parent id,Issue Type,Status,Priority,Resolution,Assignee,Created,Updated,Resolved,Labels,Labels,Custom field (Story Points)\n" +
				"Slow login,SHOP-2,10002,10001,Story,Done,High,Won't Do,Mia,12/Jan/26 9:10 AM,30/Jan/26 11:00 PM,30/Jan/26 11:00 PM,a,b,3.0\n",
			told{
				ID: "10002", Key: "SHOP-2", Title: "Slow login", RawState: "Done", State: integrations.StateDropped, RawType: "Story", Type: integrations.TypeFeature,
				Labels: []string{"a", "b"}, Assignees: []string{"Mia"}, Estimate: 3, Parent: "10001", Created: at("2026-01-12T09:10:00Z"),
				Updated: at("2026-01-30T23:00:00Z"), Closed: at("2026-01-30T23:00:00Z"),
			},
		},
		"Trello": {
			"trello.csv", "Card ID,Card Name,Card URL,Card Description,Labels,Members,Due Date,List Name,Last Activity Date\nabc,Slow login,https://trello.com/c/1,More,\"red, blue\",Mia,,Doing,2026-01-30 11:00\n",
			told{
				ID: "abc", Key: "abc", Title: "Slow login", Body: "More", RawState: "Doing", State: integrations.StateInProgress,
				Labels: []string{"red", "blue"}, Assignees: []string{"Mia"}, Updated: at("2026-01-30T11:00:00Z"),
			},
		},
		"Asana": {
			"asana.csv", "Task ID,Created At,Completed At,Last Modified,Name,Section/Column,Assignee,Tags,Notes,Parent task\n1200,2026-01-01,2026-01-05,2026-01-06,Slow login,,Mia,red,More,\n",
			told{
				ID: "1200", Key: "1200", Title: "Slow login", Body: "More", State: integrations.StateDone, Labels: []string{"red"}, Assignees: []string{"Mia"},
				Created: at("2026-01-01T00:00:00Z"), Updated: at("2026-01-06T00:00:00Z"), Closed: at("2026-01-05T00:00:00Z"),
			},
		},
		"Linear": {
			"linear.csv", "\"ID\",\"Team\",\"Title\",\"Description\",\"Status\",\"Estimate\",\"Created\",\"Updated\",\"Completed\"\n\"ENG-1\",\"Eng\",\"Slow login\",\"More\",\"In Review\",\"2\",\"Thu Nov 26 2026 10:30:00 GMT+0000 (GMT)\",\"2026-11-27T10:30:00.123Z\",\"\"\n",
			told{
				ID: "ENG-1", Key: "ENG-1", Title: "Slow login", Body: "More", RawState: "In Review", State: integrations.StateInProgress, Estimate: 2,
				Created: at("2026-11-26T10:30:00Z"), Updated: at("2026-11-27T10:30:00.123Z"),
			},
		},
		"objects of GitHub": {
			"github.jsonl", `{"id":17,"number":4,"title":"Slow login","body":null,"state":"closed","state_reason":"not_planned","labels":[{"name":"bug"}],"assignees":[{"login":"mia"}],"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","closed_at":"2026-01-02T00:00:00Z","html_url":"https://x.example/"}`,
			told{
				ID: "17", Key: "4", Title: "Slow login", RawState: "closed", State: integrations.StateDropped, Labels: []string{"bug"}, Assignees: []string{"mia"},
				Created: at("2026-01-01T00:00:00Z"), Updated: at("2026-01-02T00:00:00Z"), Closed: at("2026-01-02T00:00:00Z"),
			},
		},
		"a plain list": {
			"plain.csv", "key;name\nA-1;Slow login\n",
			told{ID: "A-1", Key: "A-1", Title: "Slow login", State: integrations.StateTodo, Updated: written, Undated: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, toldBy(issue(t, c.file, c.text, nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIssues_goesByItsSettings(t *testing.T) {
	t.Parallel()
	got := issue(t, "own.csv", "Nr,id,Was,Wie weit,Leute,Stand\n7,x,Langsam,ABGEHAKT,\"Lovelace, Ada/Mia\",05.02.2026 09:30\n", integrations.Settings{
		"idColumn": "nr", "titleColumn": "Was", "stateColumn": "wie_weit", "assigneesColumn": "Leute", "updatedColumn": "Stand",
		"doneWords": "erledigt, abgehakt", "separator": "/", "timeZone": "Europe/Berlin",
	})
	want := told{
		ID: "7", Key: "7", Title: "Langsam", RawState: "ABGEHAKT", State: integrations.StateDone, Assignees: []string{"Lovelace, Ada", "Mia"},
		Updated: at("2026-02-05T08:30:00Z"),
	}
	if diff := cmp.Diff(want, toldBy(got)); diff != "" {
		t.Error(diff)
	}
	for format, want := range map[string]string{"DD/MM/YYYY": "2026-04-03T00:00:00Z", "M/D/YYYY": "2026-03-04T00:00:00Z"} {
		got := issue(t, "dates.csv", "id,title,updated\n1,x,03/04/2026\n", integrations.Settings{"dateFormat": format})
		if !got.UpdatedAt.Equal(at(want)) {
			t.Errorf("%s read %v", format, got.UpdatedAt)
		}
	}
}

func TestIssues_findsTheParentByItsKey(t *testing.T) {
	t.Parallel()
	page, err := read(t, "x.csv", "id,key,title,parent\n1,E-1,Epic,\n2,S-1,Story,E-1\n3,S-2,Story,1\n4,S-3,Story,ELSE-9\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, i := range page.Issues {
		got[i.Ref.ID] = toldBy(i).Parent
	}
	if diff := cmp.Diff(map[string]string{"1": "", "2": "1", "3": "1", "4": "ELSE-9"}, got); diff != "" {
		t.Error(diff)
	}
}

// inUTF16 is a text as a spreadsheet saves it.
func inUTF16(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestIssues_readsHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	const plain = "id,title,body\n1,Größe 🙂,\"two\nlines\"\n"
	for name, text := range map[string]string{
		"as it is":              plain,
		"with a mark":           "\ufeff" + plain,
		"in UTF-16":             inUTF16(plain, binary.BigEndian),
		"in UTF-16, backwards":  inUTF16(plain, binary.LittleEndian),
		"by semicolons":         strings.ReplaceAll(plain, ",", ";"),
		"by tabs":               strings.ReplaceAll(plain, ",", "\t"),
		"by bars":               strings.ReplaceAll(plain, ",", "|"),
		"with Excel's line":     "sep=;\n" + strings.ReplaceAll(plain, ",", ";"),
		"with Windows' lines":   strings.ReplaceAll(plain, "\n", "\r\n"),
		"with empty lines":      "\n\n" + strings.ReplaceAll(plain, "body\n", "body\n\n,,\n"),
		"without the last line": strings.TrimSuffix(plain, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := issue(t, "x.csv", text, nil)
			if got.Ref.ID != "1" || got.Title != "Größe 🙂" || got.Body != "two\nlines" {
				t.Errorf("read %+v", got)
			}
		})
	}
}

func TestIssues_putsRowsAsideWithTheirLine(t *testing.T) {
	t.Parallel()
	type aside struct {
		Line   int
		ID     string
		Reason string
	}
	for name, c := range map[string]struct {
		file, text string
		want       aside
	}{
		"a value too many":    {"x.csv", "id,title\n1,a\n2,b,c\n", aside{3, "2", "line 3: it has 3 values, and there are 2 columns; a value with ',' or a line break in it must be quoted"}},
		"no id":               {"x.csv", "id,title\n1,a\n,b\n", aside{3, "", "line 3: it has no id"}},
		"a quote in a value":  {"x.csv", "id,title\n1,a\n2,b\"c\n", aside{3, "2", "line 3: a quotation mark stands in a value that is not quoted; quote the value and write the mark twice"}},
		"a line after two":    {"x.csv", "id,title\n1,\"a\n\na\"\n2,b,c\n", aside{5, "2", "line 5: it has 3 values, and there are 2 columns; a value with ',' or a line break in it must be quoted"}},
		"an odd estimate":     {"x.csv", "id,title,points\n1,a,3\n2,b,many\n", aside{3, "2", `line 3: estimate: "many" is no number`}},
		"an endless estimate": {"x.csv", "id,title,points\n1,a,3\n2,b,Inf\n", aside{3, "2", `line 3: estimate: "Inf" is no number`}},
		"no date":             {"x.csv", "id,title,created\n1,a,\n2,b,yesterday\n", aside{3, "2", `line 3: created: "yesterday" is no time that can be read; write 2026-10-01 or 2026-10-01T09:30:00Z, or say how it is written with the setting dateFormat`}},
		"another encoding":    {"x.csv", "id,title\n1,a\n2,Gr\xf6\xdfe\n", aside{3, "2", "line 3: it is not written in UTF-8; save the file in UTF-8"}},
		"NUL in the id":       {"x.csv", "id,title\n1,a\n2\x003,b\n", aside{3, "", "line 3: its id or key has characters that cannot be printed"}},
		"a long id":           {"x.csv", "id,title\n1,a\n" + strings.Repeat("2", 501) + ",b\n", aside{3, "", "line 3: its id or key is longer than 500 bytes"}},
		"a huge row":          {"x.csv", "id,title\n1,a\n2," + strings.Repeat("b", 5<<20) + "\n", aside{3, "2", "line 3: it is longer than 4 MiB"}},
		"no object":           {"x.jsonl", "{\"id\":1,\"title\":\"a\"}\n\n{\"id\":2,\n", aside{3, "", "line 3: it is no JSON object"}},
		"two objects":         {"x.jsonl", "{\"id\":1,\"title\":\"a\"}\n{\"id\":2}{\"id\":3}\n", aside{2, "", "line 2: something stands behind its JSON object"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := read(t, c.file, c.text, nil)
			if err != nil || len(page.Issues) != 1 || len(page.Broken) != 1 {
				t.Fatalf("reading gave %v, %d issues and %d broken", err, len(page.Issues), len(page.Broken))
			}
			b := page.Broken[0]
			if diff := cmp.Diff(c.want, aside{b.Line, b.Ref.ID, b.Reason}); diff != "" || len(b.Raw) == 0 || len(b.Raw) > 64<<10 {
				t.Errorf("%d bytes kept; %s", len(b.Raw), diff)
			}
		})
	}
}

func TestIssues_believesNeitherOfTwoRowsWithOneID(t *testing.T) {
	t.Parallel()
	page, err := read(t, "x.csv", "id,title\n1,a\n2,b\n1,c\n", nil)
	if err != nil || len(page.Issues) != 1 || len(page.Broken) != 2 {
		t.Fatalf("reading gave %v, %+v", err, page)
	}
	for _, b := range page.Broken {
		if b.Ref.ID != "1" || !strings.Contains(b.Reason, "has the same id") {
			t.Errorf("put aside %+v", b)
		}
	}
}

func TestIssues_refusesFilesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, reason string }{
		"an empty one":              {"x.csv", "", "it is empty"},
		"no ids":                    {"x.csv", "Title\nx\n", "names no column of ids or keys"},
		"no titles":                 {"x.csv", "id,points\n1,2\n", "names no column of titles"},
		"no header":                 {"x.csv", "1,Slow login\n2,Refunds\n", `it has "1", "Slow login"`},
		"two ids":                   {"x.csv", "id,title,ID\n1,x,2\n", "two of its columns are called"},
		"a quote without an end":    {"x.csv", "id,title\n1,\"x\n2,y\n3,z\n", "line 2 begins a quoted value that never ends"},
		"a spreadsheet":             {"x.csv", "PK\x03\x04" + strings.Repeat("\x00", 100), "save it as CSV in UTF-8"},
		"half a character":          {"x.csv", "\xff\xfei\x00d", "middle of a character"},
		"old lines of the Mac":      {"x.csv", "id,title\r1,x\r", "carriage returns"},
		"JSON that is none":         {"x.jsonl", "id,title\n1,x\n", "not one of its rows can be read"},
		"an ending of another kind": {"x.xlsx", "id,title\n1,x\n", "its name does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, c.file, c.text, nil)
			rejected := (*integrations.RejectedError)(nil)
			if !errors.As(err, &rejected) || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("error = %v, want %q", err, c.reason)
			}
		})
	}
	_, err := read(t, "x.csv", "id,title\n1,x\n", integrations.Settings{"stateColumn": "Stage"})
	if err == nil || !strings.Contains(err.Error(), `it has no column "stage", which the setting stateColumn names`) {
		t.Errorf("a column that is not there: %v", err)
	}
	for _, name := range []string{"../x.csv", "/x.csv", ".", "nowhere.csv", "a\x00.csv"} {
		_, err := tracker(t, files(map[string]string{"x.csv": "id\n"}), nil).Issues(t.Context(), integrations.Query{Source: integrations.Source{Key: name}})
		if !errors.Is(err, integrations.ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
