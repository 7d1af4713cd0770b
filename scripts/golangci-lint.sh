#!/usr/bin/env bash
# Prints the path of golangci-lint at exactly the pinned version. A copy in ./bin, in Go's own bin
# folder or on the PATH serves; else it is built into ./bin, which takes some minutes once.
set -euo pipefail

readonly version=2.15.0

cd "$(dirname "$0")/.."

is_pinned() {
	[[ -n $1 && -x $1 ]] || return 1
	[[ "$("$1" version 2>/dev/null || true)" =~ has\ version\ v?([0-9][^ ]*)\  ]] && [[ ${BASH_REMATCH[1]} == "$version" ]]
}

gobin=$(go env GOBIN)
gobin=${gobin:-$(go env GOPATH)/bin}
for candidate in "$PWD/bin/golangci-lint" "$gobin/golangci-lint" "$(command -v golangci-lint || true)"; do
	if is_pinned "$candidate"; then
		printf '%s\n' "$candidate"
		exit 0
	fi
done

printf 'building golangci-lint v%s into ./bin (some minutes, once)\n' "$version" >&2
GOBIN=$PWD/bin GOFLAGS='' go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$version" >&2
if ! is_pinned "$PWD/bin/golangci-lint"; then
	printf 'golangci-lint.sh: the build did not give version %s\n' "$version" >&2
	exit 1
fi
printf '%s\n' "$PWD/bin/golangci-lint"
