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
	"time"
)

// hookPatience is how long a receiver may take.
const hookPatience = 10 * time.Second

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

// outgoing is a delivery with those who get it.
type outgoing struct {
	Delivery

	action string
	repoID int64
	to     []*hook
	again  bool
}

// announce prepares the webhook of a mutation. It is called under the lock.
func (s *Server) announce(r *repo, i *issue, action string, more map[string]any) {
	event := "issues"
	if isPull(i.raw) {
		event = "pull_request"
	}
	s.announceAs(event, r, i, action, more)
}

// announceAs is announce with the name of the event.
func (s *Server) announceAs(event string, r *repo, i *issue, action string, more map[string]any) {
	noun := "issue"
	if event == "pull_request" {
		noun = event
	}
	payload := map[string]any{noun: i.raw}
	maps.Copy(payload, more)
	s.tell(event, r, action, payload)
}

// tell prepares any webhook about a repository. It is called under the lock.
func (s *Server) tell(event string, r *repo, action string, more map[string]any) {
	to := r.hooks
	if s.appHook != nil {
		to = append([]*hook{s.appHook}, to...)
	}
	if s.opts.OnDelivery == nil && len(to) == 0 {
		return
	}
	payload := map[string]any{"action": action, "repository": r.summary(), "sender": newUser(s.opts.Login)}
	maps.Copy(payload, more)
	body, err := json.Marshal(payload)
	if err != nil {
		return // a poisoned issue is not announced
	}
	s.hookSeq++
	id := fmt.Sprintf("%08x-%04x-4000-8000-%012x", s.hookBase>>32, s.hookBase>>16&0xffff, s.hookSeq)
	s.outbox = append(s.outbox, outgoing{Delivery: s.Sign(id, event, body), action: action, repoID: r.id, to: to})
}

// release gives the lock back and then delivers what happened under it.
func (s *Server) release(ctx context.Context) {
	outbox := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	for _, o := range outbox {
		if s.opts.OnDelivery != nil && !o.again {
			s.opts.OnDelivery(o.Delivery)
		}
		for _, h := range o.to {
			s.deliver(ctx, h, o)
		}
	}
}

// deliver sends a delivery to a hook's address and notes how that ended.
func (s *Server) deliver(ctx context.Context, h *hook, o outgoing) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookPatience)
	defer cancel()
	status, words := 0, "failed to connect to host"
	if r, err := o.Request(ctx, h.address); err == nil {
		if answer, err := http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close() // nothing was read
			if status, words = answer.StatusCode, "OK"; status >= http.StatusMultipleChoices {
				words = fmt.Sprintf("Invalid HTTP Response: %d", status)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	h.tries = append(h.tries, &try{id: s.nextID, at: s.now(), status: status, words: words, outgoing: o})
}

// isPull says whether an issue object is a pull request.
func isPull(raw []byte) bool {
	var head struct {
		PullRequest *struct{} `json:"pull_request"`
	}
	return json.Unmarshal(raw, &head) == nil && head.PullRequest != nil
}
