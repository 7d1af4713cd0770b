package fakegithub

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// Delivery is a webhook call ready to be sent, once, twice, late or never.
type Delivery struct {
	// ID is the delivery's GUID; a redelivery keeps it.
	ID string
	// Event is the X-GitHub-Event ("issues").
	Event string
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

// Sign makes a delivery of any payload, signed with the server's secret.
func (s *Server) Sign(id, event string, body []byte) Delivery {
	mac := hmac.New(sha256.New, s.opts.WebhookSecret)
	mac.Write(body)
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/fake")
	h.Set("X-Github-Event", event)
	h.Set("X-Github-Delivery", id)
	h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return Delivery{ID: id, Event: event, Header: h, Body: body}
}

// announce prepares the webhook of a mutation. It is called under the lock.
func (s *Server) announce(r *repo, i *issue, action string, more map[string]any) {
	if s.opts.OnDelivery == nil || !json.Valid(i.raw) {
		return
	}
	event, noun := "issues", "issue"
	if isPull(i.raw) {
		event, noun = "pull_request", "pull_request"
	}
	payload := map[string]any{
		"action": action, noun: i.raw, "repository": r.summary(), "sender": newUser(s.opts.Login),
	}
	maps.Copy(payload, more)
	body, err := json.Marshal(payload)
	if err != nil {
		return // the raw issue was just found valid, and the rest is ours
	}
	s.hookSeq++
	id := fmt.Sprintf("%08x-%04x-4000-8000-%012x", s.hookBase>>32, s.hookBase>>16&0xffff, s.hookSeq)
	s.hooks = append(s.hooks, s.Sign(id, event, body))
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

// isPull says whether an issue object is a pull request.
func isPull(raw []byte) bool {
	var head struct {
		PullRequest *struct{} `json:"pull_request"`
	}
	return json.Unmarshal(raw, &head) == nil && head.PullRequest != nil
}
