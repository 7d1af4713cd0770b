package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// tokenCmd makes, lists and revokes the bearer tokens of API callers.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it, this once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens of a workspace."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token."`
}

type tokenCreateCmd struct {
	User      string        `required:"" help:"E-mail address of the person who acts through it." placeholder:"ADDRESS"`
	Name      string        `required:"" help:"What it is for." placeholder:"TEXT"`
	Workspace string        `help:"Short name of the workspace; may be left out when there is one only." placeholder:"SLUG"`
	Scopes    []string      `help:"What it may do, as READ,LINK; all that the person may when left out." placeholder:"SCOPE"`
	Life      time.Duration `default:"2160h" help:"How long it works; 90 days when not given."`
}

// Run makes a token and prints it, and nothing else, to standard output.
func (c *tokenCreateCmd) Run(ctx context.Context, env *environment) error {
	scopes, err := parseScopes(c.Scopes)
	if err != nil {
		return err
	}
	if c.Life <= 0 {
		return &usageError{"--life must be longer than nothing"}
	}
	cfg, err := env.config()
	if err != nil {
		return err
	}
	return withStore(cfg, func(db *store.Store) error {
		scope, err := workspaceScope(ctx, db, c.Workspace)
		if err != nil {
			return err
		}
		who, err := scope.UserByEmail(ctx, c.User)
		if err != nil {
			return fmt.Errorf("looking for %s: %w", c.User, err)
		}
		return scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			text, token, err := issueToken(ctx, tx, who, c.Name, scopes, c.Life)
			if err != nil {
				return err
			}
			fmt.Fprintln(env.stdout, text)
			fmt.Fprintf(env.stderr, "%s works until %s and is not shown again\n", token.ID, token.ExpiresAt.Format(time.DateOnly))
			return nil
		})
	})
}

func parseScopes(names []string) ([]needle.TokenScope, error) {
	all := needle.AllScopes()
	if len(names) == 0 {
		return all, nil
	}
	known := map[needle.TokenScope]bool{}
	texts := make([]string, len(all))
	for i, s := range all {
		known[s], texts[i] = true, string(s)
	}
	scopes := make([]needle.TokenScope, len(names))
	for i, name := range names {
		scopes[i] = needle.TokenScope(strings.ToUpper(strings.TrimSpace(name)))
		if !known[scopes[i]] {
			return nil, &usageError{fmt.Sprintf("there is no scope %q; there are %s", name, strings.Join(texts, ", "))}
		}
	}
	return scopes, nil
}

// issueToken stores a token inside a transaction, with its activity, and returns its text.
func issueToken(ctx context.Context, tx store.Scope, who *needle.User, name string, scopes []needle.TokenScope, life time.Duration) (string, *needle.APIToken, error) {
	if strings.TrimSpace(name) == "" {
		return "", nil, &usageError{"a token needs a name that says what it is for"}
	}
	secret, err := needle.NewTokenSecret(rand.Reader)
	if err != nil {
		return "", nil, fmt.Errorf("making a secret: %w", err)
	}
	token := &needle.APIToken{
		Stamp: tx.Stamp(), ID: needle.NewAPITokenID(), UserID: who.ID, Name: needle.Clean(name), Scopes: scopes,
		Hash: secret.Hash(), ExpiresAt: tx.Now().Add(life),
	}
	if err := tx.InsertAPIToken(ctx, token); err != nil {
		return "", nil, fmt.Errorf("storing the token: %w", err)
	}
	if err := note(ctx, tx, needle.VerbCreated, token.ID, tokenFacts{token.Name, token.UserID, token.Scopes, token.ExpiresAt}); err != nil {
		return "", nil, err
	}
	return needle.FormatToken(token.ID, secret), token, nil
}

// tokenFacts is what the activity of a token says. It has no hash.
type tokenFacts struct {
	Name      string
	UserID    needle.UserID
	Scopes    []needle.TokenScope
	ExpiresAt time.Time
}

// note writes the activity of something that an operator did, who is no person of the workspace.
func note(ctx context.Context, tx store.Scope, verb needle.Verb, subject fmt.Stringer, after any) error {
	activity, err := needle.NewActivity(tx.WorkspaceID(), nil, verb, subject, nil, after, tx.Now())
	if err != nil {
		return err
	}
	return tx.InsertActivity(ctx, activity)
}

type tokenListCmd struct {
	Workspace string `help:"Short name of the workspace; may be left out when there is one only." placeholder:"SLUG"`
}

// Run lists tokens, never their secrets.
func (c *tokenListCmd) Run(ctx context.Context, env *environment) error {
	cfg, err := env.config()
	if err != nil {
		return err
	}
	return withStore(cfg, func(db *store.Store) error {
		scope, err := workspaceScope(ctx, db, c.Workspace)
		if err != nil {
			return err
		}
		list, err := scope.APITokens(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tSTATE\tEXPIRES\tLAST USED")
		for _, t := range list {
			used := "never"
			if t.LastUsedAt != nil {
				used = t.LastUsedAt.UTC().Format(time.DateTime)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, tokenState(t, scope.Now()), t.ExpiresAt.UTC().Format(time.DateOnly), used)
		}
		return table.Flush()
	})
}

func tokenState(t *needle.APIToken, now time.Time) string {
	switch {
	case t.RevokedAt != nil:
		return "revoked"
	case !now.Before(t.ExpiresAt):
		return "expired"
	default:
		return "works"
	}
}

type tokenRevokeCmd struct {
	ID        string `arg:"" help:"Id of the token, as 'needle token list' shows it."`
	Workspace string `help:"Short name of the workspace; may be left out when there is one only." placeholder:"SLUG"`
}

// Run ends a token. Servers refuse it within seconds.
func (c *tokenRevokeCmd) Run(ctx context.Context, env *environment) error {
	id, err := needle.ParseAPITokenID(c.ID)
	if err != nil {
		return &usageError{"this is not the id of a token: needle token list shows them"}
	}
	cfg, err := env.config()
	if err != nil {
		return err
	}
	return withStore(cfg, func(db *store.Store) error {
		scope, err := workspaceScope(ctx, db, c.Workspace)
		if err != nil {
			return err
		}
		err = scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			if err := tx.RevokeAPIToken(ctx, id); err != nil {
				return err
			}
			return note(ctx, tx, needle.VerbUpdated, id, struct{ Revoked bool }{true})
		})
		if err != nil {
			return fmt.Errorf("revoking %s: %w", id, err)
		}
		fmt.Fprintln(env.stdout, "revoked", id)
		return nil
	})
}
