package needle

import "context"

// Role is what a person may do in the workspace as a whole.
type Role string

// The roles, strongest first.
const (
	RoleOwner  Role = "OWNER"
	RoleAdmin  Role = "ADMIN"
	RoleMember Role = "MEMBER"
	RoleViewer Role = "VIEWER"
)

// roleRank orders the roles.
var roleRank = map[Role]int{RoleOwner: 4, RoleAdmin: 3, RoleMember: 2, RoleViewer: 1}

// Outranks reports whether r may do more than the other role.
func (r Role) Outranks(other Role) bool { return roleRank[r] > roleRank[other] }

// TokenScope is what a token may be used for; the effective right is the token's scopes cut with the person's role.
type TokenScope string

// The scopes of tokens.
const (
	ScopeRead         TokenScope = "READ"
	ScopeWriteOKR     TokenScope = "WRITE_OKR"
	ScopeWritePain    TokenScope = "WRITE_PAIN"
	ScopeWriteBacklog TokenScope = "WRITE_BACKLOG"
	ScopeLink         TokenScope = "LINK"
	ScopeSync         TokenScope = "SYNC"
	ScopeAdmin        TokenScope = "ADMIN"
	ScopeAuditRead    TokenScope = "AUDIT_READ"
)

// AllScopes lists every scope.
func AllScopes() []TokenScope {
	return []TokenScope{
		ScopeRead, ScopeWriteOKR, ScopeWritePain, ScopeWriteBacklog, ScopeLink, ScopeSync, ScopeAdmin, ScopeAuditRead,
	}
}

// Viewer is who is asking: read from the credential alone, never from an argument.
type Viewer struct {
	// WorkspaceID is the one workspace this credential opens.
	WorkspaceID WorkspaceID
	// UserID is the person, or the service account, behind the credential.
	UserID UserID
	// TokenID is the credential; it is kept in the audit trail.
	TokenID APITokenID
	// Role is the person's role in the workspace.
	Role Role
	// Function is the side the person usually speaks for.
	Function Function
	// Scopes are the token's.
	Scopes []TokenScope
	// RequestID ties what the viewer does to the server's log.
	RequestID string
}

func holds[T comparable](list []T, one T) bool {
	for _, v := range list {
		if v == one {
			return true
		}
	}
	return false
}

type viewerKey struct{}

// WithViewer returns a context that carries who is asking.
func WithViewer(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, v)
}

// ViewerFrom returns who is asking; ok is false when nobody was authenticated.
func ViewerFrom(ctx context.Context) (v Viewer, ok bool) {
	v, ok = ctx.Value(viewerKey{}).(Viewer)
	return v, ok
}
