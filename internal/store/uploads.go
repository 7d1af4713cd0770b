package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// uploadChunk is how many bytes of a file one row holds. The driver writes bytes as text, so a statement takes a few times
// as much memory.
const uploadChunk = 256 << 10

// Uploads reads the files of a connection by name, without their contents.
func (s Scope) Uploads(ctx context.Context, connection needle.ConnectionID) (map[string]*needle.Upload, error) {
	sh := shapeOf[needle.Upload](nil)
	rows, err := readRows[needle.Upload](ctx, s, sh, "SELECT "+sh.columns+
		" FROM uploads AS t WHERE t.workspace_id = ? AND t.connection_id = ?"+s.lockClause(), s.workspace, connection)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*needle.Upload, len(rows))
	for _, row := range rows {
		out[row.Name] = row
	}
	return out, nil
}

// UploadsBySource reads the file of each source; the answer lies parallel to sources, nil where there is none.
func (s Scope) UploadsBySource(ctx context.Context, sources []needle.SourceID) ([]*needle.Upload, error) {
	sh := shapeOf[needle.Upload](nil)
	found := map[needle.SourceID]*needle.Upload{}
	err := s.each(ctx, "SELECT s.id, "+sh.columns+` FROM sources AS s
		JOIN uploads AS t ON t.workspace_id = s.workspace_id AND t.connection_id = s.connection_id AND t.name = s.remote_key
		WHERE s.workspace_id = ? AND s.id = ANY(?::uuid[])`, []any{s.workspace, uuids(raw(sources))}, func(r *sql.Rows) error {
		var id needle.SourceID
		one := new(needle.Upload)
		err := sh.scan(r, one, &id)
		found[id] = one
		return err
	})
	out := make([]*needle.Upload, len(sources))
	for i, id := range sources {
		out[i] = found[id]
	}
	return out, err
}

// SaveUpload stores a file, in the place of the one of its name if there is one, with its content. It has to run inside a
// transaction, or a reader could see a part of the content.
func (s Scope) SaveUpload(ctx context.Context, u *needle.Upload, content io.Reader) error {
	id := uuid.UUID{}
	err := s.idb.QueryRowContext(ctx, `
		INSERT INTO uploads (workspace_id, id, connection_id, name, size, sha256, uploaded_by, created_at, updated_at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workspace_id, connection_id, name) DO UPDATE SET size = EXCLUDED.size, sha256 = EXCLUDED.sha256,
			uploaded_by = EXCLUDED.uploaded_by, updated_at = EXCLUDED.updated_at, version = EXCLUDED.version
		RETURNING id`,
		s.workspace, uuid.Must(uuid.NewV7()), u.ConnectionID, u.Name, u.Size, u.SHA256, u.UploadedBy, u.CreatedAt, u.UpdatedAt, u.Version).Scan(&id)
	if err != nil {
		return mapError(err)
	}
	if _, err := s.idb.ExecContext(ctx, `DELETE FROM upload_chunks WHERE workspace_id = ? AND upload_id = ?`, s.workspace, id); err != nil {
		return mapError(err)
	}
	piece := make([]byte, uploadChunk)
	for number := 0; ; number++ {
		n, err := io.ReadFull(content, piece)
		if n > 0 {
			err := s.plain(ctx, `INSERT INTO upload_chunks (workspace_id, upload_id, number, content) VALUES ($1, $2, $3, $4)`,
				[]any{s.workspace, id, number, piece[:n]}, func(*sql.Rows) error { return nil })
			if err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF: // ReadFull returns these two as they are.
			return nil
		default:
			return fmt.Errorf("reading the file to store: %w", err)
		}
	}
}

// UploadContent reads the content of a file. It is as long as the file of this hash, or NOT_FOUND because another took its
// place.
func (s Scope) UploadContent(ctx context.Context, u *needle.Upload) ([]byte, error) {
	out := make([]byte, 0, u.Size)
	err := s.plain(ctx, `
		SELECT c.content FROM uploads AS u JOIN upload_chunks AS c ON c.workspace_id = u.workspace_id AND c.upload_id = u.id
		WHERE u.workspace_id = $1 AND u.connection_id = $2 AND u.name = $3 AND u.sha256 = $4 ORDER BY c.number`,
		[]any{s.workspace, u.ConnectionID, u.Name, u.SHA256}, func(r *sql.Rows) error {
			var piece sql.RawBytes
			err := r.Scan(&piece)
			out = append(out, piece...)
			return err
		})
	if err == nil && len(out) != u.Size {
		return nil, needle.NotFound("", "file")
	}
	return out, err
}

// ReadAnew lets the next pass read and count a source from its beginning, whatever is known of it.
func (s Scope) ReadAnew(ctx context.Context, id needle.SourceID) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE sources SET cursor = '', etag = '', census_asked = true, updated_at = ?,
			state = CASE WHEN state = ? THEN ? ELSE state END, state_reason = '' WHERE workspace_id = ? AND id = ?`,
		s.Now(), needle.SourceError, needle.SourcePending, s.workspace, id)
	return mapError(err)
}

// CompareIssues tells what UpsertIssues would make of issues, and writes nothing. The outcomes lie parallel to rows.
func (s Scope) CompareIssues(ctx context.Context, connection needle.ConnectionID, rows []*needle.Issue) ([]IssueOutcome, error) {
	known, err := s.knownIssues(ctx, connection, rows)
	if err != nil {
		return nil, err
	}
	outcomes := make([]IssueOutcome, len(rows))
	for i, row := range rows {
		hash, err := contentHash(row)
		if err != nil {
			return nil, err
		}
		switch k, there := known[row.RemoteID]; {
		case !there:
			outcomes[i] = IssueInserted
		case k.accepts(row, hash):
			outcomes[i] = IssueUpdated
		default:
			outcomes[i] = IssueUnchanged
		}
	}
	return outcomes, nil
}
