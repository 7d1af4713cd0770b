package migrations_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestSchema_hasTheColumnsOfEveryNoun(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	for _, n := range nouns {
		t.Run(n.table, func(t *testing.T) {
			t.Parallel()
			got := columns(t, db, n.table)
			for _, name := range n.private {
				if _, ok := got[name]; !ok {
					t.Errorf("the private column %s is missing", name)
				}
				delete(got, name)
			}
			if diff := cmp.Diff(n.wanted(), got); diff != "" {
				t.Errorf("columns (-struct +table):\n%s", diff)
			}
		})
	}
}

func TestSchema_hasNoTableThatTheseTestsDoNotKnow(t *testing.T) {
	t.Parallel()
	known := slices.Clone(tablesWithoutNoun)
	for _, n := range nouns {
		known = append(known, n.table)
	}
	slices.Sort(known)
	got := texts(t, storetest.New(t), `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'bun_%' ORDER BY 1`)
	if diff := cmp.Diff(known, got); diff != "" {
		t.Errorf("tables (-known +there):\n%s", diff)
	}
}

func TestSchema_allowsExactlyTheConstantsOfEveryEnum(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	values := constants(t)
	literal := regexp.MustCompile(`'([^']*)'`)
	for _, n := range nouns {
		for name, typ := range n.enums() {
			t.Run(n.table+"."+name, func(t *testing.T) {
				t.Parallel()
				definition := texts(t, db, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conname = ?`,
					n.table+"_"+name+"_check")
				var got []string
				for _, match := range literal.FindAllStringSubmatch(strings.Join(definition, ""), -1) {
					got = append(got, match[1])
				}
				want := slices.Clone(values[typ])
				slices.Sort(want)
				slices.Sort(got)
				if len(want) == 0 {
					t.Fatalf("needle.%s has no constants", typ)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("values (-needle.%s +check):\n%s", typ, diff)
				}
			})
		}
	}
}

func TestSchema_requiresTextsAndStartsEveryTableWithItsTenant(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	nullable := texts(t, db, `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT LIKE 'inbox_items' AND is_nullable = 'YES' ORDER BY 1`)
	// Enums that may be absent.
	want := []string{"backlog_items.moscow", "item_priorities.moscow", "item_transitions.from_status", "objectives.outcome"}
	if diff := cmp.Diff(want, nullable); diff != "" {
		t.Errorf("nullable texts (-want +got):\n%s", diff)
	}
	leading := texts(t, db, `SELECT DISTINCT column_name::text FROM information_schema.columns
		WHERE table_schema = 'public' AND ordinal_position = 1 AND table_name NOT LIKE 'bun_%' AND table_name <> 'workspaces'`)
	if diff := cmp.Diff([]string{"workspace_id"}, leading); diff != "" {
		t.Errorf("first columns (-want +got):\n%s", diff)
	}
}

func TestSchema_namesEveryConstraintAfterItsColumns(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	var rows []struct {
		Name, Kind, OfTable, Columns string
	}
	// A key may also be a unique index. Expressions have no column name, so only constraints are held to their columns.
	err := db.NewRaw(`
		SELECT conname AS name, contype::text AS kind, conrelid::regclass::text AS of_table,
			coalesce((SELECT string_agg(attname, '_' ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS key (number, place)
				JOIN pg_attribute ON attrelid = conrelid AND attnum = number), '') AS columns
		FROM pg_constraint
		WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c')
			AND conrelid::regclass::text NOT LIKE 'bun_%'
		UNION ALL
		SELECT relname, 'i', indrelid::regclass::text, ''
		FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
		WHERE relnamespace = 'public'::regnamespace AND indisunique AND indrelid::regclass::text NOT LIKE 'bun_%'
			AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)`).Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 100 {
		t.Fatalf("found %d constraints, which cannot be all", len(rows))
	}
	for _, r := range rows {
		want := map[string]string{
			"p": r.OfTable + "_pkey",
			"u": r.OfTable + "_" + r.Columns + "_key",
			"f": r.OfTable + "_" + r.Columns + "_fkey",
			"c": r.OfTable + "_" + r.Columns + "_check",
			"i": r.Name,
		}[r.Kind]
		if r.Kind == "c" {
			// PostgreSQL lists a check's columns in the table's order, a name in the order of its sentence.
			want = sortedName(r.OfTable, want)
		}
		got := r.Name
		if r.Kind == "c" {
			got = sortedName(r.OfTable, got)
		}
		if got != want {
			t.Errorf("constraint %s should be %s", r.Name, want)
		}
		named := strings.HasPrefix(r.Name, r.OfTable+"_workspace_id_") && strings.HasSuffix(r.Name, "_key")
		if r.Kind == "i" && !named {
			t.Errorf("unique index %s is not named like a key", r.Name)
		}
	}
}

// sortedName puts the words of a name in a fixed order.
func sortedName(table, name string) string {
	words := strings.Split(strings.TrimPrefix(name, table+"_"), "_")
	slices.Sort(words)
	return strings.Join(words, "_")
}

func TestSchema_keepsTheTenantInEveryKeyAndReference(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	stray := texts(t, db, `
		SELECT conname::text FROM pg_constraint
		JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
		WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f') AND attname <> 'workspace_id'
			AND conrelid::regclass::text NOT LIKE 'bun_%' ORDER BY 1`)
	// A token is looked up by its secret before the workspace is known.
	want := []string{"api_tokens_hash_key", "workspaces_pkey", "workspaces_slug_key"}
	if diff := cmp.Diff(want, stray); diff != "" {
		t.Errorf("keys and references that do not start with workspace_id (-want +got):\n%s", diff)
	}
	loose := texts(t, db, `
		SELECT conname::text FROM pg_constraint
		WHERE connamespace = 'public'::regnamespace AND contype = 'f' AND cardinality(conkey) = 1
			AND confrelid <> 'workspaces'::regclass`)
	if len(loose) > 0 {
		t.Errorf("references without the tenant: %v", loose)
	}
}

func TestSchema_canOrderEveryNounByItsOrderFields(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	orders := map[string]string{}
	for typ := range constants(t) {
		if name, ok := strings.CutSuffix(typ, "OrderField"); ok {
			orders[name] = typ
		}
	}
	tables := map[string]string{}
	for _, n := range nouns {
		tables[strings.TrimPrefix(strings.TrimPrefix(typeName(n.row), "needle."), "API")] = n.table
	}
	if len(orders) < 12 {
		t.Fatalf("found %d orders, which cannot be all", len(orders))
	}
	delete(orders, "LinkVersion") // Versions are listed below one link, which has few.
	for _, few := range []string{"OutsideEvent", "Experiment", "VerdictDispute"} {
		delete(orders, few) // They are listed below one key result or one link, which has few.
	}
	delete(orders, "InboxItem") // What waits is a view: its parts are sought by person, and then sorted.
	for name, typ := range orders {
		table, ok := tables[name]
		if !ok {
			t.Errorf("needle.%s orders no table", typ)
			continue
		}
		indexes := texts(t, db, `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ?`, table)
		for _, field := range constants(t)[typ] {
			column := strings.ToLower(field)
			served := slices.ContainsFunc(indexes, func(definition string) bool {
				_, on, _ := strings.Cut(definition, " USING btree ")
				unique := strings.HasPrefix(definition, "CREATE UNIQUE") && strings.HasPrefix(on, "(workspace_id, "+column+")")
				// Webhooks are listed below their connection only.
				below := table == "webhook_deliveries" && strings.HasPrefix(on, "(workspace_id, connection_id, "+column+", id)")
				// People take part in one objective at a time: they are listed below it only, and have no other id in it.
				below = below || table == "participants" && strings.HasPrefix(on, "(workspace_id, objective_id, "+column+", user_id)")
				// Issues have one backlink, which is listed below its connection only.
				below = below || table == "backlinks" && strings.HasPrefix(on, "(workspace_id, connection_id, "+column+", issue_id)")
				return unique || below || strings.HasPrefix(on, "(workspace_id, "+column+", id)")
			})
			if !served {
				t.Errorf("no index of %s orders by %s", table, column)
			}
		}
	}
}

func columns(t *testing.T, db *bun.DB, table string) map[string]column {
	t.Helper()
	var rows []struct {
		Name, Type string
		Nullable   bool
	}
	err := db.NewRaw(`SELECT column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ?`, table).Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]column{}
	for _, r := range rows {
		found[r.Name] = column{Type: r.Type, Nullable: r.Nullable}
	}
	return found
}

func texts(t *testing.T, db *bun.DB, query string, args ...any) []string {
	t.Helper()
	var found []string
	if err := db.NewRaw(query, args...).Scan(t.Context(), &found); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}
