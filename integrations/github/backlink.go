package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"

	"github.com/needle-okr/needle/integrations"
)

// maxComment is how many characters a comment may have.
const maxComment = 65_536

// commentJSON is what is read of a comment.
type commentJSON struct {
	ID   int64        `json:"id"`
	Body string       `json:"body"`
	User *github.User `json:"user"`
	Via  *struct {
		ID int64 `json:"id"`
	} `json:"performed_via_github_app"`
}

// bodyJSON writes a comment.
type bodyJSON struct {
	Body string `json:"body"`
}

// PutBacklink writes a comment of our own account that begins with the marker, in
// a form that readers do not see, or edits the one that is there. Only when it
// would say something new is anything written. Doubles, which two writers at
// once can leave, are removed.
func (t *Tracker) PutBacklink(ctx context.Context, ref integrations.Ref, b integrations.Backlink) error {
	if err := t.putBacklink(ctx, ref, b); err != nil {
		return fmt.Errorf("linking %s: %w", ref.Key, err)
	}
	return nil
}

// putBacklink is PutBacklink without the words around its errors.
func (t *Tracker) putBacklink(ctx context.Context, ref integrations.Ref, b integrations.Backlink) error {
	first, err := markerLine(b.Marker)
	if err != nil {
		return err
	}
	found, err := t.locate(ctx, ref)
	if err != nil {
		return err
	}
	ours, err := t.ownComments(ctx, found, first)
	if err != nil {
		return err
	}
	want := bodyJSON{Body: commentText(first, b)}
	for i, c := range ours {
		switch {
		case i > 0:
			err = t.deleteComment(ctx, found, c)
		case sameText(c.Body, want.Body):
		default:
			err = t.write(ctx, found, ask{method: http.MethodPatch, address: commentPath(found, c), body: want})
			if errors.Is(err, integrations.ErrNotFound) { // somebody removed it just now
				err = t.write(ctx, found, ask{method: http.MethodPost, address: found.path + "/comments", body: want})
			}
		}
		if err != nil {
			return err
		}
	}
	if len(ours) == 0 {
		return t.write(ctx, found, ask{method: http.MethodPost, address: found.path + "/comments", body: want})
	}
	return nil
}

// RemoveBacklink deletes the comments that PutBacklink wrote under a marker. An
// issue that was transferred took them along.
func (t *Tracker) RemoveBacklink(ctx context.Context, ref integrations.Ref, marker string) error {
	err := t.removeBacklink(ctx, ref, marker)
	if moved := (*integrations.MovedError)(nil); errors.As(err, &moved) {
		err = t.removeBacklink(ctx, moved.To, marker)
	}
	if err != nil && !errors.Is(err, integrations.ErrNotFound) && !errors.Is(err, integrations.ErrGone) {
		return fmt.Errorf("unlinking %s: %w", ref.Key, err)
	}
	return nil
}

// removeBacklink is RemoveBacklink where an issue is.
func (t *Tracker) removeBacklink(ctx context.Context, ref integrations.Ref, marker string) error {
	first, err := markerLine(marker)
	if err != nil {
		return err
	}
	found, err := t.locate(ctx, ref)
	if err != nil {
		return err
	}
	ours, err := t.ownComments(ctx, found, first)
	if err != nil {
		return err
	}
	for _, c := range ours {
		if err := t.deleteComment(ctx, found, c); err != nil {
			return err
		}
	}
	return nil
}

// ownComments are the comments of our own account that begin with a line, oldest
// first. One by somebody else who quotes it is theirs.
func (t *Tracker) ownComments(ctx context.Context, of located, first string) ([]commentJSON, error) {
	mine, err := t.authorship(ctx)
	if err != nil || of.comments == 0 {
		return nil, err
	}
	var out []commentJSON
	err = t.client.each(ctx, ask{address: of.path + "/comments?per_page=100"}, func(got reply) (bool, error) {
		raws, err := decodeList(got)
		for _, raw := range raws {
			var c commentJSON
			if json.Unmarshal(raw, &c) == nil && c.ID > 0 && strings.HasPrefix(c.Body, first) && mine(c) {
				out = append(out, c)
			}
		}
		return true, err
	})
	return out, err
}

// authorship answers what tells our own comments from others.
func (t *Tracker) authorship(ctx context.Context) (func(commentJSON) bool, error) {
	if app := t.client.app; app != nil {
		// A person who acts through the app stays the author.
		return func(c commentJSON) bool { return c.Via != nil && c.Via.ID == app.id && c.User.GetType() == "Bot" }, nil
	}
	t.mu.Lock()
	self := t.self
	t.mu.Unlock()
	if self == "" {
		who, err := t.Check(ctx)
		if err != nil {
			return nil, err
		}
		if self = who.ID; self == "" {
			return nil, fmt.Errorf("%w: an app's installation token does not tell whose it is; connect with appId, installationId and privateKey",
				integrations.ErrForbidden)
		}
		t.mu.Lock()
		t.self = self
		t.mu.Unlock()
	}
	return func(c commentJSON) bool { return strconv.FormatInt(c.User.GetID(), 10) == self }, nil
}

// deleteComment deletes a comment, which may be gone already.
func (t *Tracker) deleteComment(ctx context.Context, of located, c commentJSON) error {
	err := t.write(ctx, of, ask{method: http.MethodDelete, address: commentPath(of, c)})
	if errors.Is(err, integrations.ErrNotFound) || errors.Is(err, integrations.ErrGone) {
		return nil
	}
	return err
}

// write changes something about an issue. That one issue is closed to writing is
// no fault of the credential.
func (t *Tracker) write(ctx context.Context, of located, a ask) error {
	_, err := t.client.do(ctx, a)
	if errors.Is(err, integrations.ErrForbidden) && (of.locked || strings.Contains(err.Error(), "archived")) {
		return &integrations.RejectedError{Status: http.StatusForbidden, Reason: "its conversation is locked or its repository archived"}
	}
	return err
}

// commentPath is the address of a comment.
func commentPath(of located, c commentJSON) string {
	repo, _, _ := strings.Cut(of.path, "/issues/")
	return repo + "/issues/comments/" + strconv.FormatInt(c.ID, 10)
}

// markerLine is how a comment bears its marker. Markdown shows none of it, as
// long as the marker does not end the HTML comment.
func markerLine(marker string) (string, error) {
	odd := strings.ContainsFunc(marker, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf || r == '<' || r == '>' })
	if marker == "" || odd || strings.Contains(marker, "--") {
		return "", &integrations.RejectedError{Reason: "a marker is a word without spaces, <, > or --"}
	}
	return "<!-- needle:" + marker + " -->", nil
}

// commentText is the whole comment.
func commentText(first string, b integrations.Backlink) string {
	text := first + "\n**[" + escaped(b.Title) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "", "\r", "").Replace(b.URL) + ">)**"
	if body := strings.TrimSpace(b.Body); body != "" {
		text += "\n\n" + body
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	if utf8.RuneCountInString(text) > maxComment {
		text = string([]rune(text)[:maxComment-1]) + "…"
	}
	return text
}

// escaped makes one line of plain text mean itself in Markdown.
func escaped(title string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(title), " ") {
		if strings.ContainsRune("\\`*_{}[]()<>#+-!|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sameText compares a stored comment with what would be written: GitHub keeps
// the line ends that some clients send, and may trim the end.
func sameText(a, b string) bool {
	plain := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return plain(a) == plain(b)
}
