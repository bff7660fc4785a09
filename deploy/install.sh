#!/bin/sh
# Installs magnets and its timer on any distribution with systemd; on Debian and Ubuntu take the package.
# From a checkout (after `npm ci`), the unpacked npm tarball or the folder of `npm install -g`:
#   sudo deploy/install.sh [--dry-run]
# Run again after an update: it replaces the program and its units, and leaves config and state alone.
set -eu

program=/usr/local/lib/magnets
command=/usr/local/bin/magnets
units=/etc/systemd/system
manual=/usr/local/share/man/man1
bash_completion=/usr/local/share/bash-completion/completions/magnets
zsh_completion=/usr/local/share/zsh/site-functions/_magnets
fish_completion=/etc/fish/completions/magnets.fish
config=/etc/magnets/config.json
state=/var/lib/magnets

# What the reader has to put before a command: nobody tells root to use sudo.
sudo=
if [ "${SUDO_UID:-$(id -u)}" != 0 ]; then sudo="sudo "; fi

say() { printf '%s\n' "$*"; }
warn() { printf 'install.sh: WARNING: %s\n' "$*" >&2; }
fail() {
	printf 'install.sh: %s\n' "$*" >&2
	exit 1
}

dry_run=
for argument in "$@"; do
	case $argument in
	--dry-run) dry_run=yes ;;
	-h | --help)
		sed -n '2,5s/^# //p' "$0"
		exit 0
		;;
	*)
		printf 'install.sh: unknown option %s (known: --dry-run)\n' "$argument" >&2
		exit 2
		;;
	esac
done

# Everything that changes something goes through here or `fill`, so that --dry-run can show it instead.
run() {
	if [ -n "$dry_run" ]; then say "would run: $*"; else "$@"; fi
}

# fill FILE MODE: writes standard input to FILE in one step.
fill() {
	if [ -n "$dry_run" ]; then
		cat >/dev/null
		say "would write: $1"
		return
	fi
	cat >"$1.new"
	chmod "$2" "$1.new"
	mv -f "$1.new" "$1"
}

source=$(cd "$(dirname "$0")/.." && pwd)
umask 022

check_machine() {
	[ -n "$dry_run" ] || [ "$(id -u)" = 0 ] || fail "needs root: sudo $0"
	[ -f "$source/dist/cli.cjs" ] || fail "$source/dist/cli.cjs is missing: run npm ci there first"
	[ -d /run/systemd/system ] || fail "systemd is not running here; see deploy/cron/magnets.crontab for cron"
	command -v flock >/dev/null || fail "flock is missing: install util-linux"
	if [ -e /usr/lib/systemd/system/magnets.service ] || [ -e /lib/systemd/system/magnets.service ]; then
		fail "the magnets package is installed; upgrade that one, or remove it first (config and state stay)"
	fi
}

# The Node that both the unit and a person's `sudo magnets` will use.
find_node() {
	if [ -x /usr/bin/node ]; then node=/usr/bin/node; else node=$(command -v node || true); fi
	[ -n "$node" ] || fail "Node.js 18.19 or newer is missing: https://nodejs.org/en/download"
	# The path stays as it is found: what it links to may change its name with the next version.
	case $(readlink -f "$node") in
	/home/* | /root/*) fail "$node is in a home folder, where the sandboxed service can't reach it: install Node.js for the whole machine" ;;
	esac
	"$node" -e 'var v = process.versions.node.split("."); process.exit(v[0] > 18 || (v[0] == 18 && v[1] >= 19) ? 0 : 1)' ||
		fail "$node is $("$node" --version); magnets needs Node.js 18.19 or newer"
}

warn_of_original() {
	if systemctl --quiet is-active manage-magnets.service 2>/dev/null ||
		systemctl --quiet is-enabled manage-magnets.service 2>/dev/null; then
		warn "manage-magnets.service is active or enabled. Two programs must not delete side by side."
		warn "Before you enable magnets.timer: ${sudo}systemctl disable --now manage-magnets.service"
	fi
}

make_user() {
	getent passwd magnets >/dev/null && return
	run useradd --system --user-group --no-create-home --home-dir /nonexistent \
		--shell "$(command -v nologin || echo /bin/false)" magnets
}

install_program() {
	run mkdir -p "$program/bin" "$program/dist" "$(dirname "$command")"
	fill "$program/dist/cli.cjs" 644 <"$source/dist/cli.cjs"
	if [ -f "$source/dist/LICENSES.txt" ]; then
		fill "$program/dist/LICENSES.txt" 644 <"$source/dist/LICENSES.txt"
	fi
	fill "$program/bin/package.json" 644 <"$source/bin/package.json"
	sed "1s|.*|#!$node|" "$source/bin/magnets.js" | fill "$program/bin/magnets.js" 755
	fill "$program/package.json" 644 <"$source/package.json"
	fill "$program/LICENSE" 644 <"$source/LICENSE"
	run ln -sfn "$program/bin/magnets.js" "$command"
	run mkdir -p "$manual"
	fill "$manual/magnets.1" 644 <"$source/deploy/man/magnets.1"
}

# Twice: where `magnets completion` reads them, and where the shells do.
install_completions() {
	run mkdir -p "$program/dist/completion" \
		"$(dirname "$bash_completion")" "$(dirname "$zsh_completion")" "$(dirname "$fish_completion")"
	for shell in bash zsh fish; do
		fill "$program/dist/completion/magnets.$shell" 644 <"$source/dist/completion/magnets.$shell"
	done
	fill "$bash_completion" 644 <"$source/dist/completion/magnets.bash"
	fill "$zsh_completion" 644 <"$source/dist/completion/magnets.zsh"
	fill "$fish_completion" 644 <"$source/dist/completion/magnets.fish"
}

install_units() {
	sed "s|^ExecStart=.*|ExecStart=$node $program/bin/magnets.js run-once|" "$source/deploy/systemd/magnets.service" |
		fill "$units/magnets.service" 644
	fill "$units/magnets.timer" 644 <"$source/deploy/systemd/magnets.timer"
	run systemctl daemon-reload
	if systemctl --quiet is-active magnets.timer; then run systemctl restart magnets.timer; fi
}

install_config() {
	[ -d "$state" ] || run install -d -o magnets -g magnets -m 0700 "$state"
	[ -d /etc/magnets ] || run install -d -o root -g magnets -m 0750 /etc/magnets
	if [ -e "$config" ]; then
		say "$config stays as it is."
	else
		run install -o root -g magnets -m 0640 "$source/examples/config.minimal.json" "$config"
	fi
}

# In README's order.
say_what_comes_next() {
	if systemctl --quiet is-enabled magnets.timer 2>/dev/null; then
		say "magnets is installed."
		return
	fi
	edit=${VISUAL:-${EDITOR:-nano}}
	if [ -n "$sudo" ]; then edit=sudoedit; fi
	say "magnets is installed. What comes next:"
	printf '  %-46s # %s\n' "$edit $config" "to put your AllDebrid key in"
	printf '  %-46s # %s\n' "${sudo}magnets check" "to see whether everything is right"
	printf '  %-46s # %s\n' "${sudo}magnets run-once --dry-run" "to see what a sweep would do"
	printf '  %-46s # %s\n' "${sudo}magnets run-once" "for one sweep now"
	printf '  %-46s # %s\n' "${sudo}systemctl enable --now magnets.timer" "for one every half an hour from now on"
}

check_machine
find_node
make_user
install_program
install_completions
install_units
install_config
warn_of_original
if [ -n "$dry_run" ]; then say "Nothing was changed."; else say_what_comes_next; fi
