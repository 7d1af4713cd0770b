package impact_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func issueID(n int) (id needle.IssueID) { id.UUID[15] = byte(n); return }

// sighting is a story with issues, in which lines are looked along.
type sighting struct {
	*story
	issues []*needle.LineIssue
	mirror map[int]int
}

func newSighting() *sighting { return &sighting{story: newStory(), mirror: map[int]int{}} }

// issue is mirrored by an item, or by none for 0.
func (s *sighting) issue(n, item, day int) {
	s.issues = append(s.issues, &needle.LineIssue{ID: issueID(n), RemoteKey: fmt.Sprintf("shop#%d", n), CreatedAt: date(day)})
	s.mirror[item] = n
}

func (s *sighting) under(item, parent int) {
	for _, i := range s.Items {
		if i.ID == itemID(item) {
			i.ParentID = ptr(itemID(parent))
		}
	}
}

func (s *sighting) unlink(link, day int) {
	v := *s.Links[link-1]
	v.Version, v.Ended, v.ValidFrom, v.RecordedAt = 2, true, date(day), date(day)
	s.Links = append(s.Links, &v)
}

func (s *sighting) see(from needle.LineOfSightFrom, asOf time.Time) *needle.LineOfSight {
	f := lineFacts(s.CentricityFacts, from, asOf)
	f.Issues = s.issues
	for _, item := range f.Items {
		if n := s.mirror[item.Number]; n > 0 {
			item.IssueID = ptr(issueID(n))
		}
	}
	return impact.LineOfSight(f)
}

// lineFacts are what a line of sight needs of facts about everything.
func lineFacts(f needle.CentricityFacts, from needle.LineOfSightFrom, asOf time.Time) needle.LineOfSightFacts {
	out := needle.LineOfSightFacts{
		From: from, StartKey: "the start", AsOf: asOf, FreshDays: f.Policy.FreshDays, Pains: f.Pains, Evidence: f.Evidence,
		Addressed: f.Addressed, Objectives: f.Objectives, Links: f.Links, Transitions: f.Transitions,
	}
	for _, k := range f.KeyResults {
		out.KeyResults = append(out.KeyResults, &needle.LineKeyResult{ID: k.ID, Number: k.Number, ObjectiveID: k.ObjectiveID, CreatedAt: k.CreatedAt})
	}
	for _, i := range f.Items {
		out.Items = append(out.Items, &needle.LineItem{ID: i.ID, Number: int(i.ID.UUID[15]), ParentID: i.ParentID, CreatedAt: i.CreatedAt})
	}
	return out
}

func fromPain(n int) needle.LineOfSightFrom {
	return needle.LineOfSightFrom{PainPointID: ptr(painID(n))}
}

func fromItem(n int) needle.LineOfSightFrom { return needle.LineOfSightFrom{ItemID: ptr(itemID(n))} }

func fromIssue(n int) needle.LineOfSightFrom { return needle.LineOfSightFrom{IssueID: ptr(issueID(n))} }

// inWords is a line in words: its steps and its breaks.
func inWords(line *needle.LineOfSight) []string {
	words := []string{}
	for _, s := range line.Steps {
		words = append(words, s.Sentence)
	}
	for _, b := range line.Breaks {
		words = append(words, string(b.Kind)+": "+b.Sentence)
	}
	return words
}

func wantTold(t *testing.T, line *needle.LineOfSight, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, inWords(line)); diff != "" {
		t.Errorf("the line (-want +got):\n%s", diff)
	}
}

// wholeLine is a line without a break: pain point 1 with its duplicate 2, objective 1, key result 1, epic 1 with item 2
// below, and issue 7 of the latter.
func wholeLine() *sighting {
	s := newSighting()
	s.pain(1, 4, needle.PainOpen, 1)
	s.pain(2, 3, needle.PainOpen, 1)
	s.merge(2, 1, 5)
	s.evidence(2, 30)
	s.objective(1, needle.ObjectiveAgreed, 2)
	s.address(1, 2, 3)
	s.keyResult(1, 1, 4)
	s.item(1, 5)
	s.item(2, 6)
	s.under(2, 1)
	s.link(1, 1, 7)
	s.Links[0].Role, s.Links[0].Origin = needle.RoleEnables, needle.OriginText
	s.link(2, 1, 8)
	s.Links[1].Role, s.Links[1].Origin, s.Links[1].EpicID = needle.RoleDrives, needle.OriginEpic, ptr(itemID(1))
	s.move(2, nil, needle.StatusDone, 20)
	s.issue(7, 2, 6)
	return s
}

