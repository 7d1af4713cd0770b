package jira

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// payload is what is read of a webhook.
type payload struct {
	Event   string `json:"webhookEvent"`
	Kind    string `json:"issue_event_type_name"`
	Project *named `json:"project"`
	Issue   *struct {
		ID     string `json:"id"`
		Key    string `json:"key"`
		Fields struct {
			Project *named `json:"project"`
		} `json:"fields"`
	} `json:"issue"`
}

// ParseWebhook verifies a delivery and says which issue to look at again. The
// secret is that of an administrator's webhook; deliveries of connections without
// one are refused.
func (t *Tracker) ParseWebhook(d integrations.Delivery, secret []byte) ([]integrations.Hint, error) {
	return parseWebhook(d, secret)
}

// parseWebhook is ParseWebhook; it needs nothing of the connection.
func parseWebhook(d integrations.Delivery, secret []byte) ([]integrations.Hint, error) {
	header := http.Header(d.Header)
	if !integrations.SignedSHA256(d.Body, header.Get("X-Hub-Signature"), secret) {
		return nil, integrations.ErrSignature
	}
	var p payload
	if err := json.Unmarshal(d.Body, &p); err != nil {
		return nil, fmt.Errorf("%w: %w", integrations.ErrMalformed, err)
	}
	if p.Issue == nil {
		// Sprints, versions, users and the like tell of no issue.
		return nil, nil
	}
	if _, err := strconv.ParseUint(p.Issue.ID, 10, 63); err != nil {
		return nil, fmt.Errorf("%w: an issue without an id", integrations.ErrMalformed)
	}
	return []integrations.Hint{{
		DeliveryID: deliveryID(header, d.Body), Event: p.event(), Source: p.source(),
		Ref: integrations.Ref{ID: p.Issue.ID, Key: p.Issue.Key},
	}}, nil
}

// NameDelivery reads what tells deliveries apart, and the event if the body has one.
func (t *Tracker) NameDelivery(d integrations.Delivery) (id, event string) {
	var p payload
	if json.Unmarshal(d.Body, &p) == nil {
		event = p.Event
	}
	return deliveryID(http.Header(d.Header), d.Body), event
}

// deliveryID is Cloud's name of the delivery. Data Center has none: the same bytes
// are the same delivery.
func deliveryID(h http.Header, body []byte) string {
	if id := h.Get("X-Atlassian-Webhook-Identifier"); id != "" {
		return id
	}
	return integrations.BodyID(body)
}

// event is what happened; old servers name only the kind, or nothing.
func (p payload) event() string {
	switch {
	case p.Event != "":
		return p.Event
	case p.Kind != "":
		return p.Kind
	default:
		return "issue"
	}
}

// source is what the delivery tells of the project; the issue's key names it where
// nothing else does.
func (p payload) source() integrations.Source {
	for _, project := range []*named{p.Issue.Fields.Project, p.Project} {
		if project != nil && project.Key != "" {
			return integrations.Source{ID: project.ID, Key: project.Key, Name: project.Name}
		}
	}
	if i := strings.LastIndexByte(p.Issue.Key, '-'); i > 0 {
		return integrations.Source{Key: p.Issue.Key[:i]}
	}
	return integrations.Source{}
}
