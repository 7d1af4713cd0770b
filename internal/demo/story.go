package demo

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
)

// story is the workspace as it comes to be, scene by scene. Its maps name what was made, so that later scenes can speak
// of it.
type story struct {
	calendar
	seed    uint64
	clock   *clock
	planner *planning.Planner
	scope   store.Scope
	scenes  []scene

	people     map[string]*needle.User
	teams      map[string]*needle.Team
	cycles     map[string]*needle.Cycle
	pains      map[string]*needle.PainPoint
	objectives map[string]*needle.Objective
	keyResults map[string]*needle.KeyResult
	checkIns   map[string]*needle.CheckIn
	items      map[string]*needle.BacklogItem
	links      map[string]*needle.Contribution
}

// scene is one thing that one person does at one moment.
type scene struct {
	at  time.Time
	who string
	do  func(ctx context.Context) error
}

// Slug is the short name of the demo's workspace.
const Slug = "brightcart"

// owner is the person the workspace belongs to, who also holds the demo's token.
const owner = "mara"

// Seed tells the story up to now into a database that has the schema and no workspace of this name, and returns the
// workspace's owner. The same seed and now tell the same story; only ids differ.
//
// It is not one transaction. Whoever calls it throws the database away when it fails.
func Seed(ctx context.Context, url string, seed uint64, now time.Time) (*needle.User, error) {
	c := newCalendar(now)
	watch := &clock{at: c.at(-cycleDays-14, 9)}
	s, err := store.Open(store.Config{URL: url, Pool: 2, Now: watch.now})
	if err != nil {
		return nil, err
	}
	who, err := tell(ctx, s, c, seed, watch)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, fmt.Errorf("seeding the demo: %w", err)
	}
	return who, nil
}

func tell(ctx context.Context, db *store.Store, c calendar, seed uint64, watch *clock) (*needle.User, error) {
	id := needle.NewWorkspaceID()
	founded := watch.now()
	err := db.InsertWorkspace(ctx, &needle.Workspace{
		ID: id, Name: "Brightcart", Slug: Slug, Policy: needle.DefaultPolicy(), CreatedAt: founded, UpdatedAt: founded, Version: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("founding the workspace: %w", err)
	}
	s := &story{
		calendar: c, seed: seed, clock: watch, planner: planning.New(db), scope: db.In(id),
		people: map[string]*needle.User{}, teams: map[string]*needle.Team{}, cycles: map[string]*needle.Cycle{},
		pains: map[string]*needle.PainPoint{}, objectives: map[string]*needle.Objective{},
		keyResults: map[string]*needle.KeyResult{}, checkIns: map[string]*needle.CheckIn{},
		items: map[string]*needle.BacklogItem{}, links: map[string]*needle.Contribution{},
	}
	if err := s.founder(ctx); err != nil {
		return nil, err
	}
	s.writePeople()
	s.writePains()
	s.writeResults()
	s.writeWork()
	s.writeBets()
	s.writeTogether()
	return s.people[owner], s.play(ctx)
}

// plan adds a scene on a day; who is not yet there by then cannot act in it.
func (s *story) plan(d int, hour float64, who string, do func(ctx context.Context) error) {
	s.scenes = append(s.scenes, scene{at: s.at(d, hour), who: who, do: do})
}

// play acts the scenes in the order of time; those that lie ahead of now have not happened.
func (s *story) play(ctx context.Context) error {
	slices.SortStableFunc(s.scenes, func(a, b scene) int { return a.at.Compare(b.at) })
	for _, sc := range s.scenes {
		if !sc.at.Before(s.now.Add(-time.Minute)) {
			break
		}
		s.clock.set(sc.at)
		u := s.people[sc.who]
		if u == nil {
			return fmt.Errorf("on %s: %s is not there yet", sc.at.Format(time.DateOnly), sc.who)
		}
		acting := needle.WithViewer(ctx, needle.Viewer{
			WorkspaceID: s.scope.WorkspaceID(), UserID: u.ID, Role: u.Role, Function: u.Function, Scopes: needle.AllScopes(),
		})
		if err := sc.do(acting); err != nil {
			return fmt.Errorf("on %s, by %s: %w", sc.at.Format(time.DateOnly), sc.who, err)
		}
	}
	return nil
}

// chance returns random numbers that belong to a name, so that a change in one part of the story changes no other.
func chance(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = io.WriteString(h, name)                // A hash never fails.
	return rand.New(rand.NewPCG(seed, h.Sum64())) //nolint:gosec // Noise for a demo, the same on each start.
}

// keep stores what a use case made under a name.
func keep[T any](in map[string]*T, name string) func(*T, error) error {
	return func(made *T, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		in[name] = made
		return nil
	}
}

// optional returns nil for the zero value, as inputs say "not given".
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
