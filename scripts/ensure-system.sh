#!/usr/bin/env bash
# Makes sure that programs the build cannot bring along are installed: asks the system's package
# manager for what is missing, and does nothing, without a network, when all is there.
#
#   scripts/ensure-system.sh postgres cc git make
#
# postgres  the server programs initdb and postgres, version 14 or newer (no server has to run)
# cc        a C compiler, for `go test -race`
# git make  the commands of these names
set -euo pipefail

readonly min_postgres=14

say() { printf '%s\n' "$*" >&2; }

has() { command -v "$1" >/dev/null 2>&1; }

# postgres_found looks where internal/localpg/binaries.go looks. Keep the two lists the same.
postgres_found() {
	local path_folders folder output
	IFS=: read -r -a path_folders <<<"${PATH:-}"
	for folder in "${path_folders[@]}" \
		/usr/lib/postgresql/*/bin \
		/usr/pgsql-*/bin \
		/usr/lib/postgresql*/bin \
		/usr/libexec/postgresql* \
		/opt/homebrew/opt/postgresql*/bin \
		/usr/local/opt/postgresql*/bin \
		/home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
		/Applications/Postgres.app/Contents/Versions/*/bin \
		/Library/PostgreSQL/*/bin \
		/opt/local/lib/postgresql*/bin \
		/usr/local/pgsql/bin; do
		[[ $folder == /* && -x $folder/initdb && -x $folder/postgres ]] || continue
		output=$("$folder/postgres" --version 2>/dev/null) || continue
		[[ $output =~ ^postgres\ \([^\)]*\)\ ([0-9]+) ]] || continue
		((BASH_REMATCH[1] >= min_postgres)) && return 0
	done
	return 1
}

cc_found() {
	local compiler
	compiler=$(go env CC 2>/dev/null || true)
	has "${compiler:-gcc}" || return 1
	# A compiler without the C library's headers cannot build the race detector's glue.
	printf '#include <stdlib.h>\nint main(void){return 0;}\n' |
		"${compiler:-gcc}" -x c -fsyntax-only - >/dev/null 2>&1
}

found() {
	case $1 in
	postgres) postgres_found ;;
	cc) cc_found ;;
	git | make) has "$1" ;;
	*)
		say "ensure-system: unknown need: $1"
		exit 2
		;;
	esac
}

# manager prints the package manager of this system. A Mac's own way is Homebrew, even where a
# foreign one is about.
manager() {
	local candidate candidates=(apt-get dnf apk zypper pacman brew)
	[[ $(uname -s) == Darwin ]] && candidates=(brew)
	for candidate in "${candidates[@]}"; do
		if has "$candidate"; then
			printf '%s\n' "$candidate"
			return 0
		fi
	done
	return 1
}

# package prints the name of the package that brings need $2 with package manager $1.
package() {
	case $1:$2 in
	apt-get:postgres | apk:postgres | pacman:postgres) echo postgresql ;;
	dnf:postgres | zypper:postgres) echo postgresql-server ;;
	brew:postgres) echo postgresql@16 ;;
	apt-get:cc) echo gcc libc6-dev ;;
	dnf:cc) echo gcc glibc-devel ;;
	apk:cc) echo gcc musl-dev ;;
	zypper:cc) echo gcc glibc-devel ;;
	*:cc) echo gcc ;;
	*) echo "$2" ;;
	esac
}

# as_root runs a command with the rights to install packages.
as_root() {
	if [[ $(id -u) == 0 ]]; then
		"$@"
	elif has sudo; then
		# Without a terminal nobody can type a password: fail at once instead of hanging.
		if [[ -t 0 ]]; then sudo "$@"; else sudo -n "$@"; fi
	else
		return 1
	fi
}

# may_install says whether package manager $1 can be used by this user.
may_install() { [[ $1 == brew || $(id -u) == 0 ]] || has sudo; }

apt_install() {
	local options=(-y --no-install-recommends -o DPkg::Lock::Timeout=120)
	# A fresh image has no package lists, and an old list may name files that are gone.
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" </dev/null && return 0
	as_root apt-get update </dev/null
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" </dev/null
}

install() {
	local tool=$1
	shift
	say "ensure-system: installing $* with $tool"
	case $tool in
	apt-get) apt_install "$@" ;;
	dnf) as_root dnf install -y "$@" ;;
	apk) as_root apk add "$@" ;;
	zypper) as_root zypper --non-interactive install "$@" ;;
	pacman) as_root pacman -S --noconfirm --needed "$@" ;;
	brew) brew install "$@" ;;
	esac >&2
}

main() {
	local need missing=() packages=() names=() tool
	for need in "$@"; do
		found "$need" || missing+=("$need")
	done
	((${#missing[@]} == 0)) && return 0

	if ! tool=$(manager); then
		say "ensure-system: missing: ${missing[*]}, and no package manager known here to install them with."
		say "ensure-system: PostgreSQL $min_postgres or newer: https://www.postgresql.org/download/"
		return 1
	fi
	for need in "${missing[@]}"; do
		read -r -a names <<<"$(package "$tool" "$need")"
		packages+=("${names[@]}")
	done
	if ! may_install "$tool"; then
		say "ensure-system: missing: ${missing[*]}. Installing needs root, and there is no sudo."
		say "ensure-system: as root, install with $tool: ${packages[*]}"
		return 1
	fi
	if ! install "$tool" "${packages[@]}"; then
		say "ensure-system: could not install: ${packages[*]}. Install them by hand and run the command again."
		return 1
	fi
	for need in "${missing[@]}"; do
		if ! found "$need"; then
			say "ensure-system: $need is still missing after installing: ${packages[*]}"
			[[ $need == postgres ]] && say "ensure-system: version $min_postgres or newer is needed"
			return 1
		fi
	done
	if [[ " ${missing[*]} " == *" postgres "* && $tool == apt-get ]]; then
		say "ensure-system: this system's package may also have started a server of its own on port 5432;"
		say "ensure-system: Needle does not use it, and it may be stopped or removed (pg_dropcluster)."
	fi
}

main "$@"
