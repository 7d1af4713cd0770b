package integrations

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrUnauthorized says that the tracker does not accept the credential.
	ErrUnauthorized = errors.New("the tracker does not accept the credential")
	// ErrForbidden says that the credential is accepted but may not do this.
	ErrForbidden = errors.New("the credential may not do this")
	// ErrNotFound says that there is no such thing, or none the credential can see.
	ErrNotFound = errors.New("not found at the tracker")
	// ErrGone says that the thing existed and was deleted.
	ErrGone = errors.New("gone from the tracker")
	// ErrSignature says that a webhook's signature is missing, weak or wrong.
	ErrSignature = errors.New("the webhook's signature does not prove its origin")
	// ErrMalformed says that a webhook is genuine but cannot be read.
	ErrMalformed = errors.New("the webhook cannot be read")
	// ErrUnknownKind says that no driver of that kind is registered.
	ErrUnknownKind = errors.New("unknown kind of tracker")
)

// MovedError says that an issue lives on under another id.
type MovedError struct {
	// To is the new name.
	To Ref
}

// Error says where the issue went.
func (e *MovedError) Error() string {
	return fmt.Sprintf("the issue moved to %s (id %s)", e.To.Key, e.To.ID)
}

// RateLimitError says that the tracker wants to be left alone for a while.
type RateLimitError struct {
	// RetryAt is when to ask again. It is never zero.
	RetryAt time.Time
	// Reason is what the tracker said.
	Reason string
}

// Error says until when to wait.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("limited by the tracker until %s: %s", e.RetryAt.UTC().Format(time.RFC3339), e.Reason)
}

// RejectedError says that the tracker refused the question itself. The same
// question will be refused again.
type RejectedError struct {
	// Status is the HTTP status. Zero: the driver refused before or after asking.
	Status int
	// Reason is what the tracker, or the driver, has against it.
	Reason string
}

// Error says why the question was refused.
func (e *RejectedError) Error() string {
	if e.Status == 0 {
		return "refused: " + e.Reason
	}
	return fmt.Sprintf("refused by the tracker (status %d): %s", e.Status, e.Reason)
}

// UnavailableError says that the tracker could not be reached, failed, or gave
// an answer that cannot be read. Asking again later may help.
type UnavailableError struct {
	// Status is the HTTP status. Zero: there was no answer.
	Status int
	// Err is the cause. It is never nil.
	Err error
}

// Error says what went wrong.
func (e *UnavailableError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("tracker unavailable: %v", e.Err)
	}
	return fmt.Sprintf("tracker unavailable (status %d): %v", e.Status, e.Err)
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// BrokenError says that the tracker answered with an item that cannot be decoded.
type BrokenError struct {
	// Broken is the item as received.
	Broken Broken
}

// Error says what is wrong with the item.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("issue %s (id %s) cannot be decoded: %s", e.Broken.Ref.Key, e.Broken.Ref.ID, e.Broken.Reason)
}

// FieldError says what is wrong with one setting.
type FieldError struct {
	// Field is the setting's name.
	Field string
	// Message says what is wrong, without repeating the value.
	Message string
}

// SettingsError lists everything that is wrong with a driver's settings.
type SettingsError struct {
	// Fields holds at least one entry, in the order of the driver's fields.
	Fields []FieldError
}

// Error lists the fields and what is wrong with each.
func (e *SettingsError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Message
	}
	return "settings: " + strings.Join(parts, "; ")
}
