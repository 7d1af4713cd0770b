package needle

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestDraftTitle_namesTheHeaviestPain(t *testing.T) {
	t.Parallel()
	pain := func(number, severity int, weight float64, title string) PainToEnd {
		return PainToEnd{PainPoint: &PainPoint{Number: number, Severity: severity, Weight: weight, Title: title}}
	}
	long := strings.Repeat("ä", MaxTitle)
	for want, pains := range map[string][]PainToEnd{
		"No more: Alone":                                                {pain(1, 1, 0, "Alone")},
		"No more: Heavy and 2 more":                                     {pain(1, 5, 1, "Light"), pain(2, 1, 2, "Heavy"), pain(3, 5, 1.5, "Middle")},
		"No more: Severe and 1 more":                                    {pain(1, 2, 1, "Mild"), pain(2, 3, 1, "Severe")},
		"No more: First written and 1 more":                             {pain(2, 3, 1, "Later"), pain(1, 3, 1, "First written")},
		"No more: " + strings.Repeat("ä", MaxTitle-10) + "…":            {pain(1, 1, 1, long)},
		"No more: " + strings.Repeat("ä", MaxTitle-21) + "… and 1 more": {pain(1, 1, 1, long), pain(2, 1, 0, "x")},
	} {
		if got := DraftTitle(pains); got != want || utf8.RuneCountInString(got) > MaxTitle {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDraftDescription_staysWithinWhatATextMayHave(t *testing.T) {
	t.Parallel()
	var pains []PainToEnd
	for range MaxDraftPains {
		pains = append(pains, PainToEnd{
			PainPoint: &PainPoint{Number: 1 << 30, Title: strings.Repeat("ä", MaxTitle), Reporters: 1 << 30},
			Newest:    &Evidence{Body: strings.Repeat("ö", MaxText), ObservedAt: time.Unix(0, 0)},
		})
	}
	if n := utf8.RuneCountInString(DraftDescription(pains)); n > MaxText {
		t.Errorf("it has %d characters", n)
	}
}
