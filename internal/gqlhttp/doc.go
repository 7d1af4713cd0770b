// Package gqlhttp carries GraphQL over HTTP: it tells what a request accepts and asks for, and streams what comes by itself
// as server-sent events. It knows no schema.
package gqlhttp
