package gqlhttp

import (
	"mime"
	"strconv"
	"strings"
)

// EventStream is the media type of server-sent events.
const EventStream = "text/event-stream"

// Accept is what a caller takes for an answer.
type Accept struct {
	// JSON is true for an answer of one piece.
	JSON bool
	// Events is true for a stream of events.
	Events bool
	// OnlyEvents is true when a stream is all that is taken, as by an EventSource.
	OnlyEvents bool
}

// ParseAccept reads the values of the header Accept. Without one everything is taken.
func ParseAccept(values []string) Accept {
	var a Accept
	said := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		said = true
		kind, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil && !(q > 0) {
			continue
		}
		switch kind {
		case "application/json", "application/graphql-response+json", "application/*":
			a.JSON = true
		case EventStream, "text/*":
			a.Events = true
		case "*/*":
			a.JSON, a.Events = true, true
		}
	}
	if !said {
		a.JSON, a.Events = true, true
	}
	a.OnlyEvents = a.Events && !a.JSON
	return a
}
