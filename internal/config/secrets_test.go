package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestConfig_printsNoSecret(t *testing.T) {
	t.Parallel()
	c, err := load(map[string]string{
		"DATABASE_URL":       "postgres://needle:hidden@db:5432/needle?sslmode=disable&sslpassword=hidden&password=hidden",
		"NEEDLE_SECRET_KEYS": "k1:" + firstKey + ",k2:" + secondKey,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "config", c, "dsn", c.DatabaseURL, "ring", c.SecretKeys, "pointer", &c)
	encoded, err := json.Marshal(map[string]any{"config": c, "dsn": c.DatabaseURL, "ring": c.SecretKeys})
	if err != nil {
		t.Fatal(err)
	}
	key, _ := c.SecretKeys.Current()
	printed := []string{logged.String(), string(encoded), c.String(), c.LogValue().String()}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{c, &c, struct{ C Config }{c}, c.DatabaseURL, c.SecretKeys, key, c.SecretKeys.Keys(), []DSN{c.DatabaseURL}} {
			printed = append(printed, fmt.Sprintf(format, value))
		}
	}
	for _, secret := range []string{"hidden", firstKey, secondKey, "0x1, 0x1", "1 1 1 1", "255 255"} {
		if strings.Contains(strings.Join(printed, "\n"), secret) {
			t.Errorf("prints %q:\n%s", secret, strings.Join(printed, "\n"))
		}
	}
	for _, open := range []string{"NEEDLE_ADDR=127.0.0.1:8080", "postgres://needle:xxxxx@db:5432/needle", "sslmode=disable", "k1:xxxxx,k2:xxxxx"} {
		if !strings.Contains(c.String(), open) {
			t.Errorf("does not print %q:\n%s", open, c.String())
		}
	}
}

func FuzzDSN_neverPrintsThePassword(f *testing.F) {
	f.Add("postgres://needle:", "@db/needle")
	f.Add("postgres://needle@db/needle?password=", "#x")
	f.Add("postgres://needle@db/needle?sslpassword=%", "")
	f.Fuzz(func(t *testing.T, before, after string) {
		const password = "s3cr3t-of-mine"
		if strings.Contains(before+after, "s3cr3t") {
			return // the word stands in a place that is no password
		}
		var d DSN
		err := parseDSN(&d, before+password+after)
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the error repeats the password: %v", err)
		}
		open := strings.HasSuffix(before, ":") || strings.HasSuffix(before, "password=")
		if err == nil && open && strings.HasPrefix(before, "postgres://needle:") && strings.HasPrefix(after, "@db") && strings.Contains(d.String(), password) {
			t.Errorf("prints the password: %s", d)
		}
	})
}

func TestCursorKey_isTheSameInEveryProcessAndFollowsTheCurrentKey(t *testing.T) {
	t.Parallel()
	key := func(ring string) []byte {
		parsed, err := ParseKeyRing(ring)
		if err != nil {
			t.Fatal(err)
		}
		return Config{SecretKeys: parsed}.CursorKey()
	}
	one := key("a:" + firstKey)
	if len(one) != 32 || bytes.Equal(one, bytes.Repeat([]byte{1}, 32)) {
		t.Errorf("got %x", one)
	}
	if !bytes.Equal(one, key("b:"+firstKey+",a:"+secondKey)) {
		t.Error("the ids or the older keys change the cursor key")
	}
	if bytes.Equal(one, key("a:"+secondKey)) {
		t.Error("a new key does not change the cursor key")
	}
	if (Config{}).CursorKey() != nil {
		t.Error("made a key from nothing")
	}
}

func TestKeyRing_findsKeysById(t *testing.T) {
	t.Parallel()
	ring, err := ParseKeyRing("new:" + firstKey + ",old:" + secondKey)
	if err != nil {
		t.Fatal(err)
	}
	old, ok := ring.ByID("old")
	if !ok || !bytes.Equal(old.Secret(), bytes.Repeat([]byte{0xff}, 32)) {
		t.Errorf("got %x, %v", old.Secret(), ok)
	}
	old.Secret()[0] = 0
	if again, _ := ring.ByID("old"); again.Secret()[0] != 0xff {
		t.Error("a caller can change the key")
	}
	if _, ok := ring.ByID("other"); ok {
		t.Error("found a key that is not there")
	}
	if current, ok := ring.Current(); !ok || current.ID != "new" || ring.Len() != 2 {
		t.Errorf("got %v", current)
	}
	if _, ok := (KeyRing{}).Current(); ok {
		t.Error("an empty ring has a key")
	}
}
