package jira

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/andygrunwald/go-jira"

	"github.com/needle-okr/needle/integrations"
)

// entryJSON is one change of an issue, of one or more fields.
type entryJSON struct {
	Author  jira.User  `json:"author"`
	Created string     `json:"created"`
	Items   []itemJSON `json:"items"`
}

// itemJSON is one changed field. From and To are ids, the strings what they were
// called then.
type itemJSON struct {
	Field      string `json:"field"`
	FieldID    string `json:"fieldId"`
	From       string `json:"from"`
	FromString string `json:"fromString"`
	To         string `json:"to"`
	ToString   string `json:"toString"`
}

// is says whether the item is about a field. Data Center tells no field id.
func (i itemJSON) is(field string) bool {
	return i.FieldID == field || i.FieldID == "" && i.Field == field
}

// Transitions reads every change of an issue's status, oldest first. The log
// inside a search is cut at forty changes, so it is asked for by itself.
func (t *Tracker) Transitions(ctx context.Context, ref integrations.Ref) ([]integrations.Transition, error) {
	out, err := t.transitions(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", ref.Key, err)
	}
	return out, nil
}

// transitions is Transitions without the words around its errors.
func (t *Tracker) transitions(ctx context.Context, ref integrations.Ref) ([]integrations.Transition, error) {
	issue, err := t.issue(ctx, ref)
	if err != nil {
		return nil, err
	}
	statuses, err := t.site.statuses(ctx)
	if err != nil {
		return nil, err
	}
	about, err := t.site.about(ctx)
	if err != nil {
		return nil, err
	}
	read := t.changelog
	if !about.cloud {
		read = t.wholeChangelog
	}
	entries, err := read(ctx, issue.Ref.ID)
	if err != nil {
		return nil, err
	}
	return fold(entries, statuses)
}

// changelog reads the log by pages.
func (t *Tracker) changelog(ctx context.Context, id string) ([]entryJSON, error) {
	var all []entryJSON
	for pages := 0; ; pages++ {
		var page struct {
			Values []entryJSON `json:"values"`
			IsLast bool        `json:"isLast"`
			Total  int         `json:"total"`
		}
		path := "rest/api/3/issue/" + id + "/changelog?maxResults=100&startAt=" + strconv.Itoa(len(all))
		if err := t.client.get(ctx, path, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Values...)
		if page.IsLast || len(page.Values) == 0 || len(all) >= page.Total || pages >= maxPages {
			return all, nil
		}
	}
}

// wholeChangelog reads the log with the issue: older servers have no pages of it.
func (t *Tracker) wholeChangelog(ctx context.Context, id string) ([]entryJSON, error) {
	var issue struct {
		Changelog struct {
			Histories []entryJSON `json:"histories"`
		} `json:"changelog"`
	}
	err := t.client.get(ctx, "rest/api/2/issue/"+id+"?fields=created&expand=changelog", &issue)
	return issue.Changelog.Histories, err
}

// fold makes changes of state of a log. A status that the site no longer has
// leaves the category as it was.
func fold(entries []entryJSON, statuses map[string]integrations.StateCategory) ([]integrations.Transition, error) {
	type dated struct {
		entryJSON
		at time.Time
	}
	log := make([]dated, len(entries))
	for i, e := range entries {
		at, err := parseTime(e.Created)
		if err != nil {
			return nil, unreadable(http.StatusOK, err)
		}
		log[i] = dated{e, at}
	}
	slices.SortStableFunc(log, func(a, b dated) int { return a.at.Compare(b.at) })
	state, resolution, known := integrations.StateTodo, "", false
	var out []integrations.Transition
	for _, e := range log {
		var moved *itemJSON
		for _, item := range e.Items {
			switch {
			case item.is("resolution"):
				resolution = item.ToString
			case item.is("status"):
				moved = &item
			}
		}
		if moved == nil {
			continue
		}
		if from, ok := statuses[moved.From]; ok && !known {
			state = from // What came before the log is told by its first entry.
		}
		known = true
		step := integrations.Transition{
			At: e.at, From: state, To: state, RawTo: moved.ToString, RawReason: resolution, Actor: account(&e.Author),
		}
		if to, ok := statuses[moved.To]; ok {
			step.To = ended(to, resolution)
		}
		out = append(out, step)
		state = step.To
	}
	return out, nil
}
