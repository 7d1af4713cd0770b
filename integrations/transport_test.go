package integrations_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/needle-okr/needle/integrations"
)

func TestReach_tellsAddressesApart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ everything, public bool }{
		"140.82.112.3":             {true, true},
		"2606:50c0:8000::153":      {true, true},
		"10.1.2.3":                 {true, false},
		"172.16.0.1":               {true, false},
		"192.168.1.1":              {true, false},
		"127.0.0.1":                {true, false},
		"127.8.8.8":                {true, false},
		"::1":                      {true, false},
		"fd00::1":                  {true, false},
		"100.64.0.1":               {true, false},
		"0.0.0.0":                  {true, false},
		"::":                       {true, false},
		"198.18.0.1":               {true, false},
		"240.0.0.1":                {true, false},
		"169.254.169.254":          {false, false},
		"fe80::1%eth0":             {false, false},
		"224.0.0.1":                {false, false},
		"ff02::1":                  {false, false},
		"::ffff:10.1.2.3":          {true, false},
		"::ffff:169.254.169.254":   {false, false},
		"64:ff9b::10.1.2.3":        {true, false},
		"64:ff9b::169.254.169.254": {false, false},
		"2002:0a01:0203::1":        {true, false},
		"2002:a9fe:a9fe::1":        {false, false},
	} {
		a := netip.MustParseAddr(text)
		if got := integrations.ReachEverything.Allows(a); got != want.everything {
			t.Errorf("everything allows %s: %v", text, got)
		}
		if got := integrations.ReachPublic.Allows(a); got != want.public {
			t.Errorf("public allows %s: %v", text, got)
		}
	}
}

func TestNewTransport_looksAtTheAddressItConnectsTo(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	get := func(reach integrations.Reach) error {
		transport := integrations.NewTransport(reach)
		transport.Proxy = nil
		defer transport.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: transport}).Do(r)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	if err := get(integrations.ReachEverything); err != nil || asked != 1 {
		t.Errorf("asked %d times, error %v", asked, err)
	}
	forbidden := (*integrations.ForbiddenAddressError)(nil)
	if err := get(integrations.ReachPublic); !errors.As(err, &forbidden) || asked != 1 {
		t.Errorf("asked %d times, error %v", asked, err)
	}
}
