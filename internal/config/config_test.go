package config

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	firstKey  = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 32))
	secondKey = base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 32))
)

// load reads the configuration from two maps that stand for the environment and the files.
func load(env, files map[string]string) (Config, error) {
	return Load(
		func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		func(path string) ([]byte, error) {
			content, ok := files[path]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			return []byte(content), nil
		},
	)
}

var compareKeys = cmp.AllowUnexported(KeyRing{}, Key{})

func TestLoad_fillsInTheDefaults(t *testing.T) {
	t.Parallel()
	got, err := load(map[string]string{"NEEDLE_ADDR": ""}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Addr: "127.0.0.1:8080", Workers: 4, LogLevel: slog.LevelInfo, LogFormat: LogText, DBPool: 8,
		SyncInterval: 5 * time.Minute, ShutdownGrace: 20 * time.Second, Introspection: true, TrackerPrivateAddresses: true,
	}
	if diff := cmp.Diff(want, got, compareKeys); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_readsEverySetting(t *testing.T) {
	t.Parallel()
	got, err := load(map[string]string{
		"DATABASE_URL_FILE": "/run/secrets/db", "NEEDLE_ADDR": "[::1]:0",
		"NEEDLE_WORKERS": "0", "NEEDLE_SECRET_KEYS_FILE": "/run/secrets/keys",
		"NEEDLE_LOG_LEVEL": "WARN", "NEEDLE_LOG_FORMAT": "json", "NEEDLE_DB_POOL": "1000", "NEEDLE_SYNC_INTERVAL": "90s",
		"NEEDLE_SHUTDOWN_GRACE": "0", "NEEDLE_INTROSPECTION": "false", "NEEDLE_PUBLIC_URL": "https://needle.example/okr/",
		"NEEDLE_TRACKER_PRIVATE_ADDRESSES": "DENY",
	}, map[string]string{
		"/run/secrets/db":   "postgres://needle:p%23w@db/needle\r\n",
		"/run/secrets/keys": "new:" + firstKey + ", old:" + secondKey + "\n\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		DatabaseURL: "postgres://needle:p%23w@db/needle", Addr: "[::1]:0", PublicURL: "https://needle.example/okr",
		LogLevel: slog.LevelWarn, LogFormat: LogJSON, DBPool: 1000, SyncInterval: 90 * time.Second,
		SecretKeys: KeyRing{keys: []Key{
			{ID: "new", secret: [32]byte(bytes.Repeat([]byte{1}, 32))},
			{ID: "old", secret: [32]byte(bytes.Repeat([]byte{0xff}, 32))},
		}},
	}
	if diff := cmp.Diff(want, got, compareKeys); diff != "" {
		t.Error(diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
}

func TestLoad_refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variable, value string
		problem         string
	}{
		"a zero byte":                    {"DATABASE_URL", "postgres://hidden\x00/db", "zero byte"},
		"broken UTF-8":                   {"NEEDLE_ADDR", "hidden\xff:1", "UTF-8"},
		"an endless value":               {"NEEDLE_ADDR", strings.Repeat("hidden", 20_000), "too long"},
		"a keyword string":               {"DATABASE_URL", "host=hidden user=x", "postgres://"},
		"another database":               {"DATABASE_URL", "mysql://hidden@db/x", "postgres://"},
		"an address that does not parse": {"DATABASE_URL", "postgres://u:hidden%zz@db/x", "valid address"},
		"an address without a host":      {"DATABASE_URL", "postgres:///hidden", "host"},
		"a password with a bare hash":    {"DATABASE_URL", "postgres://u@db/x?password=a#hidden", "fragment"},
		"broken parameters":              {"DATABASE_URL", "postgres://db/x?a=%hidden", "parameters"},
		"an address without a port":      {"NEEDLE_ADDR", "hidden", "a host and a port"},
		"a port that is too large":       {"NEEDLE_ADDR", "hidden:65536", "65535"},
		"a port with a sign":             {"NEEDLE_ADDR", "hidden:+80", "65535"},
		"a public address of no web":     {"NEEDLE_PUBLIC_URL", "ftp://hidden", "web address"},
		"a public address with a user":   {"NEEDLE_PUBLIC_URL", "https://hidden@host", "web address"},
		"a public address with a query":  {"NEEDLE_PUBLIC_URL", "https://host/?hidden", "web address"},
		"a web address to listen on":     {"NEEDLE_ADDR", "http://hidden:80", "host"},
		"a public address without host":  {"NEEDLE_PUBLIC_URL", "https:///hidden", "web address"},
		"neither allow nor deny":         {"NEEDLE_TRACKER_PRIVATE_ADDRESSES", "hidden", "allow or deny"},
		"negative workers":               {"NEEDLE_WORKERS", "-1", "0 to 256"},
		"too many workers":               {"NEEDLE_WORKERS", "257", "0 to 256"},
		"a number beyond counting":       {"NEEDLE_WORKERS", "99999999999999999999999", "0 to 256"},
		"a fraction":                     {"NEEDLE_WORKERS", "1.5", "0 to 256"},
		"no connections":                 {"NEEDLE_DB_POOL", "0", "1 to 1000"},
		"a negative duration":            {"NEEDLE_SYNC_INTERVAL", "-5m", "10s to 24h"},
		"a duration without a unit":      {"NEEDLE_SYNC_INTERVAL", "300", "such as"},
		"a duration beyond time":         {"NEEDLE_SHUTDOWN_GRACE", "9999999999h", "0s to 10m"},
		"a relative folder":              {"NEEDLE_FILES_DIR", "hidden", "must be the absolute path"},
		"a negative grace":               {"NEEDLE_SHUTDOWN_GRACE", "-1ns", "0s to 10m"},
		"maybe":                          {"NEEDLE_INTROSPECTION", "maybe", "true or false"},
		"an unknown level":               {"NEEDLE_LOG_LEVEL", "info+1", "debug, info"},
		"an unknown format":              {"NEEDLE_LOG_FORMAT", "xml", "text or json"},
		"a key without an id":            {"NEEDLE_SECRET_KEYS", "aGlkZGVu", "position 1"},
		"a key that is too short":        {"NEEDLE_SECRET_KEYS", "a:" + firstKey + ",b:aGlkZGVu", "position 2: it must be 32 bytes"},
		"a key that is too long":         {"NEEDLE_SECRET_KEYS", "a:" + base64.StdEncoding.EncodeToString(make([]byte, 33)), "32 bytes"},
		"a key that is not base64":       {"NEEDLE_SECRET_KEYS", "a:" + strings.Repeat("hidden!", 6), "32 bytes"},
		"a key with a line break":        {"NEEDLE_SECRET_KEYS", "a:" + firstKey[:20] + "\n" + firstKey[20:], "32 bytes"},
		"a key of zeros":                 {"NEEDLE_SECRET_KEYS", "a:" + base64.StdEncoding.EncodeToString(make([]byte, 32)), "random"},
		"two keys of one id":             {"NEEDLE_SECRET_KEYS", "a:" + firstKey + ",a:" + secondKey, "used before"},
		"an id with odd characters":      {"NEEDLE_SECRET_KEYS", "hid den:" + firstKey, "position 1"},
		"a comma at the end":             {"NEEDLE_SECRET_KEYS", "a:" + firstKey + ",", "position 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for way, attempt := range map[string]func() (Config, error){
				c.variable: func() (Config, error) { return load(map[string]string{c.variable: c.value}, nil) },
				c.variable + "_FILE": func() (Config, error) {
					return load(map[string]string{c.variable + "_FILE": "/file"}, map[string]string{"/file": c.value})
				},
			} {
				_, err := attempt()
				problem, ok := errors.AsType[*Error](err)
				if !ok || !strings.HasPrefix(problem.Variable, c.variable) || !strings.Contains(err.Error(), c.problem) {
					t.Fatalf("%s: got %v", way, err)
				}
				if strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), firstKey) {
					t.Errorf("%s: the error repeats the value: %v", way, err)
				}
			}
		})
	}
}

