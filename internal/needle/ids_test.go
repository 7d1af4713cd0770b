package needle_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

// publicID is what every kind of id can do.
type publicID interface {
	String() string
	IsZero() bool
	Raw() uuid.UUID
	AppendGQL(b []byte) []byte
}

// idKind is one kind of id: how to make one and how to read one.
type idKind struct {
	prefix string
	fresh  func() publicID
	parse  func(string) (publicID, error)
	read   func(v any) (publicID, error)
}

// kindOf ties the functions of one kind together; P is a pointer to the id.
func kindOf[I publicID, P interface {
	*I
	UnmarshalGQL(v any) error
}](prefix string, fresh func() I, parse func(string) (I, error)) idKind {
	return idKind{
		prefix: prefix,
		fresh:  func() publicID { return fresh() },
		parse:  func(s string) (publicID, error) { return parse(s) },
		read: func(v any) (publicID, error) {
			var id I
			err := P(&id).UnmarshalGQL(v)
			return id, err
		},
	}
}

func idKinds() []idKind {
	return []idKind{
		kindOf(needle.WorkspacePrefix, needle.NewWorkspaceID, needle.ParseWorkspaceID),
		kindOf(needle.UserPrefix, needle.NewUserID, needle.ParseUserID),
		kindOf(needle.TeamPrefix, needle.NewTeamID, needle.ParseTeamID),
		kindOf(needle.CyclePrefix, needle.NewCycleID, needle.ParseCycleID),
		kindOf(needle.PainPointPrefix, needle.NewPainPointID, needle.ParsePainPointID),
		kindOf(needle.EvidencePrefix, needle.NewEvidenceID, needle.ParseEvidenceID),
		kindOf(needle.ObjectivePrefix, needle.NewObjectiveID, needle.ParseObjectiveID),
		kindOf(needle.KeyResultPrefix, needle.NewKeyResultID, needle.ParseKeyResultID),
		kindOf(needle.CheckInPrefix, needle.NewCheckInID, needle.ParseCheckInID),
		kindOf(needle.BacklogItemPrefix, needle.NewBacklogItemID, needle.ParseBacklogItemID),
		kindOf(needle.IssuePrefix, needle.NewIssueID, needle.ParseIssueID),
		kindOf(needle.ContributionPrefix, needle.NewContributionID, needle.ParseContributionID),
		kindOf(needle.ConnectionPrefix, needle.NewConnectionID, needle.ParseConnectionID),
		kindOf(needle.SourcePrefix, needle.NewSourceID, needle.ParseSourceID),
		kindOf(needle.SyncRunPrefix, needle.NewSyncRunID, needle.ParseSyncRunID),
		kindOf(needle.LinkRulePrefix, needle.NewLinkRuleID, needle.ParseLinkRuleID),
		kindOf(needle.ActivityPrefix, needle.NewActivityID, needle.ParseActivityID),
		kindOf(needle.APITokenPrefix, needle.NewAPITokenID, needle.ParseAPITokenID),
		kindOf(needle.VotePrefix, needle.NewVoteID, needle.ParseVoteID),
		kindOf(needle.BallotPrefix, needle.NewBallotID, needle.ParseBallotID),
		kindOf(needle.IdeaPrefix, needle.NewIdeaID, needle.ParseIdeaID),
	}
}

func TestIDs_roundTripAndTellTheirKinds(t *testing.T) {
	t.Parallel()
	for _, kind := range idKinds() {
		t.Run(kind.prefix, func(t *testing.T) {
			t.Parallel()
			id := kind.fresh()
			if id.IsZero() || id.Raw().Version() != 7 || needle.IDPrefix(id.String()) != kind.prefix {
				t.Errorf("a fresh id is %s (%s)", id, id.Raw())
			}
			if got, err := kind.parse(id.String()); err != nil || got != id {
				t.Errorf("%s was read as %s: %v", id, got, err)
			}
			if got, err := kind.read(id.String()); err != nil || got != id {
				t.Errorf("%s was read from a variable as %s: %v", id, got, err)
			}
			if got, want := string(id.AppendGQL(nil)), asJSON(t, id); got != want {
				t.Errorf("GraphQL has %s, JSON has %s", got, want)
			}
			for _, other := range idKinds() {
				_, err := other.parse(id.String())
				if (err == nil) != (other.prefix == kind.prefix) {
					t.Errorf("%s read as the id of a %s: %v", id, other.prefix, err)
				}
			}
			if _, err := kind.read(7); problems(err) != "INVALID_ID" {
				t.Errorf("a number was read as an id: %v", err)
			}
		})
	}
}

func TestIDs_sortAsTheyWereMade(t *testing.T) {
	t.Parallel()
	last := needle.NewKeyResultID().String()
	for range 1000 {
		next := needle.NewKeyResultID().String()
		if next <= last {
			t.Fatalf("%s came after %s", next, last)
		}
		last = next
	}
}

func TestIDs_keepTheOrderOfTheirBytes(t *testing.T) {
	t.Parallel()
	ids := rapid.Custom(func(t *rapid.T) needle.TeamID {
		return needle.TeamID{UUID: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := ids.Draw(t, "a"), ids.Draw(t, "b")
		if got, want := compare(a.String(), b.String()), bytes.Compare(a.UUID[:], b.UUID[:]); got != want {
			t.Errorf("%s and %s compare as %d, their bytes as %d", a, b, got, want)
		}
	})
}

func compare(a, b string) int { return bytes.Compare([]byte(a), []byte(b)) }

func FuzzParseID(f *testing.F) {
	id := needle.NewObjectiveID().String()
	for _, seed := range []string{id, id[:len(id)-1], id + "0", "obj_", "obj", "", "kr_" + id[4:], id[:20] + "\n" + id[21:], "obj_ÄÄÄÄÄÄÄÄÄÄÄÄÄ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, kind := range idKinds() {
			id, err := kind.parse(s)
			if err == nil && id.String() != s {
				t.Errorf("%q was read as %s", s, id)
			}
			if err != nil && problems(err) != "INVALID_ID" {
				t.Errorf("%q was refused with %v", s, err)
			}
			if err == nil && needle.IDPrefix(s) != kind.prefix {
				t.Errorf("%q is the id of a %s and begins with %q", s, kind.prefix, needle.IDPrefix(s))
			}
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
