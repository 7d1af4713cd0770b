package planning_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// histories is how many histories are drawn in each of a few databases; each is asked about at several instants.
const histories, databases = 8, 4

// TestAttribution_whatIsLearntLaterChangesNoAnswerOfBefore asks what was known at some instants when nothing later had been
// written yet, and again when all of it has.
func TestAttribution_whatIsLearntLaterChangesNoAnswerOfBefore(t *testing.T) {
	t.Parallel()
	sum := &tally{grades: map[needle.Grade]int{}}
	t.Cleanup(func() { sum.enough(t) })
	for n := range databases {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			s := store.New(storetest.New(t), store.Config{})
			for i := range histories {
				h := historyIn(t, s, uint64(n*histories+i))
				sum.add(h, h.holdsItsAnswers(t))
			}
		})
	}
}

// holdsItsAnswers demands the same answers when they are given and when everything is known. It returns how many there were.
func (h *history) holdsItsAnswers(t *testing.T) (asked int) {
	t.Helper()
	var instants []time.Time
	for day := 70.0; day > 0; day -= float64(1+h.r.IntN(100)) / 4 {
		instants = append(instants, ago(day))
	}
	told := make([]string, len(instants))
	for i, at := range instants {
		h.until(at)
		told[i] = h.told(t, at)
		asked += len(h.keyResults)
	}
	h.until(ago(0))
	for i, at := range instants {
		same(t, "as of "+at.String()+" what was told then (-) and is told of it later (+)", told[i], h.told(t, at))
	}
	h.oneByOne(t, instants[h.r.IntN(len(instants))])
	return asked
}

// tally counts what histories held, so that nobody takes those in which nothing happens for a proof.
type tally struct {
	mu          sync.Mutex
	grades      map[needle.Grade]int
	asked, late int
}

func (sum *tally) add(h *history, asked int) {
	attributions := impact.Gather(h.ofKeyResults(h.t, h.ids(), ago(0))).Attributions()
	sum.mu.Lock()
	defer sum.mu.Unlock()
	sum.asked += asked
	sum.late += h.late
	for _, a := range attributions {
		sum.grades[*a.Grade]++
	}
}

func (sum *tally) enough(t *testing.T) {
	t.Helper()
	t.Logf("%d answers about key results; %d things learnt late; %v", sum.asked, sum.late, sum.grades)
	if sum.asked < 500 || sum.late < 300 {
		t.Errorf("%d answers and %d things learnt late are too few to show anything", sum.asked, sum.late)
	}
	for _, g := range needle.Grades() {
		if sum.grades[g] == 0 {
			t.Errorf("no link of any history is %s", g)
		}
	}
}

// told renders what is told of all key results, of each team, and of both teams read at once, as of an instant.
func (h *history) told(t testing.TB, at time.Time) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(toldOf(t, h.ofKeyResults(t, h.ids(), at)))
	f := h.ofTeams(t, h.teams, at)
	for _, team := range h.teams {
		b.WriteString(toldOfTeam(t, f, team))
	}
	return b.String()
}

// oneByOne demands that it changes nothing how many key results and teams are asked for at once, and in which way.
func (h *history) oneByOne(t testing.TB, at time.Time) {
	t.Helper()
	var apart strings.Builder
	for _, id := range h.ids() {
		apart.WriteString(toldOf(t, h.ofKeyResults(t, []needle.KeyResultID{id}, at)))
	}
	together := toldOf(t, h.ofKeyResults(t, h.ids(), at))
	same(t, "key results one by one and at once", sorted(apart.String()), sorted(together))
	both := h.ofTeams(t, h.teams, at)
	same(t, "key results and their teams", sorted(together), sorted(toldOf(t, both)))
	for _, team := range h.teams {
		same(t, "a team alone and with another", toldOfTeam(t, h.ofTeams(t, []needle.TeamID{team}, at), team), toldOfTeam(t, both, team))
	}
}

func (h *history) ids() []needle.KeyResultID {
	ids := make([]needle.KeyResultID, len(h.keyResults))
	for i, k := range h.keyResults {
		ids[i] = k.ID
	}
	return ids
}

func (h *history) ofKeyResults(t testing.TB, ids []needle.KeyResultID, at time.Time) needle.AttributionFacts {
	t.Helper()
	f, err := h.scope.KeyResultFacts(t.Context(), ids, at)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (h *history) ofTeams(t testing.TB, teams []needle.TeamID, at time.Time) needle.AttributionFacts {
	t.Helper()
	f, err := h.scope.AttributionFacts(t.Context(), teams, h.cycle.ID, needle.ReviewWindow{AsOf: &at}, h.now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func same(t testing.TB, what, one, other string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(one, "\n"), strings.Split(other, "\n")); diff != "" {
		t.Errorf("%s differ:\n%s", what, diff)
	}
}

func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
