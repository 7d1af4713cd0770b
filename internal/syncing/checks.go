package syncing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
)

const (
	// checkPatience bounds asking a tracker while a person waits, below what an operation may take.
	checkPatience = 8 * time.Second
	// offeredPages bounds how many of the tracker's pages one answer looks through for what a person seeks.
	offeredPages = 5
)

// CheckConnection asks a tracker now whether it can be read. With a kind and settings nothing is stored; with a connection
// what the tracker says becomes the connection's state, as it would after a pass. What the tracker has against it is no
// error: it is told in the answer.
func (e *Engine) CheckConnection(ctx context.Context, in needle.CheckConnectionInput) (*needle.ConnectionCheck, error) {
	p, err := e.probe(ctx, needle.ActConnect, in.TrackerInput, in.Validate)
	if err != nil {
		return nil, err
	}
	asking, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	account, err := p.whoAmI(asking)
	now := p.clock()
	v := p.good(now)
	if err != nil {
		if v, err = p.judgeProbe(ctx, err, now); err != nil {
			return nil, err
		}
	}
	check := &needle.ConnectionCheck{OK: v.state == needle.ConnectionOK, TrackerProblem: problemOf(v)}
	if check.OK {
		check.AccountName, check.AccountURL = needle.Clean(account.Name), needle.Clean(account.URL)
		p.conn.AccountName = check.AccountName
	}
	if in.ConnectionID == nil || p.conn.State == needle.ConnectionPaused {
		return check, nil
	}
	return check, p.keep(ctx, v)
}

// AvailableSources asks a tracker which repositories or projects its credentials can see, one page at a time.
func (e *Engine) AvailableSources(ctx context.Context, in needle.AvailableSourcesInput) (*needle.AvailableSources, error) {
	p, err := e.probe(ctx, needle.ActConnect, in.TrackerInput, in.Validate)
	if err != nil {
		return nil, err
	}
	after, err := p.scope.ParseOfferCursor(in.After)
	if err != nil {
		return nil, err
	}
	var taken []string
	if in.ConnectionID != nil {
		if taken, err = p.scope.ReadKeys(ctx, *in.ConnectionID); err != nil {
			return nil, err
		}
	}
	asking, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	offer := &needle.AvailableSources{Nodes: []*needle.AvailableSource{}}
	next, err := p.offered(asking, integrations.Cursor(after), in.Query, func(s integrations.Source) {
		key := needle.Clean(s.Key)
		offer.Nodes = append(offer.Nodes, &needle.AvailableSource{
			Key: key, Name: needle.Clean(s.Name), URL: needle.Clean(s.URL), Private: s.Private, Archived: s.Archived,
			Added: holdsFold(taken, key),
		})
	})
	if err != nil {
		v, fault := p.judgeProbe(ctx, err, p.clock())
		if fault != nil {
			return nil, fault
		}
		offer.TrackerProblem = problemOf(v)
	}
	offer.EndCursor = p.scope.OfferCursor(string(next))
	return offer, nil
}

// probe prepares asking a tracker by hand: may the viewer, and what are the settings.
func (e *Engine) probe(ctx context.Context, action needle.Action, in needle.TrackerInput, validate func() error) (*pass, error) {
	viewer, err := needle.Authorize(ctx, action)
	if err != nil {
		return nil, err
	}
	if err := validate(); err != nil {
		return nil, err
	}
	p := &pass{Engine: e, scope: e.store.In(viewer.WorkspaceID), meter: e.meter()}
	if in.ConnectionID != nil {
		if p.conn, err = p.scope.Connection(ctx, *in.ConnectionID); err != nil {
			return nil, at("input.connectionId", err)
		}
		return p, nil
	}
	driver, err := e.registry.Driver(*in.Kind)
	if err != nil {
		return nil, needle.Invalid("input.kind", needle.CodeInvalid, "there is no such kind of tracker")
	}
	given, err := readSettings(driver, in.Settings, nil, nil)
	if err != nil {
		return nil, err
	}
	p.conn, p.given = &needle.Connection{Kind: *in.Kind, Settings: given.open, State: needle.ConnectionUnchecked}, given.secret
	return p, nil
}

// whoAmI opens the tracker and asks who we are, unless it wants to be left alone.
func (p *pass) whoAmI(ctx context.Context) (integrations.Account, error) {
	if err := p.connect(ctx); err != nil {
		return integrations.Account{}, err
	}
	account, err := p.tracker.Check(ctx)
	if err != nil {
		return integrations.Account{}, &trackerError{err: err}
	}
	return account, nil
}

// connect opens the tracker, unless it wants to be left alone.
func (p *pass) connect(ctx context.Context) error {
	if limited(p.conn, p.clock()) {
		return &trackerError{err: &integrations.RateLimitError{RetryAt: *p.conn.RateLimitedUntil, Reason: "as it said before"}}
	}
	return p.openTracker(ctx)
}

// offered lists the sources that hold a text, page after page until there are some, and returns where to go on.
func (p *pass) offered(ctx context.Context, after integrations.Cursor, query *string, offer func(integrations.Source)) (integrations.Cursor, error) {
	if err := p.connect(ctx); err != nil {
		return after, err
	}
	sought := ""
	if query != nil {
		sought = strings.ToLower(strings.TrimSpace(needle.Clean(*query)))
	}
	for page, found := 0, false; page < offeredPages && !found; page++ {
		sources, next, err := p.tracker.Sources(ctx, after)
		if err != nil {
			return after, &trackerError{err: err}
		}
		for _, s := range sources {
			if strings.Contains(strings.ToLower(s.Key+"\n"+s.Name), sought) {
				offer(s)
				found = true
			}
		}
		if next == "" || next == after {
			return "", nil
		}
		after = next
	}
	return after, nil
}

// judgeProbe is the verdict on what a tracker did to somebody who asked by hand. An error that is not the tracker's comes
// back; that the tracker took longer than a person waits is the tracker's.
func (p *pass) judgeProbe(ctx context.Context, err error, now time.Time) (verdict, error) {
	failed := (*trackerError)(nil)
	switch {
	case ctx.Err() != nil:
		return verdict{}, fmt.Errorf("asking a tracker: %w", ctx.Err())
	case !errors.As(err, &failed):
		return verdict{}, err
	case errors.Is(err, context.DeadlineExceeded):
		failed = &trackerError{err: &integrations.UnavailableError{Err: errors.New("no answer within " + checkPatience.String())}}
	}
	return p.judge(failed.err, now), nil
}

// problemOf is what a verdict tells a person who asked.
func problemOf(v verdict) needle.TrackerProblem {
	return needle.TrackerProblem{Problem: v.reason, NextStep: v.state.NextStep(), RetryAt: v.until}
}

// keep makes a verdict the state of the connection. A pass that is due stays due, and one that waited for new credentials
// is due now that the tracker accepts them.
func (p *pass) keep(ctx context.Context, v verdict) error {
	waited := p.conn.NextSyncAt == nil
	if v.state == needle.ConnectionOK {
		now := p.clock()
		if v.next = p.conn.NextSyncAt; waited {
			v.next = &now
		}
	}
	conn, err := p.settle(ctx, v)
	if err == nil && waited && v.state == needle.ConnectionOK {
		p.wake(ctx, conn.WorkspaceID, conn.ID)
	}
	return err
}

// holdsFold reports whether a list holds a key. Trackers do not tell case apart in their names.
func holdsFold(list []string, key string) bool {
	for _, one := range list {
		if strings.EqualFold(one, key) {
			return true
		}
	}
	return false
}
