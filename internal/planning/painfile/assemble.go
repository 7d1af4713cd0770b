package painfile

import (
	"strconv"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// assembler puts the lines with one external key together into one pain point.
type assembler struct {
	file  *File
	byKey map[string]int
	// said is what each pain point's own fields were given as.
	said []map[needle.PainFileField]string
}

// ownFields are those that a pain point has one of, whatever the number of its lines.
var ownFields = []needle.PainFileField{
	needle.PainFileTitle, needle.PainFileDescription, needle.PainFileCategory, needle.PainFileSeverity,
}

func (a *assembler) add(l line) {
	f, key := a.file, l.values[needle.PainFileExternalKey]
	if key == "" {
		f.wrong(l.number, f.name(needle.PainFileExternalKey), needle.CodeRequired, "this must not be empty")
		return
	}
	i, known := a.byKey[key]
	if !known {
		i = len(f.PainPoints)
		a.byKey[key] = i
		f.PainPoints = append(f.PainPoints, &needle.UpsertPainPointInput{ExternalKey: key})
		f.places = append(f.places, &place{first: l.number, own: map[needle.PainFileField]int{}})
		a.said = append(a.said, map[needle.PainFileField]string{})
	}
	p, at := f.PainPoints[i], f.places[i]
	for _, field := range ownFields {
		value, given := l.values[field]
		if !given {
			continue
		}
		if was, before := a.said[i][field]; before {
			if was != value {
				f.wrong(l.number, f.name(field), needle.CodeInvalid, "line "+strconv.Itoa(at.own[field])+" is about the same pain point and says something else")
			}
			continue
		}
		a.said[i][field], at.own[field] = value, l.number
		a.own(p, l, field, value)
	}
	a.heard(p, at, l)
}

// own sets a field of the pain point itself.
func (a *assembler) own(p *needle.UpsertPainPointInput, l line, field needle.PainFileField, value string) {
	switch field {
	case needle.PainFileTitle:
		p.Title = value
	case needle.PainFileDescription:
		p.Description = &value
	case needle.PainFileCategory:
		p.Category = &value
	default:
		severity, err := strconv.Atoi(value)
		if err != nil {
			a.file.wrong(l.number, a.file.name(field), needle.CodeInvalid, "this must be a whole number from 1 to 5")
			return
		}
		p.Severity = &severity
	}
}

// heard makes a line's quote a piece of evidence, and a reporter without a quote a report.
func (a *assembler) heard(p *needle.UpsertPainPointInput, at *place, l line) {
	given := func(field needle.PainFileField) *string {
		if value, ok := l.values[field]; ok {
			return &value
		}
		return nil
	}
	reporter, segment, url := given(needle.PainFileReporter), given(needle.PainFileSegment), given(needle.PainFileURL)
	when := a.instant(l)
	quote, quoted := l.values[needle.PainFileQuote]
	source := a.source(l)
	switch {
	case quoted:
		p.Evidence = append(p.Evidence, &needle.UpsertEvidenceInput{EvidenceInput: needle.EvidenceInput{
			Source: source, Body: quote, Customer: reporter, Segment: segment, URL: url, ObservedAt: when,
		}})
		at.evidence = append(at.evidence, l.number)
	case reporter != nil:
		p.Reports = append(p.Reports, &needle.UpsertPainReportInput{Reporter: *reporter, Segment: segment, ReportedAt: when})
		at.reports = append(at.reports, l.number)
		a.idle(l, "this says nothing without a "+a.file.name(needle.PainFileQuote), needle.PainFileSource, needle.PainFileURL)
	default:
		a.idle(l, "this says nothing without a "+a.file.name(needle.PainFileQuote)+" or a "+a.file.name(needle.PainFileReporter),
			needle.PainFileSegment, needle.PainFileSource, needle.PainFileURL, needle.PainFileObservedAt)
	}
}

// idle refuses values that would be lost, since nothing holds them.
func (a *assembler) idle(l line, message string, fields ...needle.PainFileField) {
	for _, field := range fields {
		if _, given := l.values[field]; given {
			a.file.wrong(l.number, a.file.name(field), needle.CodeInvalid, message)
		}
	}
}

// sources are the kinds of evidence.
var sources = []needle.EvidenceSource{
	needle.EvidenceQuote, needle.EvidenceTicket, needle.EvidenceInterview, needle.EvidenceSurvey, needle.EvidenceMetric,
}

func (a *assembler) source(l line) needle.EvidenceSource {
	value, given := l.values[needle.PainFileSource]
	if !given {
		return needle.EvidenceQuote
	}
	names := make([]string, len(sources))
	for i, s := range sources {
		if strings.EqualFold(value, string(s)) {
			return s
		}
		names[i] = string(s)
	}
	a.file.wrong(l.number, a.file.name(needle.PainFileSource), needle.CodeInvalid, "this must be one of "+strings.Join(names, ", "))
	return needle.EvidenceQuote
}

// instants are the ways to write when something was said. What has no zone is in UTC.
var instants = []string{time.RFC3339Nano, time.DateOnly, time.DateTime, "2006-01-02 15:04"}

func (a *assembler) instant(l line) *time.Time {
	value, given := l.values[needle.PainFileObservedAt]
	if !given {
		return nil
	}
	for _, layout := range instants {
		if t, err := time.Parse(layout, value); err == nil {
			t = t.UTC()
			return &t
		}
	}
	a.file.wrong(l.number, a.file.name(needle.PainFileObservedAt), needle.CodeInvalid, "this must be a time like 2026-10-01T09:30:00Z, 2026-10-01 09:30 or 2026-10-01")
	return nil
}
