package painfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func ptr[T any](v T) *T { return &v }

func day(d int) *time.Time { return ptr(time.Date(2026, time.February, d, 0, 0, 0, 0, time.UTC)) }

// example is what both files of docs/examples say.
func example() []*needle.UpsertPainPointInput {
	return []*needle.UpsertPainPointInput{
		{
			ExternalKey: "SUP-101", Title: "Refunds take two weeks",
			Description: ptr("Customers wait for their money\nand nobody tells them why."), Category: ptr("COMMUNICATION"), Severity: ptr(5),
			Evidence: []*needle.UpsertEvidenceInput{
				{EvidenceInput: needle.EvidenceInput{
					Source: needle.EvidenceTicket, Body: `Where is my money? You said "soon".`, Customer: ptr("Acme"), Segment: ptr("enterprise"),
					URL: ptr("https://support.example/101"), ObservedAt: ptr(day(3).Add(10*time.Hour + 15*time.Minute)),
				}},
				{EvidenceInput: needle.EvidenceInput{
					Source: needle.EvidenceInterview, Body: "We keep a spreadsheet of refunds.", Customer: ptr("Globex"), ObservedAt: day(10),
				}},
			},
			Reports: []*needle.UpsertPainReportInput{{Reporter: "Initech", Segment: ptr("small"), ReportedAt: day(11)}},
		},
		{
			ExternalKey: "SUP-102", Title: "Receipts cannot be found again", Category: ptr("COMPLEXITY"), Severity: ptr(2),
			Evidence: []*needle.UpsertEvidenceInput{{EvidenceInput: needle.EvidenceInput{
				Source: needle.EvidenceQuote, Body: "I search my inbox every time.", Customer: ptr("Acme"), Segment: ptr("enterprise"),
				ObservedAt: ptr(day(12).Add(8*time.Hour + 30*time.Minute)),
			}}},
		},
		{ExternalKey: "SUP-103", Title: "The app forgets the delivery address"},
	}
}

// read reads a text, and may not fail but for what is wrong with its lines.
func read(t testing.TB, format needle.PainFileFormat, text string, mapping ...*needle.PainFileColumnInput) *File {
	t.Helper()
	f, err := Read(strings.NewReader(text), needle.PainFile{Format: format, Mapping: mapping})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantPainPoints(t *testing.T, f *File, want []*needle.UpsertPainPointInput) {
	t.Helper()
	if problems := f.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff(want, f.PainPoints); diff != "" {
		t.Errorf("the pain points are others:\n%s", diff)
	}
}

// told lists problems by what people read.
func told(problems needle.Errors) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Message)
	}
	return out
}

func wantTold(t *testing.T, f *File, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, told(f.Problems())); diff != "" {
		t.Errorf("the problems are others:\n%s", diff)
	}
}

func TestRead_ofTheExamples(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]needle.PainFileFormat{"pain-points.csv": needle.PainFileCSV, "pain-points.jsonl": needle.PainFileJSONL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("../../../docs/examples/" + name)
			if err != nil {
				t.Fatal(err)
			}
			f := read(t, format, string(text))
			wantPainPoints(t, f, example())
			if f.Lines != 5 {
				t.Errorf("it has %d lines", f.Lines)
			}
			crlf := bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
			wantPainPoints(t, read(t, format, "\xEF\xBB\xBF"+string(crlf)), example())
			slow, err := Read(iotest.OneByteReader(bytes.NewReader(text)), needle.PainFile{Format: format})
			if err != nil {
				t.Fatal(err)
			}
			wantPainPoints(t, slow, example())
		})
	}
}

func TestRead_findsOutWhatPartsValues(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"comma":           "external_key,title\nA,\"One; two\"\n",
		"semicolon":       "external_key;title\nA;One; two\n",
		"tab":             "external_key\ttitle\nA\tOne; two\n",
		"quoted names":    "\"external_key\";\"title\";\"description\"\nA;\"One; two\";\n",
		"one more column": "external_key;title;\nA;\"One; two\";\n;;\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := text
			if name == "semicolon" {
				text = strings.ReplaceAll(text, "One; two", "\"One; two\"")
			}
			wantPainPoints(t, read(t, needle.PainFileCSV, text), []*needle.UpsertPainPointInput{{ExternalKey: "A", Title: "One; two"}})
		})
	}
}

