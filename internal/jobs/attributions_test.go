package jobs_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestAttributions_areWorkedOutSoonAfterSomethingIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check(t, w.client().Start(t.Context()))
	key := w.f.KeyResult()
	computed := func() bool {
		return w.count(`SELECT count(*) FROM computed_attributions AS t WHERE NOT EXISTS (
			SELECT 1 FROM attribution_marks AS m WHERE m.key_result_id = t.key_result_id)`) == 1
	}
	until(t, "the key result's attributions are worked out", computed)
	_, err := planning.New(w.store).RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: key.ID, Value: 7})
	check(t, err)
	if computed() && w.count(`SELECT max(version) FROM computed_attributions`) == 1 {
		t.Error("a check-in left no mark")
	}
	until(t, "they are worked out again", func() bool { return computed() && w.count(`SELECT max(version) FROM computed_attributions`) > 1 })
}
