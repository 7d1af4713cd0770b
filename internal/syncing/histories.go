package syncing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// When work was delivered is what its tracker remembers: the last move into done. That costs a question for each issue, so
// it is asked only for issues that serve a key result and whose being done changed, or that were linked when they were
// done already.

const (
	// maxHistories bounds what one pass asks for; the next one takes the rest.
	maxHistories = 200
	// maxUnavailable ends asking in a pass: so many histories in a row that could not be had are the tracker's trouble.
	maxUnavailable = 3
)

// remembers reports whether the connection's tracker can tell an issue's earlier states.
func (p *pass) remembers() bool {
	return p.can(p.conn.Kind, integrations.CanHistory)
}

// wantHistories notes that the histories of issues are wanted, those whose items serve nothing left out.
func (p *pass) wantHistories(ctx context.Context, tx store.Scope, issues []needle.IssueID) error {
	if !p.remembers() {
		return nil
	}
	return tx.WantHistories(ctx, issues)
}

// readHistories asks for what was noted. An issue whose history cannot be had now is asked for later; a limit ends the
// pass as anywhere else.
func (p *pass) readHistories(ctx context.Context) error {
	if !p.remembers() {
		return nil
	}
	if err := p.scope.WantMissedHistories(ctx, p.conn.ID); err != nil {
		return err
	}
	wanted, err := p.scope.WantedHistories(ctx, p.conn.ID, maxHistories)
	if err != nil {
		return err
	}
	failed := 0
	for _, one := range wanted {
		err := p.readHistory(ctx, one)
		if unavailable := (*integrations.UnavailableError)(nil); errors.As(err, &unavailable) && ctx.Err() == nil {
			if err := p.scope.PostponeHistory(ctx, one); err != nil {
				return err
			}
			if failed++; failed == maxUnavailable {
				return nil
			}
			continue
		}
		if err != nil {
			return err
		}
		failed = 0
	}
	return nil
}

// readHistoryOf asks for the history of one issue if it is wanted.
func (p *pass) readHistoryOf(ctx context.Context, issue *needle.Issue) error {
	if !p.remembers() {
		return nil
	}
	wanted, err := p.scope.WantedHistory(ctx, issue.ID)
	if err != nil || wanted == nil {
		return err
	}
	err = p.readHistory(ctx, *wanted)
	if unavailable := (*integrations.UnavailableError)(nil); errors.As(err, &unavailable) {
		return nil // The next pass asks again.
	}
	return err
}

// readHistory asks for one history and stores what it tells. An issue that is not there any more, or that cannot be
// understood, has none.
func (p *pass) readHistory(ctx context.Context, wanted store.WantedHistory) error {
	memory, able := p.tracker.(integrations.History)
	if !able {
		return nil
	}
	log, err := memory.Transitions(ctx, integrations.Ref{ID: wanted.RemoteID, Key: wanted.RemoteKey})
	moved, broken, rejected := (*integrations.MovedError)(nil), (*integrations.BrokenError)(nil), (*integrations.RejectedError)(nil)
	switch {
	case errors.Is(err, integrations.ErrNotFound), errors.Is(err, integrations.ErrGone),
		errors.As(err, &moved), errors.As(err, &broken), errors.As(err, &rejected):
		return p.scope.SettleHistory(ctx, wanted)
	case err != nil:
		return &trackerError{err: err}
	}
	err = p.persist(ctx, func(ctx context.Context, tx store.Scope) error { return p.storeHistory(ctx, tx, wanted, log) })
	if err != nil {
		return fmt.Errorf("storing the history of %s: %w", wanted.RemoteKey, err)
	}
	return nil
}

// storeHistory stores a history and lets the issue's item follow it.
func (p *pass) storeHistory(ctx context.Context, tx store.Scope, wanted store.WantedHistory, log []integrations.Transition) error {
	read, err := p.reading(ctx, tx)
	if err != nil {
		return err
	}
	issue, err := tx.Issue(ctx, wanted.IssueID)
	if err != nil {
		return err
	}
	steps := make([]needle.StateChange, len(log))
	for i, step := range log {
		steps[i] = needle.StateChange{
			At: instant(step.At), To: status(step.To), RawTo: needle.Clean(step.RawTo), RawReason: needle.Clean(step.RawReason),
		}
	}
	if err := tx.SaveHistory(ctx, issue.ID, steps); err != nil {
		return err
	}
	if err := tx.SettleHistory(ctx, wanted); err != nil {
		return err
	}
	_, err = retell(ctx, tx, read.words, []*needle.Issue{issue}, map[needle.IssueID][]needle.StateChange{issue.ID: steps})
	return err
}

