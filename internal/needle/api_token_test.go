package needle_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func tokens() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var secret needle.TokenSecret
		copy(secret[:], rapid.SliceOfN(rapid.Byte(), len(secret), len(secret)).Draw(t, "secret"))
		id := needle.APITokenID{UUID: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))}
		return needle.FormatToken(id, secret)
	})
}

func TestTokens_roundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := tokens().Draw(t, "token")
		id, secret, ok := needle.ParseToken(text)
		if !ok || needle.FormatToken(id, secret) != text {
			t.Errorf("%q was read as %s, %v", text, id, ok)
		}
		if sum := sha256.Sum256(secret[:]); !bytes.Equal(secret.Hash(), sum[:]) {
			t.Error("the hash is not the secret's SHA-256")
		}
	})
}

func TestTokens_withOneWrongCharacterAreNone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(tokens().Draw(t, "token"))
		i := rapid.IntRange(0, len(text)-1).Draw(t, "place")
		wrong := rapid.SampledFrom([]byte("0123456789abcdefghjkmnpqrstvwxyz\n ")).Draw(t, "character")
		if wrong == text[i] {
			t.Skip("the same character")
		}
		text[i] = wrong
		if _, _, ok := needle.ParseToken(string(text)); ok {
			t.Errorf("%q is a token", text)
		}
	})
}

func TestNewTokenSecret_readsRandomness(t *testing.T) {
	t.Parallel()
	source := bytes.Repeat([]byte{7}, 24)
	secret, err := needle.NewTokenSecret(bytes.NewReader(source))
	if err != nil || !bytes.Equal(secret[:], source) {
		t.Errorf("the secret is %x: %v", secret, err)
	}
	if _, err := needle.NewTokenSecret(strings.NewReader("too little")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("too little randomness answered %v", err)
	}
}

func FuzzParseToken(f *testing.F) {
	text := needle.FormatToken(needle.NewAPITokenID(), needle.TokenSecret{1, 2, 3})
	for _, seed := range []string{text, text[4:], text[:40] + "\n" + text[40:], "ndl_", "", "ndl_" + strings.Repeat("z", 71)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, secret, ok := needle.ParseToken(s); ok && needle.FormatToken(id, secret) != s {
			t.Errorf("%q was read as %s", s, id)
		}
	})
}
