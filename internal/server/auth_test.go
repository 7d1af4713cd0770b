package server

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

const whoAmI = `{ viewer { role user { name } workspace { name } } }`

func TestAuthentication_letsInWhoHasAToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const want = `{"data":{"viewer":{"role":"OWNER","user":{"name":"Olive Owner"},"workspace":{"name":"Workspace"}}}}`
	for name, authorization := range map[string]string{
		"as it is written": "Bearer " + h.token, "in another case": "bearer " + h.token, "with more space": "Bearer   " + h.token + " ",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := h.ask(t, whoAmI, nil, header("Authorization", authorization))
			if got.status != http.StatusOK || got.body != want {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestAuthentication_turnsAwayEverybodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret, err := needle.NewTokenSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	known, _ := h.Token()
	middle, other := len(h.token)/2, "0"
	if h.token[middle:middle+1] == other {
		other = "1"
	}
	typo := h.token[:middle] + other + h.token[middle+1:]
	const invalid, absent = "this token is not valid", "this needs a token: Authorization: Bearer ndl_..."
	cases := map[string]struct{ authorization, message string }{
		"no header":         {"", absent},
		"another scheme":    {"Basic b2xpdmU6b2xpdmU=", absent},
		"no token":          {"Bearer", absent},
		"an empty token":    {"Bearer ", invalid},
		"no token of ours":  {"Bearer eyJhbGciOiJub25lIn0.e30.", invalid},
		"a wrong checksum":  {"Bearer " + typo, invalid},
		"half a token":      {"Bearer " + h.token[:20], invalid},
		"NUL in the token":  {"Bearer ndl_\x00", invalid},
		"an unknown token":  {"Bearer " + needle.FormatToken(needle.NewAPITokenID(), secret), invalid},
		"another's secret":  {"Bearer " + needle.FormatToken(known.ID, secret), invalid},
		"an expired token":  {"Bearer " + h.tokenOf(func(k *needle.APIToken) { k.ExpiresAt = storetest.Now() }), invalid},
		"a revoked token":   {"Bearer " + h.tokenOf(func(k *needle.APIToken) { at := storetest.Now(); k.RevokedAt = &at }), invalid},
		"two tokens in one": {"Bearer " + h.token + "," + h.token, invalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := h.ask(t, whoAmI, nil, header("Authorization", c.authorization))
			want := `{"errors":[{"extensions":{"code":"UNAUTHENTICATED"},"message":"` + c.message + `"}]}`
			if got.status != http.StatusUnauthorized || got.body != want {
				t.Errorf("%d %s, want 401 %s", got.status, got.body, want)
			}
			for name, want := range map[string]string{
				"WWW-Authenticate": `Bearer realm="needle"`, "Content-Type": "application/json; charset=utf-8", "X-Content-Type-Options": "nosniff",
			} {
				if diff := cmp.Diff(want, got.header.Get(name)); diff != "" {
					t.Errorf("%s:\n%s", name, diff)
				}
			}
		})
	}
}

func TestAuthentication_comesBeforeTheBody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.post(t, "{", header("Authorization", ""), header("Content-Type", "text/plain"))
	if got.status != http.StatusUnauthorized {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAuthentication_forgetsARevokedTokenWithinSeconds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token, text := h.Token()
	try := func() int { return h.ask(t, whoAmI, nil, header("Authorization", "Bearer "+text)).status }
	if status := try(); status != http.StatusOK {
		t.Fatalf("%d before it was revoked", status)
	}
	if err := h.store.In(h.Workspace.ID).RevokeAPIToken(t.Context(), token.ID); err != nil {
		t.Fatal(err)
	}
	h.clock.advance(5 * time.Second)
	if status := try(); status != http.StatusUnauthorized {
		t.Errorf("%d five seconds after it was revoked", status)
	}
}

func TestAuthentication_endsATokenAtItsTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	text := h.tokenOf(func(k *needle.APIToken) { k.ExpiresAt = storetest.Now().Add(time.Second) })
	try := func() int { return h.ask(t, whoAmI, nil, header("Authorization", "Bearer "+text)).status }
	if status := try(); status != http.StatusOK {
		t.Fatalf("%d before its end", status)
	}
	h.clock.advance(time.Second)
	if status := try(); status != http.StatusUnauthorized {
		t.Errorf("%d at its end, although it is remembered", status)
	}
}

func TestAuthentication_asksTheDatabaseSeldom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(t, `{ __typename }`, nil)
	h.gate.shut()
	if got := h.ask(t, `{ __typename }`, nil); got.status != http.StatusOK || got.body != `{"data":{"__typename":"Query"}}` {
		t.Errorf("a token seen just now needs the database: %d %s", got.status, got.body)
	}
}

func TestAuthentication_notesWhenATokenWasUsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token, text := h.Token()
	for _, step := range []struct{ later, want time.Duration }{{0, 0}, {30 * time.Second, 0}, {31 * time.Second, 61 * time.Second}} {
		h.clock.advance(step.later)
		h.ask(t, `{ __typename }`, nil, header("Authorization", "Bearer "+text))
		c, err := h.store.Credential(t.Context(), token.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c.Token.LastUsedAt == nil || !c.Token.LastUsedAt.Equal(storetest.Now().Add(step.want)) {
			t.Errorf("last used at %v, want %v later than %v", c.Token.LastUsedAt, step.want, storetest.Now())
		}
	}
}

// trail reads what ties an activity to the server's log, which takes more than the feed does.
const trail = `{ activities { nodes { requestId } } }`

func TestAuthorization_isWhatTokenAndRoleAllowTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reader := h.tokenOf(func(k *needle.APIToken) { k.Scopes = []needle.TokenScope{needle.ScopeRead} })
	member := h.User()
	ofMember := h.tokenOf(func(k *needle.APIToken) { k.UserID = member.ID })
	h.Activity()
	const rename = `mutation { updateWorkspace(input: { name: "Mine" }) { userErrors { code } } }`
	cases := map[string]struct{ token, query, code string }{
		"the token lacks the scope to write": {reader, rename, "FORBIDDEN"},
		"the token lacks the scope to read":  {h.tokenOf(func(k *needle.APIToken) { k.Scopes = []needle.TokenScope{needle.ScopeAdmin} }), whoAmI, "FORBIDDEN"},
		"the role lacks the scope":           {ofMember, rename, "FORBIDDEN"},
		"the audit trail":                    {ofMember, trail, "FORBIDDEN"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := h.ask(t, c.query, nil, header("Authorization", "Bearer "+c.token))
			if got.status != http.StatusOK || got.code(t) != c.code {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestAuthorization_followsTheRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	person := h.User(func(u *needle.User) { u.Role = needle.RoleAdmin })
	token := h.tokenOf(func(k *needle.APIToken) { k.UserID = person.ID })
	h.Activity()
	if got := h.ask(t, trail, nil, header("Authorization", "Bearer "+token)); len(got.errors(t)) > 0 {
		t.Fatal(got.body)
	}
	person.Role = needle.RoleMember
	if err := h.store.In(h.Workspace.ID).UpdateUser(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	h.clock.advance(5 * time.Second)
	if got := h.ask(t, trail, nil, header("Authorization", "Bearer "+token)); got.code(t) != "FORBIDDEN" {
		t.Errorf("five seconds after the role was taken: %s", got.body)
	}
}