// retell tells the items of issues anew how they moved: by the history of the issue where there is one, or else by what
// the last state that was seen means now. Moves that turn out to have been otherwise are superseded, the others stay as
// they were recorded. It returns the issues whose items began or ceased to be done, or were so at another time.
func retell(ctx context.Context, tx store.Scope, words needle.Dictionary, issues []*needle.Issue, histories map[needle.IssueID][]needle.StateChange) ([]needle.IssueID, error) {
	there, err := tx.MirrorsOf(ctx, issueIDs(issues))
	if err != nil || len(there) == 0 {
		return nil, err
	}
	items := make([]needle.BacklogItemID, 0, len(there))
	for _, item := range there {
		items = append(items, item.ID)
	}
	known, err := tx.MovesOf(ctx, items)
	if err != nil {
		return nil, err
	}
	work := mirroring{now: tx.Now()}
	for _, issue := range issues {
		item := there[issue.ID]
		if item == nil || len(known[item.ID]) == 0 {
			continue
		}
		told := movesBefore(known[item.ID], issue)
		if steps, asked := histories[issue.ID]; asked {
			told = movesOf(known[item.ID][0].ItemTransition, steps, words, issue)
		}
		if err := work.retell(item, issue, known[item.ID], told); err != nil {
			return nil, err
		}
	}
	return work.delivered, work.store(ctx, tx)
}

// movesOf makes the moves of an item of its issue's history, after the first. What happened since the issue was read last
// is left to the pass that brings it.
func movesOf(first needle.ItemTransition, steps []needle.StateChange, words needle.Dictionary, issue *needle.Issue) []needle.ItemTransition {
	told := []needle.ItemTransition{first}
	for _, step := range steps {
		if step.At.After(issue.RemoteUpdatedAt) {
			break
		}
		told = moveOn(told, words.Status(step.RawTo, step.RawReason, step.To), step.At)
	}
	return moveOn(told, issue.Status, movedAt(issue))
}

// movesBefore are the moves of an item up to the state that its issue is in, and the move to what that means now.
func movesBefore(known []store.Move, issue *needle.Issue) []needle.ItemTransition {
	at, told := movedAt(issue), []needle.ItemTransition{known[0].ItemTransition}
	for _, move := range known[1:] {
		if move.OccurredAt.Before(at) {
			told = append(told, move.ItemTransition)
		}
	}
	last := told[len(told)-1]
	if issue.Status == needle.StatusDone && last.To == needle.StatusDone && closed(issue) && at.Sub(last.OccurredAt) > again {
		// It was reopened and closed again between two looks.
		return append(told, needle.ItemTransition{ItemID: last.ItemID, From: &last.To, To: last.To, OccurredAt: at})
	}
	return moveOn(told, issue.Status, at)
}

// moveOn adds a move to another status.
func moveOn(told []needle.ItemTransition, to needle.StatusCategory, at time.Time) []needle.ItemTransition {
	last := told[len(told)-1]
	if last.To == to {
		return told
	}
	return append(told, needle.ItemTransition{ItemID: last.ItemID, From: &last.To, To: to, OccurredAt: later(at, last.OccurredAt)})
}

// retell makes an item what its moves say, and notes which of the known moves are superseded and which are new.
func (m *mirroring) retell(b *needle.BacklogItem, issue *needle.Issue, known []store.Move, told []needle.ItemTransition) error {
	before := *b
	superseded, fresh := difference(known, told)
	if len(superseded) == 0 && len(fresh) == 0 {
		return nil
	}
	m.superseded = append(m.superseded, superseded...)
	for _, move := range fresh {
		move.RecordedAt = m.now
		m.moves = append(m.moves, move)
	}
	b.StartedAt, b.DeliveredAt = nil, nil
	stage := needle.StageProposed
	for _, move := range told {
		at := move.OccurredAt
		stage = needle.StageFor(move.To, stage)
		if move.To == needle.StatusInProgress && b.StartedAt == nil {
			b.StartedAt = &at
		}
		if move.To == needle.StatusDone && issue.Status == needle.StatusDone {
			b.DeliveredAt = &at
		}
	}
	if b.Status != issue.Status {
		b.Status, b.Stage = issue.Status, stage
	}
	if same(before.StartedAt, b.StartedAt) && same(before.DeliveredAt, b.DeliveredAt) && before.Status == b.Status {
		return nil
	}
	m.changed = append(m.changed, b)
	m.noteDelivery(&before, b)
	if before.Status == b.Status && same(before.DeliveredAt, b.DeliveredAt) {
		return nil
	}
	return m.tell(&before, b)
}

func same(a, b *time.Time) bool { return (a == nil) == (b == nil) && (a == nil || a.Equal(*b)) }

// difference says which known moves are not told, and which told moves are not known.
func difference(known []store.Move, told []needle.ItemTransition) (superseded []store.MoveID, fresh []needle.ItemTransition) {
	type move struct {
		from, to needle.StatusCategory
		at       int64
	}
	keyOf := func(t needle.ItemTransition) move {
		k := move{to: t.To, at: t.OccurredAt.UnixMicro()}
		if t.From != nil {
			k.from = *t.From
		}
		return k
	}
	open := map[move]int{}
	for _, t := range told {
		open[keyOf(t)]++
	}
	for _, k := range known {
		if key := keyOf(k.ItemTransition); open[key] > 0 {
			open[key]--
		} else {
			superseded = append(superseded, k.ID)
		}
	}
	for _, t := range told {
		if key := keyOf(t); open[key] > 0 {
			open[key]--
			fresh = append(fresh, t)
		}
	}
	return superseded, fresh
}
