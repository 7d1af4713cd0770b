package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// KeyRing holds the keys that secrets are sealed with. The zero value has none. It prints as the ids of its keys.
type KeyRing struct {
	// Current is the id of the key that seals; empty when there is none.
	Current string
	// Keys are 32 bytes each, by the id that is written beside what they sealed. Old keys stay here for as long as
	// something is sealed with them.
	Keys map[string][]byte
}

// String returns the ids of the keys.
func (r KeyRing) String() string {
	return "keys(" + strings.Join(slices.Sorted(maps.Keys(r.Keys)), ",") + ")"
}

// GoString is String.
func (r KeyRing) GoString() string { return r.String() }

// LogValue is String.
func (r KeyRing) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText is String. It never fails.
func (r KeyRing) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

var (
	// ErrNoKey says that there is no key to seal a secret with.
	ErrNoKey = errors.New("there is no key to seal secrets with")
	// ErrSealBroken says that a sealed secret was changed, moved to another connection, or sealed with another key that
	// had the same id.
	ErrSealBroken = errors.New("the sealed secret does not open: it was altered, moved or sealed with another key of the same id")
)

// MissingKeyError says that a secret was sealed with a key that the ring does not hold.
type MissingKeyError struct {
	// KeyID names the key.
	KeyID string
}

// Error names the missing key.
func (e *MissingKeyError) Error() string {
	return fmt.Sprintf("the secret was sealed with key %q, which is not among the keys", e.KeyID)
}

// seal encrypts plain with the current key. bound is what the result belongs to: it opens with the same bound only. The
// error matches ErrNoKey when there is no current key.
func (r KeyRing) seal(plain []byte, bound string) (sealed []byte, keyID string, err error) {
	if r.Current == "" {
		return nil, "", ErrNoKey
	}
	aead, err := r.cipher(r.Current)
	if err != nil {
		return nil, "", err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, "", fmt.Errorf("drawing a nonce: %w", err)
	}
	return aead.Seal(nonce, nonce, plain, associated(r.Current, bound)), r.Current, nil
}

// open decrypts what seal returned. The error is a *MissingKeyError or matches ErrSealBroken.
func (r KeyRing) open(sealed []byte, keyID, bound string) ([]byte, error) {
	aead, err := r.cipher(keyID)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrSealBroken
	}
	nonce, body := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, body, associated(keyID, bound))
	if err != nil {
		return nil, ErrSealBroken
	}
	return plain, nil
}

func (r KeyRing) cipher(keyID string) (cipher.AEAD, error) {
	key, ok := r.Keys[keyID]
	if !ok {
		return nil, &MissingKeyError{KeyID: keyID}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("using key %q: %w", keyID, err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("using key %q: %w", keyID, err)
	}
	return aead, nil
}

// associated is authenticated with the secret. Lengths keep two parts from passing for another two.
func associated(keyID, bound string) []byte {
	return fmt.Appendf(nil, "needle secrets v1 %d:%s%d:%s", len(keyID), keyID, len(bound), bound)
}

// boundTo names the one place a connection's secrets belong to.
func (s Scope) boundTo(id needle.ConnectionID) string {
	return s.workspace.String() + "/" + id.String()
}

// SetConnectionSecrets seals a connection's secret settings with the current key; none takes them away. The error
// matches ErrNoKey when there is no key.
func (s Scope) SetConnectionSecrets(ctx context.Context, id needle.ConnectionID, secrets map[string]string) error {
	sealed, keyID := []byte{}, ""
	if len(secrets) > 0 {
		plain, err := json.Marshal(secrets)
		if err != nil {
			return fmt.Errorf("encoding secrets: %w", err)
		}
		if sealed, keyID, err = s.keys.seal(plain, s.boundTo(id)); err != nil {
			return fmt.Errorf("sealing the secrets of a connection: %w", err)
		}
	}
	_, err := s.idb.ExecContext(ctx, `
		UPDATE connections SET sealed_secrets = ?, sealed_key_id = ? WHERE workspace_id = ? AND id = ?`,
		sealed, keyID, s.workspace, id)
	return mapError(err)
}

// ConnectionSecrets opens a connection's secret settings; empty when it has none. It answers NOT_FOUND, a
// *MissingKeyError or an error that matches ErrSealBroken.
func (s Scope) ConnectionSecrets(ctx context.Context, id needle.ConnectionID) (map[string]string, error) {
	var sealed []byte
	var keyID string
	err := s.idb.QueryRowContext(ctx, `
		SELECT sealed_secrets, sealed_key_id FROM connections WHERE workspace_id = ? AND id = ?`, s.workspace, id).Scan(&sealed, &keyID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, needle.NotFound("", "connection")
	}
	if err != nil {
		return nil, mapError(err)
	}
	secrets := map[string]string{}
	if keyID == "" {
		return secrets, nil
	}
	plain, err := s.keys.open(sealed, keyID, s.boundTo(id))
	if err != nil {
		return nil, fmt.Errorf("opening the secrets of a connection: %w", err)
	}
	if err := json.Unmarshal(plain, &secrets); err != nil {
		// The cause would quote the secrets.
		return nil, fmt.Errorf("opening the secrets of a connection: %w", ErrSealBroken)
	}
	return secrets, nil
}
