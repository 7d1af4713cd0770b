package syncing

import (
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// SetMapping replaces what the words of a connection's tracker mean. Passes read by it at once; what is stored already
// follows in batches, by ApplyMapping.
func (e *Engine) SetMapping(ctx context.Context, in needle.SetMappingInput) (*needle.Mapping, error) {
	var m *needle.Mapping
	err := e.change(ctx, needle.ActConnect, in.Validate, func(ctx context.Context, a act) error {
		var err error
		if m, err = a.mapping(ctx, in.ConnectionID, in.ExpectedVersion); err != nil {
			return err
		}
		before := *m
		m.States, m.Types = needle.MappedStates(in.States), needle.MappedTypes(in.Types)
		if err := a.SaveMapping(ctx, m, true); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, in.ConnectionID,
			map[string]any{"States": before.States, "Types": before.Types}, map[string]any{"States": m.States, "Types": m.Types})
	})
	return m, err
}

// SetItemPolicy says which issues of a connection become items from now on. The next pass, which it asks for, makes those
// that are missing; items that are there stay, and follow their issues.
func (e *Engine) SetItemPolicy(ctx context.Context, in needle.SetItemPolicyInput) (*needle.Mapping, error) {
	var m *needle.Mapping
	err := e.change(ctx, needle.ActConnect, in.Validate, func(ctx context.Context, a act) error {
		var err error
		if m, err = a.mapping(ctx, in.ConnectionID, in.ExpectedVersion); err != nil {
			return err
		}
		before := *m
		m.ItemPolicy, m.ItemLabels = in.Policy, needle.TidyLabels(in.Labels)
		if err := a.SaveMapping(ctx, m, false); err != nil {
			return err
		}
		if err := a.AskForSync(ctx, in.ConnectionID, a.Now()); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, in.ConnectionID,
			map[string]any{"ItemPolicy": before.ItemPolicy, "ItemLabels": before.ItemLabels},
			map[string]any{"ItemPolicy": m.ItemPolicy, "ItemLabels": m.ItemLabels})
	})
	if err != nil {
		return nil, err
	}
	e.wake(ctx, m.WorkspaceID, m.ConnectionID)
	return m, nil
}

// mapping takes the mapping of a connection to change it. It answers NOT_FOUND for the connection, and CONFLICT when the
// mapping is not the expected one.
func (a act) mapping(ctx context.Context, connection needle.ConnectionID, expected *int) (*needle.Mapping, error) {
	if err := a.connectionThere(ctx, connection); err != nil {
		return nil, err
	}
	m, _, err := a.LockMapping(ctx, connection)
	if err == nil && expected != nil && *expected != m.Version {
		return nil, needle.Conflict("input.expectedVersion", "somebody else changed this in the meantime; read it again")
	}
	return m, err
}

// connectionThere demands a connection, without holding it: a pass may be at work.
func (a act) connectionThere(ctx context.Context, id needle.ConnectionID) error {
	found, err := a.ConnectionsByID(ctx, []needle.ConnectionID{id})
	if err == nil && found[0] == nil {
		return at("input.connectionId", needle.NotFound("", "connection"))
	}
	return err
}

// AdoptIssue makes the item of an issue, whatever the policy of its connection, and links it as any other. The team is
// the one given, or else the connection's. An issue that has an item, or is gone, answers CONFLICT.
func (e *Engine) AdoptIssue(ctx context.Context, in needle.AdoptIssueInput) (*needle.BacklogItem, error) {
	var item *needle.BacklogItem
	valid := func() error { return nil }
	err := e.change(ctx, needle.ActWriteItem, valid, func(ctx context.Context, a act) error {
		issue, conn, err := a.adoptable(ctx, in)
		if err != nil {
			return err
		}
		p := &pass{Engine: e, scope: a.Scope, conn: conn}
		issues := []*needle.Issue{issue}
		if _, err := p.mirrorThoseThat(ctx, a.Scope, issues, declaredLinks(issues), every); err != nil {
			return err
		}
		made, err := a.ItemsByIssue(ctx, issueIDs(issues))
		if err != nil {
			return err
		}
		item = made[0]
		activity, err := needle.NewActivity(a.WorkspaceID(), &a.viewer, needle.VerbCreated, item.ID, nil, item, a.Now())
		if err != nil {
			return err
		}
		activity.TeamID = &item.TeamID
		return a.InsertActivity(ctx, activity)
	})
	return item, err
}

