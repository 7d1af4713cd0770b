package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/go-github/v60/github"

	"github.com/needle-okr/needle/integrations"
)

// IDs answers one page of the names of all issues of a repository, by age, so
// that changes meanwhile do not move items from page to page.
func (t *Tracker) IDs(ctx context.Context, q integrations.Query) ([]integrations.Ref, integrations.Cursor, error) {
	options := url.Values{
		"state": {"all"}, "sort": {"created"}, "direction": {"asc"}, "per_page": {strconv.Itoa(pageSize(q))},
	}
	got, next, err := t.list(ctx, q, options, "")
	if err != nil {
		return nil, "", fmt.Errorf("counting issues of %s: %w", q.Source.Key, err)
	}
	raws, err := decodeList(got)
	if err != nil {
		return nil, "", fmt.Errorf("counting issues of %s: %w", q.Source.Key, err)
	}
	refs := make([]integrations.Ref, 0, len(raws))
	for _, raw := range raws {
		var i itemJSON
		if err := json.Unmarshal(raw, &i); err != nil || i.ID <= 0 || i.Number <= 0 {
			// A census with a hole would report a living issue missing.
			return nil, "", fmt.Errorf("counting issues of %s: %w", q.Source.Key, got.unreadable(errors.New("an item without id or number")))
		}
		if i.PullRequest == nil || q.IncludePullRequests {
			refs = append(refs, refTo(i.ID, keyOf(got, raw, q.Source.Key), i.Number))
		}
	}
	return refs, next, nil
}

// timelineJSON is one entry of a timeline. The SDK's type lacks state_reason.
type timelineJSON struct {
	Event       string            `json:"event"`
	CreatedAt   *github.Timestamp `json:"created_at"`
	StateReason string            `json:"state_reason"`
	Actor       *github.User      `json:"actor"`
}

// Transitions reads when an issue was closed and reopened. It reads the issue
// first, which settles whether it is still there, and where.
func (t *Tracker) Transitions(ctx context.Context, ref integrations.Ref) ([]integrations.Transition, error) {
	found, err := t.locate(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", ref.Key, err)
	}
	var entries []timelineJSON
	err = t.client.each(ctx, ask{address: found.path + "/timeline?per_page=100"}, func(got reply) (bool, error) {
		raws, err := decodeList(got)
		entries = append(entries, stateChanges(raws)...)
		return true, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", ref.Key, err)
	}
	return transitions(entries, found.PullRequest), nil
}

// stateChanges are the entries of a timeline that change an issue's state. The
// others come in thirty shapes, so what cannot be read is none of them.
func stateChanges(raws []json.RawMessage) []timelineJSON {
	var out []timelineJSON
	for _, raw := range raws {
		var e timelineJSON
		if json.Unmarshal(raw, &e) != nil || e.CreatedAt == nil {
			continue
		}
		if e.Event == "closed" || e.Event == "reopened" || e.Event == "merged" {
			out = append(out, e)
		}
	}
	return out
}

// transitions folds timeline entries into changes of state, oldest first. A
// pull request that is closed was dropped unless it was merged.
func transitions(entries []timelineJSON, pull bool) []integrations.Transition {
	slices.SortStableFunc(entries, func(a, b timelineJSON) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	state, merged := integrations.StateTodo, false
	var out []integrations.Transition
	for _, e := range entries {
		step := integrations.Transition{
			At: e.CreatedAt.UTC(), From: state, RawReason: e.StateReason, Actor: account(e.Actor),
		}
		switch e.Event {
		case "merged":
			merged = true
			continue
		case "closed":
			step.To, step.RawTo = category(stateClosed, e.StateReason), stateClosed
			if pull && !merged {
				step.To = integrations.StateDropped
			}
		default:
			step.To, step.RawTo = integrations.StateTodo, stateOpen
		}
		out = append(out, step)
		state = step.To
	}
	return out
}
