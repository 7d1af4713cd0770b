package github

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the weak signature that must be refused
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
)

const hookSecret = "hook-secret"

// signedDelivery is a genuine delivery of any body.
func signedDelivery(event, body string) integrations.Delivery {
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write([]byte(body))
	h := http.Header{}
	h.Set("X-GitHub-Event", event)
	h.Set("X-GitHub-Delivery", "d-1")
	h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return integrations.Delivery{Header: h, Body: []byte(body)}
}

// hint is what is expected of the deliveries below.
func hint(event, id, key, sourceID, sourceKey string) integrations.Hint {
	return integrations.Hint{
		DeliveryID: "d-1", Event: event, Ref: integrations.Ref{ID: id, Key: key},
		Source: integrations.Source{ID: sourceID, Key: sourceKey, Name: sourceKey},
	}
}

func TestParseWebhook_readsEvents(t *testing.T) {
	t.Parallel()
	const repo = `"repository":{"id":5,"full_name":"acme/shop"}`
	for _, c := range []struct {
		name, event, body string
		want              []integrations.Hint
	}{
		{
			"a closed issue", "issues", `{"action":"closed","issue":{"id":1,"number":42,"title":"x"},` + repo + `}`,
			[]integrations.Hint{hint("issues.closed", "1", "acme/shop#42", "5", "acme/shop")},
		},
		{
			"an issue event yet to be invented", "issues", `{"action":"sang","issue":{"id":1,"number":42},` + repo + `}`,
			[]integrations.Hint{hint("issues.sang", "1", "acme/shop#42", "5", "acme/shop")},
		},
		{
			"a transfer, with its target", "issues",
			`{"action":"transferred","issue":{"id":1,"number":42},` + repo + `,
			 "changes":{"new_issue":{"id":2,"number":3},"new_repository":{"id":6,"full_name":"acme/plans"}}}`,
			[]integrations.Hint{
				hint("issues.transferred", "1", "acme/shop#42", "5", "acme/shop"),
				hint("issues.transferred", "2", "acme/plans#3", "6", "acme/plans"),
			},
		},
		{
			"an edit, whose changes are no transfer", "issues",
			`{"action":"edited","issue":{"id":1,"number":42},"changes":{"title":{"from":"y"}},` + repo + `}`,
			[]integrations.Hint{hint("issues.edited", "1", "acme/shop#42", "5", "acme/shop")},
		},
		{
			"a sub-issue in another repository", "sub_issues",
			`{"action":"parent_issue_added","sub_issue":{"id":1,"number":42},"parent_issue":{"id":9,"number":7},
			 "parent_issue_repo":{"id":6,"full_name":"acme/plans"},` + repo + `}`,
			[]integrations.Hint{
				hint("sub_issues.parent_issue_added", "1", "acme/shop#42", "5", "acme/shop"),
				hint("sub_issues.parent_issue_added", "9", "acme/plans#7", "6", "acme/plans"),
			},
		},
		{
			"a renamed repository", "repository", `{"action":"renamed",` + repo + `}`,
			[]integrations.Hint{hint("repository.renamed", "", "", "5", "acme/shop")},
		},
		{
			"an App that was given a repository and lost another", "installation_repositories",
			`{"action":"added","repositories_added":[{"id":5,"full_name":"acme/shop"}],"repositories_removed":[{"id":6,"full_name":"acme/plans"}]}`,
			[]integrations.Hint{
				hint("installation_repositories.added", "", "", "5", "acme/shop"),
				hint("installation_repositories.added", "", "", "6", "acme/plans"),
			},
		},
		{
			"an App that was installed", "installation", `{"action":"created","repositories":[{"id":5,"full_name":"acme/shop"},{"name":"no id"}]}`,
			[]integrations.Hint{hint("installation.created", "", "", "5", "acme/shop")},
		},
		{"an App that was suspended", "installation", `{"action":"suspend","installation":{"id":77}}`, nil},
		{"a comment", "issue_comment", `{"action":"created","issue":{"id":1,"number":42},` + repo + `}`, nil},
		{"a ping", "ping", `{"zen":"Keep it logically awesome."}`, nil},
		{"a pull request, which has another id", "pull_request", `{"action":"closed","pull_request":{"id":1,"number":42},` + repo + `}`, nil},
		{"an event yet to be invented", "weather", `not even JSON`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := (*Tracker)(nil).ParseWebhook(signedDelivery(c.event, c.body), []byte(hookSecret))
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Error(err, diff)
			}
			form := url.Values{"payload": {c.body}}.Encode()
			d := signedDelivery(c.event, form)
			http.Header(d.Header).Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			got, err = parseWebhook(d, []byte(hookSecret))
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Error("as a form:", err, diff)
			}
		})
	}
}

