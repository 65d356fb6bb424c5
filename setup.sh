#!/bin/sh
# Installs what the lesson and the tests need and this machine lacks: the AWS CLI. Go is needed already.
set -eu
command -v go >/dev/null || { echo "xemu is built with Go (the version that go.mod names): https://go.dev/dl/" >&2; exit 1; }
command -v aws >/dev/null && exit 0
if command -v apt-get >/dev/null; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -q
	$sudo apt-get install -y -q awscli
else
	echo "install the AWS CLI first: https://aws.amazon.com/cli/" >&2
	exit 1
fi
