package textdiff_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/textdiff"
)

// written renders parts as people mark a text up: [-left out-] and {+put in+}.
func written(parts []*needle.DiffPart) string {
	var text strings.Builder
	for _, p := range parts {
		switch p.Kind {
		case needle.DiffKeep:
			text.WriteString(p.Text)
		case needle.DiffDelete:
			text.WriteString("[-" + p.Text + "-]")
		case needle.DiffInsert:
			text.WriteString("{+" + p.Text + "+}")
		}
	}
	return text.String()
}

func TestWords_readsAsPeopleWouldMarkIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"", "Refunds", "{+Refunds+}"},
		{"Refunds", "", "[-Refunds-]"},
		{"Refunds are quick", "Refunds are quick", "Refunds are quick"},
		{"Refunds are quick", "Refunds are instant", "Refunds are [-quick-]{+instant+}"},
		{"Refunds are quick", "Refunds are very quick", "Refunds are {+very +}quick"},
		{"Refunds are quick.", "Refunds are quick, and safe.", "Refunds are quick{+, and safe+}."},
		{"a b c d", "a x y d", "a [-b c-]{+x y+} d"},
		{"Erstattungen für Kölner", "Erstattungen für Münchner", "Erstattungen für [-Kölner-]{+Münchner+}"},
		{"to the money", "to the customer's money", "to the {+customer's +}money"},
		{"one two three", "one three", "one [-two -]three"},
		{"one two", "one", "one[- two-]"},
		{"14", "7.5", "[-14-]{+7.5+}"},
		{"one\ntwo", "one\n\ntwo", "one[-\n-]{+\n\n+}two"},
		{"日本 語", "日本 誤", "日本 [-語-]{+誤+}"},
		{"👍 👎", "👎", "[-👍 -]👎"},
	} {
		if diff := cmp.Diff(c.want, written(textdiff.Words(c.from, c.to))); diff != "" {
			t.Errorf("%q to %q:\n%s", c.from, c.to, diff)
		}
	}
}

// halves puts the two texts together again.
func halves(parts []*needle.DiffPart) (from, to string) {
	var was, is strings.Builder
	for _, p := range parts {
		if p.Kind != needle.DiffInsert {
			was.WriteString(p.Text)
		}
		if p.Kind != needle.DiffDelete {
			is.WriteString(p.Text)
		}
	}
	return was.String(), is.String()
}

func TestWords_losesAndInventsNothing(t *testing.T) {
	t.Parallel()
	text := rapid.StringOf(rapid.SampledFrom([]rune("abAB  \n\t.,é́日👍\uFFFD\U0010FFFF")))
	rapid.Check(t, func(rt *rapid.T) {
		checkHalves(rt.Errorf, text.Draw(rt, "from"), text.Draw(rt, "to"))
	})
}

func FuzzWords(f *testing.F) {
	f.Add("Refunds are quick", "Refunds are instant")
	f.Add("\xff a", "a \x00")
	f.Fuzz(func(t *testing.T, from, to string) { checkHalves(t.Errorf, from, to) })
}

func checkHalves(errorf func(string, ...any), from, to string) {
	parts := textdiff.Words(from, to)
	if was, is := halves(parts); was != from || is != to {
		errorf("%q to %q became %q to %q", from, to, was, is)
	}
	for i, p := range parts {
		if p.Text == "" || i > 0 && p.Kind == parts[i-1].Kind {
			errorf("%q to %q: part %d is empty or goes on from the one before: %s", from, to, i, written(parts))
		}
	}
}

// numbered is a long text of which no two words are equal.
func numbered(words int, first, between string) string {
	out := make([]string, words)
	for i := range out {
		out[i] = first + strconv.Itoa(i)
	}
	return strings.Join(out, between)
}

func TestWords_takesLongTextsInItsStride(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, to string
		parts          int
	}{
		{"one word of many", numbered(9000, "a", " "), strings.Replace(numbered(9000, "a", " "), "a4000 ", "b ", 1), 4},
		{"every word", numbered(9000, "a", " "), numbered(9000, "b", " "), 2},
		{"every line", numbered(9000, "a", "\n"), numbered(9000, "b", "\n"), 2},
		{"every word of some lines", "kept\n" + numbered(3000, "a", " ") + "\nkept", "kept\n" + numbered(3000, "b", " ") + "\nkept", 4},
	} {
		parts := textdiff.Words(c.from, c.to)
		if was, is := halves(parts); was != c.from || is != c.to || len(parts) != c.parts {
			t.Errorf("%s: %d parts, want %d, of %d and %d characters", c.name, len(parts), c.parts, len(was), len(is))
		}
	}
}

func TestWords_keepsMoreThanSixtyThousandPiecesApart(t *testing.T) {
	t.Parallel()
	// More different pieces than there are characters before the surrogates.
	from := numbered(60_000, "w", " ")
	to := strings.Replace(from, "w59999", "end", 1)
	if was, is := halves(textdiff.Words(from, to)); was != from || is != to {
		t.Error("the texts are others")
	}
}