func TestRead_goesByTheMapping(t *testing.T) {
	t.Parallel()
	mapping := []*needle.PainFileColumnInput{
		{Column: "ticket ID", Field: ptr(needle.PainFileExternalKey)},
		{Column: " Problem ", Field: ptr(needle.PainFileTitle)},
		{Column: "Agent"},
		{Column: "Said", Field: ptr(needle.PainFileQuote)},
	}
	want := []*needle.UpsertPainPointInput{{ExternalKey: "7", Title: "Slow", Evidence: []*needle.UpsertEvidenceInput{
		{EvidenceInput: needle.EvidenceInput{Source: needle.EvidenceQuote, Body: "So slow", Customer: ptr("Acme")}},
	}}}
	wantPainPoints(t, read(t, needle.PainFileCSV, "Ticket Id,PROBLEM,Agent,Said,Customer\n7,Slow,Bob,So slow,Acme\n", mapping...), want)
	wantPainPoints(t, read(t, needle.PainFileJSONL, `{"Ticket Id": 7, "PROBLEM": "Slow", "Agent": ["Bob"], "Said": "So slow", "Customer": "Acme", "severity": null}`, mapping...), want)

	f := read(t, needle.PainFileCSV, "Ticket Id,PROBLEM,Said,Customer\n8,Slow,,\n9,,,Acme\n", mapping...)
	wantTold(t, f, "line 1, Agent: the file has no such column")
	f = read(t, needle.PainFileCSV, "Ticket Id,PROBLEM,Agent,Said,Segment,Severity\n8,Slow,,,shops,much\n8,Fast,,,,\n", mapping...)
	wantTold(t, f,
		"line 2, Severity: this must be a whole number from 1 to 5",
		"line 2, Segment: this says nothing without a Said or a reporter",
		"line 3, PROBLEM: line 2 is about the same pain point and says something else",
	)
	_, err := Read(strings.NewReader(""), needle.PainFile{Format: needle.PainFileCSV, Mapping: []*needle.PainFileColumnInput{
		{Column: "a", Field: ptr(needle.PainFileTitle)}, {Column: "A"}, {Column: "b", Field: ptr(needle.PainFileTitle)},
	}})
	want2 := "input.mapping.1.column: this column has a meaning already; input.mapping.2.field: another column means this already"
	if err == nil || err.Error() != want2 {
		t.Errorf("got %v", err)
	}
}

func TestRead_tellsWhatIsWrongWithNames(t *testing.T) {
	t.Parallel()
	const fields = "there is no such field; say which one it is, or that it is to be passed over; fields are " +
		"external_key, title, description, category, severity, reporter, segment, quote, source, url, observed_at"
	wantTold(t, read(t, needle.PainFileCSV, "title,Customer,reporter,priority\nx,y,z,1\n"),
		"line 1, reporter: Customer says the same already", "line 1, priority: "+fields, "line 1, external_key: the file lacks this column")
	wantTold(t, read(t, needle.PainFileCSV, "\n\nid\n1\n"),
		"line 3, id: "+fields, "line 3, external_key: the file lacks this column", "line 3, title: the file lacks this column")
	wantTold(t, read(t, needle.PainFileJSONL, `{"external_key": "1", "title": "a", "priority": 1, "reporter": "x", "customer": "y"}`+"\n"+
		`{"external_key": "2", "title": "b", "priority": 1}`), "line 1, priority: "+fields, "line 1, customer: reporter says the same already")
	for format, text := range map[needle.PainFileFormat][]string{
		needle.PainFileCSV:   {"", "\n", "\xEF\xBB\xBF"},
		needle.PainFileJSONL: {"", "\n\n"},
	} {
		for _, empty := range text {
			if problems := read(t, format, empty).Problems(); len(problems) != 1 || problems[0].Code != needle.CodeRequired {
				t.Errorf("%s %q: %v", format, empty, problems)
			}
		}
		wantTold(t, read(t, format, "\xFF\xFEe\x00x\x00"), "line 1: this file is written in UTF-16; save it in UTF-8")
	}
}

