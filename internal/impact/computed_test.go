package impact_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// said writes down all that attributions say, and of the things they are about what they are called.
func said(t require, all []*needle.Attribution) string {
	var text bytes.Buffer
	for _, a := range all {
		one := *a
		text.WriteString(a.Contribution.ID.String() + " " + a.Item.Key() + " " + a.KeyResult.Key() + " " + a.Explanation() + "\n")
		one.Contribution, one.Item, one.KeyResult = nil, nil, nil
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatalf("%v", err)
		}
		text.Write(append(line, '\n'))
	}
	return text.String()
}

type require interface {
	Fatalf(format string, args ...any)
}

func TestCompute_isRecalledAsItWouldBeWorkedOutAtAnyInstantUntilItHoldsNoMore(t *testing.T) {
	t.Parallel()
	recalled, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		for _, l := range learnings() { // What is written ahead of its time counts from then on.
			if rapid.IntRange(0, 9).Draw(t, l.name) == 0 {
				l.learn(t, &f, f.AsOf.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(t, "ahead"))*time.Hour))
			}
		}
		rows, err := impact.Compute(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			last := f.AsOf.AddDate(1, 0, 0)
			if row.HoldsUntil != nil {
				last = row.HoldsUntil.Add(-time.Microsecond)
			}
			at := f.AsOf.Add(time.Duration(rapid.Int64Range(0, int64(last.Sub(f.AsOf))).Draw(t, "later")))
			for _, at := range []time.Time{f.AsOf, at, last} {
				then := loose(f)
				then.AsOf = at
				var want []*needle.Attribution
				oldest := (*time.Time)(nil)
				for _, a := range impact.Gather(then).Attributions() {
					if a.KeyResult.ID == row.KeyResultID {
						want, oldest = append(want, a), a.TrackerReadAt
					}
				}
				row.TrackerReadAt = oldest
				got, fresh, err := impact.Recall(row, at, f.Policy)
				if err != nil {
					t.Fatal(err)
				}
				if tooOld := oldest != nil && at.Sub(*oldest) > time.Duration(f.Policy.StaleTrackerDays)*24*time.Hour; tooOld == fresh {
					t.Fatalf("read at %s, at %s it is fresh: %t", oldest, at, fresh)
				}
				if !fresh {
					refused++
					continue
				}
				recalled++
				if diff := cmp.Diff(said(t, want), said(t, got)); diff != "" {
					t.Fatalf("computed at %s to hold until %s, at %s (-worked out +recalled):\n%s", f.AsOf, row.HoldsUntil, at, diff)
				}
			}
		}
	})
	if recalled == 0 || refused == 0 {
		t.Errorf("%d were recalled and %d refused: this shows nothing", recalled, refused)
	}
}

func TestCompute_makesTheSameBytesOfTheSameFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		first, err := impact.Compute(f)
		if err != nil {
			t.Fatal(err)
		}
		again, err := impact.Compute(loose(f))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("(-first +again):\n%s", diff)
		}
	})
}

func TestCompute_digestsEveryFactThatChangesAnAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		before, err := impact.Compute(f)
		if err != nil {
			t.Fatal(err)
		}
		more := loose(f)
		rapid.SampledFrom(learnings()).Draw(t, "way").learn(t, &more, f.AsOf.Add(-time.Hour))
		after, err := impact.Compute(more)
		if err != nil {
			t.Fatal(err)
		}
		for i := range before {
			if bytes.Equal(before[i].Facts, after[i].Facts) && !bytes.Equal(before[i].Answer, after[i].Answer) {
				t.Fatalf("another answer has the same digest:\n%s\n%s", before[i].Answer, after[i].Answer)
			}
		}
	})
}

// TestRulesVersion_isCountedUpWithTheRules holds what is said of some facts under a version of the rules. Answers that were
// worked out ahead are told under the same version only, so whoever changes what is said counts the version up.
func TestRulesVersion_isCountedUpWithTheRules(t *testing.T) {
	t.Parallel()
	early, stale, fallen, tested := risen(), risen(), risen(), risen()
	early.AsOf = date(10)
	stale.Items[0].ParentID = ptr(itemID(9))
	falling(-25, -15)(&fallen)
	tested.Experiments = []*needle.Experiment{{ContributionID: linkID(1), Source: "A/B 7", Estimate: 12, Low: 8, High: 16, RecordedAt: date(30)}}
	told := sha256.New()
	for _, f := range []needle.AttributionFacts{
		risen(), early, stale, fallen, tested, adding(risen(), work{delivered: 5, lagMax: 7}), besideIt(),
	} {
		rows, err := impact.Compute(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			told.Write(row.Answer)
		}
	}
	got := fmt.Sprintf("%d %x\n", impact.RulesVersion, told.Sum(nil))
	want, err := os.ReadFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("something else is said of the same facts: count RulesVersion up, once for each release, and write into testdata/rules.txt: %s", got)
	}
}
