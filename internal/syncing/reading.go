package syncing

import (
	"context"
	"fmt"
	"slices"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// reading is how the issues of a connection are read, as of one transaction: what its tracker's words mean, and which
// issues become items.
type reading struct {
	*needle.Mapping
	words needle.Dictionary
}

// reading takes the mapping as it is now and keeps it so until the transaction ends. A mapping that is written while a
// pass runs is used from the next page on.
func (p *pass) reading(ctx context.Context, tx store.Scope) (reading, error) {
	m, err := tx.HoldMapping(ctx, p.conn.ID)
	if err != nil {
		return reading{}, fmt.Errorf("reading the mapping: %w", err)
	}
	return reading{m, m.Dictionary()}, nil
}

// upsert stores issues as their tracker showed them, read by the mapping.
func (p *pass) upsert(ctx context.Context, tx store.Scope, rows []*needle.Issue) (reading, []store.IssueOutcome, error) {
	read, err := p.reading(ctx, tx)
	if err != nil {
		return read, nil, err
	}
	for _, row := range rows {
		read.words.Read(row)
	}
	outcomes, err := tx.UpsertIssues(ctx, p.conn.ID, rows)
	return read, outcomes, err
}

// mirrorAndLink brings items and links in step with stored issues and returns how many links were made.
func (p *pass) mirrorAndLink(ctx context.Context, tx store.Scope, read reading, issues []*needle.Issue) (int, error) {
	if len(issues) == 0 {
		return 0, nil
	}
	declared := declaredLinks(issues)
	wants, err := read.wants(ctx, tx, issues, declared)
	if err != nil {
		return 0, err
	}
	return p.mirrorThoseThat(ctx, tx, issues, declared, wants)
}

// mirrorThoseThat is mirrorAndLink whatever the policy: wants says which issues get an item.
func (p *pass) mirrorThoseThat(ctx context.Context, tx store.Scope, issues []*needle.Issue, declared []store.TextLink, wants func(*needle.Issue) bool) (int, error) {
	delivered, err := mirror(ctx, tx, p.conn.DefaultTeamID, issues, wants)
	if err != nil {
		return 0, err
	}
	ids := issueIDs(issues)
	if err := tx.AdoptParents(ctx, ids); err != nil {
		return 0, err
	}
	done, err := tx.LinkIssues(ctx, ids, declared)
	if err != nil {
		return 0, err
	}
	return done.Linked, p.wantHistories(ctx, tx, delivered)
}

// wants says which of the issues get an item when they have none.
func (r reading) wants(ctx context.Context, tx store.Scope, issues []*needle.Issue, declared []store.TextLink) (func(*needle.Issue) bool, error) {
	switch r.ItemPolicy {
	case needle.ItemsOfLabelled:
		return func(i *needle.Issue) bool { return r.words.Labelled(i.Labels) }, nil
	case needle.ItemsOfLinked:
		named, err := tx.NamedIssues(ctx, issueIDs(issues), declared)
		return func(i *needle.Issue) bool { return named[i.ID] }, err
	default:
		return every, nil
	}
}

// every wants all issues.
func every(*needle.Issue) bool { return true }

func issueIDs(issues []*needle.Issue) []needle.IssueID {
	ids := make([]needle.IssueID, len(issues))
	for i, issue := range issues {
		ids[i] = issue.ID
	}
	return ids
}

// declaredLinks are the links that the issues' own texts declare.
func declaredLinks(issues []*needle.Issue) []store.TextLink {
	var declared []store.TextLink
	for _, issue := range issues {
		declared = append(declared, linksOf(issue.ID, issue.Title, issue.Body)...)
	}
	return declared
}

func linksOf(id needle.IssueID, title, body string) []store.TextLink {
	var out []store.TextLink
	for _, link := range textLinks(title, body) {
		out = append(out, store.TextLink{IssueID: id, KeyResult: link.keyResult, Bet: link.bet})
	}
	return out
}

// adoptBatch is how many issues get their items in one transaction.
const adoptBatch = 1000

// adopt gives items to issues that were stored without one: before the connection had a team, under another policy, or
// before a rule named them. What a policy thinks of every issue is asked only when a person wants a pass, as after a
// change of policy; rules are heard every time.
func (p *pass) adopt(ctx context.Context) error {
	if p.conn.DefaultTeamID == nil {
		return nil
	}
	found, err := p.scope.MappingsOf(ctx, []needle.ConnectionID{p.conn.ID})
	if err != nil {
		return err
	}
	if !p.requested && found[0].ItemPolicy != needle.ItemsOfLinked {
		return nil
	}
	for after, more := "", true; more; {
		err := p.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			read, err := p.reading(ctx, tx)
			if err != nil {
				return err
			}
			issues, err := tx.UnmirroredIssues(ctx, p.conn.ID, after, adoptBatch, !p.requested)
			if err != nil {
				return err
			}
			if more = len(issues) == adoptBatch; more {
				after = issues[len(issues)-1].RemoteID
			}
			_, err = p.mirrorAndLink(ctx, tx, read, issues)
			return err
		})
		if err != nil {
			return fmt.Errorf("giving issues their items: %w", err)
		}
	}
	return nil
}

// adoptFound gives items to those issues of a source that a query found, where links are what makes an item.
func (w *walk) adoptFound(ctx context.Context, found []string) error {
	if w.conn.DefaultTeamID == nil {
		return nil
	}
	for ids := range slices.Chunk(found, adoptBatch) {
		err := w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			read, err := w.reading(ctx, tx)
			if err != nil || read.ItemPolicy != needle.ItemsOfLinked {
				return err
			}
			issues, err := tx.UnmirroredAmong(ctx, w.source.ID, ids)
			if err != nil || len(issues) == 0 {
				return err
			}
			_, err = w.mirrorThoseThat(ctx, tx, issues, declaredLinks(issues), every)
			return err
		})
		if err != nil {
			return fmt.Errorf("giving items to what a query found: %w", err)
		}
	}
	return nil
}
