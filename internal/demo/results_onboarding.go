package demo

import "github.com/needle-okr/needle/internal/needle"

func onboardingGoals() []goal {
	return []goal{
		{
			key: "week", team: onbTeam, cycle: presentCycle, by: "priya", title: "A new shop sells within a week",
			text: "From sign-up to the first sale in days, whatever files the owner brings along.",
			day:  -12, proposed: -8, agreed: -2, pains: []string{"setup", "import", "tax"},
			results: weekResults(),
		},
		{
			key: "next", team: onbTeam, cycle: presentCycle, by: "priya", title: "Every shop owner knows the next step",
			text: "Proposed after what the last cycle's guide taught us.",
			day:  40, proposed: 47, agreed: never, pains: []string{"next-step"}, serves: "week",
			results: []result{{
				// Nobody has measured it yet: it is PENDING.
				key: "checklist", title: "New shops that use the check-list every week", unit: "%", indicator: needle.IndicatorLeading,
				goal: needle.GoalInput{Baseline: new(0.0), Target: new(40.0)}, owner: "priya", lagMax: 14,
			}},
		},
	}
}

func weekResults() []result {
	return []result{
		{
			key: "first-sale", title: "Median days from sign-up to the first sale", wording: "one week", direction: needle.DirectionDecrease, unit: "days",
			goal:  needle.GoalInput{Baseline: new(19.0), Target: new(7.0), Stretch: new(5.0)},
			owner: "samuel", weight: 2, lagMin: 14, lagMax: 42, label: labelFirstSale, labelRole: needle.RoleEnables,
			series: series{
				from: -cycleDays, to: measuredBy, knots: []knot{{-91, 19.2}, {0, 18.8}, {48, 18}, {63, 15.5}, {90, 12.5}}, noise: 0.4, decimals: 1,
				confidence: [2]float64{0.5, 0.3},
			},
		},
		{
			key: "imports", title: "First product imports that succeed", unit: "%", indicator: needle.IndicatorLeading,
			goal:  needle.GoalInput{Baseline: new(54.0), Target: new(85.0)},
			owner: "lena", cadence: 1, lagMax: 7, label: labelImport,
			series: series{from: -7, to: measuredBy, knots: []knot{{-7, 54}, {29, 54.5}, {33, 69}, {44, 70}, {50, 78}, {90, 80}}, noise: 1.5, decimals: 1, automatic: true},
		},
		{
			key: "contacts", title: "Calls and letters for help per new shop", wording: "not more than three", direction: needle.DirectionMaintain, unit: "contacts/shop",
			goal:  needle.GoalInput{Baseline: new(2.7), BandHigh: new(3.0)},
			owner: "carla", lagMin: 7, lagMax: 28,
			series: series{from: -7, to: measuredBy, knots: []knot{{0, 2.7}, {50, 2.8}, {64, 3.3}, {90, 3.4}}, noise: 0.08, decimals: 1, notes: map[int]string{63: "Shops come in faster now, and ask more in their first days."}},
		},
		{
			// Nobody works on it, and nobody has measured it for weeks: it is starved and STALE.
			key: "tax-right", title: "New shops whose tax settings are right", unit: "%",
			goal:  needle.GoalInput{Baseline: new(71.0), Target: new(90.0)},
			owner: "carla", cadence: 14, lagMin: 14, lagMax: 56,
			series: series{from: 0, to: 28, knots: []knot{{0, 71}, {28, 70}}, noise: 0.8, decimals: 0, confidence: [2]float64{0.4, 0.25}},
		},
	}
}
