package syncing

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// The words that link an issue to a key result from its own text:
//
//	Needle: drives KR-42 +3..6% in 14-30d, enables KR-7
//	towards KR-42
//
// A line that begins with "Needle:" lists links with their role, and optionally the expected range in the key result's
// unit and the days until it shows. "towards KR-42", anywhere in a sentence, is a link that drives it without a bet.
// Quoted lines and code are somebody else's words and link nothing.
var (
	declaration = regexp.MustCompile(`(?i)^[\s*_-]*needle:[*_]*\s*(.*)$`)
	clause      = regexp.MustCompile(`(?i)^(drives|enables|guards|learns)(?:\s+from)?\s+(KR-[1-9][0-9]{0,8})(?:\s+(` + number + `)(?:\.\.(` + number + `))?\s*[^\s\d.,;+-]*)?(?:\s+in\s+(\d{1,4})(?:-(\d{1,4}))?\s*(d|days?|w|weeks?))?[\s.*_]*$`)
	mention     = regexp.MustCompile(`(?i)\btowards\s+(KR-[1-9][0-9]{0,8})\b`)
)

const number = `[+-]?\d{1,12}(?:\.\d{1,6})?`

// roles are the roles by the words for them.
var roles = map[string]needle.ContributionRole{
	"drives": needle.RoleDrives, "enables": needle.RoleEnables, "guards": needle.RoleGuards, "learns": needle.RoleLearns,
}

// textLink is a link that an issue's text declares.
type textLink struct {
	// keyResult is the number in the key result's key.
	keyResult int
	bet       needle.Bet
}

// textLinks reads the links of an issue, each key result once: what a line declares goes before what is only mentioned,
// and otherwise the first. What cannot be read links nothing.
func textLinks(title, body string) []textLink {
	if !namesKeyResult(title) && !namesKeyResult(body) {
		return nil
	}
	var declared, mentioned []textLink
	for _, line := range ownLines(title + "\n" + body) {
		if m := declaration.FindStringSubmatch(line); m != nil {
			for part := range strings.FieldsFuncSeq(m[1], func(r rune) bool { return r == ',' || r == ';' }) {
				if link, ok := parseClause(strings.TrimSpace(part)); ok {
					declared = append(declared, link)
				}
			}
			continue
		}
		for _, m := range mention.FindAllStringSubmatch(line, -1) {
			_, n, _ := needle.ParseKey(m[1])
			mentioned = append(mentioned, textLink{n, needle.Bet{Role: needle.RoleDrives}})
		}
	}
	seen, out := map[int]bool{}, []textLink(nil)
	for _, link := range append(declared, mentioned...) {
		if !seen[link.keyResult] {
			seen[link.keyResult] = true
			out = append(out, link)
		}
	}
	return out
}

// namesKeyResult reports whether a text has the letters of a key result's key, without which it declares nothing. Most
// texts have not, and this costs a hundredth of reading them.
func namesKeyResult(text string) bool {
	for {
		before, after, found := strings.Cut(text, "-")
		if !found {
			return false
		}
		if at := len(before) - len(needle.KeyResultKey); at >= 0 && strings.EqualFold(before[at:], needle.KeyResultKey) {
			return true
		}
		text = after
	}
}

// ownLines are the lines of a text that are neither quoted nor code.
func ownLines(text string) []string {
	var out []string
	fenced := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fenced = !fenced
		case fenced, strings.HasPrefix(trimmed, ">"), strings.HasPrefix(line, "    "), strings.HasPrefix(line, "\t"):
		default:
			out = append(out, line)
		}
	}
	return out
}

// parseClause reads one link with its bet. A bet that cannot hold is no link: somebody meant something else.
func parseClause(text string) (textLink, bool) {
	m := clause.FindStringSubmatch(text)
	if m == nil {
		return textLink{}, false
	}
	_, n, ok := needle.ParseKey(m[2])
	bet := needle.Bet{Role: roles[strings.ToLower(m[1])]}
	bet.ExpectedLow, bet.ExpectedHigh = expected(m[3], m[4])
	bet.LagMinDays, bet.LagMaxDays = lagDays(m[5], m[6], m[7])
	return textLink{n, bet}, ok && bet.Validate("") == nil
}

// expected reads a range whose second end may lack the sign of the first, as in +3..6; one number is both ends.
func expected(low, high string) (from, to *float64) {
	if low == "" {
		return nil, nil
	}
	if high == "" {
		high = low
	} else if sign := low[0]; (sign == '+' || sign == '-') && high[0] != '+' && high[0] != '-' {
		high = string(sign) + high
	}
	a, err := strconv.ParseFloat(low, 64)
	b, err2 := strconv.ParseFloat(high, 64)
	if err != nil || err2 != nil {
		return nil, nil
	}
	// -3..6 falls: the larger fall is the lower end.
	a, b = min(a, b), max(a, b)
	return &a, &b
}

// lagDays reads how many days, or weeks, until an effect shows; one number is both ends.
func lagDays(shortest, longest, unit string) (from, to *int) {
	if shortest == "" {
		return nil, nil
	}
	if longest == "" {
		longest = shortest
	}
	a, err := strconv.Atoi(shortest)
	b, err2 := strconv.Atoi(longest)
	if err != nil || err2 != nil {
		return nil, nil
	}
	if strings.HasPrefix(strings.ToLower(unit), "w") {
		a, b = a*7, b*7
	}
	return &a, &b
}
