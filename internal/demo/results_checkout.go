package demo

import "github.com/needle-okr/needle/internal/needle"

// The labels in the trackers that the link rules look for.
const (
	labelCompletion = "kr:checkout-completion"
	labelTimeToPay  = "kr:time-to-pay"
	labelMobile     = "kr:mobile-speed"
	labelRefunds    = "kr:refund-tickets"
	labelImport     = "kr:import-success"
	labelFirstSale  = "kr:first-sale"
)

func previousGoals() []goal {
	return []goal{
		{
			key: "trust", team: payTeam, cycle: previousCycle, by: "ines", title: "Shoppers trust the payment page",
			text: "Payments go through, and card data lies where it is safe.",
			day:  -cycleDays - 6, proposed: -cycleDays - 4, agreed: -cycleDays - 3,
			outcome: needle.OutcomeAchieved, retrospective: "The vault took half of the cycle and was worth it. We measured errors too late to learn which change helped.",
			results: []result{
				{
					key: "payment-errors", title: "Payments that fail for technical reasons", wording: "from 4.1 % to 2.5 %", direction: needle.DirectionDecrease,
					unit: "%", goal: needle.GoalInput{Baseline: new(4.1), Target: new(2.5)}, owner: "dmitri", lagMax: 14,
					series: series{from: -cycleDays, to: 0, knots: []knot{{-91, 4.1}, {-47, 4.05}, {-37, 2.9}, {-14, 2.5}, {0, 2.4}}, noise: 0.05, decimals: 2, confidence: [2]float64{0.5, 0.95}},
				},
				{
					key: "vault", title: "Card data lies in the certified vault", kind: needle.KindMilestone, owner: "aiko", lagMax: 1, cadence: 28,
					series: series{from: -cycleDays, to: 0, knots: []knot{{-36, 0}, {-35, 1}}, notes: map[int]string{-35: "The auditor has signed."}},
				},
			},
		},
		{
			key: "guide", team: onbTeam, cycle: previousCycle, by: "priya", title: "A new shop finds its way",
			text: "Whoever signs up is led through what has to be set.",
			day:  -cycleDays - 6, proposed: -cycleDays - 4, agreed: -cycleDays - 3,
			outcome: needle.OutcomeMissed, retrospective: "The guide was finished by few because its second step asked for tax numbers. We should have talked to owners before we built it.",
			results: []result{{
				key: "guide-finished", title: "New shops that finish the set-up guide", unit: "%",
				goal: needle.GoalInput{Baseline: new(38.0), Target: new(60.0)}, owner: "priya", lagMin: 7, lagMax: 28,
				series: series{from: -cycleDays, to: 0, knots: []knot{{-91, 38}, {-50, 41}, {-30, 44}, {0, 43}}, noise: 1.2, decimals: 1, confidence: [2]float64{0.7, 0.15}},
			}},
		},
	}
}

func checkoutGoals() []goal {
	return []goal{
		{
			key: "calm", team: payTeam, cycle: presentCycle, by: "ines", title: "Paying takes one calm minute",
			text: "A shopper with a full basket pays once, quickly, and knows what happened.",
			day:  -12, proposed: -8, agreed: -2, pains: []string{"address", "refusal", "slow"},
			results: calmResults(),
		},
		{
			key: "refunds", team: payTeam, cycle: presentCycle, by: "ines", title: "Refunds explain themselves",
			text: "Shoppers and shops see where a refund is without asking anybody.",
			day:  -12, proposed: -8, agreed: -2, pains: []string{"refunds"},
			results: refundResults(),
		},
		{
			key: "first-payment", team: payTeam, cycle: presentCycle, by: "tobias", title: "New shops take their first payment without help",
			text: "Onboarding needs this from us: a shop that cannot be paid does not sell.",
			day:  -6, proposed: -5, agreed: -2, pains: []string{"setup"}, servesResult: "first-sale",
			results: []result{{
				key: "first-payment-works", title: "New shops whose first payment goes through", wording: "nine of ten", unit: "%",
				goal: needle.GoalInput{Baseline: new(72.0), Target: new(90.0)}, owner: "dmitri", lagMin: 0, lagMax: 14,
				series: series{from: -7, to: measuredBy, knots: []knot{{0, 72}, {28, 73}, {45, 77}, {70, 79}}, noise: 1.4, decimals: 1, confidence: [2]float64{0.6, 0.4}},
			}},
		},
		{
			key: "codes", team: payTeam, cycle: presentCycle, by: "aiko", title: "Gift cards and vouchers work together",
			text: "Not agreed: it waits for what the tax office says about vouchers.",
			day:  52, proposed: never, agreed: never, pains: []string{"vouchers"},
		},
	}
}

