package plugin

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/google/go-cmp/cmp"
)

// load builds the data of a configuration as gqlgen does before its plugins generate code.
func load(t *testing.T, dir, sdl, models string) (*codegen.Data, error) {
	t.Helper()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("schema.graphqls", sdl)
	write("gqlgen.yml", "schema: [schema.graphqls]\nexec: {layout: follow-schema, dir: generated, package: generated}\n"+
		"resolver: {batch: true}\nomit_root_models: true\nskip_mod_tidy: true\nskip_validation: true\n"+models)
	t.Chdir(dir)
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		return nil, err
	}
	if err := cfg.LoadSchema(); err != nil {
		return nil, err
	}
	if err := cfg.Init(); err != nil {
		return nil, err
	}
	return codegen.BuildData(cfg)
}

// inside makes a folder inside the module, because gqlgen wants to know the import path of what it generates.
func inside(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(".", "_generated-") //nolint:usetesting // t.TempDir lies outside the module
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	dir, err = filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestGenerateCode_refusesWhatIsNotRead(t *testing.T) { //nolint:paralleltest // changes the working directory
	for name, test := range map[string]struct{ sdl, models, want string }{ //nolint:paralleltest // changes the working directory
		"directives on operations": {
			sdl:  "directive @cached on QUERY | FIELD\ntype Query { a: Int }",
			want: "directive @cached: gqlread runs no directives on QUERY",
		},
		"events with a context": {
			sdl:  "directive @subscriptionContext on FIELD_DEFINITION\ntype Query { a: Int }\ntype Subscription { a: Int @subscriptionContext }",
			want: "subscriptions with a context per event",
		},
		"objects that are maps": {
			sdl:    "type Query { a: A }\ntype A { b: Int }",
			models: "models: {A: {model: 'map[string]any'}}",
			want:   "type A: gqlread does not read objects bound to a map",
		},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := load(t, inside(t), test.sdl, test.models)
			if err != nil {
				t.Fatal(err)
			}
			if err := New().GenerateCode(data); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestGenerateCode_repeatsItself(t *testing.T) {
	toy, err := filepath.Abs(filepath.Join("..", "internal", "toy"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(toy, "generated", Filename)
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(toy)
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		t.Fatal(err)
	}
	// What gqlgen's own plugin would generate once more is bound where it is.
	cfg.AutoBind = append(cfg.AutoBind, cfg.Model.ImportPath())
	// The same package in another folder, so that nothing of the toy is overwritten.
	out := inside(t)
	if err := cfg.LoadSchema(); err != nil {
		t.Fatal(err)
	}
	if err := cfg.Init(); err != nil {
		t.Fatal(err)
	}
	data, err := codegen.BuildData(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Exec.DirName = out
	if err := New().GenerateCode(data); err != nil {
		t.Fatal(err)
	}
	generated, err := os.ReadFile(filepath.Join(out, Filename))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, generated) {
		t.Errorf("%s is not what the generator writes (-committed +generated):\n%s", Filename,
			cmp.Diff(strings.Split(string(committed), "\n"), strings.Split(string(generated), "\n")))
	}
}
