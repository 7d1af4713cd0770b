package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

const (
	repository = "octo/shop"
	token      = "anything"
	ready      = "ready "
)

// serveGitHub is a fake GitHub until its input ends.
func serveGitHub(ctx context.Context, o options) (err error) {
	server := fakegithub.New(fakegithub.Options{Token: token})
	if o.recorded != "" {
		_, err = server.LoadFile(repository, o.recorded)
	} else {
		err = invent(server, o.issues) //nolint:contextcheck // What the fake announces outlives the question.
	}
	if err != nil {
		return err
	}
	pages := httptest.NewServer(&pages{fake: server})
	defer pages.Close()
	registry, err := integrations.NewRegistry(github.Driver())
	if err != nil {
		return err
	}
	if _, err := record(ctx, registry, pages.URL+"/"); err != nil { // Every page is rendered once.
		return fmt.Errorf("rendering the source: %w", err)
	}
	fmt.Println(ready + pages.URL + "/")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// pages are the answers of a fake, each rendered once: the fake takes part by the network, and not by making what a real
// tracker makes elsewhere.
type pages struct {
	fake http.Handler
	// known are answers by their question. Only questions without conditions are kept.
	known sync.Map
}

// ServeHTTP implements http.Handler.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	question := r.URL.RequestURI()
	if r.Method != http.MethodGet || r.Header.Get("If-None-Match") != "" {
		p.fake.ServeHTTP(w, r)
		return
	}
	found, known := p.known.Load(question)
	if !known {
		rendered := httptest.NewRecorder()
		p.fake.ServeHTTP(rendered, r)
		found, _ = p.known.LoadOrStore(question, answer{rendered.Code, rendered.Header(), rendered.Body.Bytes()})
	}
	got, _ := found.(answer) // Nothing else is stored.
	maps.Copy(w.Header(), got.header)
	w.WriteHeader(got.status)
	_, _ = w.Write(got.body) // A client that went away is none of the server's business.
}

// words make up the texts of issues.
var words = strings.Fields(`basket payment voucher address refund invoice button page error shop owner customer timeout currency
	rounding session label export settlement retry column field mobile tablet keyboard focus colour contrast translation`)

// invent opens issues with texts as long as people's: most are short and a few very long.
func invent(server *fakegithub.Server, n int) error {
	server.AddRepo(repository)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // The same issues in every run.
	opened := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	text := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(words[random.IntN(len(words))])
			b.WriteByte(" \n"[random.IntN(20)/19])
		}
		return b.String()
	}
	for i := range n {
		issue := fakegithub.NewIssue{
			Title: text(40 + random.IntN(40)), Body: text(int(300 * random.ExpFloat64() * random.ExpFloat64())),
			Labels: []string{words[random.IntN(8)]}, Assignees: []string{words[8+random.IntN(8)]}, CreatedAt: opened.Add(time.Duration(i) * time.Minute),
		}
		number, _, err := server.Create(repository, issue)
		if err != nil {
			return fmt.Errorf("inventing an issue: %w", err)
		}
		if random.IntN(2) == 0 {
			at := issue.CreatedAt.Add(time.Duration(1+random.IntN(60*24*30)) * time.Minute)
			if err := server.CloseIssueAt(repository, number, "completed", at); err != nil {
				return fmt.Errorf("closing an issue: %w", err)
			}
		}
	}
	return nil
}

// child is a fake GitHub in a process of its own.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   string
}

// startGitHub starts it and waits until it listens.
func startGitHub(ctx context.Context, o options) (*child, error) {
	cmd, err := part(ctx, "github", "-issues", strconv.Itoa(o.issues), "-recorded", o.recorded)
	if err != nil {
		return nil, err
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making its input: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making its output: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the fake GitHub: %w", err)
	}
	c := &child{cmd: cmd, stdin: stdin}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), ready); ok {
			c.url = url
			return c, nil
		}
	}
	return nil, errors.Join(errors.New("the fake GitHub ended before it listened"), c.stop())
}

func (c *child) stop() error { return errors.Join(c.stdin.Close(), c.cmd.Wait()) }

// part is this program in another role.
func part(ctx context.Context, role string, arguments ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"-serve", role}, arguments...)...) //nolint:gosec // itself
	cmd.Stderr = os.Stderr
	return cmd, nil
}
