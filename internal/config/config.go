// Package config reads what an operator sets and says plainly what is wrong with it.
//
// Every setting is an environment variable. Each may instead be read from a file: NAME_FILE holds the path, as secret
// stores mount them. An empty variable counts as not set. One table ([Table]) is the source of the names, the defaults,
// the documentation and the printed form, and no value of a secret leaves this package by printing.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Config is everything an operator can set. Its zero value is not valid; use [Load].
type Config struct {
	// DatabaseURL is the address of the primary PostgreSQL (DATABASE_URL, no default). Commands that use the database
	// need it.
	DatabaseURL DSN
	// Addr is the host and port the API listens on (NEEDLE_ADDR, default 127.0.0.1:8080). Port 0 means any free port.
	Addr string
	// PublicURL is the address at which people and trackers reach the server, without a slash at its end (NEEDLE_PUBLIC_URL,
	// no default).
	PublicURL string
	// Workers is how many jobs one process works on at a time (NEEDLE_WORKERS, default 4). Zero means none.
	Workers int
	// SecretKeys seal the credentials of connections (NEEDLE_SECRET_KEYS, no default). Connections need them.
	SecretKeys KeyRing
	// LogLevel is the least severe level that is logged (NEEDLE_LOG_LEVEL, default info).
	LogLevel slog.Level
	// LogFormat is how log lines are written (NEEDLE_LOG_FORMAT, default text).
	LogFormat LogFormat
	// DBPool is the most database connections the store of one process opens (NEEDLE_DB_POOL, default 8).
	DBPool int
	// SyncInterval is the time between two regular looks at a tracker (NEEDLE_SYNC_INTERVAL, default 5m).
	SyncInterval time.Duration
	// FilesDir is a folder with files that connections may read, each workspace those below a folder named by its id
	// (NEEDLE_FILES_DIR, no default). Empty means none.
	FilesDir string
	// ShutdownGrace is how long requests and jobs may finish after a stop was asked for (NEEDLE_SHUTDOWN_GRACE, default
	// 20s). Zero means that they are cut off.
	ShutdownGrace time.Duration
	// TrackerPrivateAddresses says whether trackers may be at private addresses and on this machine
	// (NEEDLE_TRACKER_PRIVATE_ADDRESSES, default allow).
	TrackerPrivateAddresses bool
	// Introspection says whether the API describes its own schema to clients (NEEDLE_INTROSPECTION, default true).
	Introspection bool
}

// LogFormat is how log lines are written.
type LogFormat string

// The formats of log lines.
const (
	LogText LogFormat = "text" // key=value, for people
	LogJSON LogFormat = "json" // one object a line, for machines
)

// Error is one thing that is wrong with one variable. It never holds the value.
type Error struct {
	// Variable is the name of the variable to change.
	Variable string
	// Problem completes the sentence that the variable's name begins.
	Problem string
}

// Error returns the variable's name and the problem.
func (e *Error) Error() string { return e.Variable + " " + e.Problem }

// valueLimit is the most bytes a value may have; more is a mistake, such as a path to the wrong file.
const valueLimit = 64 << 10

// Load reads the configuration through lookup (usually os.LookupEnv) and readFile (usually [ReadFile]). What is not set
// gets its default. The error joins an [Error] for each variable that cannot be used. Whether what is set is enough and
// fits together is for [Config.Validate] to say, since not every command needs everything.
func Load(lookup func(string) (string, bool), readFile func(string) ([]byte, error)) (Config, error) {
	var c Config
	var problems []error
	for _, s := range settings() {
		value, err := s.read(lookup, readFile)
		if err == nil {
			err = s.apply(&c, value)
		}
		if err != nil {
			problems = append(problems, err)
		}
	}
	return c, errors.Join(problems...)
}

// Validate reports whether a command that serves, works or migrates can run with the configuration. The error joins an
// [Error] for each problem. A Config that Load filled without an error lacks at most DATABASE_URL; one that was changed
// since may have any of the problems Load reports.
func (c Config) Validate() error {
	var problems []error
	for _, s := range settings() {
		switch value := s.get(c); {
		case value == "" && (s.required || s.standard != ""):
			problems = append(problems, &Error{s.name, "is required"})
		case value != "":
			var again Config
			if err := s.apply(&again, value); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return errors.Join(problems...)
}

// RequireSecretKeys returns an [Error] when there is no key to seal the credentials of connections with.
func (c Config) RequireSecretKeys() error {
	if c.SecretKeys.Len() > 0 {
		return nil
	}
	return &Error{"NEEDLE_SECRET_KEYS", "is required to keep the credentials of connections: set it to 1:$(openssl rand -base64 32)"}
}

// String returns the settings as NAME=value, one a line, with secrets left out.
func (c Config) String() string {
	var b strings.Builder
	for _, s := range settings() {
		fmt.Fprintf(&b, "%s=%s\n", s.name, s.display(c))
	}
	return b.String()
}

// GoString is String, so that %#v keeps secrets too.
func (c Config) GoString() string { return c.String() }

// LogValue returns the settings as a group, with secrets left out.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, s := range settings() {
		attrs = append(attrs, slog.String(s.name, s.display(c)))
	}
	return slog.GroupValue(attrs...)
}

// MarshalText is String, so that encoders keep secrets too. It never fails.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Unknown returns the names in environ (as os.Environ gives them) that begin with NEEDLE_ and are no setting, sorted.
// They are likely typing errors.
func Unknown(environ []string) []string {
	known := map[string]bool{}
	for _, s := range settings() {
		known[s.name], known[s.name+fileSuffix] = true, true
	}
	var unknown []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "NEEDLE_") && !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return slices.Compact(unknown)
}
