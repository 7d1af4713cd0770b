package needle

import (
	"fmt"
	"math"
	"slices"
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
	limits := fmt.Sprintf("routine variation (%s to %s)", number(a.Signal.Low), number(a.Signal.High))
	switch *a.Grade {
	case GradeNoMovementSeen:
		if v := a.Movement.Now.Value; v < a.Signal.Low || v > a.Signal.High {
			return text + "; that lies outside its " + limits + ", but no farther from where it was than two values differ by routine."
		}
		return text + "; that lies within its " + limits + "."
	case GradeMovedAgainst:
		return text + "; that is the wrong way, and beyond its " + limits + "." + a.doubts()
	case GradeSharedMovement:
		return text + "; that is beyond its " + limits + "." + a.doubts()
	case GradeSoleCandidate:
		return text + "; that is beyond its " + limits + ". " + a.Item.Key() + " is the only linked work whose window lies there, and no " +
			"outside event is recorded; what nobody linked or recorded is not known."
	default:
		return text + "; whether that is beyond its routine variation cannot be said."
	}
}

// doubts says who else may have to do with a movement.
func (a *Attribution) doubts() string {
	var others []string
	if a.Candidates > 1 {
		work := fmt.Sprintf("%d pieces of linked work", a.Candidates)
		if a.Unlinked > 0 {
			work += fmt.Sprintf(" (%d unlinked after delivery)", a.Unlinked)
		}
		others = append(others, work)
	}
	for _, event := range a.Events {
		others = append(others, quoted(event.Title))
	}
	text := ""
	if len(others) > 0 {
		text = " " + capital(enumerated(others)) + " could have to do with it, and which of them did, and how far, cannot be known."
		if a.Candidates <= 1 {
			text = " " + capital(enumerated(others)) + " could have to do with it, too."
		}
	}
	if slices.Contains(a.Doubts, DoubtYoungerLink) {
		text += " " + a.Item.Key() + " was linked only after the window had opened, when any work might have been named."
	}
	return text
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
			parts[i] = fmt.Sprintf("at least 6 days with a check-in before the first delivery (%d known)", a.BaselinePoints)
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
	checkIns := days(n) + " with a check-in before the first delivery"
	if a.Movement != nil {
		checkIns += fmt.Sprintf(" and %d in the window", a.Movement.CheckIns)
	}
	text := fmt.Sprintf("Known are %s; the latest value is %s old", checkIns, days(int(a.AsOf.Sub(*a.LatestAt)/day)))
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
	if abs := math.Abs(v); abs >= 9999.5 && abs < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', sentenceDigits, 64)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
