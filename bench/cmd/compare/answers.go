package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/bench/contest"
	"github.com/needle-okr/needle/bench/load"
	"github.com/needle-okr/needle/bench/queries"
	"github.com/needle-okr/needle/internal/needle"
)

// bodiesFor are the requests a contestant gets for a query; nil when it cannot answer it.
func bodiesFor(o options, name string, workspace needle.WorkspaceID, q queries.Query) ([][]byte, error) {
	switch kind, _, _ := strings.Cut(name, ":"); kind {
	case contest.Limit:
		if q.Name == "q5" {
			return nil, nil
		}
	case postgraphile:
		text, err := os.ReadFile(filepath.Join(o.server, q.Name+".graphql"))
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading a query: %w", err)
		}
		q.Document = string(text)
		q.Variables = slices.Clone(q.Variables)
		for i, v := range q.Variables {
			if q.Variables[i], err = rawIDs(v); err != nil {
				return nil, err
			}
			q.Variables[i]["workspace"] = workspace.UUID
		}
	}
	return q.Bodies()
}

// rawIDs replaces public ids by those that are stored.
func rawIDs(variables map[string]any) (map[string]any, error) {
	raw := map[string]any{}
	for name, v := range variables {
		text, ok := v.(string)
		if ok && needle.IDPrefix(text) != "" {
			u, err := storedID(text)
			if err != nil {
				return nil, err
			}
			v = u
		}
		raw[name] = v
	}
	return raw, nil
}

// sameAnswers compares what the contestants answer: byte by byte, and what comes from elsewhere by its meaning.
func sameAnswers(ctx context.Context, contestants []*contestant, bodies map[string][][]byte) error {
	if len(contestants) == 0 {
		return errors.New("no contestant can answer it")
	}
	first := contestants[0]
	for _, c := range contestants {
		if c.name != postgraphile {
			first = c
			break
		}
	}
	for i := range min(compared, len(bodies[first.name])) {
		want, err := answer(ctx, first, bodies[first.name][i])
		if err != nil {
			return err
		}
		for _, c := range contestants {
			got, err := answer(ctx, c, bodies[c.name][i])
			if err != nil {
				return err
			}
			expected := want
			if c.name == postgraphile {
				if expected, err = meaning(want); err == nil {
					got, err = meaning(got)
				}
				if err != nil {
					return err
				}
			}
			if at := difference(expected, got); at >= 0 {
				return fmt.Errorf("%s and %s answer differently:\n%s\n%s", first.name, c.name, around(expected, at), around(got, at))
			}
		}
	}
	return nil
}

func answer(ctx context.Context, c *contestant, body []byte) ([]byte, error) {
	got, err := load.Ask(ctx, c.target, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	if bytes.Contains(got, []byte(`"errors":`)) || len(got) < len(`{"data":{}}`) {
		return nil, fmt.Errorf("%s answers with errors: %.500s", c.name, got)
	}
	return bytes.TrimSpace(got), nil
}

func difference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return at
}

func around(text []byte, at int) []byte { return text[max(0, at-80):min(len(text), at+120)] }

// meaning rewrites an answer so that spelling does not count: stored ids for public ones, instants in one form, groups
// of plain fields dissolved, keys sorted.
func meaning(answer []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(answer, &v); err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	return json.Marshal(plain(v))
}

func plain(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for name, child := range v {
			v[name] = plain(child)
		}
		for _, group := range []string{"goal", "bet"} {
			if inner, ok := v[group].(map[string]any); ok {
				delete(v, group)
				for name, child := range inner {
					v[name] = child
				}
			}
		}
		if latest, ok := v["latestCheckIn"].(map[string]any); ok {
			if nodes, ok := latest["nodes"].([]any); ok && len(nodes) == 1 {
				v["latestCheckIn"] = nodes[0]
			}
		}
	case string:
		if u, err := storedID(v); err == nil {
			return u
		}
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

// storedID turns the public form of an id into the stored one.
func storedID(public string) (string, error) {
	prefix := needle.IDPrefix(public)
	parse := map[string]func(string) (fmt.Stringer, error){
		needle.CyclePrefix:        stored(needle.ParseCycleID),
		needle.TeamPrefix:         stored(needle.ParseTeamID),
		needle.ObjectivePrefix:    stored(needle.ParseObjectiveID),
		needle.KeyResultPrefix:    stored(needle.ParseKeyResultID),
		needle.CheckInPrefix:      stored(needle.ParseCheckInID),
		needle.ContributionPrefix: stored(needle.ParseContributionID),
		needle.BacklogItemPrefix:  stored(needle.ParseBacklogItemID),
	}[prefix]
	if parse == nil {
		return "", fmt.Errorf("%q is not an id that queries use", public)
	}
	u, err := parse(public)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// stored gives the id below a public one.
func stored[ID interface{ Raw() uuid.UUID }](parse func(string) (ID, error)) func(string) (fmt.Stringer, error) {
	return func(public string) (fmt.Stringer, error) {
		id, err := parse(public)
		return id.Raw(), err
	}
}
