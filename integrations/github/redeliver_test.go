package github_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// inbox receives webhooks, and fails while it is told to.
type inbox struct {
	address string

	mu    sync.Mutex
	down  bool
	guids []string
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	in := &inbox{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		in.guids = append(in.guids, r.Header.Get("X-Github-Delivery"))
	}))
	t.Cleanup(s.Close)
	in.address = s.URL + "/webhooks/conn_1"
	return in
}

func (in *inbox) fail(down bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.down = down
}

func (in *inbox) received() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.guids)
}

// redeliver asks once and expects no error.
func redeliver(t *testing.T, w *world, address string, since time.Time) int {
	t.Helper()
	r, ok := w.Open().(integrations.Redeliverer)
	if !ok {
		t.Fatal("no Redeliverer")
	}
	n, err := r.Redeliver(t.Context(), w.source, address, since)
	if err != nil {
		t.Fatalf("Redeliver: %v", err)
	}
	return n
}

func TestRedeliver_asksOnceForEachThatWasLost(t *testing.T) {
	t.Parallel()
	for name, asApp := range map[string]bool{"of the repository": false, "of the App": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, in := newWorld(t, fakegithub.Options{App: theApp()}), newInbox(t)
			w.asApp = asApp
			if asApp {
				w.server.SetAppHook(in.address)
			} else {
				_, err := w.server.AddHook(shop, in.address)
				w.must(err)
			}
			ref := w.Create("Announced") // received
			w.sleep(time.Hour)
			in.fail(true)
			w.Touch(ref) // lost, and too old to ask for
			w.sleep(time.Hour)
			since := w.clock()
			for range 130 { // more than a page
				w.Touch(ref)
				w.Tick()
			}
			in.fail(false)
			if n := redeliver(t, w, in.address, since); n != 130 {
				t.Errorf("asked for %d deliveries, want 130", n)
			}
			got := in.received()
			slices.Sort(got)
			if len(got) != 131 || len(slices.Compact(got)) != 131 {
				t.Errorf("received %d deliveries with %d ids", len(in.received()), len(slices.Compact(got)))
			}
			if n := redeliver(t, w, in.address, since); n != 0 {
				t.Errorf("asked for %d again, and all have arrived", n)
			}
			if n := redeliver(t, w, in.address, time.Time{}); n != 1 {
				t.Errorf("asked for %d since the beginning, want the old one", n)
			}
			if n := redeliver(t, w, in.address+"x", time.Time{}); n != 0 {
				t.Errorf("asked for %d to an address that has no webhook", n)
			}
		})
	}
}

func TestRedeliver_asksAgainForWhatFailedAgain(t *testing.T) {
	t.Parallel()
	w, in := newWorld(t, fakegithub.Options{}), newInbox(t)
	_, err := w.server.AddHook(shop, in.address)
	w.must(err)
	in.fail(true)
	w.Create("Lost")
	for range 3 {
		w.Tick()
		if n := redeliver(t, w, in.address, time.Time{}); n != 1 {
			t.Errorf("asked for %d, want the one that fails again and again", n)
		}
	}
	in.fail(false)
	if n := redeliver(t, w, in.address, time.Time{}); n != 1 || len(in.received()) != 1 {
		t.Errorf("asked for %d, received %v", n, in.received())
	}
}

func TestRedeliver_anAppAsksForOneRepositoryAlone(t *testing.T) {
	t.Parallel()
	w, in := newWorld(t, fakegithub.Options{App: theApp()}), newInbox(t)
	w.asApp = true
	w.server.SetAppHook(in.address)
	in.fail(true)
	w.Create("Here")
	w.CreateElsewhere("There")
	in.fail(false)
	if n := redeliver(t, w, in.address, time.Time{}); n != 1 || len(in.received()) != 1 {
		t.Errorf("asked for %d, received %v", n, in.received())
	}
}

func TestRedeliver_letsGoOfWhatGitHubNoLongerHas(t *testing.T) {
	t.Parallel()
	w, in := newWorld(t, fakegithub.Options{}), newInbox(t)
	_, err := w.server.AddHook(shop, in.address)
	w.must(err)
	in.fail(true)
	w.Create("Lost")
	w.Create("Lost too")
	in.fail(false)
	var once sync.Once
	w.answer(func(r *http.Request) *fakegithub.Fault {
		var gone *fakegithub.Fault
		if r.Method == http.MethodPost {
			once.Do(func() { gone = fakegithub.Message(http.StatusUnprocessableEntity, "Delivery is too old") })
		}
		return gone
	})
	if n := redeliver(t, w, in.address, time.Time{}); n != 1 || len(in.received()) != 1 {
		t.Errorf("asked for %d, received %v", n, in.received())
	}
}

func TestRedeliver_saysThatItMayNotLook(t *testing.T) {
	t.Parallel()
	hidden := func(status int) func(*http.Request) *fakegithub.Fault {
		return func(r *http.Request) *fakegithub.Fault {
			if r.URL.Path == "/repos/acme/shop/hooks" {
				return fakegithub.Message(status, "Not Found")
			}
			return nil
		}
	}
	for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakegithub.Options{App: theApp()})
			w.answer(hidden(status))
			if _, err := w.open(token).Redeliver(t.Context(), w.source, "https://needle.example/", time.Time{}); !errors.Is(err, integrations.ErrForbidden) {
				t.Errorf("error = %v, want ErrForbidden", err)
			}
			// An App that may not see a repository's webhooks still sees its own.
			in := newInbox(t)
			w.server.SetAppHook(in.address)
			in.fail(true)
			w.Create("Lost")
			in.fail(false)
			w.asApp = true
			if n := redeliver(t, w, in.address, time.Time{}); n != 1 {
				t.Errorf("asked for %d, want 1", n)
			}
			if _, err := w.openWith(appSettings(goodKey())).Redeliver(t.Context(), w.source, "https://needle.example/", time.Time{}); !errors.Is(err, integrations.ErrForbidden) {
				t.Errorf("to an address that nobody knows: %v", err)
			}
		})
	}
	w := newWorld(t, fakegithub.Options{})
	w.must(w.server.RemoveRepo(shop))
	if _, err := w.open(token).Redeliver(t.Context(), w.source, "https://needle.example/", time.Time{}); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("of a repository that is no more: %v", err)
	}
}
