package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// setting is one row of the table: everything there is to know about a variable.
type setting struct {
	name     string
	standard string // the default, in the form it is set in; empty for none
	required bool
	about    string // one or two sentences for the settings table
	// set parses the value into the configuration. The error completes the sentence that the name begins.
	set func(c *Config, value string) error
	// get returns the value in the form it is set in, secrets included; empty when it is not set.
	get func(c Config) string
	// show returns the value of a secret in the form people may see; nil means that get is no secret.
	show func(c Config) string
}

// problem is an error that completes the sentence a variable's name begins. It must not repeat the value.
type problem string

func (p problem) Error() string { return string(p) }

func (s setting) apply(c *Config, value string) error {
	if value == "" {
		return nil
	}
	if err := s.set(c, value); err != nil {
		return &Error{s.name, err.Error()}
	}
	return nil
}

// display returns the value for people to see.
func (s setting) display(c Config) string {
	if s.show != nil {
		return s.show(c)
	}
	return s.get(c)
}

// settings lists all variables in the order of the settings table.
func settings() []setting {
	return append(addresses(), behaviour()...)
}

func addresses() []setting {
	return []setting{
		{
			name: "DATABASE_URL", required: true,
			about: "Address of the primary PostgreSQL, such as `postgres://user:password@host/database`. `serve`, `work` and `migrate` need it; `demo` brings its own.",
			set:   func(c *Config, value string) error { return parseDSN(&c.DatabaseURL, value) },
			get:   func(c Config) string { return string(c.DatabaseURL) },
			show:  func(c Config) string { return c.DatabaseURL.String() },
		},
		{
			name: "NEEDLE_ADDR", standard: "127.0.0.1:8080",
			about: "Host and port the API listens on. No host means every address of the machine; port 0 means any free port.",
			set:   func(c *Config, value string) error { return parseAddr(&c.Addr, value) },
			get:   func(c Config) string { return c.Addr },
		},
		{
			name:  "NEEDLE_PUBLIC_URL",
			about: "Address at which people and trackers reach this server, such as `https://needle.example`; a path may follow. Addresses of webhooks begin with it, what is written back to trackers leads there, and failed webhooks are asked for again only where it is set.",
			set:   func(c *Config, value string) error { return parseBase(&c.PublicURL, value) },
			get:   func(c Config) string { return c.PublicURL },
		},
		{
			name:  "NEEDLE_SECRET_KEYS",
			about: "Keys that seal the credentials of connections, as `id:key[,id:key…]` with keys of 32 bytes in base64. The first seals, all open. Needed once a connection is made.",
			set: func(c *Config, value string) (err error) {
				c.SecretKeys, err = ParseKeyRing(value)
				return err
			},
			get:  func(c Config) string { return c.SecretKeys.encode() },
			show: func(c Config) string { return c.SecretKeys.String() },
		},
	}
}

