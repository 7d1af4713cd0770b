package syncing

import (
	"context"
	"slices"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// PreviewMapping says what a mapping would do to the issues and items that are stored. It writes nothing, and takes the
// same number of statements however many there are.
func (e *Engine) PreviewMapping(ctx context.Context, in needle.PreviewMappingInput) (*needle.MappingPreview, error) {
	scope, err := e.asked(ctx, needle.ActConnect, in.ConnectionID, in.Validate)
	if err != nil {
		return nil, err
	}
	m := needle.NoMapping(in.ConnectionID)
	m.States, m.Types = needle.MappedStates(in.States), needle.MappedTypes(in.Types)
	words := m.Dictionary()
	states, err := scope.StateGroups(ctx, in.ConnectionID)
	if err != nil {
		return nil, err
	}
	types, err := scope.TypeGroups(ctx, in.ConnectionID)
	if err != nil {
		return nil, err
	}
	out := &needle.MappingPreview{}
	shown := examples{}
	for _, g := range states {
		previewState(out, g, words, shown)
	}
	for _, g := range types {
		previewType(out, g, words, shown)
	}
	return out, shown.read(ctx, scope)
}

// previewState adds a group of issues to the preview. Groups that differ in their items alone are one line.
func previewState(out *needle.MappingPreview, g store.StateGroup, words needle.Dictionary, shown examples) {
	becomes := words.Status(g.RawState, g.RawReason, g.TrackerStatus)
	line := needle.StatePreview{RawState: g.RawState, RawReason: g.RawReason, TrackerStatus: g.TrackerStatus, Now: g.Status, Becomes: becomes}
	i := slices.IndexFunc(out.States, func(p *needle.StatePreview) bool {
		return p.RawState == line.RawState && p.RawReason == line.RawReason && p.TrackerStatus == line.TrackerStatus && p.Now == line.Now
	})
	if i < 0 {
		i = len(out.States)
		out.States = append(out.States, &line)
	}
	out.States[i].Issues += g.Issues
	shown.add(&out.States[i].Examples, g.Examples)
	if becomes != g.Status {
		out.Restated += g.Issues
	}
	if g.Item == "" || g.Item == becomes {
		return
	}
	out.Items += g.Issues
	if becomes == needle.StatusDone {
		out.Delivered += g.Issues
	}
	if g.Item == needle.StatusDone {
		out.Undelivered += g.Issues
	}
}

// previewType adds a group of issues to the preview.
func previewType(out *needle.MappingPreview, g store.TypeGroup, words needle.Dictionary, shown examples) {
	line := &needle.TypePreview{
		RawType: g.RawType, TrackerType: g.TrackerType, Issues: g.Issues, Now: g.Type, Becomes: words.Type(g.RawType, g.TrackerType),
	}
	out.Types = append(out.Types, line)
	shown.add(&line.Examples, g.Examples)
	if line.Becomes != line.Now {
		out.Retyped += g.Issues
	}
}

// examples gathers which issues a preview shows where, to read them all at once.
type examples map[*[]*needle.Issue][]needle.IssueID

// maxExamples is how many issues a line of a preview shows.
const maxExamples = 5

func (e examples) add(where *[]*needle.Issue, ids []needle.IssueID) {
	e[where] = append(e[where], ids[:min(len(ids), maxExamples-len(e[where]))]...)
}

// read puts the issues where they are shown.
func (e examples) read(ctx context.Context, scope store.Scope) error {
	var all []needle.IssueID
	for _, ids := range e {
		all = append(all, ids...)
	}
	found, err := scope.IssuesByID(ctx, all)
	if err != nil {
		return err
	}
	byID := make(map[needle.IssueID]*needle.Issue, len(found))
	for _, issue := range found {
		if issue != nil {
			byID[issue.ID] = issue
		}
	}
	for where, ids := range e {
		*where = make([]*needle.Issue, 0, len(ids))
		for _, id := range ids {
			if issue := byID[id]; issue != nil {
				*where = append(*where, issue)
			}
		}
	}
	return nil
}

// PreviewItemPolicy says how many items each policy would make that are not there, as though the connection had a team.
func (e *Engine) PreviewItemPolicy(ctx context.Context, in needle.PreviewItemPolicyInput) ([]*needle.ItemPolicyPreview, error) {
	scope, err := e.asked(ctx, needle.ActConnect, in.ConnectionID, in.Validate)
	if err != nil {
		return nil, err
	}
	var declared []store.TextLink
	err = scope.UnmirroredTexts(ctx, in.ConnectionID, func(id needle.IssueID, title, body string) error {
		declared = append(declared, linksOf(id, title, body)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	n, err := scope.CountUnmirrored(ctx, in.ConnectionID, needle.TidyLabels(in.Labels), declared)
	return []*needle.ItemPolicyPreview{
		{Policy: needle.ItemsOfAll, Items: n.All}, {Policy: needle.ItemsOfLabelled, Items: n.Labelled}, {Policy: needle.ItemsOfLinked, Items: n.Named},
	}, err
}

// asked is the road of a question about a connection: may the viewer, is it valid, is the connection there.
func (e *Engine) asked(ctx context.Context, action needle.Action, connection needle.ConnectionID, validate func() error) (store.Scope, error) {
	viewer, err := needle.Authorize(ctx, action)
	if err != nil {
		return store.Scope{}, err
	}
	if err := validate(); err != nil {
		return store.Scope{}, err
	}
	a := act{e.store.In(viewer.WorkspaceID), viewer}
	return a.Scope, a.connectionThere(ctx, connection)
}
