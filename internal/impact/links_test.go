package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// link is a version of the contribution of item 1 to key result 1; its note tells versions apart.
func link(id, version, validDay, recordedDay int, note string) *needle.ContributionVersion {
	v := &needle.ContributionVersion{RecordedAt: date(recordedDay)}
	v.ID, v.ItemID, v.KeyResultID, v.Version = linkID(id), itemID(1), krID(1), version
	v.ValidFrom, v.Note = date(validDay), note
	return v
}

func ended(id, version, validDay, recordedDay int) *needle.ContributionVersion {
	v := link(id, version, validDay, recordedDay, "")
	v.Ended = true
	return v
}

func TestLinksAsOf(t *testing.T) {
	t.Parallel()
	type held struct {
		ID   needle.ContributionID
		Note string
		From int
	}
	for _, tc := range []struct {
		name     string
		versions []*needle.ContributionVersion
		day      int
		want     []held
	}{
		{"none of none", nil, 5, []held{}},
		{"holds from its own instant", []*needle.ContributionVersion{link(1, 1, 2, 2, "a")}, 2, []held{{linkID(1), "a", 2}}},
		{"did not hold before", []*needle.ContributionVersion{link(1, 1, 2, 2, "a")}, 1, []held{}},
		{"was unknown before it was recorded", []*needle.ContributionVersion{link(1, 1, 2, 6, "a")}, 5, []held{}},
		{"takes the latest bet and the start of the link", []*needle.ContributionVersion{
			link(1, 2, 4, 4, "b"), link(1, 1, 2, 2, "a"),
		}, 5, []held{{linkID(1), "b", 2}}},
		{"takes the bet that was known", []*needle.ContributionVersion{
			link(1, 2, 4, 6, "b"), link(1, 1, 2, 2, "a"),
		}, 5, []held{{linkID(1), "a", 2}}},
		{"drops what has ended", []*needle.ContributionVersion{link(1, 1, 2, 2, "a"), ended(1, 2, 4, 4)}, 4, []held{}},
		{"holds until it ends", []*needle.ContributionVersion{link(1, 1, 2, 2, "a"), ended(1, 2, 4, 4)}, 3, []held{{linkID(1), "a", 2}}},
		{"holds as far as known when the end is recorded late", []*needle.ContributionVersion{
			link(1, 1, 2, 2, "a"), ended(1, 2, 4, 8),
		}, 5, []held{{linkID(1), "a", 2}}},
		{"starts anew after an end", []*needle.ContributionVersion{
			link(1, 1, 1, 1, "a"), ended(1, 2, 2, 2), link(1, 3, 3, 3, "b"), link(1, 4, 4, 4, "c"),
		}, 5, []held{{linkID(1), "c", 3}}},
		{"the higher version of two recorded together", []*needle.ContributionVersion{
			ended(1, 2, 2, 2), link(1, 1, 2, 2, "a"),
		}, 5, []held{}},
		{"each contribution for itself, by id", []*needle.ContributionVersion{
			link(2, 1, 2, 2, "b"), ended(3, 1, 2, 2), link(1, 1, 3, 3, "a"),
		}, 5, []held{{linkID(1), "a", 3}, {linkID(2), "b", 2}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := []held{}
			for _, l := range impact.LinksAsOf(tc.versions, date(tc.day)) {
				got = append(got, held{l.ID, l.Note, int(l.ValidFrom.Sub(epoch).Hours() / 24)})
			}
			equal(t, "links", tc.want, got)
		})
	}
}

func TestLinksAsOf_doesNotTellAnEndThatCameLater(t *testing.T) {
	t.Parallel()
	v := link(1, 1, 2, 2, "a")
	end := date(8)
	v.ValidTo = &end
	got := impact.LinksAsOf([]*needle.ContributionVersion{v}, date(5))
	equal(t, "end of the link", nil, got[0].ValidTo)
	equal(t, "end in the facts, untouched", &end, v.ValidTo)
}
