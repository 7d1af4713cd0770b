package server

import (
	"errors"
	"net/http"

	"github.com/needle-okr/needle/internal/syncing"
)

// maxWebhook is the largest body that GitHub sends, the largest of all trackers.
const maxWebhook = 25 << 20

// webhook takes a tracker's webhook in. The signature over the body is its only credential, and the answers say no more than
// its sender knows: a connection that does not exist, has no secret or has another answers alike.
//
//	202  it lies in the inbox, now or since before
//	400  it is genuine and cannot be read, or its body did not arrive whole
//	401  nothing proves where it comes from
//	413  its body is larger than any tracker's
//	503  it cannot be kept now; send it again
func (s *Server) webhook(w http.ResponseWriter, r *http.Request) {
	err := s.config.Syncing.ReceiveWebhook(r.Context(), r.PathValue("connection"), r.Header, http.MaxBytesReader(w, r.Body, maxWebhook))
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case err == nil:
		say(w, http.StatusAccepted, "accepted")
	case errors.Is(err, syncing.ErrUnproven):
		say(w, http.StatusUnauthorized, "nothing proves where this comes from")
	case errors.Is(err, syncing.ErrUnreadable):
		say(w, http.StatusBadRequest, "this cannot be read")
	case errors.As(err, &tooLarge):
		say(w, http.StatusRequestEntityTooLarge, "a webhook may have at most 25 MiB")
	case errors.Is(err, syncing.ErrBody):
		say(w, http.StatusBadRequest, "the body did not arrive whole")
	default:
		s.config.Log.WarnContext(r.Context(), "a webhook cannot be kept", "error", err, "requestId", requestID(r.Context()))
		say(w, http.StatusServiceUnavailable, "this cannot be kept now")
	}
}
