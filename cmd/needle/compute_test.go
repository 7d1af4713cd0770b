package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestCompute_saysWhetherAnythingThatCountedCameOutOtherwise(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	db := storetest.Open(t, address)
	f := storetest.Seed(t, db)
	k := f.KeyResult()
	f.Contribution(func(c *needle.Contribution) { c.KeyResultID = k.ID })
	for _, step := range []struct {
		name, before string
		want         ran
	}{
		{"the first time", "SELECT 1", ran{0, "1 key results worked out anew\n", ""}},
		{"again", "SELECT 1", ran{0, "1 key results worked out anew\n", ""}},
		{
			"after somebody wrote past the marks", "UPDATE computed_attributions SET answer = '{}'",
			ran{
				1, "1 key results worked out anew\n",
				"needle: 1 came out otherwise than before although nothing was marked as written; they are right now: please report this\n",
			},
		},
		{"after that", "SELECT 1", ran{0, "1 key results worked out anew\n", ""}},
	} {
		if _, err := db.ExecContext(t.Context(), step.before); err != nil {
			t.Fatal(err)
		}
		var out, problems bytes.Buffer
		status := run(t.Context(), []string{"compute"}, &environment{
			stdout: &out, stderr: &problems, environ: func() []string { return nil },
			lookup: func(name string) (string, bool) { return address, name == "DATABASE_URL" },
		})
		if diff := cmp.Diff(step.want, ran{status, out.String(), problems.String()}, cmp.AllowUnexported(ran{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}
