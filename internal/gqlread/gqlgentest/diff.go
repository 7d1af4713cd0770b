package gqlgentest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Diff compares a response of gqlgen's executor with one of another executor, and returns "" when they say the same:
// the same data with the fields in the same order, and the same set of errors by path and message. Numbers may be
// written in different ways.
//
// It makes allowance for flaws of gqlgen 0.17.98:
//   - A null element in a list of scalars that forbids it is reported at the list, once. The other executor may report
//     each element at its index.
//   - Errors of a subscription's event have paths without the subscribed field, and a null that reaches the root leaves
//     the field null instead of the data.
func Diff(schema *ast.Schema, kind ast.Operation, gqlgen, other *graphql.Response) string {
	if gqlgen == nil || other == nil {
		return cmp.Diff(gqlgen != nil, other != nil)
	}
	data := gqlgen.Data
	var prefix ast.Path
	if kind == ast.Subscription {
		prefix = subscribed(data)
		if string(other.Data) == "null" && bytes.HasSuffix(data, []byte(":null}")) {
			data = other.Data
		}
	}
	want, got := failures(schema, gqlgen.Errors, prefix), failures(schema, other.Errors, nil)
	if diff := cmp.Diff(want, got); diff != "" {
		return "errors (-gqlgen +other):\n" + diff
	}
	if diff := cmp.Diff(tokens(data), tokens(other.Data)); diff != "" {
		return "data (-gqlgen +other):\n" + diff
	}
	return ""
}

// failures are the errors as text, sorted, because their order is nobody's promise.
func failures(schema *ast.Schema, errs gqlerror.List, prefix ast.Path) []string {
	said := make([]string, 0, len(errs))
	for _, e := range errs {
		path, message := slices.Concat(prefix, e.Path), e.Message
		if null, ok := errors.AsType[*graphql.InvalidNullError](e); ok && leaves(schema, null) {
			for len(path) > 0 && isIndex(path[len(path)-1]) {
				path = path[:len(path)-1]
			}
			message = "null in list " + null.SchemaCoordinate()
		}
		said = append(said, path.String()+": "+message)
	}
	slices.Sort(said)
	return slices.Compact(said)
}

func isIndex(e ast.PathElement) bool {
	_, ok := e.(ast.PathIndex)
	return ok
}

// leaves reports whether a null is about a list of scalars or enums.
func leaves(schema *ast.Schema, null *graphql.InvalidNullError) bool {
	object := schema.Types[null.Object]
	if object == nil {
		return false
	}
	f := object.Fields.ForName(null.Field)
	return f != nil && f.Type.Elem != nil && schema.Types[f.Type.Name()].IsLeafType()
}

// subscribed is the path of the only field in the data of an event.
func subscribed(data json.RawMessage) ast.Path {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return nil
	}
	for key := range fields {
		return ast.Path{ast.PathName(key)}
	}
	return nil
}

// tokens is JSON as a list of tokens, so that the order of fields counts and the notation of numbers does not.
func tokens(data json.RawMessage) []string {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var all []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			return append(all, fmt.Sprintf("%v in %s", err, data))
		}
		if n, ok := token.(json.Number); ok {
			if exact, ok := new(big.Rat).SetString(n.String()); ok {
				token = exact.RatString()
			}
		}
		all = append(all, fmt.Sprintf("%T %v", token, token))
	}
}
