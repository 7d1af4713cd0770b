package needle_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

// signing is an objective's signatures as they come to be.
type signing struct {
	people       []needle.UserID
	participants []*needle.Participant
	signOffs     []*needle.SignOff
	at           time.Time
}

func newSigning() *signing {
	return &signing{at: time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)}
}

// invite makes people of the functions participants, numbered from the first.
func (s *signing) invite(functions ...needle.Function) {
	for _, f := range functions {
		id := needle.NewUserID()
		s.people = append(s.people, id)
		s.participants = append(s.participants, &needle.Participant{UserID: id, Function: f})
	}
}

func (s *signing) say(person, revision int, verdict needle.SignOffVerdict) {
	s.at = s.at.Add(time.Minute)
	s.signOffs = append(s.signOffs, &needle.SignOff{
		ID: needle.NewSignOffID(), UserID: s.people[person], Function: s.participants[person].Function,
		Revision: revision, Verdict: verdict, RecordedAt: s.at,
	})
}

func (s *signing) status(policy needle.Policy, revision int) *needle.SignOffStatus {
	return needle.SignOffStatusOf(policy, s.participants, s.signOffs, revision)
}

// names calls people A, B, C and so on.
func (s *signing) names(id needle.UserID) string {
	return string(rune('A' + slices.Index(s.people, id)))
}

const (
	approves = needle.SignOffApprove
	objects  = needle.SignOffRequestChanges
	team     = needle.FunctionTeam
	leader   = needle.FunctionLeader
	outsider = needle.FunctionStakeholder
	seller   = needle.FunctionCustomerFacing
)

func TestSignOffStatusOf(t *testing.T) {
	t.Parallel()
	three := func(s *signing) {
		s.invite(team, leader, outsider)
		for i := range 3 {
			s.say(i, 2, approves)
		}
	}
	for name, tc := range map[string]struct {
		policy needle.Policy
		tell   func(s *signing)
		want   string // what it lacks; empty when it is met
	}{
		"nobody has signed": {
			needle.DefaultPolicy(), func(s *signing) { s.invite(team, leader, outsider) },
			"1 approval of the team is missing; 1 approval of a leader is missing; 1 approval of a stakeholder is missing",
		},
		"everybody has signed":           {needle.DefaultPolicy(), three, ""},
		"a policy that asks for nothing": {needle.Policy{}, func(*signing) {}, ""},
		"one who objected and then agreed": {needle.DefaultPolicy(), func(s *signing) {
			s.invite(team, leader, outsider)
			s.say(0, 2, objects)
			for i := range 3 {
				s.say(i, 2, approves)
			}
		}, ""},
		"one who agreed and then objected":  {needle.DefaultPolicy(), func(s *signing) { three(s); s.say(2, 2, objects) }, "1 approval of a stakeholder is missing; C requested changes"},
		"an objection of an earlier time":   {needle.DefaultPolicy(), func(s *signing) { three(s); s.say(0, 1, objects) }, ""},
		"signatures of an earlier revision": {needle.Policy{SignOffTeam: 1}, func(s *signing) { s.invite(team); s.say(0, 1, approves) }, "1 approval of the team is missing"},
		"two signatures of one person":      {needle.Policy{SignOffLeader: 2}, func(s *signing) { s.invite(leader); s.say(0, 2, approves); s.say(0, 2, approves) }, "1 approval of a leader is missing"},
		"several are missing": {
			needle.Policy{SignOffTeam: 2, SignOffLeader: 3, SignOffStakeholder: 2, SignOffCustomerFacing: 2},
			func(*signing) {},
			"2 approvals of the team are missing; 3 approvals of leaders are missing; 2 approvals of stakeholders are missing; " +
				"2 approvals of people who face customers are missing",
		},
		"one who faces customers": {needle.Policy{SignOffCustomerFacing: 1}, func(s *signing) { s.invite(seller) }, "1 approval of somebody who faces customers is missing"},
		"an objection the policy does not ask for": {
			needle.Policy{}, func(s *signing) { s.invite(seller); s.say(0, 2, objects) }, "A requested changes",
		},
		"somebody named who has not signed": {
			needle.Policy{}, func(s *signing) { s.invite(seller); s.participants[0].MustSign = true }, "A has to approve",
		},
		"somebody named who objects is told of once": {
			needle.Policy{}, func(s *signing) { s.invite(seller); s.participants[0].MustSign = true; s.say(0, 2, objects) }, "A requested changes",
		},
		"an objection of somebody who left": {
			needle.Policy{}, func(s *signing) { s.invite(seller); s.say(0, 2, objects); s.participants[0].LeftAt = &s.at }, "",
		},
		"an approval of somebody who left": {
			needle.Policy{SignOffTeam: 1},
			func(s *signing) { s.invite(team); s.say(0, 2, approves); s.participants[0].LeftAt = &s.at },
			"1 approval of the team is missing",
		},
		"somebody named who left": {
			needle.Policy{}, func(s *signing) { s.invite(seller); s.participants[0].MustSign, s.participants[0].LeftAt = true, &s.at }, "",
		},
		"somebody who signed for the team and speaks for others now": {
			needle.Policy{SignOffTeam: 1}, func(s *signing) { s.invite(team); s.say(0, 2, approves); s.participants[0].Function = outsider }, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSigning()
			tc.tell(s)
			status := s.status(tc.policy, 2)
			if diff := cmp.Diff(tc.want, status.Lacks(s.names)); diff != "" {
				t.Errorf("what it lacks (-want +got):\n%s", diff)
			}
			if status.Met != (tc.want == "") || status.Revision != 2 {
				t.Errorf("met is %v", status.Met)
			}
		})
	}
}

