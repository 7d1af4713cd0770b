package planning

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// upserts are pain points from elsewhere held against what is stored. It says what there is to write and writes nothing.
type upserts struct {
	act
	now time.Time
	// known are the pain points that have the keys, and roots what remains of those that were merged.
	known map[string]*needle.PainPoint
	roots map[needle.PainPointID]*needle.PainPoint
	// categories are names by names in small letters.
	categories map[string]string
	// evidence and reports are what is known of known pain points, and heard the reports that were read from evidence.
	evidence map[piece]*needle.Evidence
	reports  map[piece]*needle.PainReport
	heard    map[needle.EvidenceID]*needle.PainReport

	// changes lie parallel to the pain points from elsewhere when there are no problems.
	changes  []*painChange
	problems []painProblem
}

// painProblem is what keeps a pain point from being imported; its path is relative to the pain point.
type painProblem struct {
	index int
	err   *needle.Error
}

// piece is what evidence or a report is known by.
type piece struct {
	pain needle.PainPointID
	key  string
}

// painChange is what is to become of one pain point.
type painChange struct {
	pain *needle.PainPoint
	// before is what it was; nil when it is new.
	before   *needle.PainPoint
	evidence changed[needle.Evidence]
	reports  changed[needle.PainReport]
	// heard are the reports that belong to its evidence; dropped those whose evidence names nobody any more.
	heard   changed[needle.PainReport]
	dropped []needle.PainReportID
}

// changed are rows that are new and rows that are to say something else than they did.
type changed[T any] struct{ added, rewritten, was []*T }

func (c *changed[T]) any() bool { return len(c.added)+len(c.rewritten) > 0 }

// is returns all rows as they will be.
func (c *changed[T]) is() []*T { return append(append([]*T{}, c.rewritten...), c.added...) }

func (c *painChange) rewritten() bool { return c.before != nil && *c.before != *c.pain }

func (c *painChange) recounts() bool {
	return c.reports.any() || c.heard.any() || len(c.dropped) > 0
}

func (c *painChange) action() needle.ImportAction {
	switch {
	case c.before == nil:
		return needle.ImportCreated
	case c.rewritten() || c.evidence.any() || c.recounts():
		return needle.ImportUpdated
	default:
		return needle.ImportUnchanged
	}
}

// compare holds pain points from elsewhere against what is stored, which it locks: imports queue here.
func (a act) compare(ctx context.Context, lines []*needle.UpsertPainPointInput) (*upserts, error) {
	if err := a.Serialize(ctx, painImports); err != nil {
		return nil, err
	}
	if err := a.HoldSegments(ctx); err != nil {
		return nil, err
	}
	u := &upserts{act: a, now: a.Now()}
	if err := u.read(ctx, lines); err != nil {
		return nil, err
	}
	first := map[string]int{}
	for i, in := range lines {
		problems := needle.UserErrors(in.Validate(u.now))
		category, strange := u.category(in)
		if strange != nil {
			problems = append(problems, strange)
		}
		if j, twice := first[in.Key()]; twice && in.Key() != "" {
			problems = append(problems, needle.Invalid("externalKey", needle.CodeDuplicate, "the pain point at place "+strconv.Itoa(j)+" has this key already"))
		} else {
			first[in.Key()] = i
		}
		if len(problems) == 0 {
			c := u.compare(in, category)
			u.changes = append(u.changes, c)
			if problem := u.dismissed(c); problem != nil {
				problems = append(problems, problem)
			}
		}
		for _, e := range problems {
			u.problems = append(u.problems, painProblem{i, e})
		}
	}
	return u, nil
}

// read reads all that the pain points are held against.
func (u *upserts) read(ctx context.Context, lines []*needle.UpsertPainPointInput) (err error) {
	keys := make([]string, len(lines))
	for i, in := range lines {
		keys[i] = in.Key()
	}
	if u.categories, err = u.CategoryNames(ctx); err != nil {
		return err
	}
	if u.known, err = u.PainPointsByExternalKey(ctx, keys); err != nil {
		return err
	}
	var roots []needle.PainPointID
	var evidence, reports store.Pieces
	for _, in := range lines {
		p := u.known[in.Key()]
		if p == nil {
			continue
		}
		roots = append(roots, p.RootID)
		for _, e := range in.Evidence {
			evidence.Add(p.ID, e.Key())
		}
		for _, r := range in.Reports {
			reports.Add(p.ID, r.Key())
		}
	}
	if len(roots) == 0 {
		return nil
	}
	// A pain point is locked before what it was merged into, as by everybody who adds to it.
	found, err := u.HoldPainPoints(ctx, roots)
	if err != nil {
		return err
	}
	u.roots = make(map[needle.PainPointID]*needle.PainPoint, len(found))
	for _, p := range found {
		u.roots[p.ID] = p
	}
	return u.readPieces(ctx, evidence, reports)
}

func (u *upserts) readPieces(ctx context.Context, evidenceNamed, reportsNamed store.Pieces) error {
	evidence, err := u.EvidenceByExternalKey(ctx, evidenceNamed)
	if err != nil {
		return err
	}
	u.evidence = make(map[piece]*needle.Evidence, len(evidence))
	ids := make([]needle.EvidenceID, len(evidence))
	for i, e := range evidence {
		u.evidence[piece{e.PainPointID, e.ExternalKey}], ids[i] = e, e.ID
	}
	reports, err := u.PainReportsByExternalKey(ctx, reportsNamed, ids)
	if err != nil {
		return err
	}
	u.reports, u.heard = map[piece]*needle.PainReport{}, map[needle.EvidenceID]*needle.PainReport{}
	for _, r := range reports {
		if r.EvidenceID != nil {
			u.heard[*r.EvidenceID] = r
		} else {
			u.reports[piece{r.PainPointID, r.ExternalKey}] = r
		}
	}
	return nil
}

