package migrations_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"github.com/needle-okr/needle/internal/needle"
)

// vocabularyFolder is where the nouns and their constants are written.
const vocabularyFolder = "../../needle"

// A noun pairs a struct of package needle with its table.
type noun struct {
	row   any
	table string
	// renamed maps the names bun would choose to those of the table, where the two differ.
	renamed map[string]string
	// private lists columns that no field of the struct shows.
	private []string
}

// nouns is every struct of package needle that has a table.
var nouns = []noun{
	{row: needle.Workspace{}, table: "workspaces"},
	{row: needle.User{}, table: "users"},
	{row: needle.APIToken{}, table: "api_tokens"},
	{row: needle.Team{}, table: "teams"},
	{row: needle.TeamMember{}, table: "team_members", private: []string{"workspace_id", "team_id"}},
	{row: needle.Cycle{}, table: "cycles"},
	{row: needle.PainPoint{}, table: "pain_points", private: []string{"weight", "words"}},
	{row: needle.Category{}, table: "categories"},
	{row: needle.Segment{}, table: "segments"},
	{row: needle.PainReport{}, table: "pain_reports"},
	{row: needle.PainMerge{}, table: "pain_merges"},
	{row: needle.ReliefCheck{}, table: "relief_checks"},
	{row: needle.ReliefAnswer{}, table: "relief_answers"},
	{row: needle.Evidence{}, table: "evidence"},
	{row: needle.Objective{}, table: "objectives"},
	{row: needle.Participant{}, table: "participants"},
	{row: needle.Proposal{}, table: "proposals"},
	{row: needle.Suggestion{}, table: "suggestions"},
	{row: needle.Comment{}, table: "comments"},
	{row: needle.CommentEdit{}, table: "comment_edits"},
	{row: needle.Vote{}, table: "votes"},
	{row: needle.Ballot{}, table: "ballots"},
	{row: needle.SignOff{}, table: "sign_offs"},
	{row: needle.Idea{}, table: "ideas"},
	{row: needle.KeyResult{}, table: "key_results"},
	{row: needle.Goal{}, table: "key_result_goals", private: []string{
		"workspace_id", "id", "key_result_id", "reason", "author_id", "valid_from", "recorded_at",
	}},
	{row: needle.CheckIn{}, table: "check_ins"},
	{row: needle.BacklogItem{}, table: "backlog_items", private: []string{"parent_mirrored"}},
	{
		row: needle.ItemTransition{}, table: "item_transitions", private: []string{"workspace_id", "id"},
		renamed: map[string]string{"from": "from_status", "to": "to_status"},
	},
	{row: needle.Issue{}, table: "issues", private: []string{"content_hash", "history_wanted_at"}},
	{row: needle.Mapping{}, table: "mappings", private: []string{"applied_through"}},
	{row: needle.Contribution{}, table: "contributions"},
	{row: needle.LinkVersion{}, table: "contribution_versions"},
	{row: needle.OutsideEvent{}, table: "outside_events"},
	{row: needle.Experiment{}, table: "experiments"},
	{row: needle.VerdictDispute{}, table: "verdict_disputes"},
	{row: needle.LinkRule{}, table: "link_rules", private: []string{"walked_through"}},
	{row: needle.Connection{}, table: "connections", private: []string{"sealed_secrets", "sealed_key_id", "write_back_run", "wrote_back_at"}},
	{row: needle.Backlink{}, table: "backlinks", private: []string{"workspace_id", "wanted_hash", "written_hash", "present"}},
	{row: needle.Source{}, table: "sources", private: []string{"cursor"}},
	{row: needle.SyncRun{}, table: "sync_runs"},
	{row: needle.WebhookDelivery{}, table: "webhook_deliveries"},
	{row: needle.Upload{}, table: "uploads", private: []string{"id"}},
	{row: needle.QuarantinedIssue{}, table: "quarantined_issues", private: []string{"raw"}},
	{row: needle.Activity{}, table: "activities"},
}

// tablesWithoutNoun have no struct in package needle.
var tablesWithoutNoun = []string{
	"attribution_marks", "comment_mentions", "computed_attributions", "counters", "cycle_states", "inbox_reads", "issue_histories", "item_priorities", "objective_pain_points", "objective_states",
	"pain_point_states", "rule_matches", "segment_states", "superseded_transitions", "upload_chunks", "webhooks",
}

// column is what the database knows of a column.
type column struct {
	Type     string
	Nullable bool
}

// wanted returns the columns a noun's table must have.
func (n noun) wanted() map[string]column {
	tables := schema.NewTables(pgdialect.New())
	columns := map[string]column{}
	for _, field := range tables.Get(reflect.TypeOf(n.row)).Fields {
		name := field.Name
		if other, ok := n.renamed[name]; ok {
			name = other
		}
		columns[name] = columnOf(field)
	}
	return columns
}

func columnOf(field *schema.Field) column {
	typ := field.StructField.Type
	nullable := typ.Kind() == reflect.Pointer
	if nullable {
		typ = typ.Elem()
	}
	if given, ok := field.Tag.Option("type"); ok {
		// A JSON document of no fixed shape may be absent; a list or map may only be empty.
		return column{Type: given, Nullable: nullable || typ == reflect.TypeFor[json.RawMessage]()}
	}
	return column{Type: sqlType(typ), Nullable: nullable}
}

func sqlType(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return "timestamp with time zone"
	case typ == reflect.TypeFor[needle.Date]():
		return "date"
	case typ == reflect.TypeFor[[]byte]():
		return "bytea"
	case strings.HasSuffix(typ.Name(), "ID") && (typ.Kind() == reflect.Struct || typ == reflect.TypeFor[uuid.UUID]()):
		return "uuid"
	}
	switch typ.Kind() {
	case reflect.String:
		return "text"
	case reflect.Int:
		return "integer"
	case reflect.Float64:
		return "double precision"
	case reflect.Bool:
		return "boolean"
	default:
		return "no column can hold a " + typ.String()
	}
}

// enums returns, for each of the noun's columns that holds an enum, the name of the Go type.
func (n noun) enums() map[string]string {
	tables := schema.NewTables(pgdialect.New())
	columns := map[string]string{}
	for _, field := range tables.Get(reflect.TypeOf(n.row)).Fields {
		typ := field.StructField.Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.String || typ.PkgPath() == "" {
			continue
		}
		name := field.Name
		if other, ok := n.renamed[name]; ok {
			name = other
		}
		columns[name] = typ.Name()
	}
	return columns
}

// constants returns the values of the typed string constants of package needle, by type.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vocabularyFolder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, content, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			group, ok := declaration.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				addConstants(t, values, spec)
			}
		}
	}
	return values
}

func addConstants(t *testing.T, values map[string][]string, spec ast.Spec) {
	t.Helper()
	line, ok := spec.(*ast.ValueSpec)
	if !ok {
		return
	}
	typ, ok := line.Type.(*ast.Ident)
	if !ok {
		return
	}
	for _, value := range line.Values {
		literal, ok := value.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		values[typ.Name] = append(values[typ.Name], text)
	}
}

func typeName(row any) string { return reflect.TypeOf(row).String() }
