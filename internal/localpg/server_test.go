//go:build unix

package localpg

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" //nolint:depguard // the job engine connects through pgx, so the address must suit it too
)

func TestServer_keepsDataBetweenRuns(t *testing.T) {
	t.Parallel()
	cfg := durable(t)
	first := mustStart(t, cfg)
	run(t, first.URL(""), `CREATE DATABASE "odd name"`)
	run(t, first.URL("odd name"), "CREATE TABLE kept AS SELECT 'still here' AS what")
	mustStop(t, first)
	second := mustStart(t, cfg)
	if got := ask(t, second.URL("odd name"), "SELECT what FROM kept"); got != "still here" {
		t.Errorf("got %q", got)
	}
	if first.URL("") != second.URL("") {
		t.Errorf("the address moved from %s to %s", first.URL(""), second.URL(""))
	}
	log, err := os.ReadFile(second.LogFile())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), "not properly shut down") {
		t.Errorf("a clean stop led to a recovery:\n%s", log)
	}
}

func TestServer_isPrivateAndSetUpAsPromised(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	cfg.Settings = map[string]string{"max_connections": "17", "Work_Mem": "3MB"}
	srv := mustStart(t, cfg)
	for setting, want := range map[string]string{
		"listen_addresses": "", "server_encoding": "UTF8", "lc_collate": "C", "TimeZone": "UTC", "max_connections": "17",
		"work_mem": "3MB", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "unix_socket_permissions": "0700",
	} {
		if got := ask(t, srv.URL(""), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := ask(t, srv.URL(""), "SELECT lower('ÄÖÜ')"); got != "äöü" {
		t.Errorf("lower() gave %q", got)
	}
	info, err := os.Stat(srv.SocketDir())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket has mode %v", info.Mode())
	}
	if uid, _, _ := ownerOf(info); uid == 0 {
		t.Error("the server runs as root")
	}
	if strconv.Itoa(srv.Version()) != ask(t, srv.URL(""), "SELECT split_part(current_setting('server_version'), '.', 1)") {
		t.Errorf("the version is not %d", srv.Version())
	}
}

func TestServer_answersBothDrivers(t *testing.T) {
	t.Parallel()
	srv := mustStart(t, ephemeral(t))
	for _, driver := range []string{"postgres", "pgx"} {
		var who string
		if err := open(t, driver, srv.URL("template1")).QueryRowContext(t.Context(), "SELECT current_user||'@'||current_database()").Scan(&who); err != nil {
			t.Fatalf("%s: %v", driver, err)
		}
		if who != "postgres@template1" {
			t.Errorf("%s: connected as %s", driver, who)
		}
	}
}

func TestServer_stopIsRepeatableAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	srv := mustStart(t, ephemeral(t))
	open(t, "postgres", srv.URL("")) // an idle client does not hold it up
	mustStop(t, srv)
	mustStop(t, srv)
	select {
	case <-srv.Done():
	default:
		t.Error("stopped, but not done")
	}
	for _, path := range []string{srv.layout.pidPath(), filepath.Join(srv.SocketDir(), socketName)} {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", path, err)
		}
	}
}

func TestServer_stopUsesForceWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	srv, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := srv.Stop(over); !errors.Is(err, context.Canceled) && err != nil {
		t.Errorf("got %v", err)
	}
	<-srv.Done()
	again := mustStart(t, cfg)
	if got := ask(t, again.URL(""), "SELECT 'up'"); got != "up" {
		t.Errorf("got %q", got)
	}
}

func TestDestroy_removesTheDataAndNothingElse(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	srv := mustStart(t, cfg)
	note := filepath.Join(cfg.DataDir, "note.txt")
	if err := os.WriteFile(note, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := srv.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(cfg.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "note.txt" {
		t.Errorf("left: %v", entries)
	}
	if err := os.Remove(note); err != nil {
		t.Fatal(err)
	}
	if err := Remove(t.Context(), cfg.DataDir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cfg.DataDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the empty folder is still there (%v)", err)
	}
	if err := Remove(t.Context(), cfg.DataDir, nil); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
}

func TestRemove_replacesADamagedCluster(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	mustStop(t, mustStart(t, cfg))
	if err := os.RemoveAll(filepath.Join(cfg.DataDir, "pgdata", "global")); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), cfg); err == nil {
		t.Fatal("a damaged cluster started")
	}
	if err := Remove(t.Context(), cfg.DataDir, nil); err != nil {
		t.Fatal(err)
	}
	mustStart(t, cfg)
}

