package server

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// A credential is believed for credentialLife after it was read, so that a busy caller costs no statement per request;
// a revoked token works at most that much longer. maxCredentials bounds how many are remembered.
const (
	credentialLife = 5 * time.Second
	maxCredentials = 10_000
)

// authenticator turns bearer tokens into viewers.
type authenticator struct {
	store *store.Store
	log   *slog.Logger
	now   func() time.Time

	mu    sync.Mutex
	known map[needle.APITokenID]knownCredential
}

type knownCredential struct {
	store.Credential
	readAt time.Time
}

func newAuthenticator(c Config) *authenticator {
	return &authenticator{store: c.Store, log: c.Log, now: c.Now, known: map[needle.APITokenID]knownCredential{}}
}

// wrap lets requests with a valid token pass, as their viewer, and answers 401 to all others.
func (a *authenticator) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asking, cancel := context.WithTimeout(r.Context(), operationTime)
		viewer, err := a.viewer(asking, r.Header.Get("Authorization"))
		cancel()
		if err != nil {
			a.turnAway(w, r, err)
			return
		}
		viewer.RequestID = requestID(r.Context())
		next.ServeHTTP(w, r.WithContext(needle.WithViewer(r.Context(), viewer)))
	})
}

func (a *authenticator) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	for _, e := range needle.UserErrors(err) {
		if e.Code == needle.CodeUnauthenticated {
			w.Header().Set("WWW-Authenticate", `Bearer realm="needle"`)
			refuse(w, http.StatusUnauthorized, string(e.Code), e.Message)
			return
		}
	}
	a.log.WarnContext(r.Context(), "checking a token", "error", err, "requestId", requestID(r.Context()))
	refuse(w, http.StatusServiceUnavailable, string(needle.CodeUnavailable), store.Reason(err))
}

var errBadToken = &needle.Error{Code: needle.CodeUnauthenticated, Message: "this token is not valid"}

// viewer reads who presents an Authorization header. Whatever is wrong with a token, the answer is the same.
func (a *authenticator) viewer(ctx context.Context, header string) (needle.Viewer, error) {
	scheme, text, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "bearer") {
		return needle.Viewer{}, &needle.Error{Code: needle.CodeUnauthenticated, Message: "this needs a token: Authorization: Bearer ndl_..."}
	}
	id, secret, ok := needle.ParseToken(strings.TrimSpace(text))
	if !ok {
		return needle.Viewer{}, errBadToken
	}
	now := a.now()
	c, err := a.credential(ctx, id, now)
	if err != nil {
		if errors.Is(err, &needle.Error{Code: needle.CodeUnauthenticated}) {
			err = errBadToken
		}
		return needle.Viewer{}, err
	}
	if subtle.ConstantTimeCompare(c.Token.Hash, secret.Hash()) != 1 || c.Token.RevokedAt != nil || !now.Before(c.Token.ExpiresAt) {
		return needle.Viewer{}, errBadToken
	}
	return needle.Viewer{
		WorkspaceID: c.Token.WorkspaceID, UserID: c.Token.UserID, TokenID: c.Token.ID, Role: c.Role, Function: c.Function,
		Scopes: c.Token.Scopes,
	}, nil
}

// credential reads a token's row, or remembers it, and notes that it was used.
func (a *authenticator) credential(ctx context.Context, id needle.APITokenID, now time.Time) (store.Credential, error) {
	a.mu.Lock()
	known, ok := a.known[id]
	a.mu.Unlock()
	if ok && now.Sub(known.readAt) < credentialLife {
		return known.Credential, nil
	}
	c, err := a.store.Credential(ctx, id)
	if err != nil {
		return c, err
	}
	if err := a.store.In(c.Token.WorkspaceID).TouchToken(ctx, id, now); err != nil {
		return c, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= maxCredentials {
		clear(a.known)
	}
	a.known[id] = knownCredential{c, now}
	return c, nil
}
