package main

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
)

// computeCmd works out anew what workers have worked out ahead of questions.
type computeCmd struct{}

// Run works out everything. An answer that had counted and comes out otherwise is an error, for it should not have counted.
func (*computeCmd) Run(ctx context.Context, env *environment) error {
	cfg, err := env.config()
	if err != nil {
		return err
	}
	return withStore(cfg, func(db *store.Store) error {
		done, err := planning.New(db).RecomputeAttributions(ctx)
		fmt.Fprintf(env.stdout, "%d key results worked out anew\n", done.KeyResults)
		if err == nil && done.Changed > 0 {
			err = fmt.Errorf("%d came out otherwise than before although nothing was marked as written; they are right now: please report this", done.Changed)
		}
		return err
	})
}
