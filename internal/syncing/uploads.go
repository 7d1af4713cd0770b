package syncing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// UploadFile is UploadContent for a file that came as text.
func (e *Engine) UploadFile(ctx context.Context, in needle.UploadFileInput) (*needle.UploadResult, error) {
	return e.upload(ctx, needle.ActUpload, in, sectionOf(in.Text))
}

// UploadContent puts a file into a connection, as a new source or in the place of an older file of its name, and asks for
// a pass. A file that nobody could read is refused; rows of one that can be are not looked at, the pass puts broken ones
// aside. The same content again changes nothing. A dry run tells what the pass would do. Another version than the expected
// one answers CONFLICT.
func (e *Engine) UploadContent(ctx context.Context, in needle.UploadFileInput, content *io.SectionReader) (*needle.UploadResult, error) {
	return e.upload(ctx, needle.ActUpload, in, content)
}

// PreviewUpload tells what an upload would do, and writes nothing. Settings overlay those of the connection; without a
// connection they are all there is.
func (e *Engine) PreviewUpload(ctx context.Context, in needle.PreviewUploadInput) (*needle.UploadReport, error) {
	viewer, err := needle.Authorize(ctx, needle.ActUpload)
	if err != nil {
		return nil, err
	}
	if err := in.Validate(); err != nil {
		return nil, err
	}
	content := sectionOf(in.Text)
	if err := checkContent(content); err != nil {
		return nil, err
	}
	u, err := e.reader(ctx, e.store.In(viewer.WorkspaceID), in.ConnectionID, in.Kind, in.Settings)
	if err != nil {
		return nil, err
	}
	if err := u.open(ctx, in.Name, content); err != nil {
		return nil, err
	}
	return u.report(ctx)
}

func sectionOf(text string) *io.SectionReader {
	return io.NewSectionReader(strings.NewReader(text), 0, int64(len(text)))
}

// checkContent refuses files that are too short or too long.
func checkContent(content *io.SectionReader) error {
	switch size := content.Size(); {
	case size == 0:
		return needle.Invalid("input.text", needle.CodeRequired, "this file is empty")
	case size > needle.MaxUpload:
		return needle.Invalid("input.text", needle.CodeTooLong, fmt.Sprintf("a file may have at most %d MiB", needle.MaxUpload>>20))
	default:
		return nil
	}
}

// upload is the road of an upload: may the viewer, is the file one that can be read, then one transaction.
func (e *Engine) upload(ctx context.Context, action needle.Action, in needle.UploadFileInput, content *io.SectionReader) (*needle.UploadResult, error) {
	viewer, err := needle.Authorize(ctx, action)
	if err != nil {
		return nil, err
	}
	if err := in.Validate(); err != nil {
		return nil, err
	}
	if err := checkContent(content); err != nil {
		return nil, err
	}
	scope := e.store.In(viewer.WorkspaceID)
	u, err := e.reader(ctx, scope, &in.ConnectionID, nil, nil)
	if err != nil {
		return nil, err
	}
	if err := u.open(ctx, in.Name, content); err != nil {
		return nil, err
	}
	if in.DryRun != nil && *in.DryRun {
		return u.rehearse(ctx, in)
	}
	if _, err := u.tracker.Reading(ctx, u.asked()); err != nil {
		return nil, u.unreadable(ctx, err)
	}
	var out *needle.UploadResult
	err = scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		out, err = act{tx, viewer}.storeUpload(ctx, in, content)
		return err
	})
	if err != nil {
		return nil, err
	}
	if out.Changed {
		e.wake(ctx, viewer.WorkspaceID, in.ConnectionID)
	}
	return out, nil
}

// rehearse tells what an upload would do.
func (u *upload) rehearse(ctx context.Context, in needle.UploadFileInput) (*needle.UploadResult, error) {
	was, source, err := placeOf(ctx, u.scope, in)
	if err != nil {
		return nil, err
	}
	report, err := u.report(ctx)
	return &needle.UploadResult{Upload: was, Source: source, Report: report}, err
}

// placeOf finds the file that an upload takes the place of and its source; nil where there is none.
func placeOf(ctx context.Context, s store.Scope, in needle.UploadFileInput) (*needle.Upload, *needle.Source, error) {
	uploads, err := s.Uploads(ctx, in.ConnectionID)
	if err != nil {
		return nil, nil, err
	}
	was, version := uploads[in.Name], 0
	if was != nil {
		version = was.Version
	}
	if in.ExpectedVersion != nil && *in.ExpectedVersion != version {
		return nil, nil, needle.Conflict("input.expectedVersion", "somebody else uploaded this file in the meantime; look at it first")
	}
	sources, err := s.SyncSources(ctx, in.ConnectionID)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range sources {
		switch {
		case one.RemoteKey == in.Name:
			return was, one.Source, nil
		case strings.EqualFold(one.RemoteKey, in.Name):
			return nil, nil, needle.Invalid("input.name", needle.CodeDuplicate, "the connection has a source whose name differs in case only: "+one.RemoteKey)
		}
	}
	return was, nil, nil
}

