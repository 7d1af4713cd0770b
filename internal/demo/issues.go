package demo

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// The repositories of the fake GitHub.
const (
	checkoutRepo   = "brightcart/checkout"
	onboardingRepo = "brightcart/onboarding"
)

// repository is what one repository of the fake GitHub is about.
type repository struct {
	key string
	// issues and pulls are how many there are.
	issues, pulls int
	logins        []string
	themes        []theme
}

// theme is a kind of issue: the label that links it, empty for none, and what the issues say.
type theme struct {
	label    string
	subjects []string
}

func repositories() []repository {
	return []repository{
		{checkoutRepo, 104, 46, []string{"dmitri", "aiko", "ines"}, checkoutThemes()},
		{onboardingRepo, 62, 28, []string{"lena", "priya"}, onboardingThemes()},
	}
}

func checkoutThemes() []theme {
	return []theme{
		{labelCompletion, []string{
			"Show delivery costs before the payment step", "Keep the basket when a session ends", "Postcode field refuses letters",
			"Explain why a voucher does not apply", "Focus jumps to the top after an error", "Button stays grey after the terms are ticked",
			"Offer the address that was used last", "Guests are asked for a password", "Say which field is wrong",
		}},
		{labelTimeToPay, []string{
			"Fill in the town from the postcode", "Skip the summary page for one item", "Card number field loses pasted digits",
			"Ask for the telephone number only when the carrier needs it", "Confirm without a second page", "Remember the delivery choice",
		}},
		{labelMobile, []string{
			"Load fonts after the form", "Shrink the pictures of card brands", "Do not wait for the recommendation box",
			"Cut the script of the date picker", "Answer from the cache for the country list", "Layout jumps while the page loads",
		}},
		{labelRefunds, []string{
			"Name the day a refund arrives", "Refund state is missing in the order list", "Link from the refund letter to the order",
			"Partial refunds show the full amount", "Support sees another state than the shopper", "Refund in another currency shows no rate",
		}},
		{"", []string{
			"Update the payment library", "Flaky test in the settlement export", "Rename the fee column in the report",
			"Alert when the queue of payouts grows", "Split the receipt template", "Remove the old currency switch",
		}},
	}
}

func onboardingThemes() []theme {
	return []theme{
		{labelImport, []string{
			"Read prices with a comma", "Merged cells hide product names", "Accept files from older office programs",
			"Show which picture is missing", "Import stops at an empty row", "Guess the column that holds the stock number",
		}},
		{labelFirstSale, []string{
			"Ask for the bank account first", "Preview the shop before it opens", "Default delivery zones for each country",
			"Open without a logo", "Name of the shop cannot be changed later", "Say what is missing before the shop can open",
		}},
		{"", []string{
			"Translate the welcome letter", "Move sign-up to the new form library", "Old links to the manual",
			"Count trial days in the owner's time zone", "Test accounts show up in the statistics",
		}},
	}
}

// where makes many issues of one subject.
var where = []string{"", "on tablets", "for guest orders", "in shops with two currencies", "in the Nordic shops", "for wholesale buyers", "in the dark theme"}

// remote is one issue or pull request as it is put into the fake GitHub.
type remote struct {
	fakegithub.NewIssue
	// reason is why it was closed; empty while it is open.
	reason   string
	closedAt time.Time
}

// write invents what a repository holds, in the order of creation. The same seed and calendar give the same.
func (r repository) write(seed uint64, c calendar) []remote {
	random := chance(seed, r.key)
	var all []remote
	for n := range r.issues {
		t := r.themes[n%len(r.themes)]
		round := n / len(r.themes)
		title := strings.TrimSpace(t.subjects[round%len(t.subjects)] + " " + where[round/len(t.subjects)%len(where)])
		all = append(all, r.issue(random, c, t, title))
	}
	for n := range r.pulls {
		of := all[n*r.issues/r.pulls]
		pull := fakegithub.NewIssue{Title: "Change: " + of.Title, Pull: true, Assignees: of.Assignees, CreatedAt: of.CreatedAt.Add(day + time.Duration(n)*time.Minute)}
		all = append(all, remote{NewIssue: pull, reason: of.reason, closedAt: of.closedAt.Add(-time.Hour)})
	}
	for i := range all {
		if !all[i].closedAt.After(all[i].CreatedAt) || !all[i].closedAt.Before(c.now) {
			all[i].reason = ""
		}
	}
	all = slices.DeleteFunc(all, func(i remote) bool { return !i.CreatedAt.Before(c.now) })
	slices.SortStableFunc(all, func(a, b remote) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Title, b.Title)) })
	return all
}

// The shares of issues: those that carry their theme's label, and those that are closed without being done.
const (
	labelled   = 0.7
	notPlanned = 0.10
	duplicate  = 0.05
)

func (r repository) issue(random *rand.Rand, c calendar, t theme, title string) remote {
	opened := -10 + random.IntN(10+c.today())
	lasts := 2 + int(random.ExpFloat64()*16)
	out := remote{NewIssue: fakegithub.NewIssue{
		Title: title, Body: "Seen by support and by two shops. What is expected: " + strings.ToLower(title[:1]) + title[1:] + ".",
		Assignees: []string{r.logins[random.IntN(len(r.logins))]}, CreatedAt: c.at(opened, 8+8*random.Float64()),
	}}
	out.Type = []string{"Bug", "Feature", "Task"}[random.IntN(3)]
	if t.label != "" && random.Float64() < labelled {
		out.Labels = append(out.Labels, t.label)
	}
	out.Labels = append(out.Labels, []string{"ux", "payments", "good first issue"}[random.IntN(3)])
	out.closedAt = c.at(opened+lasts, 9+8*random.Float64())
	switch share := random.Float64(); {
	case share < notPlanned:
		out.reason = "not_planned"
	case share < notPlanned+duplicate:
		out.reason = "duplicate"
	default:
		out.reason = "completed"
	}
	return out
}
