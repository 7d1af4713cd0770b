package github

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/needle-okr/needle/integrations"
)

func TestNextLink_readsTheHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		headers []string
		want    string
	}{
		{"no header", nil, ""},
		{"only next", []string{`<https://x.example/a?after=Y3Vyc29y%3D>; rel="next"`}, "https://x.example/a?after=Y3Vyc29y%3D"},
		{"next among others", []string{`<https://x.example/1>; rel="prev", <https://x.example/3>; rel="next", <https://x.example/9>; rel="last"`}, "https://x.example/3"},
		{"last page", []string{`<https://x.example/1>; rel="prev", <https://x.example/1>; rel="first"`}, ""},
		{"in a second header", []string{`<https://x.example/1>; rel="prev"`, `<https://x.example/3>; rel="next"`}, "https://x.example/3"},
		{"commas in the address", []string{`<https://x.example/a?l=a,b;c>; rel="next"`}, "https://x.example/a?l=a,b;c"},
		{"without quotes", []string{`<https://x.example/3>; rel=next`}, "https://x.example/3"},
		{"several relations", []string{`<https://x.example/3>; title="3"; REL="last Next"`}, "https://x.example/3"},
		{"a relation that only contains the word", []string{`<https://x.example/3>; rel="nextish"`}, ""},
		{"no closing bracket", []string{`<https://x.example/3; rel="next"`}, ""},
		{"no brackets", []string{`https://x.example/3; rel="next"`}, ""},
		{"a parameter of another name", []string{`<https://x.example/3>; rev="next"`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := nextLink(c.headers); got != c.want {
				t.Errorf("nextLink = %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzNextLink(f *testing.F) {
	f.Add(`<https://x.example/1>; rel="prev", <https://x.example/3>; rel="next"`)
	f.Add(`<<>><>;rel=next,<`)
	f.Fuzz(func(t *testing.T, header string) {
		got := nextLink([]string{header})
		if !strings.Contains(header, got) || strings.ContainsAny(got, ">") {
			t.Errorf("nextLink(%q) = %q", header, got)
		}
		if got != "" && !strings.Contains(strings.ToLower(header), "next") {
			t.Errorf("nextLink(%q) = %q, without the word", header, got)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("1.1f./repos/acme/shop/issues?page=2")
	f.Add("1.1.//evil.example/")
	f.Add("0.0.")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := startOr(integrations.Cursor(text), "first")
		switch {
		case err != nil:
			return
		case text == "":
			if at.path != "first" {
				t.Errorf("an empty cursor starts at %q", at.path)
			}
		case !strings.HasPrefix(at.path, "/") || strings.HasPrefix(at.path, "//") || at.pages < 1 || at.pages > maxPages:
			t.Errorf("cursor %q was read as %+v", text, at)
		}
	})
}

func FuzzComment(f *testing.F) {
	f.Add("kr_1", "KR-42 [x](y) <!-- -->", "https://needle.example/kr/42", "40 → 43")
	f.Add("a-->b", "\x00\n#", ">", "\xff")
	f.Fuzz(func(t *testing.T, marker, title, address, body string) {
		first, err := markerLine(marker)
		if err != nil {
			return
		}
		if strings.Count(first, "-->") != 1 || !strings.HasSuffix(first, " -->") || strings.ContainsAny(first, "\n\r") {
			t.Errorf("the marker %q shows: %q", marker, first)
		}
		text := commentText(first, integrations.Backlink{Marker: marker, Title: title, URL: address, Body: body})
		if !strings.HasPrefix(text, first+"\n") || !utf8.ValidString(text) || strings.Contains(text, "\x00") || utf8.RuneCountInString(text) > maxComment {
			t.Errorf("wrote %q", text)
		}
		if !sameText(text, strings.ReplaceAll(text, "\n", "\r\n")+"\n") {
			t.Error("other line ends are another text")
		}
	})
}

func FuzzMatches(f *testing.F) {
	f.Add(`{"id":1,"number":1,"repository_url":"https://api.github.example/repos/acme/shop"}`)
	f.Add(`{"id":1,"number":1,"repository_url":"repos/acme/shop/../other"}`)
	f.Fuzz(func(t *testing.T, item string) {
		refs, outside, err := matches("acme/shop", []json.RawMessage{json.RawMessage(item)}, reply{})
		if err == nil && outside && len(refs) > 0 {
			t.Errorf("%s is outside and was answered as %+v", item, refs)
		}
		for _, ref := range refs {
			if !strings.EqualFold(strings.SplitN(ref.Key, "#", 2)[0], "acme/shop") || ref.ID == "" {
				t.Errorf("%s was answered as %+v", item, ref)
			}
		}
	})
}
