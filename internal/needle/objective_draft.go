package needle

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxDraftPains is how many pain points one objective can be drafted from.
const MaxDraftPains = 20

// draftQuote is how much of a quote a drafted description repeats, in characters.
const draftQuote = 500

// DraftObjectiveInput drafts an objective from the pain it is to end.
type DraftObjectiveInput struct {
	PainPointIDs     []PainPointID
	TeamID           TeamID
	CycleID          CycleID
	Title            *string
	Description      *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in DraftObjectiveInput) Validate() error {
	c := check{prefix: "input"}
	switch n := len(in.PainPointIDs); {
	case n == 0:
		c.add("painPointIds", CodeRequired, "name at least one pain point")
	case n > MaxDraftPains:
		c.add("painPointIds", CodeOutOfRange, "an objective is drafted from at most "+strconv.Itoa(MaxDraftPains)+" pain points")
	}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	c.upTo("description", deref(in.Description), MaxText)
	return c.err()
}

// PainToEnd is a pain point that an objective is drafted from, and the newest that was heard of it.
type PainToEnd struct {
	*PainPoint
	// Newest is its newest evidence, that of its duplicates included; nil when it has none.
	Newest *Evidence
}

// DraftTitle returns a title that stands until people find a better one. It says no more than what is known: which pain
// shall be no more, the heaviest of them by name. pains is not empty.
func DraftTitle(pains []PainToEnd) string {
	heaviest := pains[0]
	for _, p := range pains[1:] {
		if p.outweighs(heaviest.PainPoint) {
			heaviest = p
		}
	}
	const start = "No more: "
	end := ""
	if n := len(pains) - 1; n > 0 {
		end = " and " + strconv.Itoa(n) + " more"
	}
	return start + shorten(heaviest.Title, MaxTitle-len(start)-len(end)) + end
}

// outweighs orders pain points by weight, then by severity, then by age.
func (p *PainPoint) outweighs(other *PainPoint) bool {
	if p.Weight != other.Weight {
		return p.Weight > other.Weight
	}
	if p.Severity != other.Severity {
		return p.Severity > other.Severity
	}
	return p.Number < other.Number
}

// DraftDescription lists the pain points with who has them and what was heard last.
func DraftDescription(pains []PainToEnd) string {
	var text strings.Builder
	text.WriteString("The pain this objective is to end:")
	for _, p := range pains {
		heard := "No evidence yet."
		if p.Newest != nil {
			heard = "“" + shorten(p.Newest.Body, draftQuote) + "” (" + p.Newest.ObservedAt.UTC().Format(time.DateOnly) + ")"
		}
		fmt.Fprintf(&text, "\n\n%s %s (severity %d, %s)\n%s", p.Key(), p.Title, p.Severity, reportersText(p.Reporters), heard)
	}
	return text.String()
}

func reportersText(n int) string {
	switch n {
	case 0:
		return "no reporters"
	case 1:
		return "1 reporter"
	default:
		return strconv.Itoa(n) + " reporters"
	}
}

// shorten cuts a text to limit characters; the last one of a text that was cut is an ellipsis.
func shorten(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
