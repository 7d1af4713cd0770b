package needle

import (
	"regexp"
	"strconv"
	"strings"
)

// ImpliedGoal is what a wording says in numbers. It is offered to people and never taken over by itself.
type ImpliedGoal struct {
	// Baseline is the start that the wording names, as in "from 12 to 4"; nil when it names none.
	Baseline *float64
	// Target is the end that it names, or what RelativeChange comes to; nil while there is nothing to change.
	Target *float64
	// RelativeChange is the change of a share that it asks for, as in -0.5 for "halve"; nil when it names an end.
	RelativeChange *float64
}

// ImpliedGoal returns what the key result's wording says in numbers; nil when it says none that can be read for sure.
func (k *KeyResult) ImpliedGoal() *ImpliedGoal {
	g := ReadWording(k.Wording)
	if g != nil && g.RelativeChange != nil && k.Baseline != nil {
		target := Changed(*k.Baseline, *g.RelativeChange)
		g.Target = &target
	}
	return g
}

// What wordings are read by. Numbers are English: a point, no comma, so that 1,000 is never taken for 1.
var (
	wordedSpan  = regexp.MustCompile(`\bfrom ([-+]?\d[\d.,]*)(?: ?\S{1,12})? to ([-+]?\d[\d.,]*)`)
	wordedShare = regexp.MustCompile(`\b(?:(reduc|cut|lower|decreas|drop|shrink)|(increas|rais|grow|lift|boost))\w*\b[^.;]*? by (\d[\d.,]*) ?(?:%|percent|per cent)`)
	wordedTimes = regexp.MustCompile(`\b(halv(?:e|es|ed|ing)|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing))\b`)
	spaces      = regexp.MustCompile(`\s+`)
)

// timesChange is the change of a share that a verb asks for, by its first letter.
var timesChange = map[byte]float64{'h': -0.5, 'd': 1, 't': 2}

// ReadWording reads a goal that is put in words, as in "reduce by 50 %", "from 12 to 4", "double" or "halve". It returns
// nil for everything else, and when a wording could be read in two ways: it rather says nothing than guesses.
func ReadWording(wording string) *ImpliedGoal {
	text := strings.ToLower(spaces.ReplaceAllString(wording, " "))
	spans := wordedSpan.FindAllStringSubmatch(text, -1)
	shares := wordedShare.FindAllStringSubmatch(text, -1)
	times := wordedTimes.FindAllString(text, -1)
	if len(spans)+len(shares)+len(times) != 1 {
		return nil
	}
	switch {
	case len(times) == 1:
		change := timesChange[times[0][0]]
		return &ImpliedGoal{RelativeChange: &change}
	case len(shares) == 1:
		change, ok := wordedNumber(shares[0][3])
		if !ok {
			return nil
		}
		change /= 100
		if shares[0][1] != "" {
			change = 0 - change
		}
		return &ImpliedGoal{RelativeChange: &change}
	default:
		from, ok := wordedNumber(spans[0][1])
		to, also := wordedNumber(spans[0][2])
		if !ok || !also {
			return nil
		}
		return &ImpliedGoal{Baseline: &from, Target: &to}
	}
}

// wordedNumber reads a number that a sentence may end after.
func wordedNumber(text string) (float64, bool) {
	text = strings.TrimRight(text, ".,")
	if strings.Contains(text, ",") {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && finite(v)
}
