package syncing

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// A backlink tells whoever reads an issue what it is for. Trackers are read by people who may not read Needle, so it
// holds the key results and their numbers and nothing else: no pain points, people, customers, comments or votes. It is
// made of stored facts alone, never of the present time, so that nothing is written while nothing happens.

// backlinkFacts are what a backlink is made of.
type backlinkFacts struct {
	// issue is whose backlink it is.
	issue needle.IssueID
	// home is where a reader is led.
	home string
	// base is the address of Needle; empty when nobody said it.
	base        string
	status      needle.StatusCategory
	deliveredAt *time.Time
	// served are the key results, by key.
	served []servedResult
}

// servedResult is a key result that the work serves.
type servedResult struct {
	*needle.KeyResult
	bet needle.Bet
	// closed is true when its objective is.
	closed bool
	// others is how much other work shares the window, or, before the delivery, serves the key result.
	others int
}

// marker finds the backlink of an issue again. It never changes.
func marker(id needle.IssueID) string { return "needle:" + id.String() }

// backlink is what shall be shown.
func (f backlinkFacts) backlink() integrations.Backlink {
	return integrations.Backlink{Marker: marker(f.issue), URL: f.home, Title: f.title(), Body: f.body()}
}

// backlinkHash tells two backlinks apart.
func backlinkHash(b integrations.Backlink) []byte {
	sum := sha256.New()
	for _, part := range []string{b.Marker, b.URL, b.Title, b.Body} {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return sum.Sum(nil)
}

// title names the key result, or the first of several.
func (f backlinkFacts) title() string {
	first := f.served[0]
	text := "Serves " + first.Key() + " " + harmless(first.Title)
	switch more := len(f.served) - 1; more {
	case 0:
		return text
	case 1:
		return text + " and " + f.served[1].Key()
	default:
		return fmt.Sprintf("%s and %d more", text, more)
	}
}

// body says the numbers first, because some trackers show the beginning only, and names what they are of at the end.
func (f backlinkFacts) body() string {
	var b strings.Builder
	names := make([]string, len(f.served))
	for i, r := range f.served {
		b.WriteString(strings.Join([]string{r.Key() + ": " + r.numbers() + ".", r.wager(), f.verdict(r), f.sharing(r)}, " "))
		b.WriteString("\n\n")
		names[i] = f.named(r)
	}
	b.WriteString("Serves " + strings.Join(names, ", ") + ". Needle keeps this up to date; what is changed here by hand is lost.")
	return b.String()
}

// named is the key result's key and title, as a link when it is known where Needle is.
func (f backlinkFacts) named(r servedResult) string {
	name := r.Key() + " " + inMarkdown(harmless(r.Title))
	if f.base == "" {
		return name
	}
	return "[" + name + "](" + f.base + "/" + r.Key() + ")"
}

// numbers say where the key result came from, stands and shall go.
func (r servedResult) numbers() string {
	if r.Direction == needle.DirectionMaintain {
		return r.guarded()
	}
	if r.Kind == needle.KindMilestone {
		reached := r.TargetReached()
		switch {
		case reached == nil:
			return "a milestone, not measured yet"
		case *reached:
			return "a milestone, reached"
		default:
			return "a milestone, not reached yet"
		}
	}
	var values, names []string
	for _, one := range []struct {
		name  string
		value *float64
	}{{"baseline", r.Baseline}, {"now", r.CurrentValue}, {"target", r.Target}} {
		if one.value != nil {
			values, names = append(values, number64(*one.value)), append(names, one.name)
		}
	}
	if len(values) == 0 {
		return "nothing measured yet"
	}
	return r.withUnit(strings.Join(values, " → ")) + " (" + strings.Join(names, " → ") + ")"
}

// guarded says in which band a value is to stay, and whether it does.
func (r servedResult) guarded() string {
	var band string
	switch low, high := r.BandLow, r.BandHigh; {
	case low != nil && high != nil:
		band = "to stay between " + number64(*low) + " and " + r.withUnit(number64(*high))
	case low != nil:
		band = "to stay at or above " + r.withUnit(number64(*low))
	case high != nil:
		band = "to stay at or below " + r.withUnit(number64(*high))
	default:
		band = "to be kept as it is"
	}
	guard := r.Guard()
	if guard == nil {
		return band + ", not measured yet"
	}
	return band + ", now " + r.withUnit(number64(*r.CurrentValue)) + " (" + strings.ToLower(string(*guard)) + ")"
}

// verbs say how work serves a key result.
var verbs = map[needle.ContributionRole]string{
	needle.RoleDrives: "drives", needle.RoleEnables: "enables", needle.RoleGuards: "guards", needle.RoleLearns: "learns for",
}

// wager says in which role the work serves it and what is expected, in the key result's unit.
func (r servedResult) wager() string {
	text := "This work " + verbs[r.bet.Role] + " it"
	low, high := r.bet.ExpectedLow, r.bet.ExpectedHigh
	switch {
	case low == nil || high == nil:
		return text + "; no change was bet on."
	case *low == *high:
		return text + "; the bet is a change of " + r.withUnit(signed(*low)) + "."
	default:
		return text + "; the bet is a change of " + signed(*low) + " to " + r.withUnit(signed(*high)) + "."
	}
}

// verdict says when it can be told whether the bet came true.
func (f backlinkFacts) verdict(r servedResult) string {
	switch {
	case r.closed && r.Score != nil:
		return "Its objective is closed, with a score of " + number64(*r.Score) + "."
	case r.closed:
		return "Its objective is closed."
	case f.status == needle.StatusDropped:
		return "The work was dropped, so no verdict falls due."
	case f.deliveredAt == nil:
		w := impact.EffectWindow(time.Time{}, r.bet, r.KeyResult)
		return "The verdict falls due after delivery + " + span(days(w.From), days(w.To)) + " d."
	default:
		return "The verdict falls due on " + impact.EffectWindow(*f.deliveredAt, r.bet, r.KeyResult).To.UTC().Format(time.DateOnly) + "."
	}
}

// sharing says how much other work a movement could as well come from.
func (f backlinkFacts) sharing(r servedResult) string {
	what := []string{"serves it", "serve it"}
	if f.deliveredAt != nil {
		what = []string{"shares its window", "share its window"}
	}
	switch r.others {
	case 0:
		return "No other work " + what[0] + "."
	case 1:
		return "1 other item " + what[0] + "."
	default:
		return strconv.Itoa(r.others) + " other items " + what[1] + "."
	}
}

// days is how many whole days an instant lies behind the zero time.
func days(t time.Time) int { return int(t.Sub(time.Time{}) / (24 * time.Hour)) }

func span(from, to int) string {
	if from == to {
		return strconv.Itoa(to)
	}
	return strconv.Itoa(from) + "–" + strconv.Itoa(to)
}

// withUnit puts the unit behind a number; a percent sign follows at once.
func (r servedResult) withUnit(value string) string {
	switch unit := inMarkdown(harmless(r.Unit)); unit {
	case "":
		return value
	case "%":
		return value + unit
	default:
		return value + " " + unit
	}
}

// number64 writes a number as people do; what lies behind the sixth decimal place is noise of the arithmetic.
func number64(v float64) string {
	text := strconv.FormatFloat(v, 'f', 6, 64)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return strings.Replace(text, "-", "−", 1)
}

// signed is number64 with a sign before what rises.
func signed(v float64) string {
	if v > 0 {
		return "+" + number64(v)
	}
	return number64(v)
}

// joiner is invisible; behind a sign it keeps trackers from making a mention or a reference of what follows.
const joiner = "\u2060"

var quieten = strings.NewReplacer("@", "@"+joiner, "#", "#"+joiner, "://", ":"+joiner+"//", "GH-", "GH"+joiner+"-")

// harmless puts somebody's words on one line on which they name nobody and link nothing.
func harmless(text string) string {
	return quieten.Replace(strings.Join(strings.Fields(needle.Clean(text)), " "))
}

var escapeMarkdown = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "~", `\~`,
)

// inMarkdown makes Markdown that shows a text as it is.
func inMarkdown(text string) string { return escapeMarkdown.Replace(text) }
