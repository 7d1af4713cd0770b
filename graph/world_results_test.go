package graph

import (
	"github.com/needle-okr/needle/internal/needle"
)

// seedCarriedOver closes the objective of last year with scores and continues it in this one; and the guard's band was
// drawn anew.
func (w *world) seedCarriedOver() {
	keyResult := func(name, title string, objective *needle.Objective, change func(*needle.KeyResult)) {
		w.keyResults[name] = w.KeyResult(func(k *needle.KeyResult) {
			k.Title, k.ObjectiveID, k.CreatedAt, k.CreatedBy = title, objective.ID, ago(150), w.people["mia"].ID
			change(k)
		})
		w.name("kr", name, w.keyResults[name].ID)
	}
	migration := w.objectives["migration"]
	keyResult("ledgers", "Ledgers in use", migration, func(k *needle.KeyResult) {
		k.Direction, k.Unit, k.Goal, k.Weight = needle.DirectionDecrease, "ledgers", needle.Goal{Baseline: ptr(4.0), Target: ptr(1.0)}, 2
		k.Score, k.ScoreNote = ptr(0.75), "The third ledger is empty, only not yet switched off"
	})
	keyResult("balanced", "Days on which the books balance", migration, func(k *needle.KeyResult) {
		k.Direction, k.Goal, k.Score = needle.DirectionMaintain, needle.Goal{BandLow: ptr(95.0), BandHigh: ptr(100.0)}, ptr(1.0)
	})
	keyResult("auditors", "Auditors who understand them", migration, func(*needle.KeyResult) {})
	for _, c := range []struct {
		keyResult string
		value     float64
	}{{"ledgers", 2}, {"balanced", 98}} {
		w.CheckIn(func(n *needle.CheckIn) {
			n.KeyResultID, n.Value, n.MeasuredAt, n.RecordedAt = w.keyResults[c.keyResult].ID, c.value, ago(65), ago(65)
		})
	}
	w.objectives["ledger"] = w.Objective(func(o *needle.Objective) {
		o.Title, o.TeamID, o.CycleID, o.CreatedBy = "One ledger", w.teams["payments"].ID, w.cycles["2026 Q1"].ID, w.people["mia"].ID
		o.CarriedFromID = &migration.ID
	})
	w.name("obj", "ledger", w.objectives["ledger"].ID)
	keyResult("ledgers-now", "Ledgers in use", w.objectives["ledger"], func(k *needle.KeyResult) {
		k.Direction, k.Unit, k.Goal, k.CarriedFromID = needle.DirectionDecrease, "ledgers", needle.Goal{Baseline: ptr(2.0), Target: ptr(1.0)}, &w.keyResults["ledgers"].ID
		k.CreatedAt, k.Wording, k.RelativeChange = ago(60), "halve them", ptr(-0.5)
	})
	uptime := w.keyResults["uptime"]
	uptime.BandLow = ptr(99.95)
	w.Goal(uptime, ago(15), ago(15))
	uptime.BandLow = ptr(99.5)
	w.Goal(uptime, ago(10), ago(10))
}

// carriedOn continues an objective in a cycle of its own.
func (h *heap) carriedOn(objective *needle.Objective) {
	h.Objective(func(o *needle.Objective) {
		h.stamp(&o.Stamp)
		o.Title, o.CarriedFromID, o.CycleID = h.text(), &objective.ID, h.Cycle().ID
	})
}

// seedCarriedOver continues the first objective in every cycle and each other in one; all of them continue one themselves.
func (w *crowd) seedCarriedOver() {
	w.t.Helper()
	for i, o := range w.objectives {
		w.objective(i, func(n *needle.Objective) { n.CarriedFromID = &w.objectives[0].ID })
		if i > 0 {
			w.objective(i, func(n *needle.Objective) { n.CarriedFromID = &o.ID })
		}
		_, err := w.tx.ExecContext(w.t.Context(), "UPDATE objectives SET carried_from_id = ? WHERE workspace_id = ? AND id = ?",
			w.objective(0, nil).ID, w.Workspace.ID, o.ID)
		if err != nil {
			w.t.Fatal(err)
		}
	}
}
