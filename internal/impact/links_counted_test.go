package impact_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func TestCounted_leavesOutWhatLiesAboveOtherLinkedWork(t *testing.T) {
	t.Parallel()
	above := map[needle.BacklogItemID]needle.BacklogItemID{
		itemID(2): itemID(1), itemID(3): itemID(1), itemID(4): itemID(3), itemID(6): itemID(5), itemID(7): itemID(8), itemID(8): itemID(7),
		itemID(9): itemID(9),
	}
	parent := func(id needle.BacklogItemID) *needle.BacklogItemID {
		if up, ok := above[id]; ok {
			return &up
		}
		return nil
	}
	serves := func(item, keyResult int) *needle.Contribution {
		return &needle.Contribution{ItemID: itemID(item), KeyResultID: krID(keyResult)}
	}
	for _, tc := range []struct {
		name        string
		links, want []*needle.Contribution
	}{
		{"none of none", nil, []*needle.Contribution{}},
		{"an epic alone", []*needle.Contribution{serves(1, 1)}, []*needle.Contribution{serves(1, 1)}},
		{
			"an epic, and what lies below, at two depths",
			[]*needle.Contribution{serves(1, 1), serves(2, 1), serves(3, 1), serves(4, 1)},
			[]*needle.Contribution{serves(2, 1), serves(4, 1)},
		},
		{
			"work below that serves another key result",
			[]*needle.Contribution{serves(5, 1), serves(6, 2)},
			[]*needle.Contribution{serves(5, 1), serves(6, 2)},
		},
		{"an item that is its own parent", []*needle.Contribution{serves(9, 1)}, []*needle.Contribution{serves(9, 1)}},
	} {
		if diff := cmp.Diff(tc.want, impact.Counted(tc.links, parent)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestLinksKnown_tellsEndedLinksWhenAsked(t *testing.T) {
	t.Parallel()
	versions := []*needle.ContributionVersion{
		link(1, 1, 2, 2, "a"), link(1, 2, 3, 3, "b"), ended(1, 3, 5, 6), link(2, 1, 5, 5, "c"), link(3, 1, 4, 9, "late"),
	}
	other := krID(2)
	for _, tc := range []struct {
		name string
		ask  needle.LinkHistory
		want []string
	}{
		{"before anything", needle.LinkHistory{AsOf: date(1), Ended: true}, nil},
		{"as it was said then", needle.LinkHistory{AsOf: date(2)}, []string{"a from 2"}},
		{"its latest version", needle.LinkHistory{AsOf: date(4)}, []string{"b from 2"}},
		{"an end nobody knows of yet", needle.LinkHistory{AsOf: date(5)}, []string{"b from 2", "c from 5"}},
		{"without what ended", needle.LinkHistory{AsOf: date(6)}, []string{"c from 5"}},
		{"with what ended", needle.LinkHistory{AsOf: date(6), Ended: true}, []string{" from 2 to 5", "c from 5"}},
		{"what was learnt late", needle.LinkHistory{AsOf: date(9)}, []string{"late from 4", "c from 5"}},
		{"of another key result", needle.LinkHistory{AsOf: date(9), Ended: true, KeyResultID: &other}, nil},
	} {
		var got []string
		for _, l := range impact.LinksKnown(versions, tc.ask) {
			day := func(at time.Time) string { return strconv.Itoa(int(at.Sub(date(0)).Hours()) / 24) }
			text := l.Note + " from " + day(l.ValidFrom)
			if l.ValidTo != nil {
				text += " to " + day(*l.ValidTo)
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}
