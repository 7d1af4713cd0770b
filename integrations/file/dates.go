package file

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// layouts are the ways to write a time that can be read in one way only. What
// names no zone is in that of the settings.
var layouts = []string{
	time.RFC3339Nano, time.DateOnly, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02T15:04:05.999999999-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006/01/02",
	"2006/01/02 15:04", "2006/01/02 15:04:05",
	// Jira's exports: in English, and in many other languages.
	"2/Jan/06 3:04 PM", "2/Jan/06 15:04", "2/Jan/06", "2/Jan/2006 3:04 PM", "2/Jan/2006 15:04", "2/Jan/2006",
	"2.1.2006", "2.1.2006 15:04", "2.1.2006 15:04:05", "2.1.06", "2.1.06 15:04",
	"2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "Jan 2, 2006 3:04 PM", "Jan 2, 2006, 3:04 PM",
	"January 2, 2006 3:04 PM", "Jan 2, 2006 15:04", "Mon Jan 2 2006 15:04:05 GMT-0700", time.RFC1123, time.RFC1123Z,
}

var (
	// twoWays matches dates whose day and month could be either.
	twoWays = regexp.MustCompile(`^\d{1,2}[/-]\d{1,2}[/-](\d{4}|\d{2})\b`)
	// remark is what JavaScript puts behind a time: "(Coordinated Universal Time)".
	remark = regexp.MustCompile(` \([^()]*\)$`)
	// epoch matches seconds and milliseconds since 1970.
	epoch = regexp.MustCompile(`^(\d{10}|\d{13})$`)
)

// dates reads times.
type dates struct {
	zone *time.Location
	// layouts are the ways to write a time, that of the settings first.
	layouts []string
}

var (
	errTwoWays  = errors.New("can be read in two ways; say which with the setting dateFormat, as in DD/MM/YYYY or MM/DD/YYYY HH:mm")
	errNoDate   = errors.New("is no time that can be read; write 2026-10-01 or 2026-10-01T09:30:00Z, or say how it is written with the setting dateFormat")
	errFarAway  = errors.New("lies outside the years 1 to 9999")
	errNoLayout = errors.New("must be made of YYYY or YY, MM, M or MMM, DD or D, and HH or H, hh or h with A, mm, ss, as in DD/MM/YYYY HH:mm")
)

// read reads a time, to the microsecond. Its error completes a sentence about it.
func (d dates) read(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if strings.HasSuffix(text, ")") {
		text = remark.ReplaceAllString(text, "")
	}
	for _, layout := range d.layouts {
		at, err := time.ParseInLocation(layout, text, d.zone)
		if err != nil {
			continue
		}
		at = at.UTC().Truncate(time.Microsecond)
		if at.Year() < 1 || at.Year() > 9999 {
			return time.Time{}, errFarAway
		}
		return at, nil
	}
	switch {
	case epoch.MatchString(text):
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, errNoDate
		}
		if len(text) == 10 {
			n *= 1000
		}
		return time.UnixMilli(n).UTC(), nil
	case twoWays.MatchString(text):
		return time.Time{}, errTwoWays
	default:
		return time.Time{}, errNoDate
	}
}

// parts are what a date format is made of, the longest of a letter first, and
// Go's words for them.
var parts = []struct{ ours, gos string }{
	{"YYYY", "2006"},
	{"YY", "06"},
	{"MMM", "Jan"},
	{"MM", "01"},
	{"M", "1"},
	{"DD", "02"},
	{"D", "2"},
	{"HH", "15"},
	{"H", "15"},
	{"hh", "03"},
	{"h", "3"},
	{"mm", "04"},
	{"ss", "05"},
	{"A", "PM"},
}

// parseLayout makes Go's layout of a date format.
func parseLayout(format string) (string, error) {
	var out strings.Builder
	for rest := format; rest != ""; {
		n := 0
		for _, p := range parts {
			if strings.HasPrefix(rest, p.ours) {
				out.WriteString(p.gos)
				n = len(p.ours)
				break
			}
		}
		if n == 0 {
			if !strings.ContainsRune(" /.-:,T", rune(rest[0])) {
				return "", errNoLayout
			}
			out.WriteByte(rest[0])
			n = 1
		}
		rest = rest[n:]
	}
	layout := out.String()
	for _, needed := range []string{"06", "2"} {
		if !strings.Contains(layout, needed) {
			return "", errNoLayout
		}
	}
	if !strings.Contains(format, "M") || !strings.Contains(format, "D") {
		return "", errNoLayout
	}
	return layout, nil
}

// parseZone reads a time zone; nothing is UTC.
func parseZone(name string) (*time.Location, error) {
	if name == "Local" { // Whoever runs the server does not know what that is to the file.
		return nil, errors.New("must be a time zone such as Europe/Berlin or UTC")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errors.New("must be a time zone such as Europe/Berlin or UTC")
	}
	return zone, nil
}
