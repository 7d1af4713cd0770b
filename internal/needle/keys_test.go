package needle_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestKeys_areReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, row := range [][2]string{{"KR-42", "KR"}, {"kr-42", "KR"}, {" b-42 ", "B"}, {"O-42", "O"}, {"p-042", "P"}} {
		in, want := row[0], row[1]
		letters, number, ok := needle.ParseKey(in)
		if !ok || letters != want || number != 42 {
			t.Errorf("%q is %s %d, %v", in, letters, number, ok)
		}
	}
	for _, in := range []string{"", "KR", "KR-", "KR-0", "KR--1", "KR-+1", "X-1", "KR-1.5", "KR-99999999999999999999", "KR 1"} {
		if letters, number, ok := needle.ParseKey(in); ok {
			t.Errorf("%q is %s %d", in, letters, number)
		}
	}
	if got := (&needle.KeyResult{Number: 42}).Key(); got != "KR-42" {
		t.Errorf("the key is %s", got)
	}
}
