package file

import (
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// field is something of an issue that a column can tell.
type field int

// The fields, in the order of the settings form.
const (
	fieldID field = iota
	fieldKey
	fieldTitle
	fieldBody
	fieldState
	fieldReason
	fieldType
	fieldLabels
	fieldAssignees
	fieldEstimate
	fieldParent
	fieldCreated
	fieldUpdated
	fieldClosed
	fieldURL
	numFields
)

// known is what is known of a field before a file is seen.
type known struct {
	// name is the field's own word, and begins the name of its setting.
	name string
	// label and help are for the form.
	label, help string
	// columns are names that columns have in exports of well-known tools, folded,
	// the surest first. docs/files.md lists them.
	columns []string
	// many fields take the values of all columns of one name.
	many bool
}

// fields say what is known of each field.
var fields = [numFields]known{
	fieldID: {
		name: "id", label: "Id", help: "What never changes about an issue.",
		columns: []string{"id", "issue id", "ticket id", "task id", "card id", "work item id", "uuid", "external id"},
	},
	fieldKey: {
		name: "key", label: "Key", help: "What people call an issue. It stands in for the id where there is none.",
		columns: []string{"key", "issue key", "identifier", "number", "iid", "ticket", "ticket number", "card #", "reference", "ref"},
	},
	fieldTitle: {
		name: "title", label: "Title", help: "The issue in one line.",
		columns: []string{"title", "summary", "name", "subject", "card name", "task name", "headline"},
	},
	fieldBody: {
		name: "body", label: "Description", help: "More about the issue.",
		columns: []string{"body", "description", "card description", "notes", "task content", "details", "content", "text"},
	},
	fieldState: {
		name: "state", label: "State", help: "How far the work is, in words.",
		columns: []string{"state", "status", "workflow state", "section/column", "list name", "column", "stage"},
	},
	fieldReason: {
		name: "reason", label: "Reason", help: "Why the work ended. A word for dropped work counts over the state.",
		columns: []string{"reason", "state reason", "resolution", "close reason"},
	},
	fieldType: {
		name: "type", label: "Type", help: "Bug, feature, task or epic, in words.",
		columns: []string{"type", "issue type", "issuetype", "work item type", "kind"},
	},
	fieldLabels: {
		name: "labels", label: "Labels", help: "Several columns of one name are read together.",
		columns: []string{"labels", "label", "tags", "tag"}, many: true,
	},
	fieldAssignees: {
		name: "assignees", label: "Assignees", help: "Who works on it.",
		columns: []string{"assignees", "assignee", "assigned to", "members"}, many: true,
	},
	fieldEstimate: {
		name: "estimate", label: "Estimate", help: "The effort, as a number.",
		columns: []string{
			"estimate", "story points", "story point estimate", "custom field (story points)",
			"custom field (story point estimate)", "points", "effort", "weight",
		},
	},
	fieldParent: {
		name: "parent", label: "Parent", help: "The id or key of the epic or parent.",
		columns: []string{
			"parent id", "parent", "parent key", "parent issue", "parent task", "epic link", "custom field (epic link)", "epic",
		},
	},
	fieldCreated: {
		name: "created", label: "Created", help: "When it was opened.",
		columns: []string{"created", "created at", "created date", "date created", "creation date", "created time", "opened at"},
	},
	fieldUpdated: {
		name: "updated", label: "Updated", help: "When it last changed. Without it, a row changed when a file first says something else.",
		columns: []string{
			"updated", "updated at", "updated date", "date updated", "last updated", "modified", "modified at", "last modified",
			"last edited time", "changed date", "last activity date",
		},
	},
	fieldClosed: {
		name: "closed", label: "Closed", help: "When the work ended.",
		columns: []string{
			"closed", "closed at", "closed date", "date closed", "resolved", "resolved at", "resolution date", "completed",
			"completed at", "date done", "done at",
		},
	},
	fieldURL: {
		name: "url", label: "Address", help: "The issue's page.",
		columns: []string{"url", "html url", "issue url", "web url", "card url", "link", "permalink"},
	},
}

// setting is the name of the setting that names the field's column.
func (f field) setting() string { return fields[f].name + "Column" }

// place is what a column's name means: a field, and how sure that is. 0 is
// surest: somebody said so.
type place struct {
	field field
	rank  int
}

// columns tell what columns mean by their folded names.
type columns map[string]place

// newColumns makes columns of the settings. A field whose column is set goes by
// no other name.
func newColumns(s integrations.Settings) columns {
	c := columns{}
	for f := range numFields {
		if name := fold(s[f.setting()]); name != "" {
			c[name] = place{field: f}
		}
	}
	for f := range numFields {
		if s[f.setting()] != "" {
			continue
		}
		for i, name := range fields[f].columns {
			if _, taken := c[name]; !taken {
				c[name] = place{field: f, rank: i + 1}
			}
		}
	}
	return c
}

// parted are the ways to part the words of a name.
var parted = strings.NewReplacer("_", " ", "-", " ", "\u00a0", " ", "’", "'")

// fold makes names that differ in case, in what surrounds them and in how their
// words are parted one.
func fold(name string) string {
	return strings.Join(strings.Fields(parted.Replace(strings.ToLower(name))), " ")
}

// values are what a row says, by field.
type values [numFields][]string

// one is the first value that says something.
func (v *values) one(f field) string {
	for _, value := range v[f] {
		if value = strings.TrimSpace(value); value != "" {
			return value
		}
	}
	return ""
}
