package github

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/integrations"
)

var _ integrations.Sizer = (*Tracker)(nil)

// Size answers the number of the newest issue or pull request: a repository
// counts both together and up from 1. Deleted and transferred ones keep their
// numbers, so the true count may be lower.
func (t *Tracker) Size(ctx context.Context, s integrations.Source) (int, error) {
	repo, err := repoPath(s.Key)
	if err != nil {
		return 0, fmt.Errorf("sizing a repository: %w", err)
	}
	got, err := t.client.get(ctx, repo+"/issues?state=all&sort=created&direction=desc&per_page=1", "")
	if err != nil {
		return 0, fmt.Errorf("sizing a repository: %w", err)
	}
	var newest []struct {
		Number int `json:"number"`
	}
	if err := got.decode(&newest); err != nil {
		return 0, fmt.Errorf("sizing a repository: %w", err)
	}
	if len(newest) == 0 {
		return 0, nil
	}
	return newest[0].Number, nil
}
