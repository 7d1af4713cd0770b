package needle

import "strings"

// MappingPreview is what a mapping would do to what is stored. Nothing of it is written.
type MappingPreview struct {
	// States are the tracker's states as they occur, the commonest first.
	States []*StatePreview
	// Types are the tracker's types as they occur, the commonest first.
	Types []*TypePreview
	// Restated issues would change their status, Retyped ones their type.
	Restated, Retyped int
	// Items would change their status.
	Items int
	// Delivered items would be done that are not.
	Delivered int
	// Undelivered items would no longer be done.
	Undelivered int
}

// StatePreview is a tracker's state, and what it would mean.
type StatePreview struct {
	RawState, RawReason string
	// TrackerStatus is the tracker's own category of it.
	TrackerStatus StatusCategory
	// Issues is how many are in it.
	Issues int
	// Now is what it means as long as nothing is changed, Becomes what it would mean.
	Now, Becomes StatusCategory
	// Examples are a few issues in it, the latest changed first.
	Examples []*Issue
}

// TypePreview is a tracker's type, and what it would mean.
type TypePreview struct {
	RawType string
	// TrackerType is the driver's own reading of it.
	TrackerType IssueType
	// Issues is how many have it.
	Issues int
	// Now is what it means as long as nothing is changed, Becomes what it would mean.
	Now, Becomes IssueType
	// Examples are a few issues that have it, the latest changed first.
	Examples []*Issue
}

// SetItemPolicyInput says which issues of a connection become items from now on.
type SetItemPolicyInput struct {
	ConnectionID     ConnectionID
	Policy           ItemPolicy
	Labels           []string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in SetItemPolicyInput) Validate() error {
	c := check{prefix: "input"}
	c.labels(in.Labels)
	switch {
	case in.Policy == ItemsOfLabelled && len(in.Labels) == 0:
		c.add("labels", CodeRequired, "name at least one label")
	case in.Policy != ItemsOfLabelled && len(in.Labels) > 0:
		c.add("labels", CodeInvalid, "only the policy LABELLED has labels")
	}
	return c.err()
}

func (c *check) labels(labels []string) {
	listed(c, "labels", labels)
	for _, label := range labels {
		c.text("labels", label, MaxTitle)
	}
}

// PreviewItemPolicyInput asks how many items each policy would make.
type PreviewItemPolicyInput struct {
	ConnectionID ConnectionID
	Labels       []string
}

// Validate returns Errors with the fields that break a rule.
func (in PreviewItemPolicyInput) Validate() error {
	c := check{prefix: "input"}
	c.labels(in.Labels)
	return c.err()
}

// ItemPolicyPreview is how many items a policy would make that are not there.
type ItemPolicyPreview struct {
	Policy ItemPolicy
	Items  int
}

// AdoptIssueInput makes the item of an issue, whatever the policy of its connection.
type AdoptIssueInput struct {
	IssueID          IssueID
	TeamID           *TeamID
	ClientMutationID *string
}

// TidyLabels are labels as a Mapping keeps them: clean, each once whatever its case.
func TidyLabels(in []string) []string {
	out, seen := make([]string, 0, len(in)), map[string]bool{}
	for _, label := range in {
		label = strings.TrimSpace(Clean(label))
		if key := fold(label); !seen[key] {
			seen[key] = true
			out = append(out, label)
		}
	}
	return out
}
