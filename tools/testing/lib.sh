# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What self-tests in bash share: TAP output, waiting, the emulated module.
#
#	. "$ESWIFI_TOP/tools/testing/lib.sh"
#	plan 2
#	check "description" command [arg]...
#	is "description" "got" "wanted"

set -u
tap_number=0
tap_failed=0
declare -A emulator_pids=()

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

# refused_with TEXT COMMAND [ARG]...: fails, and says TEXT on the way.
refused_with() {
	local text=$1 output
	shift
	output=$(refused "$@" 2>&1) || { echo "$output"; return 1; }
	echo "$output"
	[[ $output == *"$text"* ]]
}

# within SECONDS COMMAND [ARG]...: waits for the command to succeed.
within() {
	local deadline=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -lt $deadline ] || return 1
		sleep 0.05
	done
}


# device_of NAME: what the driver made of the emulated module, as eswifi0.
device_of() {
	local bus device
	bus=$(grep -oE '^ready: spi[0-9]+\.[0-9]+' "$TMPDIR/$1.ready") || return 1
	for device in "/sys/bus/spi/devices/${bus#ready: }"/eswifi/*; do
		[ -d "$device" ] && echo "${device##*/}"
	done | grep .
}

# start_emulator NAME [OPTION]...: plug an emulated module in and wait until
# the driver has it. Sets DEVICE (eswifi0) and SYS (its folder in sysfs).
# Its flash is kept in $TMPDIR/NAME.flash, its messages in $TMPDIR/NAME.log.
start_emulator() {
	local name=$1
	shift
	eswifi-emulator --flash "$TMPDIR/$name.flash" "$@" \
		>"$TMPDIR/$name.ready" 2>"$TMPDIR/$name.log" </dev/null &
	emulator_pids[$name]=$!
	if ! within 20 device_of "$name"; then
		diag "$(tail -n 20 "$TMPDIR/$name.ready" "$TMPDIR/$name.log")"
		diag "$(dmesg | tail -n 10)"
		bail "the driver did not come up on the emulated module $name"
	fi
	DEVICE=$(device_of "$name")
	SYS=/sys/class/eswifi/$DEVICE
	export DEVICE SYS
}

# stop_emulator NAME [SIGNAL]: pull the module out.
stop_emulator() {
	local pid=${emulator_pids[$1]}
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	unset "emulator_pids[$1]"
}

cleanup() {
	local status=$? name
	for name in "${!emulator_pids[@]}"; do
		stop_emulator "$name" KILL
	done
	[ $status != 0 ] || [ "$tap_failed" = 0 ] || status=1
	exit $status
}
trap cleanup EXIT
