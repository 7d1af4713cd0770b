package main

import (
	"cmp"
	"fmt"
	"runtime"
)

// versionCmd prints the version.
type versionCmd struct{}

// Run prints the version and what it was built with.
func (*versionCmd) Run(env *environment) error {
	if _, err := fmt.Fprintf(env.stdout, "needle %s (%s, %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH); err != nil {
		return fmt.Errorf("printing the version: %w", err)
	}
	return nil
}

// versionText is never empty.
func versionText() string { return cmp.Or(version, "devel") }
