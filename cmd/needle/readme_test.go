package main

import (
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/config"
	"github.com/needle-okr/needle/internal/gqlread"
)

func readme(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestReadme_listsEverySetting(t *testing.T) {
	t.Parallel()
	if !strings.Contains(readme(t), "\n"+config.Table()+"\n") {
		t.Errorf("the README's table of settings is not this one:\n%s", config.Table())
	}
}

func TestReadme_namesEveryDriver(t *testing.T) {
	t.Parallel()
	registry, err := drivers()
	if err != nil {
		t.Fatal(err)
	}
	text := readme(t)
	for _, d := range registry.Drivers() {
		row := "\n| `" + d.Kind + "` |"
		_, rest, found := strings.Cut(text, row)
		if !found {
			t.Errorf("the README has no row that begins with %q", row)
			continue
		}
		line, _, _ := strings.Cut(rest, "\n")
		for _, f := range d.Fields {
			if !strings.Contains(line, "`"+f.Name+"`") {
				t.Errorf("the row of %s does not name the setting %s", d.Kind, f.Name)
			}
		}
	}
}

func TestReadme_asksTheDemosQuestion(t *testing.T) {
	t.Parallel()
	bare := strings.NewReplacer(" ", "", "\n", "")
	if !strings.Contains(bare.Replace(readme(t)), bare.Replace(question)) {
		t.Errorf("the README's query is not the one that the demo prints:\n%s", question)
	}
}

func TestReadme_showsOperationsThatTheSchemaKnows(t *testing.T) {
	t.Parallel()
	schema := generated.NewReader(generated.Config{}, gqlread.Config{}).Schema()
	blocks := strings.Split(readme(t), "```graphql\n")[1:]
	if len(blocks) < 2 {
		t.Fatalf("the README has %d operations", len(blocks))
	}
	for _, block := range blocks {
		operation, _, _ := strings.Cut(block, "```")
		if _, err := gqlparser.LoadQueryWithRules(schema, operation, nil); err != nil {
			t.Errorf("%v in\n%s", err, operation)
		}
	}
}
