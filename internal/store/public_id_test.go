package store_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestPublicID_isWrittenAsTheAPIDoes(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		var id needle.KeyResultID
		copy(id.UUID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "id"))
		var got string
		if err := db.QueryRowContext(t.Context(), `SELECT public_id('kr', ?)`, id.UUID).Scan(&got); err != nil {
			rt.Fatal(err)
		}
		if got != id.String() {
			rt.Errorf("%s is written %s", id, got)
		}
	})
}
