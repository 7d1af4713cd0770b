package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Credential is a token together with the rights of its person.
type Credential struct {
	Token    needle.APIToken
	Role     needle.Role
	Function needle.Function
}

// Credential finds a token of any workspace by its id. It answers UNAUTHENTICATED for an unknown one.
func (s *Store) Credential(ctx context.Context, id needle.APITokenID) (Credential, error) {
	var c Credential
	var scopes []byte
	t := &c.Token
	err := s.db.QueryRowContext(ctx, `
		SELECT k.workspace_id, k.id, k.user_id, k.name, k.scopes, k.hash, k.expires_at, k.revoked_at, k.last_used_at, u.role, u.function
		FROM api_tokens AS k JOIN users AS u ON u.workspace_id = k.workspace_id AND u.id = k.user_id
		WHERE k.id = ?`, id).
		Scan(&t.WorkspaceID, &t.ID, &t.UserID, &t.Name, &scopes, &t.Hash, &t.ExpiresAt, &t.RevokedAt, &t.LastUsedAt, &c.Role, &c.Function)
	if errors.Is(err, sql.ErrNoRows) {
		return c, &needle.Error{Code: needle.CodeUnauthenticated, Message: "this token is not known"}
	}
	if err != nil {
		return c, mapError(err)
	}
	if err := json.Unmarshal(scopes, &t.Scopes); err != nil {
		return c, fmt.Errorf("reading a token's scopes: %w", err)
	}
	return c, nil
}

// TouchToken notes that a token was used at now, at most once a minute.
func (s Scope) TouchToken(ctx context.Context, id needle.APITokenID, now time.Time) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE api_tokens SET last_used_at = ?0
		WHERE workspace_id = ?1 AND id = ?2 AND (last_used_at IS NULL OR last_used_at < ?0::timestamptz - interval '1 minute')`,
		now, s.workspace, id)
	return mapError(err)
}

// InsertAPIToken stores a new token.
func (s Scope) InsertAPIToken(ctx context.Context, row *needle.APIToken) error {
	return s.insert(ctx, row)
}

// APITokens lists the tokens of the workspace, oldest first.
func (s Scope) APITokens(ctx context.Context) ([]*needle.APIToken, error) {
	sh := shapeOf[needle.APIToken](nil)
	return readRows[needle.APIToken](ctx, s, sh, "SELECT "+sh.columns+
		" FROM api_tokens AS t WHERE t.workspace_id = ? ORDER BY t.created_at, t.id", s.workspace)
}

// RevokeAPIToken ends a token. It answers NOT_FOUND.
func (s Scope) RevokeAPIToken(ctx context.Context, id needle.APITokenID) error {
	res, err := s.idb.ExecContext(ctx, `
		UPDATE api_tokens SET revoked_at = ?, updated_at = now(), version = version + 1
		WHERE workspace_id = ? AND id = ? AND revoked_at IS NULL`, s.Now(), s.workspace, id)
	if err != nil {
		return mapError(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(needle.NotFound("", "token"), err)
	}
	return nil
}