// adoptable reads an issue that may get an item, and its connection with the team that the item is for.
func (a act) adoptable(ctx context.Context, in needle.AdoptIssueInput) (*needle.Issue, *needle.Connection, error) {
	issue, err := a.Issue(ctx, in.IssueID)
	if err != nil {
		return nil, nil, at("input.issueId", err)
	}
	there, err := a.ItemsByIssue(ctx, []needle.IssueID{issue.ID})
	switch {
	case err != nil:
		return nil, nil, err
	case there[0] != nil:
		return nil, nil, needle.Conflict("input.issueId", "this issue has an item already: "+there[0].Key())
	case issue.GoneAt != nil:
		return nil, nil, needle.Conflict("input.issueId", "this issue is gone at its tracker")
	case issue.Type == needle.IssueTypePullRequest:
		return nil, nil, needle.Invalid("input.issueId", needle.CodeInvalid, "a pull request becomes no item")
	}
	found, err := a.ConnectionsByID(ctx, []needle.ConnectionID{issue.ConnectionID})
	if err != nil {
		return nil, nil, err
	}
	conn := found[0]
	if in.TeamID != nil {
		if _, err := a.Team(ctx, *in.TeamID); err != nil {
			return nil, nil, at("input.teamId", err)
		}
		conn.DefaultTeamID = in.TeamID
	}
	if conn.DefaultTeamID == nil {
		return nil, nil, needle.Invalid("input.teamId", needle.CodeRequired, "name a team: the connection has none")
	}
	return issue, conn, nil
}

// mapBatch is how many issues are read anew in one transaction.
const mapBatch = 500

// PendingMappings lists up to limit mappings of all workspaces that are not applied to every issue, oldest first.
func (e *Engine) PendingMappings(ctx context.Context, limit int) ([]Due, error) {
	return e.store.PendingMappings(ctx, limit)
}

// ApplyMapping reads the stored issues of a connection anew by its mapping, batch by batch, and lets their items follow.
// It asks no tracker. Each batch is one transaction that also says how far it came, so that whoever begins after a crash
// goes on behind the last one; two at once take turns. A mapping that is replaced meanwhile begins from the start.
func (e *Engine) ApplyMapping(ctx context.Context, workspace needle.WorkspaceID, connection needle.ConnectionID) error {
	scope := e.store.In(workspace)
	found, err := scope.ConnectionsByID(ctx, []needle.ConnectionID{connection})
	if err != nil || found[0] == nil {
		return err
	}
	p := &pass{Engine: e, scope: scope, conn: found[0]}
	for failed := 0; ; {
		ended, err := p.applyBatch(ctx)
		switch {
		case errors.Is(err, needle.ErrConflict) && failed < pageTries:
			failed++
		case err != nil:
			return fmt.Errorf("applying a mapping: %w", err)
		case ended:
			return nil
		default:
			failed = 0
		}
	}
}

// applyBatch applies the mapping to the next issues and reports whether none are left.
func (p *pass) applyBatch(ctx context.Context) (ended bool, err error) {
	err = p.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		m, through, err := tx.LockMapping(ctx, p.conn.ID)
		if err != nil {
			return err
		}
		if ended = m.AppliedAt != nil || m.Version == 0; ended {
			return nil
		}
		issues, err := tx.IssuesFrom(ctx, p.conn.ID, through, mapBatch)
		if err != nil {
			return err
		}
		if err := p.remap(ctx, tx, m.Dictionary(), issues); err != nil {
			return err
		}
		if len(issues) > 0 {
			through = issues[len(issues)-1].RemoteID
		}
		ended = len(issues) < mapBatch
		return tx.AdvanceMapping(ctx, p.conn.ID, through, len(issues), ended)
	})
	return ended, err
}

// remap reads issues anew. Those that mean something else now are stored; their items follow, and so do the items of
// those whose history is known, since an earlier state may mean something else.
func (p *pass) remap(ctx context.Context, tx store.Scope, words needle.Dictionary, issues []*needle.Issue) error {
	histories, err := tx.HistoriesOf(ctx, issueIDs(issues))
	if err != nil {
		return err
	}
	var changed, concerned []*needle.Issue
	for _, issue := range issues {
		other := words.Read(issue)
		if other {
			changed = append(changed, issue)
		}
		if _, known := histories[issue.ID]; other || known {
			concerned = append(concerned, issue)
		}
	}
	if err := tx.UpdateMeanings(ctx, changed); err != nil || len(concerned) == 0 {
		return err
	}
	delivered, err := retell(ctx, tx, words, concerned, histories)
	if err != nil {
		return err
	}
	var asked []needle.IssueID
	for _, id := range delivered {
		if _, known := histories[id]; !known {
			asked = append(asked, id)
		}
	}
	return p.wantHistories(ctx, tx, asked)
}
