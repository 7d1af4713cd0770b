package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/needle-okr/needle/integrations"
)

// remoteLinkJSON is a link from an issue to somewhere else. Its global id makes
// writing an upsert.
type remoteLinkJSON struct {
	GlobalID     string           `json:"globalId"`
	Relationship string           `json:"relationship"`
	Application  applicationJSON  `json:"application"`
	Object       linkedObjectJSON `json:"object"`
}

type applicationJSON struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

type linkedObjectJSON struct {
	URL     string `json:"url"`
	Title   string `json:"title"`
	Summary string `json:"summary"`
}

// maxSummary is how much Jira shows of a link's summary.
const maxSummary = 255

// PutBacklink creates or replaces the remote link whose global id is the marker.
func (t *Tracker) PutBacklink(ctx context.Context, ref integrations.Ref, b integrations.Backlink) error {
	if err := t.putBacklink(ctx, ref, b); err != nil {
		return fmt.Errorf("linking %s: %w", ref.Key, err)
	}
	return nil
}

// putBacklink is PutBacklink without the words around its errors.
func (t *Tracker) putBacklink(ctx context.Context, ref integrations.Ref, b integrations.Backlink) error {
	name, err := nameOf(ref)
	if err != nil {
		return err
	}
	path := "rest/api/2/issue/" + name + "/remotelink"
	want := remoteLinkJSON{
		GlobalID: b.Marker, Relationship: "serves", Application: applicationJSON{Type: "needle", Name: "Needle"},
		Object: linkedObjectJSON{URL: b.URL, Title: cut(b.Title, maxSummary), Summary: cut(b.Body, maxSummary)},
	}
	var there remoteLinkJSON
	err = t.client.get(ctx, path+"?"+url.Values{"globalId": {b.Marker}}.Encode(), &there)
	switch {
	case err == nil && there == want:
		return nil
	case err != nil && !errors.Is(err, integrations.ErrNotFound):
		return err
	}
	return t.client.do(ctx, http.MethodPost, path, want, nil)
}

// RemoveBacklink removes the remote link whose global id is the marker.
func (t *Tracker) RemoveBacklink(ctx context.Context, ref integrations.Ref, marker string) error {
	name, err := nameOf(ref)
	if err == nil {
		query := url.Values{"globalId": {marker}}.Encode()
		err = t.client.do(ctx, http.MethodDelete, "rest/api/2/issue/"+name+"/remotelink?"+query, nil, nil)
	}
	if err != nil && !errors.Is(err, integrations.ErrNotFound) {
		return fmt.Errorf("unlinking %s: %w", ref.Key, err)
	}
	return nil
}
