package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/needle"
)

func TestErrorPresenter_showsCodedErrorsAndMasksTheRest(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err        error
		message    string
		extensions map[string]any
		// logged is the message of the only entry in the log; empty for none.
		logged string
	}{
		"an invalid argument": {
			needle.Invalid("filter", needle.CodeOutOfRange, "too deep"), "too deep",
			map[string]any{"code": needle.CodeBadUserInput, "reason": needle.CodeOutOfRange, "field": "filter"},
			"",
		},
		"one of several": {
			fmt.Errorf("reading: %w", needle.Errors{needle.NotFound("cycleId", "cycle"), needle.Conflict("", "later")}), "there is no such cycle",
			map[string]any{"code": needle.CodeBadUserInput, "reason": needle.CodeNotFound, "field": "cycleId"},
			"",
		},
		"a viewer who may not": {
			needle.Forbidden("do this"), "you may not do this", map[string]any{"code": needle.CodeForbidden}, "",
		},
		"a conflict": {
			needle.Conflict("", "somebody else was faster"), "somebody else was faster", map[string]any{"code": needle.CodeConflict}, "",
		},
		"a database that is away": {
			fmt.Errorf("reading teams: %w", &needle.Error{Code: needle.CodeUnavailable, Message: "try again"}), "try again",
			map[string]any{"code": needle.CodeUnavailable},
			"a dependency does not answer",
		},
		"a deadline": {
			fmt.Errorf("reading teams: %w", context.DeadlineExceeded), "this took longer than an operation may", map[string]any{"code": needle.CodeTimeout}, "",
		},
		"a caller who went away": {
			fmt.Errorf("reading teams: %w", context.Canceled), "the request was given up", map[string]any{"code": needle.CodeTimeout}, "",
		},
		"anything else": {
			errors.New("relation gone at 10.0.0.7"), "something went wrong on the server",
			map[string]any{"code": needle.CodeInternal, "requestId": "request-1"},
			"internal error",
		},
		"anything else with a place": {
			gqlerror.WrapPath(nil, errors.New("relation gone at 10.0.0.7")), "something went wrong on the server",
			map[string]any{"code": needle.CodeInternal, "requestId": "request-1"},
			"internal error",
		},
		"the library's own": {
			gqlerror.Errorf("unknown operation"), "unknown operation", map[string]any{"code": needle.CodeBadUserInput}, "",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			ctx := graphql.WithFieldContext(viewerContext(t, needle.Viewer{}), &graphql.FieldContext{})
			got := ErrorPresenter(slog.New(slog.NewJSONHandler(&log, nil)))(ctx, c.err)
			if got.Message != c.message {
				t.Errorf("it says %q, want %q", got.Message, c.message)
			}
			if diff := cmp.Diff(c.extensions, got.Extensions); diff != "" {
				t.Errorf("extensions (-want +got):\n%s", diff)
			}
			if c.logged == "" {
				if log.Len() > 0 {
					t.Errorf("it is logged: %s", &log)
				}
				return
			}
			var entry struct{ Msg, Error, RequestID string }
			if err := json.Unmarshal(log.Bytes(), &entry); err != nil {
				t.Fatalf("the log is not one entry: %v\n%s", err, &log)
			}
			if entry.Msg != c.logged || entry.RequestID != "request-1" || !strings.Contains(entry.Error, c.err.Error()) {
				t.Errorf("the log has %+v", entry)
			}
		})
	}
}

// TestDeadline_isAnsweredAsTimeout lets a query and a change wait for a table that somebody else holds.
func TestDeadline_isAnsweredAsTimeout(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	w := e.newWorld(t)
	tx, err := e.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "LOCK TABLE teams IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`{ teams { nodes { name } } viewer { role } }`,
		`{ keyResults { nodes { key team { name } } } }`,
		`{ viewer { user { teams { totalCount } } } }`,
		`mutation { createTeam(input: { key: "OPS", name: "Ops" }) { team { id } userErrors { code } } }`,
	} {
		ctx, cancel := context.WithTimeout(w.as(t, "olive"), 100*time.Millisecond)
		defer cancel()
		response, err := do(ctx, e.read, request{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		if len(response.Errors) == 0 {
			t.Errorf("%s: %s", query, response.Data)
		}
		for _, problem := range response.Errors {
			if problem.Extensions["code"] != needle.CodeTimeout {
				t.Errorf("%s: %v %v", query, problem, problem.Extensions)
			}
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	data := e.ask(w.as(t, "olive"), t, `{ teams(filter: { key: { eq: "OPS" } }) { totalCount } }`, nil)
	if n := at[json.Number](t, data, "teams", "totalCount"); n != "0" {
		t.Errorf("a change that took too long was made")
	}
}
