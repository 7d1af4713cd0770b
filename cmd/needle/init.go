package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// initCmd makes a workspace, its owner and the first token.
type initCmd struct {
	WorkspaceName string `required:"" help:"What people call the workspace." placeholder:"TEXT"`
	Slug          string `required:"" help:"Its short name: small letters, digits and dashes." placeholder:"SLUG"`
	OwnerEmail    string `required:"" help:"E-mail address of the owner." placeholder:"ADDRESS"`
	OwnerName     string `required:"" help:"Name of the owner." placeholder:"TEXT"`
}

var slugForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Run makes all of it and prints the token, and nothing else, to standard output. A workspace that an earlier attempt
// left without people is taken over.
func (c *initCmd) Run(ctx context.Context, env *environment) error {
	owner := needle.CreateUserInput{Email: c.OwnerEmail, Name: c.OwnerName, Role: needle.RoleOwner, Function: needle.FunctionLeader}
	if err := errors.Join(c.validate(), owner.Validate()); err != nil {
		return &usageError{strings.ReplaceAll(err.Error(), "input.", "owner ")}
	}
	cfg, err := env.config()
	if err != nil {
		return err
	}
	return withStore(cfg, func(db *store.Store) error {
		w, err := c.workspace(ctx, db)
		if err != nil {
			return err
		}
		var text string
		err = db.In(w.ID).InTx(ctx, func(ctx context.Context, tx store.Scope) error {
			if err := tx.Serialize(ctx, "init"); err != nil {
				return err
			}
			people, err := tx.Users(ctx, store.UserList{})
			if err != nil {
				return err
			}
			if len(people.Nodes) > 0 {
				return fmt.Errorf("there is a workspace %q already; needle token create makes further tokens", c.Slug)
			}
			text, err = c.people(ctx, tx, w, owner)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(env.stdout, text)
		fmt.Fprintf(env.stderr, "made the workspace %s; the token of %s above is not shown again\n", c.Slug, c.OwnerEmail)
		return nil
	})
}

func (c *initCmd) validate() error {
	if strings.TrimSpace(needle.Clean(c.WorkspaceName)) == "" || len(c.WorkspaceName) > needle.MaxName {
		return fmt.Errorf("a workspace's name has 1 to %d characters", needle.MaxName)
	}
	if !slugForm.MatchString(c.Slug) {
		return errors.New("a short name has 1 to 63 small letters, digits and dashes, and no dash at its ends")
	}
	return nil
}

// workspace makes the workspace, or finds it.
func (c *initCmd) workspace(ctx context.Context, db *store.Store) (*needle.Workspace, error) {
	w, err := db.WorkspaceBySlug(ctx, c.Slug)
	if !errors.Is(err, needle.ErrNotFound) {
		return w, err
	}
	id := needle.NewWorkspaceID()
	now := db.In(id).Now()
	w = &needle.Workspace{
		ID: id, Name: needle.Clean(c.WorkspaceName), Slug: c.Slug, Policy: needle.DefaultPolicy(),
		CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if err := db.InsertWorkspace(ctx, w); err != nil {
		return nil, fmt.Errorf("making the workspace: %w", err)
	}
	return w, nil
}

// people makes the owner and the first token.
func (c *initCmd) people(ctx context.Context, tx store.Scope, w *needle.Workspace, in needle.CreateUserInput) (string, error) {
	u := &needle.User{
		Stamp: tx.Stamp(), ID: needle.NewUserID(), Email: in.Email, Name: needle.Clean(in.Name), Role: in.Role, Function: in.Function,
	}
	if err := tx.InsertUser(ctx, u); err != nil {
		return "", fmt.Errorf("making the owner: %w", err)
	}
	if err := note(ctx, tx, needle.VerbCreated, w.ID, w); err != nil {
		return "", err
	}
	if err := note(ctx, tx, needle.VerbCreated, u.ID, u); err != nil {
		return "", err
	}
	text, _, err := issueToken(ctx, tx, u, "first token", needle.AllScopes(), needle.TokenLife)
	return text, err
}
