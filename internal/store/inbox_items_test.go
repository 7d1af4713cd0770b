package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// office is a workspace with people of every side, for whom things wait.
type office struct {
	*storetest.Factory
	t      *testing.T
	db     *bun.DB
	scope  store.Scope
	people map[string]*needle.User
}

func newOffice(t *testing.T, db *bun.DB) *office {
	t.Helper()
	o := &office{Factory: storetest.Seed(t, db), t: t, db: db, people: map[string]*needle.User{}}
	o.scope = store.New(db, store.Config{CursorKey: []byte("cursors of a test"), Now: storetest.Now}).In(o.Workspace.ID)
	for name, function := range map[string]needle.Function{
		"author": needle.FunctionTeam, "member": needle.FunctionTeam, "colleague": needle.FunctionTeam, "leader": needle.FunctionLeader,
		"stakeholder": needle.FunctionStakeholder, "support": needle.FunctionCustomerFacing, "outsider": needle.FunctionTeam,
	} {
		o.people[name] = o.User(func(u *needle.User) { u.Name, u.Function = name, function })
	}
	return o
}

// do changes rows as the use cases of other topics would.
func (o *office) do(query string, args ...any) {
	o.t.Helper()
	if _, err := o.db.ExecContext(o.t.Context(), query, args...); err != nil {
		o.t.Fatal(err)
	}
}

// objective makes one of the author's in a state, in which the others take part who are not the outsider.
func (o *office) objective(state needle.ObjectiveState) *needle.Objective {
	o.t.Helper()
	made := o.Objective(func(n *needle.Objective) { n.State, n.CreatedBy = state, o.people["author"].ID })
	o.Invite(made, o.people["author"], o.people["member"], o.people["colleague"], o.people["leader"], o.people["stakeholder"], o.people["support"])
	return made
}

// revise counts the objective's revision up, an hour after it was last written.
func (o *office) revise(n *needle.Objective) {
	o.t.Helper()
	o.do(`UPDATE objectives SET revision = revision + 1, version = version + 1, updated_at = updated_at + interval '1 hour' WHERE id = ?`, n.ID)
}

