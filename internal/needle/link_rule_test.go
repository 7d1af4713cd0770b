package needle_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/needle-okr/needle/internal/needle"
)

func TestMatchGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob, key string
		want      bool
	}{
		{"acme/*", "acme/shop", true},
		{"acme/*", "ACME/Shop", true},
		{"acme/*", "acme/shop/old", false},
		{"acme/*", "acme", false},
		{"acme/**", "acme/shop/old", true},
		{"acme/**", "acme", true},
		{"**", "anything/at/all", true},
		{"**/*.csv", "a/b/c.csv", true},
		{"**/*.csv", "c.csv", true},
		{"a/**/b/**/c", "a/x/b/y/z/c", true},
		{"a/**/b/**/c", "a/x/y/z/c", false},
		{"SHOP", "shop", true},
		{"SHOP", "SHOPS", false},
		{"pay-?", "pay-1", true},
		{"pay-[0-9]", "pay-7", true},
		{"pay-[0-9]", "pay-x", false},
		{`100\%_*`, "100%_done", true},
		{"%", "anything", false},
		{"_hop", "shop", false},
		{"(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!", false},
		{strings.Repeat("**/", 60) + "x", strings.Repeat("a/", 200) + "y", false},
		{strings.Repeat("*a", 100), strings.Repeat("a", 400), true},
		{strings.Repeat("*a", 100) + "b", strings.Repeat("a", 400), false},
		{"[", "[", false},
		{"", "", true},
		{"", "x", false},
		{"é*", "Été", true},
	} {
		if got := needle.MatchGlob(c.glob, c.key); got != c.want {
			t.Errorf("MatchGlob(%.40q, %.40q) = %v, want %v", c.glob, c.key, got, c.want)
		}
	}
}

func FuzzMatchGlob(f *testing.F) {
	f.Add("acme/**", "acme/shop")
	f.Add("[a-", "x")
	f.Fuzz(func(t *testing.T, glob, key string) {
		a, b := strings.ToLower(glob), strings.ToLower(key)
		if !strings.ContainsAny(glob, `*?[\`) && utf8.ValidString(glob) && utf8.ValidString(key) && needle.MatchGlob(glob, key) != (a == b) {
			t.Errorf("MatchGlob(%q, %q) is not equality", glob, key)
		}
	})
}

func TestLinkRules(t *testing.T) {
	t.Parallel()
	connection := needle.NewConnectionID()
	written := func(kind needle.LinkRuleKind, pattern string, bet *needle.BetInput, on *needle.ConnectionID) error {
		return needle.CreateLinkRuleInput{Kind: &kind, Pattern: pattern, Bet: bet, ConnectionID: on}.Validate()
	}
	checkRules(t, []rule{
		{"a label", written(needle.LinkByLabel, "%_[(", nil, nil), ""},
		{"blanks and NUL", written(needle.LinkByEpic, " \x00 ", nil, nil), "REQUIRED input.pattern"},
		{"too long", written(needle.LinkByLabel, strings.Repeat("é", 501), nil, nil), "TOO_LONG input.pattern"},
		{"a glob", written(needle.LinkByPath, "acme/[a-z]*/**", nil, nil), ""},
		{"a glob without an end", written(needle.LinkByPath, "acme/[a", nil, nil), "INVALID input.pattern"},
		{"a glob that ends in an escape", written(needle.LinkByPath, `acme\`, nil, nil), "INVALID input.pattern"},
		{"a query", written(needle.LinkByQuery, "labels = x", nil, &connection), ""},
		{"a query nowhere", written(needle.LinkByQuery, "labels = x", nil, nil), "REQUIRED input.connectionId"},
		{"half a range", written(needle.LinkByLabel, "x", &needle.BetInput{ExpectedLow: ptr(1.0)}, nil), "REQUIRED input.bet.expectedHigh"},
		{
			"learning by numbers", written(needle.LinkByLabel, "x", &needle.BetInput{
				Role: ptr(needle.RoleLearns), ExpectedLow: ptr(1.0), ExpectedHigh: ptr(1.0),
			}, nil), "INVALID input.bet.expectedLow",
		},
	})
}