func TestLineOfSight_leadsFromAPainPointToTheIssueAndBack(t *testing.T) {
	t.Parallel()
	s := wholeLine()
	want := []string{
		"P-2 is a duplicate of P-1", "O-1 addresses P-2", "KR-1 measures O-1", "B-1 enables KR-1, linked by words in its issue",
		"B-2 drives KR-1, inherited from B-1", "B-2 is part of B-1", "shop#7 is mirrored by B-2",
	}
	for name, from := range map[string]needle.LineOfSightFrom{
		"from the pain point": fromPain(1), "from its duplicate": fromPain(2), "from the item": fromItem(2), "from its epic": fromItem(1),
		"from the issue": fromIssue(7),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := s.see(from, date(40))
			wantTold(t, line, want...)
			if !line.Connected || line.Truncated {
				t.Errorf("connected %v, truncated %v", line.Connected, line.Truncated)
			}
			counts := needle.LineCounts{PainPoints: 2, Objectives: 1, KeyResults: 1, Work: 2, Issues: 1, Steps: 7}
			if diff := cmp.Diff(counts, line.Counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLineOfSight_saysHowEachThingStood(t *testing.T) {
	t.Parallel()
	s := wholeLine()
	s.evidence(1, -80)
	edit := *s.Links[1]
	edit.Version, edit.ValidFrom, edit.RecordedAt, edit.UpdatedAt, edit.Role = 2, date(35), date(36), date(36), needle.RoleGuards
	s.Links = append(s.Links, &edit)
	line := s.see(fromPain(2), date(40))
	if link := line.Steps[4].Contribution; link.Role != needle.RoleGuards || !link.CreatedAt.Equal(date(8)) || !link.UpdatedAt.Equal(date(36)) {
		t.Errorf("the link is %+v", link)
	}
	pains := []*needle.LinePainPoint{
		{PainPointID: painID(2), Status: needle.PainOpen, Severity: 3, Evidence: 1, FreshEvidence: 1, NewestEvidenceAt: ptr(date(30))},
		{PainPointID: painID(1), Status: needle.PainOpen, Severity: 4, Evidence: 2, FreshEvidence: 1, NewestEvidenceAt: ptr(date(30))},
	}
	if diff := cmp.Diff(pains, line.PainPoints); diff != "" {
		t.Errorf("pain points (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]*needle.LineObjective{{ObjectiveID: objectiveID(1), State: needle.ObjectiveAgreed}}, line.Objectives); diff != "" {
		t.Errorf("objectives (-want +got):\n%s", diff)
	}
	work := []*needle.LineWork{
		{ItemID: itemID(1), Status: needle.StatusTodo},
		{ItemID: itemID(2), Depth: 1, Status: needle.StatusDone, DeliveredAt: ptr(date(20))},
	}
	if diff := cmp.Diff(work, line.Work); diff != "" {
		t.Errorf("work (-want +got):\n%s", diff)
	}
	since := []*time.Time{ptr(date(5)), ptr(date(3)), ptr(date(4)), ptr(date(7)), ptr(date(8)), nil, nil}
	for i, step := range line.Steps {
		if diff := cmp.Diff(since[i], step.Since); diff != "" {
			t.Errorf("%s since (-want +got):\n%s", step.Sentence, diff)
		}
		if (step.Contribution != nil) != (step.Kind == needle.StepServes) {
			t.Errorf("%s has the contribution %v", step.Sentence, step.Contribution)
		}
	}
}

// TestLineOfSight_knowsNothingOfWhatCameLater changes everything after an instant, and looks back to it.
func TestLineOfSight_knowsNothingOfWhatCameLater(t *testing.T) {
	t.Parallel()
	before, s := wholeLine(), wholeLine()
	s.unlink(1, 50)
	s.unlink(2, 50)
	s.Addressed[0].To = ptr(date(50))
	s.pain(2, 3, needle.PainOpen, 50) // Merged no more.
	s.move(2, status(needle.StatusDone), needle.StatusInProgress, 50)
	s.objective(1, needle.ObjectiveClosed, 50)
	s.evidence(2, 50)
	s.issues[0].GoneAt = ptr(date(50))
	retrofit := *s.Links[0]
	retrofit.ID, retrofit.ItemID, retrofit.RecordedAt = linkID(9), itemID(3), date(50) // Valid since day 7.
	s.Links = append(s.Links, &retrofit)
	s.item(3, 5)
	for _, from := range []needle.LineOfSightFrom{fromPain(1), fromPain(2), fromItem(2), fromIssue(7)} {
		if diff := cmp.Diff(before.see(from, date(40)), s.see(from, date(40))); diff != "" {
			t.Errorf("what came later changed the answer (-before +after):\n%s", diff)
		}
	}
	wantTold(t, s.see(fromPain(2), date(60)), "PAIN_POINT_WITHOUT_OBJECTIVE: no objective addresses P-2")
	wantTold(t, s.see(fromItem(2), date(60)),
		"shop#7 is mirrored by B-2",
		"ISSUE_GONE: shop#7 is gone from its tracker since "+date(50).Format(time.DateOnly),
		"WORK_WITHOUT_KEY_RESULT: B-2 serves no key result, neither itself nor by what lies above or below it")
	if work := s.see(fromItem(2), date(60)).Work; len(work) != 1 || work[0].Status != needle.StatusInProgress || work[0].DeliveredAt != nil {
		t.Errorf("reopened work stands at %+v", work)
	}
}

// TestLineOfSight_knowsNothingOfWhatWasNotYetThere looks along the line as it grew.
func TestLineOfSight_knowsNothingOfWhatWasNotYetThere(t *testing.T) {
	t.Parallel()
	s := wholeLine()
	for day, want := range map[int]string{
		0: "UNKNOWN_THEN: nothing was known of the start", 2: "PAIN_POINT_WITHOUT_OBJECTIVE: no objective addresses P-2",
		3: "OBJECTIVE_WITHOUT_KEY_RESULT: no key result measures O-1", 4: "KEY_RESULT_WITHOUT_WORK: no work is linked to KR-1",
	} {
		line := s.see(fromPain(2), date(day))
		last := line.Breaks[len(line.Breaks)-1]
		if got := string(last.Kind) + ": " + last.Sentence; !strings.HasPrefix(got, want) {
			t.Errorf("on day %d: %s, want %s", day, got, want)
		}
		if line.Connected {
			t.Errorf("on day %d the line is connected", day)
		}
	}
	wantTold(t, s.see(fromItem(2), date(5)), "UNKNOWN_THEN: nothing was known of the start at "+date(5).Format(time.DateOnly))
	wantTold(t, s.see(fromIssue(7), date(5)), "UNKNOWN_THEN: nothing was known of the start at "+date(5).Format(time.DateOnly))
}

func TestLineOfSight_tellsWhereItEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*sighting)
		from   needle.LineOfSightFrom
		want   []string
	}{
		"a pain point nobody means to relieve": {
			func(s *sighting) { s.pain(1, 4, needle.PainDismissed, 30); s.Addressed[0].To = ptr(date(30)) }, fromPain(1),
			[]string{"PAIN_POINT_DISMISSED: P-1 was dismissed, so nobody means to relieve it"},
		},
		"a pain point without fresh evidence": {
			func(s *sighting) { s.Evidence = nil }, fromItem(1),
			[]string{"NO_FRESH_EVIDENCE: P-1 has no evidence of the 90 days before " + date(40).Format(time.DateOnly)},
		},
		"a relieved one needs none": {
			func(s *sighting) { s.Evidence = nil; s.pain(1, 4, needle.PainRelieved, 30) }, fromPain(1), nil,
		},
		"an objective nobody agreed to": {
			func(s *sighting) { s.objective(1, needle.ObjectiveProposed, 30) }, fromItem(2),
			[]string{"OBJECTIVE_NOT_AGREED: O-1 is not agreed, only PROPOSED"},
		},
		"an objective that answers no pain": {
			func(s *sighting) { s.Addressed[0].To = ptr(date(30)) }, fromIssue(7), []string{"OBJECTIVE_WITHOUT_PAIN_POINT: O-1 addresses no pain point"},
		},
		"an objective that nothing measures, beside one that is measured": {
			func(s *sighting) { s.objective(2, needle.ObjectiveAgreed, 2); s.address(2, 1, 3) }, fromPain(1),
			[]string{"OBJECTIVE_WITHOUT_KEY_RESULT: no key result measures O-2"},
		},
		"a key result that no work serves": {
			func(s *sighting) { s.keyResult(2, 1, 4) }, fromPain(1), []string{"KEY_RESULT_WITHOUT_WORK: no work is linked to KR-2"},
		},
		"work that was all dropped": {
			func(s *sighting) {
				s.move(1, nil, needle.StatusDropped, 30)
				s.move(2, status(needle.StatusDone), needle.StatusDropped, 30)
			},
			fromPain(1),
			[]string{"ONLY_DROPPED_WORK: all work for KR-1 was dropped"},
		},
		"an epic that was dropped, but not what lies below": {
			func(s *sighting) { s.move(1, nil, needle.StatusDropped, 30) }, fromPain(1), nil,
		},
		"work that serves nothing, told once": {
			func(s *sighting) { s.item(3, 5); s.item(4, 5); s.under(4, 3) }, fromItem(3),
			[]string{"WORK_WITHOUT_KEY_RESULT: B-3 serves no key result, neither itself nor by what lies above or below it"},
		},
		"a part of an epic that serves nothing beside one that does": {
			func(s *sighting) { s.unlink(1, 30); s.item(3, 5); s.under(3, 1); s.item(4, 5); s.under(4, 3) }, fromItem(1),
			[]string{"WORK_WITHOUT_KEY_RESULT: B-3 serves no key result, neither itself nor by what lies above or below it"},
		},
		"a part that is linked no more, of an epic that is": {func(s *sighting) { s.unlink(2, 30) }, fromItem(2), nil},
		"an issue that is no work": {
			func(s *sighting) { s.issue(8, 0, 5) }, fromIssue(8), []string{"ISSUE_WITHOUT_WORK: no backlog item mirrors shop#8"},
		},
		"an issue that is gone": {
			func(s *sighting) { s.issues[0].GoneAt = ptr(date(30)) }, fromPain(1),
			[]string{"ISSUE_GONE: shop#7 is gone from its tracker since " + date(30).Format(time.DateOnly)},
		},
		"native work is no break": {func(s *sighting) { s.mirror = map[int]int{} }, fromItem(2), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := wholeLine()
			c.change(s)
			got := []string(nil)
			for _, b := range s.see(c.from, date(40)).Breaks {
				got = append(got, string(b.Kind)+": "+b.Sentence)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("breaks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLineOfSight_showsOnlySoMuch cuts an epic with many children, and tells how many there are.
func TestLineOfSight_showsOnlySoMuch(t *testing.T) {
	t.Parallel()
	const children = 3 * needle.MaxLine
	s := wholeLine()
	f := lineFacts(s.CentricityFacts, fromItem(1), date(40))
	for n := range children {
		item := &needle.LineItem{ID: itemID(0), Number: 1000 + n, ParentID: ptr(itemID(1)), IssueID: ptr(issueID(0)), CreatedAt: date(6)}
		item.ID.UUID[0], item.ID.UUID[1] = byte(n>>8)+1, byte(n)
		item.IssueID.UUID = item.ID.UUID
		f.Items = append(f.Items, item)
		f.Issues = append(f.Issues, &needle.LineIssue{ID: *item.IssueID, RemoteKey: strconv.Itoa(n), CreatedAt: date(6)})
	}
	for name, from := range map[string]needle.LineOfSightFrom{"from the epic": fromItem(1), "from the pain point": fromPain(1)} {
		f.From = from
		line := impact.LineOfSight(f)
		if !line.Truncated || len(line.Work) != needle.MaxLine || line.Work[0].ItemID != itemID(1) {
			t.Errorf("%s: %d pieces of work are shown, the first %v, truncated %v", name, len(line.Work), line.Work[0].ItemID, line.Truncated)
		}
		if line.Counts.Work != children+2 || line.Counts.Issues != children || len(line.IssueIDs) != needle.MaxLine-2 {
			t.Errorf("%s: of %+v, %d issues are shown", name, line.Counts, len(line.IssueIDs))
		}
		shown := map[string]bool{}
		for _, w := range line.Work {
			shown[w.ItemID.String()] = true
		}
		if slices.ContainsFunc(line.Steps, func(s *needle.LineStep) bool { return s.Kind == needle.StepPartOf && !shown[s.FromID] }) {
			t.Errorf("%s: a step starts from what is not shown", name)
		}
	}
}
