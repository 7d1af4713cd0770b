package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/needle-okr/needle/bench/load"
	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// reading is what the reader measured.
type reading struct {
	Inserted, Requests                 int
	UnchangedRequests, UnchangedWrites int
	// Seconds is what the backfill took.
	Seconds float64
	// Peak is the most memory the process held, in bytes.
	Peak int64
}

// rate is the number of issues that came in a second.
func (r reading) rate() float64 { return float64(r.Inserted) / r.Seconds }

// startReader runs the reader in a process of its own and returns what it measured.
func startReader(ctx context.Context, o options) (reading, error) {
	var got reading
	cmd, err := part(ctx, "reader", "-url", o.url, "-database", o.database, "-items="+strconv.FormatBool(o.items), "-replay="+strconv.FormatBool(o.replay), "-profile", o.profile)
	if err != nil {
		return got, err
	}
	out, err := cmd.Output()
	if err != nil {
		return got, fmt.Errorf("running the reader: %w", err)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		return got, fmt.Errorf("reading what it measured: %w", err)
	}
	return got, nil
}

// read runs a backfill and a pass over the unchanged source, and prints what it measured.
func read(ctx context.Context, o options) (err error) {
	db, err := store.Open(store.Config{
		URL: o.database, CursorKey: []byte("bench"),
		Keys: store.KeyRing{Current: "1", Keys: map[string][]byte{"1": []byte("0123456789abcdef0123456789abcdef")}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	registry, err := integrations.NewRegistry(github.Driver())
	if err != nil {
		return err
	}
	transport := http.DefaultTransport
	if o.replay {
		if transport, err = record(ctx, registry, o.url); err != nil {
			return fmt.Errorf("recording the source: %w", err)
		}
	}
	engine, err := syncing.New(syncing.Config{Store: db, Registry: registry, Transport: transport})
	if err != nil {
		return err
	}
	conn, err := connect(ctx, db, engine, o)
	if err != nil {
		return err
	}
	if o.profile != "" {
		file, err := os.Create(o.profile)
		if err != nil {
			return fmt.Errorf("making the profile: %w", err)
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return fmt.Errorf("beginning the profile: %w", err)
		}
	}
	var got reading
	begun := time.Now()
	first, err := engine.SyncConnection(ctx, conn.WorkspaceID, conn.ID, nil)
	got.Seconds = time.Since(begun).Seconds()
	pprof.StopCPUProfile()
	if err != nil || first.State != needle.ConnectionOK {
		return errors.Join(err, fmt.Errorf("the backfill ended %s: %s", first.State, first.Reason))
	}
	second, err := engine.SyncConnection(ctx, conn.WorkspaceID, conn.ID, nil)
	if err != nil || second.State != needle.ConnectionOK {
		return errors.Join(err, fmt.Errorf("the second pass ended %s: %s", second.State, second.Reason))
	}
	if got.Peak, err = load.Peak(os.Getpid()); err != nil {
		return err
	}
	counts := first.Counts()
	got.Inserted, got.Requests = counts.Inserted, first.Requests
	counts = second.Counts()
	got.UnchangedRequests, got.UnchangedWrites = second.Requests, counts.Inserted+counts.Updated
	if err := json.NewEncoder(os.Stdout).Encode(got); err != nil {
		return fmt.Errorf("printing what was measured: %w", err)
	}
	return nil
}

// connect makes a workspace with a team and connects the fake GitHub.
func connect(ctx context.Context, db *store.Store, engine *syncing.Engine, o options) (*needle.Connection, error) {
	id := needle.NewWorkspaceID()
	scope := db.In(id)
	now := scope.Now()
	w := &needle.Workspace{ID: id, Name: "Bench", Slug: "bench", Policy: needle.DefaultPolicy(), CreatedAt: now, UpdatedAt: now, Version: 1}
	if err := db.InsertWorkspace(ctx, w); err != nil {
		return nil, err
	}
	owner := &needle.User{
		Stamp: scope.Stamp(), ID: needle.NewUserID(), Email: "owner@example.com", Name: "Owner", Role: needle.RoleOwner, Function: needle.FunctionLeader,
	}
	if err := scope.InsertUser(ctx, owner); err != nil {
		return nil, err
	}
	in := needle.CreateConnectionInput{
		Kind: "github", Name: "Shop", Sources: []string{repository},
		Settings: []*needle.SettingInput{{Name: "token", Value: token}, {Name: "baseUrl", Value: o.url}},
	}
	if o.items {
		team := &needle.Team{Stamp: scope.Stamp(), ID: needle.NewTeamID(), Key: "SHOP", Name: "Shop"}
		if err := scope.InsertTeam(ctx, team); err != nil {
			return nil, err
		}
		in.DefaultTeamID = &team.ID
	}
	viewer := needle.Viewer{WorkspaceID: id, UserID: owner.ID, Role: owner.Role, Function: owner.Function, Scopes: needle.AllScopes()}
	return engine.CreateConnection(needle.WithViewer(ctx, viewer), in)
}

// recording answers from memory what was asked before, so that neither the network nor the fake takes part.
type recording struct {
	next    http.RoundTripper
	answers map[string]answer
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// record walks the whole source once.
func record(ctx context.Context, registry *integrations.Registry, url string) (*recording, error) {
	r := &recording{next: http.DefaultTransport, answers: map[string]answer{}}
	settings := integrations.Settings{"token": token, "baseUrl": url}
	tracker, err := registry.Open(ctx, "github", settings, integrations.Env{Transport: r})
	if err != nil {
		return nil, err
	}
	if _, err := tracker.Check(ctx); err != nil {
		return nil, err
	}
	q := integrations.Query{Source: integrations.Source{Key: repository}}
	for more := true; more; {
		page, err := tracker.Issues(ctx, q)
		if err != nil {
			return nil, err
		}
		q, more = page.Following(q)
	}
	return r, nil
}

// RoundTrip implements http.RoundTripper.
func (r *recording) RoundTrip(req *http.Request) (*http.Response, error) {
	got, known := r.answers[req.URL.String()]
	if !known || req.Header.Get("If-None-Match") != "" {
		resp, err := r.next.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			return nil, fmt.Errorf("reading an answer: %w", err)
		}
		got = answer{resp.StatusCode, resp.Header, body}
		if got.status == http.StatusOK {
			r.answers[req.URL.String()] = got
		}
	}
	return &http.Response{
		Status: http.StatusText(got.status), StatusCode: got.status, Header: got.header.Clone(), Request: req,
		Body: io.NopCloser(bytes.NewReader(got.body)), ContentLength: int64(len(got.body)),
	}, nil
}
