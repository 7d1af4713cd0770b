package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

const example = "../../docs/examples/pain-points.csv"

// ran is what a command did.
type ran struct {
	status      int
	out, errors string
}

// runWith runs a command line on a database of its own, in which a workspace has an owner and somebody who may not
// import.
func runWith(t *testing.T) func(args ...string) ran {
	t.Helper()
	address := storetest.URL(t)
	f := storetest.Seed(t, storetest.Open(t, address))
	f.User(func(u *needle.User) { u.Email, u.Role = "viewer@example.com", needle.RoleViewer })
	return func(args ...string) ran {
		var out, problems bytes.Buffer
		status := run(t.Context(), args, &environment{
			stdout: &out, stderr: &problems, environ: func() []string { return nil },
			lookup: func(name string) (string, bool) { return address, name == "DATABASE_URL" },
		})
		return ran{status, out.String(), problems.String()}
	}
}

func TestImportPainPoints_isADryRunUntilItIsToldToCommit(t *testing.T) {
	t.Parallel()
	do := runWith(t)
	for _, step := range []struct {
		commit bool
		want   string
	}{
		{false, "would import 3 new, 0 changed, 0 as they were; nothing was written, --commit writes it"},
		{true, "imported 3 new, 0 changed, 0 as they were"},
		{true, "imported 0 new, 0 changed, 3 as they were"},
		{false, "would import 0 new, 0 changed, 3 as they were; nothing was written, --commit writes it"},
	} {
		args := []string{"import", "pain-points", example, "--as", "owner@example.com"}
		if step.commit {
			args = append(args, "--commit")
		}
		if diff := cmp.Diff(ran{0, example + ": " + step.want + "\n", ""}, do(args...), cmp.AllowUnexported(ran{})); diff != "" {
			t.Error(diff)
		}
	}
}

func TestImportPainPoints_tellsEveryProblemWithItsLine(t *testing.T) {
	t.Parallel()
	do := runWith(t)
	file := filepath.Join(t.TempDir(), "export.txt")
	if err := os.WriteFile(file, []byte("Ticket=id;title;Agent\n1;Slow;Bob\n;Late;Bob\n1;Fast;Bob\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := do("import", "pain-points", file, "--format", "csv", "--map", "Ticket=id=external_key", "--map", "agent=", "--commit", "--as", "owner@example.com")
	want := ran{1, "", strings.ReplaceAll(`FILE: line 3, Ticket=id: this must not be empty
FILE: line 4, title: line 2 is about the same pain point and says something else
needle: nothing was imported
`, "FILE", file)}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(ran{})); diff != "" {
		t.Error(diff)
	}
}

func TestImportPainPoints_refusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	do := runWith(t)
	const me = "--as=owner@example.com"
	for name, c := range map[string]struct {
		args []string
		want ran
	}{
		"nobody acts":        {[]string{example}, ran{2, "", "needle: missing flags: --as=ADDRESS; needle --help shows what there is\n"}},
		"a stranger":         {[]string{example, "--as=who@example.com"}, ran{1, "", "needle: looking for who@example.com: there is no such person\n"}},
		"one who may not":    {[]string{example, "--as=viewer@example.com"}, ran{1, "", example + ": you may not import pain points\nneedle: nothing was imported\n"}},
		"no such file":       {[]string{"nowhere.csv", me}, ran{1, "", "needle: opening the file: open nowhere.csv: no such file or directory\n"}},
		"a name of no kind":  {[]string{"import.go", me}, ran{2, "", "needle: the file's name does not say how it is written; say --format csv or --format jsonl\n"}},
		"a column twice":     {[]string{example, me, "--map=a=", "--map=A=title"}, ran{1, "", "--map A=title: this column has a meaning already\nneedle: nothing was imported\n"}},
		"a map of no column": {[]string{example, me, "--map=title"}, ran{2, "", "needle: --map title is not COLUMN=FIELD\n"}},
		"an unknown field":   {[]string{example, me, "--map=a=b"}, ran{2, "", `needle: there is no field "b"; there are external_key, title, description, category, severity, reporter, segment, quote, source, url, observed_at` + "\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := do(append([]string{"import", "pain-points"}, c.args...)...)
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(ran{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestImportPage_showsOperationsThatTheSchemaKnows(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	schema := generated.NewReader(generated.Config{}, gqlread.Config{}).Schema()
	blocks := strings.Split(string(page), "```graphql\n")[1:]
	if len(blocks) != 2 {
		t.Fatalf("the page has %d operations", len(blocks))
	}
	for _, block := range blocks {
		operation, _, _ := strings.Cut(block, "```")
		if _, err := gqlparser.LoadQueryWithRules(schema, operation, nil); err != nil {
			t.Errorf("%v in\n%s", err, operation)
		}
	}
	for _, field := range needle.PainFileFields() {
		if !strings.Contains(string(page), "\n| `"+strings.ToLower(string(field))+"`") {
			t.Errorf("the page does not tell of the field %s", field)
		}
	}
}
