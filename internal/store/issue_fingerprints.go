package store

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// contentHash tells two states of an issue apart. When it was observed is not among what counts, nor when an undated one
// was written down.
func contentHash(row *needle.Issue) ([]byte, error) {
	hash, _, err := hashContent(nil, row)
	return hash, err
}

// contentHashes puts the content hashes of rows beside them.
func contentHashes(rows []*needle.Issue, hashes [][]byte) (err error) {
	var room []byte
	for i, row := range rows {
		if hashes[i], room, err = hashContent(room[:0], row); err != nil {
			return err
		}
	}
	return nil
}

// hashContent is contentHash with room to write in, which it returns for the next.
func hashContent(room []byte, row *needle.Issue) (hash, used []byte, err error) {
	if room, err = appendContent(room, row); err != nil {
		return nil, room, fmt.Errorf("fingerprinting an issue: %w", err)
	}
	room = append(room, row.Body...) // Nothing that begins with a JSON object can be taken for another.
	sum := sha256.Sum256(room)
	return sum[:], room, nil
}

// contentBegin is what every content begins with: the members of a needle.Issue that do not count.
var contentBegin = fmt.Sprintf(`{"WorkspaceID":%q,"CreatedAt":"0001-01-01T00:00:00Z","UpdatedAt":"0001-01-01T00:00:00Z","Version":0,"ID":%q,"ConnectionID":`,
	needle.WorkspaceID{}, needle.IssueID{})

// appendContent appends what counts of an issue but its body, which is most of it: to the byte what encoding/json makes of
// a needle.Issue that has nothing else, in a tenth of the time. Stored fingerprints rest on these bytes, so they stay.
func appendContent(b []byte, row *needle.Issue) ([]byte, error) {
	created, updated := row.RemoteCreatedAt, row.RemoteUpdatedAt
	if row.Undated {
		if created.Equal(updated) {
			created = time.Time{}
		}
		updated = time.Time{}
	}
	w := contentWriter{b: append(b, contentBegin...)}
	w.b = row.SourceID.AppendGQL(append(row.ConnectionID.AppendGQL(w.b), `,"SourceID":`...))
	w.text(`,"RemoteID":`, row.RemoteID)
	w.text(`,"RemoteKey":`, row.RemoteKey)
	w.text(`,"URL":`, row.URL)
	w.text(`,"Title":`, row.Title)
	// What the tracker says counts, not what a mapping makes of it.
	w.text(`,"Body":"","Type":`, string(row.TrackerType))
	w.text(`,"RawType":`, row.RawType)
	w.text(`,"Status":`, string(row.TrackerStatus))
	w.text(`,"RawState":`, row.RawState)
	w.text(`,"RawReason":`, row.RawReason)
	w.list(`,"Labels":`, row.Labels)
	w.list(`,"Assignees":`, row.Assignees)
	w.number(`,"Estimate":`, row.Estimate)
	w.text(`,"ParentRemoteID":`, row.ParentRemoteID)
	w.text(`,"ParentRemoteKey":`, row.ParentRemoteKey)
	w.time(`,"RemoteCreatedAt":`, &created)
	w.time(`,"RemoteUpdatedAt":`, &updated)
	w.time(`,"RemoteClosedAt":`, row.RemoteClosedAt)
	w.b = append(w.b, `,"ObservedAt":"0001-01-01T00:00:00Z","GoneAt":null`...)
	if row.MovedTo != "" {
		w.text(`,"MovedTo":`, row.MovedTo)
	}
	return append(w.b, '}'), w.err
}

// contentWriter writes the members of a JSON object as encoding/json does.
type contentWriter struct {
	b   []byte
	err error
}

func (w *contentWriter) text(name, text string) {
	w.b = append(w.b, name...)
	w.string(text)
}

func (w *contentWriter) string(text string) {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			w.any(text)
			return
		}
	}
	w.b = append(append(append(w.b, '"'), text...), '"')
}

// any writes what is rare or not plain.
func (w *contentWriter) any(v any) {
	text, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.b = append(w.b, text...)
}

func (w *contentWriter) list(name string, list []string) {
	w.b = append(w.b, name...)
	if list == nil {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = append(w.b, '[')
	for i, text := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.string(text)
	}
	w.b = append(w.b, ']')
}

func (w *contentWriter) number(name string, number *float64) {
	w.b = append(w.b, name...)
	if number == nil {
		w.b = append(w.b, "null"...)
		return
	}
	w.any(*number)
}

func (w *contentWriter) time(name string, at *time.Time) {
	w.b = append(w.b, name...)
	if at == nil {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = append(w.b, '"')
	text, err := at.AppendText(w.b)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.b = text
	w.b = append(w.b, '"')
}
