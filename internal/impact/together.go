package impact

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Together works out the ledger of an objective from what is known of it. Missing functions are those that the policy
// asks for today. Before the objective was written the facts name nobody, and nothing was made at all, in a vacuum or
// otherwise.
func Together(o *needle.Objective, policy needle.Policy, facts needle.TogetherFacts) *needle.MadeTogether {
	m := &needle.MadeTogether{FirstProposedAt: facts.FirstProposedAt, AgreedAt: facts.AgreedAt, MissingFunctions: []needle.Function{}}
	by := map[needle.Function]*needle.TogetherFunction{}
	for _, f := range needle.Functions() {
		by[f] = &needle.TogetherFunction{Function: f}
		m.Functions = append(m.Functions, by[f])
	}
	others := false
	for _, known := range facts.People {
		p := *known
		if p.UserID == o.CreatedBy {
			p.Wrote = max(1, p.Wrote) // Who wrote it first is known even where no activity tells.
			m.MadeInAVacuum = true
		} else if p.Acts() > 0 {
			others = true
		}
		m.People = append(m.People, &p)
		by[p.Function].People++
		by[p.Function].Acts += p.Acts()
	}
	m.MadeInAVacuum = m.MadeInAVacuum && !others
	for _, f := range m.Functions {
		if policy.Required(f.Function) > 0 && f.Acts == 0 {
			m.MissingFunctions = append(m.MissingFunctions, f.Function)
		}
	}
	if from, to := facts.FirstProposedAt, facts.AgreedAt; from != nil && to != nil && !to.Before(*from) {
		days := float64(to.Sub(*from)) / float64(24*time.Hour)
		m.DaysToAgreement = &days
	}
	return m
}
