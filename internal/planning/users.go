package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// owners names what transactions that take a role away queue on, so that two of them never leave nobody in charge.
const owners = "owners"

// CreateUser adds a person to the workspace. Nobody gives a role above their own; that answers FORBIDDEN.
func (p *Planner) CreateUser(ctx context.Context, in needle.CreateUserInput) (*needle.User, error) {
	var u *needle.User
	err := p.change(ctx, needle.ActManagePeople, in, func(ctx context.Context, a act) error {
		if err := a.mayGive(in.Role); err != nil {
			return err
		}
		u = &needle.User{
			Stamp: a.Stamp(), ID: needle.NewUserID(), Email: needle.Clean(in.Email), Name: needle.Clean(in.Name),
			Role: in.Role, Function: in.Function,
		}
		if err := a.InsertUser(ctx, u); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, u.ID, nil, u, about{})
	})
	return u, err
}

// UpdateUser changes a person. Nobody gives a role above their own or changes the role of somebody above them; that
// answers FORBIDDEN. The last OWNER keeps the role; taking it answers CONFLICT.
func (p *Planner) UpdateUser(ctx context.Context, in needle.UpdateUserInput) (*needle.User, error) {
	var u *needle.User
	err := p.change(ctx, needle.ActManagePeople, in, func(ctx context.Context, a act) error {
		if in.Role != nil {
			if err := a.Serialize(ctx, owners); err != nil {
				return err
			}
		}
		var err error
		if u, err = a.User(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(u.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if in.Role != nil && *in.Role != u.Role {
			if err := a.checkRole(ctx, u, *in.Role); err != nil {
				return err
			}
		}
		before := *u
		setText(&u.Name, in.Name)
		set(&u.Role, in.Role)
		set(&u.Function, in.Function)
		if err := a.UpdateUser(ctx, u); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, u.ID, before, u, about{})
	})
	return u, err
}

// mayGive refuses a role above the viewer's own.
func (a act) mayGive(role needle.Role) error {
	if role.Outranks(a.viewer.Role) {
		return needle.Invalid("input.role", needle.CodeForbidden, "you may not give a role above your own")
	}
	return nil
}

// checkRole says whether the viewer may give a person another role, and whether the workspace can spare the old one.
func (a act) checkRole(ctx context.Context, u *needle.User, role needle.Role) error {
	if u.Role.Outranks(a.viewer.Role) {
		return needle.Invalid("input.role", needle.CodeForbidden, "you may not change the role of somebody above you")
	}
	if err := a.mayGive(role); err != nil || u.Role != needle.RoleOwner {
		return err
	}
	others, err := a.OtherOwners(ctx, u.ID)
	if err != nil {
		return err
	}
	if !others {
		return needle.Conflict("input.role", "the last owner keeps the role; make somebody else an owner first")
	}
	return nil
}
