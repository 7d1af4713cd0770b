#!/usr/bin/env bash
# Checks what neither compiler nor linter sees. Works in a dirty tree: generated files are compared
# with what is on disk, not with the last commit.
set -euo pipefail

cd "$(dirname "$0")/.."

readonly max_lines=400
failed=0

fail() {
	printf 'verify: %s\n' "$*" >&2
	failed=1
}

step() { printf 'verify: %s\n' "$*"; }

# Everything a generator may write. Copied whole, so that new and vanished files are seen too.
readonly generated=(graph internal/gqlread internal/needle/ids_gen.go docs/schema.graphql)

generated_is_current() {
	step "generated files are current"
	local saved path
	saved=$(mktemp -d)
	# shellcheck disable=SC2064 # the folder of now is meant
	trap "rm -rf '$saved'" EXIT
	for path in "${generated[@]}"; do
		[[ -e $path ]] || continue
		mkdir -p "$saved/$(dirname "$path")"
		cp -R "$path" "$saved/$path"
	done
	if ! ./scripts/generate.sh; then
		fail "make generate failed"
		return
	fi
	for path in "${generated[@]}"; do
		if [[ ! -e $path ]]; then
			fail "$path does not exist after generating"
		elif [[ ! -e $saved/$path ]]; then
			fail "$path is new: commit what 'make generate' wrote"
		elif ! diff -ruN "$saved/$path" "$path"; then
			fail "$path was not current: commit what 'make generate' wrote"
		fi
	done
}

# gqlgen moves resolver code it can no longer place into a block at the end of the file.
no_orphaned_resolvers() {
	step "no orphaned resolvers"
	if grep -rn --include='*.resolvers.go' '!!! WARNING !!!' graph; then
		fail "orphaned resolver code: move it to its field, or delete it"
	fi
}

module_is_tidy() {
	step "go.mod is tidy"
	go mod tidy -diff || fail "run 'go mod tidy'"
}

vet_is_clean() {
	step "go vet"
	go vet ./... || fail "go vet found something"
}

# Every file of the project, committed or about to be, NUL-terminated.
project_files() {
	git ls-files -z --cached --others --exclude-standard -- "$@" |
		while IFS= read -r -d '' file; do
			[[ -f $file ]] && printf '%s\0' "$file"
		done
}

files_are_small() {
	step "files written by hand have at most $max_lines lines"
	local file lines
	while IFS= read -r -d '' file; do
		grep -qE '^(//|#) Code generated .* DO NOT EDIT\.$' "$file" && continue
		lines=$(wc -l <"$file")
		((lines <= max_lines)) || fail "$file has $lines lines: split it by what it is about"
	done < <(project_files '*.go' '*.sh' '*.sql' 'graph/schema/*.graphqls')
}

no_machine_paths() {
	step "no paths of a developer's machine"
	local patterns=(-e "$PWD/")
	[[ ${HOME:-/} != / ]] && patterns+=(-e "$HOME/")
	if project_files | xargs -0 grep -InF "${patterns[@]}" --; then
		fail "a path of this machine is in the project"
	fi
}

generated_is_current
no_orphaned_resolvers
module_is_tidy
vet_is_clean
files_are_small
no_machine_paths

((failed == 0)) || exit 1
step "all good"
