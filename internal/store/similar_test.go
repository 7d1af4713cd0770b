package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// crowd fills the workspace with thousands of pain points about many things, some of them with very long texts.
func crowd(t *testing.T, db *bun.DB, f *storetest.Factory) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), `
		INSERT INTO pain_points (workspace_id, id, number, title, description, category, severity, status, root_id, created_by, created_at, updated_at, version)
		SELECT ?0, u.id, 1000 + n, 'Widget ' || md5(n::text) || ' is ' || md5((n * 7)::text),
			CASE n % 100 WHEN 0 THEN repeat('common words of the trade ' || md5(n::text) || ' ', 800) ELSE 'common words of the trade' END,
			'QUALITY', 3, 'OPEN', u.id, ?1, ?2, ?2, 1
		FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, 5000) AS n) AS u`, f.Workspace.ID, f.Owner.ID, storetest.Now()); err != nil {
		t.Fatal(err)
	}
	// A fresh index keeps what was added in a list of its own, which the planner takes for expensive.
	if _, err := db.ExecContext(t.Context(), `VACUUM ANALYZE pain_points`); err != nil {
		t.Fatal(err)
	}
}

func similar(t *testing.T, s store.Scope, in needle.SimilarArgs) []string {
	t.Helper()
	found, err := s.SimilarPainPoints(t.Context(), in)
	if err != nil {
		t.Fatalf("%v for %.80q", err, in.Title)
	}
	out := []string{}
	for _, f := range found {
		if f.Similarity < 0.3 || f.Similarity > 1 {
			t.Errorf("%s is similar to %v", f.PainPoint.Title, f.Similarity)
		}
		out = append(out, fmt.Sprintf("%s %s", f.PainPoint.Title, f.Reason))
	}
	return out
}

func TestSimilarPainPoints(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f, other := storetest.Seed(t, db), storetest.Seed(t, db)
	s := store.New(db, store.Config{}).In(f.Workspace.ID)
	title := func(text, more string) func(*needle.PainPoint) {
		return func(p *needle.PainPoint) { p.Title, p.Description = text, more }
	}
	refunds := f.PainPoint(title("Refunds take two weeks", "Nobody tells the customer when money comes back"))
	f.PainPoint(title("Refund takes weeks", ""), func(p *needle.PainPoint) { p.MergedIntoID = &refunds.ID })
	f.PainPoint(title("请 退款 太慢", ""))
	other.PainPoint(title("Refunds take two weeks", ""))
	crowd(t, db, f)
	hostile := strings.Repeat("a & | ! ( <-> :* ' \\ % \x00 \xff ", 2000)
	for name, c := range map[string]struct {
		in   needle.SimilarArgs
		want []string
	}{
		"a title that is spelt alike":           {needle.SimilarArgs{Title: "refund takes two week"}, []string{"Refunds take two weeks TITLE"}},
		"words of the description":              {needle.SimilarArgs{Title: "Where is my money?", Description: ptr("The customer waits, nobody tells anything when it comes back")}, []string{"Refunds take two weeks WORDS"}},
		"itself, while it is written":           {needle.SimilarArgs{Title: "Refunds take two weeks", Excluding: &refunds.ID}, []string{}},
		"words of a script without letters":     {needle.SimilarArgs{Title: "退款 问题"}, []string{"请 退款 太慢 WORDS"}},
		"nothing":                               {needle.SimilarArgs{}, []string{}},
		"operators only":                        {needle.SimilarArgs{Title: "& | ! ( <-> :* '"}, []string{}},
		"operators without end":                 {needle.SimilarArgs{Title: hostile, Description: &hostile}, []string{}},
		"50,000 letters":                        {needle.SimilarArgs{Title: strings.Repeat("x", 50_000), Description: ptr(strings.Repeat("y", 50_000))}, []string{}},
		"a million words":                       {needle.SimilarArgs{Title: strings.Repeat("z q ", 250_000)}, []string{}},
		"what is also a word of everybody else": {needle.SimilarArgs{Title: "Refunds take two weeks", Description: ptr("common words of the trade")}, []string{"Refunds take two weeks TITLE"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.in.First = 1
			began := time.Now()
			if diff := cmp.Diff(c.want, similar(t, s, c.in)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			// Even on a machine that does much else, and with words that every pain point has.
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestSimilarPainPoints_areAFewOnly(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	s := store.New(db, store.Config{}).In(storetest.Seed(t, db).Workspace.ID)
	for _, first := range []int{0, 21} {
		_, err := s.SimilarPainPoints(t.Context(), needle.SimilarArgs{Title: "x", First: first})
		if problems := needle.UserErrors(err); len(problems) != 1 || problems[0].Code != needle.CodeOutOfRange {
			t.Errorf("%d answers: %v", first, err)
		}
	}
}

func TestSimilarPainPoints_readIndexes(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	crowd(t, db, f)
	s := store.New(db, store.Config{}).In(f.Workspace.ID)
	sent := storetest.CountStatements(t, db).Statements(func() {
		similar(t, s, needle.SimilarArgs{Title: "Refunds take two weeks", Description: ptr("Nobody tells customers"), First: 5})
	})
	if len(sent) != 2 {
		t.Fatalf("it takes %d statements, want the limit and the question: %q", len(sent), sent)
	}
	var lines []string
	if err := db.NewRaw("EXPLAIN "+sent[1]).Scan(t.Context(), &lines); err != nil {
		t.Fatal(err)
	}
	plan := strings.Join(lines, "\n")
	for _, index := range []string{"pain_points_title_trgm_idx", "pain_points_words_idx"} {
		if !strings.Contains(plan, index) {
			t.Errorf("%s is not read:\n%s", index, plan)
		}
	}
}

func ptr[T any](v T) *T { return &v }
