# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What tests in bash share: TAP output. Those that need an emulated module are in
# Python and have selftests/kit.py.
#
#	. "$ESWIFI_TOP/tools/testing/lib.sh"
#	plan 2
#	check "description" command [arg]...
#	is "description" "got" "wanted"

set -u
tap_number=0
tap_failed=0

plan() {
	echo "TAP version 13"
	echo "1..$1"
}

diag() {
	local line
	while read -r line; do
		echo "# $line"
	done <<<"$*"
}

ok() {
	tap_number=$((tap_number + 1))
	echo "ok $tap_number - $1"
}

not_ok() {
	tap_number=$((tap_number + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_number - $1"
}

# Nothing that follows would make sense.
bail() {
	diag "$*"
	echo "Bail out! $1"
	exit 1
}

# check DESCRIPTION COMMAND [ARG]...: passes if the command succeeds.
check() {
	local description=$1 output status
	shift
	output=$("$@" 2>&1 </dev/null)
	status=$?
	if [ $status = 0 ]; then
		ok "$description"
	else
		not_ok "$description"
		diag "exit status $status: $*"
		[ -z "$output" ] || diag "$output"
	fi
	return $status
}

# is DESCRIPTION GOT WANTED: passes if both texts are equal.
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		diag "got:    $2"
		diag "wanted: $3"
		return 1
	fi
}

# like DESCRIPTION GOT REGEX: passes if the extended expression is found.
like() {
	if [[ $2 =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1"
		diag "got:         $2"
		diag "should have: $3"
		return 1
	fi
}

# refused COMMAND [ARG]...: the command's opposite; a crash is no refusal.
refused() {
	local status=0
	"$@" || status=$?
	[ $status -gt 0 ] && [ $status -lt 126 ]
}

tap_exit() {
	local status=$?
	[ $status != 0 ] || [ "$tap_failed" = 0 ] || status=1
	exit $status
}
trap tap_exit EXIT
