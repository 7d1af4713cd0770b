// Package queries holds the five operations that are measured, as a user of the API sends them.
//
//	q1  the objectives of a cycle with their key results and the latest check-in of each
//	q2  the key results of a team and cycle, the first 20 contributions of each with their items, and the value then and now
//	q3  50 backlog items of a status and class with what they serve, and the total
//	q4  one object by its id
//	q5  the review of a team: which work was meant for which result, and how far the results moved
package queries

import (
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/internal/needle"
)

//go:embed *.graphql
var documents embed.FS

// Names lists all queries.
func Names() []string { return []string{"q1", "q2", "q3", "q4", "q5"} }

// Query is one operation with the variables it is sent with, one after the other.
type Query struct {
	Name     string
	Document string
	// Variables are those of each request.
	Variables []map[string]any
}

// Load returns a query by its name, with variables that exist in the facts.
func Load(name string, f dataset.Facts) (Query, error) {
	text, err := documents.ReadFile(name + ".graphql")
	if err != nil {
		return Query{}, fmt.Errorf("there is no query %q: %w", name, err)
	}
	return Query{Name: name, Document: string(text), Variables: variables(name, f)}, nil
}

func variables(name string, f dataset.Facts) []map[string]any {
	var all []map[string]any
	switch name {
	case "q1":
		for _, c := range f.Cycles {
			all = append(all, map[string]any{"cycle": c.String()})
		}
	case "q2", "q5":
		for i, c := range f.Cycles {
			for _, t := range f.Teams {
				all = append(all, map[string]any{
					"cycle": c.String(), "team": t.String(),
					"since": instant(f.Starts[i].AddDate(0, 0, 20)), "asOf": instant(f.Starts[i].AddDate(0, 0, 75)),
				})
			}
		}
	case "q3":
		for _, s := range []needle.StatusCategory{needle.StatusTodo, needle.StatusInProgress, needle.StatusDone, needle.StatusDropped} {
			for _, m := range []needle.Moscow{needle.MoscowMust, needle.MoscowShould, needle.MoscowCould, needle.MoscowWont} {
				all = append(all, map[string]any{"status": string(s), "moscow": string(m)})
			}
		}
	case "q4":
		for _, id := range f.Items {
			all = append(all, map[string]any{"id": id.String()})
		}
	}
	return all
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Bodies renders the requests of a query as HTTP bodies.
func (q Query) Bodies() ([][]byte, error) {
	bodies := make([][]byte, len(q.Variables))
	for i, v := range q.Variables {
		body, err := json.Marshal(map[string]any{"query": q.Document, "variables": v})
		if err != nil {
			return nil, fmt.Errorf("writing a request of %s: %w", q.Name, err)
		}
		bodies[i] = body
	}
	return bodies, nil
}
