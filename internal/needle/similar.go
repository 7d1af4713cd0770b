package needle

import (
	"strings"
	"unicode"
)

// SimilarReason is why a pain point is taken for similar to what somebody is writing.
type SimilarReason string

// The reasons.
const (
	SimilarTitle SimilarReason = "TITLE"
	SimilarWords SimilarReason = "WORDS"
)

// SimilarPainPoint is a pain point that may be the same as what somebody is writing.
type SimilarPainPoint struct {
	// PainPoint is what is there.
	PainPoint *PainPoint
	// Similarity runs from 0, nothing in common, to 1: of titles the share of common letter triples, of words the share
	// of the words asked for that are found.
	Similarity float64
	// Reason says which of the two it is, the greater one.
	Reason SimilarReason
}

// SimilarArgs is what somebody is writing about a pain.
type SimilarArgs struct {
	Title       string
	Description *string
	// First is how many answers there may be, 1 to MaxSimilar.
	First int
	// Excluding is left out, such as the pain point that is being written; nil leaves out none.
	Excluding *PainPointID
}

// MaxSimilar is the most answers about what is similar.
const MaxSimilar = 20

// What is similar is sought by the first words of a text only, long or not.
const (
	similarText     = 5_000
	similarWords    = 16
	similarWordSize = 40
)

// Validate returns a coded Error for a number of answers out of bounds. No text is refused, as it is still being written.
func (a SimilarArgs) Validate() error {
	var c check
	c.between("first", a.First, 1, MaxSimilar)
	return c.err()
}

// CleanTitle returns the title as titles are compared: in one line, and as long as a title may be.
func (a SimilarArgs) CleanTitle() string {
	return cut(strings.Join(strings.Fields(Clean(cut(a.Title, similarText))), " "), MaxTitle)
}

// Words returns the distinct words to look for, those of the title first: letters and digits only, in lower case. Words
// of less than three letters say nothing, and are used when there are no others.
func (a SimilarArgs) Words() []string {
	text := Clean(cut(a.Title, similarText) + " " + cut(deref(a.Description), similarText))
	known := map[string]bool{}
	var words, short []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if w = cut(w, similarWordSize); known[w] {
			continue
		}
		known[w] = true
		if isShort(w) {
			short = append(short, w)
		} else if words = append(words, w); len(words) == similarWords {
			return words
		}
	}
	if len(words) == 0 {
		words = short[:min(len(short), similarWords)]
	}
	return words
}

// isShort tells words of an alphabet that have less than three letters; in scripts without one two are a word.
func isShort(word string) bool {
	n := 0
	for _, r := range word {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			return false
		}
		n++
	}
	return n < 3
}

// cut returns at most the first limit characters of a text.
func cut(text string, limit int) string {
	n := 0
	for i := range text {
		if n == limit {
			return text[:i]
		}
		n++
	}
	return text
}
