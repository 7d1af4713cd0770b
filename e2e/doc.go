// Package e2e looks at Needle from outside: its tests build the binary once and drive it as people and scripts do, with
// signals, a database that goes away and comes back, and HTTP.
package e2e
