package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/needle-okr/needle/internal/localpg"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// Config says where a demo lives and what it is made of.
type Config struct {
	// Dir is the data folder. It is required; localpg.DefaultDir("demo") is the usual one.
	Dir string
	// Fresh throws away what is there.
	Fresh bool
	// Seed varies the noise of the story; 0 is a seed like any other.
	Seed uint64
	// Migrate brings a database up to date: Needle's schema and River's. It is required.
	Migrate func(ctx context.Context, url string) error
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log receives what happens to the private PostgreSQL; nil means silence.
	Log *slog.Logger
	// Say is told each step that may take a moment, as "seeding the workspace"; nil means nobody is told.
	Say func(step string)
}

// Demo is a running demo: its database and its fake GitHub. The API is not among them.
type Demo struct {
	config  Config
	server  *localpg.Server
	tracker *tracker
	state   state
}

// The databases of the demo. One of the second name is not finished.
const (
	database   = "needle"
	unfinished = "needle_seeding"
)

// stopPatience bounds the end of what a start that failed had begun.
const stopPatience = 15 * time.Second

// Start brings up the private PostgreSQL, tells the story into it unless that was done before, and serves the fake
// GitHub. Its errors are those of localpg.Start, of the database, and one that says to start over when the data folder
// lost a file. The context limits the start only.
func Start(ctx context.Context, c Config) (_ *Demo, err error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Say == nil {
		c.Say = func(string) {}
	}
	if c.Fresh {
		c.Say("removing the data of earlier runs")
		if err := localpg.Remove(ctx, c.Dir, c.Log); err != nil {
			return nil, err
		}
	}
	c.Say("starting a private PostgreSQL")
	server, err := localpg.Start(ctx, localpg.Config{DataDir: c.Dir, Logger: c.Log})
	if err != nil {
		return nil, err
	}
	d := &Demo{config: c, server: server}
	defer func() {
		if err != nil {
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
			defer cancel()
			err = errors.Join(err, d.Stop(ending))
		}
	}()
	if err := d.prepare(ctx); err != nil {
		return nil, err
	}
	d.tracker, err = startTracker(ctx, d.state.Seed, newCalendar(d.state.SeededAt), d.state.TrackerPort, d.file(changeFile), latency)
	if err != nil {
		return nil, err
	}
	if d.state.TrackerPort != d.tracker.port {
		d.state.TrackerPort = d.tracker.port
		err = d.state.write(d.server.DataDir())
	}
	return d, err
}

// Stop ends the fake GitHub and the private PostgreSQL.
func (d *Demo) Stop(ctx context.Context) error {
	var err error
	if d.tracker != nil {
		err = d.tracker.stop()
	}
	return errors.Join(err, d.server.Stop(ctx))
}

// Done returns a channel that is closed when PostgreSQL has ended, asked to or not.
func (d *Demo) Done() <-chan struct{} { return d.server.Done() }

// DatabaseURL returns the address of the demo's database.
func (d *Demo) DatabaseURL() string { return d.server.URL(database) }

// TrackerURL returns the address of the fake GitHub, with a slash at its end.
func (d *Demo) TrackerURL() string { return d.tracker.url }

// Token returns the bearer token of the workspace's owner.
func (d *Demo) Token() string { return d.state.Token }

// SecretKeys returns the keys that seal the credentials of the demo's connections, as NEEDLE_SECRET_KEYS has them.
func (d *Demo) SecretKeys() string { return d.state.SecretKeys }

// Dir returns the data folder.
func (d *Demo) Dir() string { return d.server.DataDir() }

// Drift changes an issue of the fake GitHub now and then, until the context ends.
func (d *Demo) Drift(ctx context.Context) error {
	return d.tracker.drift(ctx, d.state.Seed, d.config.Now)
}

func (d *Demo) file(name string) string { return filepath.Join(d.server.DataDir(), name) }

// prepare makes sure that there is a whole database of the present schema, and reads what belongs to it.
func (d *Demo) prepare(ctx context.Context) error {
	admin, err := store.Open(store.Config{URL: d.server.URL(""), Pool: 1})
	if err != nil {
		return err
	}
	defer admin.Close() //nolint:errcheck // Nothing of it is to be kept.
	var there bool
	err = admin.DB().QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = ?)", database).Scan(&there)
	if err != nil {
		return fmt.Errorf("looking for the demo's database: %w", err)
	}
	if !there {
		return d.create(ctx, admin)
	}
	if d.state, err = readState(d.server.DataDir()); err != nil {
		return err
	}
	return d.config.Migrate(ctx, d.DatabaseURL())
}

// create tells the story into a database of another name, which gets its own name when all is there.
func (d *Demo) create(ctx context.Context, admin *store.Store) error {
	var err error
	if d.state, err = newState(d.config.Seed, d.config.Now()); err != nil {
		return err
	}
	if err := os.RemoveAll(d.file(changeFile)); err != nil {
		return fmt.Errorf("removing what changed in the fake GitHub: %w", err)
	}
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + unfinished + " WITH (FORCE)",
		"CREATE DATABASE " + unfinished + " TEMPLATE template0 ENCODING 'UTF8'",
	} {
		if _, err := admin.DB().ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("making the demo's database: %w", err)
		}
	}
	d.config.Say("creating the schema")
	address := d.server.URL(unfinished)
	if err := d.config.Migrate(ctx, address); err != nil {
		return err
	}
	d.config.Say("seeding the workspace")
	// The rename below makes all of it durable at once.
	address, err = withSetting(address, "synchronous_commit", "off")
	if err != nil {
		return err
	}
	who, err := Seed(ctx, address, d.state.Seed, d.state.SeededAt)
	if err != nil {
		return err
	}
	if d.state.Token, err = issueToken(ctx, address, who, d.config.Now()); err != nil {
		return err
	}
	if err := d.state.write(d.server.DataDir()); err != nil {
		return err
	}
	if _, err := admin.DB().ExecContext(ctx, "ALTER DATABASE "+unfinished+" RENAME TO "+database); err != nil {
		return fmt.Errorf("finishing the demo's database: %w", err)
	}
	return nil
}

// withSetting adds a setting of PostgreSQL to a database's address.
func withSetting(address, name, value string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("reading the database's address: %w", err)
	}
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// tokenLife is how long the demo's token works: longer than anybody looks at a demo.
const tokenLife = 10 * 365 * day

// issueToken makes a token that may do all that its person may.
func issueToken(ctx context.Context, address string, who *needle.User, now time.Time) (string, error) {
	db, err := store.Open(store.Config{URL: address, Pool: 1})
	if err != nil {
		return "", err
	}
	defer db.Close() //nolint:errcheck // What was written is committed.
	secret, err := needle.NewTokenSecret(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("making the demo's token: %w", err)
	}
	scope := db.In(who.WorkspaceID)
	token := &needle.APIToken{
		Stamp: scope.Stamp(), ID: needle.NewAPITokenID(), UserID: who.ID, Name: "demo",
		Scopes: needle.AllScopes(), Hash: secret.Hash(), ExpiresAt: now.Add(tokenLife),
	}
	if err := scope.InsertAPIToken(ctx, token); err != nil {
		return "", fmt.Errorf("storing the demo's token: %w", err)
	}
	return needle.FormatToken(token.ID, secret), nil
}
