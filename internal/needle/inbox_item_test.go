package needle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestInboxItem_saysInOneSentenceWhatWaits(t *testing.T) {
	t.Parallel()
	s, now := newStage(), time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	idea := func(change func(*needle.Idea)) *needle.Idea {
		i := &needle.Idea{Title: "An album", PainPointID: &s.pain.ID}
		change(i)
		return i
	}
	late := func(by time.Duration) *needle.InboxItem {
		return &needle.InboxItem{Kind: needle.InboxCheckIn, ObjectiveID: &s.objective.ID, Since: now.Add(-by)}
	}
	of := func(kind needle.InboxKind) *needle.InboxItem {
		return &needle.InboxItem{Kind: kind, ObjectiveID: &s.objective.ID, Since: now}
	}
	alone := func(kind needle.InboxKind) *needle.InboxItem { return &needle.InboxItem{Kind: kind, Since: now} }
	for want, c := range map[string]struct {
		item    *needle.InboxItem
		subject needle.Node
	}{
		"Sign off O-7 Refunds are quick":                          {of(needle.InboxSignOff), s.objective},
		"Adam Admin asks for changes of O-7":                      {of(needle.InboxChangesRequested), &needle.SignOff{ObjectiveID: s.objective.ID, UserID: s.adam}},
		"Adam Admin mentions you on B-101":                        {alone(needle.InboxMention), &needle.Comment{SubjectID: s.item.ID.String(), CreatedBy: s.adam, Body: "never told"}},
		"KR-3 Days until the money is back is due for a check-in": {late(23 * time.Hour), s.keyResult},
		"KR-3 Days until the money is back is 1 day overdue":      {late(47 * time.Hour), s.keyResult},
		"KR-3 Days until the money is back is 4 days overdue":     {late(4 * 24 * time.Hour), s.keyResult},
		"Adam Admin suggests a change of KR-3":                    {of(needle.InboxSuggestion), &needle.Suggestion{SubjectID: s.keyResult.ID.String(), Offer: needle.Offer{CreatedBy: s.adam}}},
		"Adam Admin proposes “Refund errors” for O-7":             {of(needle.InboxProposal), &needle.Proposal{Title: "Refund errors", ObjectiveID: s.objective.ID, Offer: needle.Offer{CreatedBy: s.adam}}},
		"Vote on O-7: Do you stand behind it?":                    {of(needle.InboxVote), &needle.Vote{SubjectID: s.objective.ID.String(), Question: "Do you stand\nbehind it?"}},
		"Your idea “An album” was parked: Search comes first":     {alone(needle.InboxIdeaDecided), idea(func(i *needle.Idea) { i.Reason = "Search comes first" })},
		"Your idea “An album” became B-101":                       {alone(needle.InboxIdeaDecided), idea(func(i *needle.Idea) { i.ItemID = &s.item.ID })},
		// What is gone, or cannot be read.
		"Sign off an objective":                  {of(needle.InboxSignOff), nil},
		"Somebody asks for changes of O-7":       {of(needle.InboxChangesRequested), nil},
		"Somebody mentions you on something":     {alone(needle.InboxMention), nil},
		"A key result is due for a check-in":     {late(0), nil},
		"Somebody suggests a change of O-7":      {of(needle.InboxSuggestion), nil},
		"Somebody proposes a key result for O-7": {of(needle.InboxProposal), nil},
		"Vote on O-7":                            {of(needle.InboxVote), nil},
		"Your idea was decided on":               {alone(needle.InboxIdeaDecided), nil},
		"Something waits":                        {alone("TOMORROW"), nil},
		"Somebody mentions you on an objective":  {alone(needle.InboxMention), &needle.Comment{SubjectID: needle.NewObjectiveID().String(), CreatedBy: needle.NewUserID()}},
	} {
		if got := c.item.Sentence(c.subject, s.names, now); got != want {
			t.Errorf("it says %q and is meant to say %q", got, want)
		}
	}
}

func TestInboxItem_asksForTheNamesItTells(t *testing.T) {
	t.Parallel()
	s := newStage()
	o, adam, kr := s.objective.ID.String(), s.adam.String(), s.keyResult.ID.String()
	for kind, c := range map[needle.InboxKind]struct {
		subject needle.Node
		want    []string
	}{
		needle.InboxSignOff:          {s.objective, []string{o}},
		needle.InboxChangesRequested: {&needle.SignOff{ObjectiveID: s.objective.ID, UserID: s.adam}, []string{o, adam, o}},
		needle.InboxSuggestion:       {&needle.Suggestion{SubjectID: kr, Offer: needle.Offer{CreatedBy: s.adam}}, []string{o, adam, kr}},
		needle.InboxMention:          {nil, []string{o}},
	} {
		item := needle.InboxItem{Kind: kind, ObjectiveID: &s.objective.ID}
		if diff := cmp.Diff(c.want, item.SentenceNames(c.subject)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	decided := needle.InboxItem{Kind: needle.InboxIdeaDecided}
	if got := decided.SentenceNames(&needle.Idea{ItemID: &s.item.ID, KeyResultID: &s.keyResult.ID}); !slices.Equal(got, []string{s.item.ID.String(), kr}) {
		t.Errorf("it asks for %v", got)
	}
}

// TestInboxItem_namesTheNounOfItsSubject holds the kinds against the ids that the API gives their subjects.
func TestInboxItem_namesTheNounOfItsSubject(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("01980000-0000-7000-8000-000000000001")
	for kind, want := range map[needle.InboxKind]string{
		needle.InboxSignOff: needle.ObjectiveID{UUID: id}.String(), needle.InboxChangesRequested: needle.SignOffID{UUID: id}.String(),
		needle.InboxMention: needle.CommentID{UUID: id}.String(), needle.InboxCheckIn: needle.KeyResultID{UUID: id}.String(),
		needle.InboxSuggestion: needle.SuggestionID{UUID: id}.String(), needle.InboxProposal: needle.ProposalID{UUID: id}.String(),
		needle.InboxVote: needle.VoteID{UUID: id}.String(), needle.InboxIdeaDecided: needle.IdeaID{UUID: id}.String(),
	} {
		if got := (&needle.InboxItem{Kind: kind, Subject: id}).SubjectID(); got != want {
			t.Errorf("%s is about %s, not %s", kind, want, got)
		}
	}
}

func TestSubjectType_eachHasItsPrefix(t *testing.T) {
	t.Parallel()
	seen := map[string]needle.SubjectType{}
	for _, s := range []needle.SubjectType{
		needle.SubjectWorkspace, needle.SubjectUser, needle.SubjectTeam, needle.SubjectCycle, needle.SubjectCategory, needle.SubjectSegment,
		needle.SubjectPainPoint, needle.SubjectEvidence, needle.SubjectPainReport, needle.SubjectPainMerge, needle.SubjectReliefCheck,
		needle.SubjectReliefAnswer, needle.SubjectObjective, needle.SubjectKeyResult, needle.SubjectCheckIn, needle.SubjectProposal,
		needle.SubjectSuggestion, needle.SubjectComment, needle.SubjectVote, needle.SubjectSignOff, needle.SubjectIdea,
		needle.SubjectBacklogItem, needle.SubjectContribution, needle.SubjectLinkRule, needle.SubjectConnection, needle.SubjectSource,
		needle.SubjectOutsideEvent, needle.SubjectExperiment, needle.SubjectDispute,
	} {
		prefix := s.Prefix()
		if prefix == "" || seen[prefix] != "" {
			t.Errorf("%s has the prefix %q of %q", s, prefix, seen[prefix])
		}
		seen[prefix] = s
	}
}
