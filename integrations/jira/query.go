package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// orderBy ends a query. Where it stands in quotes or brackets it is something else.
var orderBy = regexp.MustCompile(`(?i)^order\s+by(\s|$)`)

// Search answers one page of the names of a project's issues that a text in JQL
// finds. The index it asks is behind the issues, by Lag at most.
func (t *Tracker) Search(ctx context.Context, q integrations.Query, text string) ([]integrations.Ref, integrations.Cursor, error) {
	refs, next, err := t.find(ctx, q, text)
	if err != nil {
		return nil, "", fmt.Errorf("searching %s: %w", q.Source.Key, err)
	}
	return refs, next, nil
}

// find is Search without the words around its errors.
func (t *Tracker) find(ctx context.Context, q integrations.Query, text string) ([]integrations.Ref, integrations.Cursor, error) {
	jql, err := within(q.Source)
	if err != nil {
		return nil, "", err
	}
	condition, err := bracketed(text)
	if err != nil {
		return nil, "", err
	}
	about, err := t.site.about(ctx)
	if err != nil {
		return nil, "", err
	}
	found, err := t.search(ctx, about, question{
		jql: jql + " AND " + condition + " ORDER BY created ASC, key ASC", fields: []string{"project"}, size: pageSize(q), after: q.After,
	})
	if err != nil {
		return nil, "", t.explain(ctx, q.Source, err)
	}
	refs := make([]integrations.Ref, 0, len(found.issues))
	for _, raw := range found.issues {
		if _, err := strconv.ParseUint(raw.ID, 10, 63); err != nil {
			// A result with a hole would end the links of a living issue.
			return nil, "", unreadable(http.StatusOK, errors.New("an issue without an id"))
		}
		var project named
		if err := raw.field("project", &project); err != nil {
			return nil, "", unreadable(http.StatusOK, err)
		}
		// The brackets keep the search inside the project; should Jira read them
		// otherwise, this does.
		if project.ID == q.Source.ID || q.Source.ID == "" && strings.EqualFold(project.Key, q.Source.Key) {
			refs = append(refs, integrations.Ref{ID: raw.ID, Key: raw.Key})
		}
	}
	return refs, found.next, nil
}

// bracketed puts a condition in brackets that it cannot leave. An order at its
// end is dropped, since people copy queries with it; everything that would let
// the text end the brackets by itself is refused.
func bracketed(text string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
	depth, quote := 0, rune(0)
	wordBegins, escaped := true, false
scan:
	for at, r := range text {
		switch {
		case escaped:
			escaped = false
		case quote != 0:
			escaped = r == '\\'
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '\\':
			return "", refusedText(`outside quotes it must not have a \`)
		case r == '(':
			depth++
		case r == ')':
			if depth--; depth < 0 {
				return "", refusedText("it has a ) without its (")
			}
		case depth == 0 && wordBegins && orderBy.MatchString(text[at:]):
			text = strings.TrimSpace(text[:at])
			break scan
		}
		wordBegins = r == ' ' || r == ')' || r == '"' || r == '\''
	}
	switch {
	case quote != 0:
		return "", refusedText("it has a quote that does not end")
	case depth != 0:
		return "", refusedText("it has a ( without its )")
	case text == "":
		return "", refusedText("it says nothing about issues")
	}
	return "(" + text + ")", nil
}

// refusedText says what is wrong with a query before Jira is asked.
func refusedText(reason string) error {
	return &integrations.RejectedError{Reason: "this is no condition in JQL: " + reason}
}
