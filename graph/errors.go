package graph

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/needle"
)

// isFault reports whether an error is never the input's fault, so that it stands at the top of an answer.
func isFault(code needle.Code) bool {
	switch code {
	case needle.CodeUnavailable, needle.CodeInternal, needle.CodeTimeout, needle.CodeUnauthenticated:
		return true
	default:
		return false
	}
}

// topCodes maps the codes that a read can answer to those that stand at the top of an answer.
var topCodes = map[needle.Code]needle.Code{
	needle.CodeInvalid: needle.CodeBadUserInput, needle.CodeRequired: needle.CodeBadUserInput,
	needle.CodeTooLong: needle.CodeBadUserInput, needle.CodeOutOfRange: needle.CodeBadUserInput,
	needle.CodeInvalidID: needle.CodeBadUserInput, needle.CodeInvalidCursor: needle.CodeBadUserInput,
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
		if shown != nil {
			out.Path, out.Locations = shown.Path, shown.Locations
		}
		if coded := needle.UserErrors(err); coded != nil {
			if coded[0].Code == needle.CodeUnavailable {
				log.WarnContext(ctx, "a dependency does not answer", "error", err)
			}
			return fill(out, coded[0])
		}
		viewer, _ := needle.ViewerFrom(ctx)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return fill(out, &needle.Error{Code: needle.CodeTimeout, Message: "this took longer than an operation may"})
		case errors.Is(err, context.Canceled):
			return fill(out, &needle.Error{Code: needle.CodeTimeout, Message: "the request was given up"})
		}
		log.ErrorContext(ctx, "internal error", "error", err, "requestId", viewer.RequestID, "path", out.Path.String())
		fill(out, &needle.Error{Code: needle.CodeInternal, Message: "something went wrong on the server"})
		out.Extensions["requestId"] = viewer.RequestID
		return out
	}
}

func fill(out *gqlerror.Error, e *needle.Error) *gqlerror.Error {
	out.Message = e.Message
	code := e.Code
	if top, ok := topCodes[code]; ok {
		code = top
	}
	out.Extensions = map[string]any{"code": code}
	if code != e.Code {
		out.Extensions["reason"] = e.Code
	}
	if len(e.Field) > 0 {
		out.Extensions["field"] = strings.Join(e.Field, ".")
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