// items reads what waits for a person at an instant.
func (o *office) items(name string, now time.Time) []*needle.InboxItem {
	o.t.Helper()
	first := needle.MaxPage
	pages, err := o.scope.InboxItemsByUser(o.t.Context(), []needle.UserID{o.people[name].ID}, store.InboxItemList{
		PageArgs: needle.PageArgs{First: &first}, Now: now,
		OrderBy: []*needle.Order[needle.InboxItemOrderField]{{Field: needle.InboxItemByKind, Direction: needle.Asc}},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return pages[0].Nodes
}

// waits demands what waits for whom a day from now, by kind; nothing waits for who is not named, and none of it in the
// other workspace.
func (o *office) waits(when string, want map[string]string) {
	o.t.Helper()
	got := map[string]string{}
	for name := range o.people {
		var kinds []string
		for _, i := range o.items(name, storetest.Now().Add(24*time.Hour)) {
			kinds = append(kinds, string(i.Kind))
		}
		if kinds != nil {
			got[name] = strings.Join(kinds, " ")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

func TestInbox_signOffWaitsForSidesThatLackApprovals(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	n := o.objective(needle.ObjectiveProposed)
	sign := func(who string, verdict needle.SignOffVerdict, revision int) {
		o.SignOff(func(s *needle.SignOff) {
			s.ObjectiveID, s.UserID, s.Function, s.Verdict, s.Revision, s.Reason = n.ID, o.people[who].ID, o.people[who].Function, verdict, revision, "because"
		})
	}
	all := map[string]string{"author": "SIGN_OFF", "member": "SIGN_OFF", "colleague": "SIGN_OFF", "leader": "SIGN_OFF", "stakeholder": "SIGN_OFF"}
	o.waits("proposed", all)
	before := o.items("leader", storetest.Now())[0]

	sign("member", needle.SignOffApprove, 1)
	o.waits("one of the team approved", map[string]string{"leader": "SIGN_OFF", "stakeholder": "SIGN_OFF"})
	o.do(`UPDATE participants SET must_sign = true WHERE user_id IN (?, ?, ?)`, o.people["member"].ID, o.people["colleague"].ID, o.people["support"].ID)
	o.waits("three must sign by name, one of whom did", map[string]string{
		"leader": "SIGN_OFF", "stakeholder": "SIGN_OFF", "colleague": "SIGN_OFF", "support": "SIGN_OFF",
	})
	o.do(`UPDATE participants SET must_sign = false`)
	sign("leader", needle.SignOffRequestChanges, 1)
	o.waits("the leader asks for changes", map[string]string{"stakeholder": "SIGN_OFF", "author": "CHANGES_REQUESTED"})

	o.revise(n)
	o.waits("revised", all)
	after := o.items("leader", storetest.Now().Add(2*time.Hour))[0]
	if after.ID == before.ID || !after.Since.Equal(storetest.Now().Add(time.Hour)) {
		t.Errorf("what waits anew is %+v, before it was %+v", after, before)
	}
	o.do(`UPDATE participants SET left_at = invited_at WHERE user_id = ?`, o.people["stakeholder"].ID)
	delete(all, "stakeholder")
	o.waits("the stakeholder left", all)
	sign("member", needle.SignOffApprove, 2)
	sign("member", needle.SignOffRequestChanges, 2)
	delete(all, "member")
	all["author"] = "CHANGES_REQUESTED SIGN_OFF"
	o.waits("the member approved and thought again", all)
	o.do(`UPDATE objectives SET state = 'AGREED', version = version + 1`)
	o.waits("agreed", map[string]string{})
}

func TestInbox_changesRequestedWaitForTheAuthor(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	o.do(`UPDATE workspaces SET sign_off_team = 0, sign_off_leader = 0, sign_off_stakeholder = 0`)
	n := o.objective(needle.ObjectiveProposed)
	say := func(who string, verdict needle.SignOffVerdict, later time.Duration) {
		o.SignOff(func(s *needle.SignOff) {
			s.ObjectiveID, s.UserID, s.Verdict, s.Reason, s.RecordedAt = n.ID, o.people[who].ID, verdict, "because", s.RecordedAt.Add(later)
		})
	}
	say("author", needle.SignOffRequestChanges, 0)
	o.waits("the author's own wish", map[string]string{})
	say("leader", needle.SignOffRequestChanges, 0)
	say("support", needle.SignOffRequestChanges, 0)
	o.waits("two ask for changes", map[string]string{"author": "CHANGES_REQUESTED CHANGES_REQUESTED"})
	say("leader", needle.SignOffApprove, time.Hour)
	o.waits("one signs after all", map[string]string{"author": "CHANGES_REQUESTED"})
	o.do(`UPDATE objectives SET state = 'DRAFT', version = version + 1`)
	o.waits("taken back", map[string]string{})
	o.do(`UPDATE objectives SET state = 'PROPOSED', version = version + 1`)
	o.waits("proposed again as it was", map[string]string{"author": "CHANGES_REQUESTED"})
	o.revise(n)
	o.waits("revised", map[string]string{})
}

func TestInbox_mentionsWaitUntilOneSaysSomething(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	n := o.objective(needle.ObjectiveDraft)
	say := func(who string, thread *needle.Comment, hours int) *needle.Comment {
		return o.Comment(func(c *needle.Comment) {
			c.SubjectID, c.ObjectiveID, c.CreatedBy = n.ID.String(), &n.ID, o.people[who].ID
			c.CreatedAt = c.CreatedAt.Add(time.Duration(hours) * time.Hour)
			if thread != nil {
				c.ThreadID = thread.ID
			}
		})
	}
	thread := say("author", nil, 0)
	o.Mention(thread, o.people["author"], o.people["leader"], o.people["outsider"])
	o.waits("mentioned", map[string]string{"leader": "MENTION", "outsider": "MENTION"})
	reply := say("leader", thread, 1)
	o.waits("one answers", map[string]string{"outsider": "MENTION"})
	o.do(`UPDATE comments SET deleted_at = created_at, body = '' WHERE id = ?`, reply.ID)
	o.waits("and takes it back", map[string]string{"leader": "MENTION", "outsider": "MENTION"})
	say("leader", thread, 0)
	o.waits("an answer in the same instant", map[string]string{"outsider": "MENTION"})
	again := say("author", thread, 2)
	o.Mention(again, o.people["leader"])
	o.waits("mentioned again", map[string]string{"leader": "MENTION", "outsider": "MENTION"})
	o.do(`UPDATE comments SET deleted_at = created_at, body = '' WHERE id = ?`, again.ID)
	o.waits("the second mention is taken back", map[string]string{"outsider": "MENTION"})
	o.do(`UPDATE comments SET resolved_at = created_at, resolved_by = created_by WHERE id = ?`, thread.ID)
	o.waits("resolved", map[string]string{})
}

func TestInbox_suggestionsWaitForAuthorAndOwner(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	n := o.objective(needle.ObjectiveDraft)
	key := o.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID, k.OwnerID = n.ID, &o.people["member"].ID })
	o.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID, k.OwnerID = n.ID, &o.people["colleague"].ID })
	suggest := func(who, subject string) *needle.Suggestion {
		return o.Suggestion(func(s *needle.Suggestion) {
			s.ObjectiveID, s.SubjectID, s.CreatedBy = n.ID, subject, o.people[who].ID
			s.Changes = []needle.SuggestedChange{{Field: needle.FieldTitle, From: "a", To: "b"}}
		})
	}
	decide := func(s *needle.Suggestion) {
		o.do(`UPDATE suggestions SET state = 'DECLINED', decided_at = created_at, decided_by = created_by WHERE id = ?`, s.ID)
	}
	about := suggest("support", n.ID.String())
	o.waits("of the objective", map[string]string{"author": "SUGGESTION"})
	decide(about)
	one := suggest("support", key.ID.String())
	o.waits("of a key result", map[string]string{"author": "SUGGESTION", "member": "SUGGESTION"})
	decide(one)
	two := suggest("author", key.ID.String())
	o.waits("by the author", map[string]string{"member": "SUGGESTION"})
	decide(two)
	three := suggest("member", key.ID.String())
	o.waits("by the owner", map[string]string{"author": "SUGGESTION"})
	o.do(`UPDATE key_results SET owner_id = ? WHERE id = ?`, o.people["author"].ID, key.ID)
	o.waits("once for an author who owns it", map[string]string{"author": "SUGGESTION"})
	decide(three)
	o.waits("declined", map[string]string{})
	suggest("support", key.ID.String())
	o.do(`UPDATE objectives SET state = 'CLOSED', outcome = 'DROPPED', version = version + 1`)
	o.waits("closed", map[string]string{})
}

func TestInbox_proposalsVotesAndIdeas(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	n := o.objective(needle.ObjectiveDraft)
	propose := func(who string) *needle.Proposal {
		return o.Proposal(func(p *needle.Proposal) { p.ObjectiveID, p.CreatedBy = n.ID, o.people[who].ID })
	}
	propose("author")
	p := propose("support")
	o.waits("proposed by another", map[string]string{"author": "PROPOSAL"})
	o.do(`UPDATE proposals SET state = 'WITHDRAWN', decided_at = created_at, decided_by = created_by WHERE id = ?`, p.ID)
	o.waits("withdrawn", map[string]string{})

	v := o.Vote(func(v *needle.Vote) {
		v.SubjectID, v.ObjectiveID, v.CreatedBy = n.ID.String(), &n.ID, o.people["author"].ID
	})
	for _, who := range []string{"author", "member", "colleague", "stakeholder"} {
		o.Ballot(v, o.people[who], 4)
	}
	o.waits("a vote in which two have not voted", map[string]string{"leader": "VOTE", "support": "VOTE"})
	o.do(`UPDATE votes SET state = 'CLOSED', closed_at = created_at, closed_by = created_by`)
	o.waits("closed", map[string]string{})
	o.Vote(func(v *needle.Vote) { v.SubjectID, v.CreatedBy = needle.NewIdeaID().String(), o.people["author"].ID })
	o.waits("a vote on an idea, which nobody is asked for", map[string]string{})

	idea := o.Idea(func(i *needle.Idea) { i.CreatedBy = o.people["outsider"].ID })
	o.waits("an idea that nobody decided on", map[string]string{})
	o.do(`UPDATE ideas SET state = 'EXPLORING', decided_by = ?`, o.people["author"].ID)
	o.waits("explored", map[string]string{})
	o.do(`UPDATE ideas SET state = 'PARKED', reason = 'later'`)
	o.waits("parked by another", map[string]string{"outsider": "IDEA_DECIDED"})
	parked := o.items("outsider", storetest.Now())[0]
	o.do(`UPDATE ideas SET state = 'PROMOTED', item_id = ?, state_changed_at = state_changed_at + interval '1 hour'`, o.Item().ID)
	if promoted := o.items("outsider", storetest.Now().Add(time.Hour))[0]; promoted.ID == parked.ID || promoted.Subject != idea.ID.UUID {
		t.Errorf("what is decided anew is %+v, before it was %+v", promoted, parked)
	}
	o.do(`UPDATE ideas SET decided_by = created_by`)
	o.waits("by its author", map[string]string{})
}

func TestInbox_checkInsWaitFromWhenTheyFallDue(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	n := o.objective(needle.ObjectiveAgreed)
	k := o.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID, k.OwnerID = n.ID, &o.people["member"].ID })
	o.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = n.ID }) // Nobody owns it.
	for hours := range 30 {
		now := storetest.Now().Add(time.Duration(hours) * 12 * time.Hour)
		waits := len(o.items("member", now)) > 0
		if due := !now.Before(k.CreatedAt.AddDate(0, 0, k.CadenceDays)); waits != due || k.Overdue(now) && !waits {
			t.Errorf("at %v it waits: %v, and is overdue: %v", now, waits, k.Overdue(now))
		}
	}
	due := storetest.Now().AddDate(0, 0, 7)
	first := o.items("member", due)
	if len(first) != 1 || !first[0].Since.Equal(due) || first[0].Subject != k.ID.UUID || *first[0].ObjectiveID != n.ID {
		t.Fatalf("what waits is %+v", first)
	}
	o.CheckIn(func(c *needle.CheckIn) { c.KeyResultID, c.MeasuredAt = k.ID, due })
	if left := o.items("member", due.AddDate(0, 0, 6)); len(left) > 0 {
		t.Errorf("after a check-in there waits %+v", left)
	}
	next := o.items("member", due.AddDate(0, 0, 7))
	if len(next) != 1 || next[0].ID == first[0].ID {
		t.Errorf("after the next cadence there waits %+v", next)
	}
	later := due.AddDate(1, 0, 0)
	for _, change := range []string{
		`UPDATE cycles SET state = 'PLANNING', version = version + 1`, `UPDATE cycles SET state = 'CLOSED', version = version + 1`,
		`UPDATE objectives SET state = 'PROPOSED', version = version + 1`,
	} {
		if len(o.items("member", later)) != 1 {
			t.Fatal("nothing waits")
		}
		o.do(change)
		for _, i := range o.items("member", later) {
			if i.Kind == needle.InboxCheckIn {
				t.Errorf("%s: it still waits", change)
			}
		}
		o.do(`UPDATE cycles SET state = 'ACTIVE', version = version + 1`)
		o.do(`UPDATE objectives SET state = 'AGREED', version = version + 1`)
	}
}

