package github

import (
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// parent names what an issue belongs to: the issue it is a sub-issue of, or else
// its milestone. A milestone's id begins with a word, so it is never an issue's,
// and it stays when the milestone is renamed.
func (in issueJSON) parent(from home) *integrations.Ref {
	if ref := parentRef(in.ParentIssueURL); ref != nil {
		return ref
	}
	if in.Milestone.GetID() <= 0 {
		return nil
	}
	return &integrations.Ref{
		ID:  "milestone/" + strconv.FormatInt(in.Milestone.GetID(), 10),
		Key: from.key + " milestone " + strconv.Itoa(in.Milestone.GetNumber()),
	}
}

// parentRef names a parent by the address GitHub gives, which has no id in it.
func parentRef(address string) *integrations.Ref {
	parts := strings.Split(address, "/")
	n := len(parts)
	if n < 5 || parts[n-2] != "issues" {
		return nil
	}
	key := parts[n-4] + "/" + parts[n-3] + "#" + parts[n-1]
	if _, _, err := issuePath(key); err != nil {
		return nil
	}
	return &integrations.Ref{Key: key}
}
