package needle

import (
	"errors"
	"strings"
)

// Code tells a program what went wrong. Codes are part of the API and never change their meaning.
type Code string

// The codes that user errors and top-level errors carry.
const (
	// CodeInvalid: a value breaks a rule that its message states.
	CodeInvalid Code = "INVALID"
	// CodeRequired: a value is missing.
	CodeRequired Code = "REQUIRED"
	// CodeTooLong: a text exceeds its limit.
	CodeTooLong Code = "TOO_LONG"
	// CodeOutOfRange: a number, date or list size lies outside its limits.
	CodeOutOfRange Code = "OUT_OF_RANGE"
	// CodeInvalidID: an id is malformed or belongs to another kind of object.
	CodeInvalidID Code = "INVALID_ID"
	// CodeInvalidCursor: a cursor was not made by this server for this list, order and filter.
	CodeInvalidCursor Code = "INVALID_CURSOR"
	// CodeNotFound: no such object in the viewer's workspace. Another workspace's object answers exactly like this.
	CodeNotFound Code = "NOT_FOUND"
	// CodeDuplicate: a value that must be unique is taken.
	CodeDuplicate Code = "DUPLICATE"
	// CodeConflict: the object changed since the caller read it, or the change contradicts its state.
	CodeConflict Code = "CONFLICT"
	// CodeForbidden: the viewer may not do this.
	CodeForbidden Code = "FORBIDDEN"
	// CodeUnauthenticated: no valid token came with the request.
	CodeUnauthenticated Code = "UNAUTHENTICATED"
	// CodeUnavailable: the database or a tracker does not answer; trying again later may help.
	CodeUnavailable Code = "UNAVAILABLE"
	// CodeInternal: a fault of the server; details are in its log under the request id.
	CodeInternal Code = "INTERNAL"
	// CodeTimeout: the operation took longer than it may.
	CodeTimeout Code = "TIMEOUT"
	// CodeBadUserInput: arguments or variables cannot be understood at all.
	CodeBadUserInput Code = "BAD_USER_INPUT"
)

// Error is the only kind of error a user sees. Anything else is logged and masked.
type Error struct {
	// Code is the machine's half.
	Code Code
	// Field is the input path the error is about, e.g. ["input", "title"]; empty when it is about the whole call.
	Field []string
	// Message is the person's half: a sentence without a trailing full stop.
	Message string
}

// Error implements error.
func (e *Error) Error() string {
	if len(e.Field) == 0 {
		return e.Message
	}
	return strings.Join(e.Field, ".") + ": " + e.Message
}

// Is lets errors.Is match two Errors by their code.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code && len(t.Field) == 0 && t.Message == ""
}

// Sentinels for errors.Is; they match every Error with the same code.
var (
	ErrNotFound  = &Error{Code: CodeNotFound}
	ErrConflict  = &Error{Code: CodeConflict}
	ErrForbidden = &Error{Code: CodeForbidden}
	ErrDuplicate = &Error{Code: CodeDuplicate}
)

// Invalid returns an Error about one input field; field is dotted ("input.title") or "" for the whole call.
func Invalid(field string, code Code, message string) *Error {
	return &Error{Code: code, Field: splitField(field), Message: message}
}

// NotFound returns the Error for an id that answers nothing; noun is what the user calls it ("objective").
func NotFound(field, noun string) *Error {
	return Invalid(field, CodeNotFound, "there is no such "+noun)
}

// Forbidden returns the Error for a viewer who may not do what deed says ("edit this objective").
func Forbidden(deed string) *Error {
	return &Error{Code: CodeForbidden, Message: "you may not " + deed}
}

// Conflict returns the Error for a change that contradicts the present state.
func Conflict(field, message string) *Error { return Invalid(field, CodeConflict, message) }

// Errors is several Errors about one input, in the order of its fields.
type Errors []*Error

// Error implements error.
func (es Errors) Error() string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Is lets errors.Is look at each of the errors.
func (es Errors) Is(target error) bool {
	for _, e := range es {
		if e.Is(target) {
			return true
		}
	}
	return false
}

// Under returns the errors with a path put before theirs.
func (es Errors) Under(path ...string) Errors {
	out := make(Errors, len(es))
	for i, e := range es {
		out[i] = &Error{Code: e.Code, Field: append(append([]string{}, path...), e.Field...), Message: e.Message}
	}
	return out
}

// UserErrors returns the Errors inside err, nil when there are none and err is a fault of the server instead.
func UserErrors(err error) Errors {
	var many Errors
	if errors.As(err, &many) {
		return many
	}
	var one *Error
	if errors.As(err, &one) {
		return Errors{one}
	}
	return nil
}

func splitField(field string) []string {
	if field == "" {
		return nil
	}
	return strings.Split(field, ".")
}
