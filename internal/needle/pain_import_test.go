package needle

import (
	"testing"
	"time"
)

func TestUpsertEvidenceInput_isKnownByItsKeyOrByWhatItSays(t *testing.T) {
	t.Parallel()
	words := func(change func(*UpsertEvidenceInput)) string {
		e := UpsertEvidenceInput{EvidenceInput: EvidenceInput{Source: EvidenceQuote, Body: "Slow"}}
		change(&e)
		return e.Key()
	}
	plain := words(func(*UpsertEvidenceInput) {})
	at := time.Date(2026, 3, 1, 10, 0, 0, 1, time.FixedZone("", 3600))
	for name, same := range map[string]func(*UpsertEvidenceInput){
		"said empty":   func(e *UpsertEvidenceInput) { e.Customer, e.Segment = new(string), new(string) },
		"with a space": func(e *UpsertEvidenceInput) { e.Body = " Slow\x00 " },
	} {
		if words(same) != plain {
			t.Errorf("%s it is another", name)
		}
	}
	text := "x"
	seen := map[string]string{plain: "plain"}
	for name, other := range map[string]func(*UpsertEvidenceInput){
		"body":     func(e *UpsertEvidenceInput) { e.Body = "Slower" },
		"source":   func(e *UpsertEvidenceInput) { e.Source = EvidenceTicket },
		"customer": func(e *UpsertEvidenceInput) { e.Customer = &text },
		"segment":  func(e *UpsertEvidenceInput) { e.Segment = &text },
		"instant":  func(e *UpsertEvidenceInput) { e.ObservedAt = &at },
		"key":      func(e *UpsertEvidenceInput) { e.ExternalKey = &text },
	} {
		key := words(other)
		if was, twice := seen[key]; twice {
			t.Errorf("%s and %s are the same", was, name)
		}
		seen[key] = name
	}
	utc := at.UTC()
	if words(func(e *UpsertEvidenceInput) { e.ObservedAt = &utc }) != words(func(e *UpsertEvidenceInput) { e.ObservedAt = &at }) {
		t.Error("an instant is another in another zone")
	}
	if got := (&UpsertPainReportInput{Reporter: "Acme", ExternalKey: &text}).Key(); got != "x" {
		t.Errorf("a report with a key is known by %q", got)
	}
}

func TestPainImport_countsAllAndTellsOfTheFirst(t *testing.T) {
	t.Parallel()
	var done PainImport
	for i := range MaxImported + 3 {
		done.Count(&ImportedPainPoint{Index: i, Action: []ImportAction{ImportCreated, ImportUpdated, ImportUnchanged}[i%3]})
	}
	if done.Created+done.Updated+done.Unchanged != MaxImported+3 || done.Updated != 334 || len(done.PainPoints) != MaxImported {
		t.Errorf("%d, %d and %d, %d told of", done.Created, done.Updated, done.Unchanged, len(done.PainPoints))
	}
}