func TestSignOffStatusOf_countsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newSigning()
	s.invite(team, team, team, outsider, seller)
	for i := range 3 {
		s.say(i, 1, approves)
	}
	got := s.status(needle.Policy{SignOffTeam: 2, SignOffStakeholder: 1}, 1)
	want := &needle.SignOffStatus{Revision: 1, Needed: []*needle.SignOffNeed{
		{Function: team, Required: 2, Approved: 3}, {Function: outsider, Required: 1, Missing: 1},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the status (-want +got):\n%s", diff)
	}
}

// drawSigning draws people and what they say about three revisions.
func drawSigning(t *rapid.T) (*signing, needle.Policy) {
	s := newSigning()
	for range rapid.IntRange(0, 6).Draw(t, "people") {
		s.invite(rapid.SampledFrom(needle.Functions()).Draw(t, "function"))
		p := s.participants[len(s.participants)-1]
		p.MustSign = rapid.Bool().Draw(t, "must sign")
		if rapid.IntRange(0, 4).Draw(t, "left") == 0 {
			p.LeftAt = &s.at
		}
	}
	for range rapid.IntRange(0, 12).Draw(t, "words") {
		if len(s.people) > 0 {
			s.say(rapid.IntRange(0, len(s.people)-1).Draw(t, "who"), rapid.IntRange(1, 3).Draw(t, "revision"),
				rapid.SampledFrom([]needle.SignOffVerdict{approves, approves, objects}).Draw(t, "verdict"))
		}
	}
	few := rapid.IntRange(0, 2)
	return s, needle.Policy{
		SignOffTeam: few.Draw(t, "team"), SignOffLeader: few.Draw(t, "leader"),
		SignOffStakeholder: few.Draw(t, "stakeholder"), SignOffCustomerFacing: few.Draw(t, "seller"),
	}
}

func TestSignOffStatusOf_holdsItsLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, policy := drawSigning(t)
		status := s.status(policy, 2)
		if status.Met != (status.Lacks(s.names) == "") {
			t.Fatalf("met is %v and it lacks %q", status.Met, status.Lacks(s.names))
		}
		for _, n := range status.Needed {
			if n.Required != policy.Required(n.Function) || n.Missing != max(0, n.Required-n.Approved) {
				t.Fatalf("the need is %+v", n)
			}
		}

		// The order in which rows are read says nothing.
		shuffled := slices.Clone(s.signOffs)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(status, needle.SignOffStatusOf(policy, s.participants, shuffled, 2)); diff != "" {
			t.Fatalf("another order, another status:\n%s", diff)
		}

		// What was said of other revisions says nothing.
		others := slices.DeleteFunc(slices.Clone(s.signOffs), func(r *needle.SignOff) bool { return r.Revision != 2 })
		if diff := cmp.Diff(status, needle.SignOffStatusOf(policy, s.participants, others, 2)); diff != "" {
			t.Fatalf("other revisions count:\n%s", diff)
		}

		// An approval more never makes it worse, and everybody's approval leaves only the policy to meet.
		for i := range s.people {
			s.say(i, 2, approves)
			after := s.status(policy, 2)
			if status.Met && !after.Met {
				t.Fatal("an approval undid the agreement")
			}
			status = after
		}
		if len(status.ChangesRequested)+len(status.WaitingFor) > 0 {
			t.Fatalf("everybody approved and it lacks %q", status.Lacks(s.names))
		}
	})
}
