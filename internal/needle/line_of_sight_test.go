package needle_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestLineOfSightFrom_startsInOnePlace(t *testing.T) {
	t.Parallel()
	pain, item, issue := needle.NewPainPointID(), needle.NewBacklogItemID(), needle.NewIssueID()
	for field, from := range map[string]needle.LineOfSightFrom{
		"from.painPointId": {PainPointID: &pain}, "from.itemId": {ItemID: &item}, "from.issueId": {IssueID: &issue},
	} {
		if err := from.Validate("from"); err != nil {
			t.Errorf("%s alone: %v", field, err)
		}
		if got := from.Field("from"); got != field {
			t.Errorf("the field is %s, want %s", got, field)
		}
	}
	for name, from := range map[string]needle.LineOfSightFrom{
		"nowhere": {}, "in two places": {PainPointID: &pain, IssueID: &issue}, "everywhere": {PainPointID: &pain, ItemID: &item, IssueID: &issue},
	} {
		problems := needle.UserErrors(from.Validate("from"))
		if len(problems) != 1 || problems[0].Code != needle.CodeInvalid || problems[0].Error() != "from: exactly one of painPointId, itemId and issueId is given" {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
