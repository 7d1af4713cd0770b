package fakejira

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// search is a query that was understood: what must hold, and the order.
type search struct {
	holds condition
	by    string
}

// record is an issue as the index knows it.
type record struct {
	*issue
	version
}

// condition says whether an issue is found.
type condition func(record) bool

// word is a token of the language: a quoted text, a bracket, an operator or
// anything else up to the next of these.
var word = regexp.MustCompile(`^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[(),]|!=|!~|>=|<=|[=~<>]|[^\s"'()=~<>!,\\]+)`)

// order is the only order that is known.
var order = regexp.MustCompile(`(?i)\s+ORDER BY (updated|created) ASC(?:, key ASC)?$`)

// jql reads a query of the part of the language that people write most: AND, OR,
// NOT, brackets, and clauses about project, labels, status, statusCategory,
// issuetype, parent, "Epic Link", key, text, summary and updated.
type jql struct {
	server *Server
	words  []string
}

// parse understands a query or says what Jira would.
func (s *Server) parse(text string) (search, error) {
	var out search
	if m := order.FindStringSubmatch(text); m != nil {
		out.by, text = strings.ToLower(m[1]), strings.TrimSuffix(text, m[0])
	}
	p := &jql{server: s}
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := word.FindStringSubmatch(rest)
		if m == nil {
			return search{}, fmt.Errorf("Error in the JQL Query: The character %q is a reserved JQL character.", strings.TrimSpace(rest)[:1]) //nolint:revive,staticcheck // Jira's own words.
		}
		p.words, rest = append(p.words, m[1]), rest[len(m[0]):]
	}
	if len(p.words) == 0 {
		return search{}, errors.New("unbounded JQL queries are not allowed here")
	}
	var err error
	if out.holds, err = p.either(); err == nil && len(p.words) > 0 {
		err = p.expected("either 'OR' or 'AND'")
	}
	return out, err
}

// peek is the next word, "" at the end.
func (p *jql) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

// take removes the next word if it is this one.
func (p *jql) take(keyword string) bool {
	if !strings.EqualFold(p.peek(), keyword) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *jql) next() string {
	w := p.peek()
	if w != "" {
		p.words = p.words[1:]
	}
	return w
}

func (p *jql) expected(what string) error {
	got := p.peek()
	if got == "" {
		got = "the end of the query"
	}
	return fmt.Errorf("Error in the JQL Query: Expecting %s but got '%s'.", what, got) //nolint:revive,staticcheck // Jira's own words.
}

func (p *jql) either() (condition, error) {
	left, err := p.both()
	for err == nil && p.take("OR") {
		var right condition
		first := left
		right, err = p.both()
		left = func(r record) bool { return first(r) || right(r) }
	}
	return left, err
}

func (p *jql) both() (condition, error) {
	left, err := p.one()
	for err == nil && p.take("AND") {
		var right condition
		first := left
		right, err = p.one()
		left = func(r record) bool { return first(r) && right(r) }
	}
	return left, err
}

func (p *jql) one() (condition, error) {
	switch {
	case p.take("NOT"):
		inner, err := p.one()
		return func(r record) bool { return !inner(r) }, err
	case p.take("("):
		inner, err := p.either()
		if err == nil && !p.take(")") {
			err = p.expected("')'")
		}
		return inner, err
	default:
		return p.clause()
	}
}

// clause reads a field, an operator and what it is compared with.
func (p *jql) clause() (condition, error) {
	field := strings.ToLower(unquoted(p.next()))
	if field == "" || slices.Contains([]string{")", ",", "=", "~"}, field) {
		return nil, p.expected("either a value, list or function")
	}
	operator := strings.ToLower(p.next())
	if operator == "not" && p.take("in") {
		operator = "not in"
	}
	var values []string
	switch operator {
	case "in", "not in":
		if !p.take("(") {
			return nil, p.expected("'('")
		}
		for {
			values = append(values, unquoted(p.next()))
			if p.take(")") {
				break
			}
			if !p.take(",") {
				return nil, p.expected("')' or ','")
			}
		}
	case "=", "!=", "~", "!~", ">=", "<=", ">", "<", "is":
		raw := p.next()
		if raw == "" || raw == "(" || raw == ")" {
			return nil, p.expected("either a value, list or function")
		}
		if field == "updated" {
			return p.server.changed(operator, raw)
		}
		values = []string{unquoted(raw)}
	default:
		return nil, fmt.Errorf("Error in the JQL Query: Expecting operator but got '%s'.", operator) //nolint:revive,staticcheck // Jira's own words.
	}
	return p.server.compare(field, operator, values)
}

