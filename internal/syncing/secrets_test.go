package syncing_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// TestSecrets_areNowhere creates connections, fails with them in every way, with a tracker that repeats the credentials it
// is given, and then looks for them in the log, in the answers and in every text of the database.
func TestSecrets_areNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var log bytes.Buffer
	engine, err := syncing.New(syncing.Config{
		Store: w.store, Registry: w.registry(), Now: w.clock.now, PageSize: 10, Transport: &http.Transport{DisableKeepAlives: true},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	check(t, err)
	secrets := []string{"github_pat_FIRST_secret", "github_pat_SECOND_secret"}
	var said []any
	note := func(values ...any) { said = append(said, values...) }

	echo := func(status int) {
		w.spoilWith(func(r *http.Request) *fakegithub.Fault {
			return fakegithub.Message(status, "refused: "+r.Header.Get("Authorization"))
		})
	}
	w.open(2)
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.Settings[0].Value = secrets[0] })
	for _, status := range []int{401, 403, 404, 410, 422, 429, 500, 502} {
		echo(status)
		got, err := engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: needle.TrackerInput{ConnectionID: &conn.ID}})
		note(got, err)
		got, err = engine.CheckConnection(w.ctx, needle.CheckConnectionInput{TrackerInput: w.kindAndSettings(secrets[1])})
		note(got, err)
		offer, err := engine.AvailableSources(w.ctx, needle.AvailableSourcesInput{TrackerInput: w.kindAndSettings(secrets[1])})
		note(offer, err)
		updated, err := engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{
			ID: conn.ID, Settings: []*needle.SettingInput{{Name: "token", Value: secrets[1]}},
		})
		note(updated, err)
		report, err := engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
		note(report, err)
	}
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if !lists(r) {
			return nil
		}
		return fakegithub.Message(http.StatusNotFound, "refused: "+r.Header.Get("Authorization"))
	})
	report, err := engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	note(report, err)
	facts, err := w.scope.ConnectionFacts(t.Context(), []*needle.Connection{w.connection(conn.ID)})
	check(t, err)
	note(fmt.Sprintf("%+v", *facts[0].Health(w.clock.now())))

	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) {
			t.Error("the log tells a secret")
		}
		for _, one := range said {
			if text := fmt.Sprintf("%+v", one); strings.Contains(text, secret) {
				t.Errorf("an answer tells a secret: %s", text)
			}
		}
		for _, where := range w.textsHolding(secret) {
			t.Errorf("%s holds a secret", where)
		}
	}
	if log.Len() == 0 || w.count(`SELECT count(*) FROM activities WHERE verb = 'FAILED'`) == 0 {
		t.Error("nothing went wrong, so nothing was shown")
	}
}

// textsHolding lists the tables with a row that holds a text, sealed columns and raw records included.
func (w *world) textsHolding(text string) []string {
	w.t.Helper()
	var tables []string
	check(w.t, w.store.DB().NewRaw(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`).
		Scan(w.t.Context(), &tables))
	var holding []string
	for _, table := range tables {
		// Bytes are written as hexadecimal digits in the text of a row.
		if w.count(`SELECT count(*) FROM "`+table+`" AS t WHERE strpos(t::text, ?) > 0 OR strpos(t::text, encode(?::bytea, 'hex')) > 0`, text, []byte(text)) > 0 {
			holding = append(holding, table)
		}
	}
	return holding
}
