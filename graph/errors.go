package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/needle"
)

// isFault reports whether an error is never the input's fault, so that it stands at the top of an answer.
func isFault(e *needle.Error) bool {
	switch e.Code {
	case needle.CodeUnavailable, needle.CodeInternal, needle.CodeTimeout, needle.CodeUnauthenticated:
		return true
	case needle.CodeForbidden:
		return len(e.Field) == 0 // What a field asks for is the input's fault.
	default:
		return false
	}
}

// topCodes maps the codes that a read can answer to those that stand at the top of an answer.
var topCodes = map[needle.Code]needle.Code{
	needle.CodeInvalid: needle.CodeBadUserInput, needle.CodeRequired: needle.CodeBadUserInput,
	needle.CodeTooLong: needle.CodeBadUserInput, needle.CodeOutOfRange: needle.CodeBadUserInput,
	needle.CodeInvalidID: needle.CodeBadUserInput, needle.CodeInvalidCursor: needle.CodeBadUserInput,
	needle.CodeNotFound: needle.CodeBadUserInput,
}

// about names the argument that an error is about, when it is one that a caller can mend and names none itself.
func about(argument string, err error) error {
	for _, e := range needle.UserErrors(err) {
		if len(e.Field) == 0 && topCodes[e.Code] != "" {
			return needle.Invalid(argument, e.Code, e.Message)
		}
	}
	return err
}

// ErrorPresenter returns the function that turns errors into what callers see: coded ones as they are, everything else
// logged under the request id and masked.
func ErrorPresenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var shown *gqlerror.Error
		if errors.As(err, &shown) && shown.Unwrap() == nil {
			return withCode(shown)
		}
		out := &gqlerror.Error{Path: graphql.GetPath(ctx)}
		var input ast.Path
		if shown != nil {
			out.Path, input = parted(ctx, shown.Path)
			out.Locations = shown.Locations
		}
		viewer, _ := needle.ViewerFrom(ctx)
		if coded := needle.UserErrors(err); coded != nil {
			if coded[0].Code == needle.CodeUnavailable {
				log.WarnContext(ctx, "a dependency does not answer", "error", err, "requestId", viewer.RequestID)
			}
			return fill(out, coded[0], input)
		}
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return fill(out, &needle.Error{Code: needle.CodeTimeout, Message: "this took longer than an operation may"}, nil)
		case errors.Is(err, context.Canceled):
			return fill(out, &needle.Error{Code: needle.CodeTimeout, Message: "the request was given up"}, nil)
		}
		log.ErrorContext(ctx, "internal error", "error", err, "requestId", viewer.RequestID, "path", out.Path.String())
		out = fill(out, &needle.Error{Code: needle.CodeInternal, Message: "something went wrong on the server"}, nil)
		out.Extensions["requestId"] = viewer.RequestID
		return out
	}
}

// parted splits the path of an error about an argument into the field's, which is where the answer has null, and the
// argument's, which the library appends to it.
func parted(ctx context.Context, path ast.Path) (field, input ast.Path) {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil {
		return path, nil
	}
	n := len(fc.Path())
	if n == 0 || len(path) <= n {
		return path, nil
	}
	return path[:n:n], path[n:]
}

// fill says what a coded error says; input is the path of the argument it is about, nil when the error knows itself.
func fill(out *gqlerror.Error, e *needle.Error, input ast.Path) *gqlerror.Error {
	out.Message = e.Message
	code := e.Code
	if top, ok := topCodes[code]; ok {
		code = top
	}
	out.Extensions = map[string]any{"code": code}
	if code != e.Code {
		out.Extensions["reason"] = e.Code
	}
	field := slices.Clone(e.Field)
	for _, step := range input {
		field = append(field, fmt.Sprint(step))
	}
	if len(field) > 0 {
		out.Extensions["field"] = strings.Join(field, ".")
	}
	return out
}

// withCode gives every error of the library itself a code: parsing and validation bring theirs, the rest is input.
func withCode(e *gqlerror.Error) *gqlerror.Error {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	if e.Extensions["code"] == nil {
		e.Extensions["code"] = needle.CodeBadUserInput
	}
	return e
}