func calmResults() []result {
	return []result{
		{
			key: "completion", title: "Baskets at the payment page that are paid", wording: "two of three", unit: "%", weight: 2,
			goal:  needle.GoalInput{Baseline: new(61.5), Target: new(68.0), Stretch: new(70.0)},
			owner: "ines", lagMin: 7, lagMax: 21, label: labelCompletion,
			series: series{
				from: -cycleDays, to: measuredBy, knots: []knot{{-91, 61.8}, {0, 61.4}, {30, 61.9}, {44, 64.0}, {56, 65.6}, {90, 66.9}}, noise: 0.35, decimals: 1,
				confidence: [2]float64{0.5, 0.7}, notes: map[int]string{42: "First full week with one address form.", 63: "Sale week: many first-time buyers."},
			},
		},
		{
			key: "time", title: "Median time from basket to paid", wording: "one minute", direction: needle.DirectionDecrease, unit: "s",
			goal:  needle.GoalInput{Baseline: new(94.0), Target: new(60.0)},
			owner: "dmitri", lagMax: 14, label: labelTimeToPay,
			series: series{from: -7, to: measuredBy, knots: []knot{{0, 94}, {24, 92}, {34, 83}, {58, 80}, {72, 70}, {90, 66}}, noise: 1.6, decimals: 0, confidence: [2]float64{0.6, 0.55}},
		},
		{
			key: "mobile", title: "Phones: time until the card form can be used (75th percentile)", wording: "under two and a half seconds",
			direction: needle.DirectionDecrease, indicator: needle.IndicatorLeading, unit: "s",
			goal:  needle.GoalInput{Baseline: new(4.2), Target: new(2.0)},
			owner: "aiko", cadence: 1, lagMax: 3, label: labelMobile, labelRole: needle.RoleDrives,
			change: &newGoal{36, needle.GoalInput{Baseline: new(4.2), Target: new(2.5)}, "The bank's own script costs 0.4 s and we may not drop it. 2.5 s is what our pages can reach."},
			series: series{from: -28, to: measuredBy, knots: []knot{{-28, 4.2}, {16, 4.15}, {20, 3.4}, {40, 3.3}, {46, 2.8}, {90, 2.7}}, noise: 0.08, decimals: 2, automatic: true},
		},
		{
			key: "disputes", title: "Payments that are disputed later", wording: "stay below 0.6 %", direction: needle.DirectionMaintain, unit: "%",
			goal:  needle.GoalInput{Baseline: new(0.48), BandHigh: new(0.6)},
			owner: "tobias", cadence: 7, lagMin: 14, lagMax: 42,
			series: series{from: -7, to: measuredBy, knots: []knot{{0, 0.48}, {35, 0.55}, {42, 0.63}, {56, 0.52}, {90, 0.5}}, noise: 0.015, decimals: 2, notes: map[int]string{42: "Above the line. Two shops sell tickets for one cancelled event."}},
		},
	}
}

func refundResults() []result {
	return []result{
		{
			key: "refund-tickets", title: "Tickets a week that ask where a refund is", wording: "half of them", direction: needle.DirectionDecrease, unit: "tickets/week",
			goal:  needle.GoalInput{Baseline: new(120.0), Target: new(60.0)},
			owner: "jonas", lagMin: 7, lagMax: 28, label: labelRefunds,
			series: series{
				from: -7, to: measuredBy, knots: []knot{{0, 121}, {49, 117}, {63, 92}, {77, 78}, {90, 72}}, noise: 4, decimals: 0, confidence: [2]float64{0.5, 0.65},
				mistake: &mistake{35, 71, "The export had left the weekend out.", 38},
			},
		},
		{
			key: "refund-state", title: "Every refund shows its state to the shopper", kind: needle.KindMilestone, owner: "aiko", cadence: 14, lagMax: 1,
			series: series{from: 0, to: measuredBy, knots: []knot{{55, 0}, {56, 1}}, confidence: [2]float64{0.6, 1}, notes: map[int]string{56: "Live for all shops."}},
		},
	}
}
