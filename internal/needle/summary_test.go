package needle_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

// stage is a few objects that sentences tell of, and what they are called.
type stage struct {
	mia, adam   needle.UserID
	pain, other *needle.PainPoint
	objective   *needle.Objective
	keyResult   *needle.KeyResult
	item        *needle.BacklogItem
	names       needle.Names
}

func newStage() *stage {
	s := &stage{
		mia: needle.NewUserID(), adam: needle.NewUserID(),
		pain:  &needle.PainPoint{ID: needle.NewPainPointID(), Number: 1, Title: "Refunds take weeks"},
		other: &needle.PainPoint{ID: needle.NewPainPointID(), Number: 2, Title: "Where is my money?"},
		item:  &needle.BacklogItem{ID: needle.NewBacklogItemID(), Number: 101, Title: "A refund button"},
	}
	s.objective = &needle.Objective{ID: needle.NewObjectiveID(), Number: 7, Title: "Refunds are quick"}
	s.keyResult = &needle.KeyResult{ID: needle.NewKeyResultID(), Number: 3, ObjectiveID: s.objective.ID, Title: "Days until the money is back"}
	s.names = needle.Names{s.mia.String(): "Mia Member", s.adam.String(): "Adam Admin"}
	for id, n := range map[string]needle.Node{
		s.pain.ID.String(): s.pain, s.other.ID.String(): s.other, s.objective.ID.String(): s.objective,
		s.keyResult.ID.String(): s.keyResult, s.item.ID.String(): s.item,
	} {
		s.names[id] = needle.NameOf(n)
	}
	return s
}

// activity is one of Mia's about an object, whose names are put on the stage.
func (s *stage) activity(verb needle.Verb, id string, subject needle.Node, before, after string) *needle.Activity {
	s.names[id] = needle.NameOf(subject)
	return &needle.Activity{ActorID: &s.mia, Verb: verb, SubjectID: id, Before: json.RawMessage(before), After: json.RawMessage(after)}
}

