package syncing

import (
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

const (
	// mostFound is how many issues of one source a query may find. One that finds more says hardly anything about them.
	mostFound = 10_000
	// mostSearchPages bounds a search that answers pages without end.
	mostSearchPages = 500
	// matchBatch is how many items get or lose their links by a query in one transaction.
	matchBatch = 1000
)

// asked is a link rule that is a query, and what became of it in this pass.
type asked struct {
	rule *needle.LinkRule
	// refused is why a source did not answer it; empty while all did.
	refused string
	// answered is true when a source did.
	answered bool
}

// queries reads the link rules that ask this tracker.
func (p *pass) queries(ctx context.Context) ([]*asked, error) {
	rules, err := p.scope.QueryRules(ctx, p.conn.ID)
	out := make([]*asked, len(rules))
	for i, r := range rules {
		out[i] = &asked{rule: r}
	}
	return out, err
}

// askQueries asks the tracker which issues of the source each query finds, and links them. What the tracker refuses keeps
// what it found before.
func (w *walk) askQueries(ctx context.Context, queries []*asked) error {
	for _, q := range queries {
		found, err := w.find(ctx, w.source.Source, q.rule.Pattern)
		if refused := w.refusal(err); refused != "" {
			q.refused = refused
			continue
		}
		if err != nil {
			return err
		}
		if err := w.match(ctx, q, found); err != nil {
			return fmt.Errorf("linking what a query found in %s: %w", w.source.RemoteKey, err)
		}
		q.answered = true
	}
	return nil
}

// find asks for the ids of all issues of a source that a text in the tracker's search language finds. A *trackerError says
// what the tracker did.
func (p *pass) find(ctx context.Context, source *needle.Source, text string) ([]string, error) {
	searcher, able := p.tracker.(integrations.Searcher)
	if !able {
		return nil, &trackerError{err: &integrations.RejectedError{Reason: "this tracker cannot be searched"}, source: source}
	}
	q := integrations.Query{
		Source:   integrations.Source{ID: source.RemoteID, Key: source.RemoteKey},
		PageSize: p.pageSize, IncludePullRequests: p.conn.IncludePullRequests,
	}
	var ids []string
	for range mostSearchPages {
		refs, next, err := searcher.Search(ctx, q, text)
		if err != nil {
			return nil, &trackerError{err: err, source: source}
		}
		for _, ref := range refs {
			ids = append(ids, needle.Clean(ref.ID))
		}
		if next == "" {
			return ids, nil
		}
		if len(ids) > mostFound {
			reason := fmt.Sprintf("it finds more than %d issues in %s; narrow it", mostFound, source.RemoteKey)
			return nil, &trackerError{err: &integrations.RejectedError{Reason: reason}, source: source}
		}
		if next == q.After {
			break
		}
		q.After = next
	}
	return nil, &trackerError{err: &integrations.UnavailableError{Err: errors.New("the search does not end")}, source: source}
}

// refusal says why the tracker does not answer a query that it might answer if it were another one, or if the credentials
// reached further; empty when that is not what happened.
func (p *pass) refusal(err error) string {
	rejected := (*integrations.RejectedError)(nil)
	if !errors.As(err, &rejected) && !errors.Is(err, integrations.ErrForbidden) && !errors.Is(err, integrations.ErrNotFound) {
		return ""
	}
	return fmt.Sprintf("%s does not answer this query (%s). Correct it; until then the links that it made stay.", p.driver, p.words(cause(err)))
}

// match stores what a query found in the source and links it, a batch at a time. A pass that dies between two batches finds
// the rest the next time. Nothing is stored when somebody changed the rule since it was read.
func (w *walk) match(ctx context.Context, q *asked, found []string) error {
	if err := w.adoptFound(ctx, found); err != nil {
		return err
	}
	gained, lost, err := w.scope.QueryDifference(ctx, q.rule.ID, w.source.ID, found)
	if err != nil {
		return err
	}
	for len(gained)+len(lost) > 0 {
		n := min(len(gained), matchBatch)
		m := min(len(lost), matchBatch-n)
		err := w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			now, err := tx.LinkRule(ctx, q.rule.ID)
			if err != nil || now.Version != q.rule.Version {
				return err
			}
			_, err = tx.SaveQueryMatches(ctx, q.rule.ID, gained[:n], lost[:m])
			return err
		})
		if err != nil && !errors.Is(err, needle.ErrNotFound) {
			return err
		}
		gained, lost = gained[n:], lost[m:]
	}
	return nil
}

// settleQueries notes on each rule whether its query was answered.
func (p *pass) settleQueries(ctx context.Context, queries []*asked) error {
	now := p.clock()
	for _, q := range queries {
		if !q.answered && q.refused == "" {
			continue // No source could be read.
		}
		before := *q.rule
		q.rule.StateReason = q.refused
		if q.refused == "" {
			q.rule.EvaluatedAt = &now
		}
		err := p.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			if err := tx.SaveRuleState(ctx, q.rule); err != nil || before.StateReason == q.rule.StateReason {
				return err
			}
			verb := needle.VerbUpdated
			if q.refused != "" {
				verb = needle.VerbFailed
			}
			return record(ctx, tx, nil, verb, q.rule.ID,
				map[string]any{"StateReason": before.StateReason}, map[string]any{"StateReason": q.rule.StateReason})
		})
		if err != nil {
			return fmt.Errorf("noting the state of a query: %w", err)
		}
	}
	return nil
}
