package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/needle-okr/needle/integrations"
)

// GitHub's words for states and reasons.
const (
	stateOpen        = "open"
	stateClosed      = "closed"
	reasonNotPlanned = "not_planned"
	reasonDuplicate  = "duplicate"
)

// issueJSON is an issue object with the fields v60 of the SDK does not know.
type issueJSON struct {
	github.Issue

	Type *struct {
		Name string `json:"name"`
	} `json:"type"`
	ParentIssueURL string `json:"parent_issue_url"`
}

// home is the repository an issue was read from.
type home struct{ id, key string }

// convert reads an issue object. It returns an error when the object is not
// JSON, does not have GitHub's shape, or lacks what an issue cannot be without:
// id, number, state and the two times.
func convert(raw json.RawMessage, from home) (integrations.Issue, error) {
	in, err := decodeIssue(raw)
	if err != nil {
		return integrations.Issue{}, err
	}
	return in.issue(from), nil
}

// decodeIssue is the first half of convert.
func decodeIssue(raw json.RawMessage) (issueJSON, error) {
	var in issueJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return issueJSON{}, fmt.Errorf("not an issue object: %w", err)
	}
	switch {
	case in.GetID() <= 0 || in.GetNumber() <= 0:
		return issueJSON{}, errors.New("no id or number")
	case in.GetUpdatedAt().IsZero() || in.GetCreatedAt().IsZero():
		return issueJSON{}, errors.New("no created_at or updated_at")
	case in.GetState() != stateOpen && in.GetState() != stateClosed:
		return issueJSON{}, fmt.Errorf("unknown state %q", in.GetState())
	}
	return in, nil
}

// issue is the second half of convert.
func (in issueJSON) issue(from home) integrations.Issue {
	out := integrations.Issue{
		Ref:         refTo(in.GetID(), from.key, in.GetNumber()),
		SourceID:    from.id,
		SourceKey:   from.key,
		URL:         in.GetHTMLURL(),
		Title:       in.GetTitle(),
		Body:        in.GetBody(),
		PullRequest: in.IsPullRequest(),
		State:       category(in.GetState(), in.GetStateReason()),
		RawState:    in.GetState(),
		RawReason:   in.GetStateReason(),
		Parent:      in.parent(from),
		CreatedAt:   in.GetCreatedAt().UTC(),
		UpdatedAt:   in.GetUpdatedAt().UTC(),
	}
	if out.PullRequest && in.GetState() == stateClosed && in.PullRequestLinks.MergedAt == nil {
		out.State = integrations.StateDropped
	}
	if in.Type != nil {
		out.RawType, out.Type = in.Type.Name, neutralType(in.Type.Name)
	}
	for _, l := range in.Labels {
		out.Labels = append(out.Labels, l.GetName())
	}
	for _, u := range in.Assignees {
		if u != nil {
			out.Assignees = append(out.Assignees, account(u))
		}
	}
	if at := in.ClosedAt; at != nil && in.GetState() == stateClosed {
		closed := at.UTC()
		out.ClosedAt = &closed
	}
	return out
}

// category is the neutral state. GitHub knows no state between open and closed,
// and none is guessed from labels here.
func category(state, reason string) integrations.StateCategory {
	switch {
	case state != stateClosed:
		return integrations.StateTodo
	case reason == reasonNotPlanned || reason == reasonDuplicate:
		return integrations.StateDropped
	default:
		return integrations.StateDone
	}
}

// neutralType is the neutral type for an issue type. Organisations name their
// own; the ones GitHub starts with are Task, Bug and Feature.
func neutralType(name string) integrations.IssueType {
	switch strings.ToLower(name) {
	case "epic", "initiative":
		return integrations.TypeEpic
	case "feature", "story", "enhancement":
		return integrations.TypeFeature
	case "bug", "defect":
		return integrations.TypeBug
	case "task":
		return integrations.TypeTask
	default:
		return integrations.TypeUnknown
	}
}

// brokenItem tells of an object what can still be read.
func brokenItem(raw json.RawMessage, key string, cause error) integrations.Broken {
	out := integrations.Broken{Raw: raw, Reason: cause.Error()}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return out
	}
	var id int64
	if json.Unmarshal(fields["id"], &id) == nil && id > 0 {
		out.Ref.ID = strconv.FormatInt(id, 10)
	}
	var number int
	if json.Unmarshal(fields["number"], &number) == nil && number > 0 {
		out.Ref.Key = key + "#" + strconv.Itoa(number)
	}
	var at time.Time
	if json.Unmarshal(fields["updated_at"], &at) == nil {
		out.UpdatedAt = at.UTC()
	}
	return out
}

// repositoryKey is the repository an issue object says it is in, or else the given one.
func repositoryKey(raw json.RawMessage, otherwise string) string {
	var in struct {
		RepositoryURL string `json:"repository_url"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return otherwise
	}
	parts := strings.Split(in.RepositoryURL, "/")
	if n := len(parts); n >= 2 {
		if key := parts[n-2] + "/" + parts[n-1]; isSegment(parts[n-2]) && isSegment(parts[n-1]) {
			return key
		}
	}
	return otherwise
}

// refTo names an issue.
func refTo(id int64, key string, number int) integrations.Ref {
	return integrations.Ref{ID: strconv.FormatInt(id, 10), Key: key + "#" + strconv.Itoa(number)}
}

// account is a GitHub user, or nobody for a deleted one.
func account(u *github.User) integrations.Account {
	if u.GetID() == 0 {
		return integrations.Account{Name: u.GetLogin()}
	}
	return integrations.Account{ID: strconv.FormatInt(u.GetID(), 10), Name: u.GetLogin(), URL: u.GetHTMLURL()}
}

// source is a repository.
func source(r *github.Repository) integrations.Source {
	return integrations.Source{
		ID: strconv.FormatInt(r.GetID(), 10), Key: r.GetFullName(), Name: r.GetFullName(), URL: r.GetHTMLURL(),
		Private: r.GetPrivate(), Archived: r.GetArchived(),
	}
}
