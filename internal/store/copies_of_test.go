package store

import (
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func TestCopiesOf_takesWhatACopyCanTell(t *testing.T) {
	t.Parallel()
	s := Scope{now: time.Now}
	for name, c := range map[string]struct {
		issue needle.Issue
		able  bool
	}{
		"plain":                    {needle.Issue{Title: "one", Body: "two"}, true},
		"lines, tabs, backslashes": {needle.Issue{Title: "\t\\N", Body: "\r\n\\.\n"}, true},
		"any character in a list":  {needle.Issue{Labels: []string{"\x1e", "\x1f"}}, true},
		"a separator":              {needle.Issue{Title: "a\x1fb"}, false},
		"nothing":                  {needle.Issue{Body: "\x1e"}, false},
	} {
		got, able := s.copiesOf(needle.NewConnectionID(), []hashed{{Issue: &c.issue, hash: []byte{1}}})
		if able != c.able || able && len(got.rows) != 1 {
			t.Errorf("%s: %v, %v", name, got, able)
		}
	}
}
