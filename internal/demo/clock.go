package demo

import "time"

// clock is the time of the story. It stands still within a scene. Only one goroutine tells the story.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// set moves the clock to an instant.
func (c *clock) set(at time.Time) { c.at = at }

const day = 24 * time.Hour

// cycleDays is the length of a cycle of the story: thirteen weeks.
const cycleDays = 91

// calendar is when the story happens. Days count from the start of the present cycle; earlier ones are negative.
type calendar struct {
	now   time.Time
	start time.Time
}

// weeksIn is how many whole weeks of the present cycle have passed at least.
const weeksIn = 10

// newCalendar lays the story out so that now lies in the eleventh of the thirteen weeks of the present cycle, which
// starts on a Monday.
func newCalendar(now time.Time) calendar {
	now = now.UTC()
	midnight := now.Truncate(day)
	sinceMonday := (int(midnight.Weekday()) + 6) % 7
	return calendar{now: now, start: midnight.AddDate(0, 0, -sinceMonday-7*weeksIn)}
}

// at returns an hour of a day.
func (c calendar) at(d int, hour float64) time.Time {
	return c.start.AddDate(0, 0, d).Add(time.Duration(hour * float64(time.Hour)))
}

// today is the number of the present day.
func (c calendar) today() int { return int(c.now.Sub(c.start) / day) }

// quarter names the calendar quarter that most of a cycle lies in, as "2026 Q4", counted from a given one.
func quarter(middle time.Time, later int) string {
	n := middle.Year()*4 + (int(middle.Month())-1)/3 + later
	return time.Date(n/4, time.Month(n%4*3+1), 1, 0, 0, 0, 0, time.UTC).Format("2006") + " Q" + string(rune('1'+n%4))
}

// cycleNames returns what the previous and the present cycle are called.
func (c calendar) cycleNames() (previous, present string) {
	middle := c.at(cycleDays/2, 0)
	return quarter(middle, -1), quarter(middle, 0)
}
