#!/bin/sh
# Removes what install.sh put in place. Config, state and the user stay, unless --purge is given:
#   sudo deploy/uninstall.sh [--purge] [--dry-run]
set -eu

# What the reader has to put before a command: nobody tells root to use sudo.
sudo=
if [ "${SUDO_UID:-$(id -u)}" != 0 ]; then sudo="sudo "; fi

say() { printf '%s\n' "$*"; }

dry_run=
purge=
for argument in "$@"; do
	case $argument in
	--dry-run) dry_run=yes ;;
	--purge) purge=yes ;;
	-h | --help)
		sed -n '2,3s/^# //p' "$0"
		exit 0
		;;
	*)
		printf 'uninstall.sh: unknown option %s (known: --purge, --dry-run)\n' "$argument" >&2
		exit 2
		;;
	esac
done

run() {
	if [ -n "$dry_run" ]; then say "would run: $*"; else "$@"; fi
}

if [ -z "$dry_run" ] && [ "$(id -u)" != 0 ]; then
	printf 'uninstall.sh: needs root: sudo %s\n' "$0" >&2
	exit 1
fi
if [ -e /usr/lib/systemd/system/magnets.service ] || [ -e /lib/systemd/system/magnets.service ]; then
	if [ -n "$purge" ]; then
		printf 'uninstall.sh: the magnets package is installed and uses config and state: %sapt purge magnets\n' "$sudo" >&2
		exit 1
	fi
	say "The magnets package is installed, too, and stays: ${sudo}apt remove magnets"
fi

if systemctl --quiet is-active manage-magnets.service 2>/dev/null; then
	say "manage-magnets.service is active and goes on without magnets."
fi
if [ -e /etc/systemd/system/magnets.timer ]; then
	run systemctl disable --now magnets.timer
	run systemctl stop magnets.service
fi
run rm -f /etc/systemd/system/magnets.service /etc/systemd/system/magnets.timer
run rm -f /usr/local/bin/magnets /usr/local/share/man/man1/magnets.1
run rm -f /usr/local/share/bash-completion/completions/magnets /usr/local/share/zsh/site-functions/_magnets \
	/etc/fish/completions/magnets.fish
run rm -rf /usr/local/lib/magnets
if [ -d /run/systemd/system ]; then run systemctl daemon-reload; fi

if [ -n "$purge" ]; then
	run rm -rf /etc/magnets /var/lib/magnets
	run rm -f /var/lib/systemd/timers/stamp-magnets.timer
	if getent passwd magnets >/dev/null; then run userdel magnets; fi
	if systemctl --quiet is-failed magnets.service; then run systemctl reset-failed magnets.service; fi
else
	say "Config (/etc/magnets) and state (/var/lib/magnets) stay; --purge removes them, too."
fi
if [ -n "$dry_run" ]; then say "Nothing was changed."; else say "magnets is removed."; fi
