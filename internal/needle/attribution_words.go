package needle

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Explanation says in plain words what the grade rests on: the window, how far the value moved, how many values that rests
// on, how old they are, and what is missing to say more. It says that something was caused only where an experiment did.
func (a *Attribution) Explanation() string {
	if a.Grade == nil {
		return a.KeyResult.Key() + " is a guard: it is held or breached, and nothing moves it."
	}
	var said []string
	switch *a.Grade {
	case GradeTested:
		said = append(said, a.tested())
	case GradeNotDelivered:
		said = append(said, a.Item.Key()+" is not delivered.")
	case GradeTooEarly:
		said = append(said, fmt.Sprintf("Too early: the effect window of %s, from %s to %s, has not ended.", a.Item.Key(), date(*a.OpensAt), date(*a.EndsAt)))
	default:
		said = append(said, a.moved())
	}
	if missing := a.missing(); missing != "" {
		said = append(said, missing)
	}
	return strings.Join(append(said, a.age()), " ")
}

// tested tells what an experiment found. Only an interval on one side of nothing tells a cause.
func (a *Attribution) tested() string {
	x := a.Experiment
	interval := fmt.Sprintf("%s (%s to %s)", a.signed(x.Estimate), number(x.Low), number(x.High))
	if x.Confidence != nil {
		interval = fmt.Sprintf("%s (%s %% interval: %s to %s)", a.signed(x.Estimate), number(100**x.Confidence), number(x.Low), number(x.High))
	}
	if x.Low > 0 || x.High < 0 {
		return fmt.Sprintf("An experiment (%s) estimates that %s caused a change of %s.", quoted(x.Source), a.Item.Key(), interval)
	}
	return fmt.Sprintf("An experiment (%s) could not tell the effect of %s from none: %s.", quoted(x.Source), a.Item.Key(), interval)
}

// moved tells what the value did in the window and who may have to do with it.
func (a *Attribution) moved() string {
	if a.OpensAt == nil || a.EndsAt.After(a.AsOf) {
		return "Grading is paused."
	}
	window := fmt.Sprintf("From %s to %s", date(*a.OpensAt), date(*a.EndsAt))
	if a.Movement == nil {
		return window + " no movement of " + a.KeyResult.Key() + " is known."
	}
	text := fmt.Sprintf("%s %s went from %s to %s, %s", window, a.KeyResult.Key(), number(a.Movement.Then.Value), number(a.Movement.Now.Value), a.signed(a.Movement.Change))
	if a.Movement.BeyondDrift != nil {
		text += fmt.Sprintf(" (%s beyond its earlier drift)", a.signed(*a.Movement.BeyondDrift))
	}
	switch *a.Grade {
	case GradeNoMovementSeen:
		text += fmt.Sprintf("; it varies as much without any reason (%s to %s).", number(a.Signal.Low), number(a.Signal.High))
	case GradeMovedAgainst:
		text += fmt.Sprintf("; that is the wrong way, and more than it varies without any reason (%s to %s).%s", number(a.Signal.Low), number(a.Signal.High), a.doubts())
	case GradeSharedMovement:
		text += fmt.Sprintf("; that is more than it varies without any reason (%s to %s).%s", number(a.Signal.Low), number(a.Signal.High), a.doubts())
	case GradeSoleCandidate:
		text += fmt.Sprintf("; that is more than it varies without any reason (%s to %s). %s is the only linked work whose window lies there, and no outside event is recorded; work that nobody linked is not known.",
			number(a.Signal.Low), number(a.Signal.High), a.Item.Key())
	default:
		text += "; whether that is more than it varies without any reason cannot be said."
	}
	return text
}

func (a *Attribution) doubts() string {
	var said []string
	for _, d := range a.Doubts {
		switch d {
		case DoubtOtherWork:
			said = append(said, fmt.Sprintf("%d pieces of linked work could have to do with it, and how it divides among them cannot be known", a.Candidates))
		case DoubtOutsideEvent:
			titles := make([]string, len(a.Events))
			for i, event := range a.Events {
				titles[i] = quoted(event.Title)
			}
			said = append(said, "so could "+enumerated(titles))
		case DoubtYoungerLink:
			said = append(said, a.Item.Key()+" was linked only after the window had opened, when any work might have been named")
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " " + capital(strings.Join(said, "; ")) + "."
}

// wanted tells what each missing thing asks for.
var wanted = map[Missing]string{
	MissingTracker:   "fresh data of the tracker",
	MissingVariation: "values before the first delivery that are not all the same",
	MissingOpening:   "a check-in from about when the window opened",
	MissingEnd:       "a check-in from inside the window, about when it ended",
	MissingQuiet:     "a value that was within its routine variation when the window opened",
	MissingNumber:    "values that can be subtracted",
}

func (a *Attribution) missing() string {
	if len(a.Missing) == 0 {
		return ""
	}
	parts := make([]string, len(a.Missing))
	for i, m := range a.Missing {
		parts[i] = wanted[m]
		if m == MissingBaseline {
			parts[i] = fmt.Sprintf("at least 6 days with a check-in before the first delivery, there are %d", a.BaselinePoints)
		}
	}
	return "To say more it takes " + enumerated(parts) + "."
}

// age tells how many values the answer rests on and how old the latest is.
func (a *Attribution) age() string {
	if a.LatestAt == nil {
		return "No check-in is known."
	}
	n := a.BaselinePoints
	checkIns := "1 day with a check-in before the first delivery"
	if n != 1 {
		checkIns = strconv.Itoa(n) + " days with a check-in before the first delivery"
	}
	if a.Movement != nil {
		checkIns += fmt.Sprintf(" and %d in the window", a.Movement.CheckIns)
	}
	days := int(a.AsOf.Sub(*a.LatestAt) / day)
	text := fmt.Sprintf("Known are %s; the latest value is %d days old", checkIns, days)
	if a.TrackerReadAt != nil {
		text += ", and the tracker was read on " + date(*a.TrackerReadAt)
	}
	return text + "."
}

// signed writes a change with its sign and unit.
func (a *Attribution) signed(v float64) string {
	text := number(v)
	if v > 0 {
		text = "+" + text
	}
	if a.KeyResult.Unit != "" {
		text += " " + a.KeyResult.Unit
	}
	return text
}

// sentenceDigits is how many digits numbers in sentences have.
const sentenceDigits = 4

// number writes a value as short as people read it.
func number(v float64) string {
	if abs := math.Abs(v); abs >= 1e4 && abs < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', sentenceDigits, 64)
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
