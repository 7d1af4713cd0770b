package main

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestKeys_areRotatedStepByStep(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	ring := store.KeyRing{Current: "1", Keys: map[string][]byte{"1": one}}
	s := store.New(storetest.Open(t, address), store.Config{Keys: ring})
	f := storetest.Seed(t, s.DB())
	for range 3 {
		if err := s.In(f.Workspace.ID).SetConnectionSecrets(t.Context(), f.Connection().ID, map[string]string{"token": "hidden"}); err != nil {
			t.Fatal(err)
		}
	}
	first, second := "1:"+base64.StdEncoding.EncodeToString(one), "2:"+base64.StdEncoding.EncodeToString(two)
	do := func(keys string, args ...string) ran {
		t.Helper()
		var out, problems bytes.Buffer
		status := run(t.Context(), args, &environment{
			stdout: &out, stderr: &problems, environ: func() []string { return nil },
			lookup: func(name string) (string, bool) {
				value, ok := map[string]string{"DATABASE_URL": address, "NEEDLE_SECRET_KEYS": keys}[name]
				return value, ok
			},
		})
		for _, secret := range []string{"hidden", first[2:], second[2:]} {
			if strings.Contains(out.String()+problems.String(), secret) {
				t.Errorf("%v tells a secret", args)
			}
		}
		return ran{status, out.String(), problems.String()}
	}
	const head = "KEY  SEALS  STATE\n"
	for _, step := range []struct {
		keys, command string
		want          ran
	}{
		{first, "status", ran{0, head + "1    3      current: seals what is new\n", ""}},
		{second + "," + first, "status", ran{0, head + "2    0      current: seals what is new\n1    3      old: needle keys rotate seals these with the current one\n", ""}},
		{second, "rotate", ran{1, "0 sealed anew; everything that opens is sealed with key 2\n", "needle: 3 are sealed with key 1, which is missing: put it back and run this again\n"}},
		{second + "," + first, "rotate", ran{0, "3 sealed anew; everything that opens is sealed with key 2\n", ""}},
		{second + "," + first, "status", ran{0, head + "2    3      current: seals what is new\n1    0      old: may be taken away\n", ""}},
		{second, "status", ran{0, head + "2    3      current: seals what is new\n", ""}},
		{
			first, "status",
			ran{
				1, head + "1    0      current: seals what is new\n2    3      missing: what it seals cannot be opened\n",
				"needle: keys that are missing: 1; put them back into NEEDLE_SECRET_KEYS, or give the connections their credentials again\n",
			},
		},
	} {
		if diff := cmp.Diff(step.want, do(step.keys, "keys", step.command), cmp.AllowUnexported(ran{})); diff != "" {
			t.Errorf("%s with %s: %s", step.command, step.keys[:1], diff)
		}
	}
	if got := do("", "keys", "rotate"); got.status != exitFailed || !strings.Contains(got.errors, "NEEDLE_SECRET_KEYS is required") {
		t.Errorf("without keys: %+v", got)
	}
}
