package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// minMajor is the oldest version the schema works on.
const minMajor = 14

// binaries are the programs of one installed PostgreSQL.
type binaries struct {
	initdb, postgres string
	major            int
}

// machine is what the search for programs looks at.
type machine struct {
	goos string
	euid int
	// path is the list of folders in $PATH.
	path string
	// patterns are where packages put PostgreSQL, one folder for each version.
	patterns []string
	// has says whether a command is installed; it chooses the install hint.
	has func(command string) bool
}

func thisMachine(goos string) machine {
	return machine{
		goos: goos,
		euid: os.Geteuid(),
		path: os.Getenv("PATH"),
		patterns: []string{
			"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
			"/usr/pgsql-*/bin",                                   // Red Hat, packages of the PostgreSQL project
			"/usr/lib/postgresql*/bin",                           // SUSE
			"/usr/libexec/postgresql*",                           // Alpine
			"/opt/homebrew/opt/postgresql*/bin",                  // Homebrew on Apple silicon
			"/usr/local/opt/postgresql*/bin",                     // Homebrew on Intel
			"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",     // Homebrew on Linux
			"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
			"/Library/PostgreSQL/*/bin",                          // EnterpriseDB's installer
			"/opt/local/lib/postgresql*/bin",                     // MacPorts
			"/usr/local/pgsql/bin",                               // built from source
		},
		has: func(command string) bool {
			_, err := exec.LookPath(command)
			return err == nil
		},
	}
}

// find returns the programs to use: those in explicit if it is set, else the first on the path, else the newest
// installed. With want above zero only that major version will do.
func (m machine) find(ctx context.Context, explicit string, want int, acct account) (binaries, error) {
	folders, looked := m.candidates(explicit)
	var rejected []string
	var found []int
	for _, folder := range folders {
		bins, err := inspect(ctx, folder, acct)
		switch {
		case ctx.Err() != nil:
			return binaries{}, fmt.Errorf("looking for PostgreSQL: %w", ctx.Err())
		case err != nil:
			rejected = append(rejected, fmt.Sprintf("%s: %v", folder, err))
		case bins.major < minMajor:
			rejected = append(rejected, fmt.Sprintf("%s: version %d is too old", folder, bins.major))
		case want == 0 || bins.major == want:
			return bins, nil
		default:
			if !slices.Contains(found, bins.major) {
				found = append(found, bins.major)
			}
		}
	}
	if len(found) > 0 {
		return binaries{}, &VersionError{Want: want, Found: found, Install: m.install(want)}
	}
	return binaries{}, &NoBinariesError{Looked: looked, Rejected: rejected, Install: m.install(want)}
}

// candidates lists the folders that hold both programs, best first, and names the places that were searched.
func (m machine) candidates(explicit string) (folders, looked []string) {
	if explicit != "" {
		return []string{explicit}, []string{explicit}
	}
	var installed []string
	for _, pattern := range m.patterns {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			continue // only a malformed pattern fails, and ours are constants
		}
		installed = append(installed, matches...)
	}
	slices.SortStableFunc(installed, func(a, b string) int { return versionInPath(b) - versionInPath(a) })
	for _, folder := range append(filepath.SplitList(m.path), installed...) {
		if filepath.IsAbs(folder) && hasPrograms(folder) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders, append([]string{"PATH"}, m.patterns...)
}

func hasPrograms(folder string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		info, err := os.Stat(filepath.Join(folder, program))
		if err != nil || info.IsDir() || info.Mode().Perm()&0o111 == 0 {
			return false
		}
	}
	return true
}

var digits = regexp.MustCompile(`\d+`)

// versionInPath guesses the major version from the last folder name with a number in it, to order the search; the
// program itself has the last word.
func versionInPath(folder string) int {
	for at := folder; at != filepath.Dir(at); at = filepath.Dir(at) {
		if version, err := strconv.Atoi(digits.FindString(filepath.Base(at))); err == nil {
			return version
		}
	}
	return 0
}

var versionLine = regexp.MustCompile(`^postgres \([^)]*\) (\d+)`)

// inspect asks the programs for their version, as the account that is to run them.
func inspect(ctx context.Context, folder string, acct account) (binaries, error) {
	if !hasPrograms(folder) {
		return binaries{}, errors.New("the programs initdb and postgres are not both there")
	}
	bins := binaries{initdb: filepath.Join(folder, "initdb"), postgres: filepath.Join(folder, "postgres")}
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, bins.postgres, "--version") //nolint:gosec // the path was found by the search
	cmd.Dir = "/"
	cmd.Env = childEnv(os.Getenv)
	cmd.Stdout = &output
	if err := runChild(cmd, acct); err != nil {
		return binaries{}, fmt.Errorf("cannot be run by %s: %w", acct.name, err)
	}
	match := versionLine.FindStringSubmatch(output.String())
	if match == nil {
		return binaries{}, errors.New("does not tell its version")
	}
	major, err := strconv.Atoi(match[1])
	if err != nil {
		return binaries{}, fmt.Errorf("reading its version: %w", err)
	}
	bins.major = major
	return bins, nil
}

// install returns the one command that installs PostgreSQL here; want is a major version, or zero for any.
func (m machine) install(want int) string {
	version := func(latest, exact string) string {
		if want == 0 {
			return latest
		}
		return fmt.Sprintf(exact, want)
	}
	managers := []struct {
		command, install string
		own              bool // installs without root
	}{
		{command: "apt-get", install: "apt-get install -y " + version("postgresql", "postgresql-%d")},
		{command: "dnf", install: "dnf install -y " + version("postgresql-server", "postgresql%d-server")},
		{command: "apk", install: "apk add " + version("postgresql", "postgresql%d")},
		{command: "zypper", install: "zypper install -y " + version("postgresql-server", "postgresql%d-server")},
		{command: "pacman", install: "pacman -S --noconfirm postgresql"},
		{command: "pkg", install: "pkg install -y " + version("postgresql16-server", "postgresql%d-server")},
		{command: "brew", install: "brew install " + version("postgresql@16", "postgresql@%d"), own: true},
	}
	if m.goos == "darwin" {
		slices.Reverse(managers) // a Mac's own way is Homebrew, even where a foreign package manager is about
	}
	for _, manager := range managers {
		if !m.has(manager.command) {
			continue
		}
		if m.euid != 0 && !manager.own {
			return "sudo " + manager.install
		}
		return manager.install
	}
	if m.goos == "darwin" {
		return "https://postgresapp.com"
	}
	return "https://www.postgresql.org/download/"
}

// childEnv is the environment PostgreSQL runs in. It is a short list rather than a copy of ours: PG* variables would
// steer the server elsewhere, the locale would change its messages, and our secrets are none of its business.
func childEnv(getenv func(string) string) []string {
	env := []string{"LC_ALL=C", "LANG=C", "TZ=UTC"}
	for _, name := range []string{
		"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LOCPATH", "LOCALE_ARCHIVE",
	} {
		if value := getenv(name); value != "" && !strings.Contains(value, "\x00") {
			env = append(env, name+"="+value)
		}
	}
	return env
}
