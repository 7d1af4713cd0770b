package needle_test

import (
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestPeople(t *testing.T) {
	t.Parallel()
	user := func(email string) error { return needle.CreateUserInput{Name: "Ada", Email: email}.Validate() }
	const wrong = "INVALID input.email"
	checkRules(t, []rule{
		{"plain", user("ada+okr@example.co.uk"), ""},
		{"nothing", user(""), wrong},
		{"no domain", user("ada@"), wrong},
		{"with a name", user("Ada <ada@example.com>"), wrong},
		{"with blanks", user(" ada@example.com"), wrong},
		{"with NUL", user("ada\x00@example.com"), wrong},
		{"broken UTF-8", user("ada\xff@example.com"), wrong},
		{"too long", user(strings.Repeat("a", 250) + "@example.com"), wrong},
		{"no new name", needle.UpdateUserInput{Name: ptr("")}.Validate(), "REQUIRED input.name"},
		{"nothing new", needle.UpdateUserInput{}.Validate(), ""},
	})
}