func TestActivity_isToldInOneSentence(t *testing.T) {
	t.Parallel()
	s := newStage()
	owner := func(id needle.UserID) string { return `{"OwnerID":"` + id.String() + `"}` }
	evidence := &needle.Evidence{ID: needle.NewEvidenceID(), PainPointID: s.pain.ID}
	checkIn := &needle.CheckIn{ID: needle.NewCheckInID(), KeyResultID: s.keyResult.ID}
	link := &needle.Contribution{ID: needle.NewContributionID(), ItemID: s.item.ID, KeyResultID: s.keyResult.ID}
	rule := &needle.LinkRule{ID: needle.NewLinkRuleID(), KeyResultID: s.keyResult.ID}
	merge := &needle.PainMerge{ID: needle.NewPainMergeID(), FromID: s.other.ID, IntoID: s.pain.ID}
	proposal := &needle.Proposal{ID: needle.NewProposalID(), ObjectiveID: s.objective.ID, Title: "Refund\n errors"}
	suggestion := &needle.Suggestion{ID: needle.NewSuggestionID(), SubjectID: s.keyResult.ID.String()}
	comment := &needle.Comment{ID: needle.NewCommentID(), SubjectID: s.objective.ID.String(), Body: "never told"}
	vote := &needle.Vote{ID: needle.NewVoteID(), SubjectID: s.objective.ID.String()}
	signature := &needle.SignOff{ID: needle.NewSignOffID(), ObjectiveID: s.objective.ID}
	idea := &needle.Idea{ID: needle.NewIdeaID(), Title: "An album", PainPointID: &s.pain.ID}
	report := &needle.PainReport{ID: needle.NewPainReportID(), PainPointID: s.pain.ID}
	team := &needle.Team{ID: needle.NewTeamID(), Name: "Checkout"}
	source := &needle.Source{ID: needle.NewSourceID(), RemoteKey: "octo/shop"}
	kr, o := s.keyResult.ID.String(), s.objective.ID.String()
	taking := func(people ...needle.UserID) string {
		places := make([]string, len(people))
		for i, p := range people {
			places[i] = `{"UserID":"` + p.String() + `"}`
		}
		return `{"Participants":[` + strings.Join(places, ",") + `]}`
	}
	for want, a := range map[string]struct {
		*needle.Activity
		subject needle.Node
	}{
		"Mia Member captured P-1":                                              {s.activity(needle.VerbCreated, s.pain.ID.String(), s.pain, "null", `{"Title":"x"}`), s.pain},
		"Mia Member drafted O-7":                                               {s.activity(needle.VerbCreated, o, s.objective, "null", `{}`), s.objective},
		"Mia Member moved O-7 from PROPOSED to AGREED":                         {s.activity(needle.VerbMoved, o, s.objective, `{"State":"PROPOSED","StateChangedAt":"2026"}`, `{"State":"AGREED","StateChangedAt":"2027"}`), s.objective},
		"Mia Member moved O-7":                                                 {s.activity(needle.VerbMoved, o, s.objective, "", ""), s.objective},
		"Mia Member moved B-101 from TODO to DONE":                             {s.activity(needle.VerbMoved, s.item.ID.String(), s.item, `{"Stage":"ACCEPTED","Status":"TODO"}`, `{"Stage":"DELIVERED","Status":"DONE"}`), s.item},
		"Mia Member added KR-3 to O-7":                                         {s.activity(needle.VerbCreated, kr, s.keyResult, "null", `{}`), s.keyResult},
		"Mia Member changed the target of KR-3 from 4 to 3":                    {s.activity(needle.VerbUpdated, kr, s.keyResult, `{"Target":4,"Revision":1}`, `{"Target":3,"Revision":2}`), s.keyResult},
		"Mia Member set the floor of KR-3 to 99.5":                             {s.activity(needle.VerbUpdated, kr, s.keyResult, `{"BandLow":null}`, `{"BandLow":99.5}`), s.keyResult},
		"Mia Member cleared the stretch of KR-3":                               {s.activity(needle.VerbUpdated, kr, s.keyResult, `{"Stretch":2}`, `{"Stretch":null}`), s.keyResult},
		"Mia Member changed the owner of KR-3 from Mia Member to Adam Admin":   {s.activity(needle.VerbUpdated, kr, s.keyResult, owner(s.mia), owner(s.adam)), s.keyResult},
		"Mia Member changed the owner of KR-3 from somebody to Adam Admin":     {s.activity(needle.VerbUpdated, kr, s.keyResult, owner(needle.NewUserID()), owner(s.adam)), s.keyResult},
		"Mia Member changed the title of O-7 from “Refunds” to “Fast refunds”": {s.activity(needle.VerbUpdated, o, s.objective, `{"Title":"Refunds"}`, `{"Title":"Fast refunds"}`), s.objective},
		"Mia Member changed the description of O-7":                            {s.activity(needle.VerbUpdated, o, s.objective, `{"Description":"a"}`, `{"Description":"b"}`), s.objective},
		"Mia Member changed the baseline, target and title of KR-3":            {s.activity(needle.VerbUpdated, kr, s.keyResult, `{"Title":"a","Target":1}`, `{"Title":"b","Target":2,"Baseline":0}`), s.keyResult},
		"Mia Member changed the parent of O-7":                                 {s.activity(needle.VerbUpdated, o, s.objective, `{"ParentObjectiveID":"x","ParentKeyResultID":null}`, `{"ParentObjectiveID":null,"ParentKeyResultID":"y"}`), s.objective},
		"Mia Member changed KR-3":                                              {s.activity(needle.VerbUpdated, kr, s.keyResult, `{"Tomorrow":1}`, `{"Tomorrow":2}`), s.keyResult},
		"Mia Member added evidence to P-1":                                     {s.activity(needle.VerbCreated, evidence.ID.String(), evidence, "null", `{}`), evidence},
		"Mia Member measured 7.5 for KR-3":                                     {s.activity(needle.VerbMeasured, checkIn.ID.String(), checkIn, "null", `{"Value":7.5}`), checkIn},
		"Mia Member checked in on KR-3":                                        {s.activity(needle.VerbMeasured, checkIn.ID.String(), checkIn, "null", "null"), checkIn},
		"Mia Member linked B-101 to KR-3":                                      {s.activity(needle.VerbLinked, link.ID.String(), link, "null", `{}`), link},
		"Mia Member unlinked B-101 from KR-3":                                  {s.activity(needle.VerbUnlinked, link.ID.String(), link, "null", `{}`), link},
		"Mia Member changed the link of B-101 to KR-3":                         {s.activity(needle.VerbUpdated, link.ID.String(), link, "null", `{}`), link},
		"Mia Member added a link rule to KR-3":                                 {s.activity(needle.VerbCreated, rule.ID.String(), rule, "null", `{}`), rule},
		"Mia Member reported P-1":                                              {s.activity(needle.VerbCreated, report.ID.String(), report, "null", `{}`), report},
		"Mia Member merged P-2 into P-1":                                       {s.activity(needle.VerbCreated, merge.ID.String(), merge, "null", `{}`), merge},
		"Mia Member undid the merge of P-2 into P-1":                           {s.activity(needle.VerbUpdated, merge.ID.String(), merge, "null", `{}`), merge},
		"Mia Member offered the proposal “Refund errors” for O-7":              {s.activity(needle.VerbCreated, proposal.ID.String(), proposal, "null", `{}`), proposal},
		"Mia Member suggested a change of KR-3":                                {s.activity(needle.VerbCreated, suggestion.ID.String(), suggestion, "null", `{}`), suggestion},
		"Mia Member moved a suggestion for KR-3 from OPEN to ACCEPTED":         {s.activity(needle.VerbMoved, suggestion.ID.String(), suggestion, `{"State":"OPEN"}`, `{"State":"ACCEPTED"}`), suggestion},
		"Mia Member commented on O-7":                                          {s.activity(needle.VerbCreated, comment.ID.String(), comment, "null", `{"Body":"never told"}`), comment},
		"Mia Member changed the text of a comment on O-7":                      {s.activity(needle.VerbUpdated, comment.ID.String(), comment, `{"Body":"a"}`, `{"Body":"b"}`), comment},
		"Mia Member removed a comment on O-7":                                  {s.activity(needle.VerbDeleted, comment.ID.String(), comment, `{"Body":"a"}`, `null`), comment},
		"Mia Member resolved a thread on O-7":                                  {s.activity(needle.VerbMoved, comment.ID.String(), comment, `{"ResolvedAt":null}`, `{"ResolvedAt":"2026-03-02T09:00:00Z"}`), comment},
		"Mia Member reopened a thread on O-7":                                  {s.activity(needle.VerbMoved, comment.ID.String(), comment, `{"ResolvedAt":"2026-03-02T09:00:00Z"}`, `{"ResolvedAt":null}`), comment},
		"Mia Member invited Adam Admin to O-7":                                 {s.activity(needle.VerbLinked, o, s.objective, `{}`, taking(s.adam)), s.objective},
		"Mia Member invited Adam Admin, Mia Member and somebody to O-7":        {s.activity(needle.VerbLinked, o, s.objective, `{}`, taking(s.adam, s.mia, needle.NewUserID())), s.objective},
		"Mia Member invited 4 people to O-7":                                   {s.activity(needle.VerbLinked, o, s.objective, `{}`, taking(s.adam, s.mia, s.adam, s.mia)), s.objective},
		"Mia Member let Adam Admin leave O-7":                                  {s.activity(needle.VerbUnlinked, o, s.objective, taking(s.adam), taking(s.adam)), s.objective},
		"Mia Member left O-7":                                                  {s.activity(needle.VerbUnlinked, o, s.objective, taking(s.mia), taking(s.mia)), s.objective},
		"Mia Member unlinked O-7":                                              {s.activity(needle.VerbUnlinked, o, s.objective, `{}`, `{}`), s.objective},
		"Mia Member changed the participants of O-7":                           {s.activity(needle.VerbUpdated, o, s.objective, "null", taking(s.adam)), s.objective},
		"Mia Member voted on O-7":                                              {s.activity("VOTED", vote.ID.String(), vote, `{"Turnout":1}`, `{"Turnout":2}`), vote},
		"Mia Member opened a vote on O-7":                                      {s.activity(needle.VerbCreated, vote.ID.String(), vote, "null", `{}`), vote},
		"Mia Member changed a vote on O-7":                                     {s.activity(needle.VerbUpdated, vote.ID.String(), vote, "null", `{"Value":5}`), vote},
		"Mia Member signed O-7 off":                                            {s.activity(needle.VerbCreated, signature.ID.String(), signature, "null", `{"Verdict":"APPROVE"}`), signature},
		"Mia Member asked for changes of O-7":                                  {s.activity(needle.VerbCreated, signature.ID.String(), signature, "null", `{"Verdict":"REQUEST_CHANGES"}`), signature},
		"Mia Member raised the idea “An album” for P-1":                        {s.activity(needle.VerbCreated, idea.ID.String(), idea, "null", `{}`), idea},
		"Mia Member moved the idea “An album” from OPEN to PARKED":             {s.activity(needle.VerbMoved, idea.ID.String(), idea, `{"State":"OPEN"}`, `{"State":"PARKED"}`), idea},
		"Mia Member changed the members of the team Checkout":                  {s.activity(needle.VerbUpdated, team.ID.String(), team, `{"Members":[]}`, `{"Members":[{"UserID":"x"}]}`), team},
		"Mia Member could not read the source octo/shop":                       {s.activity(needle.VerbFailed, source.ID.String(), source, `{"State":"OK"}`, `{"State":"ERROR"}`), source},
		"Mia Member removed a piece of evidence":                               {s.activity(needle.VerbDeleted, needle.NewEvidenceID().String(), nil, "", ""), nil},
		"Mia Member added a comment":                                           {s.activity(needle.VerbCreated, needle.NewCommentID().String(), nil, "", ""), nil},
		"Mia Member added something":                                           {s.activity(needle.VerbCreated, "nonsense", nil, "[]", "7"), nil},
	} {
		if got := a.Sentence(a.subject, s.names); got != want {
			t.Errorf("it says %q and is meant to say %q", got, want)
		}
	}
}

