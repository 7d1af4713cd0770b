package needle

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// SentenceNames lists the public ids of what the Sentence names besides its subject, which is nil when it is gone.
func (a *Activity) SentenceNames(subject Node) []string {
	ids := Whole(subject)
	if a.ActorID != nil {
		ids = append(ids, a.ActorID.String())
	}
	for _, state := range []json.RawMessage{a.Before, a.After} {
		fields := fieldsIn(state)
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if id := textOf(fields[name]); id != "" && said[name].as == asName {
				ids = append(ids, id)
			}
		}
		if people := participants(fields); len(people) <= mostPeople {
			ids = append(ids, people...)
		}
	}
	return ids
}

// Sentence says in one plain sentence what was done: "Mia Member moved O-7 from PROPOSED to AGREED". subject is what it
// was done to, nil when it is gone; names are what SentenceNames asked for. Anybody who may read may read it: of the
// states before and after it tells the fields in said and no others.
func (a *Activity) Sentence(subject Node, names Names) string {
	t := telling{Activity: a, names: names, it: names.Of(a.SubjectID), whole: Whole(subject)}
	t.before, t.after = fieldsIn(a.Before), fieldsIn(a.After)
	if names[a.SubjectID] == "" && len(t.whole) > 0 {
		t.it += partOf[IDPrefix(a.SubjectID)] + names.Of(t.whole[0])
	}
	who := "Needle"
	if a.ActorID != nil {
		who = capital(names.Of(a.ActorID.String()))
	}
	return who + " " + t.did()
}

// partOf joins a thing without a name to what it belongs to: "a comment on O-7".
var partOf = map[string]string{
	EvidencePrefix: " for ", CheckInPrefix: " of ", ContributionPrefix: " of ", LinkRulePrefix: " to ", PainReportPrefix: " of ",
	PainMergePrefix: " of ", ReliefCheckPrefix: " of ", ReliefAnswerPrefix: " about ", SuggestionPrefix: " for ",
	CommentPrefix: " on ", VotePrefix: " on ", SignOffPrefix: " under ",
	OutsideEventPrefix: " for ", ExperimentPrefix: " on ", VerdictDisputePrefix: " about ",
}

// telling is an activity with what is needed to tell it.
type telling struct {
	*Activity
	names         Names
	it            string
	whole         []string
	before, after map[string]json.RawMessage
}

// did is the sentence without its subject.
func (t telling) did() string {
	for _, d := range phrases[IDPrefix(t.SubjectID)] {
		if d.verb == t.Verb && (d.when == nil || d.when(t)) {
			if text, ok := t.fill(d.says); ok {
				return text
			}
		}
	}
	if t.Verb == VerbMoved {
		return t.moved()
	}
	if t.Verb == VerbUpdated {
		return t.changed()
	}
	verb, ok := verbs[t.Verb]
	if !ok {
		verb = verbs[VerbUpdated]
	}
	return verb + " " + t.it
}

// verbs is what was done, where nothing says it better.
var verbs = map[Verb]string{
	VerbCreated: "added", VerbUpdated: "changed", VerbMoved: "moved", VerbLinked: "linked", VerbUnlinked: "unlinked",
	VerbMeasured: "measured", VerbDeleted: "removed", VerbFailed: "could not read",
}

// phrase says better what a verb does to a noun. In its words {it} stands for the subject, {on} and {to} for the first and
// second of what it belongs to, {value} for the value measured, and {people} for participants; words that cannot be filled
// are passed over.
type phrase struct {
	verb Verb
	// when is what must hold; nil for nothing.
	when func(telling) bool
	says string
}

