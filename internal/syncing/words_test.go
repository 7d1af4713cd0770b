package syncing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

func TestTextLinks_readsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	f := func(v float64) *float64 { return &v }
	d := func(v int) *int { return &v }
	drives := func(kr int) textLink { return textLink{kr, needle.Bet{Role: needle.RoleDrives}} }
	for text, want := range map[string][]textLink{
		"Needle: drives KR-42 +3..6% in 14-30d": {{42, needle.Bet{
			Role: needle.RoleDrives, ExpectedLow: f(3), ExpectedHigh: f(6), LagMinDays: d(14), LagMaxDays: d(30),
		}}},
		"- needle: Enables kr-7 -3..6 ms in 2w, guards KR-8; learns from KR-9.": {
			{7, needle.Bet{Role: needle.RoleEnables, ExpectedLow: f(-6), ExpectedHigh: f(-3), LagMinDays: d(14), LagMaxDays: d(14)}},
			{8, needle.Bet{Role: needle.RoleGuards}},
			{9, needle.Bet{Role: needle.RoleLearns}},
		},
		"**Needle:** drives KR-1":                     {drives(1)},
		"*Needle: drives KR-1*":                       {drives(1)},
		"This goes towards KR-42, and Towards kr-43.": {drives(42), drives(43)},
		"Needle: towards KR-42, towards KR-43 +3 in 7d": {drives(42), {43, needle.Bet{
			Role: needle.RoleDrives, ExpectedLow: f(3), ExpectedHigh: f(3), LagMinDays: d(7), LagMaxDays: d(7),
		}}},
		"towards KR-42\nNeedle: guards KR-42":                               {{42, needle.Bet{Role: needle.RoleGuards}}},
		"Needle: drives KR-4 0.5..0.75 tickets/week in 1-2 weeks":           {{4, needle.Bet{Role: needle.RoleDrives, ExpectedLow: f(0.5), ExpectedHigh: f(0.75), LagMinDays: d(7), LagMaxDays: d(14)}}},
		"Needle: drives KR-4 in 30-14d":                                     nil, // the longest is below the shortest
		"Needle: drives KR-4 in 9999d":                                      nil,
		"Needle: drive KR-4, drives KR-0, drives O-4, drives KR-4 and more": nil,
		"> Needle: drives KR-4\n> towards KR-5":                             nil,
		"```\ntowards KR-4\n```\n    towards KR-5\n\ttowards KR-6":          nil,
		"backtowards KR-4 towards KR-4x":                                    nil,
		"":                                                                  nil,
	} {
		if diff := cmp.Diff(want, textLinks("", text), cmp.AllowUnexported(textLink{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if got := textLinks("Refunds, towards KR-5", "Nothing"); len(got) != 1 || got[0].keyResult != 5 {
		t.Errorf("the title gave %+v", got)
	}
}

func FuzzTextLinks(f *testing.F) {
	f.Add("Needle: drives KR-42 +3..6% in 14-30d")
	f.Add(strings.Repeat("towards KR-1 ", 100))
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[int]bool{}
		for _, link := range textLinks(text, text) {
			if link.keyResult < 1 || seen[link.keyResult] || link.bet.Role == "" || link.bet.Validate("") != nil {
				t.Errorf("%q links %+v", text, link)
			}
			seen[link.keyResult] = true
		}
	})
}
