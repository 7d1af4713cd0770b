package needle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

func TestReadWording(t *testing.T) {
	t.Parallel()
	share := func(v float64) *needle.ImpliedGoal { return &needle.ImpliedGoal{RelativeChange: &v} }
	span := func(from, to float64) *needle.ImpliedGoal { return &needle.ImpliedGoal{Baseline: &from, Target: &to} }
	for wording, want := range map[string]*needle.ImpliedGoal{
		"":                                   nil,
		"Make customers happy":               nil,
		"reduce by 50 %":                     share(-0.5),
		"Reduce the waiting time by 50%.":    share(-0.5),
		"cut it by 12.5 percent":             share(-0.125),
		"Increase by 20%":                    share(0.2),
		"grow sign-ups\nby 7 %":              share(0.07),
		"raised by 150 per cent":             share(1.5),
		"halve the delay":                    share(-0.5),
		"Double it":                          share(1),
		"tripled within a year":              share(2),
		"from 12 to 4":                       span(12, 4),
		"From 12 % to 4 %":                   span(12, 4),
		"from 12.5 days to 4.25.":            span(12.5, 4.25),
		"from -3 to 3":                       span(-3, 3),
		"reduce from 12 to 4, that is halve": nil, // Said in two ways, and they need not agree.
		"reduce by half":                     nil,
		"from 1,000 to 10":                   nil, // A thousand here, one there.
		"reduce by 1,5 %":                    nil,
		"by 50 %":                            nil, // Which way?
		"increase the share of those who cut by 5": nil,
		"from Monday to Friday":                    nil,
	} {
		t.Run(wording, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, needle.ReadWording(wording)); diff != "" {
				t.Errorf("read otherwise:\n%s", diff)
			}
		})
	}
}

func TestImpliedGoal_comesToATarget(t *testing.T) {
	t.Parallel()
	k := keyResult(func(k *needle.KeyResult) { k.Wording, k.Baseline = "reduce by 37 %", ptr(9.0) })
	if diff := cmp.Diff(&needle.ImpliedGoal{Target: ptr(5.67), RelativeChange: ptr(-0.37)}, k.ImpliedGoal()); diff != "" {
		t.Errorf("the wording implies otherwise:\n%s", diff)
	}
	k.Baseline = nil
	if got := k.ImpliedGoal(); got.Target != nil {
		t.Errorf("of nothing known it makes %v", *got.Target)
	}
}

// FuzzReadWording demands that whatever is read can be stored.
func FuzzReadWording(f *testing.F) {
	for _, seed := range []string{"reduce by 50 %", "from 12 to 4", "from 1e9 to 999999999999999999999999999999999999999", "by 5.5.5%", "halve"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, wording string) {
		g := needle.ReadWording(wording)
		if g == nil {
			return
		}
		if (g.RelativeChange == nil) == (g.Baseline == nil) || (g.Baseline == nil) != (g.Target == nil) {
			t.Errorf("%q was read as %+v", wording, g)
		}
		for _, v := range []*float64{g.Baseline, g.Target, g.RelativeChange} {
			if v != nil && (*v != *v || *v-*v != 0) {
				t.Errorf("%q holds the number %v", wording, *v)
			}
		}
	})
}
