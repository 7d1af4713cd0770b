// Package needle is the vocabulary of Needle: what a pain point, an objective, a key result, a piece of work and
// the link between them are, what makes them valid, and who may touch them.
//
//	PainPoint ──addressed by──▶ Objective ──measured by──▶ KeyResult ◀──serves── BacklogItem ◀──mirrors── Issue
//
// One file holds one noun: its struct, derived values, validation, permissions, inputs and filter. Nothing here
// knows a database, a network or a clock; every other package speaks in these types.
package needle

//go:generate go run ./idgen
