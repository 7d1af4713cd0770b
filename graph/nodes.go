package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// nodeReader reads the nodes of one noun by their ids, one statement for all of them.
type nodeReader func(ctx context.Context, s store.Scope, ids []string) ([]needle.Node, error)

// nodeReaders says how an id of each prefix is read.
var nodeReaders = map[string]nodeReader{
	needle.WorkspacePrefix:      readWorkspace,
	needle.UserPrefix:           reader(needle.ParseUserID, store.Scope.UsersByID),
	needle.TeamPrefix:           reader(needle.ParseTeamID, store.Scope.TeamsByID),
	needle.CyclePrefix:          reader(needle.ParseCycleID, store.Scope.CyclesByID),
	needle.PainPointPrefix:      reader(needle.ParsePainPointID, store.Scope.PainPointsByID),
	needle.EvidencePrefix:       reader(needle.ParseEvidenceID, store.Scope.EvidenceByID),
	needle.CategoryPrefix:       reader(needle.ParseCategoryID, store.Scope.CategoriesByID),
	needle.SegmentPrefix:        reader(needle.ParseSegmentID, store.Scope.SegmentsByID),
	needle.PainReportPrefix:     reader(needle.ParsePainReportID, store.Scope.PainReportsByID),
	needle.PainMergePrefix:      reader(needle.ParsePainMergeID, store.Scope.PainMergesByID),
	needle.ObjectivePrefix:      reader(needle.ParseObjectiveID, store.Scope.ObjectivesByID),
	needle.KeyResultPrefix:      reader(needle.ParseKeyResultID, store.Scope.KeyResultsByID),
	needle.CheckInPrefix:        reader(needle.ParseCheckInID, store.Scope.CheckInsByID),
	needle.BacklogItemPrefix:    reader(needle.ParseBacklogItemID, store.Scope.BacklogItemsByID),
	needle.IssuePrefix:          reader(needle.ParseIssueID, store.Scope.IssuesByID),
	needle.ContributionPrefix:   reader(needle.ParseContributionID, store.Scope.ContributionsByID),
	needle.ConnectionPrefix:     reader(needle.ParseConnectionID, store.Scope.ConnectionsByID),
	needle.SourcePrefix:         reader(needle.ParseSourceID, store.Scope.SourcesByID),
	needle.SyncRunPrefix:        reader(needle.ParseSyncRunID, store.Scope.SyncRunsByID),
	needle.LinkRulePrefix:       reader(needle.ParseLinkRuleID, store.Scope.LinkRulesByID),
	needle.SignOffPrefix:        reader(needle.ParseSignOffID, store.Scope.SignOffsByID),
	needle.ProposalPrefix:       reader(needle.ParseProposalID, store.Scope.ProposalsByID),
	needle.SuggestionPrefix:     reader(needle.ParseSuggestionID, store.Scope.SuggestionsByID),
	needle.CommentPrefix:        reader(needle.ParseCommentID, store.Scope.CommentsByID),
	needle.VotePrefix:           reader(needle.ParseVoteID, store.Scope.VotesByID),
	needle.BallotPrefix:         readBallot,
	needle.IdeaPrefix:           reader(needle.ParseIdeaID, store.Scope.IdeasByID),
	needle.ReliefCheckPrefix:    reader(needle.ParseReliefCheckID, store.Scope.ReliefChecksByID),
	needle.ReliefAnswerPrefix:   reader(needle.ParseReliefAnswerID, store.Scope.ReliefAnswersByID),
	needle.OutsideEventPrefix:   reader(needle.ParseOutsideEventID, store.Scope.OutsideEventsByID),
	needle.ExperimentPrefix:     reader(needle.ParseExperimentID, store.Scope.ExperimentsByID),
	needle.VerdictDisputePrefix: reader(needle.ParseVerdictDisputeID, store.Scope.VerdictDisputesByID),
	needle.ActivityPrefix:       reader(needle.ParseActivityID, store.Scope.ActivitiesByID),
	needle.InboxItemPrefix:      readInboxItem,
}

// node is a pointer to a struct that is a Node.
type node[T any] interface {
	*T
	needle.Node
}

func reader[T any, P node[T], ID interface{ Raw() uuid.UUID }](parse func(string) (ID, error), read func(store.Scope, context.Context, []ID) ([]*T, error)) nodeReader {
	return func(ctx context.Context, s store.Scope, ids []string) ([]needle.Node, error) {
		keys := make([]ID, len(ids))
		for i, id := range ids {
			var err error
			if keys[i], err = parse(id); err != nil {
				return nil, err
			}
		}
		found, err := read(s, ctx, keys)
		if err != nil {
			return nil, err
		}
		nodes := make([]needle.Node, len(ids))
		for i, n := range found {
			if n != nil {
				nodes[i] = P(n)
			}
		}
		return nodes, nil
	}
}

// readInboxItem shows what waits for the viewer, and nothing of what waits for others.
func readInboxItem(ctx context.Context, s store.Scope, ids []string) ([]needle.Node, error) {
	viewer, _ := needle.ViewerFrom(ctx)
	return reader(needle.ParseInboxItemID, func(s store.Scope, ctx context.Context, ids []needle.InboxItemID) ([]*needle.InboxItem, error) {
		return s.InboxItemsOf(ctx, viewer.UserID, ids, s.Now())
	})(ctx, s, ids)
}

func readWorkspace(ctx context.Context, s store.Scope, ids []string) ([]needle.Node, error) {
	nodes := make([]needle.Node, len(ids))
	for i, id := range ids {
		key, err := needle.ParseWorkspaceID(id)
		if err != nil {
			return nil, err
		}
		if key != s.WorkspaceID() {
			continue
		}
		if nodes[i], err = s.Workspace(ctx); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// readNodes reads objects of any kind: one statement per noun, the answer parallel to ids. The id of something that is
// no Node, or of nothing at all, is null; one that has a noun but is malformed answers INVALID_ID. When a noun cannot be
// read the error is a graphql.BatchErrorList: the objects of other nouns are there all the same.
func readNodes(ctx context.Context, s store.Scope, ids []string) ([]needle.Node, error) {
	byPrefix := map[string][]int{}
	var order []string
	for i, id := range ids {
		prefix := needle.IDPrefix(id)
		if nodeReaders[prefix] == nil {
			continue
		}
		if byPrefix[prefix] == nil {
			order = append(order, prefix)
		}
		byPrefix[prefix] = append(byPrefix[prefix], i)
	}
	nodes, failed := make([]needle.Node, len(ids)), make(graphql.BatchErrorList, len(ids))
	var err error
	for _, prefix := range order {
		places := byPrefix[prefix]
		group := make([]string, len(places))
		for j, i := range places {
			group[j] = ids[i]
		}
		found, wrong := nodeReaders[prefix](ctx, s, group)
		for j, i := range places {
			if wrong != nil {
				failed[i], err = wrong, failed
				continue
			}
			nodes[i] = found[j]
		}
	}
	return nodes, err
}

// firstFailure returns the first of several errors, for a field that fails as a whole.
func firstFailure(err error) error {
	if list, ok := errors.AsType[graphql.BatchErrorList](err); ok {
		for _, e := range list {
			if e != nil {
				return e
			}
		}
	}
	return err
}
