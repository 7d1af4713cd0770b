package needle

import (
	"encoding/base32"
	"io"
	"strings"

	"github.com/google/uuid"
)

// idEncoding is Crockford-like lower-case base32 without padding: it keeps the time order of UUIDv7.
var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// idLength is the number of base32 characters that 16 bytes take.
const idLength = 26

// newUUID returns a UUIDv7. Reading the system's randomness cannot fail on a supported platform.
func newUUID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func appendID(b []byte, prefix string, u uuid.UUID) []byte {
	b = append(b, '"')
	b = append(b, prefix...)
	b = append(b, '_')
	b = idEncoding.AppendEncode(b, u[:])
	return append(b, '"')
}

func formatID(prefix string, u uuid.UUID) string {
	return prefix + "_" + idEncoding.EncodeToString(u[:])
}

func writeID(w io.Writer, prefix string, u uuid.UUID) {
	// The executor's buffer never fails; MarshalGQL has no way to report an error.
	_, _ = w.Write(appendID(make([]byte, 0, len(prefix)+idLength+3), prefix, u))
}

func parseID(prefix, noun, s string) (uuid.UUID, error) {
	got, body, found := strings.Cut(s, "_")
	if !found || got != prefix || len(body) != idLength {
		return uuid.Nil, Invalid("", CodeInvalidID, "this is not the id of "+noun)
	}
	var u uuid.UUID
	if _, err := idEncoding.Decode(u[:], []byte(body)); err != nil || idEncoding.EncodeToString(u[:]) != body {
		return uuid.Nil, Invalid("", CodeInvalidID, "this is not the id of "+noun)
	}
	return u, nil
}

func readID(prefix, noun string, v any, into *uuid.UUID) error {
	s, ok := v.(string)
	if !ok {
		return Invalid("", CodeInvalidID, "an id is a string")
	}
	u, err := parseID(prefix, noun, s)
	*into = u
	return err
}

// IDPrefix returns the part of a public id that tells its noun, "" when s is no id at all.
func IDPrefix(s string) string {
	prefix, body, found := strings.Cut(s, "_")
	if !found || len(body) != idLength {
		return ""
	}
	return prefix
}
