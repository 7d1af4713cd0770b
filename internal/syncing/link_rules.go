package syncing

import (
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// Searches reports whether trackers of a kind can be searched in their own language.
func (e *Engine) Searches(kind string) bool { return e.can(kind, integrations.CanSearch) }

// PreviewLinkRule tells what a rule would do to the work that is here, or what a change of a rule would, and writes
// nothing. For a query it asks the tracker now.
func (e *Engine) PreviewLinkRule(ctx context.Context, in needle.PreviewLinkRuleInput, page needle.PageArgs) (*needle.LinkRulePreview, error) {
	viewer, err := needle.Authorize(ctx, needle.ActLinkWork)
	if err != nil {
		return nil, err
	}
	rule := in.Rule()
	if err := rule.Validate("input"); err != nil {
		return nil, err
	}
	scope := e.store.In(viewer.WorkspaceID)
	dry := store.LinkPreview{Rule: rule, PageArgs: page}
	rule.Stamp, rule.ID = scope.Stamp(), needle.NewLinkRuleID()
	if in.ID != nil {
		stored, err := scope.LinkRule(ctx, *in.ID)
		if err != nil {
			return nil, at("input.id", err)
		}
		rule.ID, rule.CreatedAt, dry.Instead = stored.ID, stored.CreatedAt, stored.KeyResultID
	}
	if found, err := scope.KeyResultsByID(ctx, []needle.KeyResultID{rule.KeyResultID}); err != nil {
		return nil, err
	} else if found[0] == nil {
		return nil, needle.NotFound("input.keyResultId", "key result")
	}
	if rule.ConnectionID != nil {
		conn, err := scope.Connection(ctx, *rule.ConnectionID)
		if err != nil {
			return nil, at("input.connectionId", err)
		}
		if rule.Kind == needle.LinkByQuery {
			if dry.Found, err = e.ask(ctx, scope, conn, rule.Pattern); err != nil {
				return nil, err
			}
		}
	}
	return scope.PreviewLinkRule(ctx, dry)
}

// ask asks a tracker what a query finds in all sources that can be read.
func (e *Engine) ask(ctx context.Context, scope store.Scope, conn *needle.Connection, text string) ([]string, error) {
	if !e.Searches(conn.Kind) {
		return nil, needle.Invalid("input.connectionId", needle.CodeInvalid, "this tracker cannot be searched; link by label, path or epic instead")
	}
	if limited(conn, e.clock()) {
		return nil, &needle.Error{Code: needle.CodeUnavailable, Message: conn.StateReason}
	}
	sources, err := scope.SyncSources(ctx, conn.ID)
	if err != nil {
		return nil, err
	}
	p := &pass{Engine: e, scope: scope, conn: conn, meter: e.meter()}
	if err := p.open(ctx); err != nil {
		return nil, p.unanswered(err)
	}
	var ids []string
	for _, source := range sources {
		if source.State == needle.SourceError {
			continue
		}
		found, err := p.find(ctx, source.Source, text)
		if err != nil {
			return nil, p.unanswered(err)
		}
		ids = append(ids, found...)
	}
	return ids, nil
}

// unanswered makes what a tracker did a caller's error: a text that it refuses is the caller's to correct, and anything
// else may pass.
func (p *pass) unanswered(err error) error {
	failed, rejected := (*trackerError)(nil), (*integrations.RejectedError)(nil)
	switch {
	case !errors.As(err, &failed):
		return err
	case errors.As(err, &rejected):
		return needle.Invalid("input.pattern", needle.CodeInvalid, fmt.Sprintf("%s does not answer this query: %s", p.driver, p.words(cause(err))))
	default:
		return &needle.Error{Code: needle.CodeUnavailable, Message: fmt.Sprintf("%s does not answer now: %s", p.driver, p.words(cause(err)))}
	}
}

// LinkingDue lists workspaces in which a change of a rule has not reached all work.
func (e *Engine) LinkingDue(ctx context.Context, limit int) ([]needle.WorkspaceID, error) {
	return e.store.LinksDue(ctx, limit)
}

// FinishLinking carries changes of rules to all work of a workspace, a step at a time, each a transaction. One that is
// interrupted goes on where it was.
func (e *Engine) FinishLinking(ctx context.Context, workspace needle.WorkspaceID) error {
	scope := e.store.In(workspace)
	for more := true; more; {
		err := scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			var err error
			_, more, err = tx.LinkNextItems(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("carrying a rule to all work: %w", err)
		}
	}
	return nil
}
