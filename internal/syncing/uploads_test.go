package syncing_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

const tickets = "id,title,status\n1,Refunds take weeks,Open\n2,Login is slow,Done\n3,Search finds nothing,Doing\n"

// connectFiles makes a connection that reads files.
func (w *world) connectFiles(sources ...string) *needle.Connection {
	w.t.Helper()
	return w.connect(func(in *needle.CreateConnectionInput) {
		in.Kind, in.Name, in.Settings, in.Sources = "file", "Old tool", nil, sources
	})
}

// upload uploads a text as tickets.csv.
func (w *world) upload(conn *needle.Connection, text string) *needle.UploadResult {
	w.t.Helper()
	done, err := w.engine.UploadFile(w.ctx, needle.UploadFileInput{ConnectionID: conn.ID, Name: "tickets.csv", Text: text})
	return must(w.t, done, err)
}

// statuses reads what the mirror holds, by remote id; a tombstone is GONE.
func (w *world) statuses() map[string]string {
	w.t.Helper()
	rows, err := w.store.DB().QueryContext(w.t.Context(),
		`SELECT remote_id, CASE WHEN gone_at IS NULL THEN status ELSE 'GONE' END || ' ' || title FROM issues`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			w.t.Fatal(err)
		}
		out[id] = text
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) demandStatuses(want map[string]string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.statuses()); diff != "" {
		w.t.Errorf("the mirror (-want +got): %s", diff)
	}
}

func TestUploadFile_becomesIssuesAndItemsWithTheNextPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	done := w.upload(conn, tickets)
	if done.Upload.Version != 1 || !done.Changed || done.Source == nil || w.connection(conn.ID).SyncRequestedAt == nil {
		t.Errorf("got %+v", done)
	}
	w.clock.pass(time.Minute)
	if c := w.sync(conn).Counts(); c.Inserted != 3 || c.Quarantined != 0 || c.Tombstoned != 0 {
		t.Errorf("counts %+v", c)
	}
	w.demandStatuses(map[string]string{"1": "TODO Refunds take weeks", "2": "DONE Login is slow", "3": "IN_PROGRESS Search finds nothing"})
	if n := w.count(`SELECT count(*) FROM issues AS i JOIN backlog_items AS b ON b.workspace_id = i.workspace_id AND b.issue_id = i.id AND b.status = i.status`); n != 3 {
		t.Errorf("%d items", n)
	}
}

func TestUploadFile_thatWasReadCostsNothingMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	w.upload(conn, tickets)
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.clock.pass(time.Minute)
	written := w.count(`SELECT sum(version) FROM issues`)
	report := w.sync(conn)
	if c := report.Counts(); c.Pages != 0 || c.Seen != 0 {
		t.Errorf("a pass over a known file gave %+v", c)
	}
	// Rows that say what they said are no news, though nothing tells when they changed.
	w.upload(conn, strings.Replace(tickets, "Login is slow,Done", "Login is slow,Won't do", 1))
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.demandStatuses(map[string]string{"1": "TODO Refunds take weeks", "2": "DROPPED Login is slow", "3": "IN_PROGRESS Search finds nothing"})
	if now := w.count(`SELECT sum(version) FROM issues`); now != written+1 {
		t.Errorf("%d rows were written, want 1", now-written)
	}
	done := w.upload(conn, strings.Replace(tickets, "Login is slow,Done", "Login is slow,Won't do", 1))
	if done.Changed || done.Upload.Version != 2 || w.connection(conn.ID).SyncRequestedAt != nil {
		t.Errorf("the same file again gave %+v", done.Upload)
	}
}

func TestUploadFile_takesCorrectionsThatClaimToBeOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	const dated = "id,title,updated\n1,Refunds,2026-01-01\n2,Login,2026-02-01\n"
	w.upload(conn, dated)
	w.clock.pass(time.Minute)
	w.sync(conn)
	// A row that was edited by hand, and one from before the newest that was not in the first export.
	w.upload(conn, "id,title,updated\n1,Refunds corrected,2026-01-01\n2,Login,2026-02-01\n3,Older,2025-01-01\n")
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.demandStatuses(map[string]string{"1": "TODO Refunds corrected", "2": "TODO Login", "3": "TODO Older"})
}

func TestUploadFile_buriesWhatTheNextOneLacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	w.upload(conn, tickets)
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.upload(conn, "id,title,status\n1,Refunds take weeks,Open\n3,Search finds nothing,Doing\n")
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.demandStatuses(map[string]string{"1": "TODO Refunds take weeks", "2": "GONE Login is slow", "3": "IN_PROGRESS Search finds nothing"})
	w.clock.pass(time.Minute)
	w.upload(conn, tickets)
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.demandStatuses(map[string]string{"1": "TODO Refunds take weeks", "2": "DONE Login is slow", "3": "IN_PROGRESS Search finds nothing"})
}

