package needle_test

import (
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

func TestViewers_areReadFromTheContext(t *testing.T) {
	t.Parallel()
	if _, ok := needle.ViewerFrom(t.Context()); ok {
		t.Error("nobody is somebody")
	}
	v := needle.Viewer{UserID: needle.NewUserID()}
	if got, ok := needle.ViewerFrom(needle.WithViewer(t.Context(), v)); !ok || got.UserID != v.UserID {
		t.Errorf("the viewer is %+v", got)
	}
}
