package needle_test

import (
	"context"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestPages(t *testing.T) {
	t.Parallel()
	args := func(a needle.PageArgs) error { return a.Validate() }
	checkRules(t, []rule{
		{"nothing asked", args(needle.PageArgs{}), ""},
		{"the largest", args(needle.PageArgs{First: ptr(100), After: ptr("c")}), ""},
		{"backwards", args(needle.PageArgs{Last: ptr(1), Before: ptr("c")}), ""},
		{"too large", args(needle.PageArgs{First: ptr(101)}), "OUT_OF_RANGE first"},
		{"none", args(needle.PageArgs{Last: ptr(0)}), "OUT_OF_RANGE last"},
		{"both ways", args(needle.PageArgs{First: ptr(-1), Last: ptr(-1)}), "INVALID last; OUT_OF_RANGE first; OUT_OF_RANGE last"},
		{"before without last", args(needle.PageArgs{Before: ptr("c")}), "INVALID before"},
		{"after with last", args(needle.PageArgs{Last: ptr(1), After: ptr("c")}), "INVALID after"},
	})
	counted := 0
	page := needle.NewPage([]int{7, 8}, true, false, func(n int) string { return string(rune('a' + n)) },
		func(context.Context) (int, error) { counted++; return 9, nil })
	if counted != 0 || *page.PageInfo.StartCursor() != "h" || *page.PageInfo.EndCursor() != "i" || page.Edges()[1].Cursor() != "i" {
		t.Errorf("the page is %+v", page)
	}
	if n, err := page.TotalCount(t.Context()); n != 9 || err != nil || counted != 1 {
		t.Errorf("the total is %d, %v", n, err)
	}
	empty := needle.NewPage[int](nil, false, false, nil, nil)
	if empty.PageInfo.StartCursor() != nil || empty.PageInfo.EndCursor() != nil || len(empty.Edges()) != 0 {
		t.Errorf("the empty page is %+v", empty)
	}
}
