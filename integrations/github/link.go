package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// maxPages ends a walk that follows links for ever: a million issues.
const maxPages = 10_000

// step is a place in a walk. As a cursor it reads "pages.seen.path".
type step struct {
	pages int    // pages behind this one
	seen  uint64 // hash of an earlier address, see next
	path  string // address, relative to the base URL or to its host
}

// start begins a walk at an address.
func start(path string) step { return step{path: path, seen: hash(path)} }

// startOr begins a walk at an address, or continues one behind a cursor.
func startOr(after integrations.Cursor, path string) (step, error) {
	if after == "" {
		return start(path), nil
	}
	parts := strings.SplitN(string(after), ".", 3)
	if len(parts) == 3 && strings.HasPrefix(parts[2], "/") && !strings.HasPrefix(parts[2], "//") {
		pages, err := strconv.Atoi(parts[0])
		seen, err2 := strconv.ParseUint(parts[1], 16, 64)
		if err == nil && err2 == nil && pages > 0 && pages <= maxPages {
			return step{pages: pages, seen: seen, path: parts[2]}, nil
		}
	}
	return step{}, &integrations.RejectedError{Reason: "not a cursor of this driver"}
}

// next is the cursor behind an answer, by its own link: page numbers stop
// working on large repositories. Empty: there is no more.
//
// A link that repeats an address would walk in circles. The cursor remembers
// one earlier address and takes a newer one at every power of two (Brent's
// method), which finds a circle of any length in constant space.
func (c *client) next(at step, got reply) (integrations.Cursor, error) {
	link := nextLink(got.header.Values("Link"))
	if link == "" {
		return "", nil
	}
	u, err := got.url.Parse(link)
	if err != nil {
		return "", &integrations.UnavailableError{Status: got.status, Err: fmt.Errorf("unreadable link: %w", err)}
	}
	if !c.sameOrigin(u) {
		return "", &integrations.RejectedError{Reason: "the next page is not on " + c.sdk.BaseURL.Host}
	}
	to := step{pages: at.pages + 1, seen: at.seen, path: u.RequestURI()}
	switch h := hash(to.path); {
	case h == hash(got.url.RequestURI()), h == at.seen:
		return "", &integrations.RejectedError{Reason: "the next page was seen before"}
	case to.pages > maxPages:
		return "", &integrations.RejectedError{Reason: fmt.Sprintf("more than %d pages", maxPages)}
	case to.pages&(to.pages-1) == 0:
		to.seen = h
	}
	return integrations.Cursor(fmt.Sprintf("%d.%x.%s", to.pages, to.seen, to.path)), nil
}

// each reads a whole listing, page by page, until look reports false.
func (c *client) each(ctx context.Context, a ask, look func(reply) (bool, error)) error {
	for at := start(a.address); ; {
		a.address = at.path
		got, err := c.do(ctx, a)
		if err != nil {
			return err
		}
		if more, err := look(got); err != nil || !more {
			return err
		}
		next, err := c.next(at, got)
		if err != nil || next == "" {
			return err
		}
		if at, err = startOr(next, ""); err != nil {
			return err
		}
	}
}

// hash is a short fingerprint of an address.
func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, s) // a hash never fails
	return h.Sum64()
}

// nextLink finds the target of rel="next" in Link headers (RFC 8288). Targets
// may hold commas and semicolons, so the header is read from bracket to bracket.
func nextLink(headers []string) string {
	for _, rest := range headers {
		for {
			_, tail, ok := strings.Cut(rest, "<")
			if !ok {
				break
			}
			target, tail, ok := strings.Cut(tail, ">")
			if !ok {
				break
			}
			params, _, _ := strings.Cut(tail, "<")
			if hasRel(params, "next") {
				return target
			}
			rest = tail
		}
	}
	return ""
}

// hasRel says whether link parameters name a relation.
func hasRel(params, rel string) bool {
	for param := range strings.FieldsFuncSeq(params, func(r rune) bool { return r == ';' || r == ',' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for one := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(one, rel) {
				return true
			}
		}
	}
	return false
}

// validator makes an entity tag recognisable together with its question: the
// same tag under another question would mean nothing.
func validator(etag string, q integrations.Query, options url.Values) string {
	if etag == "" {
		return ""
	}
	return question(q, options) + ":" + etag
}

// etagFor is the entity tag inside a validator, if it belongs to this question.
func etagFor(v string, q integrations.Query, options url.Values) string {
	asked, etag, _ := strings.Cut(v, ":")
	if q.After != "" || asked != question(q, options) {
		return ""
	}
	return etag
}

// question is a short fingerprint of the first page's question.
func question(q integrations.Query, options url.Values) string {
	sum := sha256.Sum256([]byte(strings.ToLower(q.Source.Key) + "?" + options.Encode() + strconv.FormatBool(q.IncludePullRequests)))
	return hex.EncodeToString(sum[:6])
}

// repoPath is the address of a repository.
func repoPath(key string) (string, error) {
	owner, name, ok := strings.Cut(key, "/")
	if !ok || !isSegment(owner) || !isSegment(name) {
		return "", &integrations.RejectedError{Reason: "a repository is named owner/name"}
	}
	return "repos/" + url.PathEscape(owner) + "/" + url.PathEscape(name), nil
}

// issuePath is the repository and the address of an issue named owner/name#1.
func issuePath(key string) (repo, path string, err error) {
	repo, number, ok := strings.Cut(key, "#")
	n, convErr := strconv.Atoi(number)
	if !ok || convErr != nil || n < 1 {
		return "", "", &integrations.RejectedError{Reason: "an issue is named owner/name#number"}
	}
	path, err = repoPath(repo)
	return repo, path + "/issues/" + strconv.Itoa(n), err
}

// isSegment says whether a text can stand between slashes and mean itself.
func isSegment(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/?#\\")
}