func unquoted(raw string) string {
	if len(raw) < 2 || raw[0] != '"' && raw[0] != '\'' {
		return raw
	}
	return strings.NewReplacer(`\"`, `"`, `\'`, `'`, `\\`, `\`).Replace(raw[1 : len(raw)-1])
}

// changed compares the time of the last change: milliseconds mean themselves,
// and quoted times have minutes, in the zone of whoever asks.
func (s *Server) changed(operator, raw string) (condition, error) {
	at, err := time.ParseInLocation("2006-01-02 15:04", unquoted(raw), s.opts.Zone)
	if ms, number := strconv.ParseInt(raw, 10, 64); number == nil {
		at, err = time.UnixMilli(ms).UTC(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("Date value '%s' for field 'updated' is invalid.", unquoted(raw)) //nolint:revive,staticcheck // Jira's own words.
	}
	switch operator {
	case ">=":
		return func(r record) bool { return !r.at.Before(at) }, nil
	case "<":
		return func(r record) bool { return r.at.Before(at) }, nil
	default:
		return nil, fmt.Errorf("The operator '%s' is not supported by the 'updated' field.", operator) //nolint:revive,staticcheck // Jira's own words.
	}
}

// compare is a clause about anything but time.
func (s *Server) compare(field, operator string, values []string) (condition, error) {
	read, known := s.readers()[field]
	if !known {
		return nil, fmt.Errorf("Field '%s' does not exist or you do not have permission to view it.", field) //nolint:revive,staticcheck // Jira's own words.
	}
	if field == "project" {
		for _, v := range values {
			if !s.hasProject(v) {
				return nil, errors.New("Der Wert existiert nicht für das Feld 'project'.") //nolint:revive,staticcheck // Jira's own words.
			}
		}
	}
	contains := func(r record, v string) bool {
		return slices.ContainsFunc(read(r), func(have string) bool { return strings.Contains(strings.ToLower(have), strings.ToLower(v)) })
	}
	equals := func(r record, v string) bool {
		return slices.ContainsFunc(read(r), func(have string) bool { return strings.EqualFold(have, v) })
	}
	some := func(f func(record, string) bool) condition {
		return func(r record) bool { return slices.ContainsFunc(values, func(v string) bool { return f(r, v) }) }
	}
	switch text := field == "text" || field == "summary"; {
	case operator == "is" && strings.EqualFold(values[0], "empty"):
		return func(r record) bool { return len(read(r)) == 0 }, nil
	case operator == "~" && text:
		return some(contains), nil
	case (operator == "=" || operator == "in") && !text:
		return some(equals), nil
	case (operator == "!=" || operator == "not in") && !text:
		// What has no value is not found either.
		found := some(equals)
		return func(r record) bool { return len(read(r)) > 0 && !found(r) }, nil
	default:
		return nil, fmt.Errorf("The operator '%s' is not supported by the '%s' field.", operator, field) //nolint:revive,staticcheck // Jira's own words.
	}
}

func (s *Server) hasProject(name string) bool {
	for _, p := range s.projects {
		if p.id == name || strings.EqualFold(p.key, name) {
			return true
		}
	}
	return false
}

// readers are the values of fields by the names that the language has for them.
func (s *Server) readers() map[string]func(record) []string {
	named := func(field string, names ...string) func(record) []string {
		return func(r record) []string {
			var value map[string]any
			_ = json.Unmarshal(r.fields[field], &value)
			var out []string
			for _, name := range names {
				if text, ok := value[name].(string); ok {
					out = append(out, text)
				}
			}
			return out
		}
	}
	texts := func(fields ...string) func(record) []string {
		return func(r record) []string {
			var out []string
			for _, field := range fields {
				var one string
				if json.Unmarshal(r.fields[field], &one) == nil && one != "" {
					out = append(out, one)
				}
			}
			return out
		}
	}
	return map[string]func(record) []string{
		"project": func(r record) []string {
			p := s.projects[r.project]
			return []string{p.id, p.key}
		},
		"key": func(r record) []string { return []string{r.version.key, r.id} },
		"labels": func(r record) []string {
			var out []string
			_ = json.Unmarshal(r.fields["labels"], &out)
			return out
		},
		"status": named("status", "id", "name"), "issuetype": named("issuetype", "id", "name"), "parent": named("parent", "id", "key"),
		"statuscategory": func(r record) []string {
			var st struct {
				Category struct{ Key, Name string } `json:"statusCategory"`
			}
			_ = json.Unmarshal(r.fields["status"], &st)
			return []string{st.Category.Key, st.Category.Name}
		},
		"epic link": texts(epicField), "summary": texts("summary"), "text": texts("summary", "description"),
	}
}
