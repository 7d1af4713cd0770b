package main

import (
	"fmt"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/server"
)

// schemaCmd prints the schema of the API. It needs no database.
type schemaCmd struct{}

// Run prints the SDL.
func (*schemaCmd) Run(env *environment) error {
	schema := generated.NewReader(generated.Config{}, gqlread.Config{}).Schema()
	if _, err := fmt.Fprint(env.stdout, server.SchemaText(schema)); err != nil {
		return fmt.Errorf("printing the schema: %w", err)
	}
	return nil
}
