package planning_test

import (
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// painIDs names one object of every noun that pain points consist of.
type painIDs struct {
	category    needle.CategoryID
	segment     needle.SegmentID
	otherPain   needle.PainPointID
	duplicate   needle.PainPointID
	merge       needle.PainMergeID
	dismissed   needle.PainPointID
	categoryTwo needle.CategoryID
}

func nowherePain() painIDs {
	return painIDs{
		category: needle.NewCategoryID(), segment: needle.NewSegmentID(), otherPain: needle.NewPainPointID(),
		duplicate: needle.NewPainPointID(), merge: needle.NewPainMergeID(), dismissed: needle.NewPainPointID(),
		categoryTwo: needle.NewCategoryID(),
	}
}

// seedPain makes a pain point besides the world's, a duplicate of it, and one that was dismissed.
func seedPain(f *storetest.Factory) painIDs {
	other := f.PainPoint().ID
	merge := f.Merge(func(m *needle.PainMerge) { m.IntoID = other })
	return painIDs{
		category: f.Category().ID, categoryTwo: f.Category(func(c *needle.Category) { c.Name = "Privacy" }).ID,
		segment:   f.Segment(func(s *needle.Segment) { s.Name = "Shops" }).ID,
		otherPain: other, duplicate: merge.FromID, merge: merge.ID,
		dismissed: f.PainPoint(func(p *needle.PainPoint) {
			p.Status, p.DismissedReason = needle.PainDismissed, "nobody has it any more"
		}).ID,
	}
}
