package fakegithub_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

// found are the titles of the issues that match.
func found(t *testing.T, s *fakegithub.Server, text string) []string {
	t.Helper()
	w := get(s, "/search/issues?q="+url.QueryEscape(text))
	var page struct {
		Total int `json:"total_count"`
		Items []struct{ Title string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK || page.Total != len(page.Items) {
		t.Fatalf("%s: status %d: %v: %s", text, w.Code, err, w.Body)
	}
	out := []string{}
	for _, i := range page.Items {
		out = append(out, i.Title)
	}
	return out
}

func TestSearch_knowsGitHubsLanguage(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := fakegithub.New(fakegithub.Options{Now: func() time.Time { now = now.Add(time.Second); return now }})
	s.AddRepo(repo)
	s.AddRepo("acme/other")
	for key, issues := range map[string][]fakegithub.NewIssue{
		repo: {
			{Title: "Cart lost", Labels: []string{"p 1"}},
			{Title: "Cart slow", Body: "when LOST"},
			{Title: "Change of cart", Pull: true},
		},
		"acme/other": {{Title: "Other cart"}},
	} {
		for _, n := range issues {
			_, _, err := s.Create(key, n)
			must(t, err)
		}
	}
	must(t, s.CloseIssue(repo, 2, "completed"))
	for text, want := range map[string][]string{
		"repo:acme/shop is:issue":                   {"Cart lost", "Cart slow"},
		"repo:ACME/Shop cart is:open":               {"Cart lost", "Change of cart"},
		`repo:acme/shop "cart lost"`:                {"Cart lost"},
		"repo:acme/shop lost":                       {"Cart lost", "Cart slow"},
		"repo:acme/shop lost state:closed":          {"Cart slow"},
		`repo:acme/shop label:"p 1"`:                {"Cart lost"},
		`repo:acme/shop -label:"P 1" is:issue`:      {"Cart slow"},
		"repo:acme/shop is:pr":                      {"Change of cart"},
		"repo:acme/shop author:robin slow":          {"Cart slow"},
		"repo:acme/shop (slow OR change)":           {"Cart slow", "Change of cart"},
		"repo:acme/shop slow AND cart":              {"Cart slow"},
		"repo:acme/shop nothing OR repo:acme/other": {"Other cart"},
		"repo:acme/other repo:acme/shop other":      {"Other cart"},
		"repo:acme/shop (other repo:acme/other)":    {},
		"org:acme other":                            {"Other cart"},
		"repo:acme/shop marmalade":                  {},
	} {
		if diff := cmp.Diff(want, found(t, s, text)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, text := range []string{"repo:acme/none", "is:odd", "(cart", "cart)", "sort:odd", strings.Repeat("x", 257)} {
		if got := get(s, "/search/issues?q="+url.QueryEscape(text)); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `"errors"`) {
			t.Errorf("%.20q: status %d: %s", text, got.Code, got.Body)
		}
	}
}

func TestSearch_showsAThousandAndHasALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	s := fakegithub.New(fakegithub.Options{SearchQuota: 3, Quota: 10})
	s.AddRepo(repo)
	for i := range 1001 {
		_, _, err := s.Create(repo, fakegithub.NewIssue{Title: fmt.Sprint("x", i)})
		must(t, err)
	}
	last := get(s, "/search/issues?q=x&per_page=100&page=10")
	if last.Code != http.StatusOK || last.Header().Get("Link") != "" || !strings.Contains(last.Body.String(), `"total_count":1001`) {
		t.Errorf("the last page: %d, %s", last.Code, last.Header().Get("Link"))
	}
	if got := get(s, "/search/issues?q=x&per_page=100&page=11").Code; got != http.StatusUnprocessableEntity {
		t.Errorf("the page behind: %d", got)
	}
	get(s, "/search/issues?q=x")
	got := get(s, "/search/issues?q=x")
	if got.Code != http.StatusForbidden || got.Header().Get("X-Ratelimit-Resource") != "search" || get(s, "/repos/acme/shop").Code != http.StatusOK {
		t.Errorf("the fourth search: %d, %v", got.Code, got.Header())
	}
}