func TestUploadFile_asksBeforeMoreThanHalfVanishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	w.upload(conn, tickets)
	w.clock.pass(time.Minute)
	w.sync(conn)
	const cut = "id,title,status\n1,Refunds take weeks,Open\n"
	dry := true
	tried, err := w.engine.UploadFile(w.ctx, needle.UploadFileInput{ConnectionID: conn.ID, Name: "tickets.csv", Text: cut, DryRun: &dry})
	if check(t, err); tried.Report.Vanished != 2 || !tried.Report.TooMany || tried.Report.Unchanged != 1 || w.source(conn.ID).CensusAsked {
		t.Errorf("the dry run says %+v", tried.Report)
	}
	w.upload(conn, cut)
	w.clock.pass(time.Minute)
	w.sync(conn)
	if source := w.source(conn.ID); source.Unobserved != 2 || source.CensusAsked || w.count(`SELECT count(*) FROM issues WHERE gone_at IS NOT NULL`) != 0 {
		t.Errorf("the source is %+v", source.Source)
	}
	_, err = w.engine.SettleVanished(w.ctx, needle.SettleVanishedInput{SourceID: w.source(conn.ID).ID, Gone: true})
	check(t, err)
	w.clock.pass(time.Minute)
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM issues WHERE gone_at IS NOT NULL`); n != 2 {
		t.Errorf("%d tombstones", n)
	}
}

func TestUploadFile_putsBrokenRowsAsideAndNeverBuriesForThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	w.upload(conn, tickets)
	w.clock.pass(time.Minute)
	w.sync(conn)
	// Row 2 has a value too many, and row 3 occurs twice.
	w.upload(conn, "id,title,status\n1,Refunds take weeks,Open\n2,Login, slow,Done\n3,Search finds nothing,Doing\n3,Search finds all,Done\n")
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.demandStatuses(map[string]string{"1": "TODO Refunds take weeks", "2": "DONE Login is slow", "3": "IN_PROGRESS Search finds nothing"})
	if n := w.count(`SELECT count(*) FROM quarantined_issues WHERE resolved_at IS NULL AND reason LIKE 'line %'`); n != 2 {
		t.Errorf("%d rows were put aside", n)
	}
	w.upload(conn, tickets)
	w.clock.pass(time.Minute)
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM quarantined_issues WHERE resolved_at IS NULL`); n != 0 {
		t.Errorf("%d rows are still aside", n)
	}
}

func TestUploadFile_refusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn, other := w.connectFiles(), w.connect()
	foreign := storetest.Seed(t, w.store.DB())
	abroad := needle.WithViewer(t.Context(), foreign.Viewer(foreign.Owner))
	one := 1
	for _, c := range []struct {
		name string
		ctx  context.Context
		in   needle.UploadFileInput
		want userError
	}{
		{"a member", w.as(needle.RoleMember), needle.UploadFileInput{}, userError{needle.CodeForbidden, ""}},
		{"nobody", t.Context(), needle.UploadFileInput{}, userError{needle.CodeUnauthenticated, ""}},
		{"another workspace", abroad, needle.UploadFileInput{}, userError{needle.CodeNotFound, "input.connectionId"}},
		{"an unknown connection", w.ctx, needle.UploadFileInput{ConnectionID: needle.NewConnectionID()}, userError{needle.CodeNotFound, "input.connectionId"}},
		{"a connection that reads no files", w.ctx, needle.UploadFileInput{ConnectionID: other.ID}, userError{needle.CodeInvalid, "input.connectionId"}},
		{"no name", w.ctx, needle.UploadFileInput{Name: " "}, userError{needle.CodeRequired, "input.name"}},
		{"a way out", w.ctx, needle.UploadFileInput{Name: "../../etc/passwd"}, userError{needle.CodeInvalid, "input.name"}},
		{"a folder", w.ctx, needle.UploadFileInput{Name: "a/b.csv"}, userError{needle.CodeInvalid, "input.name"}},
		{"a folder of Windows", w.ctx, needle.UploadFileInput{Name: `a\b.csv`}, userError{needle.CodeInvalid, "input.name"}},
		{"NUL", w.ctx, needle.UploadFileInput{Name: "a\x00.csv"}, userError{needle.CodeInvalid, "input.name"}},
		{"broken UTF-8", w.ctx, needle.UploadFileInput{Name: "a\xff.csv"}, userError{needle.CodeInvalid, "input.name"}},
		{"a hidden file", w.ctx, needle.UploadFileInput{Name: ".csv"}, userError{needle.CodeInvalid, "input.name"}},
		{"a long name", w.ctx, needle.UploadFileInput{Name: strings.Repeat("a", 300) + ".csv"}, userError{needle.CodeTooLong, "input.name"}},
		{"a spreadsheet", w.ctx, needle.UploadFileInput{Name: "a.xlsx"}, userError{needle.CodeInvalid, "input.name"}},
		{"a version that is not there", w.ctx, needle.UploadFileInput{ExpectedVersion: &one}, userError{needle.CodeConflict, "input.expectedVersion"}},
		{"no ids", w.ctx, needle.UploadFileInput{Text: "title\nx\n"}, userError{needle.CodeInvalid, "input.text"}},
		{"an endless quote", w.ctx, needle.UploadFileInput{Text: "id,title\n1,\"x\n2,y\n"}, userError{needle.CodeInvalid, "input.text"}},
		{"too much", w.ctx, needle.UploadFileInput{Text: strings.Repeat("x", needle.MaxUpload+1)}, userError{needle.CodeTooLong, "input.text"}},
	} {
		if c.in.ConnectionID.IsZero() {
			c.in.ConnectionID = conn.ID
		}
		if c.in.Name == "" {
			c.in.Name = "tickets.csv"
		}
		if c.in.Text == "" {
			c.in.Text = tickets
		}
		_, err := w.engine.UploadFile(c.ctx, c.in)
		if diff := cmp.Diff([]userError{c.want}, userErrors(err)); diff != "" {
			t.Errorf("%s: %v: %s", c.name, err, diff)
		}
	}
	_, err := w.engine.UploadFile(w.ctx, needle.UploadFileInput{ConnectionID: conn.ID, Name: "tickets.csv"})
	w.demandErrors(err, userError{needle.CodeRequired, "input.text"})
	if n := w.count(`SELECT count(*) FROM uploads`) + w.count(`SELECT count(*) FROM sources WHERE remote_key LIKE '%csv'`); n != 0 {
		t.Error("something was written all the same")
	}
}

