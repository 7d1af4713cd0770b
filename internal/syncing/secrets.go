package syncing

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// keepSecretsHome refuses settings that would send sealed secrets to another server than the one they were given for: who
// may change an address may not thereby read a secret. Whoever moves a connection gives its secrets again.
func keepSecretsHome(driver integrations.Driver, list []*needle.SettingInput, before, after, sealed map[string]string) error {
	again := map[string]bool{}
	for _, one := range list {
		again[one.Name] = true
	}
	var errs needle.Errors
	for i, one := range list {
		if !movesAway(before[one.Name], after[one.Name]) {
			continue
		}
		for _, field := range driver.Fields {
			if field.Secret && sealed[field.Name] != "" && !again[field.Name] {
				errs = append(errs, needle.Invalid(settingField(i, "value"), needle.CodeRequired,
					"this is another server: give "+field.Name+" again, since it is not sent where it was not given for"))
			}
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// movesAway reports whether a setting that is an address names another server than before.
func movesAway(before, after string) bool {
	if before == after {
		return false
	}
	was, err := url.Parse(before)
	if err != nil || was.Host == "" {
		return strings.Contains(after, "://")
	}
	is, err := url.Parse(after)
	return err != nil || !strings.EqualFold(was.Host, is.Host) || was.Scheme != is.Scheme
}

// knownSecrets reads the secrets of a connection as far as they can be read. Those that cannot are lost; what is required
// must be given again.
func knownSecrets(ctx context.Context, scope store.Scope, id needle.ConnectionID) (map[string]string, error) {
	sealed, err := scope.ConnectionSecrets(ctx, id)
	if secretsLost(err) {
		return map[string]string{}, nil
	}
	return sealed, err
}

// secretsLost reports whether secrets could not be opened: their key is gone, or they were tampered with.
func secretsLost(err error) bool {
	missing := (*store.MissingKeyError)(nil)
	return errors.As(err, &missing) || errors.Is(err, store.ErrSealBroken)
}