// category finds the category that a pain point is to have, or says that there is none of that name.
func (u *upserts) category(in *needle.UpsertPainPointInput) (string, *needle.Error) {
	if p := u.known[in.Key()]; p != nil && in.Category == nil {
		return p.Category, nil
	}
	wanted := strings.TrimSpace(needle.Clean(or(in.Category, needle.CategoryQuality)))
	name, known := u.categories[strings.ToLower(wanted)]
	if !known && wanted != "" {
		return "", needle.Invalid("category", needle.CodeNotFound, "there is no such category")
	}
	return name, nil
}

// compare says what is to become of a pain point.
func (u *upserts) compare(in *needle.UpsertPainPointInput, category string) *painChange {
	c := &painChange{before: u.known[in.Key()]}
	if c.before != nil {
		pain := *c.before
		c.pain = &pain
	} else {
		c.pain = u.painPoint()
		c.pain.ExternalKey = in.Key()
	}
	setText(&c.pain.Title, &in.Title)
	setText(&c.pain.Description, in.Description)
	set(&c.pain.Severity, in.Severity)
	c.pain.Category = category
	seen := map[string]bool{}
	for _, e := range in.Evidence {
		if !seen[e.Key()] {
			u.compareEvidence(c, e)
		}
		seen[e.Key()] = true
	}
	seen = map[string]bool{}
	for _, r := range in.Reports {
		if !seen[r.Key()] {
			u.compareReport(c, r)
		}
		seen[r.Key()] = true
	}
	return c
}

// dismissed tells that a pain point takes nothing new, because it or what it was merged into was dismissed; nil when it
// does, or when nothing is new.
func (u *upserts) dismissed(c *painChange) *needle.Error {
	if c.action() != needle.ImportUpdated {
		return nil
	}
	const remedy = "; what is new about it is captured under another key, so that somebody looks at it"
	p, root := c.before, u.roots[c.before.RootID]
	switch {
	case root.Status != needle.PainDismissed && p.Status != needle.PainDismissed:
		return nil
	case p.ID != root.ID && root.Status == needle.PainDismissed:
		return needle.Conflict("externalKey", p.Key()+" was merged into "+root.Key()+", which was dismissed"+remedy)
	default:
		return needle.Conflict("externalKey", p.Key()+" was dismissed"+remedy)
	}
}

func (u *upserts) compareEvidence(c *painChange, in *needle.UpsertEvidenceInput) {
	was := u.evidence[piece{c.pain.ID, in.Key()}]
	if was == nil {
		e := u.act.evidence(c.pain.ID, &in.EvidenceInput)
		e.ExternalKey = in.Key()
		c.evidence.added = append(c.evidence.added, e)
		c.heard.added = append(c.heard.added, u.customers([]*needle.Evidence{e})...)
		return
	}
	is := *was
	is.Source = in.Source
	setText(&is.Body, &in.Body)
	setText(&is.Customer, in.Customer)
	setText(&is.Segment, in.Segment)
	setText(&is.URL, in.URL)
	is.ObservedAt = u.instant(was.ObservedAt, in.ObservedAt)
	if is == *was {
		return
	}
	c.evidence.rewritten, c.evidence.was = append(c.evidence.rewritten, &is), append(c.evidence.was, was)
	u.followEvidence(c, &is)
}

// followEvidence makes the report of evidence that was rewritten say the same.
func (u *upserts) followEvidence(c *painChange, e *needle.Evidence) {
	was := u.heard[e.ID]
	said := u.customers([]*needle.Evidence{e})
	switch {
	case was == nil:
		c.heard.added = append(c.heard.added, said...)
	case len(said) == 0:
		c.dropped = append(c.dropped, was.ID)
	default:
		is := *was
		is.Reporter, is.Segment = said[0].Reporter, said[0].Segment
		if !is.ReportedAt.Equal(e.ObservedAt) {
			is.ReportedAt = e.ObservedAt
		}
		if is != *was {
			c.heard.rewritten, c.heard.was = append(c.heard.rewritten, &is), append(c.heard.was, was)
		}
	}
}

func (u *upserts) compareReport(c *painChange, in *needle.UpsertPainReportInput) {
	reporter := strings.TrimSpace(needle.Clean(in.Reporter))
	was := u.reports[piece{c.pain.ID, in.Key()}]
	if was == nil {
		c.reports.added = append(c.reports.added, &needle.PainReport{
			Stamp: u.Stamp(), ID: needle.NewPainReportID(), PainPointID: c.pain.ID, Reporter: reporter,
			Segment: needle.Clean(or(in.Segment, "")), ExternalKey: in.Key(), ReportedAt: u.moment(in.ReportedAt), CreatedBy: u.viewer.UserID,
		})
		return
	}
	is := *was
	is.Reporter = reporter
	setText(&is.Segment, in.Segment)
	is.ReportedAt = u.instant(was.ReportedAt, in.ReportedAt)
	if is != *was {
		c.reports.rewritten, c.reports.was = append(c.reports.rewritten, &is), append(c.reports.was, was)
	}
}

// instant returns when something is said to have been, given when it was said to have been before. A time ahead of our
// clock was cut to the present when it was first read, and is not read again until it has come.
func (u *upserts) instant(was time.Time, given *time.Time) time.Time {
	if given == nil || given.After(u.now) {
		return was
	}
	if is := u.moment(given); !is.Equal(was) {
		return is
	}
	return was
}