// phrases are tried in order, by the prefix of the subject's id.
var phrases = map[string][]phrase{
	WorkspacePrefix: {{VerbCreated, nil, "founded {it}"}},
	PainPointPrefix: {{VerbCreated, nil, "captured {it}"}},
	EvidencePrefix:  {{VerbCreated, nil, "added evidence to {on}"}},
	ObjectivePrefix: {
		{VerbCreated, nil, "drafted {it}"},
		{VerbLinked, nil, "invited {people} to {it}"},
		{VerbUnlinked, telling.ofOneself, "left {it}"},
		{VerbUnlinked, nil, "let {people} leave {it}"},
	},
	KeyResultPrefix: {{VerbCreated, nil, "added {it} to {on}"}},
	CheckInPrefix:   {{VerbMeasured, nil, "measured {value} for {on}"}, {VerbMeasured, nil, "checked in on {on}"}},
	ContributionPrefix: {
		{VerbLinked, nil, "linked {on} to {to}"},
		{VerbUnlinked, nil, "unlinked {on} from {to}"},
		{VerbUpdated, nil, "changed the link of {on} to {to}"},
	},
	PainReportPrefix:   {{VerbCreated, nil, "reported {on}"}},
	PainMergePrefix:    {{VerbCreated, nil, "merged {on} into {to}"}, {VerbUpdated, nil, "undid the merge of {on} into {to}"}},
	ReliefCheckPrefix:  {{VerbCreated, nil, "checked whether {on} is relieved"}},
	ReliefAnswerPrefix: {{VerbCreated, nil, "noted a reporter's answer about {on}"}},
	ProposalPrefix:     {{VerbCreated, nil, "offered {it} for {on}"}},
	SuggestionPrefix:   {{VerbCreated, nil, "suggested a change of {on}"}},
	CommentPrefix: {
		{VerbCreated, nil, "commented on {on}"},
		{VerbMoved, telling.resolved, "resolved a thread on {on}"},
		{VerbMoved, nil, "reopened a thread on {on}"},
	},
	VotePrefix: {{VerbCreated, nil, "opened a vote on {on}"}, {VerbVoted, nil, "voted on {on}"}},
	SignOffPrefix: {
		{VerbCreated, telling.approved, "signed {on} off"}, {VerbCreated, telling.refused, "asked for changes of {on}"},
	},
	IdeaPrefix: {{VerbCreated, nil, "raised {it} for {on}"}},
	OutsideEventPrefix: {
		{VerbCreated, nil, "recorded {it} for {on}"},
		{VerbUpdated, nil, "corrected {it} for {on}"},
		{VerbDeleted, nil, "took {it} for {on} back"},
	},
	ExperimentPrefix:     {{VerbCreated, nil, "attached an experiment to {on}"}, {VerbDeleted, nil, "took an experiment on {on} back"}},
	VerdictDisputePrefix: {{VerbCreated, nil, "disputed the verdict on {on}"}, {VerbDeleted, nil, "withdrew a dispute of the verdict on {on}"}},
}

func (t telling) approved() bool { return textOf(t.after["Verdict"]) == string(SignOffApprove) }

func (t telling) refused() bool { return textOf(t.after["Verdict"]) == string(SignOffRequestChanges) }

func (t telling) resolved() bool { return textOf(t.after["ResolvedAt"]) != "" }

// ofOneself reports whether a person is the one participant that they did something to.
func (t telling) ofOneself() bool {
	people := participants(t.after)
	return len(people) == 1 && t.ActorID != nil && people[0] == t.ActorID.String()
}

// participants lists the public ids of the people in a state that tells who takes part.
func participants(state map[string]json.RawMessage) []string {
	var places []struct{ UserID string }
	if json.Unmarshal(state["Participants"], &places) != nil {
		return nil
	}
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.UserID
	}
	return ids
}

// mostPeople is how many people a sentence names.
const mostPeople = 3

// people names participants: "Adam, Mia and Vic".
func (t telling) people() string {
	ids := participants(t.after)
	if len(ids) > mostPeople {
		return strconv.Itoa(len(ids)) + " people"
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = t.names.Of(id)
	}
	return enumerated(names)
}

