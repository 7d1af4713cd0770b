package needle

import (
	"regexp"
	"strings"
)

// WritingHintCode is what a writing hint is about.
type WritingHintCode string

// The codes of writing hints.
const (
	// HintReadsLikeATask: the title tells what to do instead of what will be true.
	HintReadsLikeATask WritingHintCode = "READS_LIKE_A_TASK"
	// HintOutputOnly: the key result counts what a team puts out instead of what changes by it.
	HintOutputOnly WritingHintCode = "OUTPUT_ONLY"
	// HintNoNumber: a metric has no baseline, no target or no band.
	HintNoNumber WritingHintCode = "NO_NUMBER"
	// HintSameAsBaseline: the target is the baseline.
	HintSameAsBaseline WritingHintCode = "SAME_AS_BASELINE"
	// HintObjectiveHasNumber: the objective states a number, which belongs in a key result.
	HintObjectiveHasNumber WritingHintCode = "OBJECTIVE_HAS_NUMBER"
	// HintNoPainPoint: the objective addresses no pain point.
	HintNoPainPoint WritingHintCode = "NO_PAIN_POINT"
	// HintNoKeyResult: the objective is measured by nothing.
	HintNoKeyResult WritingHintCode = "NO_KEY_RESULT"
	// HintTooManyKeyResults: the objective has more key results than people keep in mind.
	HintTooManyKeyResults WritingHintCode = "TOO_MANY_KEY_RESULTS"
)

// WritingHint is advice on how something is written. It never keeps anything from being stored, and it may be wrong: it
// goes by English words alone.
type WritingHint struct {
	// Code is the program's half.
	Code WritingHintCode
	// Message is the person's half, without a full stop.
	Message string
	// Field is what to look at, by its name in the API; empty when it is about the whole.
	Field string
}

// MaxKeyResults is how many key results an objective may have before a hint says that these are many.
const MaxKeyResults = 5

// taskVerbs are words that a piece of work begins with. Words of change, such as reduce, raise or halve, are not among
// them: these tell what will be different.
var taskVerbs = wordSet(`add automate build complete conduct configure create define deliver deploy design develop
	document draft establish finalise finalize finish fix hire hold implement install integrate introduce investigate launch
	make migrate move organise organize perform plan prepare produce publish redesign refactor release relaunch replace
	research rewrite roll run schedule set setup ship start test train update upgrade write`)

