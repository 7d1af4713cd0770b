package localpg

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrNoBinaries says that no usable PostgreSQL programs were found. It is always wrapped in a [NoBinariesError].
var ErrNoBinaries = errors.New("no PostgreSQL server programs found")

// errUnsupported says that this operating system lacks what a private server needs.
var errUnsupported = errors.New("a private PostgreSQL needs a Unix system: give the address of a running server instead")

// NoBinariesError tells where PostgreSQL was looked for and how to install it.
type NoBinariesError struct {
	// Looked names the places that were searched.
	Looked []string
	// Rejected says, one line for each, why programs that were found could not be used. Empty when none were found.
	Rejected []string
	// Install is the one command that installs PostgreSQL on this machine, or the address of an installer.
	Install string
}

// Error says what is missing and ends with the command that installs it.
func (e *NoBinariesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: version %d or newer is needed (looked in %s)", ErrNoBinaries, minMajor, strings.Join(e.Looked, ", "))
	for _, reason := range e.Rejected {
		b.WriteString("; " + reason)
	}
	b.WriteString("; to install it: " + e.Install)
	return b.String()
}

// Unwrap makes errors.Is(err, ErrNoBinaries) true.
func (e *NoBinariesError) Unwrap() error { return ErrNoBinaries }

// VersionError says that the data was written by a major version of PostgreSQL that is not installed.
type VersionError struct {
	// DataDir is the folder that holds the data.
	DataDir string
	// Want is the major version that wrote the data.
	Want int
	// Found lists the major versions that are installed, in the order of the search.
	Found []int
	// Install is the command that installs version Want.
	Install string
}

// Error names both versions and the two ways out.
func (e *VersionError) Error() string {
	found := make([]string, len(e.Found))
	for i, major := range e.Found {
		found[i] = strconv.Itoa(major)
	}
	return fmt.Sprintf("the data in %s was written by PostgreSQL %d, and only version %s is installed: install version %d (%s) or start over with fresh data",
		e.DataDir, e.Want, strings.Join(found, ", "), e.Want, e.Install)
}

// InUseError says that another process runs a server on the same data folder.
type InUseError struct {
	// DataDir is the folder both want.
	DataDir string
	// PID is the process that has it; zero when it cannot be told.
	PID int
}

// Error names the folder and, if known, the process.
func (e *InUseError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("the data folder %s is in use by another process", e.DataDir)
	}
	return fmt.Sprintf("the data folder %s is in use by process %d", e.DataDir, e.PID)
}

// UnreachableError says that the account PostgreSQL must run as may not enter the data folder.
type UnreachableError struct {
	// DataDir is the folder that was asked for.
	DataDir string
	// Blocker is the folder on the way that is closed to the account.
	Blocker string
	// Account is the name of the account.
	Account string
}

// Error names the closed folder and suggests one that works.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("PostgreSQL does not run as root, and the account %q it runs as cannot reach %s because %s is closed to it: use a folder below %s",
		e.Account, e.DataDir, e.Blocker, rootDataDir)
}

// StartError says that PostgreSQL, or the program that makes its data folder, failed, in its own words.
type StartError struct {
	// Program is "initdb" or "postgres".
	Program string
	// Log holds the last lines the program wrote.
	Log []string
	// Err is how it ended: its exit status, or the context's error when time ran out.
	Err error
}

// Error quotes the program's last lines.
func (e *StartError) Error() string {
	if len(e.Log) == 0 {
		return fmt.Sprintf("%s did not start: %v", e.Program, e.Err)
	}
	return fmt.Sprintf("%s did not start: %v; it said:\n\t%s", e.Program, e.Err, strings.Join(e.Log, "\n\t"))
}

// Unwrap gives the exit status or the context's error.
func (e *StartError) Unwrap() error { return e.Err }
