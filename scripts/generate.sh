#!/usr/bin/env bash
# Writes every generated file: typed ids, the executor and readers from the schema, and the schema
# as one document. Run by `make generate`; `make verify` runs it and fails if anything changed.
set -euo pipefail

cd "$(dirname "$0")/.."

go generate ./internal/needle/... ./internal/gqlread/...
go run ./internal/gqlread/cmd/gqlgenread -config gqlgen.yml

# Through a temporary file: a failure leaves the last good document in place.
schema=$(mktemp docs/.schema.XXXXXX)
trap 'rm -f "$schema"' EXIT
go run ./cmd/needle schema >"$schema"
chmod 644 "$schema"
mv "$schema" docs/schema.graphql
trap - EXIT
