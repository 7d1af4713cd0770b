package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/needle-okr/needle/internal/config"
)

// serveCmd serves the API.
type serveCmd struct {
	Addr    string `help:"Host and port of the API; NEEDLE_ADDR when not given." placeholder:"HOST:PORT"`
	Workers *int   `help:"Jobs at a time, 0 for none; NEEDLE_WORKERS when not given." placeholder:"N"`
	Migrate bool   `help:"Bring the schema up to date first."`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, env *environment) error {
	cfg, err := env.config()
	if err != nil {
		return err
	}
	if err := override(&cfg, c.Addr, c.Workers); err != nil {
		return err
	}
	log := env.logger(cfg)
	if err := checkSchema(ctx, cfg, log, c.Migrate); err != nil {
		return err
	}
	listener, err := listen(ctx, cfg.Addr)
	if err != nil {
		return err
	}
	a, err := newApp(cfg, log, 0) //nolint:contextcheck // It contacts nothing.
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	log.InfoContext(ctx, "serving", "url", addressOf(listener), "version", versionText(), "workers", cfg.Workers)
	return a.run(ctx, listener)
}

// override puts flags over settings and checks what comes of it.
func override(c *config.Config, addr string, workers *int) error {
	if addr != "" {
		c.Addr = addr
	}
	if workers != nil {
		c.Workers = *workers
	}
	return c.Validate()
}

// schemaPatience is how long a start waits for the database to say what schema it has.
const schemaPatience = 5 * time.Second

// checkSchema brings the schema up to date, or refuses one that is behind. A database that does not answer is no reason
// to refuse: /readyz says so until it does, and then whether its schema will do.
func checkSchema(ctx context.Context, c config.Config, log *slog.Logger, migrate bool) error {
	if migrate {
		return migrateUp(ctx, string(c.DatabaseURL))
	}
	asking, cancel := context.WithTimeout(ctx, schemaPatience)
	defer cancel()
	waiting, err := pending(asking, string(c.DatabaseURL))
	if err != nil {
		log.WarnContext(ctx, "the database cannot be asked for its schema; starting all the same", "error", err)
		return nil
	}
	if len(waiting) > 0 {
		return fmt.Errorf("the schema is behind this program by %d steps: run needle migrate up, or start with --migrate", len(waiting))
	}
	return nil
}

// addressOf returns the web address of a listener. One for every address of the machine is reached on loopback.
func addressOf(l net.Listener) string {
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok || !address.IP.IsUnspecified() {
		return "http://" + l.Addr().String()
	}
	return fmt.Sprintf("http://127.0.0.1:%d", address.Port)
}