// storeUpload stores a file and what follows from it.
func (a act) storeUpload(ctx context.Context, in needle.UploadFileInput, content *io.SectionReader) (*needle.UploadResult, error) {
	conn, err := a.Connection(ctx, in.ConnectionID) // Uploads to one connection queue here.
	if err != nil {
		return nil, at("input.connectionId", err)
	}
	was, source, err := placeOf(ctx, a.Scope, in)
	if err != nil {
		return nil, err
	}
	sum, err := sumOf(content)
	if err != nil {
		return nil, err
	}
	if was != nil && source != nil && was.SHA256 == sum {
		return &needle.UploadResult{Upload: was, Source: source}, nil
	}
	now := &needle.Upload{
		Stamp: a.Stamp(), ConnectionID: conn.ID, Name: in.Name, Size: int(content.Size()), SHA256: sum, UploadedBy: a.viewer.UserID,
	}
	if was != nil {
		now.CreatedAt, now.Version = was.CreatedAt, was.Version+1
	}
	if err := a.SaveUpload(ctx, now, io.NewSectionReader(content, 0, content.Size())); err != nil {
		return nil, err
	}
	verb := needle.VerbUpdated
	if source == nil {
		verb = needle.VerbCreated
		source = &needle.Source{
			Stamp: a.Stamp(), ID: needle.NewSourceID(), ConnectionID: conn.ID, RemoteKey: in.Name, State: needle.SourcePending,
		}
		if err := a.InsertSource(ctx, source); err != nil {
			return nil, err
		}
	} else {
		// A pass that reads the old content must not note that it knows the new one.
		if err := a.InterruptSyncRuns(ctx, conn.ID); err != nil {
			return nil, err
		}
		if err := a.ReadAnew(ctx, source.ID); err != nil {
			return nil, err
		}
		if source, err = a.Source(ctx, source.ID); err != nil {
			return nil, err
		}
	}
	if conn.State != needle.ConnectionPaused {
		if err := a.AskForSync(ctx, conn.ID, a.Now()); err != nil {
			return nil, err
		}
	}
	err = record(ctx, a.Scope, &a.viewer, verb, source.ID, describedUpload(was), describedUpload(now))
	return &needle.UploadResult{Upload: now, Source: source, Changed: true}, err
}

// describedUpload is an upload as an activity keeps it.
func describedUpload(u *needle.Upload) any {
	if u == nil {
		return nil
	}
	return map[string]any{"Name": u.Name, "Size": u.Size, "SHA256": u.SHA256}
}

// sumOf hashes a file.
func sumOf(content *io.SectionReader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(content, 0, content.Size())); err != nil {
		return "", fmt.Errorf("hashing a file: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// upload is a file as a connection would read it.
type upload struct {
	*Engine
	scope store.Scope
	// conn is the connection; nil when there is none yet.
	conn     *needle.Connection
	driver   integrations.Driver
	settings integrations.Settings
	name     string
	tracker  fileTracker
}

// fileTracker is a tracker whose sources are files.
type fileTracker interface {
	integrations.Tracker
	integrations.FileReader
}

// reader finds out how a file is to be read.
func (e *Engine) reader(ctx context.Context, scope store.Scope, id *needle.ConnectionID, kind *string, list []*needle.SettingInput) (*upload, error) {
	u := &upload{Engine: e, scope: scope}
	wanted, place := "file", "input.kind"
	var known map[string]string
	var err error
	switch {
	case id != nil:
		place = "input.connectionId"
		if u.conn, err = scope.Connection(ctx, *id); err != nil {
			return nil, at(place, err)
		}
		wanted, known = u.conn.Kind, u.conn.Settings
	case kind != nil:
		wanted = *kind
	}
	u.driver, err = e.registry.Driver(wanted)
	if err != nil {
		return nil, needle.Invalid(place, needle.CodeInvalid, "this server knows no such kind of tracker")
	}
	if _, able := u.driver.Prototype.(integrations.FileReader); !able {
		return nil, needle.Invalid(place, needle.CodeInvalid, u.driver.Name+" reads no files; upload to a connection that does")
	}
	var sealed map[string]string
	if u.conn != nil {
		if sealed, err = knownSecrets(ctx, scope, u.conn.ID); err != nil {
			return nil, err
		}
	}
	given, err := readSettings(u.driver, list, known, sealed)
	if err != nil {
		return nil, err
	}
	u.settings = integrations.Settings{}
	maps.Copy(u.settings, given.open)
	maps.Copy(u.settings, given.secret)
	return u, nil
}

// open lends the file, and nothing else, to the driver.
func (u *upload) open(ctx context.Context, name string, content *io.SectionReader) error {
	sum, err := sumOf(content)
	if err != nil {
		return err
	}
	u.name = name
	tracker, err := u.registry.Open(ctx, u.driver.Kind, u.settings, integrations.Env{
		Transport: u.transport, Now: u.now, UserAgent: u.userAgent,
		Files: oneFile{content, fileInfo{name: name, size: content.Size(), written: u.clock(), sha256: sum}},
	})
	if err != nil {
		return fmt.Errorf("opening a file: %w", err)
	}
	var able bool
	if u.tracker, able = tracker.(fileTracker); !able {
		return fmt.Errorf("opening a file: %s opens trackers of several types", u.driver.Name)
	}
	return nil
}

// asked is the source that the file is or would be.
func (u *upload) asked() integrations.Source { return integrations.Source{ID: u.name, Key: u.name} }

// unreadable is the error for a file that cannot be read as a whole.
func (u *upload) unreadable(ctx context.Context, err error) error {
	rejected := (*integrations.RejectedError)(nil)
	if ctx.Err() == nil && errors.As(err, &rejected) {
		return needle.Invalid("input.text", needle.CodeInvalid, "this file cannot be read: "+needle.Clean(rejected.Reason))
	}
	return fmt.Errorf("reading a file: %w", err)
}
