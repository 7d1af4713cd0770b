package impact_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

var epoch = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

func hour(n int) time.Time { return epoch.Add(time.Duration(n) * time.Hour) }

func date(n int) time.Time { return hour(24 * n) }

func krID(n int) (id needle.KeyResultID)      { id.UUID[15] = byte(n); return }
func itemID(n int) (id needle.BacklogItemID)  { id.UUID[15] = byte(n); return }
func teamID(n int) (id needle.TeamID)         { id.UUID[15] = byte(n); return }
func checkInID(n int) (id needle.CheckInID)   { id.UUID[15] = byte(n); return }
func linkID(n int) (id needle.ContributionID) { id.UUID[14], id.UUID[15] = byte(n>>8), byte(n); return }

// checkIn measures a value of key result 1 on a day and records it on another.
func checkIn(id int, value float64, measuredDay, recordedDay int) *needle.CheckIn {
	return &needle.CheckIn{
		ID: checkInID(id), KeyResultID: krID(1), Value: value,
		MeasuredAt: date(measuredDay), RecordedAt: date(recordedDay),
	}
}

func correcting(c *needle.CheckIn, id int) *needle.CheckIn {
	earlier := checkInID(id)
	c.SupersedesID = &earlier
	return c
}

// ownTeam is the team under review in drawn worlds; items may also belong to another one.
const ownTeam = 1

// The sizes of a drawn world. Key results up to keyResults are under review; links may serve one more.
const (
	keyResults = 3
	items      = 7
	links      = 9
)

// drawFacts draws a small world: values on a grid of eighths, so that differences are exact, and few distinct times, so
// that ties are common.
func drawFacts(t *rapid.T) needle.ReviewFacts {
	f := needle.ReviewFacts{
		Team:  &needle.Team{ID: teamID(ownTeam)},
		Since: hour(rapid.IntRange(0, 40).Draw(t, "since")),
		AsOf:  hour(rapid.IntRange(40, 90).Draw(t, "asOf")),
	}
	for n := 1; n <= keyResults; n++ {
		f.KeyResults = append(f.KeyResults, &needle.KeyResult{
			ID: krID(n), Number: 100 - n, Weight: 1, Stamp: needle.Stamp{CreatedAt: drawHour(t, -20, 60)},
			Direction: rapid.SampledFrom([]needle.Direction{
				needle.DirectionIncrease, needle.DirectionDecrease, needle.DirectionMaintain,
			}).Draw(t, "direction"),
		})
		f.Goals = append(f.Goals, drawGoals(t, n)...)
	}
	f.CheckIns = drawCheckIns(t)
	for n := 1; n <= items; n++ {
		f.Items = append(f.Items, drawItem(t, n))
		f.Transitions = append(f.Transitions, drawTransitions(t, n)...)
	}
	for n := 1; n <= links; n++ {
		f.Links = append(f.Links, drawLink(t, n)...)
	}
	return f
}

func drawHour(t *rapid.T, from, to int) time.Time {
	return hour(rapid.IntRange(from, to).Draw(t, "hour"))
}

func drawTimes(t *rapid.T) (valid, recorded time.Time) {
	valid = drawHour(t, -10, 100)
	return valid, valid.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "late")) * time.Hour)
}

func drawValue(t *rapid.T) float64 { return float64(rapid.IntRange(-800, 800).Draw(t, "eighths")) / 8 }

func drawGoals(t *rapid.T, keyResult int) []*needle.GoalVersion {
	goals := make([]*needle.GoalVersion, rapid.IntRange(0, 3).Draw(t, "goals"))
	for i := range goals {
		goals[i] = &needle.GoalVersion{KeyResultID: krID(keyResult), Version: i + 1}
		goals[i].ValidFrom, goals[i].RecordedAt = drawTimes(t)
		if rapid.Bool().Draw(t, "baseline known") {
			v := drawValue(t)
			goals[i].Baseline = &v
		}
	}
	return goals
}

