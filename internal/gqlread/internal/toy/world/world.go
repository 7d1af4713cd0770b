package world

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Settings decide how large and how broken a world is.
type Settings struct {
	Seed   uint64
	Goals  int
	Tasks  int
	People int
	Teams  int
	// Nulls is the share of values that are missing, from 0 to 1.
	Nulls float64
	// Faults is the share of resolved values that fail, from 0 to 1.
	Faults float64
}

// World is data that never changes.
type World struct {
	Settings Settings
	Goals    []*Goal
	Tasks    []*Task
	People   []*Person
	Teams    []*Team
}

// New makes the world of some settings; the same settings make the same world.
func New(s Settings) *World {
	m := maker{r: rand.New(rand.NewPCG(s.Seed, s.Seed)), nulls: s.Nulls} //nolint:gosec // made-up data
	w := &World{Settings: s}
	for n := range s.Teams {
		w.Teams = append(w.Teams, &Team{N: n, Name: m.text(), Motto: maybe(&m, m.text())})
	}
	for n := range s.People {
		w.People = append(w.People, &Person{N: n, ID: "person-" + strconv.Itoa(n), Name: m.text(), Mood: maybe(&m, m.mood())})
	}
	for n := range s.Tasks {
		goal := m.r.IntN(s.Goals+1) - 1
		w.Tasks = append(w.Tasks, &Task{
			N: n, ID: TaskID("task-" + strconv.Itoa(n)), Title: m.text(), Estimate: maybe(&m, m.r.IntN(100)), GoalN: goal,
		})
	}
	for n := range s.Goals {
		w.Goals = append(w.Goals, m.goal(n))
	}
	return w
}

// Fault is the error of one resolved value, nil for most.
func (w *World) Fault(object string, n int, field string) error {
	if w.Settings.Faults == 0 {
		return nil
	}
	if w.Chance("fault", object, n, field) < w.Settings.Faults {
		return fmt.Errorf("%s %d has no %s", object, n, field)
	}
	return nil
}

// Missing reports whether a resolved value is null.
func (w *World) Missing(object string, n int, field string) bool {
	return w.Settings.Nulls > 0 && w.Chance("null", object, n, field) < w.Settings.Nulls
}

// Chance is a number from 0 to 1 that depends on its arguments and the seed alone.
func (w *World) Chance(what, object string, n int, field string) float64 {
	h := w.Settings.Seed ^ 14695981039346656037
	for _, s := range [...]string{what, object, field} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ uint64(n)) * 1099511628211 //nolint:gosec // any number will do
	}
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return float64(h>>11) / (1 << 53)
}

// Pick is a number below n that depends on its arguments and the seed alone.
func (w *World) Pick(object string, of int, field string, n int) int {
	return int(w.Chance("pick", object, of, field) * float64(n))
}

type maker struct {
	r     *rand.Rand
	nulls float64
}

func maybe[T any](m *maker, v T) *T {
	if m.r.Float64() < m.nulls {
		return nil
	}
	return &v
}

func list[T any](m *maker, limit int, f func() T) []T {
	if m.r.Float64() < m.nulls {
		return nil
	}
	made := make([]T, 0, limit)
	for range m.r.IntN(limit + 1) {
		made = append(made, f())
	}
	return made
}

var words = []string{
	"plain", "with \"quotes\"", "tab\there", "line\nbreak", "back\\slash", "naïve", "日本", "bell\a", "\u2028", "<&>", "", "🙂",
}

func (m *maker) text() string {
	return words[m.r.IntN(len(words))] + " " + strconv.Itoa(m.r.IntN(1000))
}

func (m *maker) mood() Mood { return []Mood{Happy, Calm, Sad}[m.r.IntN(3)] }

func (m *maker) time() time.Time {
	return time.Unix(1_600_000_000+m.r.Int64N(200_000_000), m.r.Int64N(2)*123_456_000).UTC()
}

func (m *maker) colour() Colour {
	return Colour{R: uint8(m.r.IntN(256)), G: uint8(m.r.IntN(256)), B: uint8(m.r.IntN(256))} //nolint:gosec // below 256
}

func (m *maker) period(depth int) Period {
	p := Period{From: m.time(), To: maybe(m, m.time()), Days: m.r.IntN(100)}
	if depth > 0 {
		inner := m.period(depth - 1)
		p.Inner = maybe(m, inner)
	}
	return p
}

func (m *maker) periodPtr() *Period { return maybe(m, m.period(1)) }

func (m *maker) goal(n int) *Goal {
	g := &Goal{
		N: n, ID: GoalID("goal-" + strconv.Itoa(n)), Title: m.text(),
		Related:  list(m, 3, func() GoalID { return GoalID("goal-" + strconv.Itoa(m.r.IntN(50))) }),
		Subtitle: maybe(m, m.text()), MustSubtitle: maybe(m, m.text()),
		Rank: m.r.IntN(1000) - 500, Small: maybe(m, m.r.Int32N(99)), Big: m.r.Int64(),
		Weight: m.r.Float64() * 1e7, Ratio: maybe(m, float64(m.r.IntN(5))),
		Done: m.r.IntN(2) == 0, Maybe: maybe(m, m.r.IntN(2) == 0),
		Mood: m.mood(), MaybeMood: maybe(m, m.mood()), Moods: list(m, 3, m.mood),
		Order: Order(m.r.IntN(2) == 0), MaybeOrder: maybe(m, Descending),
		CreatedAt: m.time(), DueAt: maybe(m, m.time()), Day: m.time(), MaybeDay: maybe(m, m.time()),
		Plain: m.r.IntN(10), Colour: m.colour(), MaybeColour: maybe(m, m.colour()), Colours: list(m, 3, m.colour),
		Price: Money(m.r.IntN(100_000)), Prices: list(m, 3, func() *Money { return maybe(m, Money(m.r.IntN(1000))) }),
		Tags:      list(m, 3, m.text),
		Notes:     list(m, 3, func() *string { return maybe(m, m.text()) }),
		MustNotes: list(m, 3, func() *string { return maybe(m, m.text()) }),
		Matrix:    list(m, 3, func() []int { return list(m, 3, func() int { return m.r.IntN(9) }) }),
		Period:    m.period(2), Window: m.periodPtr(), MustWindow: m.periodPtr(),
		Periods: list(m, 3, func() Period { return m.period(1) }),
		Windows: list(m, 3, m.periodPtr), MustWindows: list(m, 3, m.periodPtr),
		Hidden: m.text(),
	}
	if m.r.Float64() >= m.nulls {
		g.ClosedAt = m.time()
		g.Meta = map[string]any{"n": n, "text": m.text()}
	}
	return g
}
