package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// manyNew are issues enough to be copied, with texts that mean something to a copy.
func manyNew(source *needle.Source) []*needle.Issue {
	rows := make([]*needle.Issue, 60)
	for i := range rows {
		rows[i] = observation(source, strconv.Itoa(100+i), i+1, i+1)
	}
	rows[0].Title, rows[0].Body, rows[0].RawReason = `\N`, "a\tb\\.\n\\.\nend", `\x41`
	rows[1].Estimate, rows[1].RemoteClosedAt, rows[1].Labels = nil, nil, nil
	rows[2].Title, rows[2].Labels = "{NULL}", []string{`"`, `\`, "a,b"}
	return rows
}

func TestUpsertIssues_storesManyAsItStoresOne(t *testing.T) {
	t.Parallel()
	s, source := mirrorOf(t)
	other, there := mirrorOf(t)
	for i, outcome := range upsert(t.Context(), t, s, source, manyNew(source)...) {
		if outcome != store.IssueInserted {
			t.Errorf("issue %d was %s", i, outcome)
		}
	}
	for _, row := range manyNew(there) {
		upsert(t.Context(), t, other, there, row)
	}
	for _, row := range manyNew(source) {
		many, err := s.IssueOf(t.Context(), source.ConnectionID, row.RemoteID)
		if err != nil {
			t.Fatal(err)
		}
		one, err := other.IssueOf(t.Context(), there.ConnectionID, row.RemoteID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one, many, cmpopts.IgnoreFields(needle.Issue{}, "ID", "SourceID", "ConnectionID", "WorkspaceID")); diff != "" {
			t.Errorf("%s (-stored alone +stored with many):\n%s", row.RemoteID, diff)
		}
	}
	for i, outcome := range upsert(t.Context(), t, s, source, manyNew(source)...) {
		if outcome != store.IssueUnchanged {
			t.Errorf("seen again, issue %d was %s", i, outcome)
		}
	}
}

func TestUpsertIssues_storesManyWithWhateverCharacters(t *testing.T) {
	t.Parallel()
	s, source := mirrorOf(t)
	for i, text := range []string{"\x1e", "\x1f", "\x1f\x1e", "\t", "\r\n", "\x01", "\x7f", "\u2028", `\.`, `\x1f`} {
		for j, set := range []func(*needle.Issue, string){
			func(row *needle.Issue, text string) { row.Title = text },
			func(row *needle.Issue, text string) { row.Body = text },
			func(row *needle.Issue, text string) { row.RawState = text },
			func(row *needle.Issue, text string) { row.Labels = []string{text} },
		} {
			rows := manyNew(source)
			for _, row := range rows {
				row.RemoteID = fmt.Sprintf("%d-%d-%s", i, j, row.RemoteID)
			}
			set(rows[7], text)
			set(rows[8], "a"+text+"b")
			upsert(t.Context(), t, s, source, rows...)
			for _, row := range rows[6:10] {
				got, err := s.IssueOf(t.Context(), source.ConnectionID, row.RemoteID)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(row, got, cmpopts.IgnoreFields(needle.Issue{}, "Stamp")); diff != "" {
					t.Errorf("%q (-seen +stored):\n%s", text, diff)
				}
			}
		}
	}
}

func TestUpsertIssues_doesNotStoreWhatAnotherOneStoresMeanwhile(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	source := f.Source()
	s := store.New(db, store.Config{Now: storetest.Now}).In(f.Workspace.ID)
	many := make(chan error, 1)
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
		upsert(ctx, t, tx, source, observation(source, "130", 90, 90))
		go func() {
			_, err := s.UpsertIssues(context.WithoutCancel(ctx), source.ConnectionID, manyNew(source))
			many <- err
		}()
		for waiting := 0; waiting == 0; { // until the many wait for the one
			err := db.QueryRowContext(ctx, `
				SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-many; !errors.Is(err, needle.ErrConflict) {
		t.Fatalf("the many answer %v", err)
	}
	inserted := 0
	for _, outcome := range upsert(t.Context(), t, s, source, manyNew(source)...) {
		if outcome == store.IssueInserted {
			inserted++
		}
	}
	if inserted != 59 {
		t.Errorf("tried again, %d of 59 were inserted", inserted)
	}
}
