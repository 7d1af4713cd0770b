package storetest

import (
	"context"
	"crypto/rand"
	"strconv"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// Now is the moment at which every factory works: a Monday morning in the middle of the default cycle.
func Now() time.Time { return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) }

// Factory writes rows of one workspace straight into the database. Each method makes one noun with sensible defaults,
// lets the given functions change it, and returns it as stored. What a noun must refer to and was not given is made
// once and shared: two key results belong to the same objective unless one says otherwise.
//
// Histories are written along: a key result's goals, an item's first status and class, a link's version. A test that
// inserts nothing by hand therefore meets no state that Needle itself could not reach. A Factory serves one goroutine.
type Factory struct {
	// Workspace is the tenant of every row.
	Workspace *needle.Workspace
	// Owner is a person with the role OWNER, and the author of what has to have one.
	Owner *needle.User

	t      testing.TB
	db     bun.IDB
	serial int

	team       *needle.Team
	cycle      *needle.Cycle
	painPoint  *needle.PainPoint
	objective  *needle.Objective
	keyResult  *needle.KeyResult
	item       *needle.BacklogItem
	connection *needle.Connection
	source     *needle.Source
}

// Seed makes a workspace and its owner. Calling it again makes another workspace.
func Seed(t testing.TB, db bun.IDB) *Factory {
	t.Helper()
	id := needle.NewWorkspaceID()
	f := &Factory{t: t, db: db, Workspace: &needle.Workspace{
		ID: id, Name: "Workspace", Slug: id.String(), Policy: needle.DefaultPolicy(),
		CreatedAt: Now(), UpdatedAt: Now(), Version: 1,
	}}
	f.insert(f.Workspace)
	categories := needle.DefaultCategories(id, Now())
	f.insert(&categories)
	f.Owner = f.User(func(u *needle.User) { u.Name, u.Role, u.Email = "Olive Owner", needle.RoleOwner, "owner@example.com" })
	return f
}

// Viewer returns the person with every scope a token can have, as the credential of f.Token would.
func (f *Factory) Viewer(u *needle.User) needle.Viewer {
	return needle.Viewer{WorkspaceID: f.Workspace.ID, UserID: u.ID, Role: u.Role, Function: u.Function, Scopes: needle.AllScopes()}
}

// User adds a person, a MEMBER who speaks for the team.
func (f *Factory) User(change ...func(*needle.User)) *needle.User {
	f.t.Helper()
	n := f.next()
	u := &needle.User{
		Stamp: f.stamp(), ID: needle.NewUserID(), Email: "user" + n + "@example.com", Name: "User " + n,
		Role: needle.RoleMember, Function: needle.FunctionTeam,
	}
	return made(f, u, change)
}

// Token gives the owner a credential with every scope that works for TokenLife, and returns what a caller presents.
func (f *Factory) Token(change ...func(*needle.APIToken)) (*needle.APIToken, string) {
	f.t.Helper()
	secret, err := needle.NewTokenSecret(rand.Reader)
	if err != nil {
		f.t.Fatalf("making a token's secret: %v", err)
	}
	token := &needle.APIToken{
		Stamp: f.stamp(), ID: needle.NewAPITokenID(), UserID: f.Owner.ID, Name: "Token " + f.next(),
		Scopes: needle.AllScopes(), ExpiresAt: Now().Add(needle.TokenLife),
	}
	token.Hash = secret.Hash()
	return made(f, token, change), needle.FormatToken(token.ID, secret)
}

// Team founds a team without lead or members.
func (f *Factory) Team(change ...func(*needle.Team)) *needle.Team {
	f.t.Helper()
	n := f.next()
	return first(&f.team, made(f, &needle.Team{Stamp: f.stamp(), ID: needle.NewTeamID(), Key: "T" + n, Name: "Team " + n}, change))
}

// Join makes the people members of the team, each with the function the person usually has.
func (f *Factory) Join(team *needle.Team, people ...*needle.User) {
	f.t.Helper()
	for _, u := range people {
		f.exec(`INSERT INTO team_members (workspace_id, team_id, user_id, function) VALUES (?, ?, ?, ?)`,
			f.Workspace.ID, team.ID, u.ID, u.Function)
	}
}

// Cycle makes the active first quarter of 2026, which Now lies in.
func (f *Factory) Cycle(change ...func(*needle.Cycle)) *needle.Cycle {
	f.t.Helper()
	return first(&f.cycle, made(f, &needle.Cycle{
		Stamp: f.stamp(), ID: needle.NewCycleID(), Name: "Cycle " + f.next(), State: needle.CycleActive,
		StartsOn: needle.NewDate(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)),
		EndsOn:   needle.NewDate(time.Date(2026, time.March, 31, 0, 0, 0, 0, time.UTC)),
	}, change))
}

// Activity records that the owner created the workspace.
func (f *Factory) Activity(change ...func(*needle.Activity)) *needle.Activity {
	f.t.Helper()
	return made(f, &needle.Activity{
		WorkspaceID: f.Workspace.ID, ID: needle.NewActivityID(), ActorID: &f.Owner.ID, Verb: needle.VerbCreated,
		SubjectID: f.Workspace.ID.String(), RecordedAt: Now(),
	}, change)
}

// made applies the changes and stores the row.
func made[T any](f *Factory, row *T, change []func(*T)) *T {
	f.t.Helper()
	apply(row, change)
	f.insert(row)
	return row
}

func apply[T any](row *T, change []func(*T)) {
	for _, c := range change {
		c(row)
	}
}

// first keeps the first row of a noun as the one that others refer to by default.
func first[T any](kept **T, row *T) *T {
	if *kept == nil {
		*kept = row
	}
	return row
}

// or returns the kept row, making it when there is none yet.
func or[T any](kept *T, create func(...func(*T)) *T) *T {
	if kept != nil {
		return kept
	}
	return create()
}

// insert stores a row. bun would call the table of Evidence "evidences".
func (f *Factory) insert(row any) {
	f.t.Helper()
	q := f.db.NewInsert().Model(row)
	if _, ok := row.(*needle.Evidence); ok {
		q = q.ModelTableExpr("evidence")
	}
	if _, err := q.Exec(f.ctx()); err != nil {
		f.t.Fatalf("storing a %T: %v", row, err)
	}
}

func (f *Factory) exec(query string, args ...any) {
	f.t.Helper()
	if _, err := f.db.ExecContext(f.ctx(), query, args...); err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
}

func (f *Factory) ctx() context.Context { return f.t.Context() }

func (f *Factory) stamp() needle.Stamp {
	return needle.Stamp{WorkspaceID: f.Workspace.ID, CreatedAt: Now(), UpdatedAt: Now(), Version: 1}
}

// next returns a number that no earlier row of this factory has in its name.
func (f *Factory) next() string {
	f.serial++
	return strconv.Itoa(f.serial)
}

// number counts a people's key up, as the store does.
func (f *Factory) number(letters string) int {
	f.t.Helper()
	var n int
	err := f.db.QueryRowContext(f.ctx(), `
		INSERT INTO counters (workspace_id, letters, value) VALUES (?, ?, 1)
		ON CONFLICT (workspace_id, letters) DO UPDATE SET value = counters.value + 1
		RETURNING value`, f.Workspace.ID, letters).Scan(&n)
	if err != nil {
		f.t.Fatalf("counting the key %s up: %v", letters, err)
	}
	return n
}
