package needle

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
)

// APIToken is a credential of a person or a service account. Its secret is shown once and kept as a hash only.
type APIToken struct {
	Stamp
	ID APITokenID `bun:"id,pk"`
	// UserID is who acts through it.
	UserID UserID
	// Name says what it is for.
	Name string
	// Scopes bound what it may be used for.
	Scopes []TokenScope `bun:"type:jsonb"`
	// Hash is the SHA-256 of the secret.
	Hash []byte
	// ExpiresAt is when it stops working.
	ExpiresAt time.Time
	// RevokedAt is when somebody ended it; nil while it works.
	RevokedAt *time.Time
	// LastUsedAt is when it was last seen, to the minute; nil before.
	LastUsedAt *time.Time
}

// TokenLife is how long a token works unless its maker says otherwise.
const TokenLife = 90 * 24 * time.Hour

const (
	tokenPrefix = "ndl_"
	secretBytes = 24
	crcBytes    = 4
)

// TokenSecret is the part of a token that proves it.
type TokenSecret [secretBytes]byte

// NewTokenSecret reads a fresh secret from random. The error is the reader's.
func NewTokenSecret(random io.Reader) (TokenSecret, error) {
	var s TokenSecret
	_, err := io.ReadFull(random, s[:])
	return s, err
}

// Hash returns what is stored of the secret. The secret has 192 random bits, so a slow hash would add nothing.
func (s TokenSecret) Hash() []byte {
	sum := sha256.Sum256(s[:])
	return sum[:]
}

// FormatToken returns the text a caller presents: the id, the secret and a checksum that tells a typo from a wrong token.
func FormatToken(id APITokenID, secret TokenSecret) string {
	raw := append(append([]byte{}, id.UUID[:]...), secret[:]...)
	raw = binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw))
	return tokenPrefix + idEncoding.EncodeToString(raw)
}

// ParseToken splits a presented text; ok is false when it was never a token of ours.
func ParseToken(text string) (id APITokenID, secret TokenSecret, ok bool) {
	body, found := strings.CutPrefix(text, tokenPrefix)
	raw, err := idEncoding.DecodeString(body)
	if !found || err != nil || len(raw) != len(uuid.UUID{})+secretBytes+crcBytes {
		return APITokenID{}, TokenSecret{}, false
	}
	sum := len(raw) - crcBytes
	if crc32.ChecksumIEEE(raw[:sum]) != binary.BigEndian.Uint32(raw[sum:]) {
		return APITokenID{}, TokenSecret{}, false
	}
	copy(id.UUID[:], raw)
	copy(secret[:], raw[len(id.UUID):sum])
	// The decoder passes over line breaks and spare bits; a token has one spelling.
	return id, secret, FormatToken(id, secret) == text
}
