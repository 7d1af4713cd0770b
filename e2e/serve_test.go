package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	_ "github.com/lib/pq" // The driver that cuts connections off.

	"github.com/needle-okr/needle/internal/localpg"
)

// postgres is a PostgreSQL that can be taken away and brought back.
type postgres struct {
	t      *testing.T
	dir    string
	server *localpg.Server
}

func newPostgres(t *testing.T) *postgres {
	t.Helper()
	p := &postgres{t: t, dir: filepath.Join(folder(t), "pg")}
	p.up()
	t.Cleanup(p.down)
	return p
}

func (p *postgres) up() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var err error
	if p.server, err = localpg.Start(ctx, localpg.Config{DataDir: p.dir, Ephemeral: true}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *postgres) down() {
	if err := p.server.Stop(context.WithoutCancel(p.t.Context())); err != nil {
		p.t.Error(err)
	}
}

// env is the environment of a needle on this PostgreSQL.
func (p *postgres) env(more ...string) []string {
	return append([]string{"DATABASE_URL=" + p.server.URL(""), "NEEDLE_SHUTDOWN_GRACE=2s"}, more...)
}

// cutOff ends every other connection.
func (p *postgres) cutOff() {
	p.t.Helper()
	db, err := sql.Open("postgres", p.server.URL(""))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	var n int
	err = db.QueryRowContext(p.t.Context(), `
		SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&n)
	if err != nil || n == 0 {
		p.t.Fatalf("%d connections were cut off: %v", n, err)
	}
}

// freeAddress returns an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// becomes waits until an address answers with a status.
func becomes(t *testing.T, address string, status int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s answers %d", address, status), func() bool {
		got, _ := get(t, address)
		return got == status
	})
}

const viewerQuery = "{ viewer { user { name } } }"

func TestServe_recoversWithoutARestart(t *testing.T) {
	t.Parallel()
	pg := newPostgres(t)
	if _, said, status := run(t, pg.env(), "migrate", "up"); status != 0 {
		t.Fatalf("migrating: exit code %d, %s", status, said)
	}
	token, said, status := run(t, pg.env(), "init", "--workspace-name=Shop", "--slug=shop", "--owner-email=ada@shop.example", "--owner-name=Ada")
	if status != 0 {
		t.Fatalf("init: exit code %d, %s", status, said)
	}
	token = strings.TrimSpace(token)
	pg.down()

	address := freeAddress(t)
	base := "http://" + address
	p := start(t, nil, pg.env("NEEDLE_ADDR="+address), "serve")
	becomes(t, base+"/livez", http.StatusOK)
	becomes(t, base+"/readyz", http.StatusServiceUnavailable)
	if status, body := ask(t, base, token, viewerQuery, nil); status != http.StatusServiceUnavailable || !strings.Contains(body, "UNAVAILABLE") {
		t.Errorf("a question without a database: status %d, %s", status, body)
	}

	works := func() {
		t.Helper()
		becomes(t, base+"/readyz", http.StatusOK)
		eventually(t, "questions are answered", func() bool {
			status, body := ask(t, base, token, viewerQuery, nil)
			return status == http.StatusOK && body == `{"data":{"viewer":{"user":{"name":"Ada"}}}}`
		})
	}
	pg.up()
	works()
	pg.cutOff()
	works()
	pg.down()
	becomes(t, base+"/readyz", http.StatusServiceUnavailable)
	if status, _ := get(t, base+"/livez"); status != http.StatusOK {
		t.Errorf("without a database /livez answers %d", status)
	}
	pg.up()
	works()
	if status, body := ask(t, base, token+"x", viewerQuery, nil); status != http.StatusUnauthorized || !strings.Contains(body, "UNAUTHENTICATED") {
		t.Errorf("a wrong token: status %d, %s", status, body)
	}
	p.stop(syscall.SIGTERM)
	eventually(t, "the address is free", func() bool { return free(t, base) })
}

func TestServe_refusesASchemaThatIsBehind(t *testing.T) {
	t.Parallel()
	pg := newPostgres(t)
	for _, command := range [][]string{{"serve"}, {"work"}} {
		_, said, status := run(t, pg.env("NEEDLE_ADDR=127.0.0.1:0"), command...)
		if status != 1 || !strings.Contains(said, "needle migrate up") {
			t.Errorf("%v on an empty database: exit code %d, %s", command, status, said)
		}
	}
	address := freeAddress(t)
	p := start(t, nil, pg.env("NEEDLE_ADDR="+address), "serve", "--migrate", "--workers=0")
	becomes(t, "http://"+address+"/readyz", http.StatusOK)
	p.stop(syscall.SIGINT)
	worker := start(t, nil, pg.env(), "work")
	worker.says("working")
	worker.stop(syscall.SIGTERM)
}

func TestCommands_runAnInstallation(t *testing.T) {
	t.Parallel()
	pg := newPostgres(t)
	needle := func(want int, contains string, args ...string) string {
		t.Helper()
		out, said, status := run(t, pg.env(), args...)
		if status != want || !strings.Contains(out+said, contains) {
			t.Fatalf("needle %s: exit code %d, %s%s", strings.Join(args, " "), status, out, said)
		}
		return strings.TrimSpace(out)
	}
	needle(0, "0001_people              waits", "migrate", "status")
	needle(1, "0001_people", "doctor")
	needle(0, "applied 0001_people", "migrate", "up")
	needle(0, "the schema is up to date", "migrate", "up")
	if out := needle(0, "applied", "migrate", "status"); strings.Contains(out, "waits") {
		t.Errorf("after migrating: %s", out)
	}
	needle(1, "needle init", "token", "list")
	shop := []string{"init", "--workspace-name=Shop", "--slug=shop", "--owner-email=ada@shop.example", "--owner-name=Ada"}
	if token := needle(0, "ndl_", shop...); strings.Count(token, "\n") != 0 {
		t.Errorf("init prints more than the token: %s", token)
	}
	needle(1, "already", shop...)
	needle(2, "short name", "init", "--workspace-name=Shop", "--slug=A shop", "--owner-email=ada@shop.example", "--owner-name=Ada")
	needle(0, "ndl_", "token", "create", "--user=ada@shop.example", "--name=robot", "--scopes=read,link")
	needle(2, "no scope", "token", "create", "--user=ada@shop.example", "--name=robot", "--scopes=fly")
	needle(1, "no such person", "token", "create", "--user=bob@shop.example", "--name=robot")
	_, robot, _ := strings.Cut(needle(0, "robot", "token", "list"), "first token")
	id := regexp.MustCompile(`tok_\w+`).FindString(robot)
	needle(0, "revoked "+id, "token", "revoke", id)
	needle(0, "revoked", "token", "list")
	needle(1, "no such token", "token", "revoke", id)
	needle(2, "not the id", "token", "revoke", "robot")
	needle(0, "workspaces     1", "doctor")
	needle(1, "no connection", "sync", "GitHub")
	needle(2, "--yes", "migrate", "down")
	needle(0, "undone 0001_people", "migrate", "down", "--yes")
	needle(0, "0001_people              waits", "migrate", "status")
}

func TestCommands_needNoDatabase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args     []string
		status   int
		contains string
	}{
		"version":                 {[]string{"version"}, 0, "needle e2e "},
		"schema":                  {[]string{"schema"}, 0, "type Query {"},
		"help":                    {[]string{"--help"}, 0, "Serve the API"},
		"no command":              {nil, 2, "needle --help"},
		"an unknown command":      {[]string{"fly"}, 2, "fly"},
		"an unknown flag":         {[]string{"serve", "--fly"}, 2, "--fly"},
		"no database":             {[]string{"serve"}, 1, "DATABASE_URL is required"},
		"a doctor without it":     {[]string{"doctor"}, 1, "DATABASE_URL is required"},
		"a folder it cannot have": {[]string{"demo", "--addr=127.0.0.1:0", "--dir=/dev/null/x"}, 1, "/dev/null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, said, status := run(t, nil, c.args...)
			if status != c.status || !strings.Contains(out+said, c.contains) {
				t.Errorf("exit code %d, %s%s", status, out, said)
			}
			if c.status != 0 && strings.Count(said, "\n") != 1 {
				t.Errorf("the error is not one line: %s", said)
			}
		})
	}
}