func TestRead_tellsTheLineOfEveryProblem(t *testing.T) {
	t.Parallel()
	f := read(t, needle.PainFileCSV, `external_key,title,severity,quote,source,url,observed_at,customer
A,"Two
lines",much,"And
three
more",rumour,,soon,
,No key,,,,,,
B,Too,many,values,,,,,,
C,"Not "closed" well",,,,,,
D,Bare "quote",,,,,,
E,Lost,,,TICKET,https://x.example,2026-02-01,
F,Lost too,,,TICKET,,2026-02-01,Acme
G,`+"Caf\xe9"+`,,,,,,
H,Fine,3,,,,,
`)
	wantTold(t, f,
		"line 2, severity: this must be a whole number from 1 to 5",
		"line 2, observed_at: this must be a time like 2026-10-01T09:30:00Z, 2026-10-01 09:30 or 2026-10-01",
		"line 2, source: this must be one of QUOTE, TICKET, INTERVIEW, SURVEY, METRIC",
		"line 6, external_key: this must not be empty",
		"line 7: this line has 10 values, and there are 8 names",
		"line 8: a quoted value that begins here does not end as it should: a quotation mark inside it is written twice",
		"line 9: a quotation mark in a value that is not quoted: quote the value and write the mark twice",
		"line 10, source: this says nothing without a quote or a customer",
		"line 10, url: this says nothing without a quote or a customer",
		"line 10, observed_at: this says nothing without a quote or a customer",
		"line 11, source: this says nothing without a quote",
		"line 12, title: this is not UTF-8; save the file in UTF-8",
	)
	if diff := cmp.Diff([]string{"input", "content", "2", "severity"}, f.Problems()[0].Field); diff != "" {
		t.Error(diff)
	}
	f = read(t, needle.PainFileJSONL, strings.Join([]string{
		`{"external_key": "A", "title": "a", "severity": "3", "quote": ["x"]}`, ``, `not JSON`, `[1]`, `{"title": "b"} {"title": "c"}`,
		`{"external_key": "B"`, `{"external_key": true, "title": "d"}`, `{"external_key": "C", "title": "` + "\xe9" + `"}`,
		`{"external_key": "D", "title": "d", "title": "e"}`, `{"external_key": "E", "title": "e", "severity": 4.5}`, `"text"`, `null`,
	}, "\n"))
	wantTold(t, f,
		"line 1, quote: this must be a text or a number",
		"line 3: this is not one JSON object", "line 4: this is not one JSON object", "line 5: this is not one JSON object", "line 6: this is not one JSON object",
		"line 7, external_key: this must be a text or a number", "line 7, external_key: this must not be empty",
		"line 8: this is not UTF-8; save the file in UTF-8",
		"line 9, title: title says the same already",
		"line 10, severity: this must be a whole number from 1 to 5",
		"line 11: this is not one JSON object", "line 12: this is not one JSON object",
	)
}

func TestAbout_tellsTheLineThatAPartCameFrom(t *testing.T) {
	t.Parallel()
	f := read(t, needle.PainFileCSV, `external_key,title,category,quote,customer,observed_at
B,Other,,,,
A,,,First,,2026-02-01
A,Title,,Second,Acme,
A,,NOWHERE,,Globex,2026-02-01
`)
	wantTold(t, f)
	for field, want := range map[string]string{
		"title": "line 4, title: x", "category": "line 5, category: x", "externalKey": "line 3, external_key: x", "severity": "line 3, severity: x",
		"evidence.0.observedAt": "line 3, observed_at: x", "evidence.1.customer": "line 4, customer: x",
		"reports.0.reportedAt": "line 5, observed_at: x", "": "line 3: x",
	} {
		f := *f
		f.About(1, needle.Invalid(field, needle.CodeInvalid, "x"))
		wantTold(t, &f, want)
	}
	if *f.FirstLine(0) != 2 || *f.FirstLine(1) != 3 {
		t.Errorf("they begin in lines %d and %d", *f.FirstLine(0), *f.FirstLine(1))
	}
}

func TestProblems_areToldUpToAHundred(t *testing.T) {
	t.Parallel()
	f := read(t, needle.PainFileCSV, "external_key,title\n"+strings.Repeat(",x\n", 250))
	problems := told(f.Problems())
	if len(problems) != 101 || problems[99] != "line 101, external_key: this must not be empty" || problems[100] != "and 150 further problems" {
		t.Errorf("%d problems, the last are %v", len(problems), problems[max(0, len(problems)-2):])
	}
}

