package needle_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestSimilarArgs_Words(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		title, description string
		want               []string
	}{
		{"Refunds take TWO weeks", "Refunds: nobody tells us", []string{"refunds", "take", "two", "weeks", "nobody", "tells"}},
		{"a & | ! ( <-> :* x", "", []string{"a", "x"}},
		{"退款 太慢", "", []string{"退款", "太慢"}},
		{"Ж7-Ω8 über", "", []string{"über"}},
		{" \x00\xff ", "", nil},
		{strings.Repeat("x", 60), "", []string{strings.Repeat("x", 40)}},
	} {
		got := needle.SimilarArgs{Title: c.title, Description: &c.description}.Words()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q and %q:\n%s", c.title, c.description, diff)
		}
	}
}

// Whatever is written, the words are few, short and free of operators, and the title is one clean line.
func TestSimilarArgs_arePlain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := needle.SimilarArgs{Title: rapid.String().Draw(t, "title"), Description: ptr(rapid.String().Draw(t, "description"))}
		words := in.Words()
		if len(words) > 16 {
			t.Fatalf("%d words", len(words))
		}
		for _, w := range words {
			if w == "" || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				t.Fatalf("%q is no word", w)
			}
		}
		if title := in.CleanTitle(); title != needle.Clean(title) || strings.ContainsAny(title, "\n\t\x00") || len([]rune(title)) > needle.MaxTitle {
			t.Fatalf("%q is no title", title)
		}
	})
}
