package main

import (
	"context"
)

// workCmd runs workers without the API.
type workCmd struct {
	Workers *int `help:"Jobs at a time; NEEDLE_WORKERS when not given." placeholder:"N"`
}

// Run works until it is told to stop.
func (c *workCmd) Run(ctx context.Context, env *environment) error {
	cfg, err := env.config()
	if err != nil {
		return err
	}
	if err := override(&cfg, "", c.Workers); err != nil {
		return err
	}
	if cfg.Workers == 0 {
		return &usageError{"working with no workers does nothing: set --workers or NEEDLE_WORKERS to 1 or more"}
	}
	log := env.logger(cfg)
	if err := checkSchema(ctx, cfg, log, false); err != nil {
		return err
	}
	a, err := newApp(cfg, log, 0) //nolint:contextcheck // It contacts nothing.
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "working", "version", versionText(), "workers", cfg.Workers)
	return a.run(ctx, nil)
}
