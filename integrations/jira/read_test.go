package jira

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
)

func TestText_readsDocuments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ raw, want string }{
		"nothing":       {`null`, ""},
		"a plain text":  {`"As *written*"`, "As *written*"},
		"paragraphs":    {`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"One "},{"type":"text","text":"line","marks":[{"type":"strong"}]}]},{"type":"paragraph"},{"type":"paragraph","content":[{"type":"text","text":"Another"},{"type":"hardBreak"},{"type":"text","text":"broken"}]}]}`, "One line\n\n\n\nAnother\nbroken"},
		"a heading":     {`{"type":"doc","content":[{"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"Why"}]}]}`, "## Why"},
		"a link":        {`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"see","marks":[{"type":"link","attrs":{"href":"https://a.example"}}]},{"type":"text","text":" "},{"type":"inlineCard","attrs":{"url":"https://b.example"}}]}]}`, "[see](https://a.example) https://b.example"},
		"people":        {`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"1","text":"@Mia"}},{"type":"text","text":" "},{"type":"emoji","attrs":{"shortName":":tada:"}}]}]}`, "@Mia :tada:"},
		"nested lists":  {`{"type":"doc","content":[{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]},{"type":"orderedList","attrs":{"order":3},"content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]},{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"c"}]}]}]}]},{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"d"}]}]}]}]}`, "- a\n  3. b\n  4. c\n- d"},
		"tasks":         {`{"type":"doc","content":[{"type":"taskList","content":[{"type":"taskItem","attrs":{"state":"DONE"},"content":[{"type":"text","text":"x"}]},{"type":"taskItem","attrs":{"state":"TODO"},"content":[{"type":"text","text":"y"}]}]}]}`, "- [x] x\n- [ ] y"},
		"code":          {`{"type":"doc","content":[{"type":"codeBlock","attrs":{"language":"go"},"content":[{"type":"text","text":"a\nb"}]}]}`, "```go\na\nb\n```"},
		"a quote":       {`{"type":"doc","content":[{"type":"blockquote","content":[{"type":"paragraph","content":[{"type":"text","text":"They said"},{"type":"hardBreak"},{"type":"text","text":"so"}]}]}]}`, "> They said\n> so"},
		"a table":       {`{"type":"doc","content":[{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableHeader","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]},{"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}]}]}]}`, "| a | b |"},
		"unknown nodes": {`{"type":"doc","content":[{"type":"newThing","content":[{"type":"paragraph","content":[{"type":"text","text":"kept"}]}]},{"type":"rule"}]}`, "kept\n\n---"},
	} {
		got, err := text(json.RawMessage(c.raw))
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	for _, raw := range []string{`17`, `[]`, `{"type":"page"}`, `{"type":"doc","content":17}`} {
		if got, err := text(json.RawMessage(raw)); err == nil {
			t.Errorf("%s was read as %q", raw, got)
		}
	}
}

