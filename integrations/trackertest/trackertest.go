// Package trackertest is the conformance suite for trackers. A driver passes
// when Run does, against a world that behaves like the real tracker; the worlds
// of the drivers in this module are the fake servers in the folders below.
package trackertest

import (
	"context"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// World is a tracker that the suite can change and break. It holds exactly one
// source, which is empty at first. Its time stands still except for Tick. Every
// method may be called at any time, also while the tracker answers.
type World interface {
	// Open connects with a good credential. Each call makes a new connection,
	// which knows nothing of earlier ones.
	Open() integrations.Tracker
	// OpenUnauthorized connects with a bad credential. Nil: the tracker asks for
	// none.
	OpenUnauthorized() integrations.Tracker
	// Source is the one source.
	Source() integrations.Source

	// Tick lets a second pass, the finest difference a walk must tell.
	Tick()
	// Create opens an issue.
	Create(title string) integrations.Ref
	// Touch changes an issue without changing its state.
	Touch(ref integrations.Ref)
	// Finish brings an issue to its end, Reopen back.
	Finish(ref integrations.Ref)
	Reopen(ref integrations.Ref)
	// Delete deletes an issue.
	Delete(ref integrations.Ref)
	// Move moves an issue to where it has another id, and returns its new
	// name. It reports false where that cannot happen.
	Move(ref integrations.Ref) (integrations.Ref, bool)
	// Poison makes an issue undecodable and keeps its id and time readable.
	Poison(ref integrations.Ref)

	// OnRequest calls f before each request is answered. Nil: nothing.
	OnRequest(f func())
	// Garble answers every request with this body and a status of success.
	Garble(body []byte)
	// Fail answers every request with a server error.
	Fail()
	// Limit answers every request with a limit, and returns when it ends. Zero:
	// the tracker sets no limits.
	Limit() time.Time
	// Stall lets requests hang until their caller gives up.
	Stall()
	// Heal ends Garble, Fail, Limit and Stall.
	Heal()

	// Webhooks returns one delivery for each change so far and the secret they
	// were signed with. A tracker that is no WebhookParser returns nothing.
	Webhooks() ([]integrations.Delivery, []byte)
}

// Run checks a driver against the contract of integrations.Tracker and of every
// optional interface it implements; for some of them the world has to be a
// LinkWorld or SearchWorld too. Each subtest makes a world of its own.
func Run(t *testing.T, newWorld func(t *testing.T) World) {
	t.Helper()
	type check struct {
		name string
		run  func(t *testing.T, w World)
	}
	checks := []check{
		{"knows who the credential belongs to", knowsAccount},
		{"lists the source", listsSource},
		{"walks every issue once, oldest change first, and ends", walksEverything},
		{"walks a source whose issues all changed at one time", walksOneInstant},
		{"starts a walk at the given time, inclusive", startsAtSince},
		{"walks an empty source", walksNothing},
		{"loses nothing while issues change during the walk", losesNothing},
		{"shows an issue alike in a list and by itself", showsAlike},
		{"keeps ids when issues change", keepsIDs},
		{"tells that an issue is done", tellsDone},
		{"puts an undecodable issue aside and goes on", putsAside},
		{"recognises an unchanged source when it gives validators", recognisesUnchanged},
		{"says that a deleted issue is gone", saysGone},
		{"says that an unknown issue is not found", saysNotFound},
		{"says where an issue moved", saysMoved},
		{"says that a credential is bad", saysUnauthorized},
		{"says until when it is limited", saysLimited},
		{"says that a failing tracker is unavailable", saysUnavailable},
		{"survives garbage", survivesGarbage},
		{"refuses a cursor it did not make", refusesForeignCursor},
		{"stops when its context ends", stopsWithContext},
		{"serves many goroutines", servesMany},
	}
	tracker := newWorld(t).Open()
	if _, ok := tracker.(integrations.Census); ok {
		checks = append(checks, check{"counts every living issue", countsLiving})
	}
	if _, ok := tracker.(integrations.History); ok {
		checks = append(checks, check{"remembers when an issue was done", remembersDone})
	}
	if _, ok := tracker.(integrations.WebhookParser); ok {
		checks = append(checks,
			check{"reads genuine webhooks", readsWebhooks},
			check{"refuses webhooks that are not genuine", refusesForgeries})
	}
	if _, ok := tracker.(integrations.Linker); ok {
		checks = append(checks,
			check{"puts one backlink and changes it in place", putsBacklinks},
			check{"puts no backlink where nothing is", linksOnlyWhatIsThere})
	}
	if _, ok := tracker.(integrations.Searcher); ok {
		checks = append(checks,
			check{"finds what is searched for", findsMatches},
			check{"sees nothing outside the source", searchesOnlyTheSource})
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, newWorld(t))
		})
	}
}

// call is one question of the core contract.
type call struct {
	name string
	ask  func(ctx context.Context, t integrations.Tracker) error
}

// calls are all questions that go to the network.
func calls(s integrations.Source, ref integrations.Ref) []call {
	return []call{
		{"Check", func(ctx context.Context, t integrations.Tracker) error {
			_, err := t.Check(ctx)
			return err
		}},
		{"Sources", func(ctx context.Context, t integrations.Tracker) error {
			_, _, err := t.Sources(ctx, "")
			return err
		}},
		{"Issues", func(ctx context.Context, t integrations.Tracker) error {
			_, err := t.Issues(ctx, integrations.Query{Source: s})
			return err
		}},
		{"Issue", func(ctx context.Context, t integrations.Tracker) error {
			_, err := t.Issue(ctx, ref)
			return err
		}},
	}
}

// populate opens n issues, a second apart.
func populate(w World, n int) []integrations.Ref {
	refs := make([]integrations.Ref, n)
	for i := range refs {
		refs[i] = w.Create("Something to do")
		w.Tick()
	}
	return refs
}
