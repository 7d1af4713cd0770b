package planning

import (
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// settle ends an open offer. One that was settled already answers CONFLICT.
func (a act) settle(o *needle.Offer, to needle.OfferState, reason string) error {
	if o.State != needle.OfferOpen {
		return needle.Conflict("input.id", "this was "+strings.ToLower(string(o.State))+" already")
	}
	now := a.Now()
	o.State, o.Reason, o.DecidedBy, o.DecidedAt = to, needle.Clean(reason), &a.viewer.UserID, &now
	return nil
}

// withdraw takes back what the viewer offered. What others offered answers FORBIDDEN.
func (a act) withdraw(o *needle.Offer) error {
	if !o.CanWithdraw(a.viewer) {
		return needle.Invalid("input.id", needle.CodeForbidden, "you may withdraw only what you offered yourself")
	}
	return a.settle(o, needle.OfferWithdrawn, "")
}

// onto says of one input field what was said of the fields of an input that the caller did not write. What no caller can
// mend stays as it is.
func onto(field string, err error) error {
	found := needle.UserErrors(err)
	if found == nil {
		return err
	}
	errs := make(needle.Errors, len(found))
	for i, e := range found {
		if e.Code == needle.CodeUnavailable {
			return err
		}
		errs[i] = needle.Invalid(field, e.Code, e.Message)
	}
	return errs
}
