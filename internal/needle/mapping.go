package needle

import (
	"strings"
	"time"
)

// Mapping is what the words of one connection's tracker mean here, and which of its issues become work. A connection
// without one takes the tracker's own categories and makes an item of every issue.
type Mapping struct {
	Stamp
	// ConnectionID is the tracker.
	ConnectionID ConnectionID `bun:",pk"`
	// States overrule the tracker's category of a state.
	States []*StateMapping `bun:"type:jsonb"`
	// Types overrule the tracker's type.
	Types []*TypeMapping `bun:"type:jsonb"`
	// ItemPolicy says which issues become items.
	ItemPolicy ItemPolicy
	// ItemLabels are the labels that make an item of an issue under LABELLED.
	ItemLabels []string `bun:"type:jsonb"`
	// AppliedAt is when every stored issue was last read by it; nil while some wait.
	AppliedAt *time.Time
	// Pending is how many stored issues still wait for it.
	Pending int
}

// StateMapping says what a tracker's word for a state means.
type StateMapping struct {
	// RawState is the tracker's word, whatever its case.
	RawState string
	// RawReason is the tracker's reason; empty for a state that has none, nil for any. The mapping of a state with its
	// reason goes before the one of the state alone.
	RawReason *string
	// Status is what it means.
	Status StatusCategory
}

// TypeMapping says what a tracker's word for a type means.
type TypeMapping struct {
	// RawType is the tracker's word, whatever its case; empty for issues without one.
	RawType string
	// Type is what it means.
	Type IssueType
}

// ItemPolicy says which issues become backlog items. Items that are there follow their issue whatever it says.
type ItemPolicy string

// The policies.
const (
	// ItemsOfAll makes an item of every issue.
	ItemsOfAll ItemPolicy = "ALL"
	// ItemsOfLabelled makes items of issues that carry one of some labels.
	ItemsOfLabelled ItemPolicy = "LABELLED"
	// ItemsOfLinked makes items only of issues that a text, a rule, an epic or a person names.
	ItemsOfLinked ItemPolicy = "LINKED_ONLY"
)

// NoMapping is what a connection has that nobody wrote a mapping for.
func NoMapping(connection ConnectionID) *Mapping {
	return &Mapping{
		ConnectionID: connection, States: []*StateMapping{}, Types: []*TypeMapping{}, ItemPolicy: ItemsOfAll, ItemLabels: []string{},
	}
}

// Dictionary looks words up in a Mapping. It is safe for concurrent use.
type Dictionary struct {
	byState  map[string]StatusCategory
	byReason map[[2]string]StatusCategory
	byType   map[string]IssueType
	labels   map[string]bool
}

// Dictionary makes the words of the mapping ready to be looked up.
func (m *Mapping) Dictionary() Dictionary {
	d := Dictionary{
		byState: map[string]StatusCategory{}, byReason: map[[2]string]StatusCategory{}, byType: map[string]IssueType{},
		labels: map[string]bool{},
	}
	for _, s := range m.States {
		if s.RawReason == nil {
			d.byState[fold(s.RawState)] = s.Status
		} else {
			d.byReason[[2]string{fold(s.RawState), fold(*s.RawReason)}] = s.Status
		}
	}
	for _, t := range m.Types {
		d.byType[fold(t.RawType)] = t.Type
	}
	for _, label := range m.ItemLabels {
		d.labels[fold(label)] = true
	}
	return d
}

// fold makes words that people take for the same equal: their case and the spaces around and between them do not count.
func fold(word string) string { return strings.ToLower(strings.Join(strings.Fields(Clean(word)), " ")) }

// Status is what a state means; otherwise is what the tracker itself says.
func (d Dictionary) Status(rawState, rawReason string, otherwise StatusCategory) StatusCategory {
	if len(d.byState) == 0 && len(d.byReason) == 0 {
		return otherwise
	}
	state := fold(rawState)
	if s, ok := d.byReason[[2]string{state, fold(rawReason)}]; ok {
		return s
	}
	if s, ok := d.byState[state]; ok {
		return s
	}
	return otherwise
}

