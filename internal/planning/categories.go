package planning

import (
	"context"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// CreateCategory adds a kind of pain. A name that differs from another's in case at most answers DUPLICATE.
func (p *Planner) CreateCategory(ctx context.Context, in needle.CreateCategoryInput) (*needle.Category, error) {
	var c *needle.Category
	err := p.change(ctx, needle.ActSetUp, in, func(ctx context.Context, a act) error {
		c = &needle.Category{
			Stamp: a.Stamp(), ID: needle.NewCategoryID(), Name: name(in.Name), Description: needle.Clean(or(in.Description, "")),
		}
		if err := a.InsertCategory(ctx, c); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, c.ID, nil, c, about{})
	})
	return c, err
}

// UpdateCategory changes a kind of pain; its pain points follow a new name. DUPLICATE as for CreateCategory.
func (p *Planner) UpdateCategory(ctx context.Context, in needle.UpdateCategoryInput) (*needle.Category, error) {
	var c *needle.Category
	err := p.change(ctx, needle.ActSetUp, in, func(ctx context.Context, a act) error {
		var err error
		if c, err = a.Category(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(c.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *c
		if in.Name != nil {
			c.Name = name(*in.Name)
		}
		setText(&c.Description, in.Description)
		if err := a.UpdateCategory(ctx, c); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, c.ID, before, c, about{})
	})
	return c, err
}

// DeleteCategory removes a kind of pain and returns it as it was. One that pain points are of answers CONFLICT.
func (p *Planner) DeleteCategory(ctx context.Context, in needle.DeleteCategoryInput) (*needle.Category, error) {
	var c *needle.Category
	err := p.change(ctx, needle.ActSetUp, nil, func(ctx context.Context, a act) error {
		var err error
		if c, err = a.Category(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := a.DeleteCategory(ctx, c.ID); err != nil {
			return at("input.id", err)
		}
		return a.record(ctx, needle.VerbDeleted, c.ID, c, nil, about{})
	})
	return c, err
}

// name returns a name as it is compared: clean and without space around it.
func name(text string) string { return strings.TrimSpace(needle.Clean(text)) }