func TestStart_quotesPostgresWhenItFails(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	cfg.Settings = map[string]string{"shared_buffers": "plenty"}
	_, err := Start(t.Context(), cfg)
	failure, ok := errors.AsType[*StartError](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if failure.Program != "postgres" || !strings.Contains(err.Error(), `"shared_buffers"`) {
		t.Errorf("got %v", err)
	}
	cfg.Settings = nil
	mustStart(t, cfg) // the failure let go of the folder
}

func TestStart_honoursItsContext(t *testing.T) {
	t.Parallel()
	const whole = `echo 15 > "$2/PG_VERSION"`
	for name, programs := range map[string]struct{ initdb, postgres string }{
		"while initdb works":             {initdb: `touch "$2/begun"; exec tail -f /dev/null`, postgres: "exit 1"},
		"while postgres is not ready":    {initdb: whole, postgres: `echo waking; touch "$2/begun"; exec tail -f /dev/null`},
		"while postgres hears no signal": {initdb: whole, postgres: `echo waking; touch "$2/begun"; kill -STOP $$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := ephemeral(t)
			bins := filepath.Join(openDir(t), "bin")
			script(t, bins, "initdb", programs.initdb)
			script(t, bins, "postgres", `if [ "$1" = --version ]; then echo "postgres (PostgreSQL) 15.1"; exit; fi; `+programs.postgres)
			ctx, cancel := context.WithCancel(t.Context())
			begun := make(chan error, 1)
			go func() {
				defer cancel()
				begun <- poll(t.Context(), func() (bool, error) {
					found, err := filepath.Glob(filepath.Join(cfg.DataDir, "pgdata*", "begun"))
					return len(found) > 0, err
				})
			}()
			_, err := Start(ctx, Config{DataDir: cfg.DataDir, BinDir: bins})
			if err := <-begun; err != nil {
				t.Fatal(err)
			}
			failure, ok := errors.AsType[*StartError](err)
			if !ok || !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			if failure.Program == "postgres" && !slices.Equal(failure.Log, []string{"waking"}) {
				t.Errorf("quoted %q", failure.Log)
			}
			if err := Remove(t.Context(), cfg.DataDir, nil); err != nil {
				t.Fatal(err)
			}
			mustStart(t, cfg)
		})
	}
}

func TestStart_choosesAShortFolderForTheSocketOfALongPath(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{
		"too long": strings.Repeat("long", 30), "with a comma": "a,b", "with a space": "a b", "beyond ASCII": "größe",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := Config{DataDir: filepath.Join(openDir(t), folder), Ephemeral: true}
			srv := mustStart(t, cfg)
			if got := ask(t, srv.URL(""), "SELECT 'up'"); got != "up" {
				t.Errorf("got %q", got)
			}
			if err := socketFits(srv.SocketDir()); err != nil {
				t.Error(err)
			}
			crash(t, srv)
			abandon(t, srv)
			again := mustStart(t, cfg)
			if again.SocketDir() != srv.SocketDir() {
				t.Errorf("after a crash the socket moved from %s to %s", srv.SocketDir(), again.SocketDir())
			}
			mustStop(t, again)
			if _, err := os.Stat(srv.SocketDir()); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the short folder is still there (%v)", err)
			}
		})
	}
}

func TestStart_takesTheSocketFolderItIsGiven(t *testing.T) {
	t.Parallel()
	cfg := ephemeral(t)
	cfg.SocketDir = filepath.Join(openDir(t), "here")
	srv := mustStart(t, cfg)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", filepath.Join(cfg.SocketDir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	mustStop(t, srv)
	cfg.SocketDir = "/" + strings.Repeat("x", 200)
	if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("a path that is too long gave %v", err)
	}
}