func TestActivity_isToldOfWhoeverDidIt(t *testing.T) {
	t.Parallel()
	s := newStage()
	a := s.activity(needle.VerbCreated, s.pain.ID.String(), s.pain, "", "")
	a.ActorID = nil
	if got := a.Sentence(s.pain, s.names); got != "Needle captured P-1" {
		t.Error(got)
	}
	gone := needle.NewUserID()
	a.ActorID = &gone
	if got := a.Sentence(s.pain, s.names); got != "Somebody captured P-1" {
		t.Error(got)
	}
}

func TestActivity_asksForTheNamesItTells(t *testing.T) {
	t.Parallel()
	s := newStage()
	a := s.activity(needle.VerbUpdated, s.keyResult.ID.String(), s.keyResult,
		`{"OwnerID":"`+s.adam.String()+`","Title":"usr_1"}`, `{"OwnerID":null,"TeamID":"team_1","AuthorID":"usr_2"}`)
	got := a.SentenceNames(s.keyResult)
	want := []string{s.objective.ID.String(), s.mia.String(), s.adam.String(), "team_1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names asked for (-want +got):\n%s", diff)
	}
}

// TestActivity_neverTellsAFieldThatIsNotListed gives activities of every noun and verb states full of what a reader of
// the feed may not see: ballots, bodies, settings, and fields that nobody has thought of yet.
func TestActivity_neverTellsAFieldThatIsNotListed(t *testing.T) {
	t.Parallel()
	const secret = "hush"
	hidden := []string{
		"Body", "Note", "Reason", "Settings", "SealedSecrets", "Changes", "Email", "Description", "Hash", "StateReason", "Answer", "FieldOfTomorrow",
	}
	prefixes := []string{"ws", "usr", "pain", "obj", "kr", "ci", "cmt", "vote", "sign", "sug", "prop", "idea", "conn", "src", "tok", "chk", "nonsense"}
	verbs := []needle.Verb{
		needle.VerbCreated, needle.VerbUpdated, needle.VerbMoved, needle.VerbLinked, needle.VerbUnlinked, needle.VerbMeasured,
		needle.VerbDeleted, needle.VerbFailed, "TOMORROW",
	}
	rapid.Check(t, func(rt *rapid.T) {
		state := func(name string) json.RawMessage {
			fields := map[string]any{}
			for _, field := range rapid.SliceOf(rapid.SampledFrom(hidden)).Draw(rt, name) {
				fields[field] = rapid.SampledFrom([]any{secret, []string{secret}, map[string]string{"a": secret}}).Draw(rt, field)
			}
			text, err := json.Marshal(fields)
			if err != nil {
				rt.Fatal(err)
			}
			return text
		}
		id := strings.Replace(needle.TeamID{UUID: uuid.Nil}.String(), "team", rapid.SampledFrom(prefixes).Draw(rt, "noun"), 1)
		a := needle.Activity{Verb: rapid.SampledFrom(verbs).Draw(rt, "verb"), SubjectID: id, Before: state("before"), After: state("after")}
		for _, subject := range []needle.Node{nil, &needle.Comment{SubjectID: id, Body: secret}, &needle.Vote{SubjectID: id}, &needle.Suggestion{SubjectID: id, Rationale: secret}} {
			got := a.Sentence(subject, nil)
			if strings.Contains(got, secret) || slices.ContainsFunc(a.SentenceNames(subject), func(id string) bool { return strings.Contains(id, secret) }) {
				rt.Fatalf("it tells %q", got)
			}
			if strings.ContainsAny(got, "{}\n") || strings.Contains(got, "  ") || strings.TrimSpace(got) != got || got == "Needle" {
				rt.Fatalf("it is no sentence: %q", got)
			}
		}
	})
}

// TestVote_ballotsAreNeverTold gives a vote's activity the value that somebody cast.
func TestVote_ballotsAreNeverTold(t *testing.T) {
	t.Parallel()
	s := newStage()
	vote := &needle.Vote{ID: needle.NewVoteID(), SubjectID: s.objective.ID.String()}
	for _, verb := range []needle.Verb{needle.VerbCreated, needle.VerbUpdated, needle.VerbMoved, needle.VerbMeasured} {
		a := s.activity(verb, vote.ID.String(), vote, `{"Value":4242}`, `{"Value":4242,"Reason":"4242"}`)
		if got := a.Sentence(vote, s.names); strings.Contains(got, "4242") {
			t.Errorf("%s tells %q", verb, got)
		}
	}
}
