package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

// slowHash is contentHash as encoding/json writes it: the hashes that are stored were made so.
func slowHash(row *needle.Issue) ([]byte, error) {
	content := *row
	content.Stamp, content.ID, content.ObservedAt, content.GoneAt = needle.Stamp{}, needle.IssueID{}, time.Time{}, nil
	content.Status, content.Type = content.TrackerStatus, content.TrackerType
	content.TrackerStatus, content.TrackerType, content.StateChangedAt = "", "", time.Time{}
	if content.Undated {
		if content.RemoteCreatedAt.Equal(content.RemoteUpdatedAt) {
			content.RemoteCreatedAt = time.Time{}
		}
		content.RemoteUpdatedAt = time.Time{}
	}
	content.Body = ""
	text, err := json.Marshal(content)
	sum := sha256.Sum256(append(text, row.Body...))
	return sum[:], err
}

// anyIssue draws an issue with texts, times and numbers of every kind in every field.
func anyIssue(t *rapid.T) *needle.Issue {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]*`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"", "<b>&amp;</b>", "\u2028\u2029", "\x00\x7f\b\f", `"\`, "ü"}))
	list := rapid.OneOf(rapid.SliceOf(text), rapid.Just[[]string](nil))
	at := rapid.Custom(func(t *rapid.T) time.Time {
		zone := rapid.SampledFrom([]*time.Location{time.UTC, time.FixedZone("", 5400), time.FixedZone("", -61)}).Draw(t, "zone")
		return time.Unix(rapid.Int64Range(-1<<37, 1<<38).Draw(t, "second"), rapid.SampledFrom([]int64{0, 1, 1000, 120_000_000}).Draw(t, "nanosecond")).In(zone)
	})
	id := rapid.Custom(func(t *rapid.T) (u uuid.UUID) {
		copy(u[:], rapid.SliceOfN(rapid.Byte(), len(u), len(u)).Draw(t, "id"))
		return u
	})
	row := &needle.Issue{
		Stamp: needle.Stamp{Version: 3}, ID: needle.NewIssueID(), ConnectionID: needle.ConnectionID{UUID: id.Draw(t, "connection")}, SourceID: needle.SourceID{UUID: id.Draw(t, "source")},
		RemoteID: text.Draw(t, "remote id"), RemoteKey: text.Draw(t, "remote key"), URL: text.Draw(t, "url"), Title: text.Draw(t, "title"), Body: text.Draw(t, "body"),
		Type: needle.IssueTypeBug, TrackerType: needle.IssueType(text.Draw(t, "type")), RawType: text.Draw(t, "raw type"),
		Status: needle.StatusDone, TrackerStatus: needle.StatusCategory(text.Draw(t, "status")), RawState: text.Draw(t, "raw state"), RawReason: text.Draw(t, "raw reason"),
		Labels: list.Draw(t, "labels"), Assignees: list.Draw(t, "assignees"), Estimate: rapid.Ptr(rapid.Float64(), true).Draw(t, "estimate"),
		ParentRemoteID: text.Draw(t, "parent id"), ParentRemoteKey: text.Draw(t, "parent key"),
		RemoteCreatedAt: at.Draw(t, "created"), RemoteUpdatedAt: at.Draw(t, "updated"), RemoteClosedAt: rapid.Ptr(at, true).Draw(t, "closed"),
		StateChangedAt: at.Draw(t, "state changed"), ObservedAt: at.Draw(t, "observed"), GoneAt: rapid.Ptr(at, true).Draw(t, "gone"),
		Undated: rapid.Bool().Draw(t, "undated"), MovedTo: text.Draw(t, "moved to"),
	}
	if rapid.Bool().Draw(t, "never changed") {
		row.RemoteUpdatedAt = row.RemoteCreatedAt
	}
	return row
}

func TestContentHash_isWhatIsStoredAlready(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		row := anyIssue(t)
		was, wasErr := slowHash(row)
		is, err := contentHash(row)
		if (err == nil) != (wasErr == nil) {
			t.Fatalf("the error was %v and is %v", wasErr, err)
		}
		if err == nil && !bytes.Equal(was, is) {
			text, _ := appendContent(nil, row)
			t.Fatalf("another hash of %s", text)
		}
	})
}

func TestContentHashes_areThoseOfEach(t *testing.T) {
	t.Parallel()
	rows := []*needle.Issue{{Title: "one", Body: "long enough to be seen behind the next"}, {Title: "two"}, {}}
	hashes := make([][]byte, len(rows))
	if err := contentHashes(rows, hashes); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if alone, err := contentHash(row); err != nil || !bytes.Equal(alone, hashes[i]) {
			t.Errorf("issue %d has another hash among others; %v", i, err)
		}
	}
}

func BenchmarkContentHash(b *testing.B) {
	row := &needle.Issue{
		RemoteID: "123456789", RemoteKey: "octo/shop#123", URL: "https://github.com/octo/shop/issues/123", Title: "The basket forgets what was in it",
		TrackerType: needle.IssueTypeIssue, TrackerStatus: needle.StatusDone, RawState: "closed", RawReason: "completed", Labels: []string{"payment"}, Assignees: []string{"ada"},
		RemoteCreatedAt: time.Unix(1_700_000_000, 0).UTC(), RemoteUpdatedAt: time.Unix(1_700_000_000, 0).UTC(),
	}
	for name, hash := range map[string]func(*needle.Issue) ([]byte, error){"by hand": contentHash, "by encoding-json": slowHash} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := hash(row); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
