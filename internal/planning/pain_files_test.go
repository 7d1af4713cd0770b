package planning_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// file reads an example of the documentation.
func file(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestImportPainPoints(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	csv := file(t, "pain-points.csv")
	type input = needle.ImportPainPointsInput
	useCase[input, needle.PainPoint]{
		do: func(p *planning.Planner, ctx context.Context, in input) (*needle.PainPoint, error) {
			done, err := p.ImportPainPoints(ctx, in)
			return firstImported(ctx, h, done, err)
		},
		action: needle.ActImportPain, verb: needle.VerbCreated,
		valid: func(*world) input {
			return input{
				Format: needle.PainFileCSV, Content: csv, DryRun: ptr(false),
				Mapping: []*needle.PainFileColumnInput{{Column: "title", Field: ptr(needle.PainFileTitle)}},
			}
		},
		refused: []refusal[input]{
			{
				name: "too long, with names of nothing",
				change: func(_ *world, in *input) {
					in.Content, in.Mapping[0].Column = strings.Repeat("x", 1_000_001), " "
				},
				want: []string{"TOO_LONG input.content", "REQUIRED input.mapping.0.column"},
			},
			{
				name: "what is wrong with any line and what the database knows of any, in the order of lines",
				change: func(w *world, in *input) {
					in.Content = "external_key,title,category,severity,url,quote\nA,,,,,\nB,x,nowhere,,,\nC,x,,much,,\nD,x,,,nowhere,x\nE,x,,,,\n"
					w.f.PainPoint(func(p *needle.PainPoint) {
						p.ExternalKey, p.Status, p.DismissedReason = "E", needle.PainDismissed, "Gone"
					})
				},
				want: []string{
					"REQUIRED input.content.2.title", "NOT_FOUND input.content.3.category", "INVALID input.content.4.severity",
					"INVALID input.content.5.url", "CONFLICT input.content.6.external_key",
				},
			},
			{
				name:   "more problems than anybody reads",
				change: func(_ *world, in *input) { in.Content = "external_key,title\n" + strings.Repeat(",\"\"\n,x\n", 130) },
				want: func() (want []string) {
					for i := range 100 {
						want = append(want, fmt.Sprintf("REQUIRED input.content.%d.external_key", 2*i+3))
					}
					return append(want, "INVALID input.content")
				}(),
			},
		},
	}.run(t, h)
}

func TestImportPainPoints_ofBothFormatsIsTheSame(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	csv := needle.ImportPainPointsInput{Format: needle.PainFileCSV, Content: file(t, "pain-points.csv"), DryRun: ptr(false)}
	done := must[needle.PainImport](t)(w.planner.ImportPainPoints(w.ctx, csv))
	if done.Created != 3 || done.Updated+done.Unchanged != 0 || done.DryRun {
		t.Errorf("it says %s", asJSON(t, done))
	}
	if got := *done.PainPoints[1].Line; got != 6 {
		t.Errorf("the second begins in line %d", got)
	}
	before := fingerprint(t, w)
	for _, again := range []needle.ImportPainPointsInput{csv, {Format: needle.PainFileJSONL, Content: file(t, "pain-points.jsonl"), DryRun: ptr(false)}} {
		done = must[needle.PainImport](t)(w.planner.ImportPainPoints(w.ctx, again))
		if done.Unchanged != 3 || done.Created+done.Updated != 0 {
			t.Errorf("the second time it says %s", asJSON(t, done))
		}
		if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
			t.Errorf("the second time wrote something:\n%s", diff)
		}
	}
}

func TestImportPainPoints_isADryRunUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	before := fingerprint(t, w)
	done := must[needle.PainImport](t)(w.planner.ImportPainPoints(w.ctx, needle.ImportPainPointsInput{
		Format: needle.PainFileCSV, Content: file(t, "pain-points.csv"),
	}))
	if !done.DryRun || done.Created != 3 {
		t.Errorf("it says %s", asJSON(t, done))
	}
	if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

func TestImportPainFile_ofManyLinesIsOneTransaction(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	var text strings.Builder
	text.WriteString("external_key,title,customer,quote\n")
	for i := range 1200 {
		fmt.Fprintf(&text, "K%d,Title %d,Customer %d,Quote %d\n", i, i, i%7, i)
	}
	how := needle.PainFile{Format: needle.PainFileCSV}
	done := must[needle.PainImport](t)(w.planner.ImportPainFile(w.ctx, strings.NewReader(text.String()), how))
	if done.Created != 1200 || len(done.PainPoints) != needle.MaxImported {
		t.Errorf("%d were captured, %d are told of", done.Created, len(done.PainPoints))
	}
	before := fingerprint(t, w)
	text.WriteString("K1200,One more,,\nK3,,,,\n")
	_, err := w.planner.ImportPainFile(w.ctx, strings.NewReader(text.String()), how)
	wantProblems(t, err, "INVALID input.content.1203")
	if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// anyFile draws a file of a few pain points that share keys, words and customers.
func anyFile(t *rapid.T) string {
	var text strings.Builder
	text.WriteString("external_key;title;description;severity;category;reporter;segment;quote;source;observed_at\n")
	draw := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	titles := map[string]string{}
	for range rapid.IntRange(1, 8).Draw(t, "lines") {
		key := draw("key", "A", "B", "C", "D")
		if titles[key] == "" {
			titles[key] = strings.Join([]string{
				draw("title", "Slow", "Late"), draw("description", "", "More"), draw("severity", "", "1", "5"), draw("category", "", "quality", "COMPLEXITY"),
			}, ";")
		}
		fmt.Fprintf(&text, "%s;%s;", key, titles[key])
		when := draw("when", "", "2026-02-01", "2026-03-01 10:00", storetest.Now().Format("2006-01-02 15:04"))
		if draw("heard", "yes", "no") == "no" {
			text.WriteString(";;;;\n")
			continue
		}
		if quote := draw("quote", "", "Where is it?", "\"a;b\""); quote != "" {
			fmt.Fprintf(&text, "%s;%s;%s;%s;%s\n", draw("reporter", "", "Acme", "Globex"), draw("segment", "", "shops"), quote, draw("source", "", "ticket"), when)
		} else {
			fmt.Fprintf(&text, "%s;%s;;;%s\n", draw("reporter", "Acme", "Globex"), draw("segment", "", "shops"), when)
		}
	}
	return text.String()
}

// Whatever was imported before: a dry run says what the real one does and writes nothing, and the second time the same
// file changes nothing.
func TestImportPainPoints_anyFileTwiceIsTheSameAsOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	rapid.Check(t, func(rt *rapid.T) {
		in := needle.ImportPainPointsInput{Format: needle.PainFileCSV, Content: anyFile(rt)}
		run := func(dryRun bool) *needle.PainImport {
			in.DryRun = &dryRun
			done, err := w.planner.ImportPainPoints(w.ctx, in)
			if err != nil {
				rt.Fatal(err)
			}
			return done
		}
		before := fingerprint(t, w)
		dry := run(true)
		if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
			rt.Fatalf("the dry run wrote something:\n%s", diff)
		}
		if diff := cmp.Diff(actions(dry), actions(run(false))); diff != "" {
			rt.Fatalf("the dry run (-) says something else than the real one (+) does:\n%s", diff)
		}
		before = fingerprint(t, w)
		again := run(false)
		if again.Unchanged != len(again.PainPoints) {
			rt.Fatalf("the second time it says %s", asJSON(t, again))
		}
		if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
			rt.Fatalf("the second time wrote something:\n%s", diff)
		}
	})
}
