package demo

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
)

// work is a native backlog item of the story.
type work struct {
	key, team, by string
	title, text   string
	day           int
	effort        float64
	class         needle.Moscow
	epic          string
	moves         []move
	links         []link
}

// move is a step of an item from one status to another.
type move struct {
	day int
	to  needle.StatusCategory
}

// link is the bet that an item serves a key result.
type link struct {
	result    string
	by        string
	day       int
	role      needle.ContributionRole
	low, high float64 // both 0 when nobody said
	lag       [2]int  // both 0 when the key result's holds
	note      string
	ended     int // the day it was taken back; 0 when it holds
}

func (s *story) writeWork() {
	for _, w := range append(checkoutWork(), onboardingWork()...) {
		s.writeItem(w)
		for _, m := range w.moves {
			s.plan(m.day, 14, w.by, func(ctx context.Context) error {
				return keep(s.items, w.key)(s.planner.UpdateBacklogItem(ctx, needle.UpdateBacklogItemInput{ID: s.items[w.key].ID, Status: &m.to}))
			})
		}
		for _, l := range w.links {
			s.writeLink(w.key, l)
		}
	}
}

func (s *story) writeItem(w work) {
	s.plan(w.day, 10, w.by, func(ctx context.Context) error {
		in := needle.CreateBacklogItemInput{TeamID: s.teams[w.team].ID, Title: w.title, Description: optional(w.text), Effort: optional(w.effort), Moscow: optional(w.class)}
		if epic := s.items[w.epic]; epic != nil {
			in.ParentID = &epic.ID
		}
		return keep(s.items, w.key)(s.planner.CreateBacklogItem(ctx, in))
	})
}

func (s *story) writeLink(item string, l link) {
	name := fmt.Sprintf("%s → %s", item, l.result)
	s.plan(l.day, 11.5, l.by, func(ctx context.Context) error {
		bet := &needle.BetInput{Role: optional(l.role), Note: optional(l.note)}
		if l.low != 0 || l.high != 0 {
			bet.ExpectedLow, bet.ExpectedHigh = &l.low, &l.high
		}
		if l.lag != [2]int{} {
			bet.LagMinDays, bet.LagMaxDays = &l.lag[0], &l.lag[1]
		}
		return keep(s.links, name)(s.planner.Link(ctx, needle.LinkInput{ItemID: s.items[item].ID, KeyResultID: s.keyResults[l.result].ID, Bet: bet}))
	})
	if l.ended != 0 {
		s.plan(l.ended, 15, l.by, func(ctx context.Context) error {
			_, err := s.planner.Unlink(ctx, needle.UnlinkInput{ContributionID: s.links[name].ID})
			return err
		})
	}
}
