// Package textdiff shows how a text changed, in parts that people can read.
package textdiff

import (
	"strings"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/needle-okr/needle/internal/needle"
)

// most is how many pieces may differ before larger pieces are compared: the time goes with the square of their number,
// and a text in which so much is new reads better by the line anyway.
const most = 1000

// Words returns the parts of two texts in order: those that both have, those that only the first has and those that only
// the second has. Words, spaces between them and signs are compared; where very much differs, lines are, and where even
// those are many, the whole text is one change. The same texts always have the same parts.
func Words(from, to string) []*needle.DiffPart {
	for _, cut := range []func(string) []string{words, lines} {
		a, b := cut(from), cut(to)
		if changed(a, b) <= most {
			return merge(compare(a, b))
		}
	}
	return merge(compare([]string{from}, []string{to}))
}

// words cuts a text into words, runs of spaces and single signs.
func words(text string) []string {
	var pieces []string
	start, last := 0, ' '
	for i, r := range text {
		goesOn := inWord(r) && inWord(last) || unicode.IsSpace(r) && unicode.IsSpace(last)
		if i > start && !goesOn {
			pieces, start = append(pieces, text[start:i]), i
		}
		last = r
	}
	if start < len(text) {
		pieces = append(pieces, text[start:])
	}
	return pieces
}

// inWord reports whether a character is part of a word; marks belong to the letter before them.
func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// lines cuts a text after each end of a line.
func lines(text string) []string { return strings.SplitAfter(text, "\n") }

// changed is how many pieces lie between what two texts have in common at their beginnings and at their ends.
func changed(a, b []string) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) + len(b)
}

// compare finds the way from one text to another by whole pieces. The library compares characters, so each piece goes by
// a character of its own, which stands for nothing.
func compare(from, to []string) []needle.DiffPart {
	known, pieces, next := map[string]rune{}, map[rune]string{}, rune(1)
	encode := func(text []string) []rune {
		out := make([]rune, len(text))
		for i, piece := range text {
			if known[piece] == 0 {
				known[piece], pieces[next] = next, piece
				if next++; next == firstSurrogate {
					next = lastSurrogate + 1
				}
			}
			out[i] = known[piece]
		}
		return out
	}
	library := diffmatchpatch.New()
	library.DiffTimeout = 0 // Answers depend on the texts, not on how busy the server is.
	var parts []needle.DiffPart
	for _, d := range library.DiffMainRunes(encode(from), encode(to), false) {
		var text strings.Builder
		for _, r := range d.Text {
			text.WriteString(pieces[r])
		}
		parts = append(parts, needle.DiffPart{Kind: kinds[d.Type], Text: text.String()})
	}
	return parts
}

var kinds = map[diffmatchpatch.Operation]needle.DiffKind{
	diffmatchpatch.DiffEqual: needle.DiffKeep, diffmatchpatch.DiffInsert: needle.DiffInsert, diffmatchpatch.DiffDelete: needle.DiffDelete,
}

// Surrogates are no characters of a string, so no piece goes by one.
const firstSurrogate, lastSurrogate = 0xD800, 0xDFFF

// merge joins changes that only spaces keep apart, "a b" that became "x y" being one change and not two, and lets what is
// put in or left out begin with a word where it can.
func merge(parts []needle.DiffPart) []*needle.DiffPart {
	var out []*needle.DiffPart
	add := func(kind needle.DiffKind, text string) {
		switch last := len(out) - 1; {
		case text == "":
		case last >= 0 && out[last].Kind == kind:
			out[last].Text += text
		default:
			out = append(out, &needle.DiffPart{Kind: kind, Text: text})
		}
	}
	var left, entered string
	flush := func() {
		add(needle.DiffDelete, left)
		add(needle.DiffInsert, entered)
		left, entered = "", ""
	}
	for i, p := range parts {
		switch {
		case p.Kind == needle.DiffDelete:
			left += p.Text
		case p.Kind == needle.DiffInsert:
			entered += p.Text
		case left != "" && entered != "" && i < len(parts)-1 && strings.TrimSpace(p.Text) == "":
			left, entered = left+p.Text, entered+p.Text
		default:
			spaces := leading(left + entered)
			if rest, ok := strings.CutPrefix(p.Text, spaces); ok && rest != "" && (left == "" || entered == "") {
				add(needle.DiffKeep, spaces)
				left, entered, p.Text = turned(left, spaces), turned(entered, spaces), rest
			}
			flush()
			add(needle.DiffKeep, p.Text)
		}
	}
	flush()
	return out
}

// leading returns the spaces that a text begins with.
func leading(text string) string {
	return text[:len(text)-len(strings.TrimLeftFunc(text, unicode.IsSpace))]
}

// turned moves the beginning of a text to its end; an empty text stays empty.
func turned(text, beginning string) string {
	rest, ok := strings.CutPrefix(text, beginning)
	if !ok {
		return text
	}
	return rest + beginning
}
