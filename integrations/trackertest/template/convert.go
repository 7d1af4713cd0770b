package template

import (
	"encoding/json"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// card is a card as the tracker sends it.
type card struct {
	ID      string     `json:"id"`
	Board   string     `json:"board"`
	Updated time.Time  `json:"updated"`
	Title   string     `json:"title"`
	Text    string     `json:"text"`
	Column  string     `json:"column"`
	Labels  []string   `json:"labels"`
	Created time.Time  `json:"created"`
	Closed  *time.Time `json:"closed"`
}

// columns are what the tracker's words mean.
var columns = map[string]integrations.StateCategory{
	"waiting": integrations.StateTodo, "doing": integrations.StateInProgress,
	"done": integrations.StateDone, "thrown away": integrations.StateDropped,
}

// convert makes an issue of a card. One that cannot be understood is put aside
// with as much of its name and time as can be read, and the page goes on.
func convert(raw json.RawMessage) (integrations.Issue, *integrations.Broken) {
	var c card
	err := json.Unmarshal(raw, &c)
	state, known := columns[c.Column]
	reason := ""
	switch {
	case err != nil:
		reason = err.Error()
	case c.ID == "" || c.Updated.IsZero():
		reason = "it has no id or no change time"
	case !known:
		reason = "it stands in an unknown column"
	}
	ref := integrations.Ref{ID: c.ID, Key: c.ID}
	if reason != "" {
		return integrations.Issue{}, &integrations.Broken{Ref: ref, UpdatedAt: c.Updated, Raw: raw, Reason: reason}
	}
	return integrations.Issue{
		Ref: ref, SourceID: c.Board, SourceKey: c.Board, Title: c.Title, Body: c.Text,
		State: state, RawState: c.Column, Labels: c.Labels,
		CreatedAt: c.Created, UpdatedAt: c.Updated, ClosedAt: c.Closed,
	}, nil
}
