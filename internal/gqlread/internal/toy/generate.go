// Package toy is a schema made to try gqlread on: a field of every kind, in every position, over made-up data.
package toy

//go:generate go run ../../cmd/gqlgenread -config gqlgen.yml