// measuredWords follow a word of taskVerbs where it is no order, as in "build time" or "release frequency".
var measuredWords = wordSet(`accuracy age backlog breaks cases conversion cost costs count coverage cycle delay downtime
	duration effort error errors failure failures flakiness frequency interval latency lead length load minutes pass quality rate
	rates ratio results satisfaction score share size speed stability success throughput time times volume wait window`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// wordsOf splits a text into words in small letters, without the marks around them.
func wordsOf(text string) []string {
	words := strings.Fields(strings.ToLower(text))
	for i, w := range words {
		words[i] = strings.Trim(w, `.,;:!?"'“”‘’()[]*_-`)
	}
	return words
}

// isTask reports whether a title begins like an order to do something.
func isTask(title string) bool {
	words := wordsOf(title)
	return len(words) > 1 && taskVerbs[words[0]] && !measuredWords[words[1]]
}

const outputs = `(?:user stories|story points|stories|features|tickets|issues|tasks|releases|deployments|commits|` +
	`pull requests|merge requests|prs|epics|sprints|meetings|workshops|lines of code|lines|pages|articles|documents|e-?mails)`

var (
	// outputUnit is a unit that counts what a team puts out.
	outputUnit = regexp.MustCompile(`^(?:new )?` + outputs + `\b`)
	// outputTitle is a title that counts it, or says that so much of it was finished.
	outputTitle = regexp.MustCompile(`\b(?:number|count|amount) of (?:\w+ )?` + outputs + `\b|` +
		`\b(?:story points|velocity|lines of code)\b|` +
		`\b` + outputs + ` (?:are |were |that are |we )?(?:closed|completed|created|delivered|deployed|done|finished|held|implemented|` +
		`launched|merged|produced|published|released|resolved|sent|shipped|written)\b|` +
		`\b\d+ (?:new )?` + outputs + `\b`)
	// shares are units of a part of something, which is more than a count.
	shares = regexp.MustCompile(`%|percent|share|ratio|rate`)
)

// Hints returns advice on how the key result is written.
func (k *KeyResult) Hints() []*WritingHint {
	hints := []*WritingHint{}
	add := func(code WritingHintCode, field, message string) {
		hints = append(hints, &WritingHint{Code: code, Message: message, Field: field})
	}
	if isTask(k.Title) {
		message := "this reads like a task; say what will be different for somebody once it is done, and by how much"
		if k.Kind == KindMilestone {
			message = "a milestone may be a deed; it reads better as what will be true once it is done"
		}
		add(HintReadsLikeATask, "title", message)
	}
	if k.Kind != KindMilestone && k.Direction != DirectionDecrease && k.Direction != DirectionMaintain {
		const message = "this counts what the team puts out; measure what changes by it for customers or for the business"
		unit := strings.ToLower(k.Unit)
		switch {
		case shares.MatchString(unit):
		case outputUnit.MatchString(unit):
			add(HintOutputOnly, "unit", message)
		case outputTitle.MatchString(strings.ToLower(k.Title)):
			add(HintOutputOnly, "title", message)
		}
	}
	if field, message := missingNumber(k); field != "" {
		add(HintNoNumber, field, message)
	}
	if k.Direction != DirectionMaintain && k.Baseline != nil && k.Target != nil && *k.Baseline == *k.Target {
		add(HintSameAsBaseline, "goal.target", "the target is where it starts; to keep a value as it is, choose the direction MAINTAIN")
	}
	return hints
}

// missingNumber names the number that a metric lacks; empty when it lacks none. A milestone runs from 0 to 1 by itself.
func missingNumber(k *KeyResult) (field, message string) {
	switch {
	case k.Kind == KindMilestone:
		return "", ""
	case k.Direction == DirectionMaintain && k.BandLow == nil && k.BandHigh == nil:
		return "goal", "nobody can tell whether it is held; give it a floor or a ceiling"
	case k.Direction == DirectionMaintain:
		return "", ""
	case k.Baseline == nil && k.Target == nil:
		return "goal", "it has no number; measure where it stands today and say where it should be"
	case k.Baseline == nil:
		return "goal.baseline", "nobody knows where it starts; measure where it stands today"
	case k.Target == nil:
		return "goal.target", "nobody knows when it is reached; say where it should be"
	default:
		return "", ""
	}
}

var (
	// aNumber is a figure that stands for itself, unlike those in Q4, B2B or v2.
	aNumber = regexp.MustCompile(`^[<>≤≥~+-]*[€$£]?\d+(?:[.,]\d+)*(?:%|x|k|m|bn|€|\$|£)?$`)
	// aYear is a figure that names a year.
	aYear = regexp.MustCompile(`^(?:19|20)\d\d$`)
	// named are words after which a figure is part of a name.
	named = wordSet("phase version step stage tier level part chapter series iso rfc article section")
)

func hasNumber(title string) bool {
	words := wordsOf(title)
	for i, w := range words {
		if aNumber.MatchString(w) && !aYear.MatchString(w) && (i == 0 || !named[words[i-1]]) {
			return true
		}
	}
	return false
}

// ObjectiveParts counts what belongs to an objective.
type ObjectiveParts struct{ PainPoints, KeyResults int }

// Hints returns advice on how the objective is written, given what belongs to it; what is nil is not known and gives no
// advice.
func (o *Objective) Hints(painPoints, keyResults *int) []*WritingHint {
	hints := []*WritingHint{}
	add := func(when bool, code WritingHintCode, field, message string) {
		if when {
			hints = append(hints, &WritingHint{Code: code, Message: message, Field: field})
		}
	}
	add(isTask(o.Title), HintReadsLikeATask, "title", "this reads like a task; say what will be true once it is done, and for whom")
	add(hasNumber(o.Title), HintObjectiveHasNumber, "title", "the number belongs in a key result; an objective says in words what will be true")
	add(painPoints != nil && *painPoints == 0, HintNoPainPoint, "painPoints", "it answers no customer's problem; say which pain points it addresses")
	add(keyResults != nil && *keyResults == 0, HintNoKeyResult, "keyResults", "nothing measures it yet; add a key result")
	add(keyResults != nil && *keyResults > MaxKeyResults, HintTooManyKeyResults, "keyResults", "these are many key results to keep in mind; three to five are enough")
	return hints
}

// WritingDraft is something that is being written; exactly one of the two is given.
type WritingDraft struct {
	KeyResult *DraftedKeyResult
	Objective *DraftedObjective
}

// DraftedKeyResult is a key result as far as it is written.
type DraftedKeyResult struct {
	Title     string
	Kind      *KeyResultKind
	Direction *Direction
	Unit      *string
	Goal      *GoalInput
}

// DraftedObjective is an objective as far as it is written.
type DraftedObjective struct {
	Title string
	// PainPoints and KeyResults count what it has so far; nil when that is not known.
	PainPoints *int
	KeyResults *int
}

// Validate returns Errors with the fields that break a rule.
func (d WritingDraft) Validate() error {
	c := check{prefix: "draft"}
	if (d.KeyResult == nil) == (d.Objective == nil) {
		c.add("", CodeInvalid, "exactly one of keyResult and objective is to be given")
	}
	if k := d.KeyResult; k != nil {
		c.upTo("keyResult.title", k.Title, MaxTitle)
		c.upTo("keyResult.unit", deref(k.Unit), MaxUnit)
	}
	if o := d.Objective; o != nil {
		c.upTo("objective.title", o.Title, MaxTitle)
	}
	return c.err()
}

// Hints returns advice on what is written so far.
func (d WritingDraft) Hints() ([]*WritingHint, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if o := d.Objective; o != nil {
		return (&Objective{Title: o.Title}).Hints(o.PainPoints, o.KeyResults), nil
	}
	k := &KeyResult{
		Title: d.KeyResult.Title, Kind: deref(d.KeyResult.Kind), Direction: deref(d.KeyResult.Direction),
		Unit: deref(d.KeyResult.Unit), Goal: deref(d.KeyResult.Goal).Goal(),
	}
	return k.Hints(), nil
}