// TestInbox_isTheSameInEveryTimeZone reads across the night in which clocks change.
func TestInbox_isTheSameInEveryTimeZone(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	n := o.objective(needle.ObjectiveAgreed)
	o.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID, k.OwnerID = n.ID, &o.people["member"].ID })
	o.objective(needle.ObjectiveProposed)
	read := func(zone string) (out []string) {
		tx, err := o.db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }() // Nothing was written.
		if _, err := tx.ExecContext(t.Context(), "SET LOCAL TIME ZONE '"+zone+"'"); err != nil {
			t.Fatal(err)
		}
		if err := tx.NewRaw(`SELECT id || ' ' || extract(epoch FROM since) FROM inbox_items ORDER BY 1`).Scan(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := read("UTC")
	if len(want) < 5 {
		t.Fatalf("there waits %v", want)
	}
	for _, zone := range []string{"America/New_York", "Asia/Kathmandu", "Pacific/Apia"} {
		if diff := cmp.Diff(want, read(zone)); diff != "" {
			t.Errorf("in %s (-UTC +there):\n%s", zone, diff)
		}
	}
}

// TestInbox_staysInItsWorkspace fills two workspaces alike; a person of one knows an item of the other.
func TestInbox_staysInItsWorkspace(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	here, there := newOffice(t, db), newOffice(t, db)
	here.objective(needle.ObjectiveProposed)
	there.objective(needle.ObjectiveProposed)
	theirs := there.items("leader", storetest.Now())[0]
	for _, who := range []needle.UserID{here.people["leader"].ID, there.people["leader"].ID} {
		found, err := here.scope.InboxItemsOf(t.Context(), who, []needle.InboxItemID{theirs.ID}, storetest.Now())
		if err != nil || found[0] != nil {
			t.Errorf("found %+v, %v", found, err)
		}
	}
	n, err := here.scope.InboxCount(t.Context(), there.people["leader"].ID, nil, storetest.Now())
	if err != nil || n != 0 {
		t.Errorf("counted %d, %v", n, err)
	}
}

func TestInbox_marksArePersonal(t *testing.T) {
	t.Parallel()
	o := newOffice(t, storetest.New(t))
	n := o.objective(needle.ObjectiveProposed)
	item := o.items("leader", storetest.Now())[0]
	count := func(who string, read bool) int {
		c, err := o.scope.InboxCount(t.Context(), o.people[who].ID, &read, storetest.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for range 2 { // Twice is as good as once.
		if err := o.scope.MarkInboxRead(t.Context(), o.people["leader"].ID, []needle.InboxItemID{item.ID, item.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if count("leader", true) != 1 || count("leader", false) != 0 || count("stakeholder", true) != 0 || count("stakeholder", false) != 1 {
		t.Error("the mark is not the leader's alone")
	}
	o.revise(n)
	if got := o.items("leader", storetest.Now().Add(time.Hour)); len(got) != 1 || got[0].ReadAt != nil {
		t.Errorf("what waits anew is %+v", got)
	}
}
