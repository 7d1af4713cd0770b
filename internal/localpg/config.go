package localpg

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rootDataDir is where root's clusters go: root's own home is closed to the account PostgreSQL runs as.
const rootDataDir = "/var/lib/needle"

// Config says where a private server lives and how it behaves. Only DataDir is required.
type Config struct {
	// DataDir is the folder that holds the cluster, its lock and its log. It is created when missing.
	DataDir string
	// SocketDir is the folder of the Unix socket. Empty means "socket" inside DataDir, or a short private folder
	// under $XDG_RUNTIME_DIR or the temporary folder when that path would be too long for a socket.
	SocketDir string
	// BinDir is the folder with the programs initdb and postgres. Empty means search the machine.
	BinDir string
	// Settings are further PostgreSQL settings by name. They win over the defaults of this package, but those that
	// decide where the server listens, logs and keeps its data are refused.
	Settings map[string]string
	// Ephemeral trades durability for speed: a crash of the server loses what was committed in the last second, and a
	// power cut may destroy everything. It is meant for tests.
	Ephemeral bool
	// Logger receives what happens to the server. Nil means silence.
	Logger *slog.Logger
}

// reserved lists the settings this package relies on, which a caller may therefore not change.
var reserved = []string{
	"cluster_name", "config_file", "data_directory", "event_source", "external_pid_file", "hba_file", "ident_file",
	"listen_addresses", "log_destination", "logging_collector", "port", "unix_socket_directories",
	"unix_socket_group", "unix_socket_permissions", "update_process_title",
}

func (c Config) withDefaults() (Config, error) {
	if c.DataDir == "" {
		return c, errors.New("localpg: DataDir is required")
	}
	for _, path := range []*string{&c.DataDir, &c.SocketDir, &c.BinDir} {
		if *path == "" {
			continue
		}
		if strings.ContainsAny(*path, "\x00\n\r") {
			return c, fmt.Errorf("localpg: the path %q holds a control character", *path)
		}
		abs, err := filepath.Abs(*path)
		if err != nil {
			return c, fmt.Errorf("resolving %s: %w", *path, err)
		}
		*path = abs
	}
	for name, value := range c.Settings {
		if slices.Contains(reserved, strings.ToLower(name)) {
			return c, fmt.Errorf("localpg: the setting %s belongs to this package", name)
		}
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
			return c, fmt.Errorf("localpg: %q is not a setting", name)
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// settings returns the PostgreSQL settings as a command line: ours, then what the caller wants, then what is reserved.
func (c Config) settings(socketDir, clusterName string) []string {
	all := map[string]string{
		"timezone":        "UTC",
		"log_timezone":    "UTC",
		"max_connections": "100",
	}
	if c.Ephemeral {
		all["fsync"] = "off"
		all["synchronous_commit"] = "off"
		all["full_page_writes"] = "off"
	}
	for name, value := range c.Settings {
		all[strings.ToLower(name)] = value
	}
	maps.Copy(all, map[string]string{
		"cluster_name":            clusterName,
		"listen_addresses":        "",
		"log_destination":         "stderr",
		"logging_collector":       "off",
		"port":                    socketPort,
		"unix_socket_directories": socketDir,
		"unix_socket_permissions": "0700",
		"update_process_title":    "on",
	})
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}

// DefaultDir returns the data folder for a cluster of the given name: $XDG_DATA_HOME/needle/<name> or
// ~/.local/share/needle/<name>, and /var/lib/needle/<name> for root. It creates nothing. It fails when the name is
// not one plain path element, or when an ordinary user has no home.
func DefaultDir(name string) (string, error) {
	return defaultDir(name, os.Geteuid(), os.Getenv)
}

func defaultDir(name string, euid int, getenv func(string) string) (string, error) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00\n\r") {
		return "", fmt.Errorf("%q is not a name for a data folder", name)
	}
	if euid == 0 {
		return filepath.Join(rootDataDir, name), nil
	}
	// The XDG specification tells programs to ignore a relative path.
	if base := getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "needle", name), nil
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", errors.New("neither XDG_DATA_HOME nor HOME names a folder: cannot choose a data folder")
	}
	return filepath.Join(home, ".local", "share", "needle", name), nil
}
