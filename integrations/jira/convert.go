package jira

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/andygrunwald/go-jira"

	"github.com/needle-okr/needle/integrations"
)

// issueKey is what people call an issue.
var issueKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*-[1-9][0-9]*$`)

// categories are the neutral states of the keys of status categories, which are
// never translated.
var categories = map[string]integrations.StateCategory{
	"new":           integrations.StateTodo,
	"undefined":     integrations.StateTodo,
	"indeterminate": integrations.StateInProgress,
	"done":          integrations.StateDone,
}

// dropped are the resolutions of work that ended without being done.
var dropped = map[string]bool{
	"won't do": true, "won't fix": true, "won’t do": true, "won’t fix": true, "wont do": true, "wont fix": true,
	"duplicate": true, "cannot reproduce": true, "declined": true, "rejected": true, "invalid": true,
	"incomplete": true, "obsolete": true, "abandoned": true, "cancelled": true, "canceled": true, "not a bug": true,
}

// types are the neutral types of the names that Jira ships with.
var types = map[string]integrations.IssueType{
	"epic": integrations.TypeEpic, "initiative": integrations.TypeEpic,
	"story": integrations.TypeFeature, "new feature": integrations.TypeFeature, "feature": integrations.TypeFeature,
	"improvement": integrations.TypeFeature,
	"bug":         integrations.TypeBug, "defect": integrations.TypeBug,
	"task": integrations.TypeTask, "sub-task": integrations.TypeTask, "subtask": integrations.TypeTask,
	"technical task": integrations.TypeTask,
}

// rawIssue is an issue whose fields are decoded one by one, so that an odd one
// does not take the page with it.
type rawIssue struct {
	raw    json.RawMessage
	ID     string                     `json:"id"`
	Key    string                     `json:"key"`
	Fields map[string]json.RawMessage `json:"fields"`
}

// UnmarshalJSON keeps the bytes beside what is read of them, and reads as much as
// it can: what is odd shows when the issue is converted.
func (r *rawIssue) UnmarshalJSON(b []byte) error {
	type plain rawIssue
	var p plain
	_ = json.Unmarshal(b, &p)
	*r = rawIssue(p)
	r.raw = append(json.RawMessage(nil), b...)
	return nil
}

// field reads one field; an absent or null one leaves the value as it is.
func (r rawIssue) field(name string, into any) error {
	raw, ok := r.Fields[name]
	if !ok || string(raw) == "null" {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("field %s: %w", name, err)
	}
	return nil
}

// instant reads a field that is a time; zero when there is none.
func (r rawIssue) instant(name string) (time.Time, error) {
	var text string
	if err := r.field(name, &text); err != nil || text == "" {
		return time.Time{}, err
	}
	at, err := parseTime(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("field %s: %w", name, err)
	}
	return at, nil
}

// parseTime reads Jira's times, whose zones have no colon.
func parseTime(text string) (time.Time, error) {
	at, err := time.Parse("2006-01-02T15:04:05.000-0700", text)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("not a time: %q", cut(text, 40))
	}
	return at.UTC(), nil
}

// named is any part of an issue that has an id and a name.
type named struct {
	ID   string `json:"id"`
	Key  string `json:"key"`
	Name string `json:"name"`
}

// convert reads an issue. It returns an error when the issue lacks what it cannot
// be without: id, key, project, status and the two times.
func convert(in rawIssue, at about, f fields) (integrations.Issue, error) {
	if _, err := strconv.ParseUint(in.ID, 10, 63); err != nil || in.Key == "" || in.Fields == nil {
		return integrations.Issue{}, errors.New("no id, key or fields")
	}
	out := integrations.Issue{Ref: integrations.Ref{ID: in.ID, Key: in.Key}, URL: at.browse(in.Key)}
	for _, read := range []func(*integrations.Issue) error{
		in.readTexts, in.readState, in.readType, in.readPeople, in.readTimes,
		func(out *integrations.Issue) error { return in.readCustom(out, f) },
	} {
		if err := read(&out); err != nil {
			return integrations.Issue{}, err
		}
	}
	// Some sites finish issues without a resolution; the change of category stands
	// for its date. Where that is not told either, nothing does: the last change
	// would move with every comment.
	if out.State != integrations.StateDone && out.State != integrations.StateDropped {
		out.ClosedAt = nil
	}
	return out, nil
}

// readTexts reads title, description, labels and project.
func (r rawIssue) readTexts(out *integrations.Issue) error {
	var project named
	if err := errors.Join(
		r.field("summary", &out.Title), r.field("labels", &out.Labels), r.field("project", &project),
	); err != nil {
		return err
	}
	if project.ID == "" || project.Key == "" {
		return errors.New("no project")
	}
	out.SourceID, out.SourceKey = project.ID, project.Key
	var err error
	out.Body, err = text(r.Fields["description"])
	return err
}

// readState reads status and resolution.
func (r rawIssue) readState(out *integrations.Issue) error {
	var status statusJSON
	var resolution named
	if err := errors.Join(r.field("status", &status), r.field("resolution", &resolution)); err != nil {
		return err
	}
	if status.Name == "" {
		return errors.New("no status")
	}
	category, ok := categories[status.Category.Key]
	if !ok {
		return fmt.Errorf("unknown status category %q", cut(status.Category.Key, 40))
	}
	out.RawState, out.RawReason, out.State = status.Name, resolution.Name, ended(category, resolution.Name)
	return nil
}

// ended tells work that was dropped from work that was done.
func ended(category integrations.StateCategory, resolution string) integrations.StateCategory {
	if category == integrations.StateDone && dropped[strings.ToLower(strings.TrimSpace(resolution))] {
		return integrations.StateDropped
	}
	return category
}

// readType reads the type; everything above stories is an epic.
func (r rawIssue) readType(out *integrations.Issue) error {
	var kind struct {
		Name           string `json:"name"`
		HierarchyLevel int    `json:"hierarchyLevel"`
	}
	if err := r.field("issuetype", &kind); err != nil {
		return err
	}
	out.RawType, out.Type = kind.Name, types[strings.ToLower(strings.TrimSpace(kind.Name))]
	if kind.HierarchyLevel > 0 {
		out.Type = integrations.TypeEpic
	}
	return nil
}

// readPeople reads who works on it and what it belongs to.
func (r rawIssue) readPeople(out *integrations.Issue) error {
	var assignee *jira.User
	var parent *named
	if err := errors.Join(r.field("assignee", &assignee), r.field("parent", &parent)); err != nil {
		return err
	}
	if assignee != nil {
		out.Assignees = []integrations.Account{account(assignee)}
	}
	if parent != nil && parent.Key != "" {
		out.Parent = &integrations.Ref{ID: parent.ID, Key: parent.Key}
	}
	return nil
}

// readTimes reads when it was opened, changed and closed.
func (r rawIssue) readTimes(out *integrations.Issue) error {
	created, err := r.instant("created")
	if err != nil {
		return err
	}
	updated, err := r.instant("updated")
	if err != nil {
		return err
	}
	if created.IsZero() || updated.IsZero() {
		return errors.New("no created or updated")
	}
	out.CreatedAt, out.UpdatedAt = created, updated
	// A reopened issue may keep its old resolution date; the category's is newer.
	for _, name := range []string{"statuscategorychangedate", "resolutiondate"} {
		at, err := r.instant(name)
		if err != nil {
			return err
		}
		if !at.IsZero() {
			out.ClosedAt = &at
			break
		}
	}
	return nil
}

// readCustom reads the estimate and, where there is no parent, the epic.
func (r rawIssue) readCustom(out *integrations.Issue, f fields) error {
	for _, name := range f.estimates {
		if err := r.field(name, &out.Estimate); err != nil {
			return err
		}
		if out.Estimate != nil {
			break
		}
	}
	for _, name := range f.epicLinks {
		var key string
		if err := r.field(name, &key); err != nil {
			return err
		}
		if key != "" && out.Parent == nil {
			out.Parent = &integrations.Ref{Key: key}
		}
	}
	return nil
}

// account converts a person. Cloud knows them by accountId, Data Center by key.
func account(u *jira.User) integrations.Account {
	id := u.AccountID
	for _, other := range []string{u.Key, u.Name} {
		if id == "" {
			id = other
		}
	}
	name := u.DisplayName
	if name == "" {
		name = u.Name
	}
	return integrations.Account{ID: id, Name: name}
}

// brokenIssue is an issue as far as it could be read.
func brokenIssue(in rawIssue, err error) integrations.Broken {
	// It stays zero where it is what is broken.
	updated, _ := in.instant("updated")
	return integrations.Broken{
		Ref: integrations.Ref{ID: in.ID, Key: in.Key}, UpdatedAt: updated, Raw: in.raw, Reason: err.Error(),
	}
}

// cut shortens what a message quotes.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
