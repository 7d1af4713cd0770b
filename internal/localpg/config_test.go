//go:build unix

package localpg

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDefaultDir(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		euid int
		env  map[string]string
		dir  string
		want string // empty: an error
	}{
		"in the home":                   {euid: 1000, env: map[string]string{"HOME": "/home/ada"}, dir: "demo", want: "/home/ada/.local/share/needle/demo"},
		"where XDG says":                {euid: 1000, env: map[string]string{"HOME": "/home/ada", "XDG_DATA_HOME": "/data"}, dir: "demo", want: "/data/needle/demo"},
		"not where a relative one says": {euid: 1000, env: map[string]string{"HOME": "/home/ada", "XDG_DATA_HOME": "data"}, dir: "demo", want: "/home/ada/.local/share/needle/demo"},
		"outside root's home":           {euid: 0, env: map[string]string{"HOME": "/var/admin", "XDG_DATA_HOME": "/var/admin/x"}, dir: "demo", want: "/var/lib/needle/demo"},
		"nowhere without a home":        {euid: 1000, dir: "demo"},
		"not above":                     {euid: 0, dir: ".."},
		"not below":                     {euid: 0, dir: "a/b"},
		"not without a name":            {euid: 0},
		"not with a zero byte":          {euid: 0, dir: "a\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := defaultDir(c.dir, c.euid, func(name string) string { return c.env[name] })
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestStart_refusesAConfigurationThatMakesNoSense(t *testing.T) {
	t.Parallel()
	cluster := openDir(t)
	if err := os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := openDir(t)
	if err := os.MkdirAll(filepath.Join(foreign, "pgdata", "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]Config{
		"no folder":                     {},
		"a zero byte in the folder":     {DataDir: "/tmp/a\x00b"},
		"a setting that is ours":        {DataDir: filepath.Join(openDir(t), "x"), Settings: map[string]string{"Listen_Addresses": "*"}},
		"a setting with an equals sign": {DataDir: filepath.Join(openDir(t), "x"), Settings: map[string]string{"work_mem=1MB -c port": "1"}},
		"a folder that is a cluster":    {DataDir: cluster},
		"a pgdata that is no cluster":   {DataDir: foreign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if srv, err := Start(t.Context(), cfg); err == nil {
				t.Errorf("started: %v", srv.Stop(t.Context()))
			}
		})
	}
	if _, err := os.Stat(filepath.Join(foreign, "pgdata", "photos")); err != nil {
		t.Error(err)
	}
}

func FuzzParsePIDFile(f *testing.F) {
	f.Add("123\n/data\n1700000000\n5432\n/run/socket\n\n  1 2\nready\n")
	f.Add("-7\n")
	f.Add("")
	f.Add("-2147483648\n\n\n\n")
	f.Fuzz(func(t *testing.T, content string) {
		if got := parsePIDFile(content); got.pid < 0 {
			t.Errorf("%q gave %+v", content, got)
		}
	})
}

func TestParsePIDFile_readsWhatPostgresWrites(t *testing.T) {
	t.Parallel()
	got := parsePIDFile("123\n/data\n1700000000\n5433\n/run/socket\n\n  5432001         0\nready   \n")
	if want := (pidFile{pid: 123, socket: "/run/socket/.s.PGSQL.5433", ready: true}); got != want {
		t.Errorf("got %+v", got)
	}
}
