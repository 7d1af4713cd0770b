package integrations_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
)

func TestOurTime_isNoneOfTheClocksDifference(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		date string
		at   time.Time
		want time.Time
	}{
		"the clocks agree":         {now.Format(http.TimeFormat), now.Add(time.Hour), now.Add(time.Hour)},
		"ours is a day behind":     {now.AddDate(0, 0, 1).Format(http.TimeFormat), now.AddDate(0, 0, 1).Add(time.Hour), now.Add(time.Hour)},
		"ours is a day ahead":      {now.AddDate(0, 0, -1).Format(http.TimeFormat), now.AddDate(0, 0, -1).Add(time.Hour), now.Add(time.Hour)},
		"the answer has no date":   {"", now.Add(time.Hour), now.Add(time.Hour)},
		"the date is no date":      {"yesterday", now.Add(time.Hour), now.Add(time.Hour)},
		"the answer names no time": {now.Format(http.TimeFormat), time.Time{}, time.Time{}},
		"the moment is over":       {now.Format(http.TimeFormat), now.Add(-time.Hour), now.Add(-time.Hour)},
	} {
		h := http.Header{}
		h.Set("Date", c.date)
		if got := integrations.OurTime(h, c.at, now); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
