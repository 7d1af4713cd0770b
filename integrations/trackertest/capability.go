package trackertest

import (
	"errors"
	"slices"
	"testing"

	"github.com/needle-okr/needle/integrations"
)

func countsLiving(t *testing.T, w World) {
	refs := populate(w, 12)
	w.Finish(refs[2])
	w.Delete(refs[5])
	want := slices.Delete(slices.Clone(refs), 5, 6)
	census, ok := w.Open().(integrations.Census)
	if !ok {
		t.Fatal("Open returns trackers of different types")
	}
	var got []integrations.Ref
	for q, pages := (integrations.Query{Source: w.Source(), PageSize: 5}), 0; ; {
		page, next, err := census.IDs(t.Context(), q)
		if err != nil {
			t.Fatalf("IDs: %v", err)
		}
		got = append(got, page...)
		if pages++; next == "" || pages > maxPages {
			break
		}
		q.After = next
	}
	order := func(a, b integrations.Ref) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		t.Errorf("IDs() = %+v\nwant %+v", got, want)
	}
}

func remembersDone(t *testing.T, w World) {
	ref := w.Create("Back and forth")
	w.Tick()
	w.Finish(ref)
	w.Tick()
	w.Reopen(ref)
	w.Tick()
	w.Finish(ref)
	w.Tick()
	w.Touch(ref)
	tracker := w.Open()
	history, ok := tracker.(integrations.History)
	if !ok {
		t.Fatal("Open returns trackers of different types")
	}
	got, err := history.Transitions(t.Context(), ref)
	if err != nil {
		t.Fatalf("Transitions: %v", err)
	}
	var steps []integrations.StateCategory
	for i, step := range got {
		steps = append(steps, step.From, step.To)
		if i > 0 && step.At.Before(got[i-1].At) {
			t.Errorf("step %d is before step %d", i, i-1)
		}
	}
	todo, done := integrations.StateTodo, integrations.StateDone
	if want := []integrations.StateCategory{todo, done, done, todo, todo, done}; !slices.Equal(steps, want) {
		t.Fatalf("steps = %v, want %v", steps, want)
	}
	issue, err := tracker.Issue(t.Context(), ref)
	if err != nil || issue.ClosedAt == nil || !issue.ClosedAt.Equal(got[2].At) {
		t.Errorf("closed at %v (%v), but the last step into done is at %v", issue.ClosedAt, err, got[2].At)
	}
	w.Delete(ref)
	if _, err := history.Transitions(t.Context(), ref); !saysAbsent(err) {
		t.Errorf("history of a deleted issue: error = %v, want ErrGone or ErrNotFound", err)
	}
}

func readsWebhooks(t *testing.T, w World) {
	ref := w.Create("Announced")
	w.Tick()
	w.Touch(ref)
	w.Tick()
	w.Finish(ref)
	deliveries, secret := w.Webhooks()
	if len(deliveries) != 3 {
		t.Fatalf("the world made %d deliveries of 3 changes", len(deliveries))
	}
	parser, ok := w.Open().(integrations.WebhookParser)
	if !ok {
		t.Fatal("Open returns trackers of different types")
	}
	ids := map[string]bool{}
	for _, d := range deliveries {
		hints, err := parser.ParseWebhook(d, secret)
		if err != nil || len(hints) != 1 {
			t.Fatalf("ParseWebhook() = %+v, %v, want one hint", hints, err)
		}
		if h := hints[0]; h.Ref != ref || h.Source.Key != w.Source().Key || h.Event == "" || h.DeliveryID == "" {
			t.Errorf("hint = %+v, want %+v of %s", h, ref, w.Source().Key)
		}
		again, err := parser.ParseWebhook(d, secret)
		if err != nil || !slices.Equal(again, hints) {
			t.Errorf("the same delivery again gave %+v, %v", again, err)
		}
		if id, _ := parser.NameDelivery(d); id != hints[0].DeliveryID {
			t.Errorf("the delivery is named %q, its hint says %q", id, hints[0].DeliveryID)
		}
		ids[hints[0].DeliveryID] = true
	}
	if len(ids) != 3 {
		t.Errorf("3 deliveries have %d ids", len(ids))
	}
}

func refusesForgeries(t *testing.T, w World) {
	w.Create("Forged")
	deliveries, secret := w.Webhooks()
	if len(deliveries) != 1 {
		t.Fatalf("the world made %d deliveries of 1 change", len(deliveries))
	}
	parser, ok := w.Open().(integrations.WebhookParser)
	if !ok {
		t.Fatal("Open returns trackers of different types")
	}
	good := deliveries[0]
	tampered := integrations.Delivery{Header: good.Header, Body: append(slices.Clone(good.Body), ' ')}
	unsigned := integrations.Delivery{Body: good.Body}
	for _, c := range []struct {
		name     string
		delivery integrations.Delivery
		secret   []byte
	}{
		{"a changed body", tampered, secret},
		{"no signature", unsigned, secret},
		{"another secret", good, append(slices.Clone(secret), 'x')},
		{"an empty secret", good, nil},
		{"nothing signed with nothing", unsigned, nil},
	} {
		if hints, err := parser.ParseWebhook(c.delivery, c.secret); !errors.Is(err, integrations.ErrSignature) || len(hints) > 0 {
			t.Errorf("%s: %+v, %v, want ErrSignature", c.name, hints, err)
		}
	}
}
