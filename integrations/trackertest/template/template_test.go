package template_test

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/needle-okr/needle/integrations/trackertest"
)

func TestTracker_conforms(t *testing.T) {
	t.Parallel()
	trackertest.Run(t, newWorld)
}

// source reads a file of this folder.
func source(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTracker_isSmallAndNeedsNothingOfTheHouse(t *testing.T) {
	t.Parallel()
	lines := 0
	for _, name := range []string{"template.go", "convert.go"} {
		text := source(t, name)
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(path, ".") && path != "github.com/needle-okr/needle/integrations" {
				t.Errorf("%s imports %s: drivers live outside this module, too", name, path)
			}
		}
		for line := range strings.Lines(text) {
			if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "//") {
				lines++
			}
		}
	}
	if lines > 200 {
		t.Errorf("the driver has %d lines of code, and the page promises 200", lines)
	}
}

// TestPage demands that the page shows code that compiles: each block is in one of the files, line for line.
func TestPage_showsTheCodeThatIsTested(t *testing.T) {
	t.Parallel()
	all := source(t, "template.go") + source(t, "convert.go") + source(t, "template_test.go")
	blocks := strings.Split(source(t, "../../../docs/write-a-tracker.md"), "```go\n")[1:]
	if len(blocks) < 6 {
		t.Fatalf("the page shows %d pieces of code", len(blocks))
	}
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, "```")
		if !strings.Contains(all, code) {
			t.Errorf("the page shows what no file says:\n%s", code)
		}
	}
}
