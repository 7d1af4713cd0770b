package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/integrations/file"
	"github.com/needle-okr/needle/internal/gqlread"
)

const backlog = "../../docs/examples/backlog.csv"

func TestUpload_bringsAFileInWithTwoCommands(t *testing.T) {
	t.Parallel()
	do := runWith(t)
	if got := do("migrate", "up"); got.status != 0 { // The queue's tables, which an upload wakes.
		t.Fatalf("%+v", got)
	}
	const me = "--as=owner@example.com"
	want := strings.ReplaceAll(`FILE: read Issue key as key, Issue id as id, Parent id as parent, Issue Type as type, Status as state, Resolution as reason, Summary as title, Labels as labels, Labels as labels, Assignee as assignees, Custom field (Story Points) as estimate, Created as created, Updated as updated, Resolved as closed
  insert SHOP-3       DROPPED     Refund twice
  insert SHOP-2       DONE        Refund without a call
  insert SHOP-1       IN_PROGRESS Refunds in a day
FILE: 3 rows: would store 3 new, 0 changed, 0 as they were; 0 put aside, 0 vanished; nothing was written
`, "FILE", backlog)
	for _, step := range []struct {
		args []string
		want ran
	}{
		{[]string{"upload", backlog, "--connection=Old Jira", me, "--create", "--dry-run"}, ran{0, want, ""}},
		{[]string{"sync", "Old Jira"}, ran{1, "", "needle: there is no connection \"Old Jira\"\n"}},
		{[]string{"upload", backlog, "--connection=Old Jira", me, "--create", "--set=timeZone=Europe/Berlin"}, ran{
			0, "made the connection \"Old Jira\"\n" + backlog + ": stored as version 1 of backlog.csv; the next pass reads it, needle sync \"Old Jira\" does now\n", "",
		}},
		{[]string{"upload", backlog, "--connection=Old Jira", me}, ran{0, backlog + ": nothing was written, version 1 is this file already\n", ""}},
	} {
		if diff := cmp.Diff(step.want, do(step.args...), cmp.AllowUnexported(ran{})); diff != "" {
			t.Errorf("%v: %s", step.args, diff)
		}
	}
	if got := do("sync", "Old Jira"); got.status != 0 || !strings.Contains(got.out, "3 new") {
		t.Errorf("the pass said %+v", got)
	}
	if got := do("upload", backlog, "--connection=Old Jira", me, "--dry-run"); !strings.Contains(got.out, "0 new, 0 changed, 3 as they were") {
		t.Errorf("a dry run after the pass said %+v", got)
	}
}

func TestUpload_refusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	do := runWith(t)
	const me = "--as=owner@example.com"
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	noIDs, odd := file("no-ids.csv", "title\nx\n"), file("odd.csv", "id,title,updated\n1,Slow,03/04/2026\n2,Fast,\n")
	if got := do("upload", backlog, "--connection=Files", me, "--create"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	for name, c := range map[string]struct {
		args []string
		want ran
	}{
		"nobody acts":                {[]string{backlog, "--connection=Files"}, ran{2, "", "needle: missing flags: --as=ADDRESS; needle --help shows what there is\n"}},
		"one who may not":            {[]string{backlog, "--connection=Files", "--as=viewer@example.com"}, ran{1, "", backlog + ": you may not upload files\nneedle: nothing was uploaded\n"}},
		"no such connection":         {[]string{backlog, "--connection=Nowhere", me}, ran{1, "", "needle: there is no connection \"Nowhere\"; --create makes one\n"}},
		"no such team":               {[]string{backlog, "--connection=Nowhere", me, "--create", "--team=NONE"}, ran{1, "", "needle: there is no team with the key NONE\n"}},
		"no such file":               {[]string{"nowhere.csv", "--connection=Files", me}, ran{1, "", "needle: opening the file: open nowhere.csv: no such file or directory\n"}},
		"a folder":                   {[]string{folder, "--connection=Files", me}, ran{1, "", "needle: " + folder + " is no plain file\n"}},
		"settings for what is there": {[]string{backlog, "--connection=Files", me, "--create", "--set=timeZone=UTC"}, ran{2, "", "needle: there is a connection \"Files\" already; updateConnection changes its settings\n"}},
		"settings without a reason":  {[]string{backlog, "--connection=Files", me, "--set=timeZone=UTC"}, ran{2, "", "needle: --set and --team go with --create; a connection that is there is changed by updateConnection\n"}},
		"a setting without a value":  {[]string{backlog, "--connection=New", me, "--create", "--set=timeZone"}, ran{2, "", "needle: --set timeZone is not NAME=VALUE\n"}},
		"an unknown setting":         {[]string{backlog, "--connection=New", me, "--create", "--set=colour=red"}, ran{1, "", backlog + ": this is not a setting of File\nneedle: nothing was uploaded\n"}},
		"no ids":                     {[]string{noIDs, "--connection=Files", me}, ran{1, "", noIDs + ": this file cannot be read: its first line names no column of ids or keys, by which an issue is known again; it has \"title\": name one with the setting idColumn\nneedle: nothing was uploaded\n"}},
		"a date of two meanings": {[]string{odd, "--connection=Files", me, "--dry-run"}, ran{
			0, odd + ": read id as id, title as title, updated as updated\n" +
				"  insert 2            TODO        Fast\n" + odd + ": 2 rows: would store 1 new, 0 changed, 0 as they were; 1 put aside, 0 vanished; nothing was written\n",
			odd + ": line 2: updated: \"03/04/2026\" can be read in two ways; say which with the setting dateFormat, as in DD/MM/YYYY or MM/DD/YYYY HH:mm\n",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, do(append([]string{"upload"}, c.args...)...), cmp.AllowUnexported(ran{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilesPage_namesEverySettingAndShowsWhatTheSchemaKnows(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range file.Driver().Fields {
		if !strings.Contains(string(page), "`"+f.Name+"`") {
			t.Errorf("the page does not tell of the setting %s", f.Name)
		}
	}
	schema := generated.NewReader(generated.Config{}, gqlread.Config{}).Schema()
	_, block, _ := strings.Cut(string(page), "```graphql\n")
	operation, _, _ := strings.Cut(block, "```")
	if _, err := gqlparser.LoadQueryWithRules(schema, operation, nil); err != nil || operation == "" {
		t.Errorf("%v in\n%s", err, operation)
	}
}
