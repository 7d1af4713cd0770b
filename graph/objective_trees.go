package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

func treeObjectiveID(n *needle.ObjectiveTreeNode) needle.ObjectiveID { return n.ObjectiveID }

// objectiveTrees reads the tree of each cycle; a team that does not exist has no objectives.
func (r *Resolver) objectiveTrees(ctx context.Context, objs []*needle.Cycle, teamID *string) ([]*needle.ObjectiveTree, error) {
	var team *needle.TeamID
	if teamID != nil {
		id, err := needle.ParseTeamID(*teamID)
		if err != nil {
			return nil, about("teamId", err)
		}
		team = &id
	}
	return r.scope(ctx).ObjectiveTrees(ctx, keys(objs, func(c *needle.Cycle) needle.CycleID { return c.ID }), team)
}
