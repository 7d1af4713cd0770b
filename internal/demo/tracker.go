package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// trackerToken is what the fake GitHub asks for. It opens nothing else.
const trackerToken = "demo-token-of-the-fake-github" //nolint:gosec // Known to everybody who reads this.

// latency is what an answer of the fake GitHub takes, so that a person can see a pass at work.
const latency = 120 * time.Millisecond

// Between two changes in the fake GitHub passes this much time.
const changeEvery = 45 * time.Second

// tracker is the fake GitHub with its content, served on loopback.
type tracker struct {
	fake *fakegithub.Server
	http *http.Server
	url  string
	port int
	done chan struct{}
	// log is the file that remembers what changed after the beginning, so that the next start has the same issues.
	log string
	n   int
}

// edit is one line of the log.
type edit struct {
	Repo   string    `json:"repo"`
	Number int       `json:"number"`
	Close  bool      `json:"close"`
	At     time.Time `json:"at"`
}

// startTracker fills a fake GitHub and serves it, on the same port as the last time if that is free.
func startTracker(ctx context.Context, seed uint64, c calendar, port int, log string, delay time.Duration) (*tracker, error) {
	t := &tracker{
		fake: fakegithub.New(fakegithub.Options{Token: trackerToken, Login: "brightcart-bot", Latency: delay}),
		log:  log, done: make(chan struct{}),
	}
	for _, r := range repositories() {
		if err := fill(t.fake, r, r.write(seed, c)); err != nil { //nolint:contextcheck // What the fake announces outlives the question.
			return nil, fmt.Errorf("filling the fake GitHub: %w", err)
		}
	}
	if err := t.replay(); err != nil { //nolint:contextcheck // What the fake announces outlives the question.
		return nil, err
	}
	listener, err := listen(ctx, port)
	if err != nil {
		return nil, fmt.Errorf("serving the fake GitHub: %w", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(errors.New("the fake GitHub does not listen on TCP"), listener.Close())
	}
	t.port, t.url = address.Port, "http://"+address.String()+"/"
	t.http = &http.Server{Handler: t.fake, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(t.done)
		_ = t.http.Serve(listener) // It always ends with an error; stop asked for it.
	}()
	return t, nil
}

// listen takes a port of loopback; another one when it is in use, and any when it is 0.
func listen(ctx context.Context, port int) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil && port != 0 {
		return lc.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	return l, err
}

func fill(fake *fakegithub.Server, r repository, content []remote) error {
	fake.AddRepo(r.key)
	numbers := make([]int, len(content))
	for i, issue := range content {
		var err error
		if numbers[i], _, err = fake.Create(r.key, issue.NewIssue); err != nil {
			return err
		}
	}
	for i, issue := range content {
		if issue.reason == "" {
			continue
		}
		if err := fake.CloseIssueAt(r.key, numbers[i], issue.reason, issue.closedAt); err != nil {
			return err
		}
	}
	return nil
}

// stop ends the server and waits for it.
func (t *tracker) stop() error {
	err := t.http.Close()
	<-t.done
	return err
}

// replay makes the changes of earlier runs again. Lines that a crash cut off are left out.
func (t *tracker) replay() error {
	file, err := os.Open(t.log)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading what changed in the fake GitHub: %w", err)
	}
	defer file.Close() //nolint:errcheck // Opened for reading.
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var e edit
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		t.n++
		if err := t.apply(e); err != nil {
			return fmt.Errorf("changing the fake GitHub as before: %w", err)
		}
	}
	return lines.Err()
}

func (t *tracker) apply(e edit) error {
	if e.Close {
		return t.fake.CloseIssueAt(e.Repo, e.Number, "completed", e.At)
	}
	return t.fake.Update(e.Repo, e.Number, fakegithub.Change{At: e.At})
}

// drift changes an issue of the fake GitHub now and then until the context ends, so that the periodic passes have
// something to find. It returns what keeps it from doing so.
func (t *tracker) drift(ctx context.Context, seed uint64, now func() time.Time) error {
	ticker := time.NewTicker(changeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := t.change(seed, now()); err != nil { //nolint:contextcheck // What the fake announces outlives the question.
				return fmt.Errorf("changing the fake GitHub: %w", err)
			}
		}
	}
}

// change makes the next change, after it was written down: it closes an issue that is open, and touches anything else.
func (t *tracker) change(seed uint64, now time.Time) error {
	random := chance(seed, fmt.Sprintf("change/%d", t.n))
	all := repositories()
	repo := all[random.IntN(len(all))].key
	numbers := t.fake.Numbers(repo)
	e := edit{Repo: repo, Number: numbers[random.IntN(len(numbers))], At: now.UTC().Truncate(time.Second)}
	e.Close = t.isOpenIssue(e.Repo, e.Number)
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(t.log, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "\n%s\n", line) // On a line of its own, even behind one that was cut off.
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	t.n++
	return t.apply(e)
}

// isOpenIssue reports whether something is an issue, and not a pull request, that is open.
func (t *tracker) isOpenIssue(repo string, number int) bool {
	var issue struct {
		State string          `json:"state"`
		Pull  json.RawMessage `json:"pull_request"`
	}
	return json.Unmarshal(t.fake.Raw(repo, number), &issue) == nil && issue.State == "open" && issue.Pull == nil
}
