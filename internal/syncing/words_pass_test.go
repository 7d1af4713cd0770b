package syncing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
)

// links tells every link that ever was as "KR-1 DRIVES TEXT 3..6 in 14..30", with "ended" behind those that no longer hold,
// in the order in which they began.
func (w *world) links() []string {
	w.t.Helper()
	rows, err := w.store.DB().QueryContext(w.t.Context(), `
		SELECT 'KR-' || k.number || ' ' || c.role || ' ' || c.origin
			|| coalesce(' ' || c.expected_low || '..' || c.expected_high, '') || coalesce(' in ' || c.lag_min_days || '..' || c.lag_max_days, '')
			|| CASE WHEN c.valid_to IS NULL THEN '' ELSE ' ended' END
		FROM contributions AS c JOIN key_results AS k ON k.workspace_id = c.workspace_id AND k.id = c.key_result_id
		ORDER BY c.valid_from, k.number`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, one)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) wantLinks(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.links()); diff != "" {
		w.t.Errorf("the links are others (-want +got):\n%s", diff)
	}
}

func TestPasses_linkWhatTextsDeclare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.f.KeyResult(), w.f.KeyResult()
	conn := w.connect()
	number, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Faster refunds", Body: "Needle: drives KR-1 +3..6% in 14-30d\n\nAlso towards KR-2 and KR-99."})
	must(t, number, err)
	say := func(body string) {
		t.Helper()
		w.clock.pass(time.Minute)
		if err := w.gh.Update(shop, number, fakegithub.Change{Body: &body}); err != nil {
			t.Fatal(err)
		}
		w.sync(conn)
	}
	w.sync(conn)
	w.wantLinks("KR-1 DRIVES TEXT 3..6 in 14..30", "KR-2 DRIVES TEXT")

	// An edit is a new version of the link, a removal ends it.
	say("Needle: enables KR-1 +1..2%")
	w.wantLinks("KR-1 ENABLES TEXT 1..2", "KR-2 DRIVES TEXT ended")
	if n := w.count(`SELECT count(*) FROM contribution_versions`); n != 4 {
		t.Errorf("%d versions were kept, want two links, one edit and one end", n)
	}
	say("Needle: enables KR-1 +1..2%\ntowards KR-2")
	w.wantLinks("KR-1 ENABLES TEXT 1..2", "KR-2 DRIVES TEXT ended", "KR-2 DRIVES TEXT")

	// What a person says goes before the text, also that there is no link.
	for statement, key := range map[string]needle.KeyResultID{
		`UPDATE contributions SET origin = 'PERSON', role = 'GUARDS', author_id = ? WHERE key_result_id = ? AND valid_to IS NULL`:       first.ID,
		`UPDATE contributions SET origin = 'PERSON', author_id = ?, valid_to = valid_from WHERE key_result_id = ? AND valid_to IS NULL`: second.ID,
	} {
		if _, err := w.store.DB().ExecContext(t.Context(), statement, w.f.Owner.ID, key); err != nil {
			t.Fatal(err)
		}
	}
	say(fmt.Sprintf("Needle: drives %s, drives %s", first.Key(), second.Key()))
	w.wantLinks("KR-1 GUARDS PERSON 1..2", "KR-2 DRIVES TEXT ended", "KR-2 DRIVES PERSON ended")
}

func TestPasses_letTextsGoBeforeRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern, r.Role = "refunds", needle.RoleEnables })
	conn := w.connect()
	number, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Faster refunds", Labels: []string{"refunds"}})
	must(t, number, err)
	w.sync(conn)
	w.wantLinks("KR-1 ENABLES RULE")
	w.clock.pass(time.Minute)
	body := "Needle: drives KR-1"
	if err := w.gh.Update(shop, number, fakegithub.Change{Body: &body}); err != nil {
		t.Fatal(err)
	}
	w.sync(conn)
	w.wantLinks("KR-1 DRIVES TEXT")
	// Without the text the rule holds again.
	w.clock.pass(time.Minute)
	empty := ""
	if err := w.gh.Update(shop, number, fakegithub.Change{Body: &empty}); err != nil {
		t.Fatal(err)
	}
	w.sync(conn)
	w.wantLinks("KR-1 ENABLES RULE")
	if n := w.count(`SELECT count(*) FROM contribution_versions`); n != 3 {
		t.Errorf("%d versions were kept, want one of the rule, one of the text and one of the rule again", n)
	}
}
