//go:build !race

package e2e

// buildFlags make the binary like the test.
var buildFlags []string
