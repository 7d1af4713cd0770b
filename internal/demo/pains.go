package demo

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// pain is a customer's problem of the story.
type pain struct {
	key, title, text string
	category         string
	severity         int
	by               string
	day              int
	evidence         []proof
}

// proof is one piece of evidence. What was seen before the pain point was captured comes with it, the rest is added.
type proof struct {
	source            needle.EvidenceSource
	body              string
	customer, segment string
	day               int
	by                string
}

// The segments of the customers.
const (
	large = "Enterprise"
	mid   = "Mid-market"
	small = "Small shop"
)

func (s *story) writePains() {
	for _, p := range append(checkoutPains(), onboardingPains()...) {
		s.plan(p.day, 10.5, p.by, func(ctx context.Context) error {
			in := needle.CreatePainPointInput{Title: p.title, Description: &p.text, Category: &p.category, Severity: &p.severity}
			for _, e := range p.evidence {
				if e.day <= p.day {
					in.Evidence = append(in.Evidence, s.evidence(e))
				}
			}
			return keep(s.pains, p.key)(s.planner.CreatePainPoint(ctx, in))
		})
		for _, e := range p.evidence {
			if e.day > p.day {
				s.plan(e.day, 15, e.by, func(ctx context.Context) error {
					_, err := s.planner.AddEvidence(ctx, needle.AddEvidenceInput{PainPointID: s.pains[p.key].ID, Evidence: *s.evidence(e)})
					return err
				})
			}
		}
	}
	s.plan(10, 16, "samuel", func(ctx context.Context) error {
		_, err := s.planner.DismissPainPoint(ctx, needle.DismissPainPointInput{
			ID: s.pains["invitations"].ID, Reason: "The sender's records were wrong for one week and are mended; no report since.",
		})
		return err
	})
}

func (s *story) evidence(e proof) *needle.EvidenceInput {
	seen := s.at(e.day, 9.5)
	return &needle.EvidenceInput{Source: e.source, Body: e.body, Customer: optional(e.customer), Segment: optional(e.segment), ObservedAt: &seen}
}

func checkoutPains() []pain {
	return []pain{
		{
			"address", "Shoppers are asked for their address twice", "The address is typed for the delivery and again for the card, and many give up at the second form.",
			needle.CategoryComplexity, 5, "jonas", -80,
			[]proof{
				{needle.EvidenceQuote, "Half of my customers stop at the second address form. I can see it in the funnel.", "Fernhill Outdoor", mid, -82, "jonas"},
				{needle.EvidenceMetric, "38 of 100 baskets that reach the payment page are left there.", "", "", -81, "ines"},
				{needle.EvidenceInterview, "I thought the first form had failed, so I closed the tab.", "Papaya Kids", small, -30, "jonas"},
				{needle.EvidenceTicket, "Our shoppers ask by phone whether they were charged twice, because they typed everything twice.", "Halden Bikes", mid, 24, "jonas"},
			},
		},
		{
			"refusal", "A refused payment does not say why", "The page says that something went wrong. Shoppers try the same card again, or leave.",
			needle.CategoryCommunication, 5, "jonas", -78,
			[]proof{
				{needle.EvidenceTicket, "Please tell people that their bank refused, not that our shop is broken.", "Tidewater Books", small, -79, "jonas"},
				{needle.EvidenceQuote, "We lose the sale and the trust.", "Copperleaf Tools", large, -20, "carla"},
				{needle.EvidenceSurvey, "17 of 52 shop owners name unclear payment errors as their first wish.", "", "", -12, "ines"},
			},
		},
		{
			"slow", "The payment page is slow on phones", "On a middling phone the card form is usable after more than four seconds.",
			needle.CategoryQuality, 4, "aiko", -60,
			[]proof{
				{needle.EvidenceMetric, "75 of 100 phones need up to 4.2 s until the card form can be used.", "", "", -61, "aiko"},
				{needle.EvidenceQuote, "It takes ages on the train.", "Saltmarsh Coffee", small, -15, "carla"},
				{needle.EvidenceInterview, "Our buyers order from the warehouse floor; the page must be quick there.", "Copperleaf Tools", large, 12, "ines"},
			},
		},
		{
			"refunds", "Nobody can see where a refund is", "Refunds take days at the bank. Shoppers ask the shop, the shop asks us.",
			needle.CategoryCommunication, 4, "jonas", -40,
			[]proof{
				{needle.EvidenceTicket, "Where is my refund? I have asked three times.", "Nordlys Ceramics", small, -42, "jonas"},
				{needle.EvidenceMetric, "120 tickets a week are about the state of a refund.", "", "", -41, "jonas"},
				{needle.EvidenceQuote, "My team answers the same question all day.", "Fernhill Outdoor", mid, 8, "jonas"},
				{needle.EvidenceTicket, "The shopper saw the refund before we did. Better than the other way round!", "Atelier Miro", small, 60, "jonas"},
			},
		},
		{
			"vouchers", "A gift card cannot be used together with a voucher", "The second code replaces the first one without a word.",
			needle.CategoryComplexity, 2, "carla", 20,
			[]proof{
				{needle.EvidenceQuote, "Every December this costs us a day on the phone.", "Papaya Kids", small, 18, "carla"},
				{needle.EvidenceTicket, "My gift card vanished when I entered the newsletter code.", "Tidewater Books", small, 47, "jonas"},
			},
		},
	}
}

