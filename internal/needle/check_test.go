package needle_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestClean_leavesWhatCanBeStored(t *testing.T) {
	t.Parallel()
	texts := rapid.Map(rapid.SliceOf(rapid.OneOf(
		rapid.Map(rapid.Rune(), func(r rune) string { return string(r) }),
		rapid.SampledFrom([]string{"\x00", "\xff", "\xc3", "\xed\xa0\x80", "a\x00b"}),
	)), func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		got := needle.Clean(s)
		if !utf8.ValidString(got) || strings.Contains(got, "\x00") {
			t.Errorf("%q was cleaned to %q", s, got)
		}
		if needle.Clean(got) != got {
			t.Errorf("%q cleaned twice is another", s)
		}
		if utf8.ValidString(s) && got != strings.ReplaceAll(s, "\x00", "") {
			t.Errorf("%q was cleaned to %q", s, got)
		}
		if utf8.RuneCountInString(got) > utf8.RuneCountInString(s) {
			t.Errorf("%q grew to %q, beyond what was checked", s, got)
		}
	})
}

func TestTexts_areNeitherEmptyNorEndless(t *testing.T) {
	t.Parallel()
	name := func(s string) error { return needle.UpdateWorkspaceInput{Name: &s}.Validate() }
	checkRules(t, []rule{
		{"a name", name("Shop"), ""},
		{"nothing", name(""), "REQUIRED input.name"},
		{"blanks", name(" \t\n"), "REQUIRED input.name"},
		{"what cleaning leaves nothing of", name("\x00 \x00"), "REQUIRED input.name"},
		{"the longest", name(strings.Repeat("ß", needle.MaxName)), ""},
		{"one too long", name(strings.Repeat("ß", needle.MaxName+1)), "TOO_LONG input.name"},
		{"absent", needle.UpdateWorkspaceInput{}.Validate(), ""},
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	link := func(url string) error {
		return needle.AddEvidenceInput{Evidence: needle.EvidenceInput{Body: "so", URL: &url}}.Validate(noon())
	}
	const wrong = "INVALID input.evidence.url"
	checkRules(t, []rule{
		{"https", link("https://desk.example/7?x=1#y"), ""},
		{"http", link("http://localhost:8080"), ""},
		{"none", link(""), ""},
		{"a script", link("javascript:alert(1)"), wrong},
		{"a file", link("file:///etc/passwd"), wrong},
		{"a path", link("/desk/7"), wrong},
		{"no host", link("https://"), wrong},
		{"a control character", link("https://desk.example/\x00"), wrong},
		{"too long", link("https://desk.example/" + strings.Repeat("x", needle.MaxURL)), "TOO_LONG input.evidence.url"},
	})
}
