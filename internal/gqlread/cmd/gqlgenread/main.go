// Command gqlgenread runs gqlgen's code generator together with the gqlread plugin.
//
// The paths in the configuration are relative to the working directory:
//
//	go run github.com/needle-okr/needle/internal/gqlread/cmd/gqlgenread -config gqlgen.yml
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"

	"github.com/needle-okr/needle/internal/gqlread/plugin"
)

func main() {
	file := flag.String("config", "gqlgen.yml", "gqlgen's configuration `file`")
	flag.Parse()
	if err := generate(*file); err != nil {
		fmt.Fprintln(os.Stderr, "gqlgenread:", err)
		os.Exit(1)
	}
}

func generate(file string) error {
	cfg, err := config.LoadConfig(file)
	if err != nil {
		return fmt.Errorf("loading %s: %w", file, err)
	}
	if err := api.Generate(cfg, api.AddPlugin(plugin.New())); err != nil {
		return fmt.Errorf("generating: %w", err)
	}
	return nil
}
