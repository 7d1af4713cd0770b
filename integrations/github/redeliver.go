package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// hookJSON is what is read of a webhook, or of the configuration of an App's.
type hookJSON struct {
	ID     int64 `json:"id"`
	Config struct {
		URL string `json:"url"`
	} `json:"config"`
}

// deliveryJSON is what is read of a past delivery.
type deliveryJSON struct {
	ID           int64     `json:"id"`
	GUID         string    `json:"guid"`
	DeliveredAt  time.Time `json:"delivered_at"`
	Status       string    `json:"status"`
	StatusCode   int       `json:"status_code"`
	RepositoryID int64     `json:"repository_id"`
}

// succeeded says whether the receiver took it.
func (d deliveryJSON) succeeded() bool { return d.StatusCode >= 200 && d.StatusCode < 300 }

// pending says whether its end is not known yet.
func (d deliveryJSON) pending() bool { return d.StatusCode == 0 && d.Status == "pending" }

// hookLog is where the deliveries of a webhook are kept.
type hookLog struct {
	path  string
	asApp bool
}

// Redeliver asks for the failed deliveries of a repository's webhook again. An App
// that has no webhook in the repository looks at its own. GitHub keeps
// deliveries for three days and never repeats one by itself.
func (t *Tracker) Redeliver(ctx context.Context, s integrations.Source, address string, since time.Time) (int, error) {
	n, err := t.redeliver(ctx, s, address, since)
	if err != nil {
		return n, fmt.Errorf("asking for lost deliveries of %s: %w", s.Key, err)
	}
	return n, nil
}

// redeliver is Redeliver without the words around its errors.
func (t *Tracker) redeliver(ctx context.Context, s integrations.Source, address string, since time.Time) (int, error) {
	logs, err := t.hookLogs(ctx, s, address)
	if err != nil {
		return 0, err
	}
	asked := 0
	for _, log := range logs {
		lost, err := t.lostDeliveries(ctx, log, s, since)
		if err != nil {
			return asked, err
		}
		for _, id := range lost {
			done, err := t.askAgain(ctx, log, id)
			if err != nil {
				return asked, err
			}
			if done {
				asked++
			}
		}
	}
	return asked, nil
}

// hookLogs finds the webhooks that deliver to an address.
func (t *Tracker) hookLogs(ctx context.Context, s integrations.Source, address string) ([]hookLog, error) {
	logs, err := t.repositoryHooks(ctx, s, address)
	if len(logs) > 0 || t.client.app == nil || err != nil && !errors.Is(err, integrations.ErrForbidden) {
		return logs, err
	}
	mine, appErr := t.isAppHook(ctx, address)
	switch {
	case appErr != nil:
		return nil, appErr
	case mine:
		return []hookLog{{path: "app/hook/deliveries", asApp: true}}, nil
	}
	return nil, err
}

// repositoryHooks are the webhooks of the repository itself. GitHub hides them
// from a credential that may not see them, as if they were not there.
func (t *Tracker) repositoryHooks(ctx context.Context, s integrations.Source, address string) ([]hookLog, error) {
	path, err := repoPath(s.Key)
	if err != nil {
		return nil, err
	}
	var logs []hookLog
	err = t.client.each(ctx, ask{address: path + "/hooks?per_page=100"}, func(got reply) (bool, error) {
		var hooks []hookJSON
		if err := got.decode(&hooks); err != nil {
			return false, err
		}
		for _, h := range hooks {
			if h.ID > 0 && h.Config.URL == address {
				logs = append(logs, hookLog{path: path + "/hooks/" + strconv.FormatInt(h.ID, 10) + "/deliveries"})
			}
		}
		return true, nil
	})
	if errors.Is(err, integrations.ErrNotFound) {
		if _, err := t.client.get(ctx, path, ""); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: it may not see the repository's webhooks", integrations.ErrForbidden)
	}
	return logs, err
}

// isAppHook says whether the App's own webhook delivers to an address.
func (t *Tracker) isAppHook(ctx context.Context, address string) (bool, error) {
	app := t.client.app
	got, err := t.client.do(ctx, ask{address: "app/hook/config", asApp: true, limits: app.limits})
	if errors.Is(err, integrations.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, app.refusal(err)
	}
	var config struct {
		URL string `json:"url"`
	}
	err = got.decode(&config)
	return config.URL == address, err
}

// lostDeliveries are those of a source that failed since a time and did not
// succeed in another try, oldest first and the latest try of each.
func (t *Tracker) lostDeliveries(ctx context.Context, log hookLog, s integrations.Source, since time.Time) ([]int64, error) {
	var seen []deliveryJSON
	err := t.client.each(ctx, log.ask(http.MethodGet, log.path+"?per_page=100", t.client), func(got reply) (bool, error) {
		raws, err := decodeList(got)
		for _, raw := range raws {
			var d deliveryJSON
			if json.Unmarshal(raw, &d) != nil || d.ID <= 0 || d.GUID == "" {
				continue // a delivery that cannot be named cannot be asked for
			}
			if d.DeliveredAt.Before(since) {
				return false, nil // the newest come first
			}
			if d.RepositoryID <= 0 || s.ID == "" || strconv.FormatInt(d.RepositoryID, 10) == s.ID {
				seen = append(seen, d)
			}
		}
		return err == nil, err
	})
	if errors.Is(err, integrations.ErrNotFound) {
		return nil, nil // the webhook was removed just now
	}
	return lost(seen), err
}

// lost picks the deliveries to ask for again from all tries, newest first.
func lost(tries []deliveryJSON) []int64 {
	settled := map[string]bool{}
	for _, d := range tries {
		if d.succeeded() || d.pending() {
			settled[d.GUID] = true
		}
	}
	var out []int64
	for _, d := range tries {
		if !settled[d.GUID] {
			settled[d.GUID] = true
			out = append(out, d.ID)
		}
	}
	slices.Reverse(out)
	return out
}

// askAgain asks for one delivery. One that GitHub no longer has, or will not
// send, is let go: the others matter no less.
func (t *Tracker) askAgain(ctx context.Context, log hookLog, id int64) (bool, error) {
	address := log.path + "/" + strconv.FormatInt(id, 10) + "/attempts"
	_, err := t.client.do(ctx, log.ask(http.MethodPost, address, t.client))
	rejected := (*integrations.RejectedError)(nil)
	if errors.Is(err, integrations.ErrNotFound) || errors.Is(err, integrations.ErrGone) || errors.As(err, &rejected) {
		return false, nil
	}
	return err == nil, err
}

// ask is a request about the log.
func (l hookLog) ask(method, address string, c *client) ask {
	out := ask{method: method, address: address, asApp: l.asApp}
	if l.asApp {
		out.limits = c.app.limits
	}
	return out
}
