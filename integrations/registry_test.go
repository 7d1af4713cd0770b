package integrations_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
)

// plain does the core and nothing else; its methods are never called.
type plain struct{ integrations.Tracker }

// able adds every optional interface.
type able struct {
	integrations.Tracker
	integrations.WebhookParser
	integrations.Census
	integrations.History
	integrations.Linker
	integrations.Creator
}

func TestCapabilities_followFromTheMethods(t *testing.T) {
	t.Parallel()
	if got := integrations.Capabilities(plain{}); got != nil {
		t.Errorf("a plain tracker can %v", got)
	}
	want := []integrations.Capability{
		integrations.CanWebhooks, integrations.CanCensus, integrations.CanHistory, integrations.CanBacklink, integrations.CanCreate,
	}
	if diff := cmp.Diff(want, integrations.Capabilities(able{})); diff != "" {
		t.Error(diff)
	}
}

// opened remembers what a driver was opened with.
type opened struct {
	plain

	settings integrations.Settings
	env      integrations.Env
}

// driver asks for an address and a token.
func driver(kind string) integrations.Driver {
	return integrations.Driver{
		Kind: kind, Name: "Example", Prototype: &opened{},
		Fields: []integrations.Field{
			{Name: "address", Default: "https://tracker.example/", Check: func(value string) error {
				if !strings.HasPrefix(value, "https://") {
					return errors.New("must be https")
				}
				return nil
			}},
			{Name: "token", Required: true, Secret: true},
			{Name: "query"},
		},
		Open: func(_ context.Context, s integrations.Settings, env integrations.Env) (integrations.Tracker, error) {
			if s["query"] == "impossible" {
				return nil, integrations.ErrForbidden
			}
			return &opened{settings: s, env: env}, nil
		},
	}
}

func TestNewRegistry_refusesDriversThatCannotWork(t *testing.T) {
	t.Parallel()
	spoil := func(f func(*integrations.Driver)) integrations.Driver {
		d := driver("example")
		f(&d)
		return d
	}
	for name, drivers := range map[string][]integrations.Driver{
		"no kind":        {spoil(func(d *integrations.Driver) { d.Kind = "" })},
		"no name":        {spoil(func(d *integrations.Driver) { d.Name = "" })},
		"no prototype":   {spoil(func(d *integrations.Driver) { d.Prototype = nil })},
		"no Open":        {spoil(func(d *integrations.Driver) { d.Open = nil })},
		"one kind twice": {driver("example"), driver("other"), driver("example")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := integrations.NewRegistry(drivers...); err == nil {
				t.Error("the registry took it")
			}
		})
	}
}

func TestRegistry_opensWithCheckedSettings(t *testing.T) {
	t.Parallel()
	registry, err := integrations.NewRegistry(driver("one"), driver("two"))
	if err != nil {
		t.Fatal(err)
	}
	if got := registry.Drivers(); len(got) != 2 || got[0].Kind != "one" || got[1].Kind != "two" {
		t.Errorf("Drivers() = %+v", got)
	}
	if _, err := registry.Open(t.Context(), "three", nil, integrations.Env{}); !errors.Is(err, integrations.ErrUnknownKind) {
		t.Errorf("an unknown kind: %v", err)
	}
	given := integrations.Settings{"token": "  secret  "}
	tracker, err := registry.Open(t.Context(), "two", given, integrations.Env{})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := tracker.(*opened)
	if !ok {
		t.Fatalf("opened a %T", tracker)
	}
	want := integrations.Settings{"address": "https://tracker.example/", "token": "secret", "query": ""}
	if diff := cmp.Diff(map[string]string(want), map[string]string(got.settings)); diff != "" {
		t.Error(diff)
	}
	if got.env.Transport != http.DefaultTransport || got.env.Now == nil || got.env.UserAgent == "" {
		t.Errorf("the driver's surroundings lack something: %+v", got.env)
	}
	if given["token"] != "  secret  " {
		t.Error("the caller's settings were changed")
	}
	_, err = registry.Open(t.Context(), "one", integrations.Settings{"token": "x", "query": "impossible"}, integrations.Env{})
	if !errors.Is(err, integrations.ErrForbidden) {
		t.Errorf("the driver's own error was lost: %v", err)
	}
}

func TestRegistry_namesEveryWrongSetting(t *testing.T) {
	t.Parallel()
	registry, err := integrations.NewRegistry(driver("one"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = registry.Open(t.Context(), "one", integrations.Settings{
		"address": "http://tracker.example/", "token": " ", "zebra": "1", "ant": "2",
	}, integrations.Env{})
	wrong := (*integrations.SettingsError)(nil)
	if !errors.As(err, &wrong) {
		t.Fatalf("error = %v, want a SettingsError", err)
	}
	want := []integrations.FieldError{
		{Field: "address", Message: "must be https"},
		{Field: "token", Message: "is required"},
		{Field: "ant", Message: "is not a setting of Example"},
		{Field: "zebra", Message: "is not a setting of Example"},
	}
	if diff := cmp.Diff(want, wrong.Fields); diff != "" {
		t.Error(diff)
	}
	for _, f := range want {
		if !strings.Contains(err.Error(), f.Field) {
			t.Errorf("the message %q does not name %s", err, f.Field)
		}
	}
}

func TestDriver_checksSettingsThatDependOnEachOther(t *testing.T) {
	t.Parallel()
	d := driver("one")
	d.Check = func(s integrations.Settings) []integrations.FieldError {
		if s["query"] == s["token"] {
			return []integrations.FieldError{{Field: "query", Message: "must differ from the token"}}
		}
		return nil
	}
	for _, c := range []struct {
		name     string
		settings integrations.Settings
		want     []integrations.FieldError
	}{
		{"all is well", integrations.Settings{"token": "x", "query": "y"}, nil},
		{"the whole is wrong", integrations.Settings{"token": "x", "query": " x "}, []integrations.FieldError{{Field: "query", Message: "must differ from the token"}}},
		{
			"a part is wrong as well",
			integrations.Settings{"address": "http://tracker.example/", "token": "x", "query": "x"},
			[]integrations.FieldError{{Field: "address", Message: "must be https"}, {Field: "query", Message: "must differ from the token"}},
		},
		{"the part that is wrong speaks for itself", integrations.Settings{"token": "", "query": ""}, []integrations.FieldError{
			{Field: "token", Message: "is required"}, {Field: "query", Message: "must differ from the token"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := d.Complete(c.settings)
			var got []integrations.FieldError
			if wrong := (*integrations.SettingsError)(nil); errors.As(err, &wrong) {
				got = wrong.Fields
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestSettings_neverShowTheirValues(t *testing.T) {
	t.Parallel()
	s := integrations.Settings{"token": "hush", "baseUrl": "https://hush.example/"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("opened", "settings", s)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s", s, s, s, s), log.String()} {
		if strings.Contains(text, "hush") || !strings.Contains(text, "baseUrl,token") {
			t.Errorf("printed as %s", text)
		}
	}
}
