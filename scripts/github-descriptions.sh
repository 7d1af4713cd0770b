#!/usr/bin/env bash
# Writes what GitHub says of itself into the tests' folders, from two packages of npm at pinned versions:
#
#   @octokit/openapi            the shapes of the answers that the fake GitHub gives
#   @octokit/webhooks-examples  one recorded delivery of every kind
#
# Run it to move to newer versions; tests read what it wrote and need neither npm nor a network.
set -euo pipefail

cd "$(dirname "$0")/.."

readonly openapi=23.0.2 examples=7.6.1
readonly fake=integrations/trackertest/fakegithub/testdata driver=integrations/github/testdata

for tool in npm node; do
	command -v "$tool" >/dev/null || {
		printf 'github-descriptions: %s is missing\n' "$tool" >&2
		exit 1
	}
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unpack brings one package here, checked by npm against the registry's sum.
unpack() {
	local folder=$work/$3
	mkdir -p "$folder"
	(cd "$folder" && npm pack --silent "$1@$2" >/dev/null && tar -xzf ./*.tgz)
}

unpack @octokit/openapi "$openapi" openapi
unpack @octokit/webhooks-examples "$examples" examples
mkdir -p "$fake" "$driver"
node scripts/github-descriptions.mjs "$work/openapi/package/generated/api.github.com.json" "$fake/descriptions.json"
node -e 'process.stdout.write(JSON.stringify(require(process.argv[1])))' "$work/examples/package/api.github.com/index.json" |
	gzip -9n >"$driver/webhooks-examples.json.gz"
cp "$work/openapi/package/LICENSE" "$fake/LICENSE.octokit"
cp "$work/openapi/package/LICENSE" "$driver/LICENSE.octokit"
