package needle_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestCastBallotInput_keepsToTheScale(t *testing.T) {
	t.Parallel()
	for value := -1; value <= 7; value++ {
		err := needle.CastBallotInput{Value: value}.Validate()
		if inside := value >= 1 && value <= 5; inside != (err == nil) {
			t.Errorf("%d answers %v", value, err)
		}
	}
}
