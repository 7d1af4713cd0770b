package jira

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// node is a part of a document in the Atlassian Document Format, in which Cloud
// tells descriptions.
type node struct {
	Type    string          `json:"type"`
	Text    string          `json:"text"`
	Attrs   json.RawMessage `json:"attrs"`
	Marks   []mark          `json:"marks"`
	Content []node          `json:"content"`
}

// mark decorates a text.
type mark struct {
	Type  string `json:"type"`
	Attrs struct {
		Href string `json:"href"`
	} `json:"attrs"`
}

// attributes are those of any node that are of use as text.
type attributes struct {
	Text      string `json:"text"`
	ShortName string `json:"shortName"`
	URL       string `json:"url"`
	Alt       string `json:"alt"`
	Language  string `json:"language"`
	Timestamp string `json:"timestamp"`
	Level     int    `json:"level"`
	Order     int    `json:"order"`
	State     string `json:"state"`
	Title     string `json:"title"`
}

// deepest ends the descent into documents that nest for ever.
const deepest = 100

// text reads a description: a string, as Data Center tells it, or a document.
func text(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	}
	var doc node
	if err := json.Unmarshal(raw, &doc); err != nil {
		return "", fmt.Errorf("field description: %w", err)
	}
	if doc.Type != "doc" {
		return "", errors.New("field description: neither a text nor a document")
	}
	w := &writer{}
	w.blocks(doc.Content, "", 0)
	return strings.TrimSpace(w.out.String()), nil
}

// writer writes a document as Markdown that reads well as plain text.
type writer struct{ out strings.Builder }

// blocks writes block nodes, each behind an empty line, every line behind an indent.
func (w *writer) blocks(nodes []node, indent string, depth int) {
	for i, n := range nodes {
		if i > 0 {
			w.out.WriteString("\n" + indent)
		}
		w.block(n, indent, depth+1)
	}
}

// block writes one block node and ends its last line.
func (w *writer) block(n node, indent string, depth int) {
	if depth > deepest {
		return
	}
	a := n.attributes()
	switch n.Type {
	case "heading":
		w.line(strings.Repeat("#", min(max(a.Level, 1), 6))+" "+inline(n.Content), indent)
	case "bulletList", "taskList", "decisionList":
		w.list(n.Content, indent, depth, func(int, node) string { return "- " })
	case "orderedList":
		first := max(a.Order, 1)
		w.list(n.Content, indent, depth, func(i int, _ node) string { return strconv.Itoa(first+i) + ". " })
	case "codeBlock":
		w.line("```"+a.Language+"\n"+inline(n.Content)+"\n```", indent)
	case "blockquote", "panel":
		w.out.WriteString("> ")
		w.blocks(n.Content, indent+"> ", depth)
	case "rule":
		w.line("---", indent)
	case "table":
		w.table(n.Content, indent)
	case "expand", "nestedExpand":
		if a.Title != "" {
			w.line(a.Title, indent)
		}
		w.blocks(n.Content, indent, depth)
	default:
		// Paragraphs, and whatever holds blocks or texts under a name not known here.
		if holdsBlocks(n.Content) {
			w.blocks(n.Content, indent, depth)
			return
		}
		w.line(n.words(), indent)
	}
}

// holdsBlocks tells containers from paragraphs.
func holdsBlocks(nodes []node) bool {
	for _, n := range nodes {
		switch n.Type {
		case "text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "mediaInline", "inlineExtension", "placeholder":
		default:
			return true
		}
	}
	return false
}

// line writes text, each of its lines behind the indent; the first stands behind
// what was written already.
func (w *writer) line(text, indent string) {
	w.out.WriteString(strings.ReplaceAll(text, "\n", "\n"+indent) + "\n")
}

// list writes items behind their bullets.
func (w *writer) list(items []node, indent string, depth int, bullet func(int, node) string) {
	for i, item := range items {
		b := bullet(i, item)
		if a := item.attributes(); item.Type == "taskItem" {
			b = map[bool]string{true: "- [x] ", false: "- [ ] "}[a.State == "DONE"]
		}
		if i > 0 {
			w.out.WriteString(indent)
		}
		w.out.WriteString(b)
		if !holdsBlocks(item.Content) {
			w.line(inline(item.Content), indent+strings.Repeat(" ", len(b)))
			continue
		}
		for j, n := range item.Content {
			inner := indent + strings.Repeat(" ", len(b))
			if j > 0 {
				w.out.WriteString(inner)
			}
			w.block(n, inner, depth+1)
		}
	}
}

// table writes a row a line, its cells apart by bars.
func (w *writer) table(rows []node, indent string) {
	for i, row := range rows {
		cells := make([]string, len(row.Content))
		for j, cell := range row.Content {
			inner := &writer{}
			inner.blocks(cell.Content, "", 1)
			cells[j] = strings.Join(strings.Fields(inner.out.String()), " ")
		}
		if i > 0 {
			w.out.WriteString(indent)
		}
		w.line("| "+strings.Join(cells, " | ")+" |", indent)
	}
}

// inline joins inline nodes.
func inline(nodes []node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(n.words())
	}
	return b.String()
}

// words is an inline node as text.
func (n node) words() string {
	a := n.attributes()
	switch n.Type {
	case "text":
		for _, m := range n.Marks {
			if m.Type == "link" && m.Attrs.Href != "" && m.Attrs.Href != n.Text {
				return "[" + n.Text + "](" + m.Attrs.Href + ")"
			}
		}
		return n.Text
	case "hardBreak":
		return "\n"
	case "emoji":
		if a.Text == "" {
			return a.ShortName
		}
		return a.Text
	case "inlineCard", "blockCard", "embedCard":
		return a.URL
	case "media", "mediaInline":
		return a.Alt
	case "mention", "status", "placeholder":
		return a.Text
	default:
		return inline(n.Content)
	}
}

// attributes reads what is of use; odd ones are none.
func (n node) attributes() attributes {
	var a attributes
	_ = json.Unmarshal(n.Attrs, &a)
	return a
}
