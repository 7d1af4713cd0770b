package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/needle-okr/needle/internal/store"
)

// keysCmd shows and rotates the keys that seal the credentials of trackers. Keys are named, never shown.
type keysCmd struct {
	Status keysStatusCmd `cmd:"" help:"Say which keys seal how much, and which may be taken away."`
	Rotate keysRotateCmd `cmd:"" help:"Seal everything with the first of NEEDLE_SECRET_KEYS, beside running servers."`
}

// resealBatch is how many secrets are sealed anew in one transaction.
const resealBatch = 100

type keysStatusCmd struct{}

// Run lists the keys. A key that is needed and missing is an error.
func (*keysStatusCmd) Run(ctx context.Context, env *environment) error {
	cfg, err := env.config()
	if err != nil {
		return err
	}
	return withStore(cfg, func(db *store.Store) error {
		uses, err := db.KeyUses(ctx)
		if err != nil {
			return err
		}
		if len(uses) == 0 {
			fmt.Fprintln(env.stdout, "There are no keys, and nothing is sealed.")
			return nil
		}
		table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "KEY\tSEALS\tSTATE")
		missing := 0
		for _, u := range uses {
			fmt.Fprintf(table, "%s\t%d\t%s\n", u.KeyID, u.Sealed, keyState(u))
			if !u.Held {
				missing++
			}
		}
		if err := table.Flush(); err != nil {
			return fmt.Errorf("writing the list: %w", err)
		}
		if missing > 0 {
			return fmt.Errorf("keys that are missing: %d; put them back into NEEDLE_SECRET_KEYS, or give the connections their credentials again", missing)
		}
		return nil
	})
}

// keyState says what a key is for.
func keyState(u store.KeyUse) string {
	switch {
	case !u.Held:
		return "missing: what it seals cannot be opened"
	case u.Current:
		return "current: seals what is new"
	case u.Sealed == 0:
		return "old: may be taken away"
	default:
		return "old: needle keys rotate seals these with the current one"
	}
}

type keysRotateCmd struct{}

// Run seals everything with the current key. What cannot be opened stays as it is and is an error.
func (*keysRotateCmd) Run(ctx context.Context, env *environment) error {
	cfg, err := env.config()
	if err != nil {
		return err
	}
	if err := cfg.RequireSecretKeys(); err != nil {
		return err
	}
	return withStore(cfg, func(db *store.Store) error {
		current, _ := cfg.SecretKeys.Current() // There is one, see above.
		told := 0
		done, err := db.Reseal(ctx, resealBatch, func(r store.Resealing) {
			if r.Resealed >= told+resealBatch {
				told = r.Resealed
				fmt.Fprintf(env.stderr, "%d sealed with key %s\n", r.Resealed, current.ID)
			}
		})
		if err != nil {
			return fmt.Errorf("%d are sealed with key %s, the rest stays as it was; run it again: %w", done.Resealed, current.ID, err)
		}
		fmt.Fprintf(env.stdout, "%d sealed anew; everything that opens is sealed with key %s\n", done.Resealed, current.ID)
		var problems []error
		for _, id := range slices.Sorted(maps.Keys(done.Missing)) {
			problems = append(problems, fmt.Errorf("%d are sealed with key %s, which is missing: put it back and run this again", done.Missing[id], id))
		}
		if done.Broken > 0 {
			problems = append(problems, fmt.Errorf("%d do not open with the key they name: give their connections new credentials", done.Broken))
		}
		return errors.Join(problems...)
	})
}
