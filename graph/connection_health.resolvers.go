package graph

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *connectionResolver) Health(ctx context.Context, objs []*needle.Connection) ([]*needle.ConnectionHealth, error) {
	panic(fmt.Errorf("not implemented: Health - health"))
}
