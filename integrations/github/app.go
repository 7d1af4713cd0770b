package github

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"

	"github.com/needle-okr/needle/integrations"
)

// spareLife is how long before its end an installation's token is replaced.
const spareLife = 2 * time.Minute

// app is a GitHub App's credential. ghinstallation signs what the App itself
// asks. The tokens of its installation are fetched by the client, so that their
// requests meet the same limits, look where they lead and fail in the words of
// the contract, which ghinstallation's own fetching does not.
type app struct {
	id, installation int64
	http             *http.Client // signs as the App
	limits           *limits
	now              func() time.Time

	turn    chan struct{} // holds one: whoever put it there may use the rest
	token   string
	expires time.Time
}

// newApp makes the credential of checked settings.
func newApp(s integrations.Settings, plain http.Client, all *integrations.Gate, now func() time.Time) (*app, error) {
	id, err := appID(s["appId"])
	installation, err2 := appID(s["installationId"])
	key, err3 := privateKey(s["privateKey"])
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	transport := plain.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	plain.Transport = ghinstallation.NewAppsTransportFromPrivateKey(transport, id, key)
	return &app{
		id: id, installation: installation, http: &plain, now: now, turn: make(chan struct{}, 1),
		limits: &limits{gate: integrations.NewGate(now), all: all},
	}, nil
}

// installationToken is a token that still lives and is not the one that was
// refused. Empty refused: none was.
func (c *client) installationToken(ctx context.Context, refused string) (string, error) {
	a := c.app
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for an installation's token: %w", ctx.Err())
	}
	defer func() { <-a.turn }()
	if a.token != "" && a.token != refused && a.now().Before(a.expires.Add(-spareLife)) {
		return a.token, nil
	}
	address := "app/installations/" + strconv.FormatInt(a.installation, 10) + "/access_tokens"
	got, err := c.do(ctx, ask{method: http.MethodPost, address: address, asApp: true, limits: a.limits})
	if err != nil {
		return "", fmt.Errorf("asking for an installation's token: %w", a.refusal(err))
	}
	var fresh github.InstallationToken
	err = got.decode(&fresh)
	if err == nil && fresh.GetToken() == "" {
		err = got.unreadable(errors.New("no token"))
	}
	if err != nil {
		return "", fmt.Errorf("asking for an installation's token: %w", err)
	}
	a.token, a.expires = fresh.GetToken(), fresh.GetExpiresAt().Time
	return a.token, nil
}

// refusal is what it means that there is no token: whatever GitHub has against
// the question, the credential is what has to change.
func (a *app) refusal(err error) error {
	rejected := (*integrations.RejectedError)(nil)
	switch {
	case errors.Is(err, integrations.ErrNotFound), errors.Is(err, integrations.ErrGone):
		return fmt.Errorf("%w: app %d has no installation %d (any more)", integrations.ErrUnauthorized, a.id, a.installation)
	case errors.As(err, &rejected):
		return fmt.Errorf("%w: %s", integrations.ErrUnauthorized, rejected.Reason)
	}
	return err
}

// appAccount tries both halves of the credential and answers as whom the App acts.
func (t *Tracker) appAccount(ctx context.Context) (integrations.Account, error) {
	c := t.client
	got, err := c.do(ctx, ask{address: "app", asApp: true, limits: c.app.limits})
	if err != nil {
		return integrations.Account{}, c.app.refusal(err)
	}
	var self github.App
	if err := got.decode(&self); err != nil {
		return integrations.Account{}, err
	}
	if self.GetSlug() == "" {
		return integrations.Account{}, got.unreadable(errors.New("an app without a name"))
	}
	if _, err := c.get(ctx, "rate_limit", ""); err != nil {
		return integrations.Account{}, err
	}
	return integrations.Account{Name: self.GetSlug() + "[bot]", URL: self.GetHTMLURL()}, nil
}

// checkSettings demands one of the two kinds of credential, and all of it.
func checkSettings(s integrations.Settings) []integrations.FieldError {
	var missing []integrations.FieldError
	names := []string{"appId", "installationId", "privateKey"}
	for _, name := range names {
		if s[name] == "" {
			missing = append(missing, integrations.FieldError{Field: name, Message: "is required of a GitHub App"})
		}
	}
	switch {
	case s["token"] != "" && len(missing) < len(names):
		return []integrations.FieldError{{Field: "token", Message: "must be empty beside the credentials of a GitHub App"}}
	case s["token"] != "":
		return nil
	case len(missing) == len(names):
		return []integrations.FieldError{{Field: "token", Message: "is required unless appId, installationId and privateKey are given"}}
	}
	return missing
}

// checkAppID says what is wrong with the number of an app or installation.
func checkAppID(text string) error {
	_, err := appID(text)
	return err
}

// appID reads the number of an app or installation.
func appID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, errors.New("must be a whole number (not the client id)")
	}
	return id, nil
}

// checkPrivateKey says what is wrong with an app's key.
func checkPrivateKey(text string) error {
	_, err := privateKey(text)
	return err
}

// privateKey reads an app's key, in the form GitHub gives it (PKCS #1) or as
// PKCS #8. Line ends may be written as \n, since forms and files of settings
// often know lines only so.
func privateKey(text string) (*rsa.PrivateKey, error) {
	wrong := errors.New("must be an RSA private key that begins with -----BEGIN RSA PRIVATE KEY-----")
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, wrong
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any8, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if key, ok := any8.(*rsa.PrivateKey); err == nil && ok {
		return key, nil
	}
	return nil, wrong
}