func behaviour() []setting {
	return []setting{
		{
			name: "NEEDLE_WORKERS", standard: "4",
			about: "Jobs one process works on at a time, 0 to 256. 0: none, this process only serves.",
			set:   func(c *Config, value string) error { return parseInt(&c.Workers, value, 0, 256) },
			get:   func(c Config) string { return strconv.Itoa(c.Workers) },
		},
		{
			name: "NEEDLE_DB_POOL", standard: "8",
			about: "Most database connections the store of one process opens, 1 to 1000.",
			set:   func(c *Config, value string) error { return parseInt(&c.DBPool, value, 1, 1000) },
			get:   func(c Config) string { return strconv.Itoa(c.DBPool) },
		},
		{
			name: "NEEDLE_SYNC_INTERVAL", standard: "5m",
			about: "Time between two regular looks at a tracker, 10s to 24h.",
			set: func(c *Config, value string) error {
				return parseDuration(&c.SyncInterval, value, 10*time.Second, 24*time.Hour)
			},
			get: func(c Config) string { return formatDuration(c.SyncInterval) },
		},
		{
			name:  "NEEDLE_FILES_DIR",
			about: "Folder with CSV and JSONL files that connections of the kind `file` may read beside uploads, each workspace those below a folder named by its id. Not set: uploads only.",
			set:   func(c *Config, value string) error { return parseFolder(&c.FilesDir, value) },
			get:   func(c Config) string { return c.FilesDir },
		},
		{
			name: "NEEDLE_TRACKER_PRIVATE_ADDRESSES", standard: "allow",
			about: "Whether trackers may be at private addresses and on this machine, `allow` or `deny`. Link-local addresses, such as those of cloud metadata, are refused either way.",
			set:   func(c *Config, value string) error { return parseAllow(&c.TrackerPrivateAddresses, value) },
			get:   func(c Config) string { return map[bool]string{true: "allow", false: "deny"}[c.TrackerPrivateAddresses] },
		},
		{
			name: "NEEDLE_SHUTDOWN_GRACE", standard: "20s",
			about: "How long requests and jobs may finish after a stop was asked for, 0s to 10m.",
			set: func(c *Config, value string) error {
				return parseDuration(&c.ShutdownGrace, value, 0, 10*time.Minute)
			},
			get: func(c Config) string { return formatDuration(c.ShutdownGrace) },
		},
		{
			name: "NEEDLE_INTROSPECTION", standard: "true",
			about: "Whether the API describes its own schema to clients, `true` or `false`.",
			set:   func(c *Config, value string) error { return parseBool(&c.Introspection, value) },
			get:   func(c Config) string { return strconv.FormatBool(c.Introspection) },
		},
		{
			name: "NEEDLE_LOG_LEVEL", standard: "info",
			about: "Least severe level that is logged: `debug`, `info`, `warn` or `error`.",
			set:   func(c *Config, value string) error { return parseLevel(&c.LogLevel, value) },
			get:   func(c Config) string { return strings.ToLower(c.LogLevel.String()) },
		},
		{
			name: "NEEDLE_LOG_FORMAT", standard: "text",
			about: "How log lines are written: `text` or `json`.",
			set:   func(c *Config, value string) error { return parseFormat(&c.LogFormat, value) },
			get:   func(c Config) string { return string(c.LogFormat) },
		},
	}
}

// Table returns the settings as a Markdown table, which the README repeats.
func Table() string {
	var b strings.Builder
	b.WriteString("| variable | default | meaning |\n|---|---|---|\n")
	for _, s := range settings() {
		standard := "–"
		if s.standard != "" {
			standard = "`" + s.standard + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.name, standard, s.about)
	}
	return b.String()
}

// parseFolder takes the absolute path of a folder. Whether it is there is for its readers to see.
func parseFolder(into *string, value string) error {
	if !filepath.IsAbs(value) {
		return problem("must be the absolute path of a folder")
	}
	*into = filepath.Clean(value)
	return nil
}

func parseInt(into *int, value string, least, most int) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return problem(fmt.Sprintf("must be a whole number from %d to %d", least, most))
	}
	*into = n
	return nil
}

func parseDuration(into *time.Duration, value string, least, most time.Duration) error {
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		return problem(fmt.Sprintf("must be a duration from %s to %s, such as 90s or 5m", formatDuration(least), formatDuration(most)))
	}
	*into = d
	return nil
}

// formatDuration writes 5m rather than 5m0s.
func formatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func parseBool(into *bool, value string) error {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return problem("must be true or false")
	}
	*into = b
	return nil
}

func parseAllow(into *bool, value string) error {
	switch strings.ToLower(value) {
	case "allow":
		*into = true
	case "deny":
		*into = false
	default:
		return problem("must be allow or deny")
	}
	return nil
}

func parseLevel(into *slog.Level, value string) error {
	level, ok := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[strings.ToLower(value)]
	if !ok {
		return problem("must be debug, info, warn or error")
	}
	*into = level
	return nil
}

func parseFormat(into *LogFormat, value string) error {
	switch format := LogFormat(strings.ToLower(value)); format {
	case LogText, LogJSON:
		*into = format
		return nil
	default:
		return problem("must be text or json")
	}
}

// parseBase reads a web address that paths are put behind.
func parseBase(into *string, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return problem("must be a web address, such as https://needle.example, without user, query and fragment")
	}
	*into = strings.TrimRight(value, "/")
	return nil
}

func parseAddr(into *string, value string) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return problem("must be a host and a port, such as 127.0.0.1:8080 or [::1]:8080")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return problem("must end with a port from 0 to 65535")
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == '/' || r == '@' }) {
		return problem("must begin with a plain host name or address")
	}
	*into = value
	return nil
}