func TestLoad_refusesFilesThatDoNotServe(t *testing.T) {
	t.Parallel()
	t.Run("beside the variable itself", func(t *testing.T) {
		t.Parallel()
		_, err := load(map[string]string{"NEEDLE_ADDR": ":1", "NEEDLE_ADDR_FILE": "/f"}, map[string]string{"/f": ":2"})
		if err == nil || err.Error() != "NEEDLE_ADDR and NEEDLE_ADDR_FILE are both set: keep one" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an empty one", func(t *testing.T) {
		t.Parallel()
		_, err := load(map[string]string{"DATABASE_URL_FILE": "/f"}, map[string]string{"/f": "\n"})
		if err == nil || err.Error() != "DATABASE_URL_FILE names a file that is empty" {
			t.Errorf("got %v", err)
		}
	})
	for failure, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "postgres://u:hidden@db", Err: fs.ErrNotExist}:   "does not exist",
		&fs.PathError{Op: "open", Path: "postgres://u:hidden@db", Err: fs.ErrPermission}: "may not be read",
		fmt.Errorf("hidden: %w", errTooLong):                                             "is too long",
		errors.New("hidden"):                                                             "cannot be read",
	} {
		t.Run("one that "+want, func(t *testing.T) {
			t.Parallel()
			_, err := Load(
				func(name string) (string, bool) { return "postgres://u:hidden@db", name == "DATABASE_URL_FILE" },
				func(string) ([]byte, error) { return nil, failure },
			)
			if err == nil || err.Error() != "DATABASE_URL_FILE names a file that "+want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestLoad_namesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(map[string]string{"NEEDLE_WORKERS": "x", "NEEDLE_ADDR": "x", "NEEDLE_LOG_LEVEL": "x"}, nil)
	for _, variable := range []string{"NEEDLE_WORKERS", "NEEDLE_ADDR", "NEEDLE_LOG_LEVEL"} {
		if err == nil || !strings.Contains(err.Error(), variable+" must") {
			t.Errorf("%s is missing in: %v", variable, err)
		}
	}
}

func TestReadFile_givesUpOnAnEndlessFile(t *testing.T) {
	t.Parallel()
	if _, err := ReadFile("/dev/zero"); !errors.Is(err, errTooLong) {
		t.Errorf("got %v", err)
	}
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("content\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadFile(path); err != nil || string(got) != "content\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := ReadFile(path + ".missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestValidate_namesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	c, err := load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err == nil || err.Error() != "DATABASE_URL is required" {
		t.Errorf("got %v", err)
	}
	c.DatabaseURL = "postgres://db/x"
	c.Workers, c.Addr, c.SyncInterval, c.LogFormat = -1, "", 0, "xml"
	err = c.Validate()
	for _, variable := range []string{"NEEDLE_WORKERS must", "NEEDLE_ADDR is required", "NEEDLE_SYNC_INTERVAL must", "NEEDLE_LOG_FORMAT must"} {
		if err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s is missing in: %v", variable, err)
		}
	}
}

func TestRequireSecretKeys(t *testing.T) {
	t.Parallel()
	if err := (Config{}).RequireSecretKeys(); err == nil || !strings.HasPrefix(err.Error(), "NEEDLE_SECRET_KEYS is required") {
		t.Errorf("got %v", err)
	}
	ring, err := ParseKeyRing("a:" + firstKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := (Config{SecretKeys: ring}).RequireSecretKeys(); err != nil {
		t.Error(err)
	}
}

func TestUnknown_findsTypingErrors(t *testing.T) {
	t.Parallel()
	got := Unknown([]string{"NEEDLE_WORKER=1", "NEEDLE_ADDR=x", "NEEDLE_ADDR_FILE=x", "NEEDLE_=", "PATH=/bin", "NEEDLE_WORKER=2", "needle_x=1", "DATABASE_URL=x"})
	if diff := cmp.Diff([]string{"NEEDLE_", "NEEDLE_WORKER"}, got); diff != "" {
		t.Error(diff)
	}
}

// Every field of Config has exactly one row in the table, so that none is read, printed or documented by hand.
func TestSettings_coverEveryField(t *testing.T) {
	t.Parallel()
	sample := map[string]string{
		"DATABASE_URL": "postgres://a/b", "NEEDLE_ADDR": ":1", "NEEDLE_PUBLIC_URL": "https://a/b",
		"NEEDLE_SECRET_KEYS": "a:" + firstKey, "NEEDLE_WORKERS": "2", "NEEDLE_DB_POOL": "2", "NEEDLE_SYNC_INTERVAL": "1m", "NEEDLE_FILES_DIR": "/srv/files",
		"NEEDLE_SHUTDOWN_GRACE": "1m", "NEEDLE_INTROSPECTION": "true", "NEEDLE_LOG_LEVEL": "warn", "NEEDLE_LOG_FORMAT": "json",
		"NEEDLE_TRACKER_PRIVATE_ADDRESSES": "allow",
	}
	covered := map[string]string{}
	for _, s := range settings() {
		var c Config
		if err := s.apply(&c, sample[s.name]); err != nil {
			t.Fatal(err)
		}
		if s.get(c) != sample[s.name] {
			t.Errorf("%s: set to %q, got %q", s.name, sample[s.name], s.get(c))
		}
		value := reflect.ValueOf(c)
		for i := range value.NumField() {
			if !value.Field(i).IsZero() {
				field := value.Type().Field(i).Name
				if other, ok := covered[field]; ok {
					t.Errorf("%s and %s both set %s", other, s.name, field)
				}
				covered[field] = s.name
			}
		}
	}
	for i := range reflect.TypeFor[Config]().NumField() {
		if field := reflect.TypeFor[Config]().Field(i).Name; covered[field] == "" {
			t.Errorf("no setting sets %s", field)
		}
	}
}

func TestTable_hasARowForEverySetting(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(Table(), "\n"), "\n")
	if len(lines) != 2+len(settings()) {
		t.Fatalf("got %d lines", len(lines))
	}
	for i, s := range settings() {
		if !strings.HasPrefix(lines[i+2], "| `"+s.name+"` | ") || strings.Count(lines[i+2], "|") != 4 {
			t.Errorf("row %d: %s", i, lines[i+2])
		}
	}
	if !strings.Contains(Table(), "| `NEEDLE_SYNC_INTERVAL` | `5m` | Time between") {
		t.Error(Table())
	}
}
