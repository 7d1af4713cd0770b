package planning

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// RecordCheckIns records many measured values, all or none, and tells everything that is wrong with them by their places.
//
// Without a metric source they are the viewer's, as RecordCheckIn would record each. With one they are the source's, and
// sending them again changes nothing: a value is known by key result, source and the source's own id. Another value under
// a known id supersedes the source's own. A person's word stands: where a person corrected the source's value, or measured
// at the same instant, the line is UNCHANGED and says so. A key result of a closed objective answers CONFLICT in its place.
func (p *Planner) RecordCheckIns(ctx context.Context, in needle.RecordCheckInsInput) (*needle.CheckInBatch, error) {
	var done *needle.CheckInBatch
	err := p.change(ctx, needle.ActCheckIn, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		b, err := a.newBatch(ctx, in)
		if err != nil {
			return err
		}
		if err := b.refuseClosed(ctx); err != nil {
			return err
		}
		if err := b.meet(ctx); err != nil {
			return err
		}
		for _, l := range b.lines {
			b.done.Add(b.settle(l))
		}
		done = &b.done
		return b.store(ctx)
	})
	return done, err
}

// batch is a batch of check-ins in progress.
type batch struct {
	act
	// source is empty when a person records.
	source string
	lines  []batchLine
	now    time.Time
	// byID are the check-ins that a source's values meet, with every correction of them.
	byID map[needle.CheckInID]*needle.CheckIn
	// bySource are the newest of the source's own.
	bySource map[sourceKey]*needle.CheckIn
	// byPerson are those of people that stand.
	byPerson map[instantKey]*needle.CheckIn
	// fresh is what will be stored.
	fresh []*needle.CheckIn
	done  needle.CheckInBatch
}

// batchLine is a line whose key result is known.
type batchLine struct {
	*needle.CheckInLine
	place     int
	keyResult *needle.KeyResult
	external  string
}

type sourceKey struct {
	keyResult needle.KeyResultID
	external  string
}

type instantKey struct {
	keyResult needle.KeyResultID
	at        int64
}

func (l batchLine) key() sourceKey { return sourceKey{l.keyResult.ID, l.external} }

