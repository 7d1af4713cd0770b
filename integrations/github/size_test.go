package github_test

import (
	"errors"
	"testing"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

func TestSize_isTheNewestNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	sizer := w.open(token)
	for want := range 3 {
		got, err := sizer.Size(t.Context(), w.source)
		if err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
		w.Create("an issue")
	}
}

func TestSize_ofAnUnknownRepositoryIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakegithub.Options{})
	sizer := w.open(token)
	if _, err := sizer.Size(t.Context(), integrations.Source{Key: "acme/nothing"}); !errors.Is(err, integrations.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
