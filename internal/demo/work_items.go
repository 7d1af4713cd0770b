package demo

import "github.com/needle-okr/needle/internal/needle"

// Short names for the tables below.
const (
	started = needle.StatusInProgress
	done    = needle.StatusDone
	dropped = needle.StatusDropped
)

func checkoutWork() []work {
	return append(payingWork(), otherCheckoutWork()...)
}

func payingWork() []work {
	return []work{
		{key: "one-page", team: payTeam, by: "ines", title: "One page for the whole payment", text: "The epic around everything that makes paying shorter.", day: -9, effort: 21, class: needle.MoscowMust, moves: []move{{5, started}}},
		{
			key: "address-once", team: payTeam, by: "dmitri", title: "Ask for the address once and fill it in for the card", day: -8, effort: 8, class: needle.MoscowMust, epic: "one-page",
			moves: []move{{6, started}, {27, done}},
			links: []link{
				{result: "completion", by: "ines", day: 2, low: 1.5, high: 3, note: "The funnel loses 9 of 100 baskets at the second form."},
				// Linked after it was delivered: whoever reads the review sees the dates.
				{result: "time", by: "dmitri", day: 60, low: -10, high: -5},
			},
		},
		{
			key: "say-why", team: payTeam, by: "aiko", title: "Say in plain words why a payment was refused", day: -8, effort: 5, class: needle.MoscowMust,
			moves: []move{{10, started}, {34, done}},
			links: []link{{result: "completion", by: "ines", day: 4, low: 0.5, high: 1.5, lag: [2]int{3, 14}}},
		},
		{
			key: "remember", team: payTeam, by: "dmitri", title: "Remember how somebody paid last time", day: -3, effort: 8, class: needle.MoscowShould, epic: "one-page",
			moves: []move{{36, started}, {58, done}},
			links: []link{{result: "time", by: "dmitri", day: 20, low: -20, high: -12, note: "Four of ten shoppers come back within a quarter."}},
		},
		{
			key: "wallets", team: payTeam, by: "dmitri", title: "Wallets on the first page", day: 5, effort: 13, class: needle.MoscowShould, epic: "one-page",
			moves: []move{{60, started}},
			links: []link{
				{result: "completion", by: "ines", day: 33, low: 1, high: 2.5},
				{result: "time", by: "ines", day: 33, low: -15, high: -8},
			},
		},
		{
			key: "preload", team: payTeam, by: "aiko", title: "Load the card form before it is needed", day: -8, effort: 3, class: needle.MoscowMust,
			moves: []move{{3, started}, {18, done}},
			links: []link{
				{result: "mobile", by: "aiko", day: 1, low: -1, high: -0.6, lag: [2]int{0, 2}},
				{result: "time", by: "aiko", day: 1, role: needle.RoleEnables},
			},
		},
		{
			key: "rating", team: payTeam, by: "aiko", title: "Take the rating widget off the payment page", day: 8, effort: 2, class: needle.MoscowCould,
			moves: []move{{20, started}, {35, dropped}},
			links: []link{{result: "mobile", by: "aiko", day: 12, low: -0.5, high: -0.2, note: "Shops pay for the widget; they will not give it up.", ended: 35}},
		},
	}
}

