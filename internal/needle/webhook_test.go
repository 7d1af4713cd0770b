package needle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func TestRotateWebhookSecretInput_takesADayOfOverlapUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	none, most := 0, 7*24*60
	for want, in := range map[time.Duration]needle.RotateWebhookSecretInput{
		24 * time.Hour: {}, 0: {OverlapMinutes: &none}, 7 * 24 * time.Hour: {OverlapMinutes: &most},
	} {
		if got := in.Overlap(); got != want || in.Validate() != nil {
			t.Errorf("the overlap is %s (%v), want %s", got, in.Validate(), want)
		}
	}
}

func TestRotateWebhookSecretInput_refusesAnOverlapThatNoDurationHolds(t *testing.T) {
	t.Parallel()
	for _, minutes := range []int{-1, 7*24*60 + 1, 1 << 62, -1 << 62} {
		in := needle.RotateWebhookSecretInput{OverlapMinutes: &minutes}
		if in.Validate() == nil {
			t.Errorf("%d minutes are taken", minutes)
		}
	}
}

func TestNewWebhookSecret_doesNotPrintItself(t *testing.T) {
	t.Parallel()
	value := "open sesame, please"
	secret := &needle.NewWebhookSecret{Value: &value}
	if text := fmt.Sprintf("%v %s %+v", secret, secret, secret); text != "a webhook secret a webhook secret a webhook secret" {
		t.Error(text)
	}
}

func TestWebhook_isSentBelowThePublicAddress(t *testing.T) {
	t.Parallel()
	w := needle.Webhook{ConnectionID: needle.NewConnectionID()}
	if w.Path() != "/webhooks/"+w.ConnectionID.String() {
		t.Error(w.Path())
	}
}
