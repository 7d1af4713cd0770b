package impact_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// examples reads the rows of the table below a heading of docs/key-results.md.
func examples(t *testing.T, heading string) [][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/key-results.md")
	if err != nil {
		t.Fatal(err)
	}
	_, below, found := strings.Cut(string(text), "## "+heading+"\n")
	below, _, _ = strings.Cut(below, "\n## ")
	var rows [][]string
	for line := range strings.Lines(below) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "|") {
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	if !found || len(rows) < 3 {
		t.Fatalf("there is no table of %q", heading)
	}
	return rows[2:]
}

// cell reads a number of a table; nil where there is none.
func cell(t *testing.T, text string) *float64 {
	t.Helper()
	if text == "" || text == "none" {
		return nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

func TestDocs_ofKeyResultsTellTheTruth(t *testing.T) {
	t.Parallel()
	t.Run("relative goals", func(t *testing.T) {
		t.Parallel()
		for _, row := range examples(t, "Relative goals") {
			got := needle.GoalInput{Baseline: cell(t, row[0]), RelativeChange: cell(t, row[1])}.Goal().Target
			equal(t, strings.Join(row, " "), cell(t, row[2]), got)
		}
	})
	t.Run("progress", func(t *testing.T) {
		t.Parallel()
		for _, row := range examples(t, "Progress") {
			k := &needle.KeyResult{Goal: needle.Goal{Baseline: cell(t, row[0]), Target: cell(t, row[1])}, CurrentValue: cell(t, row[2])}
			equal(t, strings.Join(row, " "), cell(t, row[3]), k.RawProgress())
			equal(t, strings.Join(row, " "), cell(t, row[4]), k.Progress())
		}
	})
	t.Run("movement and changed numbers", func(t *testing.T) {
		t.Parallel()
		numbers := regexp.MustCompile(`\d+`)
		var checkIns []*needle.CheckIn
		var goals []*needle.GoalVersion
		for day, row := range examples(t, "Movement and changed numbers") {
			n := numbers.FindAllString(row[0], -1)
			if strings.HasPrefix(row[0], "goal") {
				goals = append(goals, way(*cell(t, n[0]), *cell(t, n[1]), day+1))
			} else {
				checkIns = append(checkIns, checkIn(day+1, *cell(t, n[0]), day+1, day+1))
			}
			if row[1] == "" {
				continue
			}
			got := impact.Parts(checkIns, goals, date(day+1))
			equal(t, row[0], [2]float64{*cell(t, row[1]), *cell(t, row[2])}, [2]float64{got.ByMovement, got.ByGoalChange})
		}
	})
	t.Run("scores", func(t *testing.T) {
		t.Parallel()
		for _, row := range examples(t, "Score at the close") {
			var keyResults []*needle.KeyResult
			for i, part := range strings.Split(row[0], ", ") {
				score, weight, _ := strings.Cut(strings.TrimSuffix(part, ")"), " (")
				keyResults = append(keyResults, &needle.KeyResult{Number: i, Weight: *cell(t, weight), Score: cell(t, score)})
			}
			got := impact.Score(keyResults)
			equal(t, row[0], cell(t, row[1]), got)
			equal(t, row[0], needle.ObjectiveOutcome(row[2]), *needle.OutcomeOf(got))
		}
	})
	t.Run("roll-up", func(t *testing.T) {
		t.Parallel()
		for _, row := range examples(t, "Roll-up") {
			var objectives []*needle.Objective
			keyResults, cycles := map[needle.ObjectiveID][]*needle.KeyResult{}, map[needle.CycleID]*needle.Cycle{{}: {}}
			for i, share := range strings.Split(row[0], ", ") {
				o := &needle.Objective{Number: i}
				o.ID.UUID[15] = byte(i)
				objectives = append(objectives, o)
				if p := cell(t, share); p != nil {
					keyResults[o.ID] = []*needle.KeyResult{at(i, 1, 100**p)}
				}
			}
			equal(t, row[0], cell(t, row[1]), impact.RollUp(objectives, keyResults, cycles, date(1)).Progress)
		}
	})
	t.Run("carry-over", func(t *testing.T) {
		t.Parallel()
		for _, row := range examples(t, "Carry-over") {
			k := &needle.KeyResult{
				Direction: needle.Direction(row[0]), Goal: needle.Goal{Baseline: cell(t, row[1]), Target: cell(t, row[2])}, CurrentValue: cell(t, row[3]),
			}
			got, _ := k.CarriedGoal()
			equal(t, strings.Join(row, " "), needle.Goal{Baseline: cell(t, row[4]), Target: cell(t, row[5])}, got)
		}
	})
}
