package syncing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/needle"
)

// jiraWorld is a world whose tracker is a fake Jira.
func jiraWorld(t *testing.T, opts fakejira.Options) (*world, *fakejira.Server, *needle.Connection) {
	t.Helper()
	w := newWorld(t)
	opts.Token, opts.Now = goodToken, w.clock.now
	server := fakejira.New(opts)
	url, err := server.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	server.AddProject("SHOP")
	conn := w.connect(func(in *needle.CreateConnectionInput) {
		in.Kind, in.Name, in.Sources = "jira", "Jira", []string{"SHOP"}
		in.Settings = []*needle.SettingInput{{Name: "token", Value: goodToken}, {Name: "baseUrl", Value: url}}
	})
	return w, server, conn
}

func TestSyncConnection_keepsAJiraProjectInStep(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]fakejira.Options{
		"Cloud": {Cloud: true, Lag: 3 * time.Minute, EmptyPages: true}, "Data Center": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, server, conn := jiraWorld(t, opts)
			project := server.AddProject("SHOP")
			ids := make([]string, 25)
			for i := range ids {
				id, _, err := server.Create(project, fakejira.NewIssue{Title: "Something to do", Description: "Because\x00", Labels: []string{"refunds"}})
				ids[i] = must(t, id, err)
				w.clock.pass(time.Minute)
			}
			w.clock.pass(opts.Lag)
			w.sync(conn)
			if n := len(w.inMirror()); n != 25 {
				t.Fatalf("the first pass brought %d issues, want 25", n)
			}
			// What the index learnt too late for this pass is found by the next, which looks back far enough.
			for _, change := range []error{
				server.Transition(ids[3], "Done", "Done"), server.Transition(ids[4], "Done", "Won't Do"), server.Transition(ids[5], "In Progress", ""),
			} {
				if change != nil {
					t.Fatal(change)
				}
			}
			key, err := server.Move(ids[6], server.AddProject("PAY"))
			must(t, key, err)
			w.clock.pass(time.Second)
			w.sync(conn)
			w.clock.pass(opts.Lag + time.Minute)
			w.sync(conn)
			got := map[string]string{}
			for _, id := range ids[3:6] {
				got[id] = w.inMirror()[id].Status
			}
			if diff := cmp.Diff(map[string]string{ids[3]: "DONE", ids[4]: "DROPPED", ids[5]: "IN_PROGRESS"}, got); diff != "" {
				t.Errorf("the mirror differs from the tracker:\n%s", diff)
			}
			before := w.versions()
			w.sync(conn)
			if diff := cmp.Diff(before, w.versions()); diff != "" {
				t.Errorf("a pass over an unchanged project wrote:\n%s", diff)
			}
		})
	}
}

func TestSyncConnection_saysWhatKeepsItFromReadingJira(t *testing.T) {
	t.Parallel()
	w, _, conn := jiraWorld(t, fakejira.Options{})
	w.sync(conn)
	if got := w.connection(conn.ID); got.State != needle.ConnectionOK || got.AccountName != "Robin" {
		t.Errorf("the connection is %s as %q", got.State, got.AccountName)
	}
	missing := w.connect(func(in *needle.CreateConnectionInput) {
		in.Kind, in.Name, in.Sources = "jira", "Another", []string{"NOPE"}
		in.Settings = []*needle.SettingInput{{Name: "token", Value: "bad"}, {Name: "baseUrl", Value: settingOf(t, w, conn, "baseUrl")}}
	})
	report, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, missing.ID, nil)
	if err != nil || report.State != needle.ConnectionAuthFailed || report.Reason == "" {
		t.Errorf("with a bad token: %s (%s), %v", report.State, report.Reason, err)
	}
}

// settingOf reads a setting that is no secret.
func settingOf(t *testing.T, w *world, conn *needle.Connection, name string) string {
	t.Helper()
	return w.connection(conn.ID).Settings[name]
}