// newBatch finds what every line measures, by id or key, and refuses those that nothing answers and ids given twice.
func (a act) newBatch(ctx context.Context, in needle.RecordCheckInsInput) (*batch, error) {
	b := &batch{act: a, source: needle.Clean(or(in.MetricSource, "")), now: a.Now()}
	ids, numbers := make([]needle.KeyResultID, len(in.CheckIns)), make([]int, len(in.CheckIns))
	for i, l := range in.CheckIns {
		if l.KeyResultKey != nil {
			_, numbers[i], _ = needle.ParseKey(*l.KeyResultKey)
		} else {
			ids[i] = *l.KeyResultID
		}
	}
	byID, err := a.KeyResultsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	byNumber, err := a.KeyResultsByNumber(ctx, numbers)
	if err != nil {
		return nil, err
	}
	var errs needle.Errors
	seen := map[sourceKey]bool{}
	for i, l := range in.CheckIns {
		line := batchLine{l, i, byID[i], needle.Clean(or(l.ExternalID, ""))}
		if l.KeyResultKey != nil {
			line.keyResult = byNumber[numbers[i]]
		}
		if line.keyResult == nil {
			errs = append(errs, needle.NotFound(l.Where(i), "key result"))
			continue
		}
		if b.source != "" && seen[line.key()] {
			errs = append(errs, needle.Invalid(line.path("externalId"), needle.CodeDuplicate, "this id is in the batch twice"))
		}
		seen[line.key()] = true
		b.lines = append(b.lines, line)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return b, nil
}

func (l batchLine) path(field string) string {
	return "input.checkIns." + strconv.Itoa(l.place) + "." + field
}

// refuseClosed holds the objectives of all lines, so that they stay open, and refuses what measures a closed one.
func (b *batch) refuseClosed(ctx context.Context) error {
	ids := map[needle.ObjectiveID]bool{}
	for _, l := range b.lines {
		ids[l.keyResult.ObjectiveID] = true
	}
	// Whoever holds several objectives queues with those who change alignments, which hold two.
	if len(ids) > 1 {
		if err := b.Serialize(ctx, alignment); err != nil {
			return err
		}
	}
	held, err := b.LockObjectives(ctx, slices.Collect(maps.Keys(ids)))
	if err != nil {
		return err
	}
	var errs needle.Errors
	for _, l := range b.lines {
		if held[l.keyResult.ObjectiveID].State == needle.ObjectiveClosed {
			errs = append(errs, closed(l.Where(l.place)))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// meet reads the check-ins that a source's values may meet.
func (b *batch) meet(ctx context.Context) error {
	if b.source == "" {
		return nil
	}
	ids, externals, instants := keyResultIDs(b.lines), make([]string, len(b.lines)), []time.Time{}
	for i, l := range b.lines {
		externals[i] = l.external
		if l.MeasuredAt != nil {
			instants = append(instants, b.moment(l.MeasuredAt))
		}
	}
	met, err := b.CheckInsInTheWay(ctx, ids, b.source, externals, instants)
	if err != nil {
		return err
	}
	b.byID, b.bySource, b.byPerson = map[needle.CheckInID]*needle.CheckIn{}, map[sourceKey]*needle.CheckIn{}, map[instantKey]*needle.CheckIn{}
	for _, c := range met {
		b.byID[c.ID] = c
	}
	for _, c := range met {
		switch {
		case c.AuthorID == nil && !b.bySameSource(c.SupersededByID):
			b.bySource[sourceKey{c.KeyResultID, c.ExternalID}] = c
		case c.AuthorID != nil && c.SupersededByID == nil:
			b.byPerson[instantOf(c)] = c
		}
	}
	return nil
}

// bySameSource reports whether a correction is the source's own.
func (b *batch) bySameSource(correction *needle.CheckInID) bool {
	return correction != nil && b.byID[*correction].AuthorID == nil
}

func instantOf(c *needle.CheckIn) instantKey {
	return instantKey{c.KeyResultID, c.MeasuredAt.UnixMicro()}
}

func keyResultIDs(lines []batchLine) []needle.KeyResultID {
	ids := make([]needle.KeyResultID, len(lines))
	for i, l := range lines {
		ids[i] = l.keyResult.ID
	}
	return ids
}

// Why a source's line changes nothing.
const (
	personCorrected = "a person corrected this value, and theirs stands"
	personMeasured  = "a person measured at the same instant, and theirs stands"
)

// settle decides on a line and keeps what is to be stored.
func (b *batch) settle(l batchLine) *needle.CheckInResult {
	c := &needle.CheckIn{
		WorkspaceID: b.WorkspaceID(), ID: needle.NewCheckInID(), KeyResultID: l.keyResult.ID, Value: l.Value,
		Confidence: l.Confidence, Note: needle.Clean(or(l.Note, "")), MeasuredAt: b.moment(l.MeasuredAt), RecordedAt: b.now,
	}
	outcome := needle.CheckInRecorded
	if b.source == "" {
		c.AuthorID = &b.viewer.UserID
	} else {
		c.MetricSource, c.ExternalID = b.source, l.external
		if own := b.bySource[l.key()]; own != nil {
			if own.SupersededByID != nil {
				return unchanged(b.standsFor(own), personCorrected)
			}
			if l.MeasuredAt == nil {
				c.MeasuredAt = own.MeasuredAt
			}
			if c.Value == own.Value && c.MeasuredAt.Equal(own.MeasuredAt) {
				return unchanged(own, "")
			}
			c.SupersedesID, outcome = &own.ID, needle.CheckInCorrected
		}
		if person := b.byPerson[instantOf(c)]; person != nil {
			return unchanged(person, personMeasured)
		}
	}
	b.fresh = append(b.fresh, c)
	return &needle.CheckInResult{Outcome: outcome, CheckIn: c}
}

func unchanged(c *needle.CheckIn, note string) *needle.CheckInResult {
	return &needle.CheckInResult{Outcome: needle.CheckInUnchanged, CheckIn: c, Note: note}
}

// standsFor follows corrections to the last one.
func (b *batch) standsFor(c *needle.CheckIn) *needle.CheckIn {
	for c.SupersededByID != nil {
		c = b.byID[*c.SupersededByID]
	}
	return c
}

// store writes what was decided, with one activity for each key result whatever the number of its lines.
func (b *batch) store(ctx context.Context) error {
	if len(b.fresh) == 0 {
		return nil
	}
	if err := b.InsertCheckIns(ctx, b.fresh); err != nil {
		return err
	}
	told := map[needle.KeyResultID]*measured{}
	var concerned []needle.KeyResultID
	for _, c := range b.fresh {
		if told[c.KeyResultID] == nil {
			told[c.KeyResultID] = &measured{MetricSource: b.source, From: c.MeasuredAt, To: c.MeasuredAt}
			concerned = append(concerned, c.KeyResultID)
		}
		told[c.KeyResultID].add(c)
	}
	if err := b.followCheckIns(ctx, concerned); err != nil {
		return err
	}
	return b.tell(ctx, told)
}

// measured is what the activity of a batch says about one key result; the values are in its check-ins.
type measured struct {
	CheckIns, Corrected int
	MetricSource        string
	// From and To are when the first and the last value were measured.
	From, To time.Time
}

func (m *measured) add(c *needle.CheckIn) {
	m.CheckIns++
	if c.SupersedesID != nil {
		m.Corrected++
	}
	if c.MeasuredAt.Before(m.From) {
		m.From = c.MeasuredAt
	}
	m.To = latest(m.To, c.MeasuredAt)
}

func (b *batch) tell(ctx context.Context, told map[needle.KeyResultID]*measured) error {
	var activities []*needle.Activity
	for _, l := range b.lines {
		k := l.keyResult
		what := told[k.ID]
		if what == nil {
			continue
		}
		delete(told, k.ID) // Once for each key result, in the order of the lines.
		row, err := b.activity(needle.VerbMeasured, k.ID, nil, what, about{&k.TeamID, &k.ObjectiveID})
		if err != nil {
			return err
		}
		activities = append(activities, row)
	}
	return b.InsertActivities(ctx, activities)
}
