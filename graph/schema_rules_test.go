package graph

import (
	"regexp"
	"slices"
	"strings"

	gql "github.com/vektah/gqlparser/v2/ast"
)

// conventions are the rules every schema file keeps. Each returns its breaches, in order of the types' names.
var conventions = map[string]func(*gql.Schema) []string{
	"everything is described":                       undescribed,
	"names follow the rules":                        misnamed,
	"list items are never null":                     nullableItems,
	"scalars name their specification":              unspecified,
	"every root field asks for a scope":             unguarded,
	"mutations take one input and answer a payload": misshapenMutations,
	"connections have one shape":                    misshapenConnections,
	"filters combine":                               misshapenFilters,
	"orders name a field and a direction":           misshapenOrders,
	"nodes can be told apart and versioned":         misshapenNodes,
	"links to objects can be lost":                  unlosableLinks,
}

func undescribed(s *gql.Schema) (breaches []string) {
	note := func(what, description string) {
		switch end := strings.TrimSuffix(strings.TrimSpace(description), "```"); {
		case strings.TrimSpace(description) == "":
			breaches = append(breaches, what+" is not described")
		case end == strings.TrimSpace(description) && !strings.HasSuffix(end, "."):
			breaches = append(breaches, what+" is not described in sentences")
		}
	}
	for _, def := range declared(s) {
		note(def.Name, def.Description)
		for _, f := range fields(def) {
			note(def.Name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				note(def.Name+"."+f.Name+"("+a.Name+")", a.Description)
			}
		}
		for _, v := range def.EnumValues {
			note(def.Name+"."+v.Name, v.Description)
		}
	}
	for _, d := range s.Directives {
		if d.Position.Src.BuiltIn {
			continue
		}
		note("@"+d.Name, d.Description)
		for _, a := range d.Arguments {
			note("@"+d.Name+"("+a.Name+")", a.Description)
		}
	}
	return breaches
}

var (
	pascal = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	camel  = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	upper  = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
)

func misnamed(s *gql.Schema) (breaches []string) {
	note := func(style *regexp.Regexp, name, path, way string) {
		if !style.MatchString(name) {
			breaches = append(breaches, path+" is not in "+way+" case")
		}
	}
	for _, def := range declared(s) {
		note(pascal, def.Name, def.Name, "Pascal")
		for _, f := range fields(def) {
			note(camel, f.Name, def.Name+"."+f.Name, "camel")
			for _, a := range f.Arguments {
				note(camel, a.Name, def.Name+"."+f.Name+"("+a.Name+")", "camel")
			}
		}
		for _, v := range def.EnumValues {
			note(upper, v.Name, def.Name+"."+v.Name, "upper")
		}
	}
	return breaches
}

func nullableItems(s *gql.Schema) (breaches []string) {
	note := func(t *gql.Type, path string) {
		for ; t.Elem != nil; t = t.Elem {
			if !t.Elem.NonNull {
				breaches = append(breaches, path+": its items may be null")
				return
			}
		}
	}
	for _, def := range declared(s) {
		for _, f := range fields(def) {
			// A missing object leaves its place empty, so that the others keep theirs.
			if def.Name != "Query" || f.Name != "nodes" {
				note(f.Type, def.Name+"."+f.Name)
			}
			for _, a := range f.Arguments {
				note(a.Type, def.Name+"."+f.Name+"("+a.Name+")")
			}
		}
	}
	return breaches
}

func unspecified(s *gql.Schema) (breaches []string) {
	for _, def := range declared(s) {
		if def.Kind == gql.Scalar && def.Directives.ForName("specifiedBy") == nil {
			breaches = append(breaches, def.Name+" has no @specifiedBy")
		}
	}
	return breaches
}

func unguarded(s *gql.Schema) (breaches []string) {
	for _, root := range []*gql.Definition{s.Query, s.Mutation, s.Subscription} {
		if root == nil {
			continue
		}
		for _, f := range fields(root) {
			if f.Directives.ForName("can") == nil {
				breaches = append(breaches, root.Name+"."+f.Name+" has no @can")
			}
		}
	}
	return breaches
}

// changesVersioned matches the mutations that write over what the caller read.
var changesVersioned = regexp.MustCompile(`^(update|move|change|dismiss|set|link$|unlink$)`)

func misshapenMutations(s *gql.Schema) (breaches []string) {
	if s.Mutation == nil {
		return nil
	}
	for _, f := range fields(s.Mutation) {
		verb := strings.ToUpper(f.Name[:1]) + f.Name[1:]
		if !slices.Equal(arguments(f), []string{"input: " + verb + "Input!"}) {
			breaches = append(breaches, "Mutation."+f.Name+" does not take just input: "+verb+"Input!")
		} else if in := signature(s.Types[verb+"Input"]); !slices.Contains(in, "clientMutationId: String") {
			breaches = append(breaches, verb+"Input has no clientMutationId: String")
		} else if changesVersioned.MatchString(f.Name) && !slices.Contains(in, "expectedVersion: Int") {
			breaches = append(breaches, verb+"Input has no expectedVersion: Int")
		}
		if f.Type.String() != verb+"Payload!" {
			breaches = append(breaches, "Mutation."+f.Name+" does not answer "+verb+"Payload!")
		} else if !isPayload(s.Types[verb+"Payload"]) {
			breaches = append(breaches, verb+"Payload is not a nullable noun, userErrors: [UserError!]! and clientMutationId: String")
		}
	}
	return breaches
}

