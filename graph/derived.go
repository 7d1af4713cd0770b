package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// Values that are worked out, each for a whole level at once.

func keyResultID(k *needle.KeyResult) needle.KeyResultID { return k.ID }

// latest cuts histories to their last entries, oldest first.
func latest[T any, ID comparable, V any](objs []*T, id func(*T) ID, found map[ID][]V, last int, err error) ([][]V, error) {
	if err != nil {
		return nil, err
	}
	if last < 1 || last > needle.MaxPage {
		return nil, needle.Invalid("last", needle.CodeOutOfRange, "this must lie between 1 and 100")
	}
	out := make([][]V, len(objs))
	for i, o := range objs {
		all := found[id(o)]
		out[i] = all[max(0, len(all)-last):]
	}
	return out, nil
}

func (r *Resolver) workspaces(ctx context.Context, objs []*needle.Viewer) ([]*needle.Workspace, error) {
	w, err := r.scope(ctx).Workspace(ctx)
	out := make([]*needle.Workspace, len(objs))
	for i := range objs {
		out[i] = w
	}
	return out, err
}

// nodes reads objects of any kind by the ids in an argument; null in the place of each that does not exist.
func (r *Resolver) nodes(ctx context.Context, argument string, ids []string) ([]needle.Node, error) {
	if len(ids) > needle.MaxPage {
		return nil, needle.Invalid(argument, needle.CodeOutOfRange, "at most 100 objects can be read at once")
	}
	for _, id := range ids {
		if nodeReaders[needle.IDPrefix(id)] == nil {
			return nil, needle.Invalid(argument, needle.CodeInvalidID, "this is not an id")
		}
	}
	found, err := readNodes(ctx, r.scope(ctx), ids)
	return found, about(argument, firstFailure(err))
}

// byKey reads what people call KR-42; null when there is none.
func (r *Resolver) byKey(ctx context.Context, key string) (needle.Node, error) {
	letters, number, ok := needle.ParseKey(key)
	if !ok {
		return nil, needle.Invalid("key", needle.CodeInvalid, "a key looks like KR-42, O-7, P-12 or B-101")
	}
	return r.scope(ctx).ByKey(ctx, letters, number)
}
