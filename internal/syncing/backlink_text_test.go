package syncing

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

func ptr[T any](v T) *T { return &v }

// onboarding is a measured key result that the work drives.
func onboarding(change ...func(*servedResult)) servedResult {
	r := servedResult{KeyResult: &needle.KeyResult{
		Number: 42, Title: "Reduce onboarding time", Kind: needle.KindMetric, Direction: needle.DirectionDecrease, Unit: "d",
		Goal: needle.Goal{Baseline: ptr(12.0), Target: ptr(6.0)}, CurrentValue: ptr(9.5), LagMinDays: 14, LagMaxDays: 30,
	}, bet: needle.Bet{Role: needle.RoleDrives, ExpectedLow: ptr(-3.0), ExpectedHigh: ptr(-1.0)}}
	for _, c := range change {
		c(&r)
	}
	return r
}

func TestBacklinkFacts_sayWhatIsKnown(t *testing.T) {
	t.Parallel()
	delivered := time.Date(2026, 10, 4, 15, 0, 0, 0, time.UTC)
	const end = "\n\nServes KR-42 Reduce onboarding time. Needle keeps this up to date; what is changed here by hand is lost."
	for name, c := range map[string]struct {
		facts backlinkFacts
		want  string
	}{
		"before the delivery": {
			backlinkFacts{served: []servedResult{onboarding()}},
			"KR-42: 12 → 9.5 → 6 d (baseline → now → target). This work drives it; the bet is a change of −3 to −1 d. The verdict falls due after delivery + 14–30 d. No other work serves it." + end,
		},
		"after the delivery": {
			backlinkFacts{deliveredAt: &delivered, status: needle.StatusDone, served: []servedResult{onboarding(func(r *servedResult) { r.others = 3 })}},
			"KR-42: 12 → 9.5 → 6 d (baseline → now → target). This work drives it; the bet is a change of −3 to −1 d. The verdict falls due on 2026-11-03. 3 other items share its window." + end,
		},
		"with a lag of its own, nothing measured and no bet": {
			backlinkFacts{served: []servedResult{onboarding(func(r *servedResult) {
				r.bet, r.others = needle.Bet{Role: needle.RoleLearns, LagMinDays: ptr(7), LagMaxDays: ptr(7)}, 1
				r.CurrentValue, r.Baseline = nil, nil
			})}},
			"KR-42: 6 d (target). This work learns for it; no change was bet on. The verdict falls due after delivery + 7 d. 1 other item serves it." + end,
		},
		"dropped work": {
			backlinkFacts{status: needle.StatusDropped, served: []servedResult{onboarding(func(r *servedResult) { r.bet.ExpectedHigh = ptr(-3.0) })}},
			"KR-42: 12 → 9.5 → 6 d (baseline → now → target). This work drives it; the bet is a change of −3 d. The work was dropped, so no verdict falls due. No other work serves it." + end,
		},
		"a closed objective": {
			backlinkFacts{deliveredAt: &delivered, served: []servedResult{onboarding(func(r *servedResult) { r.closed, r.Score = true, ptr(0.7) })}},
			"KR-42: 12 → 9.5 → 6 d (baseline → now → target). This work drives it; the bet is a change of −3 to −1 d. Its objective is closed, with a score of 0.7. No other work shares its window." + end,
		},
		"a guard": {
			backlinkFacts{served: []servedResult{onboarding(func(r *servedResult) {
				r.Direction, r.Unit, r.BandLow, r.BandHigh, r.bet = needle.DirectionMaintain, "%", ptr(9.0), ptr(10.0), needle.Bet{Role: needle.RoleGuards}
			})}},
			"KR-42: to stay between 9 and 10%, now 9.5% (held). This work guards it; no change was bet on. The verdict falls due after delivery + 14–30 d. No other work serves it." + end,
		},
		"a milestone": {
			backlinkFacts{served: []servedResult{onboarding(func(r *servedResult) {
				r.Kind, r.Direction, r.Target, r.CurrentValue = needle.KindMilestone, needle.DirectionIncrease, ptr(1.0), ptr(0.0)
				r.bet = needle.Bet{Role: needle.RoleEnables}
			})}},
			"KR-42: a milestone, not reached yet. This work enables it; no change was bet on. The verdict falls due after delivery + 14–30 d. No other work serves it." + end,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.facts.body()); diff != "" {
				t.Errorf("the body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBacklinkFacts_nameAllThatIsServed(t *testing.T) {
	t.Parallel()
	f := backlinkFacts{base: "https://needle.example", served: []servedResult{onboarding()}}
	for i, want := range []string{
		"Serves KR-42 Reduce onboarding time", "Serves KR-42 Reduce onboarding time and KR-43", "Serves KR-42 Reduce onboarding time and 2 more",
	} {
		if got := f.title(); got != want {
			t.Errorf("the title is %q, want %q", got, want)
		}
		f.served = append(f.served, onboarding(func(r *servedResult) { r.Number = 43 + i }))
	}
	if body := f.body(); strings.Count(body, "\n\nKR-4") != 3 || !strings.Contains(body, "[KR-43 Reduce onboarding time](https://needle.example/KR-43)") {
		t.Errorf("the body is %s", body)
	}
}

func TestBacklinkFacts_nameNobodyAndLinkNothing(t *testing.T) {
	t.Parallel()
	f := backlinkFacts{served: []servedResult{onboarding(func(r *servedResult) {
		r.Title = "Ask @everyone\nabout #12, GH-7, octo/shop#3 <!-- x --> [here](https://evil.example) `now` \x00"
		r.Unit = "*d* @all"
	})}}
	b := f.backlink()
	for _, text := range []string{b.Title, b.Body} {
		for _, bad := range []string{"@everyone", "@all", "#12", "#3", "GH-7", "https://", "\x00"} {
			if strings.Contains(text, bad) {
				t.Errorf("%q is in %q", bad, text)
			}
		}
	}
	for _, bad := range []string{"<!--", "[here]", "*d*", " `now`"} {
		if strings.Contains(b.Body, bad) && !strings.Contains(b.Body, `\`+bad) {
			t.Errorf("%q is in %q", bad, b.Body)
		}
	}
	if strings.Contains(b.Title, "\n") {
		t.Errorf("the title has several lines: %q", b.Title)
	}
}

func FuzzBacklinkFacts_staysOnItsLines(f *testing.F) {
	f.Add("Reduce\r\nonboarding time", "d", 1e300)
	f.Add("\u2028", "\xff", -0.0000001)
	f.Fuzz(func(t *testing.T, title, unit string, value float64) {
		facts := backlinkFacts{served: []servedResult{onboarding(func(r *servedResult) { r.Title, r.Unit, r.CurrentValue = title, unit, &value })}}
		b := facts.backlink()
		if strings.ContainsAny(b.Title, "\n\r\x00") || strings.Count(b.Body, "\n\n") != 1 {
			t.Errorf("title %q, body %q", b.Title, b.Body)
		}
		if string(backlinkHash(b)) != string(backlinkHash(facts.backlink())) {
			t.Error("the same facts give two hashes")
		}
	})
}
