package needle_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

var update = flag.Bool("update", false, "write docs/permissions.md and testdata/permissions.txt")

// Where the table is written down for people, and row by row for this test.
const (
	permissionsPage = "../../docs/permissions.md"
	permissionsRows = "testdata/permissions.txt"
)

func roles() []needle.Role {
	return []needle.Role{needle.RoleOwner, needle.RoleAdmin, needle.RoleMember, needle.RoleViewer}
}

// wantFile compares a text with a file, or writes it there.
func wantFile(t *testing.T, name, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	stored, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(stored), text); diff != "" {
		t.Errorf("%s is not current; go test ./internal/needle -run TestPermissions -update writes it (-file +table):\n%s", name, diff)
	}
}

// TestPermissions_rowByRow asks for every action as everybody there can be, with a token that has the scope and with one
// that has all the others. What May, User.May, Deeds, Can and Authorize answer has to agree with each other and with the
// rows in testdata, which people read.
func TestPermissions_rowByRow(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	fmt.Fprintf(&rows, "# Who may do what with a token that has the scope: T team, L leader, S stakeholder, C customer facing.\n")
	for _, p := range needle.Permissions() {
		fmt.Fprintf(&rows, "%-16s %-13s", p.Action, p.Scope)
		for _, role := range roles() {
			fmt.Fprintf(&rows, "  %s ", role)
			for _, function := range needle.Functions() {
				rows.WriteString(letter(mayByEveryAccount(t, p, role, function), function))
			}
		}
		rows.WriteString("\n")
	}
	wantFile(t, permissionsRows, rows.String())
}

func letter(may bool, function needle.Function) string {
	if may {
		return string(function[0])
	}
	return "-"
}

// mayByEveryAccount reports whether a person may take an action with a token that has its scope, and demands that
// everything that can be asked about it agrees, and that no other scope is of use.
func mayByEveryAccount(t *testing.T, p needle.Permission, role needle.Role, function needle.Function) bool {
	t.Helper()
	who := fmt.Sprintf("%s as %s %s", p.Action, role, function)
	with := needle.Viewer{Role: role, Function: function, Scopes: []needle.TokenScope{p.Scope}}
	without := needle.Viewer{Role: role, Function: function, Scopes: slices.DeleteFunc(needle.AllScopes(), func(s needle.TokenScope) bool { return s == p.Scope })}
	may := with.May(p.Action)
	user := &needle.User{Role: role, Function: function}
	if user.May(p.Action) != may {
		t.Errorf("%s: the person may %v, with a token they may %v", who, !may, may)
	}
	if without.May(p.Action) || slices.Contains(without.Deeds(), p.Action) || without.Can(p.Scope) {
		t.Errorf("%s: a token without the scope does", who)
	}
	if slices.Contains(with.Deeds(), p.Action) != may {
		t.Errorf("%s: the deeds are %v", who, with.Deeds())
	}
	if can := len(with.Deeds()) > 0; with.Can(p.Scope) != can {
		t.Errorf("%s: can use the scope: %v", who, with.Can(p.Scope))
	}
	for v, want := range map[*needle.Viewer]bool{&with: may, &without: false} {
		got, err := needle.Authorize(needle.WithViewer(t.Context(), *v), p.Action)
		switch {
		case want && (err != nil || got.Role != role):
			t.Errorf("%s: %v", who, err)
		case !want && (!errors.Is(err, needle.ErrForbidden) || err.Error() != "you may not "+p.Deed):
			t.Errorf("%s: the refusal is %v", who, err)
		}
	}
	return may
}

func TestPermissions_nameEveryActionOnce(t *testing.T) {
	t.Parallel()
	seen, deeds := map[needle.Action]bool{}, map[string]bool{}
	for _, p := range needle.Permissions() {
		if seen[p.Action] || deeds[p.Deed] || p.Deed == "" || !slices.Contains(needle.AllScopes(), p.Scope) {
			t.Errorf("the row of %s is %+v", p.Action, p)
		}
		seen[p.Action], deeds[p.Deed] = true, true
	}
	everything := needle.Viewer{Role: needle.RoleOwner, Function: needle.FunctionTeam, Scopes: needle.AllScopes()}
	if n := len(everything.Deeds()); n != len(seen) {
		t.Errorf("an owner may do %d of %d things", n, len(seen))
	}
	unknown := needle.Viewer{Role: "NOBODY", Scopes: needle.AllScopes()}
	if unknown.Deeds() != nil || everything.May("NOTHING") {
		t.Error("an unknown role or action is allowed")
	}
	if _, err := needle.Authorize(t.Context(), needle.ActRead); err == nil || needle.UserErrors(err)[0].Code != needle.CodeUnauthenticated {
		t.Errorf("without a token: %v", err)
	}
	if _, err := needle.Admit(needle.WithViewer(t.Context(), needle.Viewer{Role: needle.RoleOwner}), needle.ScopeSync); !errors.Is(err, needle.ErrForbidden) {
		t.Errorf("without a scope: %v", err)
	}
	if _, err := needle.Admit(needle.WithViewer(t.Context(), everything), needle.ScopeSync); err != nil {
		t.Errorf("with the scope: %v", err)
	}
}

func TestPermissions_areWrittenDown(t *testing.T) {
	t.Parallel()
	wantFile(t, permissionsPage, page())
}

// page renders the table for people.
func page() string {
	var out strings.Builder
	out.WriteString(`<!-- Written from needle.Permissions(): go test ./internal/needle -run TestPermissions -update -->

# Who may do what

What somebody may do depends on three things, and all three must allow it:

1. **The token's scopes.** A token without the scope of an action never does it, whoever holds it.
2. **The person's role** in the workspace: OWNER, ADMIN, MEMBER or VIEWER, each of which may do all that the next may.
3. **The person's usual function**: TEAM, LEADER, STAKEHOLDER or CUSTOMER_FACING. It opens some actions to a VIEWER, so that
   people who never edit can take part in writing objectives.

Some actions ask for more than this table says. Signing an objective off is for its participants and the members of its
team; making somebody else leave an objective is for those who may INVITE; nobody gives a role above their own.
` + "`viewer { may }`" + ` answers what the caller of a query may do.

Here ✓ is everybody of the role, – is nobody, and names are the functions with which a VIEWER may.

| action | to | scope | OWNER | ADMIN | MEMBER | VIEWER |
|---|---|---|---|---|---|---|
`)
	for _, p := range needle.Permissions() {
		fmt.Fprintf(&out, "| `%s` | %s | `%s` |", p.Action, p.Deed, p.Scope)
		for _, role := range roles() {
			fmt.Fprintf(&out, " %s |", whoOf(p, role))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// whoOf says which people of a role may.
func whoOf(p needle.Permission, role needle.Role) string {
	var who []string
	for _, function := range needle.Functions() {
		if (&needle.User{Role: role, Function: function}).May(p.Action) {
			who = append(who, string(function))
		}
	}
	switch len(who) {
	case 0:
		return "–"
	case len(needle.Functions()):
		return "✓"
	default:
		return strings.Join(who, ", ")
	}
}