// Type is what a type means; otherwise is what the tracker itself says. A pull request stays one.
func (d Dictionary) Type(rawType string, otherwise IssueType) IssueType {
	if otherwise == IssueTypePullRequest || len(d.byType) == 0 {
		return otherwise
	}
	if t, ok := d.byType[fold(rawType)]; ok {
		return t
	}
	return otherwise
}

// Read sets status and type of an issue from the tracker's words, and reports whether either changed.
func (d Dictionary) Read(i *Issue) bool {
	status, typ := d.Status(i.RawState, i.RawReason, i.TrackerStatus), d.Type(i.RawType, i.TrackerType)
	changed := status != i.Status || typ != i.Type
	i.Status, i.Type = status, typ
	return changed
}

// Labelled reports whether one of the labels makes an item of an issue.
func (d Dictionary) Labelled(labels []string) bool {
	for _, label := range labels {
		if d.labels[fold(label)] {
			return true
		}
	}
	return false
}

// StateChange is one change of an issue's state as its tracker remembers it.
type StateChange struct {
	// At is when it happened, by the tracker's clock.
	At time.Time
	// To is the state reached, by the tracker's own category.
	To StatusCategory
	// RawTo and RawReason are the tracker's own words for it.
	RawTo, RawReason string
}

// SetMappingInput replaces what the words of a connection's tracker mean.
type SetMappingInput struct {
	ConnectionID     ConnectionID
	States           []*StateMappingInput
	Types            []*TypeMappingInput
	ExpectedVersion  *int
	ClientMutationID *string
}

// StateMappingInput is a StateMapping as a caller writes it.
type StateMappingInput StateMapping

// TypeMappingInput is a TypeMapping as a caller writes it.
type TypeMappingInput TypeMapping

// PreviewMappingInput asks what a mapping would do.
type PreviewMappingInput struct {
	ConnectionID ConnectionID
	States       []*StateMappingInput
	Types        []*TypeMappingInput
}

// Validate returns Errors with the fields that break a rule.
func (in SetMappingInput) Validate() error { return checkWords(in.States, in.Types) }

// Validate returns Errors with the fields that break a rule.
func (in PreviewMappingInput) Validate() error { return checkWords(in.States, in.Types) }

func checkWords(states []*StateMappingInput, types []*TypeMappingInput) error {
	c := check{prefix: "input"}
	listed(&c, "states", states)
	listed(&c, "types", types)
	seen := map[[2]string]bool{}
	for i, s := range states {
		c.text(indexed("states", i, "rawState"), s.RawState, MaxTitle)
		key := [2]string{fold(s.RawState), "any"}
		if s.RawReason != nil {
			c.upTo(indexed("states", i, "rawReason"), *s.RawReason, MaxTitle)
			key[1] = "reason " + fold(*s.RawReason)
		}
		if seen[key] {
			c.add(indexed("states", i, "rawState"), CodeDuplicate, "this state is mapped twice")
		}
		seen[key] = true
	}
	twice := map[string]bool{}
	for i, t := range types {
		c.upTo(indexed("types", i, "rawType"), t.RawType, MaxTitle)
		if t.Type == IssueTypePullRequest {
			c.add(indexed("types", i, "type"), CodeInvalid, "only a pull request is one")
		}
		if twice[fold(t.RawType)] {
			c.add(indexed("types", i, "rawType"), CodeDuplicate, "this type is mapped twice")
		}
		twice[fold(t.RawType)] = true
	}
	return c.err()
}

// MappedStates are the states as a Mapping keeps them: clean and without spaces around them.
func MappedStates(in []*StateMappingInput) []*StateMapping {
	out := make([]*StateMapping, len(in))
	for i, s := range in {
		out[i] = &StateMapping{RawState: tidy(s.RawState), Status: s.Status}
		if s.RawReason != nil {
			reason := tidy(*s.RawReason)
			out[i].RawReason = &reason
		}
	}
	return out
}

// MappedTypes are the types as a Mapping keeps them: clean and without spaces around them.
func MappedTypes(in []*TypeMappingInput) []*TypeMapping {
	out := make([]*TypeMapping, len(in))
	for i, t := range in {
		out[i] = &TypeMapping{RawType: tidy(t.RawType), Type: t.Type}
	}
	return out
}

func tidy(word string) string { return strings.TrimSpace(Clean(word)) }