// enumerated joins words: "a", "a and b", "a, b and c"; empty for none.
func enumerated(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// fill puts names in the place of their marks; ok is false when one is missing.
func (t telling) fill(says string) (text string, ok bool) {
	marks := map[string]string{"{it}": t.it, "{value}": textOf(t.after["Value"]), "{people}": t.people()}
	for i, mark := range []string{"{on}", "{to}"} {
		if i < len(t.whole) {
			marks[mark] = t.names.Of(t.whole[i])
		}
	}
	for _, mark := range slices.Sorted(maps.Keys(marks)) {
		if marks[mark] != "" {
			says = strings.ReplaceAll(says, mark, marks[mark])
		}
	}
	return says, !strings.Contains(says, "{")
}

// How the value of a field is told.
type telltale int

const (
	// unsaid tells that the field changed, and not its value.
	unsaid telltale = iota
	// asWritten tells numbers and words of the vocabulary.
	asWritten
	// asQuote tells titles and names.
	asQuote
	// asName tells what the id in it is called.
	asName
)

// saidField is a field that summaries tell of.
type saidField struct {
	// word is what it is called.
	word string
	as   telltale
}

// said lists the fields that summaries tell of, and how. What is not here is never told: the list keeps texts that were
// taken back, settings and hidden ballots out of the feed.
var said = map[string]saidField{
	"State": {"state", asWritten}, "Status": {"status", asWritten}, "Stage": {"stage", asWritten}, "Outcome": {"outcome", asWritten},
	"Title": {"title", asQuote}, "Name": {"name", asQuote}, "Description": {"description", unsaid}, "Wording": {"wording", unsaid},
	"Retrospective": {"retrospective", unsaid}, "Category": {"category", asWritten}, "Severity": {"severity", asWritten},
	"Baseline": {"baseline", asWritten}, "Target": {"target", asWritten}, "Stretch": {"stretch", asWritten},
	"BandLow": {"floor", asWritten}, "BandHigh": {"ceiling", asWritten}, "Weight": {"weight", asWritten}, "Unit": {"unit", asQuote},
	"Indicator": {"indicator", asWritten}, "CadenceDays": {"days between check-ins", asWritten}, "Score": {"score", asWritten},
	"LagMinDays": {"shortest lag", asWritten}, "LagMaxDays": {"longest lag", asWritten}, "OwnerID": {"owner", asName},
	"Moscow": {"priority", asWritten}, "Effort": {"effort", asWritten}, "Role": {"role", asWritten}, "Function": {"function", asWritten},
	"LeadID": {"lead", asName}, "ParentID": {"parent", asName}, "Members": {"members", unsaid}, "TeamID": {"team", asName},
	"ParentObjectiveID": {"parent", asName}, "ParentKeyResultID": {"parent", asName}, "StartsOn": {"first day", unsaid},
	"EndsOn": {"last day", unsaid}, "Pattern": {"pattern", asQuote}, "KeyResultID": {"key result", asName},
	"MergedIntoID": {"original", asName}, "Participants": {"participants", unsaid}, "Body": {"text", unsaid},
}

// movedFields are the fields that a move is told by, the most telling first.
var movedFields = []string{"State", "Status", "Stage"}

func (t telling) moved() string {
	for _, name := range movedFields {
		from, to := t.value(name, t.before), t.value(name, t.after)
		if from != "" && to != "" {
			return "moved " + t.it + " from " + from + " to " + to
		}
	}
	return verbs[VerbMoved] + " " + t.it
}

func (t telling) changed() string {
	var names []string
	for name := range said {
		if t.before[name] != nil || t.after[name] != nil {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(said[a].word, said[b].word) })
	switch len(names) {
	case 0:
		return verbs[VerbUpdated] + " " + t.it
	case 1:
		return t.changedOne(names[0])
	}
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = said[name].word
	}
	return "changed the " + enumerated(slices.Compact(words)) + " of " + t.it
}

func (t telling) changedOne(name string) string {
	from, to := t.value(name, t.before), t.value(name, t.after)
	what := "the " + said[name].word + " of " + t.it
	switch {
	case from == "" && to == "":
		return "changed " + what
	case from == "":
		return "set " + what + " to " + to
	case to == "":
		return "cleared " + what
	default:
		return "changed " + what + " from " + from + " to " + to
	}
}

// value is a field's value in a state as it is told; empty when there is none, or it is not told.
func (t telling) value(name string, state map[string]json.RawMessage) string {
	text := textOf(state[name])
	if text == "" {
		return ""
	}
	switch said[name].as {
	case asWritten:
		return text
	case asQuote:
		return quoted(text)
	case asName:
		return t.names.Of(text)
	default:
		return ""
	}
}

// fieldsIn returns the fields of a state, none when it is no object.
func fieldsIn(state json.RawMessage) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(state, &fields) != nil {
		return nil
	}
	return fields
}

// textOf returns a text, a number or a flag as people write it; empty for anything else and for null.
func textOf(value json.RawMessage) string {
	var read any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if d.Decode(&read) != nil {
		return ""
	}
	switch v := read.(type) {
	case string:
		return short(v, longestReason)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		return ""
	}
}
