package fakejira

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
)

// Delivery is a webhook call ready to be sent, once, twice, late or never.
type Delivery struct {
	// Header holds all headers, the signature among them.
	Header http.Header
	// Body is the signed payload.
	Body []byte
}

// Request makes the HTTP request that carries the delivery.
func (d Delivery) Request(ctx context.Context, url string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(d.Body))
	if err != nil {
		return nil, fmt.Errorf("making a webhook request: %w", err)
	}
	r.Header = d.Header.Clone()
	return r, nil
}

// Sign makes a delivery of any payload, signed with the server's secret. Data
// Center gives deliveries no id.
func (s *Server) Sign(id string, body []byte) Delivery {
	mac := hmac.New(sha256.New, s.opts.WebhookSecret)
	mac.Write(body)
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	if s.opts.Cloud {
		h.Set("X-Atlassian-Webhook-Identifier", id)
	}
	return Delivery{Header: h, Body: body}
}

// announce prepares the webhook of a mutation. It is called under the lock.
func (s *Server) announce(i *issue, event string, change *entry) {
	if s.opts.OnDelivery == nil {
		return
	}
	s.hookSeq++
	payload := map[string]any{
		"timestamp": s.now().UnixMilli(), "webhookEvent": event, "user": s.robin(),
		"issue": map[string]any{"id": i.id, "key": i.key, "fields": i.latest().fields},
	}
	if change != nil {
		payload["changelog"] = map[string]any{"id": change.ID, "items": change.Items}
		payload["issue_event_type_name"] = "issue_generic"
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return // all of it was encoded before
	}
	s.hooks = append(s.hooks, s.Sign(fmt.Sprintf("%032x", s.hookSeq), body))
}

// release gives the lock back and then delivers what happened under it.
func (s *Server) release() {
	hooks := s.hooks
	s.hooks = nil
	s.mu.Unlock()
	for _, d := range hooks {
		s.opts.OnDelivery(d)
	}
}
