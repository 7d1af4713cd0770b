package needle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

// problems says what a caller sees, as in "REQUIRED input.title; TOO_LONG input.description".
func problems(err error) string {
	var out []string
	for _, e := range needle.UserErrors(err) {
		out = append(out, strings.TrimSpace(string(e.Code)+" "+strings.Join(e.Field, ".")))
	}
	return strings.Join(out, "; ")
}

func ptr[T any](v T) *T { return &v }

// rule is one row of a table of validations.
type rule struct {
	name string
	err  error
	// want is what problems says, empty when the input is fine.
	want string
}

func checkRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if got := problems(r.err); got != r.want || (r.want == "") != (r.err == nil) {
				t.Errorf("the problems are %q (%v), want %q", got, r.err, r.want)
			}
		})
	}
}

func TestErrors_matchByCode(t *testing.T) {
	t.Parallel()
	missing := needle.NotFound("input.teamId", "team")
	many := needle.Errors{needle.Invalid("input.name", needle.CodeRequired, "this must not be empty"), missing}
	for name, tc := range map[string]struct {
		err    error
		target error
		want   bool
	}{
		"its own sentinel":        {missing, needle.ErrNotFound, true},
		"another sentinel":        {missing, needle.ErrConflict, false},
		"wrapped":                 {fmt.Errorf("reading: %w", missing), needle.ErrNotFound, true},
		"one of several":          {many, needle.ErrNotFound, true},
		"none of several":         {many, needle.ErrForbidden, false},
		"an error that is no one": {errors.New("broken"), needle.ErrNotFound, false},
		"a whole error":           {missing, needle.NotFound("input.cycleId", "cycle"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := errors.Is(tc.err, tc.target); got != tc.want {
				t.Errorf("errors.Is is %v", got)
			}
		})
	}
	if got, want := many.Error(), "input.name: this must not be empty; input.teamId: there is no such team"; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
}

func TestUserErrors_areFoundInside(t *testing.T) {
	t.Parallel()
	one := needle.Conflict("input.id", "this is closed")
	if diff := cmp.Diff(needle.Errors{one}, needle.UserErrors(fmt.Errorf("changing: %w", one))); diff != "" {
		t.Error(diff)
	}
	if got := needle.UserErrors(errors.New("broken")); got != nil {
		t.Errorf("a fault has user errors: %v", got)
	}
	if got := needle.UserErrors(nil); got != nil {
		t.Errorf("no error has user errors: %v", got)
	}
	if got := needle.Forbidden("sync"); got.Error() != "you may not sync" || got.Field != nil {
		t.Errorf("a refusal is %v", got)
	}
}