func TestParseWebhook_refusesWeakOrWrongSignatures(t *testing.T) {
	t.Parallel()
	const body = `{"action":"closed","issue":{"id":1,"number":42},"repository":{"id":5,"full_name":"acme/shop"}}`
	weak := hmac.New(sha1.New, []byte(hookSecret))
	weak.Write([]byte(body))
	sha1Sum := "sha1=" + hex.EncodeToString(weak.Sum(nil))
	empty := hmac.New(sha256.New, nil)
	empty.Write([]byte(body))
	for _, c := range []struct {
		name, header, value string
		secret              string
	}{
		{"SHA-1 in its own header", "X-Hub-Signature", sha1Sum, hookSecret},
		{"SHA-1 in the header of SHA-256", "X-Hub-Signature-256", sha1Sum, hookSecret},
		{"no prefix", "X-Hub-Signature-256", hex.EncodeToString(make([]byte, 32)), hookSecret},
		{"no hex", "X-Hub-Signature-256", "sha256=zz", hookSecret},
		{"a sum cut short", "X-Hub-Signature-256", "sha256=", hookSecret},
		{"a wrong sum", "X-Hub-Signature-256", "sha256=" + hex.EncodeToString(make([]byte, 32)), hookSecret},
		{"right for an empty secret", "X-Hub-Signature-256", "sha256=" + hex.EncodeToString(empty.Sum(nil)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := signedDelivery("issues", body)
			h := http.Header(d.Header)
			h.Del("X-Hub-Signature-256")
			h.Set(c.header, c.value)
			if got, err := parseWebhook(d, []byte(c.secret)); !errors.Is(err, integrations.ErrSignature) || got != nil {
				t.Errorf("got %+v, %v, want ErrSignature", got, err)
			}
		})
	}
}

func TestParseWebhook_refusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]integrations.Delivery{
		"no JSON":                   signedDelivery("issues", `{`),
		"no issue":                  signedDelivery("issues", `{"action":"closed"}`),
		"an issue without id":       signedDelivery("issues", `{"issue":{"number":1},"repository":{"id":5,"full_name":"a/b"}}`),
		"no repository":             signedDelivery("issues", `{"issue":{"id":1,"number":1}}`),
		"sub-issues of nothing":     signedDelivery("sub_issues", `{"action":"x"}`),
		"a repository without id":   signedDelivery("repository", `{"repository":{"full_name":"a/b"}}`),
		"a transfer to nowhere":     signedDelivery("issues", `{"issue":{"id":1,"number":1},"repository":{"id":5,"full_name":"a/b"},"changes":{"new_issue":{"id":2,"number":2}}}`),
		"no event":                  without(signedDelivery("issues", `{}`), "X-GitHub-Event"),
		"no delivery id":            without(signedDelivery("issues", `{}`), "X-GitHub-Delivery"),
		"an issue that is a number": signedDelivery("issues", `{"issue":7}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := parseWebhook(d, []byte(hookSecret)); !errors.Is(err, integrations.ErrMalformed) || got != nil {
				t.Errorf("got %+v, %v, want ErrMalformed", got, err)
			}
		})
	}
}

// without is the delivery without a header that is not signed.
func without(d integrations.Delivery, header string) integrations.Delivery {
	http.Header(d.Header).Del(header)
	return d
}

func FuzzParseWebhook(f *testing.F) {
	f.Add("issues", "", `{"action":"closed","issue":{"id":1,"number":42},"repository":{"id":5,"full_name":"acme/shop"}}`)
	f.Add("sub_issues", "", `{"sub_issue":{"id":1,"number":42},"repository":null}`)
	f.Add("repository", "application/x-www-form-urlencoded", `payload=%7B%7D`)
	f.Add("installation_repositories", "", `{"repositories_added":[{"id":5,"full_name":"acme/shop"}],"repositories":[null]}`)
	f.Fuzz(func(t *testing.T, event, contentType, body string) {
		d := signedDelivery(event, body)
		http.Header(d.Header).Set("Content-Type", contentType)
		hints, err := parseWebhook(d, []byte(hookSecret))
		if errors.Is(err, integrations.ErrSignature) || err != nil && !errors.Is(err, integrations.ErrMalformed) {
			t.Errorf("a genuine delivery gave %v", err)
		}
		for _, h := range hints {
			if h.DeliveryID != "d-1" || h.Ref.ID == "" && h.Source.ID == "" {
				t.Errorf("a hint that leads nowhere: %+v", h)
			}
		}
		if _, err := parseWebhook(d, []byte("another")); !errors.Is(err, integrations.ErrSignature) {
			t.Errorf("another secret gave %v", err)
		}
	})
}
