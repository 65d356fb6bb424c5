#!/bin/sh
# Installs what the lesson and the tests need and this machine lacks: the AWS CLI, and for the console's test in a browser
# Node.js, Chromium and the npm packages that its lockfile names. Go is needed already.
#
#   ./setup.sh          all of it
#   ./setup.sh lesson   what the lesson needs
set -eu
cd "$(dirname "$0")"
command -v go >/dev/null || { echo "xemu is built with Go (the version that go.mod names): https://go.dev/dl/" >&2; exit 1; }

lacks=
need() { # COMMAND PACKAGE
	command -v "$1" >/dev/null || lacks="$lacks $2"
}
need aws awscli
if [ "${1-}" != lesson ]; then
	need node nodejs
	need npm npm
	command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || need chromium chromium
fi
if [ -n "$lacks" ]; then
	command -v apt-get >/dev/null || { echo "install these first:$lacks" >&2; exit 1; }
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -q
	$sudo apt-get install -y -q $lacks
fi

[ "${1-}" = lesson ] && exit 0
web=emulator/console/web
# The lockfile that npm leaves behind in node_modules is as new as the last installation.
if [ ! -e $web/node_modules/.package-lock.json ] || [ $web/package-lock.json -nt $web/node_modules/.package-lock.json ]; then
	npm ci --prefix $web --ignore-scripts --no-audit --no-fund
fi