func TestText_endsInDocumentsThatNestForEver(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"type":"panel","content":[`, 4000) + strings.Repeat(`]}`, 4000)
	if _, err := text(json.RawMessage(`{"type":"doc","content":[` + deep + `]}`)); err != nil {
		t.Error(err)
	}
}

// sign signs a body as Jira does.
func sign(body string) integrations.Delivery {
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(body))
	return integrations.Delivery{
		Header: map[string][]string{"X-Hub-Signature": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}, Body: []byte(body),
	}
}

// The shapes are those of Cloud, Server and old Server; names and texts are invented.
func TestParseWebhook_readsEveryShape(t *testing.T) {
	t.Parallel()
	shop := integrations.Source{ID: "10000", Key: "SHOP", Name: "The shop"}
	ref := integrations.Ref{ID: "10040", Key: "SHOP-41"}
	issue := `"issue":{"id":"10040","key":"SHOP-41","fields":{"project":{"id":"10000","key":"SHOP","name":"The shop"}}}`
	for name, c := range map[string]struct {
		body string
		want []integrations.Hint
	}{
		"an issue on Cloud":                 {`{"timestamp":1,"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_generic",` + issue + `,"changelog":{"items":[]}}`, []integrations.Hint{{Event: "jira:issue_updated", Source: shop, Ref: ref}}},
		"a comment on Cloud":                {`{"webhookEvent":"comment_created","comment":{"id":"1"},` + issue + `}`, []integrations.Hint{{Event: "comment_created", Source: shop, Ref: ref}}},
		"a comment without its issue":       {`{"webhookEvent":"comment_deleted","comment":{"id":"1"}}`, nil},
		"an old server":                     {`{"issue_event_type_name":"issue_commented",` + issue + `}`, []integrations.Hint{{Event: "issue_commented", Source: shop, Ref: ref}}},
		"nothing but a key":                 {`{"issue":{"id":"10040","key":"SHOP-41"}}`, []integrations.Hint{{Event: "issue", Source: integrations.Source{Key: "SHOP"}, Ref: ref}}},
		"a deletion":                        {`{"webhookEvent":"jira:issue_deleted",` + issue + `}`, []integrations.Hint{{Event: "jira:issue_deleted", Source: shop, Ref: ref}}},
		"a sprint, which is of no interest": {`{"webhookEvent":"sprint_started","sprint":{"id":1}}`, nil},
	} {
		got, err := parseWebhook(sign(c.body), []byte("secret"))
		for i := range got {
			if got[i].DeliveryID == "" {
				t.Errorf("%s: no delivery id", name)
			}
			got[i].DeliveryID = ""
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	for _, body := range []string{``, `[`, `17`, `{"issue":{"id":"x","key":"SHOP-1"}}`, `{"issue":{"id":""}}`} {
		if _, err := parseWebhook(sign(body), []byte("secret")); !errors.Is(err, integrations.ErrMalformed) {
			t.Errorf("%q: %v, want ErrMalformed", body, err)
		}
	}
}

func TestParseTime_readsBothForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2021-03-28T16:06:08.713+0800": "2021-03-28T08:06:08.713Z", "2021-03-28T16:06:08Z": "2021-03-28T16:06:08Z",
	} {
		got, err := parseTime(text)
		if err != nil || got.Format("2006-01-02T15:04:05.999Z07:00") != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
}

func FuzzConvert(f *testing.F) {
	f.Add([]byte(`{"id":"1","key":"A-1","fields":{"summary":"x","status":{"name":"Done","statusCategory":{"key":"done"}},"project":{"id":"2","key":"A"},"created":"2021-03-28T16:06:08.713+0800","updated":"2021-03-28T16:06:08.713+0800"}}`))
	f.Add([]byte(`{"id":1,"fields":null}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var in rawIssue
		if json.Unmarshal(raw, &in) != nil {
			return
		}
		got, err := convert(in, about{home: "https://jira.example"}, fields{estimates: []string{"e"}, epicLinks: []string{"l"}})
		if err != nil {
			_ = brokenIssue(in, err)
			return
		}
		if got.Ref.ID == "" || got.SourceID == "" || got.State == "" || got.UpdatedAt.IsZero() {
			t.Errorf("%s was taken for the issue %+v", raw, got)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte(`{"type":"doc","content":[{"type":"bulletList","content":[{"type":"listItem"}]}]}`))
	f.Add([]byte(`"text"`))
	f.Fuzz(func(_ *testing.T, raw []byte) { _, _ = text(raw) })
}

func FuzzParseWebhook(f *testing.F) {
	f.Add(`{"issue":{"id":"1","key":"A-1"}}`)
	f.Fuzz(func(t *testing.T, body string) {
		hints, err := parseWebhook(sign(body), []byte("secret"))
		if err != nil && !errors.Is(err, integrations.ErrMalformed) {
			t.Errorf("%q: %v", body, err)
		}
		for _, h := range hints {
			if h.Ref.ID == "" || h.DeliveryID == "" || h.Event == "" {
				t.Errorf("%q gave %+v", body, h)
			}
		}
	})
}

func FuzzCursors(f *testing.F) {
	f.Add("at:5")
	f.Add("token:1:YWJj")
	f.Fuzz(func(t *testing.T, text string) {
		c := integrations.Cursor(text)
		if n, err := offset(c); err == nil && c != "" && offsetCursor(n) != c && n <= 0 {
			t.Errorf("%q is the offset %d", text, n)
		}
		if p, err := placeOf(c); err == nil && c != "" {
			if again, err := placeOf(tokenCursor(p)); err != nil || again != p {
				t.Errorf("%q is %+v, written and read again %+v, %v", text, p, again, err)
			}
		}
	})
}
