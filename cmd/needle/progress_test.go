package main

import (
	"bytes"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// event is a step of a pass over one source, two seconds in.
func event(total, seen, skipped int, state needle.SyncState, reason string) syncing.Event {
	run := needle.SyncRun{State: state, Reason: reason}
	run.Seen, run.Skipped = seen, skipped
	return syncing.Event{Source: needle.Source{RemoteKey: "octo/shop"}, Run: run, Total: total, Elapsed: 2 * time.Second}
}

func TestProgress_writesLinesWhereNobodyLooks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		total int
		want  string
	}{
		"counting up":     {0, "octo/shop: 40, 20/s, reading\nocto/shop: 90, 45/s, done\nocto/shop: 90, 45/s, stopped: no such repository\n"},
		"towards a total": {80, "octo/shop: 40 of about 80, 20/s, reading\nocto/shop: 80 of about 80, 45/s, done\nocto/shop: 80 of about 80, 45/s, stopped: no such repository\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			p := &progress{out: &out}
			p.tell(event(c.total, 30, 10, needle.SyncRunning, ""))
			p.tell(event(c.total, 70, 20, needle.SyncSucceeded, ""))
			p.tell(event(c.total, 70, 20, needle.SyncFailed, "no such repository"))
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOneLine_putsJoinedErrorsBesideEachOther(t *testing.T) {
	t.Parallel()
	if got := oneLine(errors.Join(errors.New("a"), errors.New("b"))); got != "a; b" {
		t.Errorf("got %q", got)
	}
}

func TestAddressOf_leadsToTheListener(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{"127.0.0.1:0": "http://127.0.0.1:", ":0": "http://127.0.0.1:"} {
		l, err := listen(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if got := addressOf(l); got != want+port {
			t.Errorf("%s: got %s", at, got)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestParseScopes_knowsAllAndNoOthers(t *testing.T) {
	t.Parallel()
	got, err := parseScopes([]string{"read", " write_okr"})
	if diff := cmp.Diff([]needle.TokenScope{needle.ScopeRead, needle.ScopeWriteOKR}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if all, err := parseScopes(nil); err != nil || len(all) != len(needle.AllScopes()) {
		t.Errorf("without names: %v, %v", all, err)
	}
	if _, err := parseScopes([]string{"fly"}); err == nil {
		t.Error("flying is a scope")
	}
}
