package config

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// DSN is the address of a database. It prints without its password; convert it to string to connect.
type DSN string

func parseDSN(into *DSN, value string) error {
	u, err := url.Parse(value) // its error would quote the value, password included
	switch {
	case err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Opaque != "":
		return problem("must be a valid address that begins with postgres://")
	case u.Host == "" && u.Query().Get("host") == "":
		return problem("must name a host")
	case u.Fragment != "":
		return problem("must not have a fragment: write # in a password as %23")
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return problem("must have valid parameters after the question mark")
	}
	*into = DSN(value)
	return nil
}

// String returns the address with everything that may be a secret replaced by "xxxxx".
func (d DSN) String() string {
	if d == "" {
		return ""
	}
	u, err := url.Parse(string(d))
	if err != nil {
		return "(not a valid address)"
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.Opaque != "" {
		return "(not a valid address)"
	}
	for name := range query {
		if !slices.Contains(openParameters, name) {
			query.Set(name, "xxxxx")
		}
	}
	u.RawQuery = query.Encode()
	u.Fragment, u.RawFragment = "", "" // likely the rest of a password with an unescaped #
	return u.Redacted()
}

// openParameters are the connection parameters that may be shown; an unknown one may hold anything.
var openParameters = []string{
	"application_name", "binary_parameters", "connect_timeout", "dbname", "host", "port", "sslmode", "sslrootcert", "target_session_attrs", "user",
}

// GoString is String.
func (d DSN) GoString() string { return d.String() }

// MarshalText is String. It never fails.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// LogValue is String.
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }

// keySize is the length of a key in bytes: AES-256.
const keySize = 32

// Key is one secret key. It prints as its id.
type Key struct {
	// ID is written beside what the key has sealed, so that the right key opens it.
	ID     string
	secret [keySize]byte
}

// Secret returns a copy of the key's 32 bytes.
func (k Key) Secret() []byte { return slices.Clone(k.secret[:]) }

// String returns the id.
func (k Key) String() string { return k.ID }

// GoString returns the id.
func (k Key) GoString() string { return k.ID }

// KeyRing holds the keys that open sealed secrets; the first also seals. The zero value is an empty ring. It prints as
// the ids of its keys.
type KeyRing struct{ keys []Key }

var keyID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// ParseKeyRing reads "id:key,id:key…", where a key is 32 bytes in base64. An id has at most 32 letters, digits, dashes
// and underscores. The error says which entry is wrong by its position, and nothing of what it holds.
func ParseKeyRing(text string) (KeyRing, error) {
	var ring KeyRing
	for i, entry := range strings.Split(text, ",") {
		wrong := func(what string) error { return problem(fmt.Sprintf("has a wrong key at position %d: %s", i+1, what)) }
		id, encoded, found := strings.Cut(strings.TrimSpace(entry), ":")
		if !found || !keyID.MatchString(id) {
			return KeyRing{}, wrong("it must be id:key, and the id letters and digits")
		}
		if _, ok := ring.ByID(id); ok {
			return KeyRing{}, wrong("its id was used before")
		}
		secret, ok := decodeKey(encoded)
		if !ok {
			return KeyRing{}, wrong("it must be 32 bytes in base64, as openssl rand -base64 32 makes them")
		}
		if secret == ([keySize]byte{}) {
			return KeyRing{}, wrong("it must be random")
		}
		ring.keys = append(ring.keys, Key{ID: id, secret: secret})
	}
	return ring, nil
}

// decodeKey takes both alphabets of base64, with or without padding.
func decodeKey(encoded string) (secret [keySize]byte, ok bool) {
	encoded = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(encoded, "="))
	if strings.ContainsAny(encoded, "\r\n") {
		return secret, false
	}
	raw, err := base64.RawStdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) != keySize {
		return secret, false
	}
	return [keySize]byte(raw), true
}

// Len returns the number of keys.
func (r KeyRing) Len() int { return len(r.keys) }

// Current returns the key that seals; false means that the ring is empty.
func (r KeyRing) Current() (Key, bool) {
	if len(r.keys) == 0 {
		return Key{}, false
	}
	return r.keys[0], true
}

// ByID returns the key of that id; false means that the ring has none.
func (r KeyRing) ByID(id string) (Key, bool) {
	i := slices.IndexFunc(r.keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return Key{}, false
	}
	return r.keys[i], true
}

// Keys returns all keys, the current one first.
func (r KeyRing) Keys() []Key { return slices.Clone(r.keys) }

// String returns the ids of the keys.
func (r KeyRing) String() string {
	if len(r.keys) == 0 {
		return ""
	}
	ids := make([]string, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.ID + ":xxxxx"
	}
	return strings.Join(ids, ",")
}

// GoString is String.
func (r KeyRing) GoString() string { return r.String() }

// MarshalText is String. It never fails.
func (r KeyRing) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// LogValue is String.
func (r KeyRing) LogValue() slog.Value { return slog.StringValue(r.String()) }

func (r KeyRing) encode() string {
	entries := make([]string, len(r.keys))
	for i, k := range r.keys {
		entries[i] = k.ID + ":" + base64.StdEncoding.EncodeToString(k.secret[:])
	}
	return strings.Join(entries, ",")
}

// CursorKey returns the 32 bytes that sign cursors, derived from the current secret key, so that every process with the
// same settings accepts the cursors of the others. Cursors do not outlive a change of that key. It is nil when there
// are no secret keys; the caller then makes one up, which serves a single process.
func (c Config) CursorKey() []byte {
	current, ok := c.SecretKeys.Current()
	if !ok {
		return nil
	}
	key, err := hkdf.Key(sha256.New, current.secret[:], nil, "needle cursor v1", keySize)
	if err != nil {
		return nil // only an output longer than 255 hashes fails
	}
	return key
}
