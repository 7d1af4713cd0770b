package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reviewed is the answer to the demo's question.
type reviewed struct {
	Teams struct {
		Nodes []struct {
			Name   string
			Review struct {
				KeyResults []struct {
					KeyResult struct{ Key, Title string }
					Then, Now *struct{ Value float64 }
					Movement  *struct{ Towards *float64 }
					Work      []struct {
						Item   struct{ Key, Title string }
						Status string
					}
				}
				OrphanWork        []struct{ Item struct{ Key string } }
				StarvedKeyResults []struct{ Key string }
			}
		}
	}
}

const reviewQuery = `query ($team: String!, $cycle: ID!) { teams(filter: {key: {eq: $team}}) { nodes { name review(cycleId: $cycle) {
	keyResults { keyResult { key title } then { value } now { value } movement { towards } work { item { key title } status } }
	orphanWork { item { key } } starvedKeyResults { key } } } } }`

// review asks which work moves which result of a team in the active cycle.
func review(t *testing.T, d ready, team string) reviewed {
	t.Helper()
	type cycles struct {
		Cycles struct{ Nodes []struct{ ID string } }
	}
	active := answer[cycles](t, d.URL, d.Token, `{ cycles(filter: {state: {eq: ACTIVE}}) { nodes { id } } }`, nil)
	if len(active.Cycles.Nodes) != 1 {
		t.Fatalf("%d cycles are active", len(active.Cycles.Nodes))
	}
	return answer[reviewed](t, d.URL, d.Token, reviewQuery, map[string]any{"team": team, "cycle": active.Cycles.Nodes[0].ID})
}

// tellsSomething demands that a review has what the demo promises.
func tellsSomething(t *testing.T, r reviewed) {
	t.Helper()
	moved, linked := 0, 0
	if len(r.Teams.Nodes) != 1 {
		t.Fatalf("the review is of %d teams", len(r.Teams.Nodes))
	}
	for _, k := range r.Teams.Nodes[0].Review.KeyResults {
		if k.Movement != nil && k.Movement.Towards != nil && *k.Movement.Towards > 0 {
			moved++
		}
		linked += len(k.Work)
	}
	if moved < 2 || linked < 30 || len(r.Teams.Nodes[0].Review.OrphanWork) == 0 {
		t.Errorf("%d key results moved, %d pieces of work are linked: %+v", moved, linked, r)
	}
}

// postgresOf returns the process id of the demo's PostgreSQL.
func postgresOf(t *testing.T, dir string) int {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "pgdata", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// everythingStopped waits until nothing of the demo is left.
func everythingStopped(t *testing.T, d ready, postgres int) {
	t.Helper()
	eventually(t, "PostgreSQL is gone", func() bool { return !alive(postgres) })
	for _, address := range []string{d.URL, d.GitHubURL} {
		eventually(t, address+" is free", func() bool { return free(t, address) })
	}
}

func startDemo(t *testing.T, dir string, more ...string) *process {
	t.Helper()
	return start(t, nil, []string{"HOME=" + dir}, append([]string{"demo", "--json", "--addr", "127.0.0.1:0", "--dir", dir}, more...)...)
}

func TestDemo_livesThroughStopsAndCrashes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "demo")

	p := startDemo(t, dir)
	first := p.ready()
	before := review(t, first, "PAY")
	tellsSomething(t, before)
	if status, _ := ask(t, first.URL, "ndl_wrong", viewerQuery, nil); status != http.StatusUnauthorized {
		t.Errorf("a token that is none gets status %d", status)
	}
	_, said, status := run(t, []string{"HOME=" + dir}, "demo", "--json", "--addr", "127.0.0.1:0", "--dir", dir)
	if status != 1 || !strings.Contains(said, "in use by process") {
		t.Errorf("a second demo on the same folder: exit code %d, %s", status, said)
	}
	_, said, status = run(t, []string{"HOME=" + dir}, "demo", "--addr", strings.TrimPrefix(first.URL, "http://"), "--dir", dir+"2")
	if status != 1 || !strings.Contains(said, "is in use") || strings.Count(said, "\n") != 1 {
		t.Errorf("a port that is taken: exit code %d, %s", status, said)
	}
	operate(t, first, dir)
	postgres := postgresOf(t, dir)
	p.stop(syscall.SIGINT)
	everythingStopped(t, first, postgres)

	p = startDemo(t, dir)
	second := p.ready()
	if second.Token != first.Token {
		t.Error("the second start has another token")
	}
	if diff := cmp.Diff(before, review(t, second, "PAY")); diff != "" {
		t.Errorf("the second start has other data:\n%s", diff)
	}
	postgres = postgresOf(t, dir)
	p.signal(syscall.SIGKILL)
	p.wait()
	everythingStopped(t, second, postgres)

	p = startDemo(t, dir)
	third := p.ready()
	if diff := cmp.Diff(before, review(t, third, "PAY")); diff != "" {
		t.Errorf("the start after a crash has other data:\n%s", diff)
	}
	postgres = postgresOf(t, dir)
	p.stop(syscall.SIGTERM)
	everythingStopped(t, third, postgres)

	p = startDemo(t, dir, "--fresh")
	fresh := p.ready()
	if fresh.Token == first.Token {
		t.Error("starting over kept the token")
	}
	tellsSomething(t, review(t, fresh, "PAY"))
	p.stop(syscall.SIGHUP)
}

