package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

func terminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

// progress shows how a pass gets on: as a bar with rate and, when the total is known, the estimated end; as a line for
// each page when nobody looks.
type progress struct {
	out io.Writer
	bar *progressbar.ProgressBar
}

// barThrottle bounds how often the bar is drawn.
const barThrottle = 65 * time.Millisecond

// tell takes one step of a pass.
func (p *progress) tell(e syncing.Event) {
	records := e.Run.Seen + e.Run.Skipped
	if e.Total > 0 {
		records = min(records, e.Total) // A page may bring again what was changed last on the one before.
	}
	if !isTerminal(p.out) {
		p.line(e, records)
		return
	}
	if p.bar == nil {
		p.bar = p.newBar(e.Source.RemoteKey, e.Total)
	}
	_ = p.bar.Set(records) // A terminal that went away cannot be told.
	if e.Done() {
		_ = p.bar.Exit()
		fmt.Fprintln(p.out)
		p.bar = nil
	}
}

func (p *progress) newBar(name string, total int) *progressbar.ProgressBar {
	if total == 0 {
		total = -1 // The library's word for unknown.
	}
	return progressbar.NewOptions(
		total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(name), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("issues"), progressbar.OptionSetPredictTime(total > 0),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(barThrottle), progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetTheme(progressbar.ThemeASCII),
	)
}

// line writes one line.
func (p *progress) line(e syncing.Event, records int) {
	of := ""
	if e.Total > 0 {
		of = fmt.Sprintf(" of about %d", e.Total)
	}
	state := "reading"
	if e.Done() {
		state = map[needle.SyncState]string{needle.SyncSucceeded: "done"}[e.Run.State]
		if state == "" {
			state = "stopped: " + e.Run.Reason
		}
	}
	fmt.Fprintf(p.out, "%s: %d%s, %.0f/s, %s\n", e.Source.RemoteKey, records, of, e.Rate(), state)
}

// summary says what a pass did.
func summary(r syncing.Report) string {
	c := r.Counts()
	text := fmt.Sprintf("%d issues: %d new, %d changed, %d unchanged; %d pull requests left out; %d links made; %d requests",
		c.Seen, c.Inserted, c.Updated, c.Unchanged, c.Skipped, c.Linked, r.Requests)
	if c.Quarantined > 0 {
		text += fmt.Sprintf("; %d could not be understood and are kept aside", c.Quarantined)
	}
	return text
}
