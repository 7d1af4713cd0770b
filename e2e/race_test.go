//go:build race

package e2e

// buildFlags make the binary like the test: what is compiled for the one serves the other, and races in the binary fail
// the test.
var buildFlags = []string{"-race"}
