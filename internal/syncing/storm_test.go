package syncing_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// TestWebhooks_lostDoubledAndReorderedBesidePasses mutates a tracker while webhooks get lost, come twice and out of order,
// two processes work off the inbox, and passes run. Whatever happened, after one quiet pass with a count the mirror equals
// the tracker, what was deleted is a tombstone, and what people linked is linked still.
func TestWebhooks_lostDoubledAndReorderedBesidePasses(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			storm(t, seed)
		})
	}
}

// born is how many issues there are before the storm.
const born = 20

// stormy is a tracker in a storm.
type stormy struct {
	*world
	conn   *needle.Connection
	random *rand.Rand
	// alive are the numbers of the issues in the shop that were not deleted or moved.
	alive []int
	// late are webhooks on their way.
	late []fakegithub.Delivery
	// buried counts issues that people had linked and that were deleted.
	buried int
}

func storm(t *testing.T, seed uint64) {
	t.Helper()
	w := newWorld(t)
	w.gh.AddRepo(depot)
	s := &stormy{world: w, random: rand.New(rand.NewPCG(seed, 11))}
	s.alive = w.open(born)
	s.conn = w.hooked(func(in *needle.CreateConnectionInput) { in.Sources = []string{shop, depot} })
	linked := s.linkAll()

	var workers sync.WaitGroup
	var calm atomic.Bool
	ctx := context.WithoutCancel(t.Context())
	for _, e := range []*syncing.Engine{w.engine, w.newEngine(w.newStore(keys()), 7)} {
		workers.Go(func() {
			for !calm.Load() {
				if _, err := e.WorkInbox(ctx, s.conn.WorkspaceID, s.conn.ID); err != nil {
					t.Errorf("working off: %v", err)
				}
				if _, err := e.SyncConnection(ctx, s.conn.WorkspaceID, s.conn.ID, nil); err != nil && !errors.Is(err, syncing.ErrBusy) {
					t.Errorf("passing: %v", err)
				}
			}
		})
	}
	for range 150 {
		s.mutate()
		s.send()
	}
	calm.Store(true)
	workers.Wait()
	s.quiet()
	s.compare(linked)
}

// linkAll has a person link every item and returns by how many links.
func (s *stormy) linkAll() int {
	s.t.Helper()
	kr := s.f.KeyResult()
	items, err := s.scope.BacklogItems(s.t.Context(), needle.ListArgs[needle.BacklogItemFilter, needle.BacklogItemOrderField]{
		PageArgs: needle.PageArgs{First: ptr(2 * born)},
	})
	check(s.t, err)
	for _, item := range items.Nodes {
		s.f.Contribution(func(c *needle.Contribution) { c.ItemID, c.KeyResultID = item.ID, kr.ID })
	}
	return len(items.Nodes)
}

// mutate changes something at the tracker. Time passes, so that states can be told apart.
func (s *stormy) mutate() {
	s.t.Helper()
	s.clock.pass(time.Duration(1+s.random.IntN(40)) * time.Second)
	at := s.random.IntN(len(s.alive))
	number := s.alive[at]
	drop := func() { s.alive = append(s.alive[:at:at], s.alive[at+1:]...) }
	var err error
	switch p := s.random.IntN(100); {
	case p < 20 || len(s.alive) < 5:
		number, _, err = s.gh.Create(shop, fakegithub.NewIssue{Title: "Born in the storm"})
		s.alive = append(s.alive, number)
	case p < 55:
		title := fmt.Sprint("Title ", s.random.IntN(1000))
		err = s.gh.Update(shop, number, fakegithub.Change{Title: &title})
	case p < 75:
		err = s.gh.CloseIssue(shop, number, []string{"completed", "not_planned"}[s.random.IntN(2)])
	case p < 85:
		err = s.gh.Reopen(shop, number)
	case p < 93:
		err = s.gh.Delete(shop, number)
		drop()
		if number <= born {
			s.buried++
		}
	default:
		_, _, err = s.gh.Transfer(shop, number, depot)
		drop()
	}
	check(s.t, err)
}

// send delivers some of the webhooks on their way: a third gets lost, a third comes twice, all of them in any order.
func (s *stormy) send() {
	s.t.Helper()
	for _, d := range s.mail.take() {
		if s.random.IntN(3) > 0 {
			s.late = append(s.late, d)
		}
		if s.random.IntN(3) == 0 {
			s.late = append(s.late, d)
		}
	}
	s.random.Shuffle(len(s.late), func(i, j int) { s.late[i], s.late[j] = s.late[j], s.late[i] })
	n := s.random.IntN(len(s.late) + 1)
	s.deliver(s.conn, s.late[:n]...)
	s.late = s.late[n:]
}

// quiet lets the storm end: what is late arrives, and one pass counts.
func (s *stormy) quiet() {
	s.t.Helper()
	s.deliver(s.conn, s.late...)
	s.clock.pass(time.Second)
	s.workInbox(s.conn)
	s.clock.pass(25 * time.Hour)
	if report := s.sync(s.conn); report.State != needle.ConnectionOK {
		s.t.Fatalf("the quiet pass says %s: %s", report.State, report.Reason)
	}
}

// compare demands what the storm must not have hurt.
func (s *stormy) compare(linked int) {
	s.t.Helper()
	s.inStep(shop, depot)
	s.expect(map[needle.WebhookDeliveryState]int{needle.WebhookDone: s.filed(needle.WebhookDone)})
	if n := s.filed(needle.WebhookDone); n < 50 {
		s.t.Errorf("only %d webhooks were worked off, which is no storm", n)
	}
	if n := s.count(`SELECT count(*) FROM contributions WHERE origin = 'PERSON' AND valid_to IS NULL`); n != linked {
		s.t.Errorf("%d of %d links are left", n, linked)
	}
	// No link stayed behind with the former self of an issue that moved.
	living := s.count(`SELECT count(*) FROM contributions AS c JOIN backlog_items AS b ON b.id = c.item_id JOIN issues AS i ON i.id = b.issue_id
		WHERE c.origin = 'PERSON' AND c.valid_to IS NULL AND i.gone_at IS NULL`)
	if living != linked-s.buried {
		s.t.Errorf("%d links are on living work, want %d", living, linked-s.buried)
	}
}
