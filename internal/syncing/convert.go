package syncing

import (
	"errors"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
)

// Longest names that a record may have, in bytes. Indexes hold them.
const (
	maxRemoteID  = 500
	maxRemoteKey = 1000
)

// fromTracker makes our row of what a tracker showed. It is the one place where the two types meet, and where text from
// outside is cleaned. The error says why the record cannot be kept.
func fromTracker(in integrations.Issue, source *needle.Source, observed time.Time) (*needle.Issue, error) {
	out := &needle.Issue{
		ConnectionID: source.ConnectionID, SourceID: source.ID,
		RemoteID: needle.Clean(in.Ref.ID), RemoteKey: needle.Clean(in.Ref.Key), URL: webAddress(in.URL),
		Title: needle.Clean(in.Title), Body: needle.Clean(in.Body),
		TrackerType: issueType(in), RawType: needle.Clean(in.RawType),
		TrackerStatus: status(in.State), RawState: needle.Clean(in.RawState), RawReason: needle.Clean(in.RawReason),
		Labels: names(in.Labels), Assignees: accountNames(in.Assignees), Estimate: finite(in.Estimate),
		RemoteCreatedAt: instant(in.CreatedAt), RemoteUpdatedAt: instant(in.UpdatedAt), ObservedAt: instant(observed),
		Undated: in.Undated,
	}
	if in.Parent != nil {
		out.ParentRemoteID, out.ParentRemoteKey = needle.Clean(in.Parent.ID), needle.Clean(in.Parent.Key)
	}
	if in.ClosedAt != nil {
		closed := instant(*in.ClosedAt)
		out.RemoteClosedAt = &closed
	}
	switch {
	case out.RemoteID == "":
		return nil, errors.New("it has no id")
	case len(out.RemoteID) > maxRemoteID || len(out.RemoteKey) > maxRemoteKey:
		return nil, errors.New("its id or key is too long")
	case len(out.ParentRemoteID) > maxRemoteID || len(out.ParentRemoteKey) > maxRemoteKey:
		return nil, errors.New("the id or key of its parent is too long")
	case in.UpdatedAt.IsZero():
		return nil, errors.New("it does not say when it changed")
	}
	if in.CreatedAt.IsZero() {
		out.RemoteCreatedAt = out.RemoteUpdatedAt
	}
	out.Status, out.Type = out.TrackerStatus, out.TrackerType // Until a mapping reads them.
	if out.StateChangedAt = out.RemoteUpdatedAt; closed(out) {
		out.StateChangedAt = *out.RemoteClosedAt
	}
	return out, nil
}

// closed reports whether the tracker took the issue for ended and says since when.
func closed(issue *needle.Issue) bool {
	ended := issue.TrackerStatus == needle.StatusDone || issue.TrackerStatus == needle.StatusDropped
	return ended && issue.RemoteClosedAt != nil
}

func issueType(in integrations.Issue) needle.IssueType {
	if in.PullRequest {
		return needle.IssueTypePullRequest
	}
	switch in.Type {
	case integrations.TypeEpic:
		return needle.IssueTypeEpic
	case integrations.TypeFeature:
		return needle.IssueTypeFeature
	case integrations.TypeBug:
		return needle.IssueTypeBug
	case integrations.TypeTask:
		return needle.IssueTypeTask
	default:
		return needle.IssueTypeIssue
	}
}

func status(s integrations.StateCategory) needle.StatusCategory {
	switch s {
	case integrations.StateInProgress:
		return needle.StatusInProgress
	case integrations.StateDone:
		return needle.StatusDone
	case integrations.StateDropped:
		return needle.StatusDropped
	default:
		return needle.StatusTodo
	}
}

// names cleans and sorts names, each once, so that their order at the tracker is no change.
func names(in []string) []string {
	out := make([]string, 0, len(in))
	for _, name := range in {
		if name = strings.TrimSpace(needle.Clean(name)); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func accountNames(in []integrations.Account) []string {
	out := make([]string, len(in))
	for i, a := range in {
		out[i] = a.Name
	}
	return names(out)
}

// webAddress lets only addresses through that are safe to show as a link.
func webAddress(text string) string {
	text = needle.Clean(text)
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return text
}

func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

// instant is a time as PostgreSQL keeps it.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// describe makes the vocabulary's description of a driver.
func describe(d integrations.Driver) *needle.TrackerDriver {
	out := &needle.TrackerDriver{Kind: d.Kind, Name: d.Name}
	for _, f := range d.Fields {
		out.Fields = append(out.Fields, &needle.DriverField{
			Name: f.Name, Label: f.Label, Help: f.Help, Secret: f.Secret, Required: f.Required, Default: f.Default,
		})
	}
	for _, c := range d.Capabilities() {
		out.Capabilities = append(out.Capabilities, needle.TrackerCapability(c))
	}
	return out
}