// operate runs an operator's commands on a demo that is running.
func operate(t *testing.T, d ready, dir string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept struct{ SecretKeys string }
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	database := "DATABASE_URL=" + d.DatabaseURL
	env := []string{database, "NEEDLE_SECRET_KEYS=" + kept.SecretKeys}
	if out, said, status := run(t, env, "sync", "GitHub: checkout"); status != 0 || !strings.Contains(out, ": 0 new, 0 changed") {
		t.Errorf("a pass that finds nothing new: exit code %d, %s%s", status, out, said)
	}
	if out, said, status := run(t, env, "doctor"); status != 0 || strings.Count(out, "ok    connection") != 2 {
		t.Errorf("a healthy doctor: exit code %d, %s%s", status, out, said)
	}
	if out, _, status := run(t, []string{database}, "doctor"); status != 1 || !strings.Contains(out, "FAIL  connection") {
		t.Errorf("a doctor without the keys: exit code %d, %s", status, out)
	}
}

// TestDemo_startsAgainForAnOrdinaryUserWhoseFirstStartWasCutOff is about the other kind of user where the tests run as root.
func TestDemo_startsAgainForAnOrdinaryUserWhoseFirstStartWasCutOff(t *testing.T) {
	t.Parallel()
	home := folder(t)
	var who *account
	if os.Geteuid() == 0 {
		who = nobody(t)
		if err := os.Chown(home, int(who.Uid), int(who.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	begin := func() *process {
		return start(t, who, []string{"HOME=" + home}, "demo", "--json", "--addr", "127.0.0.1:0")
	}
	p := begin()
	p.says("seeding the workspace")
	p.signal(syscall.SIGKILL)
	p.wait()

	p = begin()
	d := p.ready()
	tellsSomething(t, review(t, d, "PAY"))
	tellsSomething(t, review(t, d, "ONB"))
	dir := filepath.Join(home, ".local", "share", "needle", "demo")
	state, err := os.Stat(filepath.Join(dir, "demo.json"))
	if err != nil || state.Mode().Perm() != 0o600 {
		t.Errorf("the file with the token: %v, %v", state, err)
	}
	postgres := postgresOf(t, dir)
	p.stop(syscall.SIGINT)
	everythingStopped(t, d, postgres)
}

func nobody(t *testing.T) *account {
	t.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, errU := strconv.ParseUint(u.Uid, 10, 32)
	gid, errG := strconv.ParseUint(u.Gid, 10, 32)
	if errU != nil || errG != nil {
		t.Fatal(errU, errG)
	}
	return &account{Uid: uint32(uid), Gid: uint32(gid)}
}
