package jobs_test

import (
	"testing"

	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/needle"
)

func TestClient_writesBackWithoutBeingAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := fakejira.New(fakejira.Options{})
	url, err := server.Start(t.Context())
	check(t, err)
	t.Cleanup(func() { check(t, server.Close()) })
	kr := w.f.KeyResult()
	id, _, err := server.Create(server.AddProject("SHOP"), fakejira.NewIssue{Title: "Something to do", Description: "towards " + kr.Key()})
	check(t, err)
	on := true
	conn, err := w.engine.CreateConnection(w.ctx, needle.CreateConnectionInput{
		Kind: "jira", Name: "Jira", Sources: []string{"SHOP"}, DefaultTeamID: &w.f.Team().ID,
		Settings: []*needle.SettingInput{{Name: "token", Value: "secret"}, {Name: "baseUrl", Value: url}},
	})
	check(t, err)
	check(t, w.client().Start(t.Context()))
	until(t, "the issue is linked", func() bool { return w.count(`SELECT count(*) FROM contributions`) == 1 })
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, WriteBack: &on})
	check(t, err)
	until(t, "what it serves is shown", func() bool { return len(server.Links(id)) == 1 })
	on = false
	_, err = w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, WriteBack: &on})
	check(t, err)
	until(t, "nothing is shown any more", func() bool { return len(server.Links(id)) == 0 })
}