func otherCheckoutWork() []work {
	return []work{
		// Alone with its window, in the cycle before: what can be said at most without an experiment.
		{
			key: "retry", team: payTeam, by: "dmitri", title: "Try a payment again when the bank does not answer", day: -70, effort: 5, class: needle.MoscowMust,
			moves: []move{{-60, started}, {-49, done}},
			links: []link{{result: "payment-errors", by: "dmitri", day: -66, low: -1.5, high: -0.8, lag: [2]int{2, 14}, note: "A third of all failures are banks that answer late."}},
		},
		{
			key: "refund-page", team: payTeam, by: "aiko", title: "Show the state of each refund in the shopper's account", day: -5, effort: 13, class: needle.MoscowMust,
			moves: []move{{14, started}, {49, done}},
			links: []link{
				{result: "refund-state", by: "ines", day: 6, lag: [2]int{0, 1}},
				{result: "refund-tickets", by: "jonas", day: 6, low: -45, high: -25},
			},
		},
		{
			key: "refund-letter", team: payTeam, by: "aiko", title: "Write to the shopper when a refund has been paid out", day: 10, effort: 3, class: needle.MoscowShould,
			moves: []move{{50, started}, {64, done}},
			links: []link{{result: "refund-tickets", by: "jonas", day: 45, low: -15, high: -5, lag: [2]int{3, 14}}},
		},
		{
			key: "ask-bank", team: payTeam, by: "tobias", title: "Ask the shop before a complaint becomes a dispute", day: -3, effort: 5, class: needle.MoscowShould,
			moves: []move{{20, started}, {44, done}},
			links: []link{{result: "disputes", by: "tobias", day: 15, role: needle.RoleGuards}},
		},
		{
			key: "interviews", team: payTeam, by: "ines", title: "Watch eight owners take their first payment", day: 6, effort: 2,
			moves: []move{{12, started}, {26, done}},
			links: []link{{result: "first-payment-works", by: "ines", day: 8, role: needle.RoleLearns}},
		},
		{
			key: "test-card", team: payTeam, by: "dmitri", title: "Try a payment with a test card during set-up", day: 28, effort: 8, class: needle.MoscowMust,
			moves: []move{{40, started}},
			links: []link{
				{result: "first-payment-works", by: "ines", day: 30, low: 5, high: 10},
				{result: "first-sale", by: "samuel", day: 41, role: needle.RoleEnables},
			},
		},
		// Delivered, and no key result knows of it.
		{key: "settlement", team: payTeam, by: "dmitri", title: "Move the settlement export to the banks' new file format", day: 4, effort: 8, moves: []move{{15, started}, {37, done}}},
		{key: "keys", team: payTeam, by: "tobias", title: "Renew the keys of the payment provider", day: 40, effort: 1, moves: []move{{51, started}, {52, done}}},
		// Done, taken back, done again.
		{
			key: "split", team: payTeam, by: "dmitri", title: "Show one total when an order is paid in two parts", day: 2, effort: 5, class: needle.MoscowShould,
			moves: []move{{16, started}, {30, done}, {38, started}, {55, done}},
			links: []link{{result: "completion", by: "dmitri", day: 14, low: 0.1, high: 0.4}},
		},
		{key: "gift-cards", team: payTeam, by: "aiko", title: "Take a gift card and a voucher in one order", day: 53, effort: 8, class: needle.MoscowCould},
		{key: "invoice", team: payTeam, by: "ines", title: "Pay by invoice in wholesale shops", day: 22, effort: 21, class: needle.MoscowWont},
	}
}

func onboardingWork() []work {
	return []work{
		{
			key: "real-files", team: onbTeam, by: "lena", title: "Read spreadsheets the way shops write them", day: -8, effort: 13, class: needle.MoscowMust,
			moves: []move{{2, started}, {30, done}},
			links: []link{{result: "imports", by: "lena", day: 1, low: 12, high: 20, note: "Six of ten refused files have merged cells or commas in prices."}},
		},
		{
			key: "broken-rows", team: onbTeam, by: "lena", title: "Show broken rows beside the file instead of refusing it", day: 3, effort: 8, class: needle.MoscowMust,
			moves: []move{{18, started}, {45, done}},
			links: []link{
				{result: "imports", by: "lena", day: 16, low: 5, high: 12},
				{result: "contacts", by: "carla", day: 17, role: needle.RoleGuards},
			},
		},
		{
			key: "categories", team: onbTeam, by: "lena", title: "Suggest categories from the names of products", day: 20, effort: 5, class: needle.MoscowCould,
			moves: []move{{52, started}},
			links: []link{{result: "imports", by: "lena", day: 40, role: needle.RoleEnables}},
		},
		{
			key: "sample-shop", team: onbTeam, by: "priya", title: "Open every shop with sample products", day: -6, effort: 5, class: needle.MoscowShould,
			moves: []move{{10, started}, {35, done}},
			links: []link{{result: "first-sale", by: "priya", day: 7, low: -5, high: -2}},
		},
		{
			key: "pay-account", team: onbTeam, by: "samuel", title: "A payment account within the first ten minutes", day: 12, effort: 13, class: needle.MoscowMust,
			moves: []move{{30, started}, {62, done}},
			links: []link{{result: "first-sale", by: "samuel", day: 28, low: -6, high: -3, note: "Without an account the shop cannot sell, and the form takes a week to be looked at."}},
		},
		{
			key: "check-list", team: onbTeam, by: "priya", title: "A check-list that knows what is done", day: 48, effort: 8, class: needle.MoscowShould,
			links: []link{{result: "checklist", by: "priya", day: 50, low: 25, high: 45}},
		},
		{
			key: "call", team: onbTeam, by: "carla", title: "Call every new shop in its first week", day: 5, effort: 3, class: needle.MoscowCould,
			moves: []move{{9, started}, {24, dropped}},
			links: []link{{result: "first-sale", by: "carla", day: 9, low: -3, high: -1, ended: 24}},
		},
		{key: "sign-up-letters", team: onbTeam, by: "lena", title: "Tidy the templates of the sign-up letters", day: 30, effort: 3, moves: []move{{38, started}, {41, done}}},
		{key: "languages", team: onbTeam, by: "priya", title: "Set-up in three more languages", day: 44, effort: 13, class: needle.MoscowCould},
	}
}
