// Package gqlread reads GraphQL operations breadth first: one call per relation and level, whatever the fan-out.
//
// It takes the place of gqlgen's field execution and leaves the rest of gqlgen alone: parsing, validation, coercion of
// variables, arguments and directives, introspection data, transports and extensions. gqlgen calls a resolver per
// object; this package calls a batch function once for all objects of a level and writes plain fields as JSON straight
// from the structs.
//
// # Model
//
//	operation ─▶ plan (selection of one object type) ─▶ level (all objects of that plan) ─▶ bytes
//
// A plan is the merged selection of one concrete type at one place of the operation. A level is a plan together with
// every object that turned up there, across all parents and lists. Reading a root field takes two walks:
//
//  1. Breadth first: each level calls its resolvers once, and the values found make the levels below it. How the values
//     hang together (null, list of n, object) is noted on a tape, so no tree is built.
//  2. Depth first: the levels are written as JSON into one buffer. The tapes are consumed in the order they were
//     recorded, so the walk needs cursors only. A null where none is allowed cuts the buffer back to the nearest
//     nullable ancestor.
//
// What the fields of a type are and how to reach them comes from a [Table], written by the gqlgen plugin in the
// subpackage plugin. This package knows no schema.
//
// # What is honoured
//
// Error presenter, recover function, operation, response and root field interceptors, field definition directives
// (once for all objects of a level, with a nil object), argument and input directives. Not honoured: field
// interceptors (there is no call per field to wrap; use [Config.Observe]) and @defer, whose fragments are read in
// place.
//
// # Errors
//
// Errors are presented while writing, at the path of the value, in document order. Panics become field errors. No more
// than [Config.MaxErrors] errors are formatted for one response; the values are null nevertheless.
package gqlread
