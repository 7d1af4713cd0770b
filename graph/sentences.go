package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// Sentences about activities and about what waits, told for a whole level at once.

func (r *Resolver) summaries(ctx context.Context, objs []*needle.Activity) ([]string, error) {
	return sentences(ctx, r.scope(ctx), keys(objs, func(a *needle.Activity) teller {
		return teller{subject: a.SubjectID, names: a.SentenceNames, tell: a.Sentence}
	}))
}

func (r *Resolver) reasons(ctx context.Context, objs []*needle.InboxItem) ([]string, error) {
	now := r.Now()
	return sentences(ctx, r.scope(ctx), keys(objs, func(i *needle.InboxItem) teller {
		return teller{subject: i.SubjectID(), names: i.SentenceNames, tell: func(subject needle.Node, names needle.Names) string {
			return i.Sentence(subject, names, now)
		}}
	}))
}

// inboxCounts counts what waits for the viewer; all objects of a level are the one viewer.
func (r *Resolver) inboxCounts(ctx context.Context, objs []*needle.Viewer, unread *bool) ([]int, error) {
	var read *bool
	if unread != nil {
		seen := !*unread
		read = &seen
	}
	n, err := r.scope(ctx).InboxCount(ctx, objs[0].UserID, read, r.Now())
	return keys(objs, func(*needle.Viewer) int { return n }), err
}

// teller is something that a sentence is told about.
type teller struct {
	// subject is the public id of what the sentence is about.
	subject string
	// names lists the public ids of what else it names; the subject is nil when it is gone.
	names func(subject needle.Node) []string
	// tell says it.
	tell func(subject needle.Node, names needle.Names) string
}

// sentences reads what the sentences are about in one batch and what else they name in a second. One of which something
// cannot be read fails alone.
func sentences(ctx context.Context, s store.Scope, tellers []teller) ([]string, error) {
	shelf := shelf{objects: map[string]needle.Node{}, names: needle.Names{}, failed: map[string]error{}}
	subjects, asked := make([]string, len(tellers)), make([][]string, len(tellers))
	for i, t := range tellers {
		subjects[i] = t.subject
	}
	if err := shelf.read(ctx, s, subjects); err != nil {
		return nil, err
	}
	var all []string
	for i, t := range tellers {
		asked[i] = t.names(shelf.objects[t.subject])
		all = append(all, asked[i]...)
	}
	if err := shelf.read(ctx, s, all); err != nil {
		return nil, err
	}
	out, failed := make([]string, len(tellers)), make(graphql.BatchErrorList, len(tellers))
	var err error
	for i, t := range tellers {
		if failed[i] = shelf.failure(t.subject, asked[i]); failed[i] != nil {
			err = failed
			continue
		}
		out[i] = t.tell(shelf.objects[t.subject], shelf.names)
	}
	return out, err
}

// shelf is what was read for sentences, by public id.
type shelf struct {
	objects map[string]needle.Node
	names   needle.Names
	failed  map[string]error
}

// read adds objects that are not there yet.
func (l shelf) read(ctx context.Context, s store.Scope, ids []string) error {
	var fresh []string
	for _, id := range ids {
		if _, there := l.objects[id]; !there {
			l.objects[id] = nil
			fresh = append(fresh, id)
		}
	}
	found, err := readNodes(ctx, s, fresh)
	failed, partly := errors.AsType[graphql.BatchErrorList](err)
	if err != nil && !partly {
		return err
	}
	for i, id := range fresh {
		l.objects[id], l.names[id] = found[i], needle.NameOf(found[i])
		if partly && failed[i] != nil {
			l.failed[id] = failed[i]
		}
	}
	return nil
}

// failure is why something that a sentence needs cannot be read; nil when all of it was.
func (l shelf) failure(subject string, asked []string) error {
	for _, id := range append([]string{subject}, asked...) {
		if l.failed[id] != nil {
			return l.failed[id]
		}
	}
	return nil
}
