package needle

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of texts, in characters.
const (
	MaxTitle = 300
	MaxText  = 50_000
	MaxName  = 120
	MaxURL   = 2_000
	MaxUnit  = 40
)

// check gathers the errors of one input, so that a caller learns them all at once.
type check struct {
	prefix string
	errs   Errors
}

// err returns what was gathered, nil when nothing was.
func (c *check) err() error {
	if len(c.errs) == 0 {
		return nil
	}
	return c.errs
}

func (c *check) add(field string, code Code, message string) {
	path := c.prefix
	if path != "" && field != "" {
		path += "."
	}
	c.errs = append(c.errs, Invalid(path+field, code, message))
}

// text demands 1 to limit characters after cleaning and trimming.
func (c *check) text(field, value string, limit int) {
	if strings.TrimSpace(Clean(value)) == "" {
		c.add(field, CodeRequired, "this must not be empty")
		return
	}
	c.upTo(field, value, limit)
}

// upTo allows 0 to limit characters.
func (c *check) upTo(field, value string, limit int) {
	if utf8.RuneCountInString(value) > limit {
		c.add(field, CodeTooLong, "this may have at most "+strconv.Itoa(limit)+" characters")
	}
}

func (c *check) between(field string, value, low, high int) {
	if value < low || value > high {
		c.add(field, CodeOutOfRange, "this must lie between "+strconv.Itoa(low)+" and "+strconv.Itoa(high))
	}
}

func (c *check) finite(field string, value *float64) {
	if value != nil && !finite(*value) {
		c.add(field, CodeOutOfRange, "this must be a finite number")
	}
}

func (c *check) share(field string, value *float64) {
	if value != nil && !(*value >= 0 && *value <= 1) {
		c.add(field, CodeOutOfRange, "this must lie between 0 and 1")
	}
}

// instant refuses times that no tracker, person or calendar means.
func (c *check) instant(field string, t time.Time) {
	if t.Year() < 1970 || t.Year() > 2200 {
		c.add(field, CodeOutOfRange, "this date lies outside 1970 to 2200")
	}
}

// futureSlack is how far a caller's clock may run ahead of the server's.
const futureSlack = 5 * time.Minute

// past refuses times after now, such as those of facts; nil passes.
func (c *check) past(field string, t *time.Time, now time.Time, message string) {
	if t == nil {
		return
	}
	c.instant(field, *t)
	if t.After(now.Add(futureSlack)) {
		c.add(field, CodeOutOfRange, message)
	}
}

func (c *check) link(field, value string) {
	if value == "" {
		return
	}
	c.upTo(field, value, MaxURL)
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		c.add(field, CodeInvalid, "this must be an http or https address")
	}
}

// Clean removes what PostgreSQL and JSON cannot hold: NUL characters and broken UTF-8. Text from outside passes it once,
// at the boundary.
func Clean(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// indexed returns the path of a field inside a list, as in "members.2.userId".
func indexed(list string, i int, field string) string {
	return list + "." + strconv.Itoa(i) + "." + field
}
