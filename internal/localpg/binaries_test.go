//go:build unix

package localpg

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shelf is a machine with pretended versions of PostgreSQL, found in the way real ones are.
func shelf(t *testing.T, commands ...string) (machine, string) {
	t.Helper()
	root := openDir(t)
	return machine{
		goos: "linux", euid: os.Geteuid(), path: filepath.Join(root, "path"), patterns: []string{filepath.Join(root, "postgresql", "*", "bin")},
		has: func(command string) bool { return slices.Contains(commands, command) },
	}, root
}

func runner(t *testing.T) account {
	t.Helper()
	acct, err := chooseAccount(os.Geteuid(), os.Getegid(), filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	return acct
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		installed map[string]string // folder → version
		explicit  string
		want      int
		found     string // folder
	}{
		"takes the newest installed":         {installed: map[string]string{"postgresql/9/bin": "9.6.24", "postgresql/15/bin": "15.13 (Debian 15.13-0)", "postgresql/16/bin": "16.2"}, found: "postgresql/16/bin"},
		"prefers the path":                   {installed: map[string]string{"path": "14.11", "postgresql/16/bin": "16.2"}, found: "path"},
		"passes over a path that is too old": {installed: map[string]string{"path": "13.14", "postgresql/16/bin": "16.2"}, found: "postgresql/16/bin"},
		"takes what the data needs":          {installed: map[string]string{"path": "17.1", "postgresql/14/bin": "14.2", "postgresql/16/bin": "16.2"}, want: 14, found: "postgresql/14/bin"},
		"takes what it is told":              {installed: map[string]string{"path": "17.1", "odd": "15.1"}, explicit: "odd", found: "odd"},
		"knows a version to come":            {installed: map[string]string{"path": "19devel"}, found: "path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, root := shelf(t)
			for folder, version := range c.installed {
				pretend(t, filepath.Join(root, folder), version)
			}
			explicit := ""
			if c.explicit != "" {
				explicit = filepath.Join(root, c.explicit)
			}
			got, err := m.find(t.Context(), explicit, c.want, runner(t))
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(root, c.found, "postgres"); got.postgres != want {
				t.Errorf("got %+v, want %s", got, want)
			}
		})
	}
}

func TestStart_saysHowToInstallWhatIsMissing(t *testing.T) {
	t.Parallel()
	m, root := shelf(t, "apt-get")
	pretend(t, filepath.Join(root, "postgresql/12/bin"), "12.3")
	script(t, filepath.Join(root, "path"), "postgres", "exit 0") // a client package: no initdb
	dataDir := filepath.Join(openDir(t), "needle")
	_, err := start(t.Context(), Config{DataDir: dataDir}, m)
	missing, ok := errors.AsType[*NoBinariesError](err)
	if !ok || !errors.Is(err, ErrNoBinaries) {
		t.Fatalf("got %v", err)
	}
	if !strings.HasSuffix(err.Error(), "apt-get install -y postgresql") || len(missing.Rejected) != 1 || !strings.Contains(err.Error(), "too old") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dataDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a failed search left the data folder (%v)", err)
	}
}

func TestStart_saysWhichVersionTheDataNeeds(t *testing.T) {
	t.Parallel()
	m, root := shelf(t, "apt-get")
	pretend(t, filepath.Join(root, "path"), "16.1")
	dataDir := openDir(t)
	cluster := filepath.Join(dataDir, "pgdata")
	if err := os.Mkdir(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("14\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := start(t.Context(), Config{DataDir: dataDir}, m)
	mismatch, ok := errors.AsType[*VersionError](err)
	if !ok || mismatch.DataDir != dataDir || mismatch.Want != 14 || !slices.Equal(mismatch.Found, []int{16}) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "apt-get install -y postgresql-14") {
		t.Errorf("got %v", err)
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		goos     string
		euid     int
		commands []string
		want     int
		hint     string
	}{
		"Debian as root":           {goos: "linux", commands: []string{"apt-get", "brew"}, hint: "apt-get install -y postgresql"},
		"Debian as a user":         {goos: "linux", euid: 1000, commands: []string{"apt-get"}, hint: "sudo apt-get install -y postgresql"},
		"Debian, a version":        {goos: "linux", commands: []string{"apt-get"}, want: 14, hint: "apt-get install -y postgresql-14"},
		"Alpine":                   {goos: "linux", commands: []string{"apk"}, hint: "apk add postgresql"},
		"a Mac with Homebrew":      {goos: "darwin", euid: 501, commands: []string{"brew", "apt-get"}, hint: "brew install postgresql@16"},
		"a Mac, a version":         {goos: "darwin", euid: 501, commands: []string{"brew"}, want: 15, hint: "brew install postgresql@15"},
		"a Mac without":            {goos: "darwin", euid: 501, hint: "https://postgresapp.com"},
		"Linux with nothing known": {goos: "linux", hint: "https://www.postgresql.org/download/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := machine{goos: c.goos, euid: c.euid, has: func(command string) bool { return slices.Contains(c.commands, command) }}
			if got := m.install(c.want); got != c.hint {
				t.Errorf("got %q, want %q", got, c.hint)
			}
		})
	}
}

func TestChildEnv_handsOnNoSecretsAndNoSteering(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	env := childEnv(func(name string) string {
		asked[name] = true
		return "value"
	})
	for name := range asked {
		if strings.HasPrefix(name, "PG") || strings.Contains(name, "NEEDLE") || strings.Contains(name, "DATABASE") {
			t.Errorf("hands on %s", name)
		}
	}
	if !slices.Contains(env, "LC_ALL=C") || !slices.Contains(env, "PATH=value") {
		t.Errorf("got %v", env)
	}
}