func onboardingPains() []pain {
	return []pain{
		{
			"setup", "It takes weeks until a new shop sells anything", "Half of the new shops need 19 days from sign-up to their first sale, and one in three never gets there.",
			needle.CategoryComplexity, 5, "carla", -75,
			[]proof{
				{needle.EvidenceMetric, "Median from sign-up to the first sale: 19 days.", "", "", -76, "priya"},
				{needle.EvidenceInterview, "By the time we could sell, the season was over.", "Halden Bikes", mid, -70, "carla"},
				{needle.EvidenceQuote, "I paid for two months before I sold a cup.", "Saltmarsh Coffee", small, -10, "carla"},
			},
		},
		{
			"import", "The product import fails on real spreadsheets", "Merged cells, commas in prices, one missing picture: the whole file is refused.",
			needle.CategoryQuality, 4, "carla", -70,
			[]proof{
				{needle.EvidenceTicket, "Row 412 has no picture, so none of my 2,300 products came in.", "Copperleaf Tools", large, -71, "carla"},
				{needle.EvidenceMetric, "46 of 100 first imports fail.", "", "", -70, "lena"},
				{needle.EvidenceQuote, "Your template is not how our stock system writes files.", "Fernhill Outdoor", mid, 15, "carla"},
			},
		},
		{
			"next-step", "Nobody tells a shop owner what to do next", "After sign-up there are eleven pages of settings and no order among them.",
			needle.CategoryCommunication, 3, "priya", -65,
			[]proof{
				{needle.EvidenceInterview, "I clicked through everything twice to be sure.", "Atelier Miro", small, -66, "priya"},
				{needle.EvidenceSurvey, "31 of 60 new owners did not know what was still missing.", "", small, 30, "priya"},
			},
		},
		{
			"tax", "Tax settings are guesswork", "Owners copy the settings of a friend's shop and hope.",
			needle.CategoryComplexity, 4, "carla", -50,
			[]proof{
				{needle.EvidenceTicket, "Which of the four tax classes is a gift basket?", "Nordlys Ceramics", small, -52, "carla"},
				{needle.EvidenceQuote, "Our accountant found it after five months.", "Halden Bikes", mid, -51, "carla"},
			},
		},
		{
			"invitations", "Invitations to colleagues end up in spam", "",
			needle.CategoryCommunication, 2, "carla", -30,
			[]proof{{needle.EvidenceTicket, "My bookkeeper never got the invitation.", "Saltmarsh Coffee", small, -31, "carla"}},
		},
	}
}