func TestUploadFile_isSafeWhenManyUploadAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	w.upload(conn, tickets)
	errs := make(chan error)
	const many = 6
	for i := range many {
		go func() {
			one := 1
			text := tickets + strings.Repeat(string(rune('a'+i)), 600<<10) + ",Large,Open\n"
			_, err := w.engine.UploadFile(w.ctx, needle.UploadFileInput{ConnectionID: conn.ID, Name: "tickets.csv", Text: text, ExpectedVersion: &one})
			errs <- err
		}()
	}
	stored := 0
	for range many {
		if err := <-errs; err == nil {
			stored++
		} else if diff := cmp.Diff([]userError{{needle.CodeConflict, "input.expectedVersion"}}, userErrors(err)); diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
	}
	uploads, err := w.scope.Uploads(t.Context(), conn.ID)
	now := must(t, uploads, err)["tickets.csv"]
	content, err := w.scope.UploadContent(t.Context(), now)
	if must(t, content, err); stored != 1 || now.Version != 2 || len(content) != now.Size || !strings.HasPrefix(string(content), tickets) {
		t.Errorf("%d were stored; version %d has %d of %d bytes", stored, now.Version, len(content), now.Size)
	}
}

// TestUploadFile_stopsAPassOverTheOldContent lets somebody upload while a pass reads page after page.
func TestUploadFile_stopsAPassOverTheOldContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connectFiles()
	var old strings.Builder
	old.WriteString("id,title,status\n")
	for i := range 25 {
		old.WriteString("x" + string(rune('a'+i)) + ",Old,Open\n")
	}
	w.upload(conn, old.String())
	w.clock.pass(time.Minute)
	replaced := false
	_, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, func(e syncing.Event) {
		if e.Run.Pages == 1 && !replaced {
			replaced = true
			w.upload(conn, strings.ReplaceAll(old.String(), "Old", "New"))
		}
	})
	if err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("the pass over the old content ended with %v", err)
	}
	w.clock.pass(time.Minute)
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM issues WHERE title = 'New' AND gone_at IS NULL`); n != 25 {
		t.Errorf("%d of 25 issues are of the new content", n)
	}
}

func TestFilesDir_isReadWithinItsBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	own := filepath.Join(dir, w.f.Workspace.ID.String())
	check(t, os.MkdirAll(filepath.Join(own, "exports"), 0o700))
	check(t, os.WriteFile(filepath.Join(own, "exports", "tickets.csv"), []byte(tickets), 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "secret.csv"), []byte("id,title\n9,Secret\n"), 0o600))
	check(t, os.Symlink(filepath.Join(dir, "secret.csv"), filepath.Join(own, "link.csv")))
	check(t, os.Symlink("exports/tickets.csv", filepath.Join(own, "inside.csv")))
	w.filesDir = dir
	w.engine = w.newEngine(w.store, 10)
	conn := w.connectFiles("exports/tickets.csv", "link.csv", "../secret.csv", "/etc/passwd", "exports")
	w.sync(conn)
	w.demandStatuses(map[string]string{"1": "TODO Refunds take weeks", "2": "DONE Login is slow", "3": "IN_PROGRESS Search finds nothing"})
	for _, key := range []string{"link.csv", "../secret.csv", "/etc/passwd", "exports"} {
		if n := w.count(`SELECT count(*) FROM sources WHERE remote_key = ? AND state = 'ERROR' AND state_reason NOT LIKE ?`, key, "%"+dir+"%"); n != 1 {
			t.Errorf("%s could be read, or its reason tells where the server keeps files", key)
		}
	}
	if state := w.connection(conn.ID).State; state != needle.ConnectionOK {
		t.Errorf("the connection is %s", state)
	}
	// An upload goes before a file of its name, and another workspace's folder is not there.
	w.upload(conn, "id,title\n7,Uploaded\n")
	w.clock.pass(time.Minute)
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM issues WHERE remote_id = '7'`); n != 1 {
		t.Error("the upload was not read")
	}
}
