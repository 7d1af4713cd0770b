package live

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

const (
	// firstRetry and lastRetry bound the wait between two tries to connect; each failure doubles it.
	firstRetry = 250 * time.Millisecond
	lastRetry  = 15 * time.Second
	// pingEvery is how often a silent connection is tried, so that one that died unnoticed is made anew.
	pingEvery = 30 * time.Second
	// defaultPace is the least time between two reads of one subscription.
	defaultPace = 200 * time.Millisecond
)

// Config says what a Hub listens to.
type Config struct {
	// URL is a direct address of the database, not one of a transaction pooler.
	URL string
	// Log is told when the connection is lost and found; nil means nobody is.
	Log *slog.Logger
	// Pace is the least time between two reads of one subscription; zero means a fifth of a second.
	Pace time.Duration
}

// Topic is what a subscription is about.
type Topic string

// SyncTopic is how the passes over a connection get on.
func SyncTopic(workspace needle.WorkspaceID, connection needle.ConnectionID) Topic {
	return Topic(store.SyncChannel + " " + workspace.String() + "/" + connection.String())
}

// channels are what a Hub listens to; a topic begins with the name of its channel.
func channels() []string { return []string{store.SyncChannel} }

// Hub passes what the database tells on to the subscriptions of this process. It is safe for concurrent use.
type Hub struct {
	config Config
	log    *slog.Logger
	pace   time.Duration
	// readers are the goroutines of Follow.
	readers sync.WaitGroup
	// ended is closed when the Hub stops.
	ended chan struct{}

	mu      sync.Mutex
	stopped bool
	topics  map[Topic]map[*subscription]struct{}
}

// subscription is one listener. changed holds at most one mark.
type subscription struct {
	hub     *Hub
	topic   Topic
	changed chan struct{}
}

// New returns a Hub. It does not contact the database.
func New(c Config) *Hub {
	h := &Hub{config: c, log: c.Log, pace: cmp.Or(c.Pace, defaultPace), ended: make(chan struct{}), topics: map[Topic]map[*subscription]struct{}{}}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h
}

// Run listens until ctx ends, then ends all subscriptions and waits for them. While the database does not answer it is
// tried again. A Hub runs once.
func (h *Hub) Run(ctx context.Context) error {
	listener := pq.NewListener(h.config.URL, firstRetry, lastRetry, h.tell)
	var helpers sync.WaitGroup
	// Listening waits for a connection, and only Close ends the wait.
	closing := context.AfterFunc(ctx, func() { _ = listener.Close() }) // It fails only when it was closed before.
	defer func() {
		if closing() {
			_ = listener.Close() // See above.
		}
		helpers.Wait()
		h.stop()
		go func() { // The listener ends by itself, but not while something it was told waits to be taken.
			for range listener.Notify {
			}
		}()
	}()
	for _, channel := range channels() {
		if err := listener.Listen(channel); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return errors.New("listening to " + channel + ": the database refuses it")
		}
	}
	h.wakeAll() // What happened before nobody heard.
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ping.C:
			helpers.Go(func() { _ = listener.Ping() }) // A connection that fails is made anew.
		case n, open := <-listener.Notify:
			switch {
			case !open:
				return nil
			case n == nil: // The connection was made anew.
				h.wakeAll()
			default:
				h.wake(Topic(n.Channel + " " + n.Extra))
			}
		}
	}
}

// tell logs what becomes of the connection. The cause may quote the address, so it is not logged.
func (h *Hub) tell(event pq.ListenerEventType, _ error) {
	switch event {
	case pq.ListenerEventDisconnected:
		h.log.Warn("live changes wait: the connection to the database was lost")
	case pq.ListenerEventConnectionAttemptFailed:
		h.log.Warn("live changes wait: the database does not answer")
	case pq.ListenerEventReconnected:
		h.log.Info("live changes go on")
	case pq.ListenerEventConnected:
	}
}

// subscribe begins to listen to a topic; false when the Hub has stopped.
func (h *Hub) subscribe(topic Topic) (*subscription, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return nil, false
	}
	s := &subscription{hub: h, topic: topic, changed: make(chan struct{}, 1)}
	if h.topics[topic] == nil {
		h.topics[topic] = map[*subscription]struct{}{}
	}
	h.topics[topic][s] = struct{}{}
	h.readers.Add(1)
	return s, true
}

// close ends a subscription.
func (s *subscription) close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.topics[s.topic], s)
	if len(s.hub.topics[s.topic]) == 0 {
		delete(s.hub.topics, s.topic)
	}
	s.hub.readers.Done()
}

// wake marks the subscriptions of a topic.
func (h *Hub) wake(topic Topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.topics[topic] {
		s.mark()
	}
}

// wakeAll marks every subscription.
func (h *Hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, all := range h.topics {
		for s := range all {
			s.mark()
		}
	}
}

func (s *subscription) mark() {
	select {
	case s.changed <- struct{}{}:
	default: // It is marked already.
	}
}

// stop ends all subscriptions and waits for them.
func (h *Hub) stop() {
	h.mu.Lock()
	if !h.stopped {
		h.stopped = true
		close(h.ended)
	}
	h.mu.Unlock()
	h.readers.Wait()
}

// Subscriptions counts those that listen now.
func (h *Hub) Subscriptions() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, all := range h.topics {
		n += len(all)
	}
	return n
}
