package fakegithub

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// App is a GitHub App with one installation, which has all repositories.
type App struct {
	// ID and Installation are their numbers.
	ID, Installation int64
	// Slug is the App's name in addresses; it acts as Slug[bot].
	Slug string
	// Key verifies what the App signs.
	Key *rsa.PublicKey
	// TokenLife is how long an installation's token lives. Zero: an hour.
	TokenLife time.Duration
}

// caller is who makes a request.
type caller struct {
	user user
	// app is true for the token of an installation.
	app bool
}

// callerKey finds the caller in a request's context.
type callerKey struct{}

// callerOf is who makes a request.
func callerOf(r *http.Request) caller {
	who, _ := r.Context().Value(callerKey{}).(caller)
	return who
}

// SuspendApp suspends the App's installation, or lets it go on.
func (s *Server) SuspendApp(suspended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.suspended = suspended
}

// RevokeTokens ends the tokens of the App's installation before their time.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]time.Time{}
}

// authenticate finds out who asks. When nobody may, it answers for itself.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if strings.HasPrefix(r.URL.Path, "/app/") || r.URL.Path == "/app" {
		if s.opts.App == nil {
			fail(w, http.StatusNotFound, "Integration not found")
			return nil, false
		}
		if err := s.opts.App.verify(bearer, time.Now()); err != nil {
			fail(w, http.StatusUnauthorized, err.Error())
			return nil, false
		}
		return r, true
	}
	who := caller{user: newUser(s.opts.Login), app: s.opts.AppToken}
	if s.opts.App != nil && bearer != s.opts.Token {
		s.mu.RLock()
		ends, known := s.tokens[bearer]
		suspended := s.suspended
		s.mu.RUnlock()
		switch {
		case !known || !s.opts.Now().Before(ends):
			fail(w, http.StatusUnauthorized, "Bad credentials")
			return nil, false
		case suspended:
			fail(w, http.StatusForbidden, "This installation has been suspended")
			return nil, false
		}
		who = caller{user: s.opts.App.bot(), app: true}
	} else if s.opts.Token != "" && bearer != s.opts.Token {
		fail(w, http.StatusUnauthorized, "Bad credentials")
		return nil, false
	}
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, who)), true
}

// verify checks what the App signed, as a JSON Web Token of RS256. It goes by the
// real clock, since whoever signs does.
func (a *App) verify(token string, now time.Time) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("A JSON web token could not be decoded") //nolint:staticcheck // GitHub's words
	}
	var head struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Iss any   `json:"iss"`
		Iat int64 `json:"iat"`
		Exp int64 `json:"exp"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	err = errors.Join(err, decodePart(parts[0], &head), decodePart(parts[1], &claims))
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || head.Alg != "RS256" || rsa.VerifyPKCS1v15(a.Key, crypto.SHA256, sum[:], signature) != nil {
		return errors.New("A JSON web token could not be decoded") //nolint:staticcheck // GitHub's words
	}
	issued, ends := time.Unix(claims.Iat, 0), time.Unix(claims.Exp, 0)
	switch {
	case fmt.Sprint(claims.Iss) != strconv.FormatInt(a.ID, 10):
		return errors.New("Integration not found") //nolint:staticcheck // GitHub's words
	case issued.After(now.Add(time.Minute)):
		return errors.New("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	case !ends.After(now) || ends.After(now.Add(10*time.Minute)):
		return errors.New("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	}
	return nil
}

// decodePart reads one part of a JSON Web Token.
func decodePart(text string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("reading a token: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("reading a token: %w", err)
	}
	return nil
}

// bot is the account the App acts as.
func (a *App) bot() user {
	login := a.Slug + "[bot]"
	return account(login, idOf("user/"+login), "Bot")
}

// render is the App's own JSON.
func (a *App) render() map[string]any {
	return map[string]any{
		"id": a.ID, "slug": a.Slug, "node_id": nodeID("A", a.ID), "owner": newUser("acme"), "name": a.Slug, "description": nil,
		"external_url": site + "apps/" + a.Slug, "html_url": site + "apps/" + a.Slug, "created_at": epoch, "updated_at": epoch,
		"permissions": map[string]string{"issues": "write", "metadata": "read"}, "events": []string{"issues"},
	}
}

// getApp answers the App that asks.
func (s *Server) getApp(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.opts.App.render()) }

// createToken answers a fresh token of the installation.
func (s *Server) createToken(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("id") != strconv.FormatInt(s.opts.App.Installation, 10) {
		fail(w, http.StatusNotFound, "Not Found")
		return
	}
	life := s.opts.App.TokenLife
	if life == 0 {
		life = time.Hour
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.suspended {
		fail(w, http.StatusForbidden, "This installation has been suspended")
		return
	}
	s.nextID++
	token, ends := fmt.Sprintf("ghs_%d_%d", s.opts.App.Installation, s.nextID), s.opts.Now().Add(life)
	s.tokens[token] = ends
	w.WriteHeader(http.StatusCreated)
	writeJSON(w, map[string]any{
		"token": token, "expires_at": stamp(ends.Unix()), "permissions": map[string]string{"issues": "write", "metadata": "read"},
		"repository_selection": "all",
	})
}
