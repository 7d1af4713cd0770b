package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// UserList asks for a list of people.
type UserList = needle.ListArgs[needle.UserFilter, needle.UserOrderField]

var users = listing[needle.User, needle.UserFilter, needle.UserOrderField]{
	orders: map[needle.UserOrderField]orderKey[needle.User]{
		needle.UserByName:      byText("name", func(r *needle.User) string { return r.Name }),
		needle.UserByCreatedAt: byTime("created_at", func(r *needle.User) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.UserByName, needle.Asc),
	filter: userFilter,
	id:     func(row *needle.User) uuid.UUID { return row.ID.UUID },
}

func userFilter(w *where, f *needle.UserFilter) {
	compare(w, "id", f.ID)
	w.text("email", f.Email)
	w.text("name", f.Name)
	compare(w, "role", f.Role)
	compare(w, "function", f.Function)
	nest(w, f.And, f.Or, f.Not, userFilter)
}

// Users reads one page of people. Malformed arguments answer coded Errors.
func (s Scope) Users(ctx context.Context, q UserList) (*needle.Page[*needle.User], error) {
	return users.page(ctx, s, q)
}

// UsersByID reads people; the answer lies parallel to ids, nil where there is none.
func (s Scope) UsersByID(ctx context.Context, ids []needle.UserID) ([]*needle.User, error) {
	return users.byIDs(ctx, s, raw(ids))
}

// User reads one person, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) User(ctx context.Context, id needle.UserID) (*needle.User, error) {
	return users.one(ctx, s, id.UUID, "person")
}

// InsertUser stores a new person.
func (s Scope) InsertUser(ctx context.Context, row *needle.User) error { return s.insert(ctx, row) }

// UpdateUser stores a changed person. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateUser(ctx context.Context, row *needle.User) error { return s.update(ctx, row) }

// UserByEmail finds a person by e-mail address, without case. It answers NOT_FOUND.
func (s Scope) UserByEmail(ctx context.Context, email string) (*needle.User, error) {
	page, err := s.Users(ctx, UserList{Filter: &needle.UserFilter{Email: &needle.StringComparator{Eq: &email}}})
	if err == nil && len(page.Nodes) == 0 {
		err = needle.NotFound("", "person")
	}
	if err != nil {
		return nil, err
	}
	return page.Nodes[0], nil
}

// OtherOwners reports whether anybody but one person has the role OWNER.
func (s Scope) OtherOwners(ctx context.Context, id needle.UserID) (bool, error) {
	var others bool
	err := s.idb.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM users WHERE workspace_id = ? AND role = ? AND id <> ?)",
		s.workspace, needle.RoleOwner, id).Scan(&others)
	return others, mapError(err)
}
