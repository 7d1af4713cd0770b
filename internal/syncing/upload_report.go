package syncing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// reporting gathers what a file says against what is stored.
type reporting struct {
	*upload
	*needle.UploadReport
	// walk makes rows of what the driver reads, as a pass would.
	walk *walk
	// words are what the connection takes the tracker's words for.
	words needle.Dictionary
	// stored is the source that is there already; nil when there is none.
	stored *needle.Source
}

// report reads the file whole, page by page, and tells what a pass over it would do.
func (u *upload) report(ctx context.Context) (*needle.UploadReport, error) {
	r := &reporting{upload: u, UploadReport: &needle.UploadReport{DryRun: true}}
	reading, err := u.tracker.Reading(ctx, u.asked())
	if err != nil {
		return nil, u.unreadable(ctx, err)
	}
	r.Rows, r.UnknownStates = reading.Rows, make([]string, 0, len(reading.UnknownStates))
	for _, word := range reading.UnknownStates {
		r.UnknownStates = append(r.UnknownStates, needle.Clean(word))
	}
	for _, c := range reading.Columns {
		r.Columns = append(r.Columns, &needle.UploadColumn{Name: needle.Clean(c.Name), Field: c.Field})
	}
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	// Cursors alone meet every row once; the file does not change meanwhile.
	for q := (integrations.Query{Source: u.asked()}); ; {
		page, err := u.tracker.Issues(ctx, q)
		if err != nil {
			return nil, u.unreadable(ctx, err)
		}
		if err := r.page(ctx, page); err != nil {
			return nil, err
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	return r.UploadReport, r.count(ctx)
}

// begin finds the source that the file is the content of.
func (r *reporting) begin(ctx context.Context) error {
	source, mapping := &needle.Source{RemoteKey: r.name}, &needle.Mapping{}
	if r.conn != nil {
		mappings, err := r.scope.MappingsOf(ctx, []needle.ConnectionID{r.conn.ID})
		if err != nil {
			return err
		}
		mapping = mappings[0]
		source.ConnectionID = r.conn.ID
		sources, err := r.scope.SyncSources(ctx, r.conn.ID)
		if err != nil {
			return err
		}
		for _, s := range sources {
			if s.RemoteKey == r.name {
				r.stored, source = s.Source, s.Source
			}
		}
	}
	r.walk, r.words = &walk{source: store.SyncSource{Source: source}}, mapping.Dictionary()
	return nil
}

// page adds what a page says.
func (r *reporting) page(ctx context.Context, page integrations.Page) error {
	rows, broken := rowsOf(page, r.walk.source.Source, r.clock())
	outcomes := make([]store.IssueOutcome, len(rows))
	for i := range outcomes {
		outcomes[i] = store.IssueInserted
	}
	if r.conn != nil && len(rows) > 0 {
		var err error
		if outcomes, err = r.scope.CompareIssues(ctx, r.conn.ID, rows); err != nil {
			return err
		}
	}
	for i, row := range rows {
		r.words.Read(row)
		action := needle.UploadKeeps
		switch outcomes[i] {
		case store.IssueInserted:
			action = needle.UploadInserts
			r.Inserted++
		case store.IssueUpdated:
			action = needle.UploadUpdates
			r.Updated++
		default:
			r.Unchanged++
		}
		if len(r.Issues) < needle.MaxReportedIssues {
			r.Issues = append(r.Issues, uploaded(row, action))
		}
	}
	r.Broken += len(broken)
	for i, b := range broken {
		line := 0
		if i < len(page.Broken) { // The others came whole and cannot be kept.
			line = page.Broken[i].Line
		}
		r.problem(line, b.Reason)
	}
	return nil
}

func (r *reporting) problem(line int, message string) {
	if len(r.Problems) < needle.MaxReportedProblems {
		message = strings.TrimPrefix(message, fmt.Sprintf("line %d: ", line))
		r.Problems = append(r.Problems, &needle.UploadProblem{Line: line, Message: needle.Clean(message)})
	}
}

// count tells what is stored and not in the file, by the rules of a census.
func (r *reporting) count(ctx context.Context) error {
	counter, able := r.tracker.(integrations.Census)
	if r.stored == nil || !able {
		return nil
	}
	refs, _, err := counter.IDs(ctx, integrations.Query{Source: r.asked()})
	if rejected := (*integrations.RejectedError)(nil); errors.As(err, &rejected) {
		r.problem(0, rejected.Reason)
		return nil
	}
	if err != nil {
		return r.unreadable(ctx, err)
	}
	held, err := r.scope.HeldIssues(ctx, r.stored.ID)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(refs))
	for _, ref := range refs {
		there[ref.ID] = true
	}
	living := 0
	for _, issue := range held {
		if issue.GoneAt != nil {
			continue
		}
		living++
		if !there[issue.RemoteID] {
			r.Vanished++
		}
	}
	r.TooMany = 2*r.Vanished > living
	return nil
}

// uploaded is a row as a report shows it.
func uploaded(row *needle.Issue, action needle.UploadAction) *needle.UploadedIssue {
	return &needle.UploadedIssue{
		Action: action, RemoteID: row.RemoteID, RemoteKey: row.RemoteKey, URL: row.URL, Title: row.Title,
		Type: row.Type, RawType: row.RawType, Status: row.Status, RawState: row.RawState, Labels: row.Labels, Assignees: row.Assignees,
		Estimate: row.Estimate, ParentRemoteID: row.ParentRemoteID,
		RemoteCreatedAt: row.RemoteCreatedAt, RemoteUpdatedAt: row.RemoteUpdatedAt, RemoteClosedAt: row.RemoteClosedAt,
	}
}
