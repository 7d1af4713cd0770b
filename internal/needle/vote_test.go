package needle_test

import (
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestOpenVoteInput_isAboutWhatPeopleVoteOn(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		needle.NewObjectiveID().String(): "", needle.NewKeyResultID().String(): "", needle.NewIdeaID().String(): "",
		needle.NewPainPointID().String(): "INVALID_ID input.subjectId", "obj_7": "INVALID_ID input.subjectId", "": "INVALID_ID input.subjectId",
	} {
		if got := problems(needle.OpenVoteInput{SubjectID: subject}.Validate()); got != want {
			t.Errorf("%q answers %q, want %q", subject, got, want)
		}
	}
	long := strings.Repeat("x", needle.MaxTitle+1)
	if got := problems(needle.OpenVoteInput{SubjectID: needle.NewIdeaID().String(), Question: &long}.Validate()); got != "TOO_LONG input.question" {
		t.Errorf("a long question answers %q", got)
	}
}
