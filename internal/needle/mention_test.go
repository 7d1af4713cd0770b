package needle_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	mia, vic := needle.NewUserID(), needle.NewUserID()
	is := func(name string, id needle.UserID) needle.Mention { return needle.Mention{Name: name, UserID: id} }
	for text, want := range map[string][]needle.Mention{
		"":                             nil,
		"Nobody":                       nil,
		"@Mia":                         nil,
		"[Mia](usr)":                   nil,
		fmt.Sprintf("[@Mia](%s)", mia): {is("Mia", mia)},
		fmt.Sprintf("Hello [@Mia M. (shop)](%s)!", mia):                  {is("Mia M. (shop)", mia)},
		fmt.Sprintf("[@Vic](%s)[@Mia](%s) [@Victor](%[1]s)", vic, mia):   {is("Vic", vic), is("Mia", mia)},
		fmt.Sprintf("[[@Mia](%s)]", mia):                                 {is("Mia", mia)},
		fmt.Sprintf("[@ not this [@Mia](%s)", mia):                       {is("Mia", mia)},
		fmt.Sprintf("[Mia](%s)", mia):                                    nil,
		fmt.Sprintf(`\[@Mia](%s)`, mia):                                  nil,
		fmt.Sprintf(`\\[@Mia](%s)`, mia):                                 {is("Mia", mia)},
		fmt.Sprintf(`\\\[@Mia](%s) and [@Vic](%s)`, mia, vic):            {is("Vic", vic)},
		fmt.Sprintf("[@](%s)", mia):                                      nil,
		fmt.Sprintf("[@Mia\n](%s)", mia):                                 nil,
		fmt.Sprintf("[@Mia](%s", mia):                                    nil,
		fmt.Sprintf("[@%s](%s)", strings.Repeat("x", 1000), mia):         nil,
		"[@Mia](https://example.com)":                                    nil,
		"[@Mia](team_00000000000000000000000000)":                        nil,
		"[@Mia](usr_me) and [@Otto](usr_you)":                            {is("Mia", needle.UserID{}), is("Otto", needle.UserID{})},
		"[@Max](" + strings.ToUpper(mia.String()) + ")":                  nil,
		"[@日本](" + mia.String() + ")":                                    {is("日本", mia)},
		fmt.Sprintf("[@Mia](%s) [@Mia](%[1]s) [@Nina](usr_nobody)", mia): {is("Mia", mia), is("Nina", needle.UserID{})},
	} {
		if diff := cmp.Diff(want, needle.Mentions(text)); diff != "" {
			t.Errorf("%q mentions others:\n%s", text, diff)
		}
	}
}

func TestMentions_ofManyOpeningsTakesItsTimeOnce(t *testing.T) {
	t.Parallel()
	if found := needle.Mentions(strings.Repeat("[@", needle.MaxText/2)); found != nil {
		t.Errorf("it mentions %v", found)
	}
}

func FuzzMentions(f *testing.F) {
	id := needle.NewUserID().String()
	for _, text := range []string{"[@Mia](" + id + ")", `\[@Mia](` + id + ")", "[@a](usr_b)", "[@[@](usr_", "\xff[@\x00](usr_)"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := needle.Mentions(text)
		seen := map[needle.UserID]bool{}
		for _, m := range found {
			if m.Name == "" || strings.ContainsAny(m.Name, "[]\n") {
				t.Errorf("%q mentions somebody as %q", text, m.Name)
			}
			if !m.UserID.IsZero() && !strings.Contains(text, "[@"+m.Name+"]("+m.UserID.String()+")") || seen[m.UserID] {
				t.Errorf("%q does not mention %v, or twice", text, m)
			}
			seen[m.UserID] = !m.UserID.IsZero()
		}
		// What was found stands by itself: written again, it is found again.
		var again strings.Builder
		for _, m := range found {
			if !m.UserID.IsZero() {
				again.WriteString("[@" + m.Name + "](" + m.UserID.String() + ") ")
			}
		}
		for i, m := range needle.Mentions(again.String()) {
			if m.UserID.IsZero() || i >= len(found) {
				t.Errorf("%q, written again as %q, mentions %v", text, again.String(), m)
			}
		}
	})
}