func TestRead_refusesLargeFilesAndPassesFaultsOn(t *testing.T) {
	t.Parallel()
	for _, format := range []needle.PainFileFormat{needle.PainFileCSV, needle.PainFileJSONL} {
		row := "A,B," + strings.Repeat("x", 1<<20) + "\n"
		_, err := Read(strings.NewReader("external_key,title,description\n"+strings.Repeat(row, 11)), needle.PainFile{Format: format})
		if !strings.Contains(err.Error(), "at most 10 MiB") {
			t.Errorf("%s: %v", format, err)
		}
		_, err = Read(io.MultiReader(strings.NewReader("external_key,title\nA,B\n"), iotest.ErrReader(io.ErrUnexpectedEOF)), needle.PainFile{Format: format})
		if !errors.Is(err, io.ErrUnexpectedEOF) || needle.UserErrors(err) != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, err := Read(strings.NewReader(""), needle.PainFile{Format: "XML"}); err == nil {
		t.Error("XML is a format")
	}
}

// What is written as CSV or JSONL by the rules of either is read as it was.
func TestRead_givesBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[a-zA-Z0-9 ,;"'\n\tÄ€]{0,12}`)
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(text, 3, 3), 1, 8).Draw(rt, "rows")
		comma := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(rt, "comma")
		var csv, jsonl strings.Builder
		csv.WriteString("external_key" + comma + "title" + comma + "quote\n")
		for i, row := range rows {
			key := fmt.Sprint("key ", i)
			fmt.Fprintf(&csv, "%s%s%s%s%s\n", key, comma, quoted(row[1]), comma, quoted(row[2]))
			fmt.Fprintf(&jsonl, `{"external_key": %q, "title": %q, "quote": %q}`+"\n", key, row[1], row[2])
		}
		a, errA := Read(strings.NewReader(csv.String()), needle.PainFile{Format: needle.PainFileCSV})
		b, errB := Read(strings.NewReader(jsonl.String()), needle.PainFile{Format: needle.PainFileJSONL})
		if err := errors.Join(errA, errB); err != nil {
			rt.Fatal(err)
		}
		if len(a.Problems())+len(b.Problems()) > 0 {
			rt.Fatal(a.Problems(), b.Problems())
		}
		if diff := cmp.Diff(a.PainPoints, b.PainPoints); diff != "" {
			rt.Fatalf("CSV (-) and JSONL (+) differ:\n%s", diff)
		}
		for i, p := range a.PainPoints {
			if p.Title != strings.TrimSpace(rows[i][1]) || len(p.Evidence) > 0 && p.Evidence[0].Body != strings.TrimSpace(rows[i][2]) {
				rt.Fatalf("%+v is not %q", p, rows[i])
			}
		}
	})
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func FuzzCSV(f *testing.F) { fuzz(f, needle.PainFileCSV, "../../../docs/examples/pain-points.csv") }

func FuzzJSONL(f *testing.F) {
	fuzz(f, needle.PainFileJSONL, "../../../docs/examples/pain-points.jsonl")
}

// fuzz demands of any bytes that they are read to the end, that every problem names a line there is, and that what has
// no problems can be looked up by line.
func fuzz(f *testing.F, format needle.PainFileFormat, file string) {
	f.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("external_key;title\nA;\"b\nc\"\n\nA;d\n"))
	f.Add([]byte("{\"external_key\":1,\"title\":\"\\ud800\",\"x\":{}}\r\n{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Read(bytes.NewReader(text), needle.PainFile{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		last := bytes.Count(text, []byte("\n")) + 1
		for i, p := range got.PainPoints {
			if p.ExternalKey == "" || *got.FirstLine(i) < 1 || *got.FirstLine(i) > last {
				t.Errorf("%+v in line %d", p, *got.FirstLine(i))
			}
			for _, e := range needle.UserErrors(p.Validate(time.Now())) {
				got.About(i, e)
			}
		}
		problems := got.Problems()
		for _, p := range problems[:min(len(problems), maxProblems)] {
			var line int
			if _, err := fmt.Sscan(p.Field[2], &line); err != nil || line < 1 || line > last {
				t.Errorf("%v is about line %q of %d", p, p.Field, last)
			}
		}
		if slices.ContainsFunc(problems, func(e *needle.Error) bool { return strings.ContainsRune(e.Message, 0) }) {
			t.Error("a problem holds a NUL")
		}
	})
}
