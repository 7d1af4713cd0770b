// Command needle is the server and everything an operator does with it. Each subcommand has a file of its own and is
// thin: flags, configuration, wiring, run. This is the only package that names concrete drivers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // Files name time zones, and not every machine knows them.

	"github.com/alecthomas/kong"

	"github.com/needle-okr/needle/internal/config"
)

// version is set by the linker.
var version string

// commands is the command line.
type commands struct {
	Serve   serveCmd   `cmd:"" help:"Serve the API, and run workers unless --workers=0."`
	Work    workCmd    `cmd:"" help:"Run workers only."`
	Migrate migrateCmd `cmd:"" help:"Change or show the schema."`
	Init    initCmd    `cmd:"" help:"Make a workspace with its owner, and print the first token."`
	Token   tokenCmd   `cmd:"" help:"Make, list or revoke API tokens."`
	Import  importCmd  `cmd:"" help:"Import what other programs wrote."`
	Upload  uploadCmd  `cmd:"" help:"Put a CSV or JSONL file into a connection that reads files."`
	Keys    keysCmd    `cmd:"" help:"Show or rotate the keys that seal the credentials of trackers."`
	Compute computeCmd `cmd:"" help:"Work out anew what can be said of all work and key results, and say whether anything came out otherwise."`
	Sync    syncCmd    `cmd:"" help:"Run a pass over a tracker now, in this process."`
	Doctor  doctorCmd  `cmd:"" help:"Check configuration, database and connections, and say what is wrong."`
	Schema  schemaCmd  `cmd:"" help:"Print the GraphQL schema."`
	Demo    demoCmd    `cmd:"" help:"Start everything with an example workspace."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-ctx.Done()
		stop() // The next signal ends the process at once.
	}()
	status := run(ctx, os.Args[1:], &environment{
		stdout: os.Stdout, stderr: os.Stderr, lookup: os.LookupEnv, environ: os.Environ,
	})
	stop()
	os.Exit(status)
}

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, env *environment) int {
	var line commands
	parser, err := kong.New(
		&line, kong.Name("needle"), kong.Writers(env.stdout, env.stderr), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Description("Which work moves which result: one line from customers' pain to objectives, key results and issues.\n\n"+
			"Settings come from the environment; the README has the table."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(env.stderr, "needle:", err)
		return exitFailed
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(env.stderr, "needle: %v; needle --help shows what there is\n", err)
		return exitUsage
	}
	err = chosen.Run(env)
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return 0
	}
	fmt.Fprintln(env.stderr, "needle:", oneLine(err))
	if problem := (*usageError)(nil); errors.As(err, &problem) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a mistake on the command line that the parser cannot see.
type usageError struct{ message string }

// Error says what is wrong.
func (e *usageError) Error() string { return e.message }

// oneLine puts errors that were joined beside each other.
func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}

// environment is what a command has from outside.
type environment struct {
	stdout, stderr io.Writer
	lookup         func(string) (string, bool)
	environ        func() []string
}

// config reads the settings of a command that uses the database.
func (e *environment) config() (config.Config, error) {
	c, err := config.Load(e.lookup, config.ReadFile)
	if err == nil {
		err = c.Validate()
	}
	return c, err
}

// logger returns the log that the settings ask for. Variables that look like settings and are none are told at once.
func (e *environment) logger(c config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	var handler slog.Handler = slog.NewTextHandler(e.stderr, options)
	if c.LogFormat == config.LogJSON {
		handler = slog.NewJSONHandler(e.stderr, options)
	}
	log := slog.New(handler)
	for _, name := range config.Unknown(e.environ()) {
		log.Warn("this variable is no setting; is its name right?", "variable", name)
	}
	return log
}