func isPayload(def *gql.Definition) bool {
	own := signature(def)
	return len(own) == 3 && !def.Fields[0].Type.NonNull &&
		slices.Contains(own, "userErrors: [UserError!]!") && slices.Contains(own, "clientMutationId: String")
}

// noun returns the name before a suffix; Connection itself is a noun of the vocabulary.
func noun(name, suffix string) (string, bool) {
	base, found := strings.CutSuffix(name, suffix)
	return base, found && base != ""
}

func misshapenConnections(s *gql.Schema) (breaches []string) {
	for _, def := range declared(s) {
		if def.Kind != gql.Object {
			continue
		}
		if base, ok := noun(def.Name, "Connection"); ok {
			breaches = append(breaches, differs(def, "edges: ["+base+"Edge!]!", "nodes: ["+base+"!]!", "pageInfo: PageInfo!", "totalCount: Int!")...)
		}
		if base, ok := noun(def.Name, "Edge"); ok {
			breaches = append(breaches, differs(def, "cursor: Cursor!", "node: "+base+"!")...)
		}
		for _, f := range fields(def) {
			base, ok := noun(f.Type.Name(), "Connection")
			if !ok {
				continue
			}
			want := []string{"first: Int", "after: Cursor", "last: Int", "before: Cursor", "filter: " + base + "Filter", "orderBy: [" + base + "Order!]"}
			if !slices.Equal(arguments(f), slices.Sorted(slices.Values(want))) {
				breaches = append(breaches, def.Name+"."+f.Name+" does not take "+strings.Join(want, ", "))
			}
		}
	}
	return breaches
}

// differs reports a type that has other fields than these.
func differs(def *gql.Definition, want ...string) []string {
	if slices.Equal(signature(def), slices.Sorted(slices.Values(want))) {
		return nil
	}
	return []string{def.Name + " is not " + strings.Join(want, ", ")}
}

func misshapenFilters(s *gql.Schema) (breaches []string) {
	for _, def := range declared(s) {
		if base, ok := noun(def.Name, "CollectionFilter"); ok {
			breaches = append(breaches, differs(def, "some: "+base+"Filter", "none: "+base+"Filter")...)
		} else if _, ok := noun(def.Name, "Filter"); ok {
			for _, part := range []string{"and: [" + def.Name + "!]", "or: [" + def.Name + "!]", "not: " + def.Name} {
				if !slices.Contains(signature(def), part) {
					breaches = append(breaches, def.Name+" lacks "+part)
				}
			}
		}
	}
	return breaches
}

func misshapenOrders(s *gql.Schema) (breaches []string) {
	for _, def := range declared(s) {
		if base, ok := noun(def.Name, "Order"); ok && def.Kind == gql.InputObject {
			breaches = append(breaches, differs(def, "field: "+base+"OrderField!", "direction: OrderDirection! = ASC")...)
		}
	}
	return breaches
}

func misshapenNodes(s *gql.Schema) (breaches []string) {
	versioned := []string{"version: Int!", "createdAt: DateTime!", "updatedAt: DateTime!"}
	const appended = "recordedAt: DateTime!"
	const workedOut = "since: DateTime!" // What is not stored was never written.
	for _, def := range declared(s) {
		own := signature(def)
		if def.Kind != gql.Object || !slices.Contains(own, "id: ID!") {
			continue
		}
		if !slices.Contains(def.Interfaces, "Node") {
			breaches = append(breaches, def.Name+" has an id but is no Node")
			continue
		}
		whole := !slices.ContainsFunc(versioned, func(f string) bool { return !slices.Contains(own, f) })
		if !whole && !slices.Contains(own, appended) && !slices.Contains(own, workedOut) {
			breaches = append(breaches, def.Name+" has neither "+strings.Join(versioned, ", ")+" nor "+appended+" nor "+workedOut)
		}
	}
	return breaches
}

func unlosableLinks(s *gql.Schema) (breaches []string) {
	for _, def := range declared(s) {
		if !slices.Contains(def.Interfaces, "Node") {
			continue
		}
		for _, f := range fields(def) {
			to := s.Types[f.Type.Name()]
			if f.Type.Elem == nil && f.Type.NonNull && slices.Contains(to.Interfaces, "Node") {
				breaches = append(breaches, def.Name+"."+f.Name+" may not be lost")
			}
		}
	}
	return breaches
}