func drawCheckIns(t *rapid.T) []*needle.CheckIn {
	checkIns := make([]*needle.CheckIn, rapid.IntRange(0, 20).Draw(t, "check-ins"))
	for i := range checkIns {
		c := &needle.CheckIn{
			ID: checkInID(i + 1), KeyResultID: krID(rapid.IntRange(1, keyResults).Draw(t, "key result")), Value: drawValue(t),
		}
		c.MeasuredAt, c.RecordedAt = drawTimes(t)
		if rapid.Bool().Draw(t, "by a person") {
			c.AuthorID = &needle.UserID{}
		}
		if i > 0 && rapid.IntRange(0, 3).Draw(t, "correction") == 0 {
			earlier := checkIns[rapid.IntRange(0, i-1).Draw(t, "corrected")]
			c.SupersedesID, c.KeyResultID = &earlier.ID, earlier.KeyResultID
		}
		checkIns[i] = c
	}
	return checkIns
}

// drawItem draws any parent, so rings are common.
func drawItem(t *rapid.T, n int) *needle.BacklogItem {
	item := &needle.BacklogItem{ID: itemID(n), Number: 50 - n, TeamID: teamID(rapid.IntRange(ownTeam, ownTeam+1).Draw(t, "team"))}
	if rapid.Bool().Draw(t, "has parent") {
		parent := itemID(rapid.IntRange(1, items).Draw(t, "parent"))
		item.ParentID = &parent
	}
	return item
}

func drawTransitions(t *rapid.T, item int) []*needle.ItemTransition {
	steps := rapid.IntRange(0, 5).Draw(t, "transitions")
	transitions := make([]*needle.ItemTransition, 0, steps)
	at := drawHour(t, -10, 60)
	var from *needle.StatusCategory
	for range steps {
		to := rapid.SampledFrom([]needle.StatusCategory{
			needle.StatusTodo, needle.StatusInProgress, needle.StatusDone, needle.StatusDone, needle.StatusDropped,
		}).Draw(t, "to")
		transitions = append(transitions, &needle.ItemTransition{
			ItemID: itemID(item), From: from, To: to, OccurredAt: at,
			RecordedAt: at.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "late")) * time.Hour),
		})
		from = &to
		at = at.Add(time.Duration(rapid.IntRange(0, 25).Draw(t, "later")) * time.Hour)
	}
	return transitions
}

func drawLink(t *rapid.T, n int) []*needle.ContributionVersion {
	item, kr := rapid.IntRange(1, items).Draw(t, "item"), rapid.IntRange(1, keyResults+1).Draw(t, "key result")
	versions := make([]*needle.ContributionVersion, rapid.IntRange(0, 3).Draw(t, "versions"))
	for i := range versions {
		v := &needle.ContributionVersion{Ended: rapid.IntRange(0, 2).Draw(t, "ended") == 0}
		v.ID, v.ItemID, v.KeyResultID, v.Version = linkID(n), itemID(item), krID(kr), i+1
		v.ValidFrom, v.RecordedAt = drawTimes(t)
		versions[i] = v
	}
	return versions
}

// shuffled returns the same facts in another order.
func shuffled(f needle.ReviewFacts, seed uint64) needle.ReviewFacts {
	r := rand.New(rand.NewPCG(seed, 1))
	f.KeyResults, f.Goals, f.CheckIns = shuffle(r, f.KeyResults), shuffle(r, f.Goals), shuffle(r, f.CheckIns)
	f.Links, f.Items, f.Transitions = shuffle(r, f.Links), shuffle(r, f.Items), shuffle(r, f.Transitions)
	return f
}

func shuffle[T any](r *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

// keep returns the elements of s that pass.
func keep[T any](s []T, pass func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(s), func(v T) bool { return !pass(v) })
}

// approximately compares numbers within a distance.
func approximately(within float64) cmp.Option { return cmpopts.EquateApprox(0, within) }

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// equal fails unless got is want, and shows the difference.
func equal[T any](t fataler, what string, want, got T, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
