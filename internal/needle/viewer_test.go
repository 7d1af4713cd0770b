package needle_test

import (
	"slices"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestRanks(t *testing.T) {
	t.Parallel()
	roles := []needle.Role{needle.RoleOwner, needle.RoleAdmin, needle.RoleMember, needle.RoleViewer, "NOBODY"}
	for i, one := range roles {
		for j, other := range roles {
			if got := one.Outranks(other); got != (i < j) {
				t.Errorf("%s outranks %s: %v", one, other, got)
			}
		}
	}
	origins := []needle.Origin{needle.OriginPerson, needle.OriginText, needle.OriginRule, needle.OriginEpic, "NOTHING"}
	for i, one := range origins {
		for j, other := range origins {
			if got := one.Outranks(other); got != (i < j) {
				t.Errorf("%s outranks %s: %v", one, other, got)
			}
		}
	}
}

func TestViewers_mayWhatRoleAndTokenAllow(t *testing.T) {
	t.Parallel()
	all := needle.AllScopes()
	member := slices.DeleteFunc(slices.Clone(all), func(s needle.TokenScope) bool {
		return s == needle.ScopeAdmin || s == needle.ScopeAuditRead
	})
	for role, want := range map[needle.Role][]needle.TokenScope{
		needle.RoleOwner: all, needle.RoleAdmin: all, needle.RoleMember: member,
		needle.RoleViewer: {needle.ScopeRead, needle.ScopeWritePain}, "NOBODY": nil,
	} {
		for _, scope := range all {
			v := needle.Viewer{Role: role, Scopes: all}
			if got := v.Can(scope); got != slices.Contains(want, scope) {
				t.Errorf("%s can %s: %v", role, scope, got)
			}
			if err := v.Require(scope, "do this"); (err == nil) != v.Can(scope) || (err != nil && problems(err) != "FORBIDDEN") {
				t.Errorf("%s is told %v about %s", role, err, scope)
			}
			if (needle.Viewer{Role: role}).Can(scope) {
				t.Errorf("%s can %s with a token that has no scope", role, scope)
			}
		}
	}
	if _, ok := needle.ViewerFrom(t.Context()); ok {
		t.Error("nobody is somebody")
	}
	v := needle.Viewer{UserID: needle.NewUserID()}
	if got, ok := needle.ViewerFrom(needle.WithViewer(t.Context(), v)); !ok || got.UserID != v.UserID {
		t.Errorf("the viewer is %+v", got)
	}
}
