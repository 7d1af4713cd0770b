package needle

import "testing"

func TestDictionary_readsWordsAsPeopleMeanThem(t *testing.T) {
	t.Parallel()
	declined, none := "Declined", ""
	m := NoMapping(NewConnectionID())
	m.States = []*StateMapping{
		{RawState: "Done", Status: StatusInProgress},
		{RawState: "done", RawReason: &declined, Status: StatusDropped},
		{RawState: "收工", RawReason: &none, Status: StatusDone},
	}
	m.Types = []*TypeMapping{{RawType: "Chore", Type: IssueTypeTask}, {RawType: "", Type: IssueTypeFeature}}
	m.ItemLabels = []string{"Needle"}
	words := m.Dictionary()
	for _, c := range []struct {
		state, reason string
		want          StatusCategory
	}{
		{" DONE ", "Fixed", StatusInProgress},
		{"done", "", StatusInProgress},
		{"Done", " declined", StatusDropped},
		{"收工", "", StatusDone},
		{"收工", "Fixed", StatusTodo},
		{"Do\x00ne", "", StatusInProgress},
		{"", "", StatusTodo},
		{"D one", "", StatusTodo},
	} {
		if got := words.Status(c.state, c.reason, StatusTodo); got != c.want {
			t.Errorf("%q (%q) is %s, want %s", c.state, c.reason, got, c.want)
		}
	}
	for _, c := range []struct {
		raw             string
		otherwise, want IssueType
	}{
		{"CHORE", IssueTypeIssue, IssueTypeTask},
		{"", IssueTypeIssue, IssueTypeFeature},
		{"other", IssueTypeBug, IssueTypeBug},
		{"chore", IssueTypePullRequest, IssueTypePullRequest},
	} {
		if got := words.Type(c.raw, c.otherwise); got != c.want {
			t.Errorf("%q is %s, want %s", c.raw, got, c.want)
		}
	}
	if !words.Labelled([]string{"x", "NEEDLE "}) || words.Labelled([]string{"needles"}) || words.Labelled(nil) {
		t.Error("labels are told apart wrongly")
	}
}

func TestDictionary_withoutWordsChangesNothing(t *testing.T) {
	t.Parallel()
	i := &Issue{RawState: "Done", RawType: "Bug", TrackerStatus: StatusDone, TrackerType: IssueTypeBug, Status: StatusDone, Type: IssueTypeBug}
	was := *i
	if words := NoMapping(NewConnectionID()).Dictionary(); words.Read(i) || i.Status != was.Status || i.Type != was.Type {
		t.Errorf("the issue became %+v", i)
	}
}
