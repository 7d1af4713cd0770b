package gqlhttp

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Kind tells what a document's operation of a name does; a document with one operation needs no name. It is empty when the
// document cannot be read or has no such operation: whoever executes it says what is wrong.
func Kind(document, name string, maxTokens int) ast.Operation {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: document}, maxTokens)
	if err != nil {
		return ""
	}
	if operation := doc.Operations.ForName(name); operation != nil {
		return operation.Operation
	}
	return ""
}

// Subscribes reports whether a document's operation of a name is a subscription. Documents that do not hold the word are not
// parsed for it.
func Subscribes(document, name string, maxTokens int) bool {
	return strings.Contains(document, string(ast.Subscription)) && Kind(document, name, maxTokens) == ast.Subscription
}
